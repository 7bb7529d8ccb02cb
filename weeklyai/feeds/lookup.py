"""Items about a topic: those that hold its name, the best first, whole and with their address."""

from collections.abc import Sequence
from datetime import datetime

from weeklyai.feeds.archive import Archive
from weeklyai.feeds.search import question
from weeklyai.records import FeedItem

MOST = 600  # items that are read


def about(
    archive: Archive, phrases: Sequence[str], end: datetime, limit: int = MOST
) -> list[FeedItem]:
    """Return the items that hold any of `phrases`, published not after `end`, best first.

    Args:
        archive: the archive.
        phrases: each one or several words in a row, in all their English forms.
        end: an item of a later date is not known yet; one whose date is guessed counts as old.
        limit: items at most.

    Raises:
        UserError: there is no letter and no digit in a phrase.
    """
    asked = " OR ".join(question([phrase]) for phrase in phrases)
    query = """
        SELECT items.id FROM words CROSS JOIN items ON items.number = words.rowid
        WHERE words MATCH ? AND rank MATCH 'bm25(4.0, 2.0, 1.0)' AND (published <= ? OR date_guessed) AND url IS NOT NULL
        ORDER BY rank, items.id LIMIT ?
    """
    rows = archive.db.execute(query, (asked, int(end.timestamp()), limit))
    order = {row["id"]: n for n, row in enumerate(rows)}
    return sorted(archive.by_id(list(order)), key=lambda item: order[item.id])


def count(archive: Archive, phrases: Sequence[str]) -> int:
    """Return how many items hold any of `phrases`."""
    asked = " OR ".join(question([phrase]) for phrase in phrases)
    (found,) = archive.db.execute(
        "SELECT count(*) FROM words WHERE words MATCH ?", (asked,)
    ).fetchone()
    return int(found)
