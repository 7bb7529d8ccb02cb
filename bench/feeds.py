"""Fetching, parsing and archiving, beside `reader` (PyPI), from one server with a delay.

Run: pip install reader; python bench/feeds.py [--feeds DIR] [--number N] [--latency SECONDS] [--runs N]
Without DIR the feeds are made up: N feeds of 20 items, half Atom, half RSS. The server is a process of its own on the
loopback address, waits before each answer, and knows ETags. "ours" is a whole round of `weeklyai.feeds.poll` into an
archive file; the peer is `Reader.update_feeds` with 20 workers into its own database file. Each begins with an empty
file; the second round finds nothing changed. The two take turns; the best of the runs counts.
The last line is JSON; ratio = peer's seconds over ours.
"""

import argparse
import asyncio
import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

from weeklyai import config
from weeklyai.feeds import health, poll
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.opml import Subscription

# Feeds are on hosts of their own, as they are in life: we ask no host more than four things at a time.
HOSTS = [f"127.0.0.{n}" for n in range(1, 201)]
WORKERS = 20  # of the peer; more gain it nothing here
BODY = "&lt;p&gt;" + "A sentence of the &lt;b&gt;body&lt;/b&gt; that says a little. " * 30 + "&lt;/p&gt;"  # fmt: skip
ATOM = (
    "<entry><title>Feed {feed} item {item}</title><id>tag:bench.example,2024:{feed}-{item}</id>"
    '<link href="https://bench.example/{feed}/{item}"/><updated>{date:%Y-%m-%dT%H:%M:%SZ}</updated>'
    '<content type="html">{body}</content></entry>'
)
RSS = (
    "<item><title>Feed {feed} item {item}</title><guid isPermaLink='false'>{feed}-{item}</guid>"
    "<link>https://bench.example/{feed}/{item}</link><pubDate>{rfc}</pubDate><description>{body}</description></item>"
)


def make_feeds(folder: Path, number: int) -> None:
    """Write `number` feeds of 20 items to `folder`."""
    for feed in range(number):
        form, open_, close = (
            (ATOM, '<feed xmlns="http://www.w3.org/2005/Atom">', "</feed>")
            if feed % 2
            else (RSS, '<rss version="2.0"><channel>', "</channel></rss>")
        )
        dates = [datetime(2024, 7, 1 + item, 8, tzinfo=UTC) for item in range(20)]
        entries = "".join(
            form.format(feed=feed, item=n, date=date, rfc=format_datetime(date), body=BODY)
            for n, date in enumerate(dates)
        )
        text = f"{open_}<title>Feed {feed}</title>{entries}{close}"
        (folder / f"{feed}.xml").write_text(text, encoding="utf-8")


def serve(folder: Path, latency: float, port: "multiprocessing.Queue[int]") -> None:
    """Serve the files of `folder` by name, each answer after `latency` seconds, 304 where the ETag fits."""
    bodies = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    tags = {name: f'"{sha256(body).hexdigest()[:16]}"' for name, body in bodies.items()}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                name = head.split(b" ", 2)[1].decode().strip("/")
                await asyncio.sleep(latency)
                body = bodies.get(name, b"")
                status = "200 OK" if body else "404 Not Found"
                if body and tags[name].encode() in head:
                    status, body = "304 Not Modified", b""
                lines = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nETag: {tags.get(name)}\r\nContent-Type: application/xml\r\n\r\n"
                writer.write(lines.encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        first = await asyncio.start_server(answer, HOSTS[0], 0, limit=1 << 20)
        number = first.sockets[0].getsockname()[1]
        await asyncio.start_server(answer, HOSTS[1:], number, limit=1 << 20)
        port.put(number)
        await first.serve_forever()

    asyncio.run(run())


@contextmanager
def server(folder: Path, latency: float) -> Iterator[int]:
    """Run the server for as long as the block lasts; its port."""
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    child = multiprocessing.Process(target=serve, args=(folder, latency, port), daemon=True)
    child.start()
    yield port.get()
    child.terminate()
    child.join()


def ours(urls: list[str], path: Path) -> tuple[float, float, str]:
    """Return the seconds of a first and a second round, and what the first said of itself."""
    settings = config.Feeds(allow_private=True)
    seconds, said = [], []
    with Archive(path) as archive:
        for _ in range(2):
            began = time.monotonic()
            fared = poll.poll(archive, [Subscription(url) for url in urls], settings, datetime.now(UTC))  # fmt: skip
            seconds.append(time.monotonic() - began)
            said.append(health.report(fared).splitlines()[0])
    return seconds[0], seconds[1], said[0]


def peer(urls: list[str], path: Path) -> tuple[float, float, str]:
    """Do the same with `reader`."""
    from reader import make_reader  # type: ignore[import-not-found,unused-ignore]

    reader = make_reader(str(path))
    for url in urls:
        reader.add_feed(url)
    seconds = []
    for _ in range(2):
        began = time.monotonic()
        reader.update_feeds(workers=WORKERS)
        seconds.append(time.monotonic() - began)
    said = f"{reader.get_feed_counts(broken=False).total} feeds without error, {reader.get_entry_counts().total:,} items"
    reader.close()
    return seconds[0], seconds[1], said


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument(
        "--feeds", type=Path, help="a folder of feed files instead of made-up feeds"
    )
    parser.add_argument("--number", type=int, default=200, help="how many feeds to make up")
    parser.add_argument("--latency", type=float, default=0.1, help="seconds before each answer")
    parser.add_argument("--runs", type=int, default=2, help="the best of so many counts")
    chosen = parser.parse_args()
    rows: dict[str, list[tuple[float, float, str]]] = {"ours": [], "reader": []}
    with tempfile.TemporaryDirectory() as name:
        folder = chosen.feeds or Path(name)
        if not chosen.feeds:
            make_feeds(folder, chosen.number)
        with server(folder, chosen.latency) as port, tempfile.TemporaryDirectory() as state:
            paths = sorted(path for path in folder.iterdir() if path.is_file())
            urls = [f"http://{HOSTS[n % len(HOSTS)]}:{port}/{p.name}" for n, p in enumerate(paths)]
            for run in range(chosen.runs):
                for who, measure in (("ours", ours), ("reader", peer)):
                    found = measure(urls, Path(state) / f"{who}{run}.sqlite")
                    rows[who].append(found)
                    print(
                        f"{who:<7} first {found[0]:6.2f} s  unchanged {found[1]:6.2f} s  {found[2]}"
                    )
    best = {
        who: (min(r[0] for r in found), min(r[1] for r in found)) for who, found in rows.items()
    }
    print(json.dumps({
        "name": "feeds round", "ours": round(best["ours"][0], 2), "peer": round(best["reader"][0], 2),
        "ratio": round(best["reader"][0] / best["ours"][0], 2), "goal": 2.0, "unit": "s",
        "unchanged": round(best["ours"][1], 2), "unchanged share": round(best["ours"][1] / best["ours"][0], 3),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
