"""Copies: the longest runs of words that samples of the model share with the training text, word for word.

A small model that has seen a text often enough recites it. Runs of a few words are the language's own; the report is for
a person to judge which are more than that. Every run of at least `SHORTEST` words is found: its rows of that many
words stand in both texts one after the other.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from weeklyai.lm.grams import Index, cut_out

SHORTEST = 4  # words; a shorter run counts as none
MOST_WORDS = 30  # of a run that are shown


@dataclass(frozen=True, slots=True)
class Copy:
    """The longest run of one sample.

    Attributes:
        sample: index of the sample.
        words: length of the run, 0 where there is none of `SHORTEST` words.
        text: the run as the training text writes it, its first `MOST_WORDS` words.
        source: name of the training text that it stands in; the earliest, where several are as long.
    """

    sample: int
    words: int = 0
    text: str = ""
    source: str = ""


def longest(samples: Sequence[str], training: Sequence[tuple[str, str]]) -> list[Copy]:
    """Return the longest run of each of `samples`.

    Args:
        samples: what the model wrote, without its prompts.
        training: name and text of each training text.
    """
    index = Index(samples, SHORTEST)
    best = [(0, 0, 0)] * len(samples)  # words, minus the number of the training text, place there
    for ours, theirs in index.found_in(text for _, text in training):
        sample, shift = index.rows.texts[ours], theirs.places - index.rows.places[ours]
        order = np.lexsort((theirs.places, shift, theirs.texts, sample))  # rows of one run in a row
        line = np.stack((sample, theirs.texts, shift))[:, order]
        place = theirs.places[order]
        goes_on = (line[:, 1:] == line[:, :-1]).all(axis=0) & (np.diff(place) == 1)
        starts = np.flatnonzero(np.concatenate(([True], ~goes_on))[: len(place)])
        lengths = np.diff(np.append(starts, len(place))) + SHORTEST - 1
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            one, text = int(line[0, start]), int(line[1, start])
            best[one] = max(best[one], (length, -text, int(place[start])))
    return [
        Copy(
            n,
            length,
            cut_out(training[-text][1], place, min(length, MOST_WORDS)),
            training[-text][0],
        )
        if length
        else Copy(n)
        for n, (length, text, place) in enumerate(best)
    ]


def as_json(found: Sequence[Copy]) -> dict[str, Any]:
    """Return the figures as JSON values, the longest run first."""
    lengths = sorted((one.words for one in found), reverse=True)
    return {
        "samples": len(found),
        "longest": lengths[0] if lengths else 0,
        "median": lengths[len(lengths) // 2] if lengths else 0,
        "runs": [asdict(one) for one in sorted(found, key=lambda one: -one.words)],
    }
