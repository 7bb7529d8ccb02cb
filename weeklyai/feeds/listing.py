"""What `weeklyai feeds` does to the feed list: add, list, import, export."""

from collections.abc import Sequence
from pathlib import Path

from weeklyai.config import Settings
from weeklyai.errors import UserError
from weeklyai.feeds import opml
from weeklyai.feeds.addresses import redacted
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.discover import Found
from weeklyai.feeds.opml import Subscription


def add(settings: Settings, found: Sequence[Found]) -> list[str]:
    """Add the feeds that were found to the feed list; return a line for each.

    One that is listed already is not listed twice; where it had been given up as gone, it is asked again.
    """
    known = opml.read(settings.opml) if settings.opml.exists() else []
    listed = {feed.url for feed in known}
    fresh = [Subscription(one.url, one.title) for one in found if one.url and one.url not in listed]
    if fresh:
        _merge(settings, known, fresh)
    lines = []
    for one in found:
        if not one.url:
            lines.append(f"{one.asked} {one.fault}")
        elif one.url in listed:
            again = settings.archive.exists() and _enable(settings, one.url)
            lines.append(
                f"{one.title} is listed already: {redacted(one.url)}"
                + (" (it had been given up and will be asked again)" if again else "")
            )
        else:
            lines.append(f"added {one.title}: {redacted(one.url)}")
    return lines


def _enable(settings: Settings, url: str) -> bool:
    with Archive(settings.archive) as archive:
        return archive.feeds.enable(url)


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
