"""The item archive: SQLite in WAL mode, one row an item, a full-text index beside it, one row a feed.

Made for a million items: nothing here but `all_items` holds more than a few hundred of them at once, and the week's
questions are answered from an index.
"""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from weeklyai.errors import WeeklyError
from weeklyai.feeds import schema
from weeklyai.feeds.states import FeedStates
from weeklyai.records import FeedItem

_COLUMNS = "id, feed_url, source, title, url, published, date_guessed, summary, body, licence"
_CHUNK = 500  # values in one question (SQLite takes 32,766), and items read at once
_ALWAYS = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
IMPORT = "import:"  # in place of a feed's address, for items that came from a file

# WAL with NORMAL loses at most the last round in a power cut, never the archive's order (sqlite.org/pragma.html). The
# cache is in KiB: it holds the inner pages of the indexes over a million items. No mmap: it would count as our memory.
_PRAGMAS = (
    "synchronous = NORMAL",
    "cache_size = -32768",
    f"journal_size_limit = {1 << 26}",
)
_ADVICE = {
    sqlite3.SQLITE_BUSY: "another weeklyai is at work on it: run this again when that is done",
    sqlite3.SQLITE_FULL: "make room on the disk and run this again; what it held is still there",
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of the archive."""

    items: int
    feeds: int


class Archive:
    """The items and feeds of one site; use as a context manager.

    Raises:
        WeeklyError: the file is damaged, of a newer version, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        try:
            self.db = sqlite3.connect(path, timeout=30)
            self.db.row_factory = sqlite3.Row
            schema.use_wal(self.db)
            for pragma in _PRAGMAS:
                self.db.execute(f"PRAGMA {pragma}")
            current = schema.migrate(self.db)
        except sqlite3.Error as error:
            raise self._unusable(error) from None
        if not current:
            raise WeeklyError(f"archive {path} was written by a newer weeklyai: update this one")
        self.feeds = FeedStates(self.db)

    def _unusable(self, error: Exception) -> WeeklyError:
        advice = _ADVICE.get(
            getattr(error, "sqlite_errorcode", 0) & 0xFF,
            "move it away and run 'weeklyai fetch' to begin a new one",
        )
        return WeeklyError(f"archive {self.path} cannot be used ({error}): {advice}")

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.db.close()
        if isinstance(error, sqlite3.DatabaseError):
            raise self._unusable(error) from None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one writer's lock over what is read and written inside; all of it is kept, or nothing.

        Taken at once: who reads first and locks later may find that another process has written in between.
        """
        with self.db:
            self.db.execute("BEGIN IMMEDIATE")
            yield

    def add(self, items: Iterable[FeedItem], now: datetime) -> int:
        """Store `items`, all of one feed or of any, in one transaction and return how many were new.

        An item that is there keeps its id, its feed and its first date; its own feed may mend its text. An item under a
        new id that says, word for word and on the same date, what its feed has said before is not new either: some
        publishers make up an address at every request. As many such twins stay apart as one call brought at once.
        """
        unique = {item.id: item for item in items}
        contents = {key: content(item) for key, item in unique.items()}
        with self.writing():
            known = self._known("id", list(unique))
            there = self._known("content", list(set(contents.values())))
            # Those that are known by their id take up their place among the twins first.
            spare = Counter(there)
            spare.subtract(contents[key] for key in unique if key in known)
            fresh: list[FeedItem] = []
            for key, item in unique.items():
                if key in known:
                    continue
                if spare[contents[key]] > 0:
                    spare[contents[key]] -= 1
                else:
                    fresh.append(item)
            self.insert(fresh, now)
            self.db.executemany(
                "UPDATE items SET title = ?1, summary = ?2, body = ?3, content = ?4 WHERE id = ?5 AND feed_url = ?6 "
                "AND (title, summary, body) != (?1, ?2, ?3)",
                [
                    (item.title, item.summary, item.body, contents[key], key, item.feed_url)
                    for key, item in unique.items()
                    if key in known
                ],
            )
        return len(fresh)

    def insert(self, items: Iterable[FeedItem], now: datetime) -> None:
        """Store items whose ids are not there, inside `writing`."""
        self.db.executemany(
            f"INSERT INTO items ({_COLUMNS}, content, first_seen) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",  # noqa: S608
            ((*_row(item), content(item), _seconds(now)) for item in items),
        )

    def _known(self, column: str, values: Sequence[object]) -> dict[Any, int]:
        """Return how many items have each of `values` in `column`, for those that any has."""
        found: dict[Any, int] = {}
        for start in range(0, len(values), _CHUNK):
            chunk = values[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            query = f"SELECT {column}, count(*) FROM items WHERE {column} IN ({marks}) GROUP BY {column}"  # noqa: S608
            found.update(tuple(row) for row in self.db.execute(query, chunk))
        return found

    def items(self, start: datetime, end: datetime) -> list[FeedItem]:
        """Return the items published after `start` and not after `end`, oldest first."""
        return self._select("published > ? AND published <= ?", (_seconds(start), _seconds(end)))

    def all_items(self, end: datetime) -> list[FeedItem]:
        """Return every item published not after `end`, oldest first."""
        return list(self.each(end))

    def each(
        self, end: datetime = _ALWAYS[1], start: datetime = _ALWAYS[0], source: str = ""
    ) -> Iterator[FeedItem]:
        """Yield the items published after `start` and not after `end`, of one source or of all, oldest first.

        They are asked for a few hundred at a time, so that a reader who takes long over them holds no old state of the
        archive (a WAL file grows for as long as somebody reads from before it).
        """
        where = "(published, id) > (?, ?) AND published <= ?" + (
            " AND source = ? COLLATE NOCASE" if source else ""
        )
        at, key = _seconds(start) + 1, ""
        while True:
            values = (at, key, _seconds(end), *((source,) if source else ()))
            found = self._select(where, values, _CHUNK)
            yield from found
            if len(found) < _CHUNK:
                return
            at, key = _seconds(found[-1].published), found[-1].id

    def by_id(self, ids: Sequence[str]) -> list[FeedItem]:
        """Return the items with these ids."""
        found: list[FeedItem] = []
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            found += self._select(f"id IN ({','.join('?' * len(chunk))})", chunk)
        return found

    def sources(self, ids: Iterable[str]) -> dict[str, str]:
        """Return headline and text of the items with these ids, by id."""
        found = [item for key in ids for item in self._select("id = ?", (key,))]
        return {item.id: f"{item.title}. {item.text}" for item in found}

    def _select(self, where: str, values: Sequence[object], most: int = -1) -> list[FeedItem]:
        """Return the first `most` items, or all, oldest first."""
        query = f"SELECT {_COLUMNS} FROM items WHERE {where} ORDER BY published, id LIMIT ?"  # noqa: S608 -- our own words
        return [_item(row) for row in self.db.execute(query, (*values, most))]

    def snapshot_hash(self, end: datetime) -> str:
        """Return a SHA-256 (hex) of what `all_items(end)` says: equal hashes, equal input of a build."""
        total = hashlib.sha256()
        for item in self.each(end):
            said = [
                item.id,
                _seconds(item.published),
                item.url,
                item.title,
                item.summary,
                item.body,
            ]
            total.update(hashlib.sha256(json.dumps(said).encode()).digest())
        return total.hexdigest()

    def span(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """Return the dates of the oldest and the newest item that is not in the future and not guessed."""
        query = "SELECT published FROM items WHERE published <= ? AND NOT date_guessed ORDER BY published {} LIMIT 1"
        ends = [
            self.db.execute(query.format(order), (_seconds(now),)).fetchone()
            for order in ("ASC", "DESC")
        ]
        oldest, newest = (datetime.fromtimestamp(row[0], UTC) if row else None for row in ends)
        return oldest, newest

    def latest(self) -> datetime:
        """Return when the archive was last added to (1970 where it never was)."""
        row = self.db.execute(
            "SELECT first_seen FROM items ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return datetime.fromtimestamp(row[0] if row else 0, UTC)

    def counts(self) -> Counts:
        """Return the numbers of items and feeds."""
        return Counts(
            *self.db.execute(
                "SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM feeds)"
            ).fetchone()
        )


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _row(item: FeedItem) -> tuple[object, ...]:
    return (
        item.id, item.feed_url, item.source, item.title, item.url, _seconds(item.published),
        int(item.date_guessed), item.summary, item.body, item.licence,
    )  # fmt: skip


def _item(row: sqlite3.Row) -> FeedItem:
    published = datetime.fromtimestamp(row["published"], UTC)
    values = {**row, "published": published, "date_guessed": bool(row["date_guessed"])}
    return FeedItem(**values)


def content(item: FeedItem) -> int:
    """Return a hash, 63 bits, of what the feed itself said: its own date, not one that was guessed.

    A bare title without a date may well come back for another page ("Weekly links"): its path counts too. Of an item
    from a file only the text counts: bulk text is to be read once, under whatever name it comes.
    """
    if item.feed_url.startswith(IMPORT):
        said = json.dumps([IMPORT, item.text or [item.title, item.url]])
    else:
        date = None if item.date_guessed else _seconds(item.published)
        path = "" if date is not None or item.text else (item.url or "").partition("?")[0]
        said = json.dumps([item.feed_url, item.title, item.summary, item.body, date, path])
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8]) >> 1
