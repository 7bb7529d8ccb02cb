"""JSON lines <-> `FeedItem`s: the form in which bulk text comes in and goes out.

One object a line: title, url, published, source, summary, text, licence; strings, or null where there is none. An export
adds id, feed_url and date_guessed, so that it reads back as the very same items. The text is plain: "<b>" in it means
these three characters, so it is cleaned but never stripped as HTML.
"""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from weeklyai import text
from weeklyai.feeds.addresses import redacted
from weeklyai.feeds.archive import IMPORT
from weeklyai.feeds.identity import canonical, identity
from weeklyai.feeds.parse import MAX_BODY, MAX_SUMMARY, MAX_TITLE, OLDEST
from weeklyai.records import FeedItem

MAX_LINE = 5_000_000  # bytes
_ID = re.compile(r"[0-9a-f]{16}")
_MONTH = re.compile(r"(\d{4})(?:-(\d\d))?")
_TEXTS = ("title", "url", "source", "summary", "text", "licence", "id", "feed_url")


class BadRecord(ValueError):  # noqa: N818 -- a line of a file, not a failure of ours
    """A line is no record; the message says why."""


def lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield number (from 1) and bytes of each line of a file, unpacked where it is gzip; None for one over `MAX_LINE`.

    Never holds more than one line, however much a small file unpacks to.

    Raises:
        OSError, EOFError, zlib.error: at the end of what could be read of a file that is damaged or cut short.
    """
    packed = file.read(2) == b"\x1f\x8b"  # RFC 1952, section 2.3.1
    file.seek(0)
    stream = gzip.GzipFile(fileobj=file) if packed else file
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        whole = line.endswith(b"\n") or len(line) <= MAX_LINE
        yield number, line if whole else None
        while not whole and (rest := stream.readline(1 << 16)):
            whole = rest.endswith(b"\n")


def record(line: bytes | None) -> dict[str, Any]:
    """Return the object that a line holds.

    Raises:
        BadRecord: it holds none.
    """
    if line is None:
        raise BadRecord("is longer than 5 MB")
    try:
        found = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadRecord("is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadRecord("is not JSON") from None
    if not isinstance(found, dict):
        raise BadRecord("is not a JSON object")
    return found


def to_item(fields: dict[str, Any], stem: str, now: datetime) -> FeedItem:
    """Return the item of a record.

    Args:
        fields: the record; what it does not name is missing, what we do not know is left.
        stem: stands in for a missing source.
        now: a date more than a year after it is none.

    Raises:
        BadRecord: a field is of the wrong type, or there is nothing in it.
    """
    _check(fields)
    body = text.clean_paragraphs(fields.get("text") or "")[:MAX_BODY].rstrip()
    summary = text.shorten(text.clean(fields.get("summary") or ""), MAX_SUMMARY)
    own_id = fields.get("id") or ""
    if not own_id and (
        not body or summary == body
    ):  # as of a feed whose description is all there is
        body, summary = body or summary, ""
    url = canonical((fields.get("url") or "").strip(" \"'<>"), IMPORT)
    title = text.shorten(text.clean(fields.get("title") or ""), MAX_TITLE)
    if not body and not summary and not (title and url):
        raise BadRecord("has no text, no summary, and no title with a link")
    title = title or text.shorten(text.clean((body or summary)[:1000]), 80) or url or ""
    source = text.shorten(text.clean(fields.get("source") or ""), 80) or stem
    feed_url = text.clean(fields.get("feed_url") or "") or IMPORT + source
    published, guessed = moment(fields.get("published"), now)
    return FeedItem(
        # Without an address the text tells items apart: a newsletter's every issue may have one title.
        id=own_id or identity(url, feed_url, title, None, body),
        feed_url=feed_url,
        source=source,
        title=title,
        url=url,
        published=published,
        date_guessed=guessed or bool(fields.get("date_guessed")),
        summary=summary,
        body=body,
        licence=text.clean(fields.get("licence") or ""),
    )


def _check(fields: dict[str, Any]) -> None:
    for name in _TEXTS:
        value = fields.get(name)
        if not isinstance(value, str | None):
            raise BadRecord(f"has a {name} that is not a string or null")
    if isinstance(fields.get("published"), bool) or not isinstance(
        fields.get("published"), str | int | None
    ):
        raise BadRecord("has a published that is not a date, a year or null")
    if not isinstance(fields.get("date_guessed"), bool | None):
        raise BadRecord("has a date_guessed that is not true, false or null")
    if fields.get("id") and not _ID.fullmatch(fields["id"]):
        raise BadRecord("has an id that is not 16 hex digits")


def moment(published: str | int | None, now: datetime) -> tuple[datetime, bool]:
    """Return a date in UTC, and whether it is guessed; without an offset it is taken for UTC.

    A bare year or month is put at its first day and an item without a usable date at 1995-01-01, before all news: both
    guessed, so that neither is ever news of a week, and always the same, so that they are in every week's training.
    """
    words = str(published or "").strip()
    try:
        if found := _MONTH.fullmatch(words):
            return _known(datetime(int(found[1]), int(found[2] or 1), 1, tzinfo=UTC), now), True
        local = datetime.fromisoformat(words)
        return _known(local.replace(tzinfo=local.tzinfo or UTC).astimezone(UTC), now), False
    except (ValueError, OverflowError):
        return OLDEST, True


def _known(date: datetime, now: datetime) -> datetime:
    """Return `date` in whole seconds.

    Raises:
        ValueError: it lies before 1900 or more than a year ahead, so it is a slip of the pen.
    """
    if date.year < 1900 or date > now + timedelta(days=366):
        raise ValueError(date)
    return date.replace(microsecond=0)


def to_record(item: FeedItem) -> dict[str, Any]:
    """Return the record of an item; a feed's address goes out without its password."""
    return {
        "title": item.title,
        "url": item.url,
        "published": item.published.isoformat(),
        "source": item.source,
        "summary": item.summary or None,
        "text": item.body or None,
        "licence": item.licence or None,
        "id": item.id,
        "feed_url": item.feed_url if item.feed_url.startswith(IMPORT) else redacted(item.feed_url),
        "date_guessed": item.date_guessed,
    }
