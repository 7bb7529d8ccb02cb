"""Bytes of a feed -> `FeedItem`s: plain text only, one item for every entry that says or links anything.

Well-formed RSS and Atom goes through `quick.py`, JSON Feed through `jsonfeed.py`, all else through feedparser
(`lenient.py`); what they find is cleaned, attributed and told apart here.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from weeklyai import text
from weeklyai.feeds import jsonfeed, quick, strip
from weeklyai.feeds.identity import canonical, identity
from weeklyai.feeds.raw import Raw, RawFeed
from weeklyai.records import FeedItem

MAX_TITLE = 300  # characters
MAX_BODY = 200_000
MAX_SUMMARY = 5_000
MAX_SOURCE = 80
MAX_MARKUP = 2_000_000  # characters of a field as it came, tags and all; a longer one is cut before it is read
MANY_HOSTS = 4  # a feed that links to fewer is no collection of other people's pages
_HTML = re.compile(rb"^\s*(?:<!doctype html|<html)", re.IGNORECASE)
OLDEST = datetime(1995, 1, 1, tzinfo=UTC)  # no feed is older than RSS


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """One feed, read and cleaned.

    Attributes:
        title: the feed's name.
        items: newest first, ids all different.
        reason: "" or a reason code ("not-a-feed", "xml-entity", "partial").
        notes: what was not as it should be, yet no reason to worry: "bad-link" (an item's link was no web address and was
            dropped), "cut" (a field was over its cap), "date-guessed" (a date was missing or cannot be), "encoding" (the
            declared encoding was wrong), "item-cap" (there were more items than are kept).
    """

    title: str
    items: tuple[FeedItem, ...]
    reason: str
    notes: tuple[str, ...] = ()


def parse(
    body: bytes,
    feed_url: str,
    fetched_at: datetime,
    most: int,
    content_type: str = "",
    base: str = "",
) -> ParsedFeed:
    """Return the items of a feed.

    Args:
        body: the feed as it came.
        feed_url: its address in the feed list.
        fetched_at: stands in for dates that are missing or cannot be.
        most: items kept, the newest.
        content_type: of the answer; its charset comes before the one that the feed declares.
        base: of relative links: where the answer came from, after redirects (RFC 3986, section 5.1.3).
    """
    return clean(read(body, content_type), feed_url, fetched_at, most, base)


def read(body: bytes, content_type: str = "") -> RawFeed:
    """Return the feed in `body` as it stands, by the quickest reader that can be trusted with it."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return jsonfeed.read(body)
    if declares_entities(body):
        return RawFeed("", [], "xml-entity")
    if not body.strip() or _HTML.match(body):
        return RawFeed("", [], "not-a-feed")
    feed = quick.read(body, content_type)
    if feed is None:
        from weeklyai.feeds import lenient  # noqa: PLC0415 -- loads feedparser, which few feeds need

        feed = lenient.read(body, content_type)
    return feed


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


def clean(
    feed: RawFeed, feed_url: str, fetched_at: datetime, most: int, base: str = ""
) -> ParsedFeed:
    """Return what `feed` says in plain text; the arguments are those of `parse`."""
    if feed.reason in ("not-a-feed", "xml-entity"):
        return ParsedFeed("", (), feed.reason)
    name = text.shorten(strip.line(feed.title), MAX_SOURCE)
    name = name or urlsplit(feed_url).hostname or feed_url
    base = base or feed_url
    entries = _newest(feed.entries, 2 * most, fetched_at)
    urls = [_url(entry, base) for entry in entries]
    own = {_host(feed_url), _host(base), _host(canonical(feed.home, base))} - {""}
    sources = _sources(entries, urls, name, own)
    notes = {"encoding"} if feed.recoded else set()
    found = [
        _item(entry, feed_url, url, source, fetched_at, notes)
        for entry, url, source in zip(entries, urls, sources, strict=True)
    ]
    items = _told_apart(item for item in found if item)
    if len(items) > most or len(entries) < len(feed.entries):
        notes.add("item-cap")
    return ParsedFeed(name, tuple(items[:most]), feed.reason, tuple(sorted(notes)))


def _newest(entries: Sequence[Raw], most: int, fetched_at: datetime) -> Sequence[Raw]:
    """Return the newest `most` entries in their order, so that 200,000 need not all be cleaned to keep a few."""
    if len(entries) <= most:
        return entries
    dates = [entry.published or fetched_at for entry in entries]
    chosen = sorted(range(len(entries)), key=lambda n: dates[n], reverse=True)[:most]
    return [entries[n] for n in sorted(chosen)]


def _url(raw: Raw, base: str) -> str | None:
    """Return the first of an entry's links that is a web address."""
    return next((url for link in raw.links if (url := canonical(link, base))), None)


def _sources(
    entries: Sequence[Raw], urls: Sequence[str | None], name: str, own: set[str]
) -> list[str]:
    """Return the publisher of each entry: the one it names, else the feed, `name`.

    Where the links of a feed lead to many hosts, none of which has half of them or is one of its `own`, the feed
    collects what others publish: then it is the host.
    """
    hosts = [_host(url) for url in urls]
    count = Counter(filter(None, hosts))
    if (
        len(count) < MANY_HOSTS
        or 2 * max(count.values()) >= count.total()
        or any(_akin(host, other) for host in count for other in own)
    ):
        hosts = [""] * len(entries)
    return [
        text.shorten(strip.line(entry.source), MAX_SOURCE) or host or name
        for entry, host in zip(entries, hosts, strict=True)
    ]


def _akin(host: str, other: str) -> bool:
    return f".{host}".endswith(f".{other}") or f".{other}".endswith(f".{host}")


def _host(url: str | None) -> str:
    return (urlsplit(url or "").hostname or "").removeprefix("www.")


def _item(
    raw: Raw, feed_url: str, url: str | None, source: str, fetched_at: datetime, notes: set[str]
) -> FeedItem | None:
    """Return the cleaned item, or None where there is neither text nor link; add to `notes` what was wrong."""
    body = strip.plain(raw.body[:MAX_MARKUP])
    # A summary that is missing is often the content once more; cleaning it twice would cost as much as parsing.
    summary = "" if raw.summary == raw.body else strip.plain(raw.summary[:MAX_MARKUP])
    if not body or summary == body:  # RSS without content:encoded: the description is all there is
        body, summary = body or summary, ""
    title = strip.line(raw.title[:MAX_MARKUP]) or text.shorten(text.clean(body[:500]), 80)
    if not title and not url:
        return None
    summary = text.clean(summary)
    if len(title) > MAX_TITLE or len(body) > MAX_BODY or len(summary) > MAX_SUMMARY:
        notes.add("cut")
    if not url and any(link != raw.guid for link in raw.links):
        notes.add("bad-link")
    published = raw.published
    if not published or not OLDEST <= published <= fetched_at + timedelta(days=366):
        notes.add("date-guessed")
        published = None
    title = text.shorten(title, MAX_TITLE)
    return FeedItem(
        id=identity(url, feed_url, title, raw.published, raw.guid),
        feed_url=feed_url,
        source=source,
        title=title or url or "",
        url=url,
        published=published or fetched_at,
        date_guessed=published is None,
        summary=text.shorten(summary, MAX_SUMMARY),
        body=text.shorten(body, MAX_BODY),
    )


def _told_apart(items: Iterable[FeedItem]) -> list[FeedItem]:
    """Return the items, newest first, repeats once (the oldest), each with an id of its own.

    Some feeds link all their entries to one page. Of such, title and date make the id, and the text only where these
    are the same too: it is what publishers mend most.
    """
    newest_first = sorted(items, key=lambda item: item.published, reverse=True)
    unique = list({(item.id, item.title, item.text): item for item in newest_first}.values())
    for parts in (_title_and_date, _title_date_and_text):
        shared = Counter(item.id for item in unique)
        unique = [
            replace(item, id=_hash(item.id, *parts(item))) if shared[item.id] > 1 else item
            for item in unique
        ]
    return sorted(unique, key=lambda item: item.published, reverse=True)


def _title_and_date(item: FeedItem) -> tuple[str, str]:
    return item.title, "" if item.date_guessed else item.published.isoformat()


def _title_date_and_text(item: FeedItem) -> tuple[str, ...]:
    return *_title_and_date(item), item.text


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
