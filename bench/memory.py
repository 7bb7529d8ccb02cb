"""Peak memory of training steps, measured in processes of their own, beside the estimate of weeklyai.lm.memory.

Run: python bench/memory.py. One line a shape: measured and estimated MB above the idle process, and their ratio.
The last line is JSON; ratio = the estimate farthest from its measure, over that measure.
"""

import json
import math
import subprocess
import sys
from pathlib import Path

import torch

from weeklyai.lm import memory
from weeklyai.lm.model import GPT, ModelConfig
from weeklyai.lm.optim import make_optimizers

# vocabulary, layers, width, heads, context, rows of a micro-batch
SHAPES = (
    (512, 2, 64, 2, 128, 4), (8192, 2, 64, 2, 256, 8), (2048, 4, 128, 4, 256, 8), (8192, 4, 128, 4, 256, 8),
    (8192, 4, 128, 4, 256, 32), (8192, 4, 128, 4, 1024, 8), (8192, 8, 192, 6, 256, 1), (8192, 8, 192, 6, 256, 16),
    (8192, 6, 384, 6, 256, 1), (8192, 6, 384, 6, 256, 8), (8192, 14, 384, 6, 256, 4), (32768, 4, 256, 4, 512, 4),
)  # fmt: skip


def resident() -> int:
    """Return the bytes of memory this process holds now (Linux)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def steps(config: ModelConfig, rows: int, count: int = 2) -> None:
    """Take `count` training steps on noise."""
    model = GPT(config)
    optimizers = make_optimizers(model)
    tokens = torch.randint(config.vocabulary, (rows, config.context + 1))
    for _ in range(count):
        model.loss(tokens).backward()  # type: ignore[no-untyped-call]
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)


def config_of(shape: tuple[int, ...]) -> ModelConfig:
    """Return the model of one of SHAPES."""
    names = ("vocabulary", "layers", "width", "heads", "context")
    return ModelConfig(**dict(zip(names, shape, strict=False)))


def peak(shape: tuple[int, ...]) -> int:
    """Return the bytes that training steps of `shape` add to this process, which must be a fresh one."""
    steps(ModelConfig(vocabulary=64, layers=1, width=32, heads=1, context=32), 1)
    idle = resident()
    steps(config_of(shape), shape[5])
    status = Path("/proc/self/status").read_text(
        encoding="ascii"
    )  # getrusage would count the parent's peak too
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 - idle


def main() -> None:
    """Measure every shape and print."""
    if len(sys.argv) > 1:
        print(peak(tuple(map(int, sys.argv[1].split(",")))))
        return
    ratios = []
    for shape in SHAPES:
        told = subprocess.run(
            [sys.executable, __file__, ",".join(map(str, shape))], capture_output=True, text=True, check=True,
        )  # fmt: skip
        measured, guess = int(told.stdout), memory.step_bytes(config_of(shape), shape[5])
        ratios.append(guess / measured)
        print(f"{shape!s:34}{measured / 1e6:8.0f} MB measured{guess / 1e6:8.0f} MB estimated{guess / measured:7.2f}", flush=True)  # fmt: skip
    worst = max(ratios, key=lambda ratio: abs(math.log(ratio)))
    row = {
        "name": "memory of a training step, estimate over measure",
        "ratio": round(worst, 3),
        "goal": 1.15,
    }
    print(json.dumps(row))


if __name__ == "__main__":
    main()
