"""Does the GPT help to choose sentences? The selector with and without the GPT's columns, on leave-source-out folds.

    python -m bench.scorer CORPUS RUN --seen TRAINING.jsonl --cache FILE.jsonl           # score; later runs go on from the file
    python -m bench.scorer CORPUS RUN --seen TRAINING.jsonl --cache FILE.jsonl --write   # replace the weights with a model

Only pairs whose headline the model has not read take part (`--seen`: what it was trained on, as `bench/base.py` writes it).
For each group of sources the selector is learned without a model from all pairs of the other groups; the weights with a
model are learned from the scored pairs of the other groups, pulled towards those. Both are judged on the scored pairs of
the group, which neither has seen. The rows are those of `weeklyai eval --pairs`. The last line is one JSON object.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import selector as bench
from bench.selector import GROUPS, Pair
from weeklyai.drafting import judge, selector
from weeklyai.drafting.judge import Judged
from weeklyai.drafting.selector import Weights

STRENGTH = 300.0  # of the pull towards the weights without a model; chosen by --tune
Columns = dict[str, list[float]]
_WRITER: list[Any] = []


# --- scoring --------------------------------------------------------------------------------------------------------


def key_of(pair: Pair) -> str:
    """Return the name of a pair in the cache."""
    return hashlib.sha256(f"{pair.group} {pair.item.title}".lower().encode()).hexdigest()[:16]


def unseen(pairs: Sequence[Pair], path: Path | None) -> list[Pair]:
    """Return the pairs by people whose headline stands in no line of `path`."""
    known: set[str] = set()
    if path:
        with path.open(encoding="utf-8") as lines:
            known = {str(one.get("title")).strip().lower() for one in map(json.loads, lines)}
    return [one for one in pairs if one.group != "by models" and one.item.title.lower() not in known]  # fmt: skip


def asked(pair: Pair) -> list[int]:
    """Return the places of the sentences that the model is asked about."""
    return selector.best(pair.scorer.columns, range(len(pair.own)))


def begin(run: Path) -> None:
    """Load the model in a worker."""
    import torch

    from weeklyai.lm.house import HouseWriter

    torch.set_num_threads(1)
    _WRITER.append(HouseWriter.load(run))


def columns(job: tuple[str, str, list[str]]) -> Columns:
    """Return the model's columns of one text."""
    found: Columns = _WRITER[0].columns(*job)
    return found


def score(pairs: Sequence[Pair], run: Path, cache: Path, workers: int) -> dict[str, Columns]:
    """Return the columns of each pair by its name; what `cache` lacks is scored and added to it."""
    found = dict(_read(cache))
    missing = [one for one in pairs if key_of(one) not in found]
    jobs = [(one.item.title, one.item.body, [one.scorer.document.sentences[n] for n in asked(one)]) for one in missing]  # fmt: skip
    start = time.perf_counter()
    with (
        ProcessPoolExecutor(workers, initializer=begin, initargs=(run,)) as pool,
        cache.open("a", encoding="utf-8") as file,
    ):
        for one, own in zip(missing, pool.map(columns, jobs, chunksize=4), strict=True):
            found[key_of(one)] = own
            rounded = {name: [round(value, 4) for value in values] for name, values in own.items()}
            file.write(json.dumps({"key": key_of(one), "columns": rounded}) + "\n")
    seconds = (time.perf_counter() - start) / max(1, len(missing))
    print(f"{len(missing)} texts scored, {seconds:.2f} s a text with {workers} workers", flush=True)
    return found


def _read(cache: Path) -> Iterator[tuple[str, Columns]]:
    if cache.exists():
        with cache.open(encoding="utf-8") as lines:
            for one in map(json.loads, lines):
                yield one["key"], one["columns"]


def with_columns(pair: Pair, found: Columns) -> Pair:
    """Return the pair with the model's columns beside the counted ones."""
    scorer = pair.scorer.using(bench.NONE)
    scorer.columns = pair.scorer.columns | selector.modelled(found, asked(pair), len(pair.own))
    return replace(pair, scorer=scorer)


# --- judging --------------------------------------------------------------------------------------------------------


def folds(pairs: Sequence[Pair], liked: Sequence[Pair], strength: float) -> dict[str, list[Judged]]:
    """Return by group of sources its judged pairs: weights of both kinds come from the other groups alone.

    Args:
        pairs: with the counted columns.
        liked: those that the model has scored, with its columns too.
        strength: of the pull of the weights with a model towards those without.
    """
    found = {}
    for group in (*GROUPS, "other"):
        test = [one for one in liked if one.group == group]
        if not test:
            continue
        plain = bench.learn([p for p in pairs if p.group not in {group, "by models"}])
        rich = bench.learn([p for p in liked if p.group != group], strength, plain)
        found[group] = [
            bench.judged(one, test[n - 1], plain, one.scorer.using(rich))
            for n, one in enumerate(test)
        ]
    return found


def report(found: dict[str, list[Judged]]) -> dict[str, str]:
    """Print all tables; return the paired gains over all folds."""
    rows = [row for own in found.values() for row in own]
    bench.show("All folds", rows)
    for group, own in found.items():
        bench.show(f"of these, {group}", own)
    sure = [row for group, own in found.items() if group != "scitldr" for row in own]
    bench.show("of these, all but scitldr", sure)
    return {
        f"{measure}, {name}": judge.gain(rows, name + judge.WITH_GPT, name)[measure]
        for name in (judge.ONE, judge.TWO) for measure in ("R1", "R2")
    }  # fmt: skip


def main() -> None:
    """Score what is not scored yet, judge, and on demand tune or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("run", type=Path, help="a run folder of weeklyai train")
    parser.add_argument("--seen", type=Path, metavar="TRAINING.jsonl", help="what the model was trained on")  # fmt: skip
    parser.add_argument("--cache", type=Path, required=True, metavar="FILE.jsonl")
    parser.add_argument("--most", type=int, default=4_000, help="pairs that are scored")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--tune", action="store_true", help="try strengths on the older pairs")
    parser.add_argument("--write", action="store_true", help="replace the package's weights with a model")  # fmt: skip
    chosen = parser.parse_args()
    pairs = bench.load(chosen.corpus)
    new = sorted(unseen(pairs, chosen.seen), key=key_of)[: chosen.most]
    scored = score(new, chosen.run, chosen.cache, chosen.workers)
    liked = [with_columns(one, scored[key_of(one)]) for one in new]
    if chosen.tune:
        older = [one for one in liked if one.date < bench.CUT]
        for strength in (100.0, 300.0, 1_000.0, 3_000.0):
            rows = [row for own in folds(pairs, older, strength).values() for row in own]
            print(f"strength {strength:g}: {bench.r1(rows, [one + judge.WITH_GPT for one in (judge.ONE, judge.TWO)])}, {len(rows)} pairs")  # fmt: skip
        return
    gains = report(folds(pairs, liked, STRENGTH))
    print(json.dumps({"name": "gain of the selector with the GPT's columns over that without", "pairs": len(liked),
                      **gains, "goal": f"R1, {judge.ONE} over 0"}))  # fmt: skip
    if chosen.write:
        plain = selector.shipped()
        write_weights(bench.learn(liked, STRENGTH, plain))


def write_weights(weights: Weights) -> None:
    """Replace the package's weights with a model."""
    bench.write(weights, "with a model")


if __name__ == "__main__":
    main()
