"""A whole small site over real parts: feeds on a loopback server, SQLite, a GPT of a few thousand weights."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.conftest import make_item
from tests.feeds import server
from weeklyai import config
from weeklyai.feeds import opml
from weeklyai.feeds.opml import Subscription
from weeklyai.publish import scaffold

NOW = datetime(2024, 7, 13, tzinfo=UTC)
WEEK = "2024-W28"


def feed(number: int) -> bytes:
    """Return the JSON feed of one of four publishers, a dozen items each."""
    items = [
        item
        for item in map(make_item, range(48))
        if item.feed_url.startswith(f"https://feed{number}.")
    ]
    return json.dumps({
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"Example Times {number}",
        "items": [
            {"id": item.id, "url": item.url, "title": item.title, "date_published": item.published.isoformat(),
             "summary": item.summary, "content_text": item.body}
            for item in items
        ],
    }).encode()  # fmt: skip


@contextmanager
def small_site(folder: Path, *, more: str = "") -> Iterator[tuple[config.Settings, server.Site]]:
    """Make a site in `folder` whose four feeds are served for as long as the block lasts."""
    scaffold.init(
        folder, title="Small", url="https://small.example", timezone="Asia/Bangkok", feeds=False
    )
    path = folder / config.FILE_NAME
    text = path.read_text(encoding="utf-8").replace("allow_private = false", "allow_private = true")
    text = text.replace("check_links = true", "check_links = false")
    text = text.replace("tokens = 0", "tokens = 8192").replace("layers = 0", "layers = 1")
    text = text.replace("width = 0", "width = 32").replace('dtype = ""', 'dtype = "float32"')
    text = text.replace("deadline_seconds = 20.0", "deadline_seconds = 2.0")
    path.write_text(text + more, encoding="utf-8")
    with server.serve({f"/{n}": server.page(feed(n), ETag=f'"{n}"') for n in range(4)}) as site:
        opml.write(folder / "feeds.opml", [Subscription(site.url(f"/{n}")) for n in range(4)])
        yield config.load(folder), site


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every published file of a site; the reports on one round and on one run tell times and are left out."""
    places = ("_posts", "_drafts", "evidence", "preview")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for place in places
        for path in sorted((folder / place).rglob("*"))
        if path.is_file() and path.name not in {"feeds.html", "model.html"}
    }
