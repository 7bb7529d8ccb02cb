"""Bytes of a feed -> `FeedItem`s: RSS 0.9x, 1.0 and 2.0 and Atom through feedparser, JSON Feed 1.x by hand.

feedparser is only ever given bytes (a string could be a path or an address), and its own sanitizer stays off: every
field is turned into plain text here, titles too, which feedparser would leave as they are.
"""

import calendar
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.sax import SAXException

import feedparser

from weeklyai import text
from weeklyai.feeds import strip
from weeklyai.feeds.identity import canonical, identity
from weeklyai.records import FeedItem

MAX_TITLE = 300  # characters
MAX_BODY = 200_000
MAX_SUMMARY = 5_000
_HTML = re.compile(rb"^\s*(?:<!doctype html|<html)", re.IGNORECASE)
OLDEST = datetime(1995, 1, 1, tzinfo=UTC)  # no feed is older than RSS


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """The feed's name, its items as they stood in it, and "" or a reason code ("not-a-feed", "xml-entity", "partial")."""

    title: str
    items: tuple[FeedItem, ...]
    reason: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Raw:
    """One entry before cleaning; HTML in every text field."""

    title: str
    link: str
    guid: str
    published: datetime | None
    summary: str
    body: str


def parse(
    body: bytes, feed_url: str, fetched_at: datetime, most: int, content_type: str = ""
) -> ParsedFeed:
    """Return the items of a feed.

    Args:
        body: the feed as it came.
        feed_url: its address, base of relative links.
        fetched_at: stands in for dates that are missing or cannot be.
        most: items kept, the newest.
        content_type: of the answer; its charset helps feedparser.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        title, raw, reason = _json_feed(body)
    elif declares_entities(body):
        return ParsedFeed("", (), "xml-entity")
    elif not body.strip() or _HTML.match(body):
        return ParsedFeed("", (), "not-a-feed")
    else:
        title, raw, reason = _xml_feed(body, content_type)
    name = text.shorten(strip.line(title), 80) or urlsplit(feed_url).hostname or feed_url
    if reason == "not-a-feed":
        return ParsedFeed("", (), reason)
    items = [item for entry in raw if (item := _item(entry, name, feed_url, fetched_at))]
    items.sort(key=lambda item: item.published, reverse=True)
    return ParsedFeed(name, tuple(items[:most]), reason)


def declares_entities(data: bytes) -> bool:
    """Say whether an XML document has a DOCTYPE with entity declarations, which is how bombs are built.

    Comments and processing instructions before the DOCTYPE are stepped over, so that none of them can hide it; an
    article that writes about entities, further down, is none of this. Linear in the length of `data`.
    """
    flat = data.replace(b"\0", b"").lower()  # in UTF-16 and UTF-32 every second byte or more is 0
    at = flat.find(b"<")
    while flat.startswith((b"<?", b"<!--"), at):
        end = flat.find(b"?>", at) if flat.startswith(b"<?", at) else flat.find(b"-->", at + 4)
        at = flat.find(b"<", end) if end >= 0 else -1
        if at < 0:
            return False
    return flat.startswith(b"<!doctype", at) and b"<!entity" in flat[at:]


def _xml_feed(body: bytes, content_type: str) -> tuple[str, list[_Raw], str]:
    # UTF-16 without mark and declaration (XML 1.0, appendix F); with either, feedparser knows it by itself.
    if re.match(rb"\0<\0[^?]", body):
        body = body.decode("utf-16-be", "replace").encode()
    elif re.match(rb"<\0[^?\0]\0", body):
        body = body.decode("utf-16-le", "replace").encode()
    headers = {"content-type": content_type} if "charset" in content_type else {}
    feed = feedparser.parse(
        body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not feed.get("version") and not feed.entries:
        return "", [], "not-a-feed"
    entries = [
        _Raw(
            title=entry.get("title", ""),
            link=_link(entry),
            guid=entry.get("id", ""),
            published=_moment(_dates(entry)),
            summary=entry.get("summary", ""),
            body=max(
                (part.get("value", "") for part in entry.get("content", [])), key=len, default=""
            ),
        )
        for entry in feed.entries
    ]
    broken = isinstance(feed.get("bozo_exception"), SAXException)
    return feed.feed.get("title", ""), entries, "partial" if broken else ""


def _dates(entry: Any) -> Any:
    """Return the entry's date as feedparser read it, past its habit to stand one date in for another with a warning."""
    names = ("published_parsed", "updated_parsed", "created_parsed")
    return next((found for name in names if (found := dict.get(entry, name))), None)


def _link(entry: Any) -> str:
    if entry.get("link"):
        return str(entry.link)
    links = [
        link.get("href", "")
        for link in entry.get("links", [])
        if link.get("rel") in ("alternate", None)
    ]
    return next(iter(links), "") or (entry.get("id", "") if entry.get("guidislink") else "")


def _moment(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _json_feed(body: bytes) -> tuple[str, list[_Raw], str]:
    """JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""
    try:
        feed = json.loads(body)
        entries = feed["items"]
        if not isinstance(entries, list):
            return "", [], "not-a-feed"
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", [], "not-a-feed"
    raw = [_json_entry(entry) for entry in entries if isinstance(entry, dict)]
    return str(feed.get("title") or ""), raw, ""


def _json_entry(entry: dict[str, Any]) -> _Raw:
    def field(*names: str) -> str:
        return next((str(entry[name]) for name in names if entry.get(name)), "")

    escaped = field("content_text").replace("&", "&amp;").replace("<", "&lt;")
    try:
        local = datetime.fromisoformat(field("date_published", "date_modified"))
        published = local.replace(tzinfo=local.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):  # year 1 in a zone east of Greenwich is before all dates
        published = None
    return _Raw(
        title=field("title").replace("&", "&amp;").replace("<", "&lt;"),
        link=field("url", "external_url"),
        guid=field("id"),
        published=published,
        summary=field("summary").replace("&", "&amp;").replace("<", "&lt;"),
        body=field("content_html") or re.sub(r"\n\s*\n", "<p>", escaped),
    )


def _item(raw: _Raw, source: str, feed_url: str, fetched_at: datetime) -> FeedItem | None:
    """Return the cleaned item, or None where there is neither text nor link."""
    body = strip.plain(raw.body)[:MAX_BODY]
    # feedparser stands the content in for a summary that is missing; cleaning it twice would cost as much as parsing.
    summary = "" if raw.summary == raw.body else strip.plain(raw.summary)
    if not body:  # RSS without content:encoded: the description is all there is
        body, summary = summary[:MAX_BODY], ""
    url = canonical(raw.link, feed_url)
    title = text.shorten(strip.line(raw.title), MAX_TITLE) or text.shorten(text.clean(body), 80)
    if not title and not url:
        return None
    guessed = (
        raw.published is None
        or raw.published < OLDEST
        or raw.published > fetched_at + timedelta(days=366)
    )
    published = fetched_at if guessed or raw.published is None else raw.published
    return FeedItem(
        id=identity(url, feed_url, title, raw.published, raw.guid),
        feed_url=feed_url,
        source=source,
        title=title or url or "",
        url=url,
        published=published,
        date_guessed=guessed,
        summary="" if summary == body else text.shorten(text.clean(summary), MAX_SUMMARY),
        body=body,
    )
