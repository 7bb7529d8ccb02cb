"""What is remembered of each feed between runs: validators, failures, pauses asked for, a grave mark."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from weeklyai.feeds.addresses import redacted
from weeklyai.feeds.messages import Request, Response
from weeklyai.feeds.opml import Subscription

GONE = 410  # RFC 9110, section 15.5.11


@dataclass(frozen=True, slots=True)
class FeedState:
    """One feed as the last run left it.

    Attributes:
        url: as listed; show it `redacted`.
        title: the feed's own name, or "".
        last_reason: "" or the reason code of the last failure.
        last_fetched: when it was last asked, or None.
        failures: in a row.
        failing_since: first of these, or None.
        gone: it answered 410; it is not asked again until `weeklyai feeds add` names it.
        wait_until: it asked to be left alone until then, or None.
        moved: where it said that it moved for good, or "".
    """

    url: str
    title: str = ""
    last_reason: str = ""
    last_fetched: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    gone: bool = False
    wait_until: datetime | None = None
    moved: str = ""


@dataclass(frozen=True, slots=True)
class Recent:
    """What the archive holds of one feed.

    Attributes:
        now: the clock by which this was asked.
        newest: date of its newest item that is neither guessed nor ahead, or None.
        in_one_week: its items of the seven days before `now`.
        words: headlines and openings of its newest items.
    """

    now: datetime
    newest: datetime | None
    in_one_week: int
    words: str


_COLUMNS = "url, title, last_reason, last_fetched, failures, failing_since, gone, wait_until, moved"


class FeedStates:
    """The table `feeds` of an archive."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def request(self, feed: Subscription) -> Request:
        """Return the request for `feed` with what its last good answer said about itself."""
        row = self.db.execute(
            "SELECT etag, last_modified FROM feeds WHERE url = ?", (feed.url,)
        ).fetchone()
        return Request(feed.url, *(row or ("", "")))

    def get(self, url: str) -> FeedState:
        """Return what is remembered of the feed at `url`; nothing but its address where it is new."""
        row = self.db.execute(f"SELECT {_COLUMNS} FROM feeds WHERE url = ?", (url,)).fetchone()  # noqa: S608
        return _state(row) if row else FeedState(url)

    def all(self) -> list[FeedState]:
        """Return what is remembered of each feed, by address, credentials left out."""
        rows = self.db.execute(f"SELECT {_COLUMNS} FROM feeds ORDER BY url").fetchall()  # noqa: S608
        return [_state((redacted(row[0]), *tuple(row)[1:])) for row in rows]

    def titles(self) -> dict[str, str]:
        """Return the names that feeds gave themselves, by address."""
        return dict(self.db.execute("SELECT url, title FROM feeds WHERE title != ''").fetchall())

    def recent(self, url: str, now: datetime) -> Recent:
        """Return what the archive holds of the feed at `url`."""
        at = int(now.timestamp())
        newest, in_one_week = self.db.execute(
            "SELECT max(published), coalesce(sum(published > ?), 0) FROM items "
            "WHERE feed_url = ? AND published <= ? AND NOT date_guessed",
            (at - 7 * 24 * 3600, url, at),
        ).fetchone()
        rows = self.db.execute(
            "SELECT title || ' ' || substr(summary, 1, 300) || ' ' || substr(body, 1, 300) FROM items "
            "WHERE feed_url = ? ORDER BY published DESC LIMIT 20",
            (url,),
        )
        return Recent(now, _moment(newest), in_one_week, " ".join(row[0] for row in rows))

    def record(
        self, response: Response, title: str, reason: str, now: datetime, *, good: bool
    ) -> None:
        """Remember how fetching a feed went.

        Args:
            response: what came of the request.
            title: the feed's own name.
            reason: "" or a reason code, of the parser's too.
            now: the clock.
            good: items were read, if not all; only after a whole parse the validators are kept.
        """
        url = response.url
        at = int(now.timestamp())
        wait = at + int(response.retry_after) if response.retry_after else None
        with self.db:
            self.db.execute("INSERT INTO feeds (url) VALUES (?) ON CONFLICT DO NOTHING", (url,))
            self.db.execute(
                "UPDATE feeds SET last_status = ?, last_reason = ?, last_fetched = ?, gone = ?, wait_until = ?, moved = ? "
                "WHERE url = ?",
                (response.status, reason, at, response.status == GONE, wait, response.moved, url),
            )
            self.db.execute(
                "UPDATE feeds SET failures = 0, failing_since = NULL WHERE url = ?"
                if good
                else f"UPDATE feeds SET failures = failures + 1, failing_since = coalesce(failing_since, {at}) WHERE url = ?",  # noqa: S608 -- a number of ours
                (url,),
            )
            if good and response.status == 200:
                # A partial answer is asked for again: an unchanged one would never be completed.
                etag, modified = (response.etag, response.last_modified) if not reason else ("", "")
                self.db.execute(
                    "UPDATE feeds SET title = ?, etag = ?, last_modified = ? WHERE url = ?",
                    (title, etag, modified, url),
                )

    def enable(self, url: str) -> bool:
        """Forget that the feed at `url` is gone or asked for a pause; say whether it was so."""
        with self.db:
            changed = self.db.execute(
                "UPDATE feeds SET gone = 0, wait_until = NULL WHERE url = ? AND (gone OR wait_until)",
                (url,),
            )
        return changed.rowcount > 0


def waits(state: FeedState, now: datetime) -> bool:
    """Say whether a feed's pause lasts; a clock that was set back does not make it longer than it was."""
    until, asked = state.wait_until, state.last_fetched
    return bool(until and until > now and (not asked or asked <= now + timedelta(minutes=1)))


def _state(row: tuple[object, ...]) -> FeedState:
    url, title, reason, fetched, failures, since, gone, wait, moved = row
    return FeedState(
        str(url), str(title), str(reason), _moment(fetched), int(str(failures)), _moment(since), bool(gone),
        _moment(wait), str(moved),
    )  # fmt: skip


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(int(str(seconds)), UTC) if seconds is not None else None
