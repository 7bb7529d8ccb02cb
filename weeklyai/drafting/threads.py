"""How passages go together: alike enough for one paragraph, too alike to say both, or at odds."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from weeklyai.drafting.passages import Passage

SAME, SAME_WEIGHT = (
    0.58,
    0.5,
)  # share of the smaller passage's stems, or of their weight, that the other one holds
EVERYWHERE = 0.3  # share of passages; what so many say ("large language models") makes no two alike
AT_ODDS = 0.34  # of the same, with an opposite: it denies the other one
_OPPOSITES = (
    ("improv|enhanc|boost", "degrad|worsen|hurt|harm"),
    ("increas|rais", "reduc|decreas|lower"),
    ("outperform|surpass|exceed", "underperform|lag"),
    ("cheap|afford|inexpens", "expens|cost"),
    ("fast|quick", "slow"),
    ("simpl|easi|easy", "complex|difficult|hard"),
    ("reliabl|robust|stabl|safe", "unreli|brittl|unstabl|instab|unsaf|vulner"),
)
_NOT = re.compile(
    r"\b(?:not|no|never|cannot|neither|nor|without|hardly|n['’]t)\b|n['’]t\b", re.IGNORECASE
)


class Likeness:
    """Likeness of passages by their content, a rare stem counting for more.

    Args:
        passages: all that were gathered; they say what is rare.
        strict: what nearly all say ("large language models") counts, too, when two are held to say the same.
    """

    def __init__(self, passages: Sequence[Passage], *, strict: bool = True) -> None:
        counts = Counter(stem for one in passages for stem in one.stems)
        total = max(1, len(passages))
        self.weights = {stem: math.log(1 + total / n) for stem, n in counts.items()}
        self.default = math.log(1 + total)
        often = {stem for stem, n in counts.items() if n > max(2, EVERYWHERE * total)}
        self.everywhere = frozenset() if strict else frozenset(often)

    def of(self, a: Iterable[str], b: Iterable[str]) -> float:
        """Return the weighted cosine of two sets of stems, 0 to 1."""
        left, right = set(a), set(b)
        norm = math.sqrt(self._square(left) * self._square(right))
        return self._square(left & right) / norm if norm else 0.0

    def same(self, a: frozenset[str], b: frozenset[str]) -> bool:
        """Say whether two passages say the same: much of the smaller one's content, or of its rare content, is in the other."""
        weight = self._square(a & b) / max(1e-9, min(self._square(a), self._square(b)))
        return weight >= SAME_WEIGHT or shared(a - self.everywhere, b - self.everywhere) >= SAME

    def _square(self, stems: AbstractSet[str]) -> float:
        return sum(self.weights.get(stem, self.default) ** 2 for stem in stems)


def shared(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the share of the smaller set that the other one holds."""
    return len(a & b) / max(1, min(len(a), len(b)))


def at_odds(a: Passage, b: Passage) -> bool:
    """Say whether two passages speak of the same things, one with a word that says the opposite.

    Word rules that see "improves" beside "degrades" and a "not" that only one of them has; they do not understand.
    """
    if shared(a.stems, b.stems) < AT_ODDS:
        return False
    if bool(_NOT.search(a.text)) != bool(_NOT.search(b.text)):
        return True
    return any(
        _any(good, one) and not _any(bad, one) and _any(bad, two) and not _any(good, two)
        for good, bad in _OPPOSITES
        for one, two in ((a.stems, b.stems), (b.stems, a.stems))
    )


def _any(starts: str, stems: frozenset[str]) -> bool:
    return any(stem.startswith(tuple(starts.split("|"))) for stem in stems)
