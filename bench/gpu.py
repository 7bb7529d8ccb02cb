"""One GPU in one call of under ten minutes: is it right, how fast is it, and what do five minutes of training give?

Run: bench/gpu.sh SHARDS RESULTS, or python -m bench.gpu run SHARDS RESULTS. `--dry` runs every part in seconds, tiny, on any
machine. `python -m bench.gpu shards FOLDER` makes shards from texts or made-up ones (format: bench/shards.py).
Each part prints, and appends to RESULTS/results.jsonl, one JSON line as soon as it is known:

machine      what was found, the peak that MFU is told against, and the best large product seen
correctness  logits and gradients beside float64 on the CPU: float32, bfloat16, bfloat16 compiled; cached generation
speed        tokens/s and MFU at 10M, 50M and 124M parameters, optimiser's time included, its FLOPs not (6N + 12LCT a token)
training     five minutes at about 50M parameters on SHARDS, held-out bits per byte

Beside: autoresearch on one H100, 50.3M parameters, trained 1.67M tokens/s at an MFU of 39.8 %.
"""

import argparse
import functools
import gc
import itertools
import json
import math
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bench import shards
from weeklyai.errors import UserError, WeeklyError
from weeklyai.lm import machine
from weeklyai.lm.memory import step_bytes
from weeklyai.lm.model import GPT, Cache, ModelConfig
from weeklyai.lm.optim import make_optimizers, orthogonalised, rate_factor, set_rates

ANCHOR = {
    "anchor": "autoresearch, one H100, 50.3M",
    "anchor_tokens_per_second": 1_670_000,
    "anchor_mfu": 0.398,
}
# Dense bfloat16 TFLOP/s by the vendors' data sheets; the first name that the device's name holds counts.
PEAKS = (
    ("H100 PCIe", 756), ("H100", 989), ("H200", 989), ("GH200", 989), ("H800", 989), ("B200", 2250), ("A100", 312),
    ("L40S", 362), ("L40", 181), ("A6000", 155), ("4090", 165), ("A10G", 70), ("A10", 125), ("L4", 121),
)  # fmt: skip
# Errors against float64 as a share of the tensor's norm: rounding is 6e-8 in float32 and 4e-3 in bfloat16, and adds up.
TOLERANCES = {"float32": (1e-4, 1e-3), "bfloat16": (3e-2, 8e-2)}  # logits, the worst gradient
TRAINED = "50M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """How much to do: the real thing, or a dry run."""

    device: torch.device
    dtype: str
    peak: float = 0.0  # FLOP/s
    compile: bool = True
    until: float = math.inf  # time.monotonic() at which everything has to be over
    seconds: float = 300.0  # of training
    step_tokens: int = 2**18
    tries: tuple[int, ...] = (2**15, 2**16, 2**17)  # tokens of a micro-batch
    sample: float = 3.0  # seconds of a speed
    sizes: tuple[tuple[str, ModelConfig], ...] = (
        ("10M", ModelConfig(vocabulary=8192, layers=6, width=320, heads=5, context=1024)),
        ("50M", ModelConfig(vocabulary=8192, layers=6, width=768, heads=6, context=1024)),
        ("124M", ModelConfig(vocabulary=50_304, layers=12, width=768, heads=6, context=1024)),
    )

    def left(self) -> float:
        """Return the seconds left."""
        return self.until - time.monotonic()

    def config(self, name: str) -> ModelConfig:
        """Return the model called `name`."""
        return dict(self.sizes)[name]


def dry(bench: Bench) -> Bench:
    """Return `bench` so small that a CPU is through in seconds."""
    sizes = tuple(
        (name, ModelConfig(vocabulary=256, layers=n + 1, width=32, heads=2, context=32))
        for n, (name, _) in enumerate(bench.sizes)
    )
    return replace(bench, seconds=1.0, step_tokens=256, tries=(64, 128), sample=0.1, sizes=sizes)


def peak_of(name: str, measured: float) -> tuple[float, str]:
    """Return the FLOP/s that MFU is told against, and where the figure is from."""
    for part, teraflops in PEAKS:
        if part in name:
            return teraflops * 1e12, f"data sheet of {part}"
    return measured, "best large product seen"


def correctness(bench: Bench) -> Iterator[dict[str, Any]]:
    """Compare logits and gradients in each precision with float64 on the CPU, and cached logits with full ones."""
    small = bench.config(TRAINED).width < 64
    config = ModelConfig(
        vocabulary=64 if small else 1024, layers=3, width=32 if small else 256, heads=2, context=32 if small else 256,
    )  # fmt: skip
    chance = torch.Generator().manual_seed(4)
    tokens = torch.randint(config.vocabulary, (4, config.context + 1), generator=chance)
    weights = _moved(config)
    want = _outputs(_loaded(config, weights).double(), tokens, "float32")
    modes = [("float32", False), ("bfloat16", False)] + [("bfloat16", True)] * bench.compile
    for dtype, compiled in modes:
        model = _loaded(config, weights).to(bench.device)
        here = tokens.to(bench.device)
        note = machine.compile_layers(model, here, dtype) if compiled else ""
        found = _outputs(model, here, dtype)
        errors = {name: _error(found[name], want[name]) for name in want}
        logits, worst = errors.pop("logits"), max(errors, key=lambda name: errors[name])
        within = logits <= TOLERANCES[dtype][0] and errors[worst] <= TOLERANCES[dtype][1]
        yield {
            "part": "correctness", "mode": f"{dtype}{' compiled' if compiled else ''}", "note": note, "passed": within,
            "logits": logits, "gradients": errors[worst], "worst": worst, "tolerances": TOLERANCES[dtype],
        }  # fmt: skip
    yield _cached(_loaded(config, weights).to(bench.device), tokens[:, :-1].to(bench.device))
    yield _evened(bench.device)


@torch.no_grad()
def _cached(model: GPT, tokens: Tensor) -> dict[str, Any]:
    cache = Cache(model.config, len(tokens), tokens.size(1), tokens.device)
    parts = [model(piece, cache) for piece in torch.split(tokens, 5, dim=1)]
    error = _error(torch.cat(parts, dim=1).double().cpu(), model(tokens).double().cpu())
    return {
        "part": "correctness",
        "mode": "cached logits",
        "logits": error,
        "passed": error <= 1e-4,
    }


def _evened(device: torch.device) -> dict[str, Any]:
    matrices = torch.randn(4, 64, 256, generator=torch.Generator().manual_seed(5))
    values = torch.linalg.svdvals(orthogonalised(matrices.to(device)).float().cpu())
    low, high = float(values.min()), float(values.max())
    return {
        "part": "correctness", "mode": "singular values of Muon's update", "low": round(low, 3), "high": round(high, 3),
        "passed": low > 0.4 and high < 1.4,
    }  # fmt: skip


def _moved(config: ModelConfig) -> dict[str, Tensor]:
    """Return weights of which none is zero, so that no zero hides a mistake."""
    chance = torch.Generator().manual_seed(2)
    return {
        name: value + 0.02 * torch.randn(value.shape, generator=chance)
        for name, value in GPT(config, seed=1).state_dict().items()
    }


def _loaded(config: ModelConfig, weights: dict[str, Tensor]) -> GPT:
    model = GPT(config)
    model.load_state_dict(weights)
    return model


def _outputs(model: GPT, tokens: Tensor, dtype: str) -> dict[str, Tensor]:
    """Return logits and all gradients as float64 on the CPU."""
    with machine.precision(tokens.device, dtype):
        logits = model(tokens[:, :-1])
        loss = model.loss(tokens)
    loss.backward()  # type: ignore[no-untyped-call]
    found = {"logits": logits} | {
        name: p.grad for name, p in model.named_parameters() if p.grad is not None
    }
    return {name: value.detach().double().cpu() for name, value in found.items()}


def _error(found: Tensor, wanted: Tensor) -> float:
    return float((found - wanted).norm() / wanted.norm())


def step(
    model: GPT, optimizers: Sequence[torch.optim.Optimizer], batches: Sequence[Tensor], dtype: str
) -> Tensor:
    """Take one optimiser step over all `batches`; return the mean loss, still on the device."""
    total = torch.zeros((), device=batches[0].device)
    for batch in batches:
        with machine.precision(batch.device, dtype):
            loss = model.loss(batch) / len(batches)
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.detach()
    for optimizer in optimizers:
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return total


def speed(bench: Bench, name: str) -> dict[str, Any]:
    """Return the best tokens/s of training steps of the model called `name` over micro-batches that fit.

    Raises:
        UserError: not even one row fits.
    """
    config, note = bench.config(name), ""
    best: dict[str, Any] = {}
    model = GPT(config).to(bench.device)
    optimizers = make_optimizers(model, getattr(torch, bench.dtype))
    tries = [tokens // config.context for tokens in bench.tries]
    while tries and not (best and bench.left() < 45):
        rows = tries.pop(0)
        found, failure = _guarded(functools.partial(_rate, bench, model, optimizers, rows))
        note = note or failure
        if not (found or best) and rows > 1:
            tries = [rows // 2]
        elif not found or (best and found["tokens_per_second"] < 1.02 * best["tokens_per_second"]):
            break
        else:
            best = found
    if not best:
        raise UserError(f"not one row of {name} fits: {note}")
    rate = best["tokens_per_second"] * machine.flops_per_token(config)
    return {
        "part": "speed", "name": name, "parameters": model.num_parameters, **asdict(config), **best, "note": note,
        "mfu": round(rate / bench.peak, 4), "tflops": round(rate / 1e12, 3), **ANCHOR,
    }  # fmt: skip


def _guarded(work: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any] | None, str]:
    """Return what `work` returns, or None and a sentence where the device's memory is too small for it."""
    try:
        return work(), ""
    except torch.OutOfMemoryError as error:
        sentence = str(error).splitlines()[0][:120]
    gc.collect()
    torch.cuda.empty_cache()
    return None, sentence


def _rate(
    bench: Bench, model: GPT, optimizers: Sequence[torch.optim.Optimizer], rows: int
) -> dict[str, Any]:
    """Return tokens/s with micro-batches of `rows`, and the memory that took."""
    config = model.config
    model.zero_grad(set_to_none=True)
    if bench.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    batch = torch.randint(config.vocabulary, (rows, config.context + 1), device=bench.device)
    note = machine.compile_layers(model, batch, bench.dtype) if bench.compile else "not compiled"
    batches = [batch] * max(1, bench.step_tokens // (rows * config.context))
    step(model, optimizers, batches, bench.dtype).item()
    began, steps = time.perf_counter(), 0
    while steps < 3 or time.perf_counter() - began < bench.sample:
        step(model, optimizers, batches, bench.dtype).item()  # waits for the device
        steps += 1
    seconds = (time.perf_counter() - began) / steps
    memory = torch.cuda.max_memory_allocated() if bench.device.type == "cuda" else 0
    return {
        "tokens_per_second": round(len(batches) * batch[:, 1:].numel() / seconds, 1), "micro_rows": rows,
        "passes": len(batches), "compiled": not note, "why_not": note, "memory_gb": round(memory / 1e9, 2),
        "estimated_gb": round(step_bytes(config, rows, bench.device.type) / 1e9, 2),
    }  # fmt: skip


def windows(stream: Tensor, context: int, rows: int) -> Iterator[Tensor]:
    """Yield batches (rows, context + 1) of `stream` without end: all its windows in a shuffled order, again and again."""
    offsets = torch.arange(context + 1, device=stream.device)
    chance = torch.Generator().manual_seed(3)
    for _ in itertools.count():
        starts = torch.randperm((len(stream) - 1) // context, generator=chance) * context
        for chosen in torch.split(starts.to(stream.device), rows):
            if len(chosen) == rows:
                yield stream[chosen[:, None] + offsets].long()


def training(bench: Bench, data: shards.Shards, micro_rows: int) -> dict[str, Any]:
    """Train for the bench's seconds, the compiler's time not counted; return speed, curve and held-out figures."""
    config = replace(bench.config(TRAINED), vocabulary=-(-data.vocabulary // 64) * 64)
    rows = min(micro_rows, (len(data.training) - 1) // config.context)
    if not rows:
        raise UserError(f"{len(data.training):,} tokens to train on are less than one row")
    passes = max(1, bench.step_tokens // (rows * config.context))
    model = GPT(config).to(bench.device)
    optimizers = make_optimizers(model, getattr(torch, bench.dtype))
    stream = torch.from_numpy(data.training.astype("int32")).to(bench.device)
    batches = windows(stream, config.context, rows)
    note = (
        machine.compile_layers(model, next(batches), bench.dtype)
        if bench.compile
        else "not compiled"
    )
    curve: list[list[float]] = []
    began, seconds, tokens = time.monotonic(), 0.0, 0
    budget = max(1.0, min(bench.seconds, bench.left() - 30))
    while seconds < budget:
        set_rates(optimizers, rate_factor(seconds / budget))
        loss = step(model, optimizers, list(itertools.islice(batches, passes)), bench.dtype).item()
        tokens += passes * rows * config.context
        seconds = time.monotonic() - began
        if len(curve) <= 20 * seconds / budget or not math.isfinite(loss):
            curve.append([round(seconds, 1), tokens, round(loss, 4)])
            print(f"  {seconds:6.1f} s {tokens:13,} tokens  loss {loss:.4f}  {tokens / seconds:12,.0f} tokens/s", flush=True)  # fmt: skip
        if not math.isfinite(loss):
            note = f"{note} the loss is {loss}: stopped".strip()
            break
    rate = tokens / seconds
    return {
        "part": "training", "parameters": model.num_parameters, **asdict(config), "seconds": round(seconds, 1),
        "tokens": tokens, "passes_over_shards": round(tokens / len(data.training), 2), "tokens_per_second": round(rate),
        "mfu": round(rate * machine.flops_per_token(config) / bench.peak, 4), "curve": curve, "note": note,
        **held_out(model, data), **ANCHOR,
    }  # fmt: skip


@torch.no_grad()
def held_out(model: GPT, data: shards.Shards) -> dict[str, Any]:
    """Return the held-out nats a token and, where the shards say how many bytes the tokens are, bits per byte; float32."""
    device, context = model.embedding.weight.device, model.config.context
    stream = torch.from_numpy(data.held_out.astype("int64"))
    ends = range(0, len(stream) - 1, context)
    total, tokens = 0.0, 0
    with torch.compiler.set_stance("force_eager"):
        for start in ends:
            if tokens >= 1_000_000:  # enough
                break
            row = stream[start : start + context + 1].to(device)[None]
            total, tokens = (
                total + float(model.loss(row)) * (row.numel() - 1),
                tokens + row.numel() - 1,
            )
    found = {"held_out_nats": round(total / max(1, tokens), 4), "held_out_tokens": tokens}
    if data.held_out_bytes:
        size = data.held_out_bytes * tokens / len(stream)
        found["held_out_bits_per_byte"] = round(total / math.log(2) / size, 4)
    return found


def run(chosen: argparse.Namespace) -> int:
    """Run every part; return 0 if none failed."""
    bench, data = _prepared(chosen), shards.read(chosen.shards)
    chosen.results.mkdir(parents=True, exist_ok=True)
    failed = False

    def tell(row: dict[str, Any]) -> dict[str, Any]:
        print(json.dumps(row), flush=True)
        with (chosen.results / "results.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        return row

    def part(name: str, work: Callable[..., Any], *given: Any) -> Any:
        nonlocal failed
        try:
            return work(*given)
        except Exception as error:  # noqa: BLE001 -- the other parts are worth having
            traceback.print_exc()
            tell({"part": name, "error": f"{type(error).__name__}: {str(error)[:300]}"})
            failed = True
        gc.collect()
        return None

    found = machine.probe(device=bench.device)
    print(found.sentence())
    peak, source = peak_of(found.name, found.gflops * 1e9)
    bench = replace(bench, peak=peak, dtype=bench.dtype if chosen.dry else found.dtype)
    tell(
        {
            "part": "machine",
            **found.as_json(),
            "peak_tflops": peak / 1e12,
            "peak_from": source,
            "dry": chosen.dry,
        }
    )
    rows = part("correctness", lambda: [tell(row) for row in correctness(bench)]) or []
    failed = failed or not all(row["passed"] for row in rows)
    first = part("speed", lambda: tell(speed(bench, TRAINED))) or {}
    part(
        "training",
        lambda: tell(training(bench, data, first.get("micro_rows", 8))),
    )
    for name, _ in bench.sizes:
        if name != TRAINED and bench.left() > 60:
            part("speed", lambda name: tell(speed(bench, name)), name)
    return int(failed)


def _prepared(chosen: argparse.Namespace) -> Bench:
    device = machine.best_device()
    if device.type != "cuda" and not chosen.dry:
        raise WeeklyError("there is no CUDA device here: add --dry for a small run on the CPU")
    bench = Bench(
        device=torch.device("cpu") if chosen.dry else device, dtype="bfloat16", compile=not chosen.no_compile,
        until=time.monotonic() + 60 * chosen.minutes, seconds=chosen.train_seconds,
    )  # fmt: skip
    return dry(bench) if chosen.dry else bench


def make_shards(chosen: argparse.Namespace) -> int:
    """Write a folder of shards."""
    if chosen.texts:
        shards.from_texts(chosen.texts, chosen.folder, chosen.vocabulary)
    else:
        stream = shards.synthetic(chosen.tokens, chosen.vocabulary)
        cut = len(stream) - min(len(stream) // 50, 1_000_000)
        shards.write(chosen.folder, stream[:cut], stream[cut:], chosen.vocabulary, 0)
    made = shards.read(chosen.folder)
    print(
        f"{len(made.training):,} tokens to train on, {len(made.held_out):,} held out, {made.vocabulary:,} types"
    )
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse `arguments` and run; errors for people are printed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("run", help="run every part")
    one.add_argument("shards", type=Path, help="folder of token shards, from 'shards'")
    one.add_argument("results", type=Path, help="folder that gets results.jsonl")
    one.add_argument("--dry", action="store_true", help="tiny, on the CPU")
    one.add_argument("--no-compile", action="store_true")
    one.add_argument("--minutes", type=float, default=9.5, help="of the whole call")
    one.add_argument("--train-seconds", type=float, default=300.0)
    one.set_defaults(work=run)
    one = commands.add_parser("shards", help="make a folder of token shards")
    one.add_argument("folder", type=Path, help="where the shards are written")
    one.add_argument(
        "--texts", type=Path, nargs="+", help="*.jsonl, *.jsonl.gz or plain text; without: made up"
    )
    one.add_argument("--vocabulary", type=int, default=8192)
    one.add_argument("--tokens", type=int, default=20_000_000, help="how many to make up")
    one.set_defaults(work=make_shards)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.work(chosen))
    except WeeklyError as error:
        print(error, file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
