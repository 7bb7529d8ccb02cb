"""Sentences that enumerate: "X has three parts: a, b and c", and "(1) ...; (2) ...", as a lead and its entries.

Every word of lead and entries stands in the sentence in that order; only the numbers and the last "and" go.
"""

import re
from dataclasses import dataclass

from weeklyai.drafting import checks

MOST, LEAST = 6, 2  # entries
LONGEST = 24  # words of an entry
_MARK = re.compile(r"(?:^|(?<=[\s;,:]))\(?(?:[1-6]|i{1,3}|iv|v|vi|[a-f])\)\s+")
_COUNTED = re.compile(r"\b(?:two|three|four|five|six)\b[^:;]{0,80}:$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A lead that ends in a colon, and what it counts."""

    lead: str
    entries: tuple[str, ...]


def enumeration(sentence: str) -> Enumeration | None:
    """Return what a sentence enumerates, or None.

    >>> enumeration("RAG has two parts: a retriever and a generator.")
    Enumeration(lead='RAG has two parts:', entries=('A retriever.', 'A generator.'))
    """
    marks = list(_MARK.finditer(sentence))
    if len(marks) >= LEAST:
        lead, parts = sentence[: marks[0].start()], []
        for mark, following in zip(marks, [*marks[1:], None], strict=True):
            parts.append(sentence[mark.end() : following.start() if following else len(sentence)])
    else:
        lead, colon, behind = sentence.partition(": ")
        lead += colon.strip()
        if not _COUNTED.search(lead):
            return None
        parts = re.split(r"; (?:and )?" if ";" in behind else r", (?:and )?|(?<!,) and ", behind)
    entries = [_entry(part) for part in parts]
    lead = re.sub(r"[\s:,]*$", ":", lead)
    fit = (
        LEAST <= len(entries) <= MOST
        and all(
            entry and len(entry.split()) <= LONGEST and checks.balanced(entry) for entry in entries
        )
        and checks.balanced(lead)
        and len(lead.split()) >= 4
        and lead.count(":") == 1
        and _as_many(lead, len(entries))
    )
    return Enumeration(lead, tuple(entries)) if fit else None


def _entry(part: str) -> str:
    """Return an entry as a line of a list."""
    bare = re.sub(r"(?:[\s,;.]|(?:[,;]|\s)and)*$", "", part.strip())
    return f"{bare[:1].upper()}{bare[1:]}." if bare else ""


def _as_many(lead: str, number: int) -> bool:
    """Say whether a lead that counts ("three parts") counts right."""
    counted = re.findall(r"\b(two|three|four|five|six)\b", lead.lower())
    return not counted or ("two three four five six".split().index(counted[-1]) + 2) == number
