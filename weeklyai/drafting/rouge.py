"""ROUGE-N and ROUGE-L F1 (Lin 2004) on stemmed words, and the paired bootstrap that says whether a difference is one."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from weeklyai import text


def rouge(draft: str, reference: str, n: int) -> float:
    """Return the F1, in percent, of the word n-grams that `draft` and `reference` share."""
    return f1(stemmed(draft), stemmed(reference), n)


def f1(own: Sequence[str], wanted: Sequence[str], n: int) -> float:
    """Return `rouge` of stemmed words, for those who compare one text many times."""
    a, b = _ngrams(own, n), _ngrams(wanted, n)
    shared = (a & b).total()
    return 200 * shared / (a.total() + b.total()) if shared else 0.0


def rouge_l(draft: str, reference: str) -> float:
    """Return the F1, in percent, of the longest row of words that both hold in this order, gaps allowed."""
    own, wanted = stemmed(draft), stemmed(reference)
    longest = [0] * (len(wanted) + 1)
    for word in own:
        before = 0
        for at, other in enumerate(wanted, start=1):
            above = longest[at]
            longest[at] = before + 1 if word == other else max(above, longest[at - 1])
            before = above
    return 200 * longest[-1] / (len(own) + len(wanted)) if longest[-1] else 0.0


def stemmed(passage: str) -> list[str]:
    """Return the stems of all words of `passage`."""
    return [text.stem(word) for word in text.words(passage)]


def _ngrams(stems: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(stems[at:] for at in range(n)), strict=False))


def paired_bootstrap(
    ours: Sequence[float], theirs: Sequence[float], rounds: int = 1_000
) -> tuple[float, float, float]:
    """Return the mean difference of paired scores and the ends of its 95 % interval (Efron and Tibshirani 1993)."""
    differences = np.array([a - b for a, b in zip(ours, theirs, strict=True)])
    if not len(differences):
        return 0.0, 0.0, 0.0
    chance = np.random.default_rng(29)
    size = len(differences)
    means = sorted(float(differences[chance.integers(size, size=size)].mean()) for _ in range(rounds))  # fmt: skip
    return float(differences.mean()), means[int(0.025 * rounds)], means[int(0.975 * rounds) - 1]
