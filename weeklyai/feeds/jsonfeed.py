"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from weeklyai.feeds.raw import Raw, RawFeed, in_turn


def read(body: bytes) -> RawFeed:
    """Return the feed in `body`; reason "not-a-feed" where there is none."""
    try:
        feed = json.loads(body)
        entries = feed["items"]
        if not isinstance(entries, list):
            return RawFeed("", [], "not-a-feed")
    except (ValueError, KeyError, TypeError, RecursionError):
        return RawFeed("", [], "not-a-feed")
    return RawFeed(
        title=str(feed.get("title") or ""),
        entries=[_entry(entry) for entry in entries if isinstance(entry, dict)],
        home=str(feed.get("home_page_url") or ""),
    )


def _entry(entry: dict[str, Any]) -> Raw:
    def field(*names: str) -> str:
        return next((str(entry[name]) for name in names if entry.get(name)), "")

    try:
        local = datetime.fromisoformat(field("date_published", "date_modified"))
        published = local.replace(tzinfo=local.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):  # year 1 in a zone east of Greenwich is before all dates
        published = None
    return Raw(
        title=_escaped(field("title")),
        links=in_turn(field("url"), field("external_url")),
        guid=field("id"),
        published=published,
        summary=_escaped(field("summary")),
        body=field("content_html") or re.sub(r"\n\s*\n", "<p>", _escaped(field("content_text"))),
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
