"""Generation and scoring with the key-value cache."""

import itertools
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from weeklyai.lm.decode import Decoder
from weeklyai.lm.llama import Llama, LlamaDecoder
from weeklyai.lm.model import GPT, Cache

ROWS = 24  # continuations decoded together: with 40 a token costs as much, and two groups keep two cores busy
FIRST = 128  # likeliest tokens, sorted first; nearly always they hold the nucleus
SCORED = 4_096  # tokens scored together

Floats = npt.NDArray[np.float32]
Tokens = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How continuations are drawn: nucleus sampling as in Holtzman et al. (2020).

    Attributes:
        count: continuations of each prompt.
        max_new: the most tokens of one.
        stop: tokens that end one and do not belong to it.
        temperature: 0 takes the likeliest token.
        top_p: mass of the nucleus.
    """

    count: int
    max_new: int
    stop: Collection[int]
    temperature: float = 0.7
    top_p: float = 0.9


@contextmanager
def one_thread() -> Iterator[int]:
    """Give each torch call one thread, and the number that it had before.

    The matrices of single steps are so small that a second thread would mostly wait at barriers, for ever so long where
    other programs want the cores too.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield before
    finally:
        torch.set_num_threads(before)


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
    """Return `count` continuations of one prompt; the same generator state gives the same tokens.

    Raises:
        ValueError: as `generate_all`.
    """
    seed = int(torch.randint(2**62, (), generator=generator))
    dials = Sampling(count=count, max_new=max_new, stop=stop, temperature=temperature, top_p=top_p)
    (rows,) = generate_all(model, [prompt], [seed], dials)
    return rows


def generate_all(
    model: GPT, prompts: Sequence[Sequence[int]], seeds: Sequence[int], dials: Sampling
) -> list[list[list[int]]]:
    """Return for each of `prompts` its `dials.count` continuations, each up to and without its first stop token.

    Prompts of like length are decoded together, and groups of them side by side, each in a thread of its own. Each prompt
    draws from its own seed, so what else stands in the batch changes nothing but the rounding of its logits.

    Raises:
        ValueError: a prompt is empty, or it and `max_new` do not fit the context.
    """
    for prompt in prompts:
        if not prompt or len(prompt) + dials.max_new > model.config.context:
            raise ValueError(
                f"a prompt of {len(prompt)} and {dials.max_new} new tokens do not fit the context"
            )
    model.eval()
    groups = _groups([len(prompt) for prompt in prompts], dials.count)

    def run(group: list[int]) -> list[list[list[int]]]:
        return _decode(model, [prompts[n] for n in group], [seeds[n] for n in group], dials)

    with one_thread() as threads, ThreadPoolExecutor(threads) as pool:
        found = dict(
            pair
            for group, rows in zip(groups, pool.map(run, groups), strict=True)
            for pair in zip(group, rows, strict=True)
        )
    return [found[n] for n in range(len(prompts))]


def _groups(lengths: Sequence[int], count: int) -> list[list[int]]:
    """Split the indices of `lengths` into even groups of like length, each of about ROWS continuations.

    They do not depend on the machine, or its number of threads could change a draft.
    """
    order = sorted(range(len(lengths)), key=lambda n: (lengths[n], n))
    number = -(-len(order) * count // ROWS)
    cuts = [len(order) * n // max(1, number) for n in range(number + 1)]
    return [order[a:b] for a, b in itertools.pairwise(cuts) if a < b]


@torch.inference_mode()
def _decode(
    model: GPT, prompts: Sequence[Sequence[int]], seeds: Sequence[int], dials: Sampling
) -> list[list[list[int]]]:
    """Return the continuations of one group."""
    S = dials.count
    cache, states = read_prompts(model, prompts)
    chance = np.stack([_chance(seed, S, dials.max_new) for seed in seeds])
    kind = LlamaDecoder if isinstance(model, Llama) else Decoder
    decoder = kind(model, cache, S, dials.max_new)
    logits = F.linear(states, model.embedding.weight).repeat_interleave(S, dim=0)
    rows: list[list[list[int]]] = [[[] for _ in range(S)] for _ in prompts]
    running = {(n, s) for n in range(len(prompts)) for s in range(S)}
    held = np.arange(len(prompts))  # the prompts that the decoder still holds, in its order
    for step in range(dials.max_new):
        numbers = chance[held, :, step].flatten()
        tokens = pick(logits, numbers, dials.temperature, dials.top_p).reshape(-1, S)
        for n, drawn in zip(held.tolist(), tokens.tolist(), strict=True):
            for s, token in enumerate(drawn):
                if token in dials.stop:
                    running.discard((n, s))
                if (n, s) in running:
                    rows[n][s].append(token)
        if not running or step + 1 == dials.max_new:
            break
        wanted = np.isin(held, [n for n, _ in running])
        if wanted.mean() <= 0.75:  # to leave rows behind costs about as much as a step
            decoder.keep(torch.from_numpy(np.flatnonzero(wanted)).to(states.device))
            held, tokens = held[wanted], tokens[wanted]
        logits = decoder.step(torch.from_numpy(tokens.flatten()).to(states.device))
    return rows


def _chance(seed: int, count: int, steps: int) -> Floats:
    """Return uniform numbers in [0, 1), (count, steps)."""
    generator = torch.Generator().manual_seed(seed)
    return np.asarray(torch.rand(count, steps, generator=generator).numpy())


def read_prompts(model: GPT, prompts: Sequence[Sequence[int]]) -> tuple[Cache, Tensor]:
    """Return the cache of `prompts`, which all end in its last column, and their last states (B, C)."""
    longest = max(map(len, prompts))
    padded = [[*[0] * (longest - len(prompt)), *prompt] for prompt in prompts]
    device = model.embedding.weight.device
    starts = torch.tensor([longest - len(prompt) for prompt in prompts], device=device)
    ragged = bool(starts.any())
    cache = Cache(model.config, len(prompts), longest, device, starts if ragged else None)
    return cache, model.hidden(torch.tensor(padded, device=device), cache)[:, -1]


def pick(logits: Tensor, chance: Floats, temperature: float, top_p: float) -> Tokens:
    """Draw one token a row, int64 (N,), from the smallest set that holds `top_p` of the mass of `logits` (N, V).

    Row n takes the token at which the running sum of the set's shares, largest first, passes the part `chance[n]` of
    their total, so equal `chance` (N,), uniform in [0, 1), gives equal tokens. Numpy's partition finds the largest shares
    in a fifth of the time that torch's topk needs on a CPU.
    """
    if temperature <= 0:
        return np.asarray(logits.argmax(dim=-1).cpu().numpy())
    return _draw((logits / temperature).softmax(dim=-1).cpu().numpy(), chance, top_p, FIRST)


def _draw(shares: Floats, chance: Floats, top_p: float, size: int) -> Tokens:
    """Draw as `pick` does from `shares` (N, V); only the `size` largest of a row are sorted where they hold the set."""
    size = min(size, shares.shape[1])
    top = np.sort(np.partition(shares, -size, axis=1)[:, -size:], axis=1)[:, ::-1]
    sums = top.cumsum(axis=1)
    total = np.where(sums - top < top_p, sums, 0).max(axis=1)
    rank = (sums < (chance * total)[:, None]).sum(axis=1, keepdims=True)
    value = np.take_along_axis(top, rank, axis=1)
    tokens: Tokens = (shares == value).argmax(axis=1)
    equals = rank[:, 0] - (top > value).sum(axis=1)  # how many of the very same share stand before
    for row in np.flatnonzero(equals):
        tokens[row] = np.flatnonzero(shares[row] == value[row])[equals[row]]
    short = sums[:, -1] < top_p
    if size < shares.shape[1] and short.any():
        tokens[short] = _draw(shares[short], chance[short], top_p, shares.shape[1])
    return tokens


@torch.inference_mode()
def log_probs(
    model: GPT, prefixes: Sequence[Sequence[int]], tails: Sequence[Sequence[int]]
) -> list[float]:
    """Return the log-probability in nats of each of `tails` after its own prefix.

    A prefix too long for the context loses tokens from its middle: both its opening control token and the words
    nearest the tail stay. Rows of like length are read together, and only a tail's tokens get logits.
    """
    rows = [
        _cut(prefix, tail, model.config.context)
        for prefix, tail in zip(prefixes, tails, strict=True)
    ]
    model.eval()
    found = [0.0] * len(rows)
    for chosen in _buckets([len(row) for row in rows]):
        longest = max(len(rows[n]) for n in chosen)
        batch = torch.tensor([[*rows[n], *[0] * (longest - len(rows[n]))] for n in chosen])
        batch = batch.to(model.embedding.weight.device)
        # Where the states stand that foretell a tail's tokens: padding at the end is seen by no row's own tokens.
        spans = [
            (line, at)
            for line, n in enumerate(chosen)
            for at in range(max(0, len(rows[n]) - len(tails[n]) - 1), len(rows[n]) - 1)
        ]
        line, at = torch.tensor(spans, device=batch.device).view(-1, 2).unbind(1)
        logits = F.linear(model.hidden(batch[:, :-1])[line, at], model.embedding.weight)
        nats = F.cross_entropy(logits, batch[line, at + 1], reduction="none")
        sums = torch.zeros(len(chosen), device=batch.device).index_add_(0, line, nats)
        for n, value in zip(chosen, sums.tolist(), strict=True):
            found[n] = -value
    return found


def _cut(prefix: Sequence[int], tail: Sequence[int], context: int) -> list[int]:
    """Return prefix and tail within one token more than the context."""
    room = max(2, context + 1 - len(tail))
    kept = list(prefix)
    if len(kept) > room:
        kept = [*kept[: room // 2], *kept[len(kept) - (room - room // 2) :]]
    return [*kept, *tail][: context + 1]


def _buckets(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the indices of `lengths` in batches of like length that hold at most SCORED tokens with their padding."""
    chosen: list[int] = []
    for n in sorted(range(len(lengths)), key=lambda n: (lengths[n], n)):
        if chosen and lengths[n] * (len(chosen) + 1) > SCORED:
            yield chosen
            chosen = []
        chosen.append(n)
    if chosen:
        yield chosen
