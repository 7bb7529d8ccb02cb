"""What any text writer offers to the drafting room: scores and proposals, never finished text."""

from collections.abc import Sequence
from typing import Protocol

# What `Writer.columns` names: see `weeklyai.lm.score`.
COLUMNS = (
    "headline after it",
    "it after the headline",
    "it as the blurb",
    "it as the blurb, text known",
)


class Writer(Protocol):
    """A language model behind plain text."""

    model_id: str

    def continuation(self, context: str, texts: Sequence[str]) -> list[float]:
        """Return for each of `texts` its mean log-probability per byte, in nats, as the blurb of the body `context`."""

    def columns(self, title: str, body: str, sentences: Sequence[str]) -> dict[str, list[float]]:
        """Return what the model makes of each sentence of a text, by column, in nats per token."""

    def headline(self, title: str, texts: Sequence[str]) -> list[float]:
        """Return for each of `texts` the log-probability of the headline behind it, in nats per token."""

    def stops(self, sentences: Sequence[str]) -> list[float]:
        """Return for each of `sentences` the log-probability of its last mark, in nats."""

    def rewrites(self, wanted: Sequence[tuple[str, str, int]], count: int) -> list[list[str]]:
        """Return `count` sampled rewrites for each of `wanted`: title, sentence, seed."""


class NoWriter:
    """No model: every score is equal and nothing is proposed, so only extraction is left."""

    model_id = ""

    def continuation(self, context: str, texts: Sequence[str]) -> list[float]:
        """Return a zero for each text."""
        del context
        return [0.0] * len(texts)

    def columns(self, title: str, body: str, sentences: Sequence[str]) -> dict[str, list[float]]:
        """Return no column."""
        del title, body, sentences
        return {}

    def headline(self, title: str, texts: Sequence[str]) -> list[float]:
        """Return a zero for each text."""
        del title
        return [0.0] * len(texts)

    def stops(self, sentences: Sequence[str]) -> list[float]:
        """Return a zero for each sentence."""
        return [0.0] * len(sentences)

    def rewrites(self, wanted: Sequence[tuple[str, str, int]], count: int) -> list[list[str]]:
        """Return nothing for each."""
        del count
        return [[] for _ in wanted]
