"""What a feature article costs and what the vectors add: seconds to find, seconds to draft, recall beside full-text search.

Run: python bench/feature.py [--archive FILE] [--items N] [--topic TOPIC ...]. Without an archive one of N items (default 10^5)
is made up in a temporary folder: words by Zipf's law, and in every fortieth item a sentence about one of the topics. Timed
are, for each topic, finding and reading its items (median over three) and the whole of draft's feature step, once with
vectors to be learned and once with those on disk. With --archive a known item is looked for: at most 300 texts whose
human summary has ten words or more are wanted by that summary, among the first 20 of full-text search over titles and
bodies (any word), of the vectors, and of both ranks fused (1 / (60 + rank)). The last line is JSON; ratio = 60 s over the slowest draft.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from weeklyai import config, featuring, subjects
from weeklyai.dates import Week
from weeklyai.drafting import vectors
from weeklyai.drafting.topics import Topic
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.search import question
from weeklyai.records import FeedItem

TOPICS = ("Retrieval-Augmented Generation", "Mixture of Experts", "Quantisation", "AI Agents")
END = datetime(2026, 4, 1, tzinfo=UTC)
SHAPES = (
    "{} is a technique that {}.", "{} has become a widely popular way to {}.", "{} works by retrieving {}.",
    "{} is used for tasks such as {}.", "{} systems often struggle with {}.",
)  # fmt: skip
TOP, PAIRS = 20, 300


def made_up(number: int) -> Iterator[FeedItem]:
    """Yield items of made-up words, a fortieth of them on a topic."""
    random = np.random.default_rng(1)
    syllables = [c + v for c in "bcdfghjklmnprstvz" for v in "aeiou"]
    words = ["".join(random.choice(syllables, 2 + n % 3)) for n in range(30_000)]
    odds = 1 / np.arange(1, len(words) + 1)
    drawn = random.choice(len(words), (50_000, 12), p=odds / odds.sum())
    sentences = [" ".join(words[n] for n in row) for row in drawn]
    for n in range(number):
        said = [sentences[k].capitalize() + "." for k in random.integers(0, len(sentences), 10)]
        if n % 40 == 0:
            shape = SHAPES[n // 40 % len(SHAPES)]
            said[1] = shape.format(TOPICS[n // 200 % len(TOPICS)], sentences[n % len(sentences)])
        when = END - timedelta(hours=n % 20_000)
        yield FeedItem(f"{n:016x}", "https://b.example/rss", f"Journal {n % 50}", said[0][:60], f"https://b.example/{n}", when,
                       date_guessed=False, summary="", body=" ".join(said))  # fmt: skip


def recall(archive: Archive) -> dict[str, float]:
    """Return the share of known items among the first 20, by way of looking."""
    rows = archive.db.execute(
        "SELECT number, summary FROM items WHERE length(summary) > 60 AND length(body) > 400 AND url IS NOT NULL "
        "AND instr(body, substr(summary, 1, 40)) = 0 ORDER BY id LIMIT ?", (PAIRS,)
    ).fetchall()  # fmt: skip
    numbers = [row["number"] for row in archive.db.execute("SELECT number FROM items WHERE url IS NOT NULL ORDER BY number")]  # fmt: skip
    bodies = archive.db.execute("SELECT title || '. ' || substr(body, 1, 500) AS said FROM items WHERE url IS NOT NULL ORDER BY number")  # fmt: skip
    texts = [row["said"] for row in bodies]
    space = vectors.learn(texts)
    placed = space.place(texts)
    hits = dict.fromkeys(("full text", "vectors", "both"), 0)
    for row, wanted in zip(rows, space.place([row["summary"] for row in rows]), strict=True):
        asked = " OR ".join(question([word]) for word in sorted(vectors.tokens(row["summary"])))
        found = archive.db.execute(
            "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT 200", (f"{{title body}} : ({asked})",)
        )  # fmt: skip
        full = [one["rowid"] for one in found]
        near = [numbers[n] for n in np.argsort(-(placed @ wanted))[:200]]
        points: dict[int, float] = {}
        for ranked in (full, near):
            for rank, key in enumerate(ranked):
                points[key] = points.get(key, 0.0) + 1 / (60 + rank)
        both = sorted(points, key=lambda key: -points[key])
        for name, ranked in (("full text", full), ("vectors", near), ("both", both)):
            hits[name] += row["number"] in ranked[:TOP]
    return {name: round(n / max(1, len(rows)), 3) for name, n in hits.items()} | {"pairs": float(len(rows))}  # fmt: skip


def timed(archive: Archive, settings: config.Settings, names: Sequence[str]) -> list[tuple[str, float, float, float, str]]:  # fmt: skip
    """Return topic, seconds to find, to draft with vectors learned, with vectors kept, and what came of it."""
    rows = []
    for name in names:
        spans = []
        (settings.state / "vectors.npz").unlink(missing_ok=True)
        for _ in range(2):
            began = time.perf_counter()
            made = featuring.feature_of(settings, Week.of(END), archive, name)
            spans.append(time.perf_counter() - began)
        looks = []
        for _ in range(3):
            began = time.perf_counter()
            subjects.items_about(archive, settings, Topic(name), END)
            looks.append(time.perf_counter() - began)
        rows.append((name, statistics.median(looks), spans[0], spans[1], made.facts()["feature"]))
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--topic", action="append")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = config.Site(title="B", url="https://b.example", desk_url="https://b.example/about")
        settings = config.Settings(folder=Path(folder), site=site)
        path = arguments.archive or settings.archive
        with Archive(path) as archive:
            if not arguments.archive:
                archive.add(made_up(arguments.items), END)
            items = archive.counts().items
            rows = timed(archive, settings, arguments.topic or TOPICS)
            found = recall(archive) if arguments.archive else {}
    print(f"{items:,} items\n{'topic':32} {'find s':>8} {'first s':>8} {'then s':>8}")
    for name, find, first, then, made in rows:
        print(f"{name:32} {find:8.2f} {first:8.1f} {then:8.1f}  {made}")
    print(f"known item among the first {TOP}: {found}")
    slowest = max(first for _, _, first, _, _ in rows)
    print(json.dumps({"bench": "feature", "items": items, "find": max(row[1] for row in rows), "draft": round(slowest, 2),
                      "recall": found, "ratio": round(60 / slowest, 2)}))  # fmt: skip


if __name__ == "__main__":
    main()
