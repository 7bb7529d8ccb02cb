"""Which sentences of a text a person would sum it up by: two rows of weights over the columns of `features`.

Ridge regressions learned from pairs of article and human summary (`bench/selector.py` makes `selector.json`, the same
bytes from the same corpus). The first weighs a sentence alone, the second a sentence beside those that are chosen; where
a language model is there, its columns are weighed beside the counted ones (`bench/scorer.py`). A weight times a column,
less the text's own mean of it, is that column's say, and the reasons are the columns with the largest say.
"""

import copy
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from weeklyai import files
from weeklyai.drafting import features
from weeklyai.drafting.background import Background
from weeklyai.drafting.features import Array, Columns, Document
from weeklyai.drafting.reasons import plainly
from weeklyai.drafting.writer import NoWriter, Writer

PATH = Path(__file__).with_name("selector.json")
MAX_READ = 40  # sentences of a text that are looked at
ASKED = 12  # of them a model is asked about
SAME = 1e-9  # a spread below this is none


@dataclass(frozen=True, slots=True)
class Weights:
    """By column name: of a sentence alone (`first`), and of one beside chosen ones (`second`)."""

    first: dict[str, float]
    second: dict[str, float]


@functools.cache
def shipped(*, model: bool = False) -> Weights:
    """Return the weights of the package; with `model` those that weigh a model's columns too."""
    found = files.read_json(PATH)["with a model" if model else "without a model"]
    return Weights(found["first"], found["second"])


class Scorer:
    """The scores of one text's sentences.

    Args:
        title: the headline.
        body: the text.
        background: how usual words are.
        weights: None for those of the package that fit the writer.
        writer: whose columns stand beside the counted ones, for the `ASKED` sentences that are best without it.
        among: places of the sentences that may be chosen; None for all.
    """

    def __init__(
        self,
        title: str,
        body: str,
        background: Background,
        weights: Weights | None = None,
        writer: Writer | None = None,
        among: Sequence[int] | None = None,
    ) -> None:
        self.document = Document.of(title, body, background, MAX_READ)
        sentences = self.document.sentences
        self.columns = features.table(self.document, background) if sentences else {}
        places = best(self.columns, range(len(sentences)) if among is None else among)
        found = (writer or NoWriter()).columns(title, body, [sentences[n] for n in places])
        liked = modelled(found, places, len(sentences))
        self.columns |= liked
        self.weights = weights or shipped(model=bool(liked))
        self.alone = weighed(self.columns, self.weights.first, len(sentences))

    def using(self, weights: Weights) -> "Scorer":
        """Return a scorer of the same text with other weights."""
        found = copy.copy(self)
        found.weights = weights
        found.alone = weighed(self.columns, weights.first, len(self.document.sentences))
        return found

    def beside(self, chosen: Sequence[int]) -> Array:
        """Return the score of each sentence beside those `chosen`, given by their places."""
        columns = self.columns | beside(self.document, chosen, self.alone)
        return weighed(columns, self.weights.second, len(self.document.sentences))

    def reasons(self, index: int, most: int = 3) -> str:
        """Return what speaks for sentence `index`, best first: what brings most ROUGE beyond the mean of the text."""
        said = {
            name: weight * float(self.columns[name][index] - self.columns[name].mean())
            for name, weight in self.weights.first.items()
        }
        return plainly(said, most)


def best(columns: Columns, among: Sequence[int]) -> list[int]:
    """Return the places of the `ASKED` sentences that a model is asked about, in order: those that may well be chosen."""
    if not among:
        return []
    alone = weighed(columns, shipped().first, len(next(iter(columns.values()))))
    return sorted(sorted(among, key=lambda n: (-alone[n], n))[:ASKED])


def modelled(columns: Mapping[str, Sequence[float]], places: Sequence[int], size: int) -> Columns:
    """Return a model's columns for the sentences at `places` of `size`, the others at their mean, 0.

    They are in units of their own spread, because models differ in how sure they are of anything.
    """
    found = {f"model: {name}": np.zeros(size) for name in columns}
    for name, values in columns.items():
        found[f"model: {name}"][list(places)] = standardised(np.array(values))
    return found


def standardised(values: Array) -> Array:
    """Return `values` with mean 0 and standard deviation 1, all 0 where they are equal."""
    spread = float(values.std())
    found: Array = (values - values.mean()) / spread if spread > SAME else np.zeros(len(values))
    return found


def weighed(columns: Columns, weights: dict[str, float], size: int) -> Array:
    """Return the weighted sum of the columns, less its mean: only differences within a text mean anything."""
    total = np.zeros(size)
    for name, weight in weights.items():
        total += weight * columns[name] if columns else 0.0
    return total - total.mean() if size else total


def beside(document: Document, chosen: Sequence[int], alone: Array) -> Columns:
    """Return the columns of each sentence beside the `chosen` ones: what it adds, and how far off it stands."""
    at = np.array(sorted(chosen))
    held = {stem for n in chosen for stem in document.stems[n]}
    title = set(features.headline_stems(document.title))
    n = len(document.sentences)
    index, sizes = np.arange(n), [max(1, len(own)) for own in document.stems]
    fresh = [set(own) - held for own in document.stems]
    gap = index[:, None] - at[None, :]
    cosine = document.vectors @ document.vectors[at].T
    spread = float(alone.std()) or 1.0
    return {
        "likeness to the chosen": cosine.max(axis=1),
        "new words": np.array([float(len(own)) for own in fresh]),
        "share of new words": np.array([len(own) for own in fresh]) / np.array(sizes),
        "new words of the headline": np.array([float(len(own & title)) for own in fresh]),
        "share of the headline, together": np.array([len(title & (held | own)) for own in fresh]) / max(1, len(title)),
        "right behind a chosen one": (gap == 1).any(axis=1).astype(float),
        "right before a chosen one": (gap == -1).any(axis=1).astype(float),
        "before all chosen ones": (gap < 0).all(axis=1).astype(float),
        "distance": np.minimum(np.abs(gap).min(axis=1), 15).astype(float),
        "own score": alone / spread,
    }  # fmt: skip
