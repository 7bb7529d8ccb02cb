"""Whether a take tells the news that its headline promises, as a model sees it: is the headline likelier behind the take?

A text's opening is often background, and words in common with the headline do not show it: on 53 takes that a stranger judged,
those words told clean from unclean with AUC 0.59, the model's gain with 0.66 (0.72 without faults of form). How much a model
gains at best depends on the model, so it is measured against the sources themselves.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from weeklyai.drafting.writer import Writer
from weeklyai.records import FeedItem

SOURCES, OPENING = 16, 150  # sources that a model is tried on, and words of each
SHARE = 0.7  # of what a source's opening usually tells the model about its headline, a take has to tell
ABLE = 0.5  # nats a headline token that a model gains from the sources: below, it cannot judge


@dataclass(frozen=True, slots=True)
class Telling:
    """A model as a judge of takes; `least` is the gain that it wants, in nats a headline token, or None where it cannot judge."""

    writer: Writer
    least: float | None

    @classmethod
    def of(cls, writer: Writer, items: Sequence[FeedItem]) -> "Telling":
        """Try the model on the first of `items`."""
        openings = [(item.title, " ".join(item.text.split()[:OPENING])) for item in items[:SOURCES]]
        if not writer.model_id or not openings:
            return cls(writer, None)
        usual = statistics.median(_gains(writer, title, [one])[0] for title, one in openings)
        return cls(writer, SHARE * usual if usual >= ABLE else None)

    def tells(self, title: str, takes: Sequence[str]) -> list[bool]:
        """Say of each take whether it tells what the headline says; yes where the model cannot judge."""
        if self.least is None or not takes:
            return [True] * len(takes)
        return [gain >= self.least for gain in _gains(self.writer, title, takes)]


def _gains(writer: Writer, title: str, texts: Sequence[str]) -> list[float]:
    """Return how much likelier the headline is behind each of `texts` than behind nothing, in nats a token."""
    nothing, *found = writer.headline(title, [".", *texts])
    return [one - nothing for one in found]
