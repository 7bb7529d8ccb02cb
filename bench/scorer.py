"""Does the GPT help to choose sentences? The selector's columns with and without the GPT's, on leave-source-out folds.

    python -m bench.scorer CORPUS RUN                # folder of *.jsonl.gz as for bench/selector.py; a trained run folder
    python -m bench.scorer CORPUS RUN --train 200 --test 100   # pairs of each group of sources

The same ridge is learned twice from the same older pairs of all other groups, once with the GPT's four columns added, and
judged on the same younger pairs of the group left out. The model should have read no summary and no text from CUT on. Rows
of each system that matters stand beside the paired gain. The last line is one JSON object.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from bench import selector as bench
from bench.selector import CUT, GROUPS, STRENGTH, Pair
from weeklyai.drafting.rouge import paired_bootstrap

MARK = "GPT: "
Figures = dict[str, tuple[float, float]]
_WRITER: list[Any] = []


def sample(
    pairs: Sequence[Pair], train: int, test: int
) -> dict[str, tuple[list[Pair], list[Pair]]]:
    """Return by group at most `train` older and `test` younger (or undated) pairs, drawn with a fixed seed."""
    chance = random.Random(29)  # noqa: S311 -- a sample
    found = {}
    for group in (*GROUPS, "other"):
        own = [pair for pair in pairs if pair.group == group]
        chance.shuffle(own)
        older = [pair for pair in own if pair.date and pair.date < CUT]
        younger = [pair for pair in own if not pair.date or pair.date >= CUT]
        found[group] = older[:train], younger[:test]
    return found


def begin(run: Path) -> None:
    """Load the model in a worker."""
    from weeklyai.lm.house import HouseWriter

    _WRITER.append(HouseWriter.load(run))


def columns(job: tuple[str, list[str]]) -> dict[str, list[float]]:
    """Return the model's columns of one text."""
    title, sentences = job
    found: dict[str, list[float]] = _WRITER[0].columns(title, " ".join(sentences), sentences)
    return found


def add_columns(pairs: Sequence[Pair], run: Path, workers: int) -> float:
    """Add the GPT's columns to each pair; return seconds a text."""
    start = time.perf_counter()
    jobs = [(pair.scorer.document.title, list(pair.scorer.document.sentences)) for pair in pairs]
    with ProcessPoolExecutor(workers, initializer=begin, initargs=(run,)) as pool:
        for pair, found in zip(pairs, pool.map(columns, jobs, chunksize=4), strict=True):
            pair.scorer.columns |= {MARK + name: np.array(values) for name, values in found.items()}
    return (time.perf_counter() - start) / max(1, len(pairs))


def without(pair: Pair) -> dict[str, Any]:
    """Return a pair's cheap columns."""
    return {name: value for name, value in pair.scorer.columns.items() if not name.startswith(MARK)}


def judged(train: Sequence[Pair], test: Sequence[Pair], names: tuple[str, str]) -> list[Figures]:
    """Return R1 and R2 of one and two sentences on each test pair, by weights learned from `train`."""
    weights = bench.learn(train, STRENGTH)
    return [
        {name: pair.gain(pair.of(bench.ours(pair, weights, count))) for count, name in enumerate(names, start=1)}
        for pair in test
    ]  # fmt: skip


def fold(train: Sequence[Pair], test: Sequence[Pair]) -> list[Figures]:
    """Return the figures of both selectors, and of the baselines, on each test pair."""
    rich = judged(train, test, ("cheap + GPT, one", "cheap + GPT, two"))
    kept = {id(pair): pair.scorer.columns for pair in (*train, *test)}
    for pair in (*train, *test):
        pair.scorer.columns = without(pair)
    cheap = judged(train, test, ("cheap, one", "cheap, two"))
    base = [
        {"lead-1": pair.gain(pair.own[0]), "headline words + place": pair.gain(pair.own[bench.headline_order(pair)[0]]),
         "lead-2": pair.gain(pair.of([0, 1]))} for pair in test
    ]  # fmt: skip
    for pair in (*train, *test):
        pair.scorer.columns = kept[id(pair)]
    return [a | b | c for a, b, c in zip(base, cheap, rich, strict=True)]


def show(title: str, rows: Sequence[Figures]) -> dict[str, float]:
    """Print a table and the paired gains; return those in R1."""
    print(f"\n{title}: {len(rows)} pairs")
    for name in rows[0]:
        print(
            f"{name:26}{fmean(row[name][0] for row in rows):6.1f}{fmean(row[name][1] for row in rows):6.1f}"
        )
    found = {}
    for count in ("one", "two"):
        for n, measure in enumerate(("R1", "R2")):
            own, peer = (
                [row[f"{name}, {count}"][n] for row in rows] for name in ("cheap + GPT", "cheap")
            )
            gain, low, high = paired_bootstrap(own, peer)
            print(f"GPT's gain, {count}: {measure} {gain:+.2f} [{low:.2f}, {high:.2f}]")
            found[f"{measure}, {count}"] = round(gain, 2)
    return found  # fmt: skip


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("run", type=Path, help="a run folder of weeklyai train")
    parser.add_argument("--train", type=int, default=200, help="older pairs of each group")
    parser.add_argument("--test", type=int, default=100, help="younger pairs of each group")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    groups = sample(bench.load(chosen.corpus), chosen.train, chosen.test)
    everything = [pair for older, younger in groups.values() for pair in (*older, *younger)]
    seconds = add_columns(everything, chosen.run, chosen.workers)
    print(
        f"{len(everything)} texts scored, {seconds:.2f} s a text with {chosen.workers} workers",
        flush=True,
    )
    rows: list[Figures] = []
    for group, (_, test) in groups.items():
        train = [pair for other, (older, _) in groups.items() if other != group for pair in older]
        if test and train:
            found = fold(train, test)
            show(group, found)
            rows += found
    gains = show("All folds", rows)
    print(
        json.dumps(
            {
                "name": "the GPT as scorer, gain over the cheap columns",
                **gains,
                "goal": "R1, one over 0",
            }
        )
    )


if __name__ == "__main__":
    main()
