"""What a model has to beat, in bits per byte of the same held-out text: token frequencies, 5-grams, compressors.

Fairness. The counting models read both layouts of the training texts, as the GPT does, and each held-out document by
itself, so they may be measured on either layout. A compressor would get an item's second layout for next to nothing, so it
reads the training texts and then the held-out ones once each, in the layout that begins with the title; it also profits
from held-out texts that are like each other, which no model here does. So whoever lays rows side by side passes
`corpus.once(held_out)` to all of them.
"""

import lzma
import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from weeklyai.lm.batches import encode
from weeklyai.lm.corpus import Document, once
from weeklyai.lm.evaluate import by_week
from weeklyai.lm.tokenizer import Tokenizer, Tokens

ORDER = 5
_WINDOW_LOG = 27  # zstd looks back over 128 MiB, xz -9 over 64

_Ids = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


def unigram_bits_per_byte(
    training: Sequence[Document], held_out: Sequence[Document], tokenizer: Tokenizer
) -> dict[str, float]:
    """Return bits per byte of token frequencies alone (add-one), the floor any model must beat."""
    counts = Counter(int(t) for document in training for t in encode(document, tokenizer))
    total = counts.total() + tokenizer.size
    costs = [
        sum(math.log(total / (counts[int(t)] + 1)) for t in encode(document, tokenizer)[1:])
        for document in held_out
    ]
    return by_week(costs, held_out)


def five_gram_bits_per_byte(
    training: Sequence[Document], held_out: Sequence[Document], tokenizer: Tokenizer
) -> dict[str, float]:
    """Return bits per byte of the 5-gram model over the same tokens."""
    model = KneserNey([encode(document, tokenizer) for document in training], tokenizer.size)
    rows = model.nats([encode(document, tokenizer) for document in held_out])
    return by_week([float(row[1:].sum()) for row in rows], held_out)


def lzma_bits_per_byte(training: Sequence[Document], held_out: Sequence[Document]) -> float:
    """Return bits per byte of xz at its highest level after it has read the training text."""
    return _packed(training, held_out, lambda text: len(lzma.compress(text, preset=9)))


def zstd_bits_per_byte(training: Sequence[Document], held_out: Sequence[Document]) -> float | None:
    """Return bits per byte of zstd at its highest level after it has read the training text; None without `zstandard`."""
    try:
        import zstandard  # noqa: PLC0415 -- an extra, only to compare with
    except ImportError:
        return None

    def size(text: bytes) -> int:
        chosen = zstandard.ZstdCompressionParameters.from_level(
            22, source_size=len(text), window_log=_WINDOW_LOG, enable_ldm=True
        )
        return len(zstandard.ZstdCompressor(compression_params=chosen).compress(text))

    return _packed(training, held_out, size)


def _packed(
    training: Sequence[Document], held_out: Sequence[Document], size: Callable[[bytes], int]
) -> float:
    """Return 8 times the bytes that the held-out text adds to the packed training text, for each of its own."""

    def plain(documents: Sequence[Document]) -> bytes:
        parts = [part for document in once(documents) for _, part in document.segments]
        return "".join(f"{part}\n" for part in parts).encode()

    extra = size(plain([*training, *held_out])) - size(plain(training))
    return round(8 * extra / max(1, sum(document.num_bytes for document in once(held_out))), 4)


class KneserNey:
    """An interpolated n-gram model with modified Kneser-Ney smoothing.

    Chen and Goodman, "An empirical study of smoothing techniques for language modeling", 1998: three discounts an
    order, estimated from counts of counts; below the highest order an n-gram counts once for each token seen
    before it. The lowest order is interpolated with equal chances for all tokens, so every token has a probability above 0 and they
    add up to 1 after any past.

    Each sequence begins with `order - 1` marks that nothing predicts, so no n-gram runs over a border. N-grams of one
    order are numbered; a longer one is known by the number of all but its last token and that token.

    Args:
        rows: token ids of each training sequence.
        size: token types.
        order: tokens of the longest n-grams, at least 2.
    """

    def __init__(self, rows: Sequence[Tokens], size: int, order: int = ORDER) -> None:
        self._size, self._order = size, order
        tokens = self._stream(rows)
        numbers, previous = tokens, np.zeros_like(tokens)
        self._keys = [np.arange(size + 1)]
        self._levels: list[_Level] = []
        for _ in range(1, order):
            unique, longer = np.unique(self._key(numbers, tokens), return_inverse=True)
            self._keys.append(unique)
            once_each = np.empty(len(unique), np.int64)  # a place of each longer n-gram
            once_each[longer] = np.arange(len(tokens))
            self._levels.append(self._level(tokens, numbers, previous, once_each))
            numbers, previous = longer, np.roll(numbers, 1)
        self._levels.append(self._level(tokens, numbers, previous, np.arange(len(tokens))))

    def nats(self, rows: Sequence[Tokens]) -> list[_Floats]:
        """Return for each token array (n,) the negative log-probabilities (n,) of its tokens, the first's included."""
        tokens = self._stream(rows)
        numbers, previous = tokens, np.zeros_like(tokens)
        chance = np.full(len(tokens), 1 / self._size)
        for at, level in enumerate(self._levels):
            if at:
                key = self._key(numbers, tokens)
                place = np.searchsorted(self._keys[at], key).clip(max=len(self._keys[at]) - 1)
                longer = np.where(self._keys[at][place] == key, place, -1)
                numbers, previous = longer, np.roll(numbers, 1)
            chance = level.interpolated(numbers, previous, chance)
        costs = -np.log(chance[tokens != self._size])
        return np.split(costs, np.cumsum([len(row) for row in rows])[:-1])

    def _stream(self, rows: Sequence[Tokens]) -> _Ids:
        """Return all rows in one, each behind its marks."""
        marks = np.full(self._order - 1, self._size, np.int64)
        parts = [part for row in rows for part in (marks, row.astype(np.int64))]
        return np.concatenate([marks, *parts])

    def _key(self, numbers: _Ids, tokens: _Ids) -> _Ids:
        """Return at each place the key of the n-gram that is longer by one; the marks at the beginning hide the wrap."""
        return np.roll(numbers, 1) * (self._size + 1) + tokens

    def _level(self, tokens: _Ids, numbers: _Ids, pasts: _Ids, places: _Ids) -> "_Level":
        """Return the counts of one order.

        Args:
            tokens: the stream.
            numbers: at each place the n-gram that ends there.
            pasts: at each place the n-gram without its last token.
            places: those that count, but for marks: one of each longer n-gram; for the highest order all.
        """
        places = places[tokens[places] != self._size]
        counts = np.bincount(numbers[places], minlength=int(numbers.max()) + 1)
        past_of = np.zeros(len(counts), np.int64)
        past_of[numbers] = pasts
        return _Level(counts, past_of, int(pasts.max()) + 1)


class _Level:
    """The n-grams of one order.

    Args:
        counts: of each n-gram.
        past_of: the number of each n-gram's past.
        pasts: how many pasts there are.
    """

    def __init__(self, counts: _Ids, past_of: _Ids, pasts: int) -> None:
        self._counts = counts
        self._discount = _discounts(counts)
        self._total = np.bincount(past_of, counts, pasts)
        taken = np.bincount(past_of, self._discount[counts.clip(max=3)], pasts)
        self._rest = taken / np.maximum(1, self._total)

    def interpolated(self, numbers: _Ids, pasts: _Ids, lower: _Floats) -> _Floats:
        """Return the chances of n-grams after their pasts, -1 where never seen, from those of the order below."""
        counts = np.where(numbers < 0, 0, self._counts[numbers])
        known = (pasts >= 0) & (self._total[pasts] > 0)
        own = (counts - self._discount[counts.clip(max=3)]) / np.maximum(1, self._total[pasts])
        return np.where(known, own + self._rest[pasts] * lower, lower)


def _discounts(counts: _Ids) -> _Floats:
    """Return what is taken from counts of 0, 1, 2, and 3 or more."""
    n = np.bincount(counts.clip(max=5), minlength=6)[1:5].astype(float)
    if not n.all():  # too few n-grams to estimate from
        return np.array([0.0, 0.5, 1.0, 1.5])
    kept = n[0] / (n[0] + 2 * n[1])
    wanted = [j - (j + 1) * kept * n[j] / n[j - 1] for j in (1, 2, 3)]
    return np.array([0.0, *np.clip(wanted, 0.1, (1, 2, 3))])
