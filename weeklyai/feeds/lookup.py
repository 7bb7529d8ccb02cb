"""Items about a topic: which hold its name, the openings of all for a look at their words, and whole items by id."""

from collections.abc import Sequence
from datetime import datetime

from weeklyai.feeds.archive import Archive
from weeklyai.feeds.search import question

OPENING = 500  # characters of a text that say what it is about


def holding(archive: Archive, phrases: Sequence[str], end: datetime, limit: int) -> list[str]:
    """Return the ids of the items that hold any of `phrases`, published not after `end`, best first.

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
    return [row["id"] for row in archive.db.execute(query, (asked, int(end.timestamp()), limit))]


def count(archive: Archive, phrases: Sequence[str]) -> int:
    """Return how many items hold any of `phrases`."""
    asked = " OR ".join(question([phrase]) for phrase in phrases)
    (found,) = archive.db.execute(
        "SELECT count(*) FROM words WHERE words MATCH ?", (asked,)
    ).fetchone()
    return int(found)


def openings(archive: Archive) -> tuple[list[str], list[str]]:
    """Return id and opening (headline and first lines) of every item with an address, in the order they came in."""
    query = """
        SELECT id, title || '. ' || substr(CASE body WHEN '' THEN summary ELSE body END, 1, ?) AS opening
        FROM items WHERE url IS NOT NULL ORDER BY number
    """
    rows = archive.db.execute(query, (OPENING,)).fetchall()
    return [row["id"] for row in rows], [row["opening"] for row in rows]


def mark(archive: Archive) -> str:
    """Return a mark of all items, which changes when one is added, mended or removed."""
    row = archive.db.execute(
        "SELECT count(*), max(number), sum(content & 0xffffffff) FROM items"
    ).fetchone()
    return "-".join(map(str, row))
