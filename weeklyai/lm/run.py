"""The record of a training run: what it was to do, where it stands, and the figures that it left."""

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Run:
    """Where a training run stands; the JSON part of a checkpoint.

    Attributes:
        plan: the run's plan as JSON.
        corpus: hash of its corpus.
        tokenizer: hash of its tokenizer.
        threads: torch threads; sums may differ in the last bit with another number.
        vocabulary: token types.
        parameters: weights of the model.
        parent: id of the model whose weights it began with, or "".
        replayed: id of the run whose schedule it repeats, or "".
        until: newest ISO week that it trained on whole.
        border: moment from which on it has read nothing, ISO 8601.
        step: steps done.
        tokens: training tokens seen.
        seconds: spent, over all sittings, with everything from the tokenizer on.
        progress: 0 ... 1.
        averaged: share of the way from the parent's weights to its own where its weights lie; 1 for a run without a parent.
        peak: factor on the peak rates; halved each time the loss was lost.
        recoveries: how often that was.
        finished: the rate has been lowered to its end.
        curve: [tokens, seconds, mean training loss in nats per token since the last point].
        held_out: [tokens, seconds, held-out bits per byte over all weeks].
        by_week: held-out bits per byte by ISO week, and "all", at the last measure.
        by_source: at each measure {"tokens", "sources": {name: held-out bits per byte}}.
        samples: at each measure {"tokens", "text"}: what the model wrote under always the same headline.
        mix: training text by source, {"source", "documents", "tokens"}.
        machine: what it ran on.
        expected: what its plan promised.
        costs: seconds of training, measuring and saving.
        events: what happened on the way, a sentence each.
        leaks: 13-grams that training and held-out text share.
        copies: the longest runs that samples share with the corpus.
        weights: SHA-256 of the weights file.
        optimizer: SHA-256 of the optimiser file.
        schedule: SHA-256 of the schedule file.
    """

    plan: dict[str, Any]
    corpus: str
    tokenizer: str = ""
    threads: int = 0
    vocabulary: int = 0
    parameters: int = 0
    parent: str = ""
    replayed: str = ""
    until: str = ""
    border: str = ""
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    progress: float = 0.0
    averaged: float = 1.0
    peak: float = 1.0
    recoveries: int = 0
    finished: bool = False
    curve: list[list[float]] = field(default_factory=list)
    held_out: list[list[float]] = field(default_factory=list)
    by_week: dict[str, float] = field(default_factory=dict)
    by_source: list[dict[str, Any]] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)
    mix: list[dict[str, Any]] = field(default_factory=list)
    machine: dict[str, Any] = field(default_factory=dict)
    expected: dict[str, float] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    leaks: dict[str, Any] = field(default_factory=dict)
    copies: dict[str, Any] = field(default_factory=dict)
    weights: str = ""
    optimizer: str = ""
    schedule: str = ""

    def same_task(self, other: "Run") -> bool:
        """Whether both were to do the same, so that one may go on where the other stands."""
        names = ("plan", "corpus", "parent", "replayed")
        return all(getattr(self, name) == getattr(other, name) for name in names)

    def intention(self) -> str:
        """Return in a sentence what is to be trained, and what is expected of it."""
        plan, expected = self.plan, self.expected
        layers = f"{plan['layers']} layer{'s' * (plan['layers'] > 1)}"
        shape = plan.get("base") or f"{layers} of width {plan['width']}"
        parts = [
            f"plan: {shape}, {self.parameters:,} weights, context {plan['context']}, {self.vocabulary:,} token types",
            f"going on from {self.parent}" if self.parent else "",
            f"about {expected['tokens']:,.0f} tokens in {expected['seconds']:,.0f} s" if expected else "",
            f"{expected['bits_per_byte']:.2f} bits per byte expected" if "bits_per_byte" in expected else "",
        ]  # fmt: skip
        return "; ".join(filter(None, parts))

    def ground(self) -> str:
        """Return in a sentence what it runs on; "" where that was not measured."""
        about = self.machine
        if not about:
            return ""
        return (
            f"machine: {about['device']} {about['name']}, {about['threads']} threads, "
            f"{about['gflops']:,.0f} GFLOP/s; {about['dtype']}: {about['why']}"
        )

    @property
    def stopped_early(self) -> bool:
        """A run in seconds that ended because it had read its corpus often enough."""
        return (
            self.finished
            and not self.plan["tokens"]
            and self.seconds < 0.9 * float(self.plan["seconds"])
        )

    @property
    def model_id(self) -> str:
        """12 hex digits that name these weights with this tokenizer."""
        return hashlib.sha256(f"{self.weights}{self.tokenizer}".encode()).hexdigest()[:12]

    def as_json(self) -> dict[str, Any]:
        """Return the run as JSON values."""
        return asdict(self)
