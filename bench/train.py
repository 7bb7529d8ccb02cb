"""Held-out bits per byte at equal wall-clock: our recipe beside nanoGPT's, on the same tokens.

    python -m bench.train CORPUS_FOLDER --peer NANOGPT_CHECKOUT [--minutes 2 5 10] [--ours 3.33 5] [--sizes 4x256 ...]

The arms take turns of five seconds, each with its own clock, so all meet the same machine. nanoGPT's model.py and its AdamW
groups come from the checkout; its schedule (100 steps of warm-up, cosine to a tenth, clipping at 1) is keyed to the
elapsed share of its budget, so that it always ends annealed. It runs with its README's CPU recipe (4 layers, 128 wide,
context 64, batch 12, rate 1e-3) and, at our context of 256, with three rates. The untrained models, the measures and the
making of batches are alike for all; only training counts.
"""

import argparse
import contextlib
import importlib.util
import io
import json
import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from bench.text import Text, bits_per_byte, read, windows
from weeklyai.lm import machine, memory
from weeklyai.lm.model import GPT, ModelConfig
from weeklyai.lm.optim import make_optimizers, rate_factor, set_rates

TURN = 5.0  # seconds
VOCABULARY = 8192
RATES = (6e-4, 1e-3, 3e-3)  # nanoGPT's at context 256
SHARE = 3  # our shortest budget is this part of the peer's longest: the goal


class Model(Protocol):
    """What the bench wants of an arm."""

    context: int
    rows: int
    parameters: int

    def step(self, batch: torch.Tensor, share: float) -> None:
        """Train on `batch` (rows, context + 1) at `share` of the budget."""

    def logits(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return logits (B, T, V)."""


class Ours:
    """This project's model, optimisers and schedule."""

    context, rows = 256, 8

    def __init__(self, layers: int, width: int, dtype: str) -> None:
        heads = max(1, width // 64)
        shape = ModelConfig(
            vocabulary=VOCABULARY, layers=layers, width=width, heads=heads, context=256
        )
        self.model, self.dtype = GPT(shape, seed=29), dtype
        self.optimizers = make_optimizers(self.model, getattr(torch, dtype))
        self.parameters = self.model.num_parameters

    def step(self, batch: torch.Tensor, share: float) -> None:
        """Train on `batch`."""
        set_rates(self.optimizers, rate_factor(share))
        with machine.precision(batch.device, self.dtype):
            loss = self.model.loss(batch)
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def logits(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return logits in float32."""
        found: torch.Tensor = self.model(tokens)
        return found


class NanoGPT:
    """The peer: its model and its optimiser, its schedule by share."""

    def __init__(self, checkout: Path, context: int, rows: int, rate: float,
                 shape: tuple[int, int, int] = (4, 4, 128)) -> None:  # fmt: skip
        self.context, self.rows, self.rate, self.steps = context, rows, rate, 0
        peer = _module(checkout / "model.py")
        layers, heads, width = shape
        torch.manual_seed(1337)
        with contextlib.redirect_stdout(io.StringIO()):
            self.model = peer.GPT(peer.GPTConfig(
                block_size=context, vocab_size=VOCABULARY, n_layer=layers, n_head=heads, n_embd=width, dropout=0.0, bias=False))  # fmt: skip
            self.optimizer = self.model.configure_optimizers(0.1, rate, (0.9, 0.99), "cpu")
        self.parameters = self.model.get_num_params()

    def step(self, batch: torch.Tensor, share: float) -> None:
        """Train on `batch`."""
        self.steps += 1
        warm = min(1.0, self.steps / 100)
        factor = warm * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * min(share, 1.0))))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * factor
        _, loss = self.model(batch[:, :-1].contiguous(), batch[:, 1:].contiguous())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    def logits(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return logits; the peer gives all positions only where there are targets."""
        found: torch.Tensor = self.model(tokens, tokens)[0]
        return found


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("nanogpt_model", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is not there: clone nanoGPT and name its folder with --peer")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Arm:
    """One run against the clock."""

    def __init__(self, name: str, minutes: float, make: Callable[[], Model]) -> None:
        self.name, self.minutes, self.make = name, minutes, make
        self.model: Model | None = None
        self.chance = np.random.default_rng(29)
        self.seconds, self.tokens = 0.0, 0

    @property
    def left(self) -> float:
        """Seconds of the budget that are left."""
        return 60 * self.minutes - self.seconds

    def turn(self, text: Text) -> None:
        """Train for one turn."""
        self.model = self.model or self.make()
        end = self.seconds + min(TURN, self.left)
        while self.seconds < end:
            began = time.perf_counter()
            batch = windows(text, self.model.rows, self.model.context, self.chance)
            self.model.step(batch, self.seconds / (60 * self.minutes))
            self.seconds += time.perf_counter() - began
            self.tokens += self.model.rows * self.model.context

    def figures(self, text: Text) -> dict[str, Any]:
        """Return the row of this arm, and forget its model."""
        assert self.model is not None  # noqa: S101 -- a turn was taken
        found = bits_per_byte(self.model.logits, text, self.model.context, VOCABULARY)
        row = {"arm": self.name, "minutes": round(self.minutes, 2), "bits_per_byte": round(found, 4), "tokens": self.tokens,
               "tokens_per_second": round(self.tokens / self.seconds), "parameters": self.model.parameters}  # fmt: skip
        self.model = None
        return row


def arms(peer: Path, minutes: Sequence[float], ours: Sequence[float], sizes: Sequence[str],
         dtype: str) -> list[Arm]:  # fmt: skip
    """Return all arms: the peer's rates at the longest budget only, its README's recipe at each of `minutes`, and `ours`."""
    longest = max(minutes)
    found = [
        Arm("nanoGPT, README's CPU recipe", budget, partial(NanoGPT, peer, 64, 12, 1e-3))
        for budget in minutes
    ]
    for rate in RATES:
        make = partial(NanoGPT, peer, 256, 8, rate)
        found.append(Arm(f"nanoGPT, context 256, rate {rate:g}", longest, make))
    for size in sizes:
        layers, width = map(int, size.split("x"))
        make_ours = partial(Ours, layers, width, dtype)
        found += [Arm(f"weeklyai, {size}", budget, make_ours) for budget in sorted(ours)]
    return found


def main() -> None:
    """Run all arms in turns and print a row each, then how our time compares."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--peer", type=Path, required=True)
    parser.add_argument("--minutes", type=float, nargs="+", default=[2, 5, 10])
    parser.add_argument(
        "--ours",
        type=float,
        nargs="+",
        help="our minutes: usually the same, and a third of the longest",
    )
    parser.add_argument("--sizes", nargs="+", default=["4x256"])
    parser.add_argument("--dtype", choices=["float32", "bfloat16"])
    parser.add_argument("--cache", type=Path, default=Path("build/bench-text"))
    options = parser.parse_args()
    for path in (options.corpus, options.peer / "train.py"):
        if not path.exists():
            parser.error(f"there is no {path}")
    memory.keep_freed_memory()
    text = read(options.corpus, options.cache)
    found = machine.probe()
    print(found.sentence())
    ours = options.ours or sorted({max(options.minutes) / SHARE, *options.minutes})
    running = arms(options.peer, options.minutes, ours, options.sizes, options.dtype or found.dtype)
    rows = []
    while running:
        for arm in list(running):
            arm.turn(text)
            if arm.left <= 0:
                running.remove(arm)
                rows.append(arm.figures(text))
                print(json.dumps(rows[-1]), flush=True)
    longest = max(options.minutes)
    peer = min(
        r["bits_per_byte"] for r in rows if r["arm"].startswith("nano") and r["minutes"] == longest
    )
    at = [r for r in rows if r["arm"].startswith("weeklyai") and r["bits_per_byte"] <= peer]
    least = min((r["minutes"] for r in at), default=None)
    print(
        json.dumps(
            {
                "peer_at_longest": peer,
                "our_least_minutes_at_or_below": least,
                "ceiling_gflops": found.gflops,
            }
        )
    )


if __name__ == "__main__":
    main()
