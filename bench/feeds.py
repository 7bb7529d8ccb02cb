"""Fetching, parsing and archiving, beside feedparser alone on the same bytes.

Run: python bench/feeds.py [--feeds DIR] [--number N]. Without DIR the feeds are made up: N Atom feeds of 20 items. They are
served from the loopback address. "ours" is a whole round (fetch, parse, clean, archive) with `weeklyai.feeds.poll`;
the peer is one process that calls `feedparser.parse` with its defaults on the same bytes and keeps nothing.
The last line is JSON; ratio = peer's seconds over ours.
"""

import argparse
import json
import tempfile
import threading
import time
import warnings
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import feedparser

from weeklyai import config
from weeklyai.feeds import health, poll
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.opml import Subscription

ENTRY = (
    "<entry><title>Feed {feed} item {item}</title><id>tag:bench.example,2024:{feed}-{item}</id>"
    '<link href="https://bench.example/{feed}/{item}"/><updated>2024-07-{day:02}T08:00:00Z</updated>'
    '<content type="html">{body}</content></entry>'
)
BODY = (
    "&lt;p&gt;"
    + "A sentence of the &lt;b&gt;body&lt;/b&gt; that says a little. " * 30
    + "&lt;/p&gt;"
)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def make_feeds(folder: Path, number: int) -> None:
    """Write `number` Atom feeds of 20 items to `folder`."""
    for feed in range(number):
        entries = "".join(
            ENTRY.format(feed=feed, item=item, day=item + 1, body=BODY) for item in range(20)
        )
        text = (
            f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Feed {feed}</title>{entries}</feed>'
        )
        (folder / f"{feed}.xml").write_text(text, encoding="utf-8")


def round_over(paths: list[Path], folder: Path, archive: Path) -> tuple[float, float, int]:
    """Return the seconds of a first and a second round over `paths`, and the items that the first found."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    feeds = [Subscription(f"http://127.0.0.1:{server.server_port}/{path.name}") for path in paths]
    seconds, found = [], 0
    with Archive(archive) as store:
        for _ in range(2):
            began = time.monotonic()
            fared = poll.poll(store, feeds, config.Feeds(allow_private=True), datetime.now(UTC))
            seconds.append(time.monotonic() - began)
            found = found or sum(feed.found for feed in fared)
            print(health.report(fared).splitlines()[0])
    server.shutdown()
    return seconds[0], seconds[1], found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=Path, help="a folder of feed files")
    parser.add_argument("--number", type=int, default=100, help="how many feeds to make up")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = chosen.feeds or Path(name)
        if not chosen.feeds:
            make_feeds(folder, chosen.number)
        paths = sorted(path for path in folder.iterdir() if path.is_file())
        with tempfile.TemporaryDirectory() as state:
            ours, again, found = round_over(paths, folder, Path(state) / "archive.sqlite")
        warnings.simplefilter("ignore")
        began = time.monotonic()
        peer_found = sum(len(feedparser.parse(path.read_bytes()).entries) for path in paths)
        peer = time.monotonic() - began
    print(
        f"ours: {found} items in {ours:.2f} s, unchanged round {again:.2f} s; feedparser alone: {peer_found} in {peer:.2f} s"
    )
    row = {"name": "feeds round", "ours": round(ours, 2), "peer": round(peer, 2), "ratio": round(peer / ours, 2),
           "goal": 1.0, "unit": "s", "unchanged": round(again, 2)}  # fmt: skip
    print(json.dumps(row))


if __name__ == "__main__":
    main()
