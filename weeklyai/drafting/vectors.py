"""Vectors of words and items, learned from the archive alone: items that speak of one thing lie near each other.

Latent semantic analysis (Deerwester et al., 1990) by a randomised range finder (Halko, Martinsson and Tropp, 2011): the
matrix of items and words, weighted by inverse document frequency, is multiplied with a random matrix and itself a few times,
and the space that comes out holds its strongest directions. Numpy only; the same texts give the same vectors.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weeklyai import text

SIZE = 64  # numbers of a vector
MOST_WORDS = 40_000  # of the vocabulary
LEAST_ITEMS = 5  # that hold a word of it
COMMON = 0.2  # share of the items; a word in more of them tells nothing
LEARN = 20_000  # items that the space is learned from, evenly drawn; all are placed in it
ROUNDS = 2  # multiplications with the matrix and back
CHUNK = 4_096  # items at once
_WORD = re.compile(r"[a-z][a-z0-9]{2,}")

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Space:
    """Directions of words; texts are placed by the words in them.

    Attributes:
        words: number of each word.
        basis: shape (words, SIZE), a word's weight included.
    """

    words: dict[str, int]
    basis: Floats

    def place(self, texts: Sequence[str]) -> Floats:
        """Return the unit vectors of `texts`, shape (texts, SIZE); of a text without known words all zeros."""
        found = np.zeros((len(texts), self.basis.shape[1]), np.float32)
        for start in range(0, len(texts), CHUNK):
            rows = _Rows.of([tokens(one) for one in texts[start : start + CHUNK]], self.words)
            found[start : start + CHUNK] = rows.times(self.basis)
        return unit(found)


def tokens(passage: str) -> set[str]:
    """Return the words of a text that may stand in a vocabulary."""
    return set(_WORD.findall(passage.lower())) - text.STOP_WORDS


def unit(vectors: Floats) -> Floats:
    """Return `vectors` with length 1, zeros as they are."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Floats = (vectors / np.maximum(norms, 1e-9)).astype(np.float32)
    return scaled


@dataclass(frozen=True, slots=True)
class _Rows:
    """A sparse matrix of ones: row r has a one in the columns `columns[starts[r] : starts[r + 1]]`."""

    starts: Ints
    columns: Ints

    @classmethod
    def of(cls, sets: Iterable[set[str]], words: dict[str, int]) -> "_Rows":
        rows = [sorted(words[word] for word in one if word in words) for one in sets]
        starts = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(row) for row in rows], out=starts[1:])
        return cls(starts, np.array([n for row in rows for n in row], np.int64))

    def times(self, other: Floats) -> Floats:
        """Return the product with a dense matrix."""
        sums = np.zeros((len(self.starts) - 1, other.shape[1]), np.float32)
        filled = np.flatnonzero(np.diff(self.starts))
        if filled.size:
            sums[filled] = np.add.reduceat(other[self.columns], self.starts[filled], axis=0)
        return sums

    def chunk(self, start: int) -> "_Rows":
        """Return CHUNK rows from `start` on."""
        starts = self.starts[start : start + CHUNK + 1]
        return _Rows(starts - starts[0], self.columns[starts[0] : starts[-1]])

    def turned(self, width: int) -> "_Rows":
        """Return the transpose, which has `width` rows."""
        order = np.argsort(self.columns, kind="stable")
        owners = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        starts = np.zeros(width + 1, np.int64)
        np.cumsum(np.bincount(self.columns, minlength=width), out=starts[1:])
        return _Rows(starts, owners[order])


def learn(texts: Sequence[str], seed: int = 29) -> Space:
    """Return the space of `texts`; of fewer than a few dozen it says little."""
    step = max(1, len(texts) // LEARN)
    sets = [tokens(one) for one in texts[::step]]
    counts = Counter(word for one in sets for word in one)
    usable = [
        (word, n)
        for word, n in counts.items()
        if LEAST_ITEMS <= n <= max(LEAST_ITEMS, COMMON * len(sets))
    ]
    chosen = sorted(usable, key=lambda pair: (-pair[1], pair[0]))[:MOST_WORDS]
    words = {word: n for n, (word, _) in enumerate(chosen)}
    if not words:
        return Space({}, np.zeros((1, SIZE), np.float32))
    weights = np.log(len(sets) / np.array([n for _, n in chosen])).astype(np.float32)[:, None]
    rows = _Rows.of(sets, words)
    basis = _range(rows, weights, np.random.default_rng(seed))
    # Directions by strength; the root keeps the strongest from drowning all others.
    placed = _times(rows, weights * basis)
    values, turn = np.linalg.eigh(placed.T @ placed)
    scale = np.power(np.maximum(values, 1e-6), -0.25)
    return Space(words, (weights * basis @ (turn * scale)).astype(np.float32))


def _range(rows: _Rows, weights: Floats, random: np.random.Generator) -> Floats:
    """Return an orthonormal basis, shape (words, SIZE), of the strongest directions of the weighted matrix."""
    back = rows.turned(len(weights))
    basis = random.standard_normal((len(weights), SIZE)).astype(np.float32)
    for _ in range(ROUNDS):
        placed = _times(rows, weights * basis)
        basis = weights * _times(back, placed)
        basis = np.linalg.qr(basis)[0].astype(np.float32)
    if basis.shape[1] < SIZE:  # fewer words than numbers in a vector
        basis = np.pad(basis, ((0, 0), (0, SIZE - basis.shape[1])))
    return basis


def _times(rows: _Rows, dense: Floats) -> Floats:
    """Return the product, a few thousand rows at a time."""
    size = len(rows.starts) - 1
    return np.concatenate([rows.chunk(n).times(dense) for n in range(0, size, CHUNK)])
