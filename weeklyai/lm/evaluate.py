"""Held-out bits per byte: how many bits a model needs for each byte of text it never trained on.

The figure does not depend on the vocabulary, so models, runs and plain compressors can be laid side by side.
"""

import lzma
import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F

from weeklyai.lm.batches import encode
from weeklyai.lm.corpus import Document
from weeklyai.lm.model import GPT
from weeklyai.lm.tokenizer import Tokenizer, Tokens

MAX_BYTES = (
    100_000  # held-out text measured at most during training: about a second each time on two cores
)
_ROWS = 16


def within_limit(documents: Sequence[Document], most: int = MAX_BYTES) -> list[Document]:
    """Return documents of all weeks, evenly picked from `documents`, that together hold about `most` bytes."""
    total = sum(document.num_bytes for document in documents)
    step = max(1, -(-total // most))
    ordered = sorted(documents, key=lambda document: document.week)
    return ordered[::step]


@torch.no_grad()
def token_nats(model: GPT, rows: Sequence[Tokens]) -> list[torch.Tensor]:
    """Return for each token array (n,) the n - 1 negative log-probabilities in nats of its later tokens.

    Arrays longer than the context are read in windows that each begin without a past.
    """
    size = model.config.context
    windows = [
        (n, row[start : start + size + 1])
        for n, row in enumerate(rows)
        for start in range(0, max(1, len(row) - 1), size)
    ]
    found: list[list[torch.Tensor]] = [[] for _ in rows]
    order = sorted(range(len(windows)), key=lambda n: len(windows[n][1]))
    pieces: dict[int, torch.Tensor] = {}
    for at in range(0, len(order), _ROWS):
        chosen = order[at : at + _ROWS]
        longest = max(len(windows[n][1]) for n in chosen)
        batch = torch.zeros(len(chosen), longest, dtype=torch.int64)
        for line, n in enumerate(chosen):
            batch[line, : len(windows[n][1])] = torch.from_numpy(windows[n][1].astype(np.int64))
        batch = batch.to(model.embedding.weight.device)
        logits = model(batch[:, :-1])
        nats = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten(), reduction="none").cpu()
        for line, n in enumerate(chosen):
            pieces[n] = nats.view(len(chosen), -1)[line, : len(windows[n][1]) - 1]
    for n, (row, _) in enumerate(windows):
        found[row].append(pieces[n])
    return [torch.cat(parts) for parts in found]


def by_week(nats: Sequence[float], documents: Sequence[Document]) -> dict[str, float]:
    """Return bits per byte for each ISO week and for "all", from the total nats of each document."""
    cost: dict[str, float] = defaultdict(float)
    size: dict[str, int] = defaultdict(int)
    for value, document in zip(nats, documents, strict=True):
        for key in (str(document.week), "all"):
            cost[key] += value / math.log(2)
            size[key] += document.num_bytes
    return {key: round(cost[key] / max(1, size[key]), 4) for key in sorted(cost)}


def bits_per_byte(
    model: GPT, tokenizer: Tokenizer, documents: Sequence[Document]
) -> dict[str, float]:
    """Return the model's bits per byte by week and over all; the cost of control tokens counts, their bytes do not."""
    model.eval()
    rows = [encode(document, tokenizer) for document in documents]
    return by_week([float(nats.sum()) for nats in token_nats(model, rows)], documents)


def unigram_bits_per_byte(
    training: Sequence[Document], held_out: Sequence[Document], tokenizer: Tokenizer
) -> dict[str, float]:
    """Return bits per byte of token frequencies alone (add-one), the floor any model must beat."""
    counts = Counter(int(t) for document in training for t in encode(document, tokenizer))
    total = counts.total() + tokenizer.size
    costs = [
        sum(math.log(total / (counts[int(t)] + 1)) for t in encode(document, tokenizer)[1:])
        for document in held_out
    ]
    return by_week(costs, held_out)


def lzma_bits_per_byte(training: Sequence[Document], held_out: Sequence[Document]) -> float:
    """Return bits per byte of LZMA on the held-out text after it has read the training text.

    Of each item's two layouts only the one that begins with its title is packed: the other would cost next to nothing.
    """

    def once(documents: Sequence[Document]) -> list[Document]:
        return [document for document in documents if document.segments[0][0] == "title"]

    def packed(documents: Sequence[Document]) -> int:
        text = "\n".join(part for document in documents for _, part in document.segments)
        return len(lzma.compress(text.encode(), preset=9))

    size = sum(document.num_bytes for document in once(held_out))
    extra = packed(once([*training, *held_out])) - packed(once(training))
    return round(8 * extra / max(1, size), 4)
