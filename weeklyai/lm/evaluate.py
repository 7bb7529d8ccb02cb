"""Held-out bits per byte: how many bits a model needs for each byte of text it never trained on.

The figure does not depend on the vocabulary, so models, runs and plain compressors can be laid side by side.
"""

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
MOST_SOURCES = 8  # told apart
_ROWS = 16
_LOGITS = 1 << 26  # numbers held at once: 256 MB


def within_limit(documents: Sequence[Document], most: int = MAX_BYTES) -> list[Document]:
    """Return documents of all weeks, evenly picked from `documents`, that together hold about `most` bytes.

    They are picked by twos, so that an item's two layouts stay together.
    """
    total = sum(document.num_bytes for document in documents)
    step = max(1, -(-total // most))
    ordered = sorted(documents, key=lambda document: document.week)
    return [document for n, document in enumerate(ordered) if n // 2 % step == 0]


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
    most = max(1, min(_ROWS, _LOGITS // (size * model.config.vocabulary)))
    for at in range(0, len(order), most):
        chosen = order[at : at + most]
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
    found = _by([str(document.week) for document in documents], nats, documents)
    return {**dict(sorted(found.items())), **_by(["all"] * len(documents), nats, documents)}


def by_source(
    nats: Sequence[float], documents: Sequence[Document], most: int = MOST_SOURCES
) -> dict[str, float]:
    """Return bits per byte for each of the `most` publishers with the most text and for "other"."""
    sizes: Counter[str] = Counter()
    for document in documents:
        sizes[document.source] += document.num_bytes
    largest = {source for source, _ in sizes.most_common(most)}
    names = [one.source if one.source in largest else "other" for one in documents]
    return _by(names, nats, documents)


def _by(
    names: Sequence[str], nats: Sequence[float], documents: Sequence[Document]
) -> dict[str, float]:
    cost: dict[str, float] = defaultdict(float)
    size: dict[str, int] = defaultdict(int)
    for name, value, document in zip(names, nats, documents, strict=True):
        cost[name] += value / math.log(2)
        size[name] += document.num_bytes
    return {name: round(cost[name] / max(1, size[name]), 4) for name in cost}


def bits_per_byte(
    model: GPT, tokenizer: Tokenizer, documents: Sequence[Document]
) -> dict[str, float]:
    """Return the model's bits per byte by week and over all; the cost of control tokens counts, their bytes do not."""
    model.eval()
    rows = [encode(document, tokenizer) for document in documents]
    return by_week([float(nats.sum()) for nats in token_nats(model, rows)], documents)
