"""Whoever wants to see a build go on."""

from typing import Protocol

from weeklyai.feeds.health import FeedHealth


class Watcher(Protocol):
    """Whoever wants to see a build go on: the command line, a test, nobody."""

    def stage(self, name: str) -> None:
        """A stage begins ("fetch", "train", "draft", "publish")."""

    def note(self, sentence: str) -> None:
        """Something a person should read."""

    def feed(self, done: int, total: int, health: FeedHealth) -> None:
        """One more feed is done."""

    def training(
        self, share: float, tokens: int, loss: float, rate: float, held_out: float
    ) -> None:
        """One more training step is done."""


class Nobody:
    """A watcher that looks away."""

    def stage(self, name: str) -> None:
        """Ignore it."""

    def note(self, sentence: str) -> None:
        """Ignore it."""

    def feed(self, done: int, total: int, health: FeedHealth) -> None:
        """Ignore it."""

    def training(
        self, share: float, tokens: int, loss: float, rate: float, held_out: float
    ) -> None:
        """Ignore it."""
