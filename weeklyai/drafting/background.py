"""How usual a word is: shares of content stems over many documents."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from weeklyai import text
from weeklyai.records import FeedItem

MIX = 0.3  # weight of a sentence's own words against the background
_MOST_CHARS = 5_000  # of an item that are counted


class Background:
    """Unigram shares of content stems over many documents."""

    def __init__(self, counts: Counter[str]) -> None:
        self.counts, self.total = counts, counts.total()

    @classmethod
    def of(cls, items: Iterable[FeedItem], most: int = 5_000) -> "Background":
        """Count the newest `most` of `items`."""
        newest = sorted(items, key=lambda item: (item.published, item.id))[-most:]
        counts: Counter[str] = Counter()
        for item in newest:
            counts.update(_stems(item))
        return cls(counts)

    def elsewhere(self, item: FeedItem) -> Counter[str]:
        """Return how often other texts than `item`, which was counted, hold each of its stems."""
        own = Counter(_stems(item))
        return Counter({stem: self.counts[stem] - count for stem, count in own.items()})

    def share(self, stem: str) -> float:
        """Return the add-one share of a stem."""
        return (self.counts[stem] + 1) / (self.total + len(self.counts) + 1)

    def headline_gain(self, title: Iterable[str], sentence: Sequence[str]) -> float:
        """Return the pointwise mutual information of the stems of a headline with those of a sentence, in nats."""
        own, size = Counter(sentence), max(1, len(sentence))
        return sum(
            math.log((1 - MIX) + MIX * own[stem] / size / self.share(stem)) for stem in title
        )


def _stems(item: FeedItem) -> list[str]:
    return text.content_stems(f"{item.title} {item.text[:_MOST_CHARS]}")
