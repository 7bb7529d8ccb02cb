"""What is measured of a model while it trains: held-out bits per byte by week and by source, and a sample to read."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from weeklyai.lm.batches import encode
from weeklyai.lm.corpus import Document
from weeklyai.lm.evaluate import by_source, by_week, token_nats
from weeklyai.lm.model import GPT
from weeklyai.lm.sample import generate
from weeklyai.lm.tokenizer import Tokenizer

_SAMPLE = 60  # tokens
_TITLE = 40  # tokens of the headline that a sample begins with


@dataclass(frozen=True, slots=True)
class Measured:
    """Bits per byte by ISO week and for "all", by source, and a text that the model wrote."""

    by_week: dict[str, float]
    by_source: dict[str, float]
    sample: str


class Meter:
    """Measures one model again and again on the same documents, and has it write about the same headline."""

    def __init__(self, tokenizer: Tokenizer, documents: Sequence[Document], seed: int) -> None:
        self.tokenizer, self.documents, self.seed = tokenizer, documents, seed
        self._rows = [encode(document, tokenizer) for document in documents]

    def __call__(self, model: GPT) -> Measured:
        """Measure `model`, which is left in its evaluation mode."""
        model.eval()
        nats = [float(row.sum()) for row in token_nats(model, self._rows)]
        weeks = by_week(nats, self.documents)
        sample = self._sample(model) if math.isfinite(weeks["all"]) else ""
        return Measured(weeks, by_source(nats, self.documents), sample)

    def bits_per_byte(self, model: GPT) -> float:
        """Return the bits per byte of `model` over all documents, and leave it in its evaluation mode."""
        model.eval()
        return by_week([float(row.sum()) for row in token_nats(model, self._rows)], self.documents)["all"]  # fmt: skip

    def _sample(self, model: GPT) -> str:
        """Return what `model` writes under the headline of the first document."""
        control = self.tokenizer.control
        title = self.tokenizer.encode(dict(self.documents[0].segments).get("title", ""))
        room = model.config.context - 2
        count = min(_SAMPLE, room // 2)
        prompt = [control["title"], *title[: min(_TITLE, room - count)], control["body"]]
        generator = torch.Generator().manual_seed(self.seed)
        (row,) = generate(
            model, prompt, count=1, max_new=count, stop=(control["end"],), generator=generator
        )
        return self.tokenizer.decode(row).replace("\ufffd", "").strip()


def mix(documents: Sequence[Document], lengths: Sequence[int]) -> list[dict[str, Any]]:
    """Return documents and tokens by source, largest first, from the tokens of each document."""
    count: Counter[str] = Counter()
    tokens: Counter[str] = Counter()
    for document, length in zip(documents, lengths, strict=True):
        count[document.source] += 1
        tokens[document.source] += length
    return [
        {"source": name, "documents": count[name], "tokens": total}
        for name, total in tokens.most_common()
    ]
