"""Train and judge the sentence selector on pairs of article and human summary, and write its weights.

    python -m bench.selector CORPUS             # folder of *.jsonl.gz: title, text, summary, source, published
    python -m bench.selector CORPUS --write     # then also train on every pair and replace the weights without a model

Each row of the report is over pairs whose source the selector has not seen and which are younger than everything that it
has: it is trained on what was dated before CUT from the other groups of sources (leave-source-out folds). What was
chosen by trying (the ridge's strength, the columns) was chosen inside the pairs before CUT (`--tune`). Groups written by
language models are never trained on and get rows of their own. The rows are those of `weeklyai eval --pairs`. What a model
adds is `bench/scorer.py`'s to say. The last line is one JSON object.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from weeklyai import comparing, files, screen
from weeklyai.drafting import judge, selector
from weeklyai.drafting.background import Background
from weeklyai.drafting.features import Array
from weeklyai.drafting.judge import Judged
from weeklyai.drafting.rouge import f1, stemmed
from weeklyai.drafting.selector import Scorer, Weights
from weeklyai.records import FeedItem

CUT = "2020-07-01"  # older pairs train and tune, younger ones are reported
STRENGTH = 300.0  # of the ridge, in units of standardised columns; chosen by --tune
BY_MODELS = ("ainews", "daily-ai-papers", "vLLM")  # summaries written by language models
# Their "summary" is one sentence that every issue repeats.
LEFT_OUT = ("Last Week in Pony",)
GROUPS = ("Digital.gov", "Chrome for Developers", "lctt", "scitldr")  # all smaller ones are "other"
NONE = Weights({}, {})


@dataclass(slots=True)
class Pair:
    """An article, a person's summary of it, and what is needed to score any choice of sentences.

    Attributes:
        group: of its source, the unit that is held out.
        date: ISO 8601, or "" where none is known.
        item: headline, text, publisher and summary.
        scorer: with the columns of each sentence.
        own: stemmed words of each sentence.
        wanted: stemmed words of the summary.
    """

    group: str
    date: str
    item: FeedItem
    scorer: Scorer
    own: list[list[str]]
    wanted: list[str]

    def gain(self, chosen: Sequence[int]) -> float:
        """Return ROUGE-1 and ROUGE-2 F1, added, of the chosen sentences against the summary."""
        stems = [stem for n in sorted(chosen) for stem in self.own[n]]
        return f1(stems, self.wanted, 1) + f1(stems, self.wanted, 2)


# --- the pairs ------------------------------------------------------------------------------------------------------


def read(folder: Path) -> Iterator[tuple[str, str, FeedItem]]:
    """Yield group, date and item of each fair pair of a corpus, each headline once a file."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        seen: set[str] = set()
        for record in comparing.records(path, Counter()):
            item = comparing.as_item(record)
            if item.title.lower() in seen or item.source in LEFT_OUT or comparing.why_not(item):
                continue
            seen.add(item.title.lower())
            yield group_of(path.name.split("-")[0], item.source), record.get("published") or "", item  # fmt: skip


def group_of(file: str, source: str) -> str:
    """Return the group of sources that a publisher is held out with."""
    if any(name in f"{file} {source}" for name in BY_MODELS):
        return "by models"
    named = source if file == "blogs" else file
    return named if named in GROUPS else "other"


def load(folder: Path) -> list[Pair]:
    """Return the pairs of a corpus; the background is counted on the texts dated before CUT, never on summaries."""
    found = list(read(folder))
    early = sorted((item for _, date, item in found if date < CUT), key=lambda one: one.title)
    random.Random(29).shuffle(early)  # noqa: S311 -- a sample, not a secret
    background = Background.of(replace(one, summary="") for one in early[:5_000])
    return [as_pair(group, date, item, background) for group, date, item in found]


def as_pair(group: str, date: str, item: FeedItem, background: Background) -> Pair:
    """Return an item with its columns computed."""
    scorer = Scorer(item.title, item.body, background, NONE)
    own = [stemmed(sentence) for sentence in scorer.document.sentences]
    return Pair(group, date, item, scorer, own, stemmed(item.summary))


# --- learning -------------------------------------------------------------------------------------------------------


def ridge(
    rows: list[Array], wanted: list[Array], strength: float, near: Array | None = None
) -> Array:
    """Return the weights that predict `wanted` from the columns, both less the mean of their text.

    They are shrunk towards `near`, by default 0. A text counts as the square root of its number of sentences; columns are
    standardised before (Hoerl and Kennard 1970).
    """
    size = rows[0].shape[1]
    near = np.zeros(size) if near is None else near
    square, right, seen = np.zeros((size, size)), np.zeros(size), 0.0
    for columns, target in zip(rows, wanted, strict=True):
        weight = 1 / np.sqrt(len(target))
        centred = columns - columns.mean(axis=0)
        square += weight * centred.T @ centred
        right += weight * centred.T @ (target - target.mean() - centred @ near)
        seen += weight * len(target)
    scale = np.sqrt(np.diag(square) / seen)
    scale[scale < 1e-9] = np.inf
    square, right = square / np.outer(scale, scale), right / scale
    found: Array = near + np.linalg.solve(square + strength * np.eye(size), right) / scale
    return found


def learn(pairs: Sequence[Pair], strength: float = STRENGTH) -> Weights:
    """Return the weights learned from `pairs`; a second sentence is learned beside one of the three best firsts."""
    targets = [np.array([pair.gain([n]) for n in range(len(pair.own))]) for pair in pairs]
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
        wanted.append(np.array([pair.gain([start, n]) for n in keep]))
    second = ridge(more, wanted, strength)
    return Weights(dict(zip(names, map(float, first), strict=True)),
                   dict(zip([*names, *added], map(float, second), strict=True)))  # fmt: skip


def write(weights: Weights, name: str) -> None:
    """Replace the package's weights of this name."""
    rounded = {
        step: {column: float(f"{value:.4g}") for column, value in own.items()}
        for step, own in (("first", weights.first), ("second", weights.second))
    }
    found = files.read_json(selector.PATH) | {name: rounded}
    files.write_text(selector.PATH, json.dumps(found, indent=1) + "\n")
    print(f"wrote {name} into {selector.PATH}")


# --- judging --------------------------------------------------------------------------------------------------------

Fold = Callable[[Pair], bool]


def folds(
    pairs: Sequence[Pair], test_of: Fold, strength: float
) -> dict[str, list[tuple[Pair, Judged]]]:
    """Return by group its judged pairs: trained on older pairs of all other groups."""
    found: dict[str, list[tuple[Pair, Judged]]] = {}
    for group in (*GROUPS, "other", "by models"):
        test = [pair for pair in pairs if pair.group == group and test_of(pair)]
        train = [p for p in pairs if p.group not in {group, "by models"} and p.date < CUT]
        if test:
            weights = learn(train, strength)
            found[group] = [(pair, judged(pair, test[n - 1], weights)) for n, pair in enumerate(test)]  # fmt: skip
    return found


def judged(pair: Pair, other: Pair, weights: Weights, liked: Scorer | None = None) -> Judged:
    """Return the drafts on a pair with their figures; `other` is an unrelated pair, `liked` a scorer with a model."""
    drafts = judge.extracts(pair.item, other.item.summary, pair.scorer.using(weights), liked)
    return Judged(pair.item, drafts, judge.scored(pair.item, drafts))


def show(title: str, rows: Sequence[Judged]) -> None:
    """Print what `weeklyai eval` prints, under a title."""
    screen.say(f"\n== {title}: {len(rows)} pairs")
    for name, found in comparing.tables(rows).items():
        screen.say(f"\n{name}")
        screen.columns(list(found[0]), [list(row.values()) for row in found])


def report(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Print all tables and return the figures of the sum."""
    found = folds(pairs, lambda pair: pair.date >= CUT or not pair.date, STRENGTH)
    human = {group: rows for group, rows in found.items() if group != "by models"}
    dated = [row for rows in human.values() for pair, row in rows if pair.date]
    show(f"Held out by source and by date ({CUT} and later)", dated)
    for group, rows in human.items():
        chosen = [row for pair, row in rows if pair.date]
        if chosen:
            show(f"of these, {group}", chosen)
    for name, own in (("held out by source, undated (SciTLDR)", human.get("scitldr", [])), ("Summaries by language models", found.get("by models", []))):  # fmt: skip
        if own:
            show(name, [row for _, row in own])
    return {"pairs": len(dated), **r1(dated, (judge.TWO, judge.LEAD, judge.LEAD_PMI, judge.ONE, judge.PLACE))}  # fmt: skip


def r1(rows: Sequence[Judged], names: Sequence[str]) -> dict[str, float]:
    """Return the mean R1 of systems with two decimals."""
    return {
        name: round(sum(one.scores[name].r1 for one in rows) / max(1, len(rows)), 2)
        for name in names
    }


def tune(pairs: Sequence[Pair]) -> None:
    """Print how strengths of the ridge do inside the older pairs alone."""
    older = [pair for pair in pairs if pair.date < CUT and pair.group != "by models"]
    for strength in (30.0, 300.0, 3_000.0):
        rows = [row for one in folds(older, lambda _: True, strength).values() for _, row in one]
        print(f"strength {strength:g}: {r1(rows, (judge.ONE, judge.TWO))}, {len(rows)} pairs")


def main() -> None:
    """Judge, and on demand tune or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--tune", action="store_true", help="try strengths inside the older pairs")
    parser.add_argument("--write", action="store_true", help="replace the package's weights without a model")  # fmt: skip
    chosen = parser.parse_args()
    pairs = load(chosen.corpus)
    if chosen.tune:
        tune(pairs)
        return
    figures = report(pairs)
    print(json.dumps({"name": "sentences against a person's summary, source and date held out, ROUGE-1 F1 in percent",
                      **figures, "goal": f"{judge.TWO} over {judge.LEAD} by 2.5"}))  # fmt: skip
    if chosen.write:
        write(learn([pair for pair in pairs if pair.group != "by models"]), "without a model")


if __name__ == "__main__":
    main()
