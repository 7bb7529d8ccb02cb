"""Whoever wants to see a build go on."""

from dataclasses import dataclass
from typing import Protocol

from weeklyai.feeds.health import FeedHealth


@dataclass(frozen=True, slots=True)
class Training:
    """Where a training run stands after a step.

    Attributes:
        share: of the run, 0 ... 1.
        tokens: training tokens seen.
        loss: of the step, in nats per token.
        rate: tokens a second.
        held_out: bits per byte at the last measure.
        ceiling: share of the machine's fastest matrix product that training reaches; None where that is not known.
        left: seconds to the end; None where that is not known.
    """

    share: float
    tokens: int
    loss: float
    rate: float
    held_out: float
    ceiling: float | None = None
    left: float | None = None


class Watcher(Protocol):
    """Whoever wants to see a build go on: the command line, a test, nobody."""

    def stage(self, name: str) -> None:
        """A stage begins ("fetch", "train", "draft", "publish")."""

    def note(self, sentence: str) -> None:
        """Something a person should read."""

    def feed(self, done: int, total: int, health: FeedHealth) -> None:
        """One more feed is done."""

    def training(self, step: Training) -> None:
        """One more training step is done."""


class Nobody:
    """A watcher that looks away."""

    def stage(self, name: str) -> None:
        """Ignore it."""

    def note(self, sentence: str) -> None:
        """Ignore it."""

    def feed(self, done: int, total: int, health: FeedHealth) -> None:
        """Ignore it."""

    def training(self, step: Training) -> None:
        """Ignore it."""
