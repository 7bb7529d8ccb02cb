"""ROUGE-N and ROUGE-L F1 (Lin 2004) on stemmed words, and the paired bootstrap that says whether a difference is one."""

import random
from collections import Counter
from collections.abc import Sequence

from weeklyai import text


def rouge(draft: str, reference: str, n: int) -> float:
    """Return the F1, in percent, of the word n-grams that `draft` and `reference` share."""
    own, wanted = _ngrams(draft, n), _ngrams(reference, n)
    shared = (own & wanted).total()
    return 200 * shared / (own.total() + wanted.total()) if shared else 0.0


def rouge_l(draft: str, reference: str) -> float:
    """Return the F1, in percent, of the longest row of words that both hold in this order, gaps allowed."""
    own, wanted = ([text.stem(word) for word in text.words(one)] for one in (draft, reference))
    longest = [0] * (len(wanted) + 1)
    for word in own:
        before = 0
        for at, other in enumerate(wanted, start=1):
            above = longest[at]
            longest[at] = before + 1 if word == other else max(above, longest[at - 1])
            before = above
    return 200 * longest[-1] / (len(own) + len(wanted)) if longest[-1] else 0.0


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
