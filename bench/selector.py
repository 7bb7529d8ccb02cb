"""Train and judge the sentence selector on pairs of article and human summary, and write its weights.

    python bench/selector.py CORPUS             # folder of *.jsonl.gz: title, text, summary, source, published
    python bench/selector.py CORPUS --write     # then also train on every pair and replace drafting/selector.json

Each row of the report is over pairs whose source the selector has not seen and which are younger than everything that it
has: it is trained on what was dated before CUT from the other groups of sources (leave-source-out folds). What was
chosen by trying (the ridge's strength, the columns) was chosen inside the pairs before CUT (`--tune`). Groups written by
language models are never trained on and get rows of their own. ROUGE F1 on stemmed words and a paired bootstrap, both of
this project. The last line is one JSON object.
"""

import argparse
import gzip
import hashlib
import itertools
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from weeklyai import files, text
from weeklyai.drafting import selector
from weeklyai.drafting.background import Background
from weeklyai.drafting.features import Array
from weeklyai.drafting.rouge import paired_bootstrap
from weeklyai.drafting.selector import Scorer, Weights
from weeklyai.records import FeedItem

CUT = "2020-07-01"  # older pairs train and tune, younger ones are reported
STRENGTH = 300.0  # of the ridge, in units of standardised columns; chosen by --tune
BY_MODELS = ("ainews", "daily-ai-papers", "vLLM")  # summaries written by language models
# Their "summary" is one sentence that every issue repeats.
LEFT_OUT = ("Last Week in Pony",)
GROUPS = (
    "Digital.gov",
    "Chrome for Developers",
    "lctt",
    "scitldr",
)  # of sources; all smaller ones are "other"
MOST_CHARS = 40_000
STEPS = ("first", "second")
Tokens = list[str]


@dataclass(slots=True)
class Pair:
    """An article, a person's summary of it, and what is needed to score any choice of sentences.

    Attributes:
        group: of its source, the unit that is held out.
        source: publisher.
        date: ISO 8601, or "" where none is known.
        scorer: with the columns of each sentence.
        own: stemmed words of each sentence.
        wanted: stemmed words of the summary.
    """

    group: str
    source: str
    date: str
    scorer: Scorer
    own: list[Tokens]
    wanted: Tokens

    def gain(self, tokens: Tokens) -> tuple[float, float]:
        """Return ROUGE-1 and ROUGE-2 F1 of a draft's stemmed words against the summary."""
        return f1(tokens, self.wanted, 1), f1(tokens, self.wanted, 2)

    def of(self, chosen: Sequence[int]) -> Tokens:
        """Return the stemmed words of the chosen sentences, in the text's order."""
        return [token for n in sorted(chosen) for token in self.own[n]]


def f1(own: Tokens, wanted: Tokens, n: int) -> float:
    """Return ROUGE-N F1 in percent of stemmed words, as `drafting.rouge` counts it."""
    a, b = ngrams(own, n), ngrams(wanted, n)
    shared = (a & b).total()
    return 200 * shared / (a.total() + b.total()) if shared else 0.0


def ngrams(tokens: Tokens, n: int) -> Counter[Any]:
    """Return the counts of n-grams of `tokens`."""
    return Counter(tokens) if n == 1 else Counter(itertools.pairwise(tokens))


def stemmed(passage: str) -> Tokens:
    """Return the stems of all words."""
    return [text.stem(word) for word in text.words(passage)]


# --- the pairs ------------------------------------------------------------------------------------------------------


def records(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the usable records of a corpus: with title, text of four sentences, and a summary that does not begin it."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        group, seen = path.name.split("-")[0], set[str]()
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for one in map(json.loads, lines):
                if not (one.get("title") and one.get("text") and one.get("summary")):
                    continue
                found = {"title": text.clean(one["title"]), "summary": text.clean(one["summary"]),
                         "body": text.clean_paragraphs(one["text"][:MOST_CHARS]), "group": group,
                         "source": one.get("source") or "?", "date": one.get("published") or ""}  # fmt: skip
                key = hashlib.sha256(found["title"].lower().encode()).hexdigest()
                if key not in seen and is_pair(found):
                    seen.add(key)
                    yield found


def is_pair(one: dict[str, str]) -> bool:
    """Say whether there is something to choose from, and a summary that is not the text's beginning."""
    return (
        len(text.words(one["summary"])) >= 8
        and len(text.sentences(one["body"])) >= 4
        and one["body"][:80].lower() != one["summary"][:80].lower()
        and one["source"] not in LEFT_OUT
    )


def load(folder: Path) -> list[Pair]:
    """Return the pairs of a corpus; the background is counted on the texts dated before CUT, never on summaries."""
    found = list(records(folder))
    early = sorted((one for one in found if one["date"] < CUT), key=lambda one: one["title"])
    random.Random(29).shuffle(early)  # noqa: S311 -- a sample, not a secret
    background = Background.of(map(as_item, early[:5_000]))
    return [as_pair(one, background) for one in found]


def as_item(one: dict[str, str]) -> FeedItem:
    """Return a record as an item."""
    return FeedItem(
        id="0" * 16, feed_url="", source=one["source"], title=one["title"], url=None, summary="", body=one["body"],
        published=datetime(2020, 1, 1, tzinfo=UTC), date_guessed=True,
    )  # fmt: skip


def as_pair(one: dict[str, str], background: Background) -> Pair:
    """Return a record with its columns computed."""
    scorer = Scorer(one["title"], one["body"], background, Weights({}, {}))
    machine = any(name in f"{one['group']} {one['source']}" for name in BY_MODELS)
    named = one["source"] if one["group"] == "blogs" else one["group"]
    group = "by models" if machine else named if named in GROUPS else "other"
    own = [stemmed(sentence) for sentence in scorer.document.sentences]
    return Pair(group, one["source"], one["date"], scorer, own, stemmed(one["summary"]))


# --- learning -------------------------------------------------------------------------------------------------------


def ridge(rows: list[Array], wanted: list[Array], strength: float) -> Array:
    """Return the weights that predict `wanted` from the columns, both less the text's mean.

    A text counts as the square root of its number of sentences; columns are standardised before they are shrunk
    (Hoerl and Kennard 1970).
    """
    size = rows[0].shape[1]
    square, right, seen = np.zeros((size, size)), np.zeros(size), 0.0
    for columns, target in zip(rows, wanted, strict=True):
        weight = 1 / np.sqrt(len(target))
        centred = columns - columns.mean(axis=0)
        square += weight * centred.T @ centred
        right += weight * centred.T @ (target - target.mean())
        seen += weight * len(target)
    scale = np.sqrt(np.diag(square) / seen)
    scale[scale < 1e-9] = np.inf
    square, right = square / np.outer(scale, scale), right / scale
    found: Array = np.linalg.solve(square + strength * np.eye(size), right) / scale
    return found


def learn(pairs: Sequence[Pair], strength: float = STRENGTH) -> Weights:
    """Return the weights learned from `pairs`; a second sentence is learned beside one of the three best firsts."""
    targets = [np.array([sum(pair.gain(own)) for own in pair.own]) for pair in pairs]
    names = list(pairs[0].scorer.columns)
    rows = [np.column_stack(list(pair.scorer.columns.values())) for pair in pairs]
    first = ridge(rows, targets, strength)
    chance = random.Random(29)  # noqa: S311 -- draws of training cases
    more, wanted, added = [], [], []
    for pair, columns in zip(pairs, rows, strict=True):
        alone = columns @ first
        alone -= alone.mean()
        start = int(chance.choice(np.argsort(-alone, kind="stable")[:3]))
        beside = selector.beside(pair.scorer.document, [start], alone)
        added = list(beside)
        keep = [n for n in range(len(alone)) if n != start]
        more.append(np.column_stack([columns, *beside.values()])[keep])
        wanted.append(np.array([sum(pair.gain(pair.of([start, n]))) for n in keep]))
    second = ridge(more, wanted, strength)
    return Weights(dict(zip(names, map(float, first), strict=True)),
                   dict(zip([*names, *added], map(float, second), strict=True)))  # fmt: skip


# --- judging --------------------------------------------------------------------------------------------------------


def headline_order(pair: Pair) -> list[int]:
    """Return the places of sentences by headline words and place, the best cheap score before ours, best first."""
    gain = pair.scorer.columns["headline words, weighed by rarity"]
    return [int(n) for n in np.argsort(-(gain + 2 * pair.scorer.columns["early place"]), kind="stable")]  # fmt: skip


def ours(pair: Pair, weights: Weights, count: int) -> list[int]:
    """Return the places of the `count` sentences that the selector takes, any sentence allowed."""
    scorer = pair.scorer
    scorer.weights = weights
    scorer.alone = selector.weighed(scorer.columns, weights.first, len(pair.own))
    chosen = [int(np.argmax(scorer.alone))]
    while len(chosen) < min(count, len(pair.own)):
        scores = scorer.beside(chosen)
        scores[chosen] = -np.inf
        chosen.append(int(np.argmax(scores)))
    return chosen


def best_one(pair: Pair) -> list[int]:
    """Return the sentence most like the summary: how far one sentence can go."""
    return [max(range(len(pair.own)), key=lambda n: sum(pair.gain(pair.own[n])))]


def drafts(pair: Pair, weights: Weights, other: Pair) -> dict[str, Tokens]:
    """Return each system's draft for a pair as stemmed words; `other` is an unrelated pair."""
    chance = random.Random(" ".join(pair.wanted))  # noqa: S311 -- baselines
    order, two = headline_order(pair), ours(pair, weights, 2)
    behind_lead = next((n for n in order if n), 0)
    mine = pair.of(two)
    return {
        "first sentence": pair.own[0],
        "headline words + place": pair.own[order[0]],
        "ours, one": pair.of(two[:1]),
        "best possible one": pair.of(best_one(pair)),
        "headline alone": stemmed(pair.scorer.document.title),
        "lead-2": pair.of([0, 1]),
        "lead + headline words": pair.of([0, behind_lead]),
        "ours, two": mine,
        "lead, cut to our length": [token for own in pair.own for token in own][: len(mine)],
        "ours, two, shuffled": chance.sample(mine, len(mine)),
        "lead-3": pair.of([0, 1, 2]),
        "random-3": pair.of(chance.sample(range(len(pair.own)), min(3, len(pair.own)))),
        "ours, three": pair.of(ours(pair, weights, 3)),
        "another text's summary": other.wanted,
        "the summary itself": pair.wanted,
    }


def judged(
    train: Sequence[Pair], test: Sequence[Pair], strength: float
) -> list[dict[str, tuple[float, float, int]]]:
    """Return R1, R2 and length of every system on each test pair, by weights learned from `train`."""
    weights = learn(train, strength)
    rows = []
    for n, pair in enumerate(test):
        found = drafts(pair, weights, test[n - 1])
        rows.append({name: (*pair.gain(draft), len(draft)) for name, draft in found.items()})
    return rows


def show(title: str, rows: Sequence[dict[str, tuple[float, float, int]]]) -> None:
    """Print one table: every system's R1, R2 and length, and the differences that count."""
    print(
        f"\n{title}: {len(rows)} pairs\n{'system':26}{'R1':>6}{'R2':>6}{'words':>7}   R1 over lead-2"
    )
    column = {name: [[row[name][k] for row in rows] for k in range(3)] for name in rows[0]}
    for name, (one, two, size) in column.items():
        print(
            f"{name:26}{fmean(one):6.1f}{fmean(two):6.1f}{fmean(size):7.1f}   {interval(one, column['lead-2'][0])}"
        )
    for mine, peer in (("ours, one", "headline words + place"), ("ours, one", "first sentence"), ("ours, two", "lead-2"),
                       ("ours, two", "lead + headline words"), ("ours, two", "lead, cut to our length")):  # fmt: skip
        print(
            f"{mine} over {peer}: R1 {interval(column[mine][0], column[peer][0])}, R2 {interval(column[mine][1], column[peer][1])}"
        )


def interval(mine: Sequence[float], peer: Sequence[float]) -> str:
    """Return a paired difference with its 95 % interval."""
    gain, low, high = paired_bootstrap(mine, peer)
    return f"{gain:+.1f} [{low:.1f}, {high:.1f}]"


Fold = Callable[[Pair], bool]


def folds(
    pairs: Sequence[Pair], test_of: Fold, strength: float
) -> dict[str, list[tuple[Pair, Any]]]:
    """Return by group its judged pairs: trained on older pairs of all other groups."""
    found: dict[str, list[tuple[Pair, Any]]] = {}
    for group in (*GROUPS, "other", "by models"):
        test = [pair for pair in pairs if pair.group == group and test_of(pair)]
        train = [p for p in pairs if p.group not in {group, "by models"} and p.date < CUT]
        if test:
            found[group] = list(zip(test, judged(train, test, strength), strict=True))
    return found


def report(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Print all tables and return the figures of the sum."""
    found = folds(pairs, lambda pair: pair.date >= CUT or not pair.date, STRENGTH)
    human = {group: rows for group, rows in found.items() if group != "by models"}
    dated = [row for rows in human.values() for pair, row in rows if pair.date]
    show(f"Held out by source and by date ({CUT} and later)", dated)
    for group, rows in human.items():
        chosen = [row for pair, row in rows if pair.date]
        if chosen:
            show(f"  of these, {group}", chosen)
    sources = defaultdict(list)
    for pair, row in human.get("other", []):
        sources[pair.source].append(row)
    for source, rows_of in sorted(sources.items(), key=lambda one: -len(one[1])):
        if len(rows_of) >= 20:
            show(f"    of other, {source}", rows_of)
    for name, rows in (("held out by source, undated (SciTLDR)", human.get("scitldr", [])), ("Summaries by language models", found.get("by models", []))):  # fmt: skip
        if rows:
            show(name, [row for _, row in rows])
    return {name: round(fmean([row[key][0] for row in dated]), 2) for name, key in
            (("ours", "ours, two"), ("peer", "lead-2"), ("ours, one", "ours, one"), ("headline words + place", "headline words + place"))}  # fmt: skip


def tune(pairs: Sequence[Pair]) -> None:
    """Print how strengths of the ridge do inside the older pairs alone."""
    older = [pair for pair in pairs if pair.date < CUT and pair.group != "by models"]
    for strength in (30.0, 300.0, 3_000.0):
        rows = [row for one in folds(older, lambda _: True, strength).values() for _, row in one]
        one, two = (fmean([row[name][0] for row in rows]) for name in ("ours, one", "ours, two"))
        print(f"strength {strength:g}: R1 {one:.2f} with one sentence, {two:.2f} with two, {len(rows)} pairs")  # fmt: skip


def write(pairs: Sequence[Pair]) -> None:
    """Train on every human pair and replace the package's weights."""
    weights = learn([pair for pair in pairs if pair.group != "by models"])
    rounded = {step: {name: float(f"{value:.4g}") for name, value in getattr(weights, step).items()} for step in STEPS}  # fmt: skip
    files.write_text(selector.PATH, json.dumps(rounded, indent=1) + "\n")
    print(f"wrote {selector.PATH}")


def main() -> None:
    """Judge, and on demand tune or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--tune", action="store_true", help="try strengths inside the older pairs")
    parser.add_argument("--write", action="store_true", help="replace the package's weights")
    chosen = parser.parse_args()
    pairs = load(chosen.corpus)
    if chosen.tune:
        tune(pairs)
        return
    figures = report(pairs)
    print(json.dumps({"name": "two sentences against a person's summary, source and date held out", **figures,
                      "goal": "ours over peer by 2.5", "unit": "ROUGE-1 F1, %"}))  # fmt: skip
    if chosen.write:
        write(pairs)


if __name__ == "__main__":
    main()
