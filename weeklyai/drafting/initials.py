"""Short names that a text explains in brackets: "large language models (LLMs)", and "LLMs" once a reader knows them."""

import re

from weeklyai import text

_EXPLAINED = re.compile(r"\s?\(([A-Z][A-Za-z]*[A-Z])(s?)\)")
_WORD = re.compile(r"[^\W_]+")


def explained(passage: str) -> dict[str, str]:
    """Return what `passage` explains: the long name by the short one, without a plural's "s"."""
    found = {}
    for match in _EXPLAINED.finditer(passage):
        start = _begin(passage[: match.start()], match[1])
        if start is not None:
            found[match[1]] = passage[start : match.start()]
    return found


def abbreviated(passage: str, known: set[str]) -> str:
    """Return `passage` with the long name left out wherever it explains a short one that is `known`.

    >>> abbreviated("Large language models (LLMs) are big.", {"LLM"})
    'LLMs are big.'
    """
    cut = passage
    for match in reversed(list(_EXPLAINED.finditer(passage))):
        start = _begin(passage[: match.start()], match[1])
        if match[1] in known and start is not None:
            cut = f"{cut[:start]}{match[1]}{match[2]}{cut[match.end() :]}"
    return cut


def _begin(before: str, short: str) -> int | None:
    """Return where the words begin whose initials make up `short` at the end of `before`, or None."""
    letters = list(short.lower())
    for match in reversed(list(_WORD.finditer(before))):
        if match[0][0].lower() == letters[-1]:
            letters.pop()
        elif match[0].lower() not in text.STOP_WORDS:
            return None
        if not letters:
            return match.start()
    return None
