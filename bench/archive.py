"""What the archive costs as it grows: adding a week, reading a week, searching, memory, disk.

Run: python bench/archive.py [--largest N] [--folder DIR]. Archives of 10^4, 10^5, ... up to N items (default 10^5; a million
takes some ten minutes and 4 GB) are filled by `weeklyai archive import`'s own code with made-up texts: words of a
vocabulary of 50,000 by Zipf's law, 700 to 1,500 characters, dates in no order over 200 weeks (so that a week has 5,000 of
a million). Each archive is then opened by a process of its own, which adds 5,000 new items in one go and again as 250
feeds of 20, reads the last week (cold: with nothing of the file in memory), asks three questions and goes over all items; its peak
memory is given before that last step and after it. The last line is JSON; ratio = the 5 seconds allowed for adding over ours at the largest size.
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from weeklyai.feeds import bulk, jsonl
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.search import search, stats

END = datetime(2024, 7, 19, 13, tzinfo=UTC)
WEEKS = 200
SYLLABLES = [c + v for c in "bcdfghjklmnprstvz" for v in "aeiou"]
FILE_ITEMS = 100_000  # at once in a file on their way into the archive
WEEK = 5_000


class Texts:
    """Made-up texts; equal seeds, equal texts."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        # The vocabulary and its order are the same for all seeds: a common word is common everywhere.
        fixed = np.random.default_rng(0)
        made = ["".join(fixed.choice(SYLLABLES, 2 + n % 3)) for n in range(50_000)]
        odds = 1 / np.arange(1, len(made) + 1)
        drawn = self.random.choice(len(made), (50_000, 14), p=odds / odds.sum())
        self.words = made
        self.sentences = [" ".join(made[n] for n in row).capitalize() + "." for row in drawn]

    def text(self) -> str:
        """Return 700 to 1,500 characters."""
        count = int(self.random.integers(8, 17))
        return " ".join(self.sentences[n] for n in self.random.integers(0, 50_000, count))

    def records(self, first: int, number: int, weeks: int) -> Iterator[dict[str, Any]]:
        """Yield `number` records, dated over the last `weeks`."""
        ages = self.random.integers(0, weeks * 7 * 24 * 3600, number)
        for n, age in enumerate(ages.tolist(), first):
            body = self.text()
            yield {
                "title": body[:60].rsplit(" ", 1)[0],
                "url": f"https://bench{n % 500}.example/{n}",
                "published": (END - timedelta(seconds=age)).isoformat(),
                "source": f"Example Times {n % 500}",
                "summary": body[60:200],
                "text": body,
            }


def fill(path: Path, size: int) -> None:
    """Make an archive of `size` items through files of JSON lines."""
    texts = Texts(1)
    with Archive(path) as archive:
        for first in range(0, size, FILE_ITEMS):
            file = path.with_name(f"{first}.jsonl")
            with file.open("w", encoding="utf-8") as out:
                for record in texts.records(first, min(FILE_ITEMS, size - first), WEEKS):
                    out.write(json.dumps(record) + "\n")
            bulk.import_files(archive, [file], END)
            file.unlink()


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that `work` takes."""
    began = time.monotonic()
    work()
    return round(time.monotonic() - began, 3)


def peak() -> int:
    """Return this process's peak resident memory in MB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used // (1 << 20 if sys.platform == "darwin" else 1 << 10)


def forget(path: Path) -> None:
    """Let the system drop what it holds of a file in memory, where it can be asked to."""
    if hasattr(os, "posix_fadvise"):
        with path.open("rb+") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure(path: Path, answer: Any) -> None:
    """Put the row of one archive into the queue `answer`."""
    texts = Texts(2)
    fresh = [
        jsonl.to_item(record, "", END) for record in texts.records(10**8, 2 * WEEK, 1)
    ]  # fmt: skip
    before = peak()
    forget(path)
    questions = {
        "search common s": [texts.words[0], texts.words[1]],
        "search middling s": [texts.words[300], texts.words[400]],
        "search rare s": [texts.words[30_000]],
    }
    row: dict[str, Any] = {}
    began = time.monotonic()
    with Archive(path) as archive:
        row["open s"] = round(time.monotonic() - began, 3)
        row["items"] = archive.counts().items
        row["read week cold s"] = timed(lambda: archive.items(END - timedelta(days=7), END))
        row["read week s"] = timed(lambda: archive.items(END - timedelta(days=7), END))
        row["add 5000 s"] = timed(lambda: archive.add(fresh[:WEEK], END))
        row["add 250x20 s"] = timed(
            lambda: [archive.add(fresh[n : n + 20], END) for n in range(WEEK, 2 * WEEK, 20)]
        )
        row["read that week s"] = timed(lambda: archive.items(END - timedelta(days=7), END))
        for name, words in questions.items():
            row[name] = timed(lambda words=words: search(archive, words))  # type: ignore[misc]
        row["counts s"] = timed(archive.counts)
        row["span s"] = timed(lambda: archive.span(END))
        row["peak MB"] = peak()
        row["of it before MB"] = before
        row["stats s"] = timed(lambda: stats(archive))
        row["over all s"] = timed(lambda: sum(1 for _ in archive.each()))
        row["peak after all MB"] = peak()
    row["file MB"] = round(path.stat().st_size / 1e6)
    answer.put(row)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=10**5, help="items of the largest archive")
    parser.add_argument("--folder", type=Path, help="where the archives are made, for their time")
    chosen = parser.parse_args()
    sizes = [10**n for n in range(4, 7) if 10**n < chosen.largest] + [chosen.largest]
    processes = multiprocessing.get_context("spawn")  # a child of its own has a peak of its own
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
            path, answer = Path(name) / "archive.sqlite", processes.SimpleQueue()
            filling = timed(lambda path=path, size=size: fill(path, size))  # type: ignore[misc]
            child = processes.Process(target=measure, args=(path, answer))
            child.start()
            rows.append(answer.get() | {"fill s": round(filling, 1)})
            child.join()
        print(f"{size:>9,} items: {json.dumps(rows[-1])}", flush=True)
    ours = rows[-1]["add 5000 s"]
    summary = {"name": "archive week", "ours": ours, "peer": 5.0, "ratio": round(5 / ours, 2), "goal": 1.0, "unit": "s",
               "sizes": rows}  # fmt: skip
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
