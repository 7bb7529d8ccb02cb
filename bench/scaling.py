"""How low the held-out loss goes by parameters and tokens: the runs behind `weeklyai plan`.

Trains one model for each size and number of tokens, each with its own full schedule, and fits

    bits per byte = E + A / N^a + B / D^b        (N parameters, D tokens: Hoffmann et al. 2022)

to all but one size, then predicts the size left out. A run that stands in the results file is not made again.

    python -m bench.scaling CORPUS_FOLDER [--out build/scaling.jsonl] [--fit]
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.text import Text, bits_per_byte, read, windows
from weeklyai.lm.model import GPT, ModelConfig
from weeklyai.lm.optim import make_optimizers, rate_factor, set_rates

CONTEXT, ROWS = 256, 8
# (layers, width): tokens in thousands
RUNS = {
    (2, 64): (250, 500, 1000, 2000),
    (3, 128): (250, 500, 1000, 2000),
    (4, 192): (250, 500, 1000, 2000),
    (4, 256): (250, 500, 1000, 2000),
    (6, 256): (250, 500, 1000),
    (6, 384): (250, 500, 1000),
    (8, 512): (250, 500),
}


def run(text: Text, layers: int, width: int, tokens: int, dtype: torch.dtype) -> dict[str, Any]:
    """Train one model on `tokens` tokens; return its figures."""
    heads = max(1, width // 64)
    shape = ModelConfig(vocabulary=8192, layers=layers, width=width, heads=heads, context=CONTEXT)
    model = GPT(shape, seed=29)
    optimizers = make_optimizers(model, dtype)
    chance = np.random.default_rng(29)
    steps = tokens // (ROWS * CONTEXT)
    began = time.monotonic()
    for step in range(steps):
        set_rates(optimizers, rate_factor(step / steps))
        with torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
            loss = model.loss(windows(text, ROWS, CONTEXT, chance))
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
    seconds = time.monotonic() - began
    found = bits_per_byte(model, text, CONTEXT, 8192)
    return {"layers": layers, "width": width, "parameters": model.num_parameters,
            "tokens": steps * ROWS * CONTEXT, "bits_per_byte": round(found, 4), "seconds": round(seconds, 1)}  # fmt: skip


def predicted(law: np.ndarray, parameters: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Return bits per byte under `law` (E, log A, a, log B, b)."""
    e, log_a, a, log_b, b = law
    found: np.ndarray = (
        e + np.exp(log_a - a * np.log(parameters)) + np.exp(log_b - b * np.log(tokens))
    )
    return found


def fit(rows: list[dict[str, Any]]) -> np.ndarray:
    """Return the law that fits `rows` best: Gauss-Newton with damping (Levenberg-Marquardt) on the log of the figures."""
    n = np.array([row["parameters"] for row in rows], float)
    d = np.array([row["tokens"] for row in rows], float)
    wanted = np.log([row["bits_per_byte"] for row in rows])
    best, best_cost = np.zeros(5), np.inf
    for start in (
        (1.0, 4.0, 0.3, 4.0, 0.3),
        (0.5, 4.0, 0.35, 3.0, 0.25),
        (0.1, 2.0, 0.2, 3.0, 0.2),
    ):
        law, damping = np.array(start), 1e-2
        cost = np.inf
        for _ in range(400):
            miss = np.log(np.maximum(predicted(law, n, d), 1e-6)) - wanted
            slope = np.stack([
                (np.log(np.maximum(predicted(law + 1e-6 * unit, n, d), 1e-6)) - wanted - miss) / 1e-6
                for unit in np.eye(5)
            ], axis=1)  # fmt: skip
            square = slope.T @ slope
            move = np.linalg.solve(
                square + damping * (np.diag(np.diag(square)) + 1e-9 * np.eye(5)), slope.T @ miss
            )
            new = law - move
            new[0] = max(new[0], 0.0)
            new_miss = np.log(np.maximum(predicted(new, n, d), 1e-6)) - wanted
            cost = float(miss @ miss)
            if float(new_miss @ new_miss) < cost:
                law, damping = new, damping * 0.5
            else:
                damping = min(damping * 3, 1e6)
        if cost < best_cost:
            best, best_cost = law, cost
    return best


def report(rows: list[dict[str, Any]]) -> None:
    """Print the law over all sizes, and for each size left out what the others predict of it."""
    law = fit(rows)
    print("E {:.4f}  log A {:.4f}  a {:.4f}  log B {:.4f}  b {:.4f}".format(*law))
    for size in sorted({row["parameters"] for row in rows}):
        own = [row for row in rows if row["parameters"] == size]
        law = fit([row for row in rows if row["parameters"] != size])
        for row in own:
            guess = float(predicted(law, np.array(row["parameters"]), np.array(row["tokens"])))
            off = guess / row["bits_per_byte"] - 1
            print(f"{size / 1e6:6.2f}M  {row['tokens'] / 1e6:5.2f}M tokens  measured {row['bits_per_byte']:.3f}  "
                  f"predicted without this size {guess:.3f}  ({off:+.1%})")  # fmt: skip


def main() -> None:
    """Run what is missing, then fit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--out", type=Path, default=Path("build/scaling.jsonl"))
    parser.add_argument("--fit", action="store_true", help="only fit what is there")
    parser.add_argument(
        "--bfloat16", action="store_true", help="train in bfloat16 (the loss is the same)"
    )
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    rows = (
        [json.loads(line) for line in options.out.read_text().splitlines()]
        if options.out.exists()
        else []
    )
    if not options.fit:
        text = read(options.corpus, options.out.parent / "bench-text")
        done = {(row["layers"], row["width"], row["tokens"] // 1000 // 50) for row in rows}
        for (layers, width), sizes in RUNS.items():
            for thousand in sizes:
                if (layers, width, thousand * 1000 // 2048 * 2048 // 1000 // 50) in done:
                    continue
                dtype = torch.bfloat16 if options.bfloat16 else torch.float32
                rows.append(run(text, layers, width, thousand * 1000, dtype))
                print(rows[-1], file=sys.stderr, flush=True)
                with options.out.open("a") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
    report(rows)


if __name__ == "__main__":
    main()
