"""Rows of words as 64-bit hashes, to look a few texts up in a large corpus.

Only the words of the few texts are told apart; all others are one unknown word, whose rows match nothing. So memory does
not grow with the corpus, and what it costs is reading its words once. Case and punctuation do not count.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
import numpy.typing as npt

WORD = re.compile(r"[^\W_]+")
_CHUNK = 512  # texts at once
_MIX = tuple(map(np.uint64, (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)))
_UNKNOWN = 0

Integers = npt.NDArray[np.int64]


def words(text: str) -> list[str]:
    """Return the words of `text` in lower case."""
    return list(map(str.lower, WORD.findall(text)))


def cut_out(text: str, place: int, count: int) -> str:
    """Return `text` as it is written from its word number `place` over `count` words."""
    spans = [found.span() for found in WORD.finditer(text)][place : place + count]
    return text[spans[0][0] : spans[-1][1]] if spans else ""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of some texts: parallel arrays of shape (n,).

    Attributes:
        hashes: of each row's words, uint64.
        texts: index of the text that a row stands in.
        places: number of the row's first word in its text.
    """

    hashes: npt.NDArray[np.uint64]
    texts: Integers
    places: Integers


class Index:
    """The rows of a few texts, to be found again in many.

    Args:
        texts: the few.
        size: words in a row.
    """

    def __init__(self, texts: Sequence[str], size: int) -> None:
        self._size = size
        read = [words(text) for text in texts]
        known = dict.fromkeys(word for one in read for word in one)
        self._numbers = {word: n for n, word in enumerate(known, _UNKNOWN + 1)}
        found = self._rows(read, 0)
        order = np.argsort(found.hashes, kind="stable")
        self.rows = Rows(found.hashes[order], found.texts[order], found.places[order])
        # Most rows of the corpus match nothing: a table of 2 million flags tells so at once.
        self._flags = np.zeros(1 << 21, np.bool_)
        self._flags[self._slot(found.hashes)] = True

    def found_in(self, corpus: Iterable[str]) -> Iterator[tuple[Integers, Rows]]:
        """Yield (places in `self.rows`, the equal rows of `corpus`), pair by pair, some hundred texts at a time."""
        chunk: list[list[str]] = []
        first = 0
        for text in corpus:
            chunk.append(words(text))
            if len(chunk) == _CHUNK:
                yield self._equal(self._rows(chunk, first))
                first, chunk = first + len(chunk), []
        yield self._equal(self._rows(chunk, first))

    def _equal(self, given: Rows) -> tuple[Integers, Rows]:
        likely = np.flatnonzero(self._flags[self._slot(given.hashes)])
        hashes = given.hashes[likely]
        begin = np.searchsorted(self.rows.hashes, hashes, "left")
        times = np.searchsorted(self.rows.hashes, hashes, "right") - begin
        chosen = np.repeat(likely, times)
        within = np.arange(len(chosen)) - np.repeat(np.cumsum(times) - times, times)
        ours = (np.repeat(begin, times) + within).astype(np.int64)
        return ours, Rows(given.hashes[chosen], given.texts[chosen], given.places[chosen])

    def _rows(self, read: Sequence[Sequence[str]], first: int) -> Rows:
        """Return the rows of `read` without an unknown word; its texts are numbered from `first`."""
        lengths = np.array([len(one) for one in read], np.int64)
        numbers = np.fromiter(
            map(self._numbers.get, chain.from_iterable(read), repeat(_UNKNOWN)),
            np.uint64,
            count=int(lengths.sum()),
        )
        owners = np.repeat(np.arange(len(read)), lengths)
        starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
        count = max(0, len(numbers) - self._size + 1)
        unknown = np.concatenate(([0], np.cumsum(numbers == _UNKNOWN)))
        whole = (owners[:count] == owners[self._size - 1 :][:count]) & (
            unknown[self._size :][:count] == unknown[:count]
        )
        at = np.flatnonzero(whole)
        hashes = np.full(len(at), self._size, np.uint64)
        for step in range(self._size):
            hashes = (hashes + numbers[at + step]) * _MIX[step % 3]
            hashes ^= hashes >> np.uint64(29)
        return Rows(hashes, owners[at] + first, at - starts[at])

    @staticmethod
    def _slot(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        return hashes & np.uint64((1 << 21) - 1)
