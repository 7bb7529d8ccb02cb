"""Leaks: what of the held-out text already stands in the training text, word for word.

A row of 13 words that stands in both is counted, the measure of Brown et al., "Language models are few-shot learners",
2020, appendix C. A few such rows are quotations and standing phrases, and are reported; a text of which more than half
has been seen would be measured as unseen though it is not.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from weeklyai.lm.grams import Index, cut_out

GRAM = 13  # words in a row
MOST_SEEN = 0.5  # of a text's rows; beyond it the text is not held out
WORST = 5
MOST_WORDS = 30  # of a shared passage that are shown


@dataclass(frozen=True, slots=True)
class Leak:
    """One held-out text: its name, the share of its rows that were seen, the longest passage, and where that stands."""

    name: str
    share: float
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Leaks:
    """How much of the held-out text was seen in training.

    Attributes:
        texts: held-out texts looked at.
        touched: of these, with at least one row that was seen.
        rows: rows of 13 words in them.
        seen: of these, in the training text as well.
        worst: the texts with the largest share, largest first.
    """

    texts: int = 0
    touched: int = 0
    rows: int = 0
    seen: int = 0
    worst: tuple[Leak, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {**asdict(self), "worst": [asdict(one) for one in self.worst]}


Named = tuple[str, str]  # a name for people, a text


class Overlap:
    """The held-out texts beside the training texts, which are read once and not kept.

    Attributes:
        shares: of each held-out text the share of its rows that were seen; a text under 13 words has none.
    """

    def __init__(self, training: Iterable[Named], held_out: Sequence[Named]) -> None:
        self._held_out = held_out
        self._sources: list[str] = []
        index = Index([text for _, text in held_out], GRAM)
        where = np.full(len(index.rows.hashes), -1, np.int64)  # the first training text of each row
        for ours, theirs in index.found_in(self._noting(training)):
            fresh = where[ours] < 0
            where[ours[fresh][::-1]] = theirs.texts[fresh][::-1]
        order = np.lexsort((index.rows.places, index.rows.texts))
        self._texts, self._where = index.rows.texts[order], where[order]
        number = len(held_out)
        self._rows = np.bincount(self._texts, minlength=number)
        self._seen = np.bincount(self._texts[self._where >= 0], minlength=number)
        self.shares: npt.NDArray[np.float64] = self._seen / np.maximum(1, self._rows)

    def _noting(self, training: Iterable[Named]) -> Iterator[str]:
        for name, text in training:
            self._sources.append(name)
            yield text

    def report(self) -> Leaks:
        """Return the figures over the texts that may stay held out, with the worst of them."""
        kept = self.shares <= MOST_SEEN
        worst = sorted(np.flatnonzero(kept & (self._seen > 0)), key=lambda n: -self.shares[n])
        return Leaks(
            texts=int(kept.sum()),
            touched=int((self._seen[kept] > 0).sum()),
            rows=int(self._rows[kept].sum()),
            seen=int(self._seen[kept].sum()),
            worst=tuple(self._leak(int(n)) for n in worst[:WORST]),
        )

    def _leak(self, number: int) -> Leak:
        where = self._where[self._texts == number]
        edges = np.flatnonzero(np.diff(np.concatenate(([False], where >= 0, [False])).astype(int)))
        runs = [(int(end - start), int(start)) for start, end in edges.reshape(-1, 2)]
        length, start = max(runs, key=lambda run: (run[0], -run[1]))
        name, text = self._held_out[number]
        return Leak(
            name,
            round(float(self.shares[number]), 4),
            cut_out(text, start, min(MOST_WORDS, length + GRAM - 1)),
            self._sources[where[start]],
        )
