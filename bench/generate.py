"""Tokens a second of drafting, beside nanoGPT's `generate`, in one process and in turns.

Run: python bench/generate.py --peer DIR [--seconds N] [--threads N]      DIR: a checkout of karpathy/nanoGPT
Two sizes at vocabulary 8192 and context 256: 6 layers of width 384 (14M parameters) and 4 of 128 (1.8M). "one stream" is one
continuation of 80 tokens after 32. "an issue" is 10 prompts of 30 to 120 tokens, 4 continuations of 80 tokens each; the
peer does a tenth of it (4 samples of a prompt of 75 tokens, the mean length), one by one as its sample.py does, and
once more with the 4 in one batch. It samples as sample.py does (temperature 0.8, 200 likeliest), with 1 thread and with
all, and its better figure counts. Ours draws from the nucleus (0.7, 0.9) of made-up weights of like entropy as trained
ones; no stop tokens on either side. Best and median of the turns; ratios are of the best. With `--threads 1` the clock
is the process's own time on the processor, so that figures hold on a busy machine too. The last lines are JSON.
"""

import argparse
import contextlib
import importlib
import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from weeklyai.lm.model import GPT, ModelConfig
from weeklyai.lm.sample import Sampling, generate_all

VOCABULARY, CONTEXT, NEW = 8192, 256, 80
SHAPES = {"14M": (6, 384, 6), "1.8M": (4, 128, 4)}  # layers, width, heads
LENGTHS = range(30, 121, 10)
COUNT = 4
ONE, ISSUE, BATCHED = "one stream", "an issue", "an issue, peer in batches"
GOALS = {("14M", ONE): 4.0, ("14M", ISSUE): 20.0}
Job = Callable[[], int]
Clock = Callable[[], float]


def gemm(now: Clock) -> float:
    """Return the rate of one fp32 product of 2048 x 768 and 768 x 3072, in GFLOP/s."""
    a, b = torch.randn(2048, 768), torch.randn(768, 3072)
    began = now()
    torch.mm(a, b)
    return 2 * 2048 * 768 * 3072 / (now() - began) / 1e9


def our_model(layers: int, width: int, heads: int) -> GPT:
    """Return a model whose next-token shares are about as even as a trained one's: the median nucleus holds 20 to 100."""
    config = ModelConfig(
        vocabulary=VOCABULARY, layers=layers, width=width, heads=heads, context=CONTEXT
    )
    model = GPT(config)
    chance = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 2:
                size = 3.0 if "embedding" in name else 8.0 if "down" in name else 1.0
                parameter.normal_(std=size * width**-0.5, generator=chance)
    return model


def prompt(length: int) -> list[int]:
    """Return `length` tokens."""
    chance = torch.Generator().manual_seed(length)
    return [int(token) for token in torch.randint(VOCABULARY, (length,), generator=chance)]


def our_jobs(model: GPT) -> dict[str, Job]:
    """Return our jobs by name, each returning its number of new tokens."""

    def run(lengths: list[int], count: int) -> int:
        dials = Sampling(count=count, max_new=NEW, stop=())
        found = generate_all(model, [prompt(n) for n in lengths], lengths, dials)
        return sum(len(row) for rows in found for row in rows)

    return {ONE: lambda: run([32], 1), ISSUE: lambda: run(list(LENGTHS), COUNT)}


def peer_jobs(module: Any, layers: int, width: int, heads: int) -> dict[str, Job]:
    """Return nanoGPT's jobs by name, with dropout and biases off as its own configs for small models have them."""
    config = module.GPTConfig(
        block_size=CONTEXT, vocab_size=VOCABULARY, n_layer=layers, n_head=heads, n_embd=width,
        dropout=0.0, bias=False,
    )  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        model = module.GPT(config).eval()
    mean = sum(LENGTHS) // len(LENGTHS)

    @torch.no_grad()
    def run(length: int, batch: int, times: int) -> int:
        for _ in range(times):
            tokens = torch.tensor([prompt(length)] * batch)
            model.generate(tokens, NEW, temperature=0.8, top_k=200)
        return batch * times * NEW

    return {
        ONE: lambda: run(32, 1, 1),
        ISSUE: lambda: run(mean, 1, COUNT),
        BATCHED: lambda: run(mean, COUNT, 1),
    }


def rate(job: Job, threads: int, now: Clock) -> float:
    """Return new tokens a second of `job` with `threads` torch threads allowed."""
    torch.set_num_threads(threads)
    began = now()
    tokens = job()
    return tokens / (now() - began)


def measure(
    ours: dict[str, Job], peer: dict[str, Job], seconds: float, threads: int
) -> dict[tuple[str, str, int], list[float]]:
    """Return the rates of each (whose, job, threads) and of the matmul, the jobs taking turns for about `seconds`."""
    found: dict[tuple[str, str, int], list[float]] = {}
    now = time.process_time if threads == 1 else time.perf_counter
    end = time.monotonic() + seconds
    for turn in range(50):
        if turn and time.monotonic() > end:
            break
        torch.set_num_threads(threads)
        found.setdefault(("machine", "GFLOP/s", threads), []).append(
            max(gemm(now) for _ in range(5))
        )
        jobs = [("ours", name, job, threads) for name, job in ours.items()]
        jobs += [("peer", *one, n) for one in peer.items() for n in sorted({1, threads})]
        for whose, name, job, number in jobs:
            found.setdefault((whose, name, number), []).append(rate(job, number, now))
    torch.set_num_threads(threads)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peer", type=Path, required=True, metavar="DIR", help="nanoGPT checkout")
    parser.add_argument("--seconds", type=float, default=30, help="for each size")
    parser.add_argument("--size", choices=SHAPES, help="one size alone")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    chosen = parser.parse_args()
    sys.path.insert(0, str(chosen.peer))
    module = importlib.import_module("model")
    threads = chosen.threads
    lines = []
    for size in [chosen.size] if chosen.size else SHAPES:
        model = our_model(*SHAPES[size])
        found = measure(our_jobs(model), peer_jobs(module, *SHAPES[size]), chosen.seconds, threads)
        print(f"{size}: {model.num_parameters:,} parameters, up to {threads} threads")
        print(f"{'':8}{'job':28}{'threads':>8}{'best':>10}{'median':>10}  turns")
        for (whose, name, number), values in sorted(found.items()):
            print(f"{whose:8}{name:28}{number:8}{max(values):10.1f}{statistics.median(values):10.1f}  {len(values)}")  # fmt: skip
        for name, against in ((ONE, ONE), (ISSUE, ISSUE), (ISSUE, BATCHED)):
            mine = max(found["ours", name, threads])
            theirs = max(max(v) for (who, job, _), v in found.items() if (who, job) == ("peer", against))  # fmt: skip
            lines.append({"name": f"{against}, {size}", "ours": round(mine, 1), "peer": round(theirs, 1),
                          "ratio": round(mine / theirs, 2), "goal": GOALS.get((size, against)), "unit": "tok/s"})  # fmt: skip
    for line in lines:
        print(json.dumps(line))


if __name__ == "__main__":
    main()
