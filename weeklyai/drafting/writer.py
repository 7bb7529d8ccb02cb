"""What any text writer offers to the drafting room: scores and proposals, never finished text."""

from collections.abc import Sequence
from typing import Protocol


class Writer(Protocol):
    """A language model behind plain text."""

    model_id: str

    def headline_gain(self, title: str, sentences: Sequence[str]) -> list[float]:
        """Return for each sentence log p(title | sentence) - log p(title), in nats per title token."""

    def continuation(self, context: str, texts: Sequence[str]) -> list[float]:
        """Return for each of `texts` its mean log-probability per byte, in nats, as the blurb of the body `context`."""

    def rewrite(self, title: str, sentence: str, count: int, seed: int) -> list[str]:
        """Return `count` sampled rewrites of one sentence."""


class NoWriter:
    """No model: every score is equal and nothing is proposed, so only extraction is left."""

    model_id = ""

    def headline_gain(self, title: str, sentences: Sequence[str]) -> list[float]:
        """Return a zero for each sentence."""
        del title
        return [0.0] * len(sentences)

    def continuation(self, context: str, texts: Sequence[str]) -> list[float]:
        """Return a zero for each text."""
        del context
        return [0.0] * len(texts)

    def rewrite(self, title: str, sentence: str, count: int, seed: int) -> list[str]:
        """Return nothing."""
        del title, sentence, count, seed
        return []
