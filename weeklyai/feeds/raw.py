"""What every reader of a feed format hands to `parse.py`: the entries as they stood in the feed, not yet cleaned."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Raw:
    """One entry before cleaning; HTML in every text field.

    Attributes:
        title: the headline.
        links: addresses that the entry may have, the best first, none twice, none empty.
        guid: the feed's own id of it.
        published: its date, aware, or None where there is none or it cannot be read.
        summary: its short text.
        body: its full text.
        source: the publisher that the entry itself names, or "".
    """

    title: str
    links: tuple[str, ...]
    guid: str
    published: datetime | None
    summary: str
    body: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class RawFeed:
    """A feed before cleaning.

    Attributes:
        title: its name; may be HTML.
        entries: as they stood in it.
        reason: "" or a reason code (see `parse.ParsedFeed`).
        home: the address of the site that it is of, or "".
        recoded: its encoding was not the one it declared.
    """

    title: str
    entries: list[Raw]
    reason: str = ""
    home: str = ""
    recoded: bool = False


def in_turn(*links: object) -> tuple[str, ...]:
    """Return those of `links` that are strings with something in them, each once."""
    return tuple(dict.fromkeys(link for link in links if isinstance(link, str) and link))
