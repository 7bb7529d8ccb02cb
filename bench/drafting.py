"""What would be published of real items: how near to people's summaries, how much shortened, and what is false in it.

    python bench/drafting.py                                    # the sample feeds
    python bench/drafting.py --items FILE.jsonl.gz [...]        # records with title and text, a summary where there is one
    python bench/drafting.py --items FILE.jsonl.gz --out D.jsonl  # also writes title, source_text, reference, draft

Each item is drafted alone, by the rules of a build without a model. Of the published blurbs: names, numbers and dates that
the source does not hold, lost negations, hedges and speakers, faults of form. Of items with a summary of their own: ROUGE
in the rows of `weeklyai eval --pairs`, by source. `bench/selector.py` judges the choice of sentences on
sources that its weights have not seen; here they may have. The last line is one JSON object.
"""

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from weeklyai import comparing, config, screen
from weeklyai.drafting import checks, draft, extract, final, judge, select
from weeklyai.drafting.background import Background
from weeklyai.drafting.judge import Judged
from weeklyai.drafting.selector import Scorer
from weeklyai.drafting.writer import NoWriter
from weeklyai.feeds.parse import parse
from weeklyai.records import Blurb, FeedItem, Story

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "feeds"
NOW = datetime(2024, 7, 19, 13, tzinfo=UTC)
POST = config.Post()


@dataclass(frozen=True, slots=True)
class Drafted:
    """An item, its blurb or None, and why not."""

    item: FeedItem
    blurb: Blurb | None
    reason: str


def from_records(path: Path, most: int) -> list[FeedItem]:
    """Return at most `most` records of `path` as items, drawn with a fixed seed."""
    items = map(comparing.as_item, comparing.records(path, Counter()))
    found = [one for one in items if one.title and one.body]
    random.Random(29).shuffle(found)  # noqa: S311 -- a sample, not a secret
    return [replace(one, id=f"{path.name[:5]}-{n:010d}", published=NOW) for n, one in enumerate(found[:most])]  # fmt: skip


def from_samples() -> list[FeedItem]:
    """Return the items of the sample feeds."""
    found: list[FeedItem] = []
    for path in sorted(SAMPLES.iterdir()):
        found += parse(path.read_bytes(), f"https://samples.example/{path.name}", NOW, 10_000).items
    return found


def drafted(items: Sequence[FeedItem]) -> list[Drafted]:
    """Draft each item alone."""
    background = Background.of(items)
    found = []
    for item in items:
        unusable = select.unusable(item)
        if unusable:
            found.append(Drafted(item, None, unusable))
            continue
        story = Story(item, (), 0.0, ())
        found.append(Drafted(item, *draft.draft_story(story, background, NoWriter(), POST, Counter())))  # fmt: skip
    return found


def faults(one: Drafted) -> Counter[str]:
    """Count what is wrong in a published blurb, by kind; measured from its words and its source alone."""
    blurb, item = one.blurb, one.item
    if blurb is None:
        return Counter()
    whole = blurb.text
    found = Counter({
        "unsupported names, numbers, dates": len(checks.unsupported(whole, f"{item.title}. {item.text}")),
        "quotes changed": sum(quote not in item.text for quote in checks.quotes(whole)),
        "quotes without speaker": sum(not extract.quote_has_speaker(s.text, re.sub(r"[\"“][^\"“”]*[\"”]", '""', s.text))
                                      for s in blurb.sentences if checks.quotes(s.text)),
        "echoes the headline": sum(checks.echoes(s.text, item.title) for s in blurb.sentences),
        "says something twice": int(checks.repeats(whole) > final.MAX_REPEATS),
        "unfinished": sum(not checks.complete(s.text) for s in blurb.sentences),
        "not 35 to 100 words": int(not 35 <= len(whole.split()) <= 100),
        "not two to five sentences": int(not 2 <= len(blurb.sentences) <= 5),
    })  # fmt: skip
    for sentence in blurb.sentences:
        lost = checks.pivots(sentence.source_text) - checks.pivots(sentence.text)
        found["lost negation, hedge, comparison, time or speaker"] += sum(
            lost[word] for word in lost if word in checks.CLAIMS - checks.DEGREES - {"however"}
        )
        # A whole aside may take its names along.
        found["lost names"] += checks.names_lost(sentence.text, sentence.source_text).total()
        found["lost numbers"] += int(checks.number_values(sentence.source_text) != checks.number_values(sentence.text))  # fmt: skip
    return found


def show_form(found: Sequence[Drafted]) -> dict[str, float]:
    """Print how many blurbs there are, why others are not, what was shortened and what is wrong; return the sums."""
    told = [one for one in found if one.blurb]
    sentences = [s for one in told if one.blurb for s in one.blurb.sentences]
    shortened = [s for s in sentences if s.kind == "rewritten"]
    print(f"{len(found)} items, {len(told)} blurbs, {len(sentences)} sentences")
    reasons = Counter(
        re.sub(r"\(.*| among its \d+", "", one.reason).strip() for one in found if not one.blurb
    )
    print("held back: " + ", ".join(f"{why} {count}" for why, count in reasons.most_common(12)))  # fmt: skip
    cut = 1 - sum(len(s.text) for s in shortened) / max(1, sum(len(s.source_text) for s in shortened))  # fmt: skip
    print(f"shortened: {len(shortened)} of {len(sentences)} sentences ({len(shortened) / max(1, len(sentences)):.1%}), {cut:.0%} of their letters left out")  # fmt: skip
    wrong: Counter[str] = Counter()
    for one in told:
        wrong.update(faults(one))
    for name, count in wrong.items():
        print(f"  {name}: {count}")
    return {"blurbs": len(told), "false": wrong["unsupported names, numbers, dates"], "shortened, %": round(100 * len(shortened) / max(1, len(sentences)), 1)}  # fmt: skip


def show_likeness(found: Sequence[Drafted]) -> dict[str, float]:
    """Print the tables of `weeklyai eval` over the items with a blurb and a fair summary; return ours and the peer's R1."""
    pairs = [one for one in found if one.blurb and not comparing.why_not(one.item)]
    if not pairs:
        return {}
    background = Background.of([one.item for one in found])
    judged = [_judged(one, pairs[n - 1].item.summary, background) for n, one in enumerate(pairs)]
    for title, rows in comparing.tables(judged).items():
        screen.say(f"\n{title}")
        screen.columns(list(rows[0]), [list(row.values()) for row in rows])
    return {
        key: round(fmean(one.scores[name].r1 for one in judged), 2)
        for key, name in (("ours", judge.PUBLISHED), ("peer", judge.LEAD))
    }


def _judged(one: Drafted, other: str, background: Background) -> Judged:
    assert one.blurb  # only those are asked for  # noqa: S101
    scorer = Scorer(one.item.title, one.item.body, background)
    drafts = judge.extracts(one.item, other, scorer) | {
        "lead-2 of the allowed": " ".join(first_allowed(one.item)),
        judge.WHOLE: " ".join(s.source_text for s in one.blurb.sentences),
        judge.PUBLISHED: one.blurb.text,
    }
    cut = {judge.PUBLISHED: judge.changed(one.blurb.sentences)}
    return Judged(one.item, drafts, judge.scored(one.item, drafts), cut)


def first_allowed(item: FeedItem) -> list[str]:
    """Return the first two sentences that may be published: no "we", no debris, nothing that leans on a gap."""
    return [one.text for one in extract.candidates(item) if not (one.dangling or one.needs)][:2]


def write(found: Sequence[Drafted], path: Path) -> None:
    """Write the published blurbs as JSON lines, for other measures."""
    with path.open("w", encoding="utf-8") as file:
        for one in found:
            if one.blurb:
                row = {"id": one.item.id, "source": one.item.source, "title": one.item.title, "source_text": one.item.text,
                       "reference": one.item.summary, "draft": one.blurb.text,
                       "sentences": [[s.source_text, s.text, s.note] for s in one.blurb.sentences]}  # fmt: skip
                file.write(json.dumps(row) + "\n")


def main() -> None:
    """Print both tables and the JSON line; status 1 where anything false would be published."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--items", type=Path, nargs="*", default=[], metavar="FILE.jsonl.gz")
    parser.add_argument("--most", type=int, default=400, help="items taken from each file")
    parser.add_argument("--out", type=Path, help="write the blurbs here")
    chosen = parser.parse_args()
    items = [one for path in chosen.items for one in from_records(path, chosen.most)]
    found = drafted(items or from_samples())
    if chosen.out:
        write(found, chosen.out)
    figures = show_form(found) | show_likeness(found)
    print(json.dumps({"name": "published blurbs of real items", **figures, "goal": "false 0, shortened 30"}))  # fmt: skip
    sys.exit(figures["false"] > 0)


if __name__ == "__main__":
    main()
