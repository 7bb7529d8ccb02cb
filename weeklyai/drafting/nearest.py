"""How near the archive's items lie to a topic, kept on disk between runs.

The vectors are a function of the items alone: a file made from other items (`mark` tells) is made anew, never brought forward.
"""

import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from weeklyai import files
from weeklyai.drafting import vectors
from weeklyai.drafting.vectors import Floats

LEAST = 300  # items; fewer tell too little about words
MOST_EXAMPLES = 200  # items that a topic is placed by
NEAR = 0.8  # of the examples' own mean nearness, from which on an item counts as near


@dataclass(frozen=True, slots=True)
class Nearest:
    """Items and their vectors.

    Attributes:
        ids: of the items.
        vectors: shape (items, SIZE), 8 bits a number.
    """

    ids: list[str]
    vectors: npt.NDArray[np.int8]

    @classmethod
    def of(cls, ids: Sequence[str], texts: Sequence[str]) -> "Nearest":
        """Learn the vectors of `texts`, whose items are `ids`."""
        if len(ids) < LEAST:
            return cls([], np.zeros((0, vectors.SIZE), np.int8))
        placed = vectors.learn(texts).place(texts)
        return cls(list(ids), np.round(placed * 127).astype(np.int8))

    def around(self, examples: Iterable[str]) -> dict[str, float]:
        """Return the cosine of each item with the mean of the `examples`, those above `NEAR` only; empty without examples."""
        wanted = set(list(examples)[:MOST_EXAMPLES])
        rows = [n for n, key in enumerate(self.ids) if key in wanted]
        if not rows:
            return {}
        centre = self.vectors[rows].astype(np.float32).mean(axis=0)
        centre /= max(1e-6, float(np.linalg.norm(centre)))
        cosines = self._cosines(centre)
        least = NEAR * float(cosines[rows].mean())
        return {self.ids[n]: float(cosines[n]) for n in np.flatnonzero(cosines >= least)}

    def _cosines(self, centre: Floats) -> Floats:
        found = [
            self.vectors[n : n + vectors.CHUNK].astype(np.float32) @ centre / 127
            for n in range(0, len(self.ids), vectors.CHUNK)
        ]
        return np.concatenate(found)


def kept(path: Path, mark: str, read: Callable[[], tuple[list[str], list[str]]]) -> Nearest:
    """Return the vectors of the file `path` if they are of the items that `mark` stands for, else learn and keep them.

    Args:
        path: an .npz file; it need not exist.
        mark: changes when the items do.
        read: returns ids and texts of all items.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            if str(found["mark"]) == mark:
                return Nearest(found["ids"].tolist(), found["vectors"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        pass  # not there, cut short or of another version: it can be made again
    made = Nearest.of(*read())
    with files.replacing(path) as new, new.open("wb") as out:
        np.savez(out, mark=np.array(mark), ids=np.array(made.ids or [""]), vectors=made.vectors)
    return made
