"""Parsing alone: nothing lost, and how fast, beside feedparser.

Run: python bench/parse.py [--feeds DIR ...]. Without DIR the feeds are the repository's own. Every file is read three
ways: by the quick reader and by our feedparser path, whose items must be equal, and by feedparser with its defaults, of
which every entry must be an item of ours. What differs is printed with the file's name; an entry that is no item falls
under one of the exceptions, or is LOST. Then "ours" is all files in our worker processes, their start included; the peer is
one process of feedparser with its defaults that keeps nothing. Both are the best of `--rounds`.
The last line is JSON; ratio = peer's seconds over ours.
"""

import argparse
import json
import time
import warnings
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import feedparser

from weeklyai.feeds import lenient, parse, quick
from weeklyai.feeds.raw import Raw, RawFeed
from weeklyai.feeds.workers import Parsers
from weeklyai.records import FeedItem

ROOT = Path(__file__).parent.parent
OWN = (ROOT / "samples/feeds", ROOT / "tests/feeds/cases")
ENOUGH = 1000  # jobs; our own few files are parsed so often that the workers' start is not all that counts
MOST = 1_000_000  # items kept
NOW = datetime.now(UTC)


def url_of(path: Path) -> str:
    """Return an address for a file."""
    return f"https://feeds.example/{path.name}"


def compare_readers(path: Path, body: bytes) -> str:
    """Print where the quick reader differs from feedparser; return which of them is in charge."""
    by_quick = quick.read(body)
    if by_quick is None:
        return "feedparser"
    one = parse.clean(by_quick, url_of(path), NOW, MOST)
    other = parse.clean(lenient.read(body), url_of(path), NOW, MOST)
    for name in ("title", "reason", "notes"):
        if getattr(one, name) != getattr(other, name):
            print(f"{path.name}: {name} {getattr(one, name)!r}, not {getattr(other, name)!r}")
    if len(one.items) != len(other.items):
        print(f"{path.name}: {len(one.items)} items, not {len(other.items)}")
    for mine, theirs in zip(one.items, other.items, strict=False):
        for name, value in asdict(mine).items():
            if value != getattr(theirs, name):
                print(f"{path.name}: {name} {value!r:.200}, not {getattr(theirs, name)!r:.200}")
    return "quick"


def alone(raw: Raw, url: str) -> FeedItem | None:
    """Return the item that an entry makes by itself, or None."""
    return next(iter(parse.clean(RawFeed("-", [raw]), url, NOW, MOST).items), None)


def account(path: Path, body: bytes) -> Counter[str]:
    """Count what became of each entry that feedparser finds; print those that are no items of ours."""
    bare = feedparser.parse(body).entries
    found = parse.parse(body, url_of(path), NOW, MOST)
    if found.reason == "xml-entity":
        return Counter({"refused: declares entities": len(bare)})
    if body.lstrip()[:1] == b"{":
        return Counter({"items of JSON feeds": len(found.items)})
    ours = Counter((item.title, item.url, item.text) for item in found.items)
    fate: Counter[str] = Counter()
    raws = lenient.read(body).entries
    fate["LOST"] += max(0, len(bare) - len(raws))
    for entry, raw in zip(bare, raws, strict=False):  # of UTF-16 without a mark, ours are more
        item = alone(raw, url_of(path))
        key = (item.title, item.url, item.text) if item else None
        if key is None:
            name = "neither text nor link"
        elif ours[key]:
            name = "item"
            ours[key] -= 1
        else:
            name = "repeated" if key in ours else "LOST"
        fate[name] += 1
        if name != "item":
            print(f"{path.name}: {entry.get('title', '')!r:.100}: {name}")
    return fate


def seconds_of_workers(jobs: list[tuple[str, bytes]]) -> float:
    """Return how long our workers take over `jobs`, from their start to their end."""
    began = time.monotonic()
    with Parsers() as parsers:
        for found in [parsers.submit(body, url, NOW, MOST) for url, body in jobs]:
            found.result()
    return time.monotonic() - began


def seconds_of_feedparser(jobs: list[tuple[str, bytes]]) -> float:
    """Return how long feedparser takes over `jobs`."""
    began = time.monotonic()
    for _, body in jobs:
        feedparser.parse(body)
    return time.monotonic() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=Path, nargs="+", default=OWN, help="folders of feed files")
    parser.add_argument("--rounds", type=int, default=3, help="of which the best counts")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    paths = sorted(path for folder in chosen.feeds for path in folder.iterdir() if path.is_file())
    bodies = {path: path.read_bytes() for path in paths}
    readers: Counter[str] = Counter()
    fate: Counter[str] = Counter()
    for path, body in bodies.items():
        refused = (
            parse.read(body).reason in ("xml-entity", "not-a-feed") or body.lstrip()[:1] == b"{"
        )
        readers["neither" if refused else compare_readers(path, body)] += 1
        fate += account(path, body)
    print(f"files by reader: {dict(readers)}")
    print(f"entries of feedparser: {dict(fate)}")
    times = ENOUGH // len(paths) if chosen.feeds is OWN else 1
    jobs = [(url_of(path), body) for path, body in bodies.items()] * times
    peer = min(seconds_of_feedparser(jobs) for _ in range(chosen.rounds))
    ours = min(seconds_of_workers(jobs) for _ in range(chosen.rounds))
    row = {"name": "feeds parsed", "ours": round(ours, 2), "peer": round(peer, 2), "ratio": round(peer / ours, 2),
           "goal": 4.0, "unit": "s", "lost": fate["LOST"]}  # fmt: skip
    print(f"{len(jobs)} files, {sum(len(body) for _, body in jobs):,} bytes")
    print(json.dumps(row))


if __name__ == "__main__":
    main()
