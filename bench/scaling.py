"""How low the held-out loss goes by parameters and tokens: the runs behind `weeklyai plan`.

Trains one model for each size and number of tokens, each with its own full schedule, and fits

    bits per byte = (A / N^a + B / D)^c        (N parameters, D tokens: Kaplan et al. 2020)

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
    """Return bits per byte under `law` (log A, a, log B, c)."""
    log_a, a, log_b, c = law
    found: np.ndarray = np.exp(
        c * np.logaddexp(log_a - a * np.log(parameters), log_b - np.log(tokens))
    )
    return found


def fit(rows: list[dict[str, Any]]) -> np.ndarray:
    """Return the law that fits the logarithms of `rows` best: damped Gauss-Newton (Levenberg-Marquardt), three starts."""
    n = np.array([row["parameters"] for row in rows], float)
    d = np.array([row["tokens"] for row in rows], float)
    wanted = np.log([row["bits_per_byte"] for row in rows])

    def miss(law: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.log(predicted(law, n, d)) - wanted
        return found

    best, least = np.zeros(4), np.inf
    for start in ((5.0, 0.4, 10.0, 0.15), (10.0, 0.6, 15.0, 0.12), (20.0, 1.0, 20.0, 0.1)):
        law, damping = np.array(start), 1e-2
        for _ in range(1000):
            now = miss(law)
            slope = np.stack([(miss(law + 1e-6 * unit) - now) / 1e-6 for unit in np.eye(4)], axis=1)
            square = slope.T @ slope
            damped = square + damping * (np.diag(np.diag(square)) + 1e-9 * np.eye(4))
            new = law - np.linalg.solve(damped, slope.T @ now)
            better = np.sum(miss(new) ** 2) < np.sum(now**2)
            law, damping = (new, damping / 2) if better else (law, min(damping * 3, 1e8))
        cost = float(np.sum(miss(law) ** 2))
        if cost < least:
            best, least = law, cost
    return best


def report(rows: list[dict[str, Any]]) -> None:
    """Print the law over all sizes, and for each size left out what the others predict of it."""
    law = fit(rows)
    print("log A {:.4f}  a {:.4f}  log B {:.4f}  c {:.4f}".format(*law))
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
