"""How much memory a training step takes and how much there is, so that a run too large is refused or cut, never killed.

The estimate counts float32 numbers and was fitted to peaks that bench/memory.py measured (docs/log.md). A GPU in bfloat16
takes less for the layers, so there it is an upper bound.
"""

import ctypes
import os
from pathlib import Path

import torch

from weeklyai.errors import UserError
from weeklyai.lm.loss import CHUNK, CHUNK_CUDA
from weeklyai.lm.model import ModelConfig

SHARE = 0.85  # of the free memory that a run may take: the estimate is up to 12 % off, and others want some too

# Numbers kept at the peak. By weight of a matrix: itself, gradient, momentum, and what orthogonalisation holds; of the
# embedding: itself, gradient, AdamW's two moments. By token and channel: each layer's kept values, and once beside them.
_PER_MATRIX_WEIGHT, _PER_EMBEDDING_WEIGHT, _PER_LAYER, _BESIDE = 6, 4, 22, 4


def step_bytes(config: ModelConfig, rows: int, device: str = "cpu") -> int:
    """Return the estimated peak of training steps of `rows` sequences of the whole context, optimiser state included.

    Gradients of further micro-batches are summed in place, so accumulation takes no more.
    """
    tokens = rows * config.context
    weights = _PER_MATRIX_WEIGHT * 12 * config.layers * config.width**2
    weights += _PER_EMBEDDING_WEIGHT * config.vocabulary * config.width
    layers = tokens * config.width * (_PER_LAYER * config.layers + _BESIDE)
    chunk = min(tokens, CHUNK if device == "cpu" else CHUNK_CUDA)
    return 4 * (weights + layers + 2 * chunk * config.vocabulary)


def fit_rows(config: ModelConfig, rows: int, available: int, device: str = "cpu") -> int:
    """Return the rows of a micro-batch: the largest divisor of `rows` whose step fits into `available` bytes.

    The batch of `rows` is then made of rows / micro-batch passes whose gradients are summed.

    Raises:
        UserError: not even one row fits.
    """
    for micro in sorted((n for n in range(1, rows + 1) if rows % n == 0), reverse=True):
        if step_bytes(config, micro, device) <= SHARE * available:
            return micro
    needed = step_bytes(config, 1, device) / SHARE
    raise UserError(
        f"a model of {config.layers} layers of width {config.width} with {config.vocabulary:,} token types needs "
        f"{needed / 1e9:.2f} GB to train, and {available / 1e9:.2f} GB are free: choose a smaller --size, or free memory"
    )


def device_memory(device: torch.device) -> tuple[int, int]:
    """Return the bytes of memory of `device` in all and free."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        return total, free
    return system_memory()


def system_memory(root: Path = Path("/")) -> tuple[int, int]:
    """Return the bytes of memory that this process may use in all and those of them that are free.

    Linux says both; a control group (version 1 or 2) may allow less. Elsewhere half of the whole counts as free.

    Args:
        root: where proc/ and sys/ are.
    """
    try:
        lines = (root / "proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return total, total // 2
    fields = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    total, free = (int(fields[name][0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    for limit, used in _group_limits(root):
        total, free = min(total, limit), min(free, max(0, limit - used))
    return total, free


def _group_limits(root: Path) -> list[tuple[int, int]]:
    """Return (limit, bytes used) of each control group around this process that has a limit."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            base, names = root / "sys/fs/cgroup", ("memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            base = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            continue
        inner = base / path.strip("/")
        for folder in (inner, *inner.parents):
            if folder != base and base not in folder.parents:
                break
            limit, used = (_number(folder / name) for name in names)
            if limit is not None and used is not None:
                found.append((limit, used - _file_cache(folder)))
    return found


def _number(path: Path) -> int | None:
    """Return the number in `path`, or None where there is none ("max")."""
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _file_cache(folder: Path) -> int:
    """Return the bytes of cached files of a control group, which give way to whoever needs memory."""
    try:
        lines = (folder / "memory.stat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    fields = dict(line.split(maxsplit=1) for line in lines)
    return int(fields.get("total_inactive_file", fields.get("inactive_file", 0)))


def keep_freed_memory() -> None:
    """Ask the C library to keep memory that torch frees, up to 32 MB a piece, instead of giving it back each time.

    Fresh memory costs a page fault every 4 kB: a training step of a small model is a tenth to a fifth shorter without
    (docs/log.md). A C library that knows no `mallopt` is left as it is.
    """
    trim_threshold, mmap_threshold = -1, -3  # mallopt(3)
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(mmap_threshold, 32 << 20)
    mallopt(trim_threshold, 1 << 30)
