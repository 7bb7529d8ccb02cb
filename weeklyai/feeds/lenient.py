"""RSS 0.9x, 1.0 and 2.0 and Atom through feedparser, which also reads what is no XML and what lies about its encoding.

feedparser is only ever given bytes (a string could be a path or an address), and its own sanitizer stays off, as every
field is turned into plain text later, titles too, which feedparser would leave as they are.
"""

import calendar
import re
from datetime import UTC, datetime
from typing import Any
from xml.sax import SAXException

import feedparser

from weeklyai.feeds.raw import Raw, RawFeed, in_turn


def read(body: bytes, content_type: str = "") -> RawFeed:
    """Return the feed in `body`; reason "not-a-feed" where there is none, "partial" where its XML is broken.

    Args:
        body: the feed as it came.
        content_type: of the answer; its charset comes before the one that the feed declares (RFC 3023).
    """
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
        return RawFeed("", [], "not-a-feed")
    fault = feed.get("bozo_exception")
    return RawFeed(
        title=feed.feed.get("title", ""),
        entries=[raw(entry) for entry in feed.entries],
        reason="partial" if isinstance(fault, SAXException) else "",
        home=next(iter(in_turn(feed.feed.get("link"))), ""),
        recoded=isinstance(fault, feedparser.CharacterEncodingOverride),
    )


def raw(entry: Any) -> Raw:
    """Return an entry as feedparser found it."""
    links = [  # an element <links> makes it a string
        link.get("href")
        for link in entry.get("links", [])
        if isinstance(link, dict) and link.get("rel") in ("alternate", None)
    ]
    source = entry.get("source")
    return Raw(
        title=entry.get("title", ""),
        links=in_turn(
            # FeedBurner's own links count the reader's clicks; this is where they lead.
            entry.get("feedburner_origlink"),
            entry.get("link"),
            *links,
            entry.get("id") if entry.get("guidislink") else "",
        ),
        guid=entry.get("id", ""),
        published=_moment(_dates(entry)),
        summary=entry.get("summary", ""),
        body=max((part.get("value", "") for part in entry.get("content", [])), key=len, default=""),
        source=source.get("title", "") if isinstance(source, dict) else "",
    )


def _dates(entry: Any) -> Any:
    """Return the entry's date as feedparser read it, past its habit to stand one date in for another with a warning."""
    names = ("published_parsed", "updated_parsed", "created_parsed")
    return next((found for name in names if (found := dict.get(entry, name))), None)


def _moment(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None
