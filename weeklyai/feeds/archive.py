"""The item archive: SQLite in WAL mode, one row an item, a full-text index beside it, one row a feed."""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
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
_CHUNK = 500  # values in one question; SQLite takes 32,766


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
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = NORMAL")
            current = schema.migrate(self.db)
        except sqlite3.Error as error:
            raise self._unusable(error) from None
        if not current:
            raise WeeklyError(f"archive {path} was written by a newer weeklyai: update this one")
        self.feeds = FeedStates(self.db)

    def _unusable(self, error: Exception) -> WeeklyError:
        return WeeklyError(
            f"archive {self.path} cannot be used ({error}): move it away and run 'weeklyai fetch' to begin a new one"
        )

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.db.close()
        if isinstance(error, sqlite3.DatabaseError):
            raise self._unusable(error) from None

    def add(self, items: Iterable[FeedItem], now: datetime) -> int:
        """Store `items`, all of one feed or of any, in one transaction and return how many were new.

        An item that is there keeps its id, its feed and its first date; its own feed may mend its text. An item under a
        new id that says, word for word and on the same date, what its feed has said before is not new either: some
        publishers make up an address at every request. As many such twins stay apart as one call brought at once.
        """
        unique = {item.id: item for item in items}
        contents = {key: _content(item) for key, item in unique.items()}
        with self.db:
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
            self.db.executemany(
                f"INSERT INTO items ({_COLUMNS}, content, first_seen) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",  # noqa: S608
                [(*_row(item), contents[item.id], _seconds(now)) for item in fresh],
            )
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
        return self._select("published <= ?", (_seconds(end),))

    def by_id(self, ids: Sequence[str]) -> list[FeedItem]:
        """Return the items with these ids, oldest first."""
        return self._select(f"id IN ({','.join('?' * len(ids))})", ids)

    def sources(self, ids: Iterable[str]) -> dict[str, str]:
        """Return headline and text of the items with these ids, by id."""
        found = [item for key in ids for item in self._select("id = ?", (key,))]
        return {item.id: f"{item.title}. {item.text}" for item in found}

    def _select(self, where: str, values: Sequence[object]) -> list[FeedItem]:
        query = f"SELECT {_COLUMNS} FROM items WHERE {where} ORDER BY published, id"  # noqa: S608 -- our own words
        return [
            FeedItem(
                **{
                    **row,
                    "published": datetime.fromtimestamp(row["published"], UTC),
                    "date_guessed": bool(row["date_guessed"]),
                }
            )
            for row in map(dict, self.db.execute(query, values))
        ]

    def snapshot_hash(self, end: datetime) -> str:
        """Return a SHA-256 (hex) of what `all_items(end)` says: equal hashes, equal input of a build."""
        total = hashlib.sha256()
        query = "SELECT id, published, url, title, summary, body FROM items WHERE published <= ? ORDER BY id"
        for row in self.db.execute(query, (_seconds(end),)):
            total.update(hashlib.sha256(json.dumps(tuple(row)).encode()).digest())
        return total.hexdigest()

    def span(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """Return the dates of the oldest and the newest item that is not in the future and not guessed."""
        row = self.db.execute(
            "SELECT min(published), max(published) FROM items WHERE published <= ? AND NOT date_guessed",
            (_seconds(now),),
        ).fetchone()
        oldest, newest = (
            None if value is None else datetime.fromtimestamp(value, UTC) for value in row
        )
        return oldest, newest

    def latest(self) -> datetime:
        """Return when the archive was last added to (1970 where it never was)."""
        return datetime.fromtimestamp(
            self.db.execute("SELECT max(first_seen) FROM items").fetchone()[0] or 0, UTC
        )

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


def _content(item: FeedItem) -> int:
    """Return a hash, 63 bits, of what the feed itself said: its own date, not one that was guessed.

    A bare title without a date may well come back for another page ("Weekly links"): its path counts too.
    """
    date = None if item.date_guessed else _seconds(item.published)
    path = "" if date is not None or item.text else (item.url or "").partition("?")[0]
    said = json.dumps([item.feed_url, item.title, item.summary, item.body, date, path])
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8]) >> 1
