"""What `weeklyai feeds` does to the feed list: add, list, import, export."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
