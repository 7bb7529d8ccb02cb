"""Near-duplicates found and wrongly joined, beside word-shingle Jaccard (what MinHash estimates).

    python bench/duplicates.py                             # the sample feeds
    python bench/duplicates.py --items FILE.jsonl.gz       # records with title, text and summary
    python bench/duplicates.py --speed FILE.jsonl.gz [...] # seconds over all records of the files

300 rewrites, of the kinds that occur between publishers, are planted among 2,000 real items. Every pair of real items that
was joined is printed in full, to be read: what was read and found to be one text or one report is listed in `READ_AS_ONE`
and counted apart. The last line is one JSON object; ours and peer are shares of the planted rewrites that were found.
"""

import argparse
import gzip
import hashlib
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from weeklyai import duplicates, text
from weeklyai.feeds.parse import parse

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "feeds"
NOW = datetime(2024, 7, 19, 13, tzinfo=UTC)
NUM_ITEMS, NUM_PLANTED = 2_000, 300
GOAL = 0.98  # found; at most 1 % of the real items may be joined wrongly

Item = tuple[str, str]  # title and text
System = Callable[[Sequence[Item]], list[int]]

# Pairs of real items, by `name_of`, that a person read and found to be one text or one report.
READ_AS_ONE = frozenset(
    "881369b162a8 0600a11f45f6 5baec14147ba 28285919f607 fa18242931f4 408aa570a925 1e59fd705dce bf1c6fec8b97 f8564da5d641 "
    "4ba7a5f55f74 ed7e111282dd 3f44e1a8244d c3d9006b13cc b025934ea41f d51a7ab82b82 74caf6f1a381 211e4893105c 327d9dc9d604 "
    "66d4fa02ccd8 5471faeff41d".split()
)
SYNONYMS = {
    "launches": "unveils", "releases": "publishes", "announces": "reveals", "says": "states", "buys": "acquires",
    "new": "latest", "big": "large", "uses": "employs", "shows": "demonstrates", "makes": "builds", "gets": "receives",
    "fixes": "repairs", "released": "published", "announcing": "introducing", "improves": "betters", "hits": "reaches",
    "company": "firm", "research": "study", "tool": "utility", "start": "begin", "help": "aid", "fast": "quick",
    "important": "significant", "problem": "issue", "users": "people", "use": "employ", "show": "demonstrate",
}  # fmt: skip
FILLERS = "reportedly recently further several today roughly likely meanwhile broadly".split()
HEADLINES = (
    "What we know so far about the news everybody is talking of",
    "Industry watchers take note as a quiet week ends",
    "Here is the story behind this morning's announcement",
    "A closer look at what changed and for whom",
)
PARAGRAPHS = (
    (
        "This article first ran in our evening briefing, which goes out to readers on every working day of the week. "
        "Write to the editors with hints, corrections and questions, and they will come back to you as soon as they can."
    ),
    (
        "Analysts had expected a step of this kind for some months, although few believed that it would come before the "
        "summer holidays. Competitors declined to comment when they were asked by telephone on Thursday afternoon."
    ),
)


# --- rewrites -----------------------------------------------------------------------------------------------------


def suffix(item: Item, chance: random.Random) -> Item:
    """Put a publisher or a flag beside the title."""
    form = chance.choice(
        ["{} - Reuters", "Breaking: {}", "{} | The Daily Circuit", "[Exclusive] {}", "{} (AP)"]
    )
    return form.format(item[0]), item[1]


def reworded(item: Item, chance: random.Random) -> Item:
    """Drop words of the title, put synonyms, swap its halves."""
    words = [SYNONYMS.get(word.lower(), word) for word in item[0].split()]
    kept = [word for word in words if len(words) < 5 or chance.random() > 0.2]
    half = len(kept) // 2
    return " ".join(kept[half:] + kept[:half] if chance.random() < 0.5 else kept), item[1]


def another_headline(item: Item, chance: random.Random) -> Item:
    """Run the text under a headline that shares no word with it."""
    return chance.choice(HEADLINES), item[1]


def first_paragraph(item: Item, _: random.Random) -> Item:
    """Keep the first paragraph, or the first three sentences where that is all or hardly anything."""
    first = item[1].split("\n\n", maxsplit=1)[0]
    good = 20 <= len(first.split()) < 0.8 * len(item[1].split())
    return item[0], first if good else " ".join(text.sentences(item[1])[:3])


def one_sentence(item: Item, _: random.Random) -> Item:
    """Keep the first sentence of ten words and more."""
    found = (one for one in text.sentences(item[1]) if len(one.split()) >= 10)
    return item[0], next(found, item[1])


def added_paragraph(item: Item, chance: random.Random) -> Item:
    """Put a paragraph of the publisher's own before or after the text."""
    own = chance.choice(PARAGRAPHS)
    return item[0], f"{own}\n\n{item[1]}" if chance.random() < 0.5 else f"{item[1]}\n\n{own}"


def light_edits(item: Item, chance: random.Random) -> Item:
    """Drop, replace or add 10 to 20 % of the words."""
    rate = chance.uniform(0.1, 0.2)
    out: list[str] = []
    for word in item[1].split(" "):
        if chance.random() > rate:
            out.append(word)
            continue
        filler = chance.choice(FILLERS)
        out += chance.choice([[], [filler], [word, filler], [SYNONYMS.get(word, filler)]])
    return item[0], " ".join(out)


def figures(item: Item, chance: random.Random) -> Item:
    """Raise every number that counts something (no year, no version) in the text."""
    number = r"(?<![\w.,/#-])(?!(?:19|20)\d\d\b)\d+(?![\w/-])(?![.,]\d)"
    return item[0], re.sub(
        number, lambda found: str(int(found.group()) + chance.randint(1, 9)), item[1]
    )


def typography(item: Item, chance: random.Random) -> Item:
    """Change quotes, entities, dashes and case."""
    changed = item[1].replace("'", "’").replace('"', "&quot;").replace(" - ", " &mdash; ")
    return item[0].upper(), changed.replace("&", "&amp;") if chance.random() < 0.3 else changed


def two_at_once(item: Item, chance: random.Random) -> Item:
    """Reword the title and cut the text, or edit the text and change the title's end."""
    if chance.random() < 0.5:
        return reworded(first_paragraph(item, chance), chance)
    return suffix(light_edits(item, chance), chance)


KINDS: dict[str, Callable[[Item, random.Random], Item]] = {
    one.__name__.replace("_", " "): one
    for one in (
        suffix, reworded, another_headline, first_paragraph, one_sentence, added_paragraph, light_edits, figures,
        typography, two_at_once,
    )
}  # fmt: skip


# --- the peer -----------------------------------------------------------------------------------------------------


def jaccard(items: Sequence[Item], size: int = 3, least: float = 0.5) -> list[int]:
    """Group items whose sets of word shingles overlap by `least`, exactly: what MinHash only estimates."""
    shingles = []
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, (title, body) in enumerate(items):
        words = text.words(f"{title} {body}")
        shingles.append({tuple(words[n : n + size]) for n in range(len(words) - size + 1)})
        for one in shingles[-1]:
            holders[one].append(number)
    first = list(range(len(items)))
    for number, own in enumerate(shingles):
        shared = Counter(other for one in own for other in holders[one] if other < number)
        for other, common in shared.items():
            if common >= least * (len(own) + len(shingles[other]) - common):
                old, new = first[number], first[other]
                first = [min(old, new) if one in (old, new) else one for one in first]
    return first


# --- measuring ----------------------------------------------------------------------------------------------------


def from_records(path: Path) -> Iterator[Item]:
    """Return title and text of the records of `path`; the summary stands in where there is no text."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for one in map(json.loads, lines):
            body = text.clean_paragraphs(one.get("text") or one.get("summary") or "")
            yield text.clean(one.get("title") or ""), body


def from_samples() -> Iterator[Item]:
    """Return title and text of the items of the sample feeds."""
    for path in sorted(SAMPLES.iterdir()):
        found = parse(path.read_bytes(), f"https://samples.example/{path.name}", NOW, 10_000).items
        yield from ((one.title, one.text) for one in found)


def plant(real: Sequence[Item]) -> tuple[list[Item], list[tuple[int, str]]]:
    """Return real and planted items, mixed, and for each the number of its original and its kind ("" for the original)."""
    chance = random.Random(29)  # noqa: S311 -- a sample, not a secret
    usable = [
        n for n, one in enumerate(real) if len(one[1].split()) >= 30 and len(one[0].split()) >= 3
    ]
    chance.shuffle(usable)
    kinds = list(KINDS)
    marked = [(one, (n, "")) for n, one in enumerate(real)]
    for count in range(NUM_PLANTED):
        # Fewer items than rewrites: another round over them, each time with another kind.
        turn, place = divmod(count, len(usable))
        origin, kind = usable[place], kinds[(count + turn) % len(kinds)]
        marked.append((KINDS[kind](real[origin], chance), (origin, kind)))
    chance.shuffle(marked)
    return [one for one, _ in marked], [mark for _, mark in marked]


def name_of(pair: Sequence[Item]) -> str:
    """Return twelve hex digits that name a pair of items, whatever their order."""
    parts = sorted(hashlib.sha256("\n".join(one).encode()).hexdigest() for one in pair)
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:12]


def measure(
    system: System, real: Sequence[Item]
) -> tuple[Counter[str], list[tuple[int, int]], float]:
    """Return the rewrites found by kind, the pairs of real items joined (each with the first of its group), and seconds."""
    items, marks = plant(real)
    began = time.monotonic()
    group = system(items)
    seconds = time.monotonic() - began
    home = {origin: group[n] for n, (origin, kind) in enumerate(marks) if not kind}
    found = Counter(
        kind for n, (origin, kind) in enumerate(marks) if kind and group[n] == home[origin]
    )
    together = defaultdict(list)
    for origin, place in sorted(home.items()):
        together[place].append(origin)
    return found, [(one[0], other) for one in together.values() for other in one[1:]], seconds


def show_pairs(real: Sequence[Item], pairs: Sequence[tuple[int, int]], *, full: bool) -> int:
    """Print the joined pairs of real items and return how many are not known to be one text."""
    false = 0
    for pair in pairs:
        one, other = (real[n] for n in pair)
        name = name_of((one, other))
        same = one[1] == other[1]
        false += not same and name not in READ_AS_ONE
        verdict = (
            "the same text"
            if same
            else "read as one"
            if name in READ_AS_ONE
            else "FALSE, or to be read"
        )
        if full:
            print(
                f"\n{name} {verdict}\n  {one[0]}\n    {one[1][:700]!r}\n  {other[0]}\n    {other[1][:700]!r}"
            )
    return false


def speed(paths: Sequence[Path]) -> None:
    """Print seconds over all records of `paths`, and over floods made of them."""
    items = [one for path in paths for one in from_records(path)]
    long = next(one for one in items if 150 <= len(one[1].split()) <= 400)
    chance = random.Random(29)  # noqa: S311 -- a sample, not a secret
    words = long[1].split()
    flood = [
        (long[0], " ".join(w if chance.random() > 0.03 else f"x{n}" for w in words))
        for n in range(10_000)
    ]
    first = text.sentences(long[1])[0]
    shared = [(title, f"{first} {body[:300]}") for title, body in items[:10_000]]
    for name, one in (
        ("all records", items),
        ("one text, 3 % of the words changed", flood),
        ("one sentence in all", shared),
    ):
        began = time.monotonic()
        kept = len(set(duplicates.groups(one)))
        print(f"{name}: {len(one)} items, {kept} kept, {time.monotonic() - began:.1f} s")


def main() -> None:
    """Print the tables and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--items", type=Path, metavar="FILE.jsonl.gz")
    parser.add_argument("--speed", type=Path, nargs="+", default=[], metavar="FILE.jsonl.gz")
    chosen = parser.parse_args()
    if chosen.speed:
        speed(chosen.speed)
        return
    real = list(from_records(chosen.items) if chosen.items else from_samples())
    random.Random(29).shuffle(real)  # noqa: S311 -- a sample, not a secret
    real = real[:NUM_ITEMS]
    planted = Counter(kind for _, kind in plant(real)[1] if kind)
    rows = {}
    for name, system in (("ours", duplicates.groups), ("jaccard", jaccard)):
        found, pairs, seconds = measure(system, real)
        false = show_pairs(real, pairs, full=name == "ours")
        rows[name] = (found, false, len(pairs), seconds)
    print(
        f"\n{len(real)} real items\n{'found of planted':22}{'planted':>8}{'ours':>6}{'jaccard':>9}"
    )
    for kind, number in planted.items():
        print(
            f"{kind:22}{number:8}"
            + "".join(f"{rows[name][0][kind]:{w}}" for name, w in (("ours", 6), ("jaccard", 9)))
        )
    for name, (_, false, joined, seconds) in rows.items():
        print(
            f"{name}: {joined} pairs of real items joined, {false} of them false; {seconds:.2f} s"
        )
    mine, peer = (rows[name][0].total() / NUM_PLANTED for name in ("ours", "jaccard"))
    result = {"name": "near-duplicates found", "ours": round(mine, 4), "peer": round(peer, 4), "ratio": round(mine / peer, 2),
              "goal": GOAL, "unit": "share", "false": round(rows["ours"][1] / len(real), 4)}  # fmt: skip
    print(json.dumps(result))


if __name__ == "__main__":
    main()
