"""Muon for the matrices, AdamW for the embedding and the scalars.

Muon (Jordan 2024) replaces each matrix's momentum by the nearest orthogonal matrix, found by Newton-Schulz steps:
three, since with five the held-out loss is the same and the step a tenth longer (docs/log.md). torch ships one, but it casts
to bfloat16, which has no fast path on most CPUs; this one is told its dtype, and treats all matrices of one shape as one batch.
"""

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor

from weeklyai.lm.model import GPT

MOMENTUM = 0.95
# Quintic coefficients that push all singular values towards 1 in few steps (Jordan 2024).
_A, _B, _C = 3.4445, -4.7750, 2.0315


STEPS = 3  # of Newton-Schulz


def orthogonalised(
    matrices: Tensor, steps: int = STEPS, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Return for each of `matrices` (N, rows, columns) about the nearest (semi-)orthogonal one, computed in `dtype`."""
    tall = matrices.size(1) > matrices.size(2)
    x: Tensor = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    x = x.to(dtype)
    for _ in range(steps):
        gram = x @ x.mT
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    return (x.mT if tall else x).to(matrices.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised; every parameter is a matrix, and queries and keys in one count as two."""

    def __init__(self, matrices: Iterable[Tensor], lr: float, dtype: torch.dtype) -> None:
        super().__init__(list(matrices), {"lr": lr})
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Take one step with the gradients at hand."""
        del closure
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[tuple[Tensor, Tensor]]] = defaultdict(list)
            for parameter in group["params"]:
                momentum = self.state[parameter].setdefault("momentum", torch.zeros_like(parameter))
                momentum.lerp_(parameter.grad, 1 - MOMENTUM)
                ahead = parameter.grad.lerp(momentum, MOMENTUM)  # Nesterov's look-ahead
                parts = 2 if parameter.size(0) == 2 * parameter.size(1) else 1
                for weight, update in zip(parameter.chunk(parts), ahead.chunk(parts), strict=True):
                    by_shape[weight.shape].append((weight, update))
            for shape, pairs in by_shape.items():
                stacked = torch.stack([update for _, update in pairs])
                updates = orthogonalised(stacked, dtype=self.dtype)
                scale = max(1.0, shape[0] / shape[1]) ** 0.5
                for (weight, _), update in zip(pairs, updates, strict=True):
                    weight.sub_(update, alpha=group["lr"] * scale)


def make_optimizers(
    model: GPT, dtype: torch.dtype = torch.float32, embedding_rate: float = 0.02
) -> list[torch.optim.Optimizer]:
    """Return Muon, computing in `dtype`, and AdamW for `model`; each group keeps its peak rate as "peak"."""
    matrices = [p for p in model.blocks.parameters() if p.ndim == 2]
    scalars = [model.embedding_scale]
    optimizers: list[torch.optim.Optimizer] = [
        Muon(matrices, lr=0.02, dtype=dtype),
        torch.optim.AdamW(
            [
                {"params": [model.embedding.weight], "lr": embedding_rate},
                {"params": scalars, "lr": 0.005},
            ],
            betas=(0.8, 0.95),
            eps=1e-10,
            weight_decay=0.0,
            fused=True,
        ),
    ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return optimizers


def set_rates(optimizers: Iterable[torch.optim.Optimizer], factor: float) -> None:
    """Set every rate to `factor` times its peak."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * factor


def rate_factor(progress: float) -> float:
    """Return the share of the peak rate at `progress` in 0 ... 1: level to 40 %, then linear to 2 %."""
    return 1.0 if progress < 0.4 else 1.0 - 0.98 * (min(progress, 1.0) - 0.4) / 0.6
