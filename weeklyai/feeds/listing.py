"""What `weeklyai feeds` does to the feed list: add with autodiscovery, list, import, export."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from weeklyai.config import Settings
from weeklyai.errors import UserError, WeeklyError
from weeklyai.feeds import health, opml, parse
from weeklyai.feeds.addresses import redacted
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.fetch import Request, Response, fetch_all
from weeklyai.feeds.opml import Subscription

FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/json",
)


class _Links(HTMLParser):
    """Collects <link rel="alternate"> addresses of feeds (RSS Advisory Board, RSS autodiscovery)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        kinds = (values.get("rel") or "").lower().split()
        if (
            tag == "link"
            and "alternate" in kinds
            and (values.get("type") or "").lower() in FEED_TYPES
        ):
            self.found.append(values.get("href") or "")


def add(settings: Settings, addresses: Sequence[str]) -> list[str]:
    """Add each of `addresses`, a feed's own or its site's, to the feed list; return a line for each.

    Raises:
        UserError: an address is none.
        WeeklyError: no address gave a feed; the list is as before.
    """
    for address in addresses:
        opml.check_address(address, "feeds add")
    known = opml.read(settings.opml) if settings.opml.exists() else []
    responses = fetch_all([Request(address) for address in addresses], settings.feeds)
    lines: list[str] = []
    found: list[Subscription] = []
    for response in responses:
        feed, line = _discover(response, settings)
        lines.append(line)
        found += [feed] if feed else []
    if not found:
        raise WeeklyError("; ".join(lines))
    _merge(settings, known, found)
    return lines


def _discover(response: Response, settings: Settings) -> tuple[Subscription | None, str]:
    """Return the feed behind an answer, or None, and a line about it."""
    shown = redacted(response.url)
    for step in range(2):
        if response.reason:
            return None, f"{shown} {health.explain(response.reason)}"
        feed = parse.parse(
            response.body, response.url, datetime.now(UTC), 500, response.content_type
        )
        if feed.reason in ("", "partial"):
            return Subscription(
                response.url, feed.title
            ), f"added {feed.title}: {redacted(response.url)}"
        links = _Links()
        links.feed(response.body.decode("utf-8", "replace"))
        if step or not links.found:
            break
        (response,) = fetch_all(
            [Request(urljoin(response.final_url, links.found[0]))], settings.feeds
        )
    return None, f"{shown} is not a feed, and its page names none"


def _merge(settings: Settings, known: Sequence[Subscription], more: Sequence[Subscription]) -> int:
    """Add to the feed list what is in `more` and not in `known`; return how many that were.

    What is known keeps its place, name and folder. A new feed goes behind the last known one of its folder, else of the
    nearest folder around it; one without such a folder goes to the end.
    """
    ends = {
        feed.folder[:depth]: n
        for n, feed in enumerate(known)
        for depth in range(1, 1 + len(feed.folder))
    }
    have = {feed.url for feed in known}
    new = list({feed.url: feed for feed in more if feed.url not in have}.values())

    def place(feed: Subscription) -> tuple[int, int]:
        depth = len(feed.folder)
        while depth and feed.folder[:depth] not in ends:
            depth -= 1
        return ends.get(feed.folder[:depth], len(known)), opml.MAX_DEPTH - depth

    placed = [((n, -1), feed) for n, feed in enumerate(known)]
    placed += [(place(feed), feed) for feed in new]
    placed.sort(key=lambda pair: pair[0])
    opml.write(settings.opml, [feed for _, feed in placed], settings.site.title)
    return len(new)


def rows(settings: Settings) -> list[dict[str, Any]]:
    """Return title, address (without credentials), folder and note of each feed, the feeds of a folder together."""
    titles: dict[str, str] = {}
    if settings.archive.exists():
        with Archive(settings.archive) as archive:
            titles = archive.feeds.titles()
    folders: dict[tuple[str, ...], list[Subscription]] = {}
    for feed in opml.read(settings.opml):
        folders.setdefault(feed.folder, []).append(feed)
    return [
        {"title": feed.title or titles.get(feed.url, ""), "url": redacted(feed.url),
         "folder": list(folder), "note": feed.note}
        for folder, feeds in folders.items()
        for feed in feeds
    ]  # fmt: skip


def import_file(settings: Settings, file: Path) -> list[str]:
    """Add the feeds of an OPML file; return a line about each entry that cannot be used, and one about the rest.

    Raises:
        UserError: the file has no feed that can be used.
    """
    more, skipped = opml.read_list(file)
    if not more:
        raise UserError(f"{file} lists no feeds")
    known, broken = opml.read_list(settings.opml) if settings.opml.exists() else ([], [])
    new = _merge(settings, known, more)
    return [
        *(f"skipped {sentence}" for sentence in skipped),
        *(f"taken out of {settings.opml}: {sentence}" for sentence in broken),
        f"{new} feeds added from {file}, {len(more) - new} were there; {settings.opml} now lists {len(known) + new}",
    ]


def export_file(settings: Settings, file: Path) -> str:
    """Write the feed list to `file`.

    Raises:
        UserError: `file` exists.
    """
    if file.exists():
        raise UserError(f"{file} exists already: name another file")
    feeds = opml.read(settings.opml)
    opml.write(file, feeds, settings.site.title)
    return f"wrote {len(feeds)} feeds to {file}"
