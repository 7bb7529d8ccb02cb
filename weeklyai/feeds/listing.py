"""What `weeklyai feeds` does to the feed list: add with autodiscovery, list, import, export."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
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
    """Write the feed list with `more` behind what is `known`; return how many were new."""
    merged = {feed.url: feed for feed in known}
    for feed in more:
        merged.setdefault(feed.url, feed)
    opml.write(settings.opml, merged.values(), settings.site.title)
    return len(merged) - len(known)


def rows(settings: Settings) -> list[dict[str, str]]:
    """Return title and address of each feed, addresses without credentials."""
    titles: dict[str, str] = {}
    if settings.archive.exists():
        with Archive(settings.archive) as archive:
            titles = archive.feeds.titles()
    return [
        {"title": feed.title or titles.get(feed.url, ""), "url": redacted(feed.url)}
        for feed in opml.read(settings.opml)
    ]


def import_file(settings: Settings, file: Path) -> list[str]:
    """Add the feeds of an OPML file; return a line about it."""
    more = opml.read(file)
    known = opml.read(settings.opml) if settings.opml.exists() else []
    new = _merge(settings, known, more)
    return [
        f"{new} feeds added from {file}, {len(more) - new} were there; {settings.opml} now lists {len(known) + new}"
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
