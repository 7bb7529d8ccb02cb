"""The item archive: SQLite in WAL mode, numbered migrations, one row an item, one row a feed."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from weeklyai.errors import WeeklyError
from weeklyai.feeds.addresses import redacted
from weeklyai.feeds.fetch import Request, Response
from weeklyai.feeds.opml import Subscription
from weeklyai.records import FeedItem

# Each migration runs once, in order, inside one transaction; PRAGMA user_version counts them. Never edit one: add one.
MIGRATIONS = (
    """
    CREATE TABLE items (
        id TEXT PRIMARY KEY,
        feed_url TEXT NOT NULL,
        source TEXT NOT NULL,
        title TEXT NOT NULL,
        url TEXT,
        published INTEGER NOT NULL, -- seconds since 1970, UTC
        date_guessed INTEGER NOT NULL,
        summary TEXT NOT NULL,
        body TEXT NOT NULL,
        first_seen INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX items_published ON items (published);
    CREATE TABLE feeds (
        url TEXT PRIMARY KEY,
        title TEXT NOT NULL DEFAULT '',
        etag TEXT NOT NULL DEFAULT '',
        last_modified TEXT NOT NULL DEFAULT '',
        last_status INTEGER NOT NULL DEFAULT 0,
        last_reason TEXT NOT NULL DEFAULT '',
        last_fetched INTEGER,
        failures INTEGER NOT NULL DEFAULT 0, -- in a row
        gone INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    """,
)
_COLUMNS = "id, feed_url, source, title, url, published, date_guessed, summary, body"


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of the archive."""

    items: int
    feeds: int


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of a feed between runs."""

    url: str
    last_reason: str
    last_fetched: datetime | None
    failures: int
    gone: bool


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
            self._migrate()
        except sqlite3.Error as error:
            raise self._unusable(error) from None

    def _migrate(self) -> None:
        (version,) = self.db.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise WeeklyError(
                f"archive {self.path} was written by a newer weeklyai: update this one"
            )
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            self.db.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")

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
        """Store `items` in one transaction and return how many were new.

        An item that is there keeps its id, its feed and its first date; its own feed may mend its text.
        """
        rows = [(*_row(item), int(now.timestamp())) for item in items]
        with self.db:
            before = self.counts().items
            self.db.executemany(
                f"INSERT INTO items ({_COLUMNS}, first_seen) VALUES (?,?,?,?,?,?,?,?,?,?) "  # noqa: S608
                "ON CONFLICT (id) DO UPDATE SET title = excluded.title, summary = excluded.summary, body = excluded.body "
                "WHERE feed_url = excluded.feed_url",
                rows,
            )
            return self.counts().items - before

    def items(self, start: datetime, end: datetime) -> list[FeedItem]:
        """Return the items published after `start` and not after `end`, oldest first."""
        return self._select("published > ? AND published <= ?", (_seconds(start), _seconds(end)))

    def all_items(self, end: datetime) -> list[FeedItem]:
        """Return every item published not after `end`, oldest first."""
        return self._select("published <= ?", (_seconds(end),))

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

    def request(self, feed: Subscription) -> Request:
        """Return the request for `feed` with what its last good answer said about itself."""
        row = self.db.execute(
            "SELECT etag, last_modified FROM feeds WHERE url = ?", (feed.url,)
        ).fetchone()
        return Request(feed.url, *(row or ("", "")))

    def record(self, response: Response, title: str, reason: str, now: datetime) -> None:
        """Remember how fetching a feed went; validators only after a good parse (`reason` is "" or "partial")."""
        good = reason in ("", "partial")
        new = good and response.status == 200
        with self.db:
            self.db.execute(
                "INSERT INTO feeds (url) VALUES (?) ON CONFLICT DO NOTHING", (response.url,)
            )
            self.db.execute(
                "UPDATE feeds SET last_status = ?, last_reason = ?, last_fetched = ?, failures = (failures + 1) * ?, "
                "gone = ? WHERE url = ?",
                (
                    response.status,
                    reason,
                    _seconds(now),
                    not good,
                    response.status == 410,
                    response.url,
                ),
            )
            if new:
                self.db.execute(
                    "UPDATE feeds SET title = ?, etag = ?, last_modified = ? WHERE url = ?",
                    (title, response.etag, response.last_modified, response.url),
                )

    def feed_titles(self) -> dict[str, str]:
        """Return the names that feeds gave themselves, by address."""
        return dict(self.db.execute("SELECT url, title FROM feeds WHERE title != ''").fetchall())

    def health(self) -> list[FeedState]:
        """Return what is remembered of each feed, by address, credentials left out."""
        rows = self.db.execute(
            "SELECT url, last_reason, last_fetched, failures, gone FROM feeds ORDER BY url"
        )
        return [
            FeedState(
                redacted(url),
                reason,
                datetime.fromtimestamp(at, UTC) if at else None,
                failures,
                bool(gone),
            )
            for url, reason, at, failures, gone in rows
        ]


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _row(item: FeedItem) -> tuple[object, ...]:
    return (
        item.id, item.feed_url, item.source, item.title, item.url, _seconds(item.published),
        int(item.date_guessed), item.summary, item.body,
    )  # fmt: skip
