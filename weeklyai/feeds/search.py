"""What people ask the archive: which items have these words, and what is in it altogether."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from weeklyai import text
from weeklyai.errors import UserError
from weeklyai.feeds.archive import Archive

MAX_WORDS = 64  # of one question; the rest is not looked at
_MARKS = "«", "»"


@dataclass(frozen=True, slots=True)
class Hit:
    """One item found.

    Attributes:
        id: of the item.
        date: its date (ISO 8601), or "" where that was guessed.
        source: the publisher.
        title: the headline.
        url: its address, or None.
        snippet: the part that fits the words best, on one line, they in «angle quotes».
    """

    id: str
    date: str
    source: str
    title: str
    url: str | None
    snippet: str

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


_SIGNED = re.compile(r"(?<!\w)\w{1,30}(?:\+\+|#)")  # a word with the signs that end it


def search(
    archive: Archive,
    words: Sequence[str],
    limit: int = 10,
    since: datetime | None = None,
    source: str = "",
) -> list[Hit]:
    """Return the items that have all of `words`, the best first.

    English words are found in all their forms ("models", "model"), those with signs ("C++", "C#") only as they stand.
    They are ranked by BM25 (Robertson and Zaragoza, 2009), a word in the title counting four times and one in the summary twice.

    Args:
        archive: the archive.
        words: each a word, or several that stand in a row.
        limit: hits at most.
        since: the earliest date, or None.
        source: the publisher, upper or lower case; "" for any.

    Raises:
        UserError: there is no letter and no digit in `words`.
    """
    # CROSS JOIN keeps the order: the index is asked for the words first, then the items are looked up by number.
    signed = _SIGNED.findall(" ".join(words))[:MAX_WORDS]
    # The index knows letters and digits only, so "C++" is "c" to it.
    exact = "AND instr(lower(items.title || ' ' || items.summary || ' ' || items.body), lower(?)) " * len(signed)  # fmt: skip
    query = f"""
        SELECT items.id, published, date_guessed, source, items.title, url,
            snippet(words, -1, ?, ?, '…', 24) AS snippet
        FROM words CROSS JOIN items ON items.number = words.rowid
        WHERE words MATCH ? AND rank MATCH 'bm25(4.0, 2.0, 1.0)' AND published >= ? AND (? = '' OR source = ? COLLATE NOCASE)
            {exact}
        ORDER BY rank LIMIT ?
    """  # noqa: S608 -- `exact` holds no word of the question
    values = (
        *_MARKS, question(words), int(since.timestamp()) if since else -(1 << 62), source, source, *signed, limit,
    )  # fmt: skip
    return [
        Hit(
            row["id"],
            "" if row["date_guessed"] else _day(row["published"]),
            row["source"],
            row["title"],
            row["url"],
            text.clean(row["snippet"]),
        )
        for row in archive.db.execute(query, values)
    ]


def question(words: Sequence[str]) -> str:
    r"""Return `words` as an FTS5 query in which nothing is syntax: each is a string (sqlite.org/fts5.html, section 3.1).

    >>> print(question(["C++", "AND", 'say "x" twice']))
    "C++" "AND" "say ""x"" twice"

    Raises:
        UserError: there is no letter and no digit in them.
    """
    kept = [word for word in map(text.clean, words) if any(map(_counts, word))][:MAX_WORDS]
    if not kept:
        raise UserError(
            "there is nothing to search for: name a word with a letter or a digit in it"
        )
    return " ".join('"' + word.replace('"', '""') + '"' for word in kept)


def _counts(character: str) -> bool:
    """Say whether the index's tokenizer (unicode61) takes a character for part of a word."""
    return unicodedata.category(character)[0] in "LN" or unicodedata.category(character) == "Co"


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


@dataclass(slots=True)
class Group:
    """Items that have something in common: how many, their characters of text, and their dates where known."""

    items: int = 0
    characters: int = 0
    oldest: str = ""
    newest: str = ""

    def take(self, items: int, characters: int, oldest: str, newest: str) -> None:
        """Take more items in."""
        self.items += items
        self.characters += characters
        self.oldest = min(filter(None, (self.oldest, oldest)), default="")
        self.newest = max(self.newest, newest)


@dataclass(frozen=True, slots=True)
class Stats:
    """What is in an archive.

    Attributes:
        total: all items.
        feeds: how many feeds were ever polled.
        bytes: size on disk, with the files that SQLite keeps beside it.
        sources, years, licences: by name, the largest first; years in order. "" stands for "not known".
    """

    total: Group
    feeds: int
    bytes: int
    sources: dict[str, Group] = field(default_factory=dict)
    years: dict[str, Group] = field(default_factory=dict)
    licences: dict[str, Group] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def stats(archive: Archive) -> Stats:
    """Count what is in `archive`, in one pass over it."""
    # Guessed dates are no dates: their years are those of fetching.
    query = """
        SELECT source, licence, CASE WHEN date_guessed THEN '' ELSE strftime('%Y', published, 'unixepoch') END AS year,
            count(*), sum(length(title) + length(summary) + length(body)), min(published), max(published)
        FROM items GROUP BY source, licence, year
    """
    total, groups = Group(), [defaultdict[str, Group](Group) for _ in range(3)]
    for source, licence, year, items, characters, oldest, newest in archive.db.execute(query):
        span = (_day(oldest), _day(newest)) if year else ("", "")
        total.take(items, characters, *span)
        for group, name in zip(groups, (source, year, licence), strict=True):
            group[name].take(items, characters, *span)
    sources, years, licences = groups
    size = sum(
        path.stat().st_size
        for end in ("", "-wal", "-shm")
        if (path := archive.path.with_name(archive.path.name + end)).exists()
    )
    return Stats(
        total, archive.counts().feeds, size, _largest(sources.items()), dict(sorted(years.items())),
        _largest(licences.items()),
    )  # fmt: skip


def _largest(groups: Iterable[tuple[str, Group]]) -> dict[str, Group]:
    return dict(sorted(groups, key=lambda pair: (-pair[1].items, pair[0])))
