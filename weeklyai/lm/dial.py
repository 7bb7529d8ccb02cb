"""The one dial: from a budget, a machine and an archive to the size of model that will read it best.

How low the held-out loss goes by parameters N and tokens D was measured on this project's own runs (bench/scaling.py,
docs/log.md) and follows the law of Kaplan et al. (2020), bits per byte = (A / N^a + B / D)^c. How many tokens a size reads
in a second is timed on the machine at hand. Tokens read again teach less than new ones: 15 passes at most count
for much (Muennighoff et al. 2023). The law was fitted on technology news with 8,192 token types; for other text its
level is off, its order of sizes is not.
"""

import math
import time
from dataclasses import dataclass
from functools import cache

import torch

from weeklyai.lm import machine
from weeklyai.lm.machine import flops_per_token
from weeklyai.lm.model import GPT, ModelConfig
from weeklyai.lm.optim import make_optimizers

CONTEXT = 256  # tokens; a news item of 200 words fits one row
ROWS = 8
MANY_TOKENS = 8_000_000  # a run of more takes twice the rows a step: a fifth more tokens a second, updates enough

LAW = (16.5278, 0.8737, 18.7913, 0.1206)  # log A, a, log B, c
# (layers, width); the law was measured on all but the last two.
LADDER = ((2, 64), (3, 128), (4, 192), (4, 256), (6, 256), (6, 384), (8, 512), (12, 768))
TIMED = (1, 3, 5)  # places of LADDER whose steps are timed; the others' speed follows from theirs
TOKENS_A_PARAMETER = 0.1  # of different text that a size above the smallest three wants at least
REREADING = 15.4  # passes after which another one teaches nothing (Muennighoff et al. 2023, R*)
SHARE = 0.93  # of a budget that goes into steps; the rest makes the tokenizer, measures and saves


@dataclass(frozen=True, slots=True)
class Choice:
    """A size for a budget, and what it should reach.

    Attributes:
        layers: of the model.
        width: of the model.
        parameters: of the model.
        tokens: that it will read.
        seconds: that this will take.
        bits_per_byte: held out, in the end.
        passes: over the archive.
    """

    layers: int
    width: int
    parameters: int
    tokens: int
    seconds: float
    bits_per_byte: float
    passes: float


def rows(tokens: int) -> int:
    """Return the rows of a step of a run of `tokens`."""
    return ROWS if tokens < MANY_TOKENS else 2 * ROWS


def heads_of(width: int) -> int:
    """Return the number of heads: 64 channels each, where the width allows it."""
    return max(1, width // 64)


def shape(layers: int, width: int, vocabulary: int) -> ModelConfig:
    """Return the model of this size."""
    return ModelConfig(
        vocabulary=vocabulary, layers=layers, width=width, heads=heads_of(width), context=CONTEXT
    )


def parameters_of(config: ModelConfig) -> int:
    """Return the number of weights of a model, without making it."""
    return config.vocabulary * config.width + config.layers * (12 * config.width**2 + 1)


def expected(parameters: float, tokens: float, different: float) -> float:
    """Return held-out bits per byte after `tokens` tokens, of which `different` are not repeats."""
    log_a, a, log_b, c = LAW
    again = max(0.0, tokens / different - 1)
    worth = min(tokens, different) * (1 + REREADING * (1 - math.exp(-again / REREADING)))
    by_size = log_a - a * math.log(parameters)
    by_text = log_b - math.log(worth)
    return math.exp(c * math.log(math.exp(by_size) + math.exp(by_text)))


def embedding_rate(different: int) -> float:
    """Return AdamW's peak rate on the embedding for an archive of `different` tokens.

    0.02 is best where a million tokens are read once, 0.005 where 68,000 are read six times: at the higher rate the rows of
    rare tokens learn their few places by heart (docs/log.md). Between the two it is a line on logarithmic paper.
    """
    return 0.02 * min(1.0, max(0.25, math.pow(different / 1e6, 0.52)))


def speeds(vocabulary: int, dtype: str, device: str) -> dict[tuple[int, int], float]:
    """Return tokens a second by size of LADDER: some timed, the others between them in proportion to their work."""
    known = {LADDER[n]: _timed(*LADDER[n], vocabulary, dtype, device) for n in TIMED}
    work = {size: float(flops_per_token(shape(*size, vocabulary))) for size in LADDER}
    timed = sorted(known, key=work.__getitem__)
    found = {}
    for size in LADDER:
        # Work done a second grows with the size of the matrices; beyond the largest timed it stays.
        below = max(
            (one for one in timed if work[one] <= work[size]),
            key=work.__getitem__,
            default=timed[0],
        )
        above = min(
            (one for one in timed if work[one] >= work[size]),
            key=work.__getitem__,
            default=timed[-1],
        )
        gap = math.log(work[above] / work[below]) if above != below else 0.0
        place = math.log(work[size] / work[below]) / gap if gap else 0.0
        low, high = known[below] * work[below], known[above] * work[above]
        found[size] = low ** (1 - place) * high**place / work[size]
    return found


def pace_of(size: tuple[int, int], vocabulary: int, dtype: str, device: str) -> float:
    """Return tokens a second of this size, timed."""
    return _timed(*size, vocabulary, dtype, device)


@cache
def _timed(layers: int, width: int, vocabulary: int, dtype: str, device: str) -> float:
    """Return tokens a second of this size: the best of three steps after one that warms up."""
    model = GPT(shape(layers, width, vocabulary)).to(device)
    optimizers = make_optimizers(model, getattr(torch, dtype))
    chance = torch.Generator().manual_seed(1)
    tokens = torch.randint(vocabulary, (ROWS, CONTEXT + 1), generator=chance).to(device)
    best = math.inf
    for n in range(4):
        began = time.perf_counter()
        with machine.precision(tokens.device, dtype):
            loss = model.loss(tokens)
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        loss.item()  # waits for the device
        best = min(best, time.perf_counter() - began if n else math.inf)
    return ROWS * CONTEXT / best


def balanced(tokens: int, vocabulary: int) -> tuple[int, int]:
    """Return the size for a run of exactly `tokens`, whatever the machine.

    It is the largest for which more parameters would still lower the loss as much as more tokens at equal work.
    """
    log_a, a, log_b, _ = LAW
    fitting = [
        size
        for size in LADDER
        if a * math.exp(log_a - a * math.log(parameters_of(shape(*size, vocabulary))))
        >= math.exp(log_b) / tokens
    ]
    return fitting[-1] if fitting else LADDER[0]


def choose(
    seconds: float, different: int, epochs: int, vocabulary: int, pace: dict[tuple[int, int], float]
) -> Choice:
    """Return the size whose expected loss is lowest after `seconds`.

    Args:
        seconds: the budget.
        different: tokens of the archive.
        epochs: passes over it at most.
        vocabulary: token types.
        pace: tokens a second by size; only these sizes are looked at.
    """
    found = []
    for n, (size, rate) in enumerate(pace.items()):
        weights = parameters_of(shape(*size, vocabulary))
        if n < 3 or different >= TOKENS_A_PARAMETER * weights:
            reads = min(int(rate * seconds * SHARE), epochs * different)
            found.append(promise(size, max(reads, ROWS * CONTEXT), different, vocabulary, rate))
    return min(found, key=lambda choice: choice.bits_per_byte)


def promise(
    size: tuple[int, int], tokens: int, different: int, vocabulary: int, rate: float
) -> Choice:
    """Return what a model of `size` should reach with `tokens` tokens at `rate` tokens a second."""
    weights = parameters_of(shape(*size, vocabulary))
    return Choice(
        *size, weights, tokens, round(tokens / rate / SHARE, 1), round(expected(weights, tokens, different), 3),
        round(tokens / different, 2),
    )  # fmt: skip
