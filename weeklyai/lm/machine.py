"""What this machine can do: cores, memory, matrix rates, and the numbers to train in. Measured in about two seconds.

The ceiling that a run's model FLOPs use is told against is the best rate of one large matrix product in this process.
"bfloat16" means autocast over float32 weights. Some processors make such products several times as fast, others need 20
times as long, so on a CPU a small training step in both decides.
"""

import contextlib
import functools
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from weeklyai.lm.memory import device_memory
from weeklyai.lm.model import GPT, ModelConfig

CEILING = (2048, 768, 3072)  # rows, inner, columns; in float32, whatever a run computes in
CEILING_CUDA = (8192, 8192, 8192)  # in the machine's own dtype
# Those of small GPTs: layers of three widths, and an output layer.
SHAPES = ((2048, 128, 512), (2048, 192, 768), (2048, 384, 1536), (2048, 128, 8192))
GAIN = 1.1  # bfloat16 is taken where a training step is faster by this factor

Shape = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One machine, as measured.

    Attributes:
        device: "cpu", "cuda" or "mps".
        name: of the processor or the GPU.
        cores: that this process may use.
        threads: of torch.
        torch: its version.
        memory: bytes of the device in all; on a CPU at most what the control group allows.
        available: bytes of it that are free.
        gflops: the ceiling, GFLOP/s.
        rates: GFLOP/s by shape of product, in `dtype`; small ones are missing where the machine was too busy.
        dtype: "float32" or "bfloat16".
        why: the reason for it.
    """

    device: str
    name: str
    cores: int
    threads: int
    torch: str
    memory: int
    available: int
    gflops: float
    rates: dict[str, float]
    dtype: str
    why: str

    def as_json(self) -> dict[str, Any]:
        """Return the figures as JSON values, memory in GB (10^9 bytes)."""
        return {
            "device": self.device,
            "name": self.name,
            "cores": self.cores,
            "threads": self.threads,
            "torch": self.torch,
            "memory_gb": round(self.memory / 1e9, 2),
            "available_gb": round(self.available / 1e9, 2),
            "gflops": self.gflops,
            "rates": self.rates,
            "dtype": self.dtype,
            "why": self.why,
        }

    def sentence(self) -> str:
        """Return the figures in one line."""
        return (
            f"{self.device} {self.name}: {self.cores} cores, {self.threads} threads, "
            f"{self.available / 1e9:.1f} of {self.memory / 1e9:.1f} GB free, {self.gflops:,.0f} GFLOP/s; "
            f"{self.dtype}: {self.why}"
        )


def best_device() -> torch.device:
    """Return the device to train on: CUDA or MPS where it answers, else the CPU."""
    for kind, there in (
        ("cuda", torch.cuda.is_available),
        ("mps", torch.backends.mps.is_available),
    ):
        with contextlib.suppress(RuntimeError, AssertionError):
            if there() and float(torch.ones(2, device=kind).sum()) == 2:
                return torch.device(kind)
    return torch.device("cpu")


@functools.cache
def probe(*, quick: bool = False, device: torch.device | None = None) -> Machine:
    """Measure `device`, by default the best one.

    Args:
        quick: a third of the time, with a less certain ceiling.
        device: what to measure.
    """
    device = device or best_device()
    seconds, late = (0.1, 1.0) if quick else (0.3, 3.0)
    late += time.perf_counter()
    dtype, why = fitting_dtype(device)
    with precision(device, dtype):
        rates = {_name(CEILING): rate(CEILING, device, seconds)}
        for shape in SHAPES:
            if time.perf_counter() < late:  # a machine that is busy with others answers slowly
                rates[_name(shape)] = rate(shape, device, seconds)
        if device.type == "cuda":
            gflops = rates[_name(CEILING_CUDA)] = rate(CEILING_CUDA, device, seconds)
    if device.type != "cuda":
        gflops = rate(CEILING, device, seconds) if dtype != "float32" else rates[_name(CEILING)]
    total, available = device_memory(device)
    return Machine(
        device=device.type,
        name=_device_name(device),
        cores=_cores(),
        threads=torch.get_num_threads(),
        torch=str(torch.__version__),
        memory=total,
        available=available,
        gflops=gflops,
        rates=rates,
        dtype=dtype,
        why=why,
    )


@contextlib.contextmanager
def precision(device: torch.device, dtype: str) -> Iterator[None]:
    """Compute products in `dtype` ("float32" or "bfloat16") as long as the block lasts; weights stay float32."""
    if dtype == "float32":
        yield
    else:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            yield


def fitting_dtype(device: torch.device) -> tuple[str, str]:
    """Return the dtype to train in on `device`, and why."""
    if device.type == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return "bfloat16", "this GPU computes in it"
        return "float32", "this GPU does not compute in bfloat16"
    if device.type != "cpu":
        return "float32", f"bfloat16 is not tried on {device.type}"
    try:
        product = _gain(_product((512, 256, 1024), device))
        if product < 0.5:
            return "float32", f"bfloat16 products run at {product:.2g} of its speed"
        step = _gain(_small_step())
    except RuntimeError as error:
        return "float32", f"bfloat16 fails ({str(error).splitlines()[0]:.80})"
    return (
        "bfloat16" if step >= GAIN else "float32",
        f"in bfloat16 a training step runs {step:.2g} times as fast as in float32",
    )


def flops_per_token(config: ModelConfig) -> int:
    """Return 6N + 12LCT, a training step's model FLOPs a token; N counts the tied embedding once (PaLM, appendix B)."""
    parameters = config.vocabulary * config.width + config.layers * (12 * config.width**2 + 1)
    return 6 * parameters + 12 * config.layers * config.width * config.context


def fastest(found: Mapping[str, Any]) -> float:
    """Return the best GFLOP/s of any product in `found`, a machine's JSON; 0 where nothing was measured."""
    return max(float(one) for one in (found.get("gflops", 0), *found.get("rates", {}).values()))


def rate(shape: Shape, device: torch.device, seconds: float) -> float:
    """Return the best GFLOP/s of a product of `shape` seen in `seconds`; on a busy machine that may be the first."""
    product = _product(shape, device)
    until = time.perf_counter() + seconds
    best = _timed(product, device)
    while time.perf_counter() < until:
        best = min(best, _timed(product, device))
    rows, inner, columns = shape
    return round(2e-9 * rows * inner * columns / best, 1)


def compile_layers(model: GPT, tokens: torch.Tensor, dtype: str) -> str:
    """Compile the layers of `model` with torch.compile and try them on `tokens` (B, T + 1).

    Returns:
        "" or, where that fails, why; the model then runs without it.
    """
    torch.compiler.reset()  # another model's code would count towards the limit of recompilations
    try:
        for block in model.blocks:
            block.compile(dynamic=False)
        with precision(tokens.device, dtype):
            loss = model.loss(tokens)
        loss.backward()  # type: ignore[no-untyped-call]
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever a compiler may raise, the model runs without it
        for block in model.blocks:
            block._compiled_call_impl = None  # noqa: SLF001 -- torch has no call that takes compile() back
        return f"torch.compile failed ({type(error).__name__}: {str(error).strip().splitlines()[0]:.120})"
    finally:
        model.zero_grad(set_to_none=True)
    return ""


def _name(shape: Shape) -> str:
    return "x".join(map(str, shape))


def _timed(work: Callable[[], object], device: torch.device) -> float:
    """Return the seconds that `work` takes."""
    began = time.perf_counter()
    work()
    if device.type != "cpu":
        getattr(torch, device.type).synchronize()
    return time.perf_counter() - began


def _product(shape: Shape, device: torch.device) -> Callable[[], object]:
    rows, inner, columns = shape
    chance = torch.Generator().manual_seed(1)
    a = torch.randn(rows, inner, generator=chance).to(device)
    b = torch.randn(inner, columns, generator=chance).to(device)
    if torch.is_autocast_enabled(device.type):  # time the product, not the casts
        dtype = torch.get_autocast_dtype(device.type)
        a, b = a.to(dtype), b.to(dtype)
    return lambda: a @ b


def _small_step() -> Callable[[], object]:
    model = GPT(ModelConfig(vocabulary=2048, layers=1, width=256, heads=4, context=256))
    tokens = torch.randint(2048, (2, 257), generator=torch.Generator().manual_seed(1))

    def step() -> None:
        loss = model.loss(tokens)
        loss.backward()  # type: ignore[no-untyped-call]

    return step


def _gain(work: Callable[[], object], seconds: float = 0.2) -> float:
    """Return how many times as fast `work` runs in bfloat16: the best of each in `seconds`, by turns.

    The first call of each only sets things up. It is the processor time of one thread that counts: neither another
    process's turn nor waiting for a second thread says anything about either.
    """
    best = {"float32": float("inf"), "bfloat16": float("inf")}
    until, threads, tries = time.perf_counter() + seconds, torch.get_num_threads(), 0
    torch.set_num_threads(1)
    try:
        while tries < 2 or time.perf_counter() < until:
            for dtype, fastest in best.items():
                with precision(torch.device("cpu"), dtype):
                    began = time.process_time()
                    work()
                    took = time.process_time() - began
                best[dtype] = min(fastest, took) if tries else fastest
            tries += 1
    finally:
        torch.set_num_threads(threads)
    return best["float32"] / max(best["bfloat16"], 1e-9)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    with contextlib.suppress(OSError, IndexError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        return text.split("model name")[1].split("\n")[0].strip(" \t:")
    return platform.processor() or platform.machine()
