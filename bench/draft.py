"""How long drafting takes: 5, 10, 20 and 40 stories, without a model and with one; the cost should grow in proportion.

    python bench/draft.py                 # texts put together from the sample feeds
    python bench/draft.py --model RUN     # also with the model of a run folder
    python bench/draft.py --items FILE.jsonl.gz   # records with title and text

Each number of stories is drafted three times as `weeklyai draft` does it, from as many items of as many publishers as make
that many; the median counts. Beside the clock stands the processors' own time, which other programs do not stretch. The last line is one JSON object; status 1 where ten
stories take 60 s or more.
"""

import argparse
import dataclasses
import gzip
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median

from weeklyai import config, text
from weeklyai.drafting import draft
from weeklyai.drafting.background import Background
from weeklyai.drafting.writer import NoWriter, Writer
from weeklyai.feeds.parse import parse
from weeklyai.records import FeedItem

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "feeds"
NOW = datetime(2024, 7, 19, 13, tzinfo=UTC)
SIZES = (5, 10, 20, 40)
ROUNDS = 3
MOST_READ = 400  # records of a file
GOAL = 60.0  # seconds for ten stories


def from_records(path: Path) -> list[FeedItem]:
    """Return the first records of a file as items of one week, each of a publisher of its own."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        read = (one for one in map(json.loads, lines) if one.get("title") and one.get("text"))
        return [
            FeedItem(
                id=f"{n:016x}", feed_url="https://records.example/feed", source=f"Publisher {n}", title=text.clean(one["title"]),
                url=f"https://records.example/{n}", published=NOW - timedelta(hours=n % 120), date_guessed=False, summary="",
                body=text.clean_paragraphs(one["text"][:20_000]),
            ) for n, one in enumerate(islice(read, MOST_READ))
        ]  # fmt: skip


def from_samples() -> list[FeedItem]:
    """Return the items of the sample feeds, each of a publisher of its own."""
    found: list[FeedItem] = []
    for path in sorted(SAMPLES.iterdir()):
        found += parse(path.read_bytes(), f"https://samples.example/{path.name}", NOW, 10_000).items
    return [dataclasses.replace(one, source=f"Publisher {n}") for n, one in enumerate(found)]


def timed(items: Sequence[FeedItem], writer: Writer, stories: int) -> tuple[float, float, int]:
    """Return the medians of seconds by the clock and of processor seconds for an issue, and its stories."""
    post = dataclasses.replace(config.Post(), max_stories=stories)
    seconds, busy, made = [], [], 0
    for _ in range(ROUNDS):
        start, began = time.perf_counter(), time.process_time()
        made = len(draft.draft_issue(items, Background.of(items), writer, post, 1).blurbs)
        seconds.append(time.perf_counter() - start)
        busy.append(time.process_time() - began)
    return median(seconds), median(busy), made


def main() -> None:
    """Print a table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--items", type=Path, metavar="FILE.jsonl.gz")
    parser.add_argument("--model", type=Path, metavar="RUN")
    chosen = parser.parse_args()
    items = from_records(chosen.items) if chosen.items else from_samples()
    writers: dict[str, Writer] = {"without a model": NoWriter()}
    if chosen.model:
        start = time.perf_counter()
        from weeklyai.lm.house import HouseWriter

        writers["with the model"] = HouseWriter.load(chosen.model)
        print(f"loading the model: {time.perf_counter() - start:.1f} s")
    found: dict[str, float] = {}
    print(
        f"{len(items)} items\n{'':18}{'stories':>8}{'seconds':>9}{'processor s':>13}{'a story':>9}"
    )
    for name, writer in writers.items():
        for stories in SIZES:
            seconds, busy, made = timed(items, writer, stories)
            print(f"{name:18}{made:8}{seconds:9.2f}{busy:13.2f}{busy / max(1, made):9.3f}")
            found[f"{name}, {stories}"] = round(seconds, 2)
    print(json.dumps({"name": "seconds to draft 5, 10, 20, 40 stories", **found, "goal": f"10 stories below {GOAL:g} s"}))  # fmt: skip
    sys.exit(any(found[f"{name}, 10"] >= GOAL for name in writers))


if __name__ == "__main__":
    main()
