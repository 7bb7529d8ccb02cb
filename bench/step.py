"""A training step at four sizes: model FLOPs use and tokens a second, beside nanoGPT's at the same shape.

    python -m bench.step [--peer NANOGPT_CHECKOUT] [--dtype float32 bfloat16] [--seconds 4]

Use of the machine is (6N + 12LCT) FLOPs a token over the seconds of forward and backward, as a share of the best float32
2048x768x3072 product measured beside each row; the optimiser's own work is left out of it, and counted in tokens a
second. The peer trains at float32 with its own AdamW and clipping at 1, both models on rows of 256 random tokens out of
8,192. The steps of all arms of one size take turns; medians count. A row a size and arm, as JSON.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from bench.train import VOCABULARY, NanoGPT
from weeklyai.lm import machine, memory
from weeklyai.lm.model import GPT, ModelConfig
from weeklyai.lm.optim import make_optimizers

CONTEXT = 256
SIZES = (
    (4, 128, 2, 16),
    (4, 256, 4, 16),
    (6, 384, 6, 16),
    (8, 512, 8, 8),
)  # layers, width, heads, rows
FLOPS = 2 * 2048 * 768 * 3072
Step = Callable[[torch.Tensor], float]


def ceiling() -> float:
    """Return the best float32 FLOPs a second of eight products."""
    a, b, out = torch.randn(2048, 768), torch.randn(768, 3072), torch.empty(2048, 3072)
    best = 0.0
    for _ in range(8):
        began = time.perf_counter()
        torch.mm(a, b, out=out)
        best = max(best, FLOPS / (time.perf_counter() - began))
    return best


def ours(layers: int, width: int, heads: int, dtype: str) -> tuple[GPT, Step]:
    """Return our model, and a step that says how many seconds forward and backward took."""
    shape = ModelConfig(
        vocabulary=VOCABULARY, layers=layers, width=width, heads=heads, context=CONTEXT
    )
    model = GPT(shape, seed=29)
    optimizers = make_optimizers(model, getattr(torch, dtype))

    def step(batch: torch.Tensor) -> float:
        began = time.perf_counter()
        with machine.precision(batch.device, dtype):
            loss = model.loss(batch)
        loss.backward()  # type: ignore[no-untyped-call]
        seconds = time.perf_counter() - began
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return seconds

    return model, step


def theirs(peer: Path, layers: int, width: int, heads: int, rows: int) -> tuple[Any, Step]:
    """Return the peer's model of the same shape, and its step (forward and backward are not told apart: 0)."""
    arm = NanoGPT(peer, CONTEXT, rows, 1e-3, shape=(layers, heads, width))

    def step(batch: torch.Tensor) -> float:
        arm.step(batch, 0.5)
        return 0.0

    return arm.model, step


def row(model: Any, took: list[tuple[float, float]], shape: tuple[int, int, int], best: float) -> dict[str, Any]:  # fmt: skip
    """Return the figures of a `model` of `shape` (layers, width, rows) whose steps `took` (inner, whole) seconds."""
    layers, width, rows = shape
    parameters = sum(p.numel() for p in model.parameters())
    work = (6 * parameters + 12 * layers * width * CONTEXT) * rows * CONTEXT
    inner, whole = (statistics.median(column) for column in zip(*took, strict=True))
    found = {"size": f"{layers}x{width}", "parameters": parameters, "rows": rows,
             "tokens_per_second": round(rows * CONTEXT / whole), "use_with_optimiser": round(work / whole / best, 3)}  # fmt: skip
    return found | ({"use": round(work / inner / best, 3)} if inner else {})


def measure(size: tuple[int, int, int, int], peer: Path | None, dtypes: list[str],
            seconds: float) -> None:  # fmt: skip
    """Print the rows of one size."""
    layers, width, heads, rows = size
    arms = {f"weeklyai {dtype}": ours(layers, width, heads, dtype) for dtype in dtypes}
    if peer:
        arms["nanoGPT float32"] = theirs(peer, layers, width, heads, rows)
    batch = torch.randint(0, VOCABULARY, (rows, CONTEXT + 1))
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in arms}
    best, end, rounds = ceiling(), time.perf_counter() + seconds * len(arms), 0
    while rounds < 5 or time.perf_counter() < end:
        for name, (_, step) in arms.items():
            began = time.perf_counter()
            inner = step(batch)
            took[name].append((inner, time.perf_counter() - began))
        best, rounds = max(best, ceiling()), rounds + 1
    for name, (model, _) in arms.items():
        figures = row(model, took[name][1:], (layers, width, rows), best)
        print(json.dumps({"arm": name, "ceiling_gflops": round(best / 1e9)} | figures), flush=True)


def main() -> None:
    """Measure all sizes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--dtype", nargs="+", choices=["float32", "bfloat16"], default=["float32"])
    parser.add_argument("--seconds", type=float, default=4, help="of each arm at each size")
    options = parser.parse_args()
    memory.keep_freed_memory()
    for size in SIZES:
        measure(size, options.peer, options.dtype, options.seconds)


if __name__ == "__main__":
    main()
