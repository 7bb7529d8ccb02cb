"""What a build says of its feeds: rows for its table, and a page beside the previews."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from weeklyai import files
from weeklyai.config import Settings
from weeklyai.feeds import health
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.health import FeedHealth
from weeklyai.publish import templates

TEMPLATE = "feeds.html.j2"


def facts(settings: Settings, feeds: Sequence[FeedHealth]) -> dict[str, Any]:
    """Return the table's rows about feeds and items."""
    failed = sum(feed.status in ("failed", "gone") for feed in feeds)
    with Archive(settings.archive) as archive:
        total = archive.counts().items
    return {
        "feeds": f"{len(feeds)}" + (f" ({failed} failed)" if failed else ""),
        "items": f"{total} ({sum(feed.new for feed in feeds)} new)",
    }


def write_page(settings: Settings, feeds: Sequence[FeedHealth], now: datetime) -> Path:
    """Write preview/feeds.html, those that need a person first, and return its path.

    Raises:
        UserError: the site's own template is broken.
    """
    order = {"failed": 0, "gone": 1}
    rows = sorted(
        health.as_json(feeds), key=lambda row: (order.get(row["status"], 2), not row["advice"])
    )
    path = settings.folder / "preview" / "feeds.html"
    text = templates.fill(
        templates.environment(settings.folder),
        TEMPLATE,
        site_title=settings.site.title,
        sums=health.report(feeds).splitlines()[0],
        moment=now.astimezone(settings.site.zone).isoformat(sep=" ", timespec="minutes"),
        feeds=rows,
    )
    files.write_text(path, text)
    return path
