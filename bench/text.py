"""Plain text for the training benchmarks: documents of a folder of JSON lines, a tokenizer of 8,192 types, two arrays.

Every arm of a benchmark reads the same tokens, so bits per byte compare models and training, not tokenizers.
"""

import gzip
import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from weeklyai.lm.tokenizer import Tokenizer

HELD_OUT_BYTES = 1_000_000
TRAINING_BYTES = 80_000_000
MEASURED = 100_000  # held-out tokens that a measure reads
VOCABULARY = 8192


@dataclass(frozen=True)
class Text:
    """Training and held-out tokens, int32 of one axis, and how many bytes a held-out token stands for."""

    training: Tensor
    held_out: Tensor
    bytes_per_token: float


def documents(folder: Path) -> Iterator[str]:
    """Yield title and text of each record of *.jsonl and *.jsonl.gz in `folder` that has both."""
    for path in sorted([*folder.glob("*.jsonl"), *folder.glob("*.jsonl.gz")]):
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            for line in file:
                record = json.loads(line)
                if record.get("title") and record.get("text"):
                    yield f"{record['title']}\n{record['text'][:12_000]}"


def read(folder: Path, cache: Path) -> Text:
    """Return the text of `folder`, a random 1 MB of documents held out; the tokens are kept in `cache`."""
    if not (cache / "bytes.json").exists():
        _prepare(list(documents(folder)), cache)
    held_out = torch.from_numpy(np.load(cache / "held_out.npy"))
    num_bytes = json.loads((cache / "bytes.json").read_text())
    training = torch.from_numpy(np.load(cache / "training.npy"))
    return Text(training, held_out, num_bytes / len(held_out))


def _prepare(texts: list[str], cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    random.Random(7).shuffle(texts)  # noqa: S311 -- an order, not a secret
    held_out, training = _take(texts, HELD_OUT_BYTES), _take(texts, TRAINING_BYTES)
    tokenizer = Tokenizer.train(training[:8000], VOCABULARY)
    for name, part in (("held_out", held_out), ("training", training)):
        ids: list[int] = []
        for document in part:
            ids += [
                tokenizer.control["body"],
                *tokenizer.encode(document),
                tokenizer.control["end"],
            ]
        np.save(cache / f"{name}.npy", np.array(ids, dtype=np.int32))
    size = sum(len(document.encode()) for document in held_out)
    (cache / "bytes.json").write_text(json.dumps(size))


def _take(texts: list[str], size: int) -> list[str]:
    taken: list[str] = []
    while texts and size > 0:
        taken.append(texts.pop())
        size -= len(taken[-1].encode())
    return taken


def windows(text: Text, rows: int, context: int, generator: np.random.Generator) -> Tensor:
    """Return random windows of the training text, int64 (rows, context + 1)."""
    starts = generator.integers(0, len(text.training) - context - 1, rows)
    return torch.stack([text.training[s : s + context + 1] for s in starts]).long()


@torch.no_grad()
def bits_per_byte(logits_of, text: Text, context: int, vocabulary: int) -> float:  # type: ignore[no-untyped-def]
    """Return held-out bits per byte of `logits_of` (tokens (B, T) -> logits (B, T, V)) at its own context."""
    rows = text.held_out[: MEASURED // context * context + 1].long()
    x, y = rows[:-1].view(-1, context), rows[1:].view(-1, context)
    total = 0.0
    for at in range(0, len(x), 16):
        logits = logits_of(x[at : at + 16]).float().reshape(-1, vocabulary)
        total += torch.nn.functional.cross_entropy(
            logits, y[at : at + 16].flatten(), reduction="sum"
        ).item()
    return total / y.numel() / math.log(2) / text.bytes_per_token
