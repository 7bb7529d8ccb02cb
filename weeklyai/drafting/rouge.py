"""ROUGE-N F1 (Lin 2004) on stemmed words, and the paired bootstrap that says whether a difference is one."""

import random
from collections import Counter
from collections.abc import Sequence

from weeklyai import text


def rouge(draft: str, reference: str, n: int) -> float:
    """Return the F1, in percent, of the word n-grams that `draft` and `reference` share."""
    own, wanted = _ngrams(draft, n), _ngrams(reference, n)
    shared = (own & wanted).total()
    return 200 * shared / (own.total() + wanted.total()) if shared else 0.0


def _ngrams(passage: str, n: int) -> Counter[tuple[str, ...]]:
    stems = [text.stem(word) for word in text.words(passage)]
    return Counter(tuple(stems[at : at + n]) for at in range(len(stems) - n + 1))


def paired_bootstrap(
    ours: Sequence[float], theirs: Sequence[float], rounds: int = 1_000
) -> tuple[float, float, float]:
    """Return the mean difference of paired scores and the ends of its 95 % interval (Efron and Tibshirani 1993)."""
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    if not differences:
        return 0.0, 0.0, 0.0
    chance = random.Random(29)  # noqa: S311 -- resampling, not a secret
    size = len(differences)
    means = sorted(sum(chance.choices(differences, k=size)) / size for _ in range(rounds))
    return sum(differences) / size, means[int(0.025 * rounds)], means[int(0.975 * rounds) - 1]
