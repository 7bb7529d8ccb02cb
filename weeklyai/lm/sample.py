"""Generation and scoring with the key-value cache."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from weeklyai.lm.evaluate import token_nats
from weeklyai.lm.model import GPT, Cache


@contextmanager
def one_thread() -> Iterator[None]:
    """Decode with one thread: the matrices of single steps are so small that a second thread only waits at barriers."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@torch.no_grad()
@one_thread()
def generate(  # noqa: PLR0913 -- the usual dials of sampling
    model: GPT,
    prompt: Sequence[int],
    *,
    count: int,
    max_new: int,
    stop: Collection[int],
    generator: torch.Generator,
    temperature: float = 0.7,
    top_p: float = 0.9,
) -> list[list[int]]:
    """Return `count` continuations of `prompt`, each up to and without its first `stop` token.

    All are drawn in one batch that shares the prompt's cache; the same generator state gives the same tokens.
    Nucleus sampling as in Holtzman et al. (2020).

    Raises:
        ValueError: `prompt` is empty, or it and `max_new` do not fit the context.
    """
    if not prompt or len(prompt) + max_new > model.config.context:
        raise ValueError(
            f"a prompt of {len(prompt)} and {max_new} new tokens do not fit the context"
        )
    model.eval()
    device = model.embedding.weight.device
    first = Cache(model.config, 1, len(prompt) + max_new, device)
    logits = model(torch.tensor([list(prompt)], device=device), first)[:, -1]
    cache = first.expand(count)
    logits = logits.expand(count, -1)
    rows: list[list[int]] = [[] for _ in range(count)]
    done = [False] * count
    for _ in range(max_new):
        chosen = pick(logits, temperature, top_p, generator)
        for row, token in enumerate(chosen.tolist()):
            done[row] = done[row] or token in stop
            if not done[row]:
                rows[row].append(token)
        if all(done):
            break
        logits = model(chosen[:, None], cache)[:, -1]
    return rows


def pick(logits: Tensor, temperature: float, top_p: float, generator: torch.Generator) -> Tensor:
    """Draw one token a row, int64 (B,), from the smallest set that holds `top_p` of the mass of `logits` (B, V)."""
    if temperature <= 0:
        return logits.argmax(dim=-1)
    shares, tokens = (logits / temperature).softmax(dim=-1).sort(dim=-1, descending=True)
    shares = shares.where(shares.cumsum(dim=-1) - shares < top_p, 0.0)
    drawn = torch.multinomial(shares.to(generator.device), 1, generator=generator)
    return tokens.gather(1, drawn.to(tokens.device)).squeeze(1)


def log_probs(
    model: GPT, prefixes: Sequence[Sequence[int]], tails: Sequence[Sequence[int]]
) -> list[float]:
    """Return the log-probability in nats of each of `tails` after its own prefix.

    A prefix too long for the context loses tokens from its middle: both its opening control token and the words
    nearest the tail stay.
    """
    size = model.config.context
    rows = []
    for prefix, tail in zip(prefixes, tails, strict=True):
        room = max(2, size + 1 - len(tail))
        kept = list(prefix)
        if len(kept) > room:
            kept = [*kept[: room // 2], *kept[len(kept) - (room - room // 2) :]]
        rows.append(np.array([*kept, *tail][: size + 1], dtype=np.int32))
    model.eval()
    nats = token_nats(model, rows)
    return [
        -float(row[max(0, len(row) - len(tail)) :].sum())
        for row, tail in zip(nats, tails, strict=True)
    ]
