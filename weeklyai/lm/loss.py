"""The last layer and its cross-entropy in one, by chunks of rows.

At this project's sizes the logits are by far the largest tensor of a training step: 2,048 tokens times a vocabulary of 8,192
are 64 MB, which leave the processor's cache and come back three times. Here a chunk of logits is made, turned into its
own gradient in place, and used up before the next one is made (the idea of Liger Kernel's fused linear cross-entropy,
Hsu et al. 2024, in plain torch). The result is exact. Under autocast the products are made in its dtype, the softmax and
the sums in the weight's.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

CHUNK = 256  # rows: logits of 8 MB at 8,192 token types; 64 and 512 are slower (docs/log.md)
CHUNK_LOW = 512  # in bfloat16, whose products want to be larger
CHUNK_CUDA = 8192  # a GPU has no such cache to stay in, and wants large products

_TINY = 1e-38  # a share below this counts as this, 87 nats: its logarithm would be infinite


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        rows = x.size(0)
        total = weight.new_zeros(())
        frozen = not ctx.needs_input_grad[1]
        grad_weight = weight.new_zeros(()) if frozen else torch.zeros_like(weight)
        if torch.is_autocast_enabled(x.device.type):
            dtype = torch.get_autocast_dtype(x.device.type)
            x, weight = x.to(dtype), weight.to(dtype)
        low = x.dtype != grad_weight.dtype
        most = min(rows, CHUNK_CUDA if x.is_cuda else CHUNK_LOW if low else CHUNK)
        grad_x = torch.empty_like(x)
        # All buffers are made once: fresh memory costs a page fault every 4 kB, more than the arithmetic done in it.
        logits = x.new_empty(most, weight.size(0))
        shares = torch.empty_like(logits, dtype=grad_weight.dtype)
        for start in range(0, rows, most):
            part = slice(start, min(start + most, rows))
            size = part.stop - start
            torch.mm(x[part], weight.t(), out=logits[:size])
            # One kernel, row by row within the cache; what it makes is the gradient but for the wanted token's 1.
            chunk = torch.softmax(logits[:size], dim=1, dtype=shares.dtype, out=shares[:size])
            wanted = targets[part, None]
            total -= chunk.gather(1, wanted).clamp_min(_TINY).log().sum()
            chunk.scatter_add_(1, wanted, chunk.new_full(wanted.shape, -1.0))
            chunk = logits[:size].copy_(chunk) if low else chunk
            torch.mm(chunk, weight, out=grad_x[part])
            if frozen:
                continue
            if low:
                grad_weight += torch.mm(chunk.t(), x[part])
            else:
                grad_weight.addmm_(chunk.t(), x[part])
        ctx.save_for_backward(grad_x.div_(rows), grad_weight.div_(rows))
        return total / rows

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor | None, None]:
        grad_x, grad_weight = ctx.saved_tensors
        frozen = not ctx.needs_input_grad[1]
        return grad_x * grads[0], None if frozen else grad_weight * grads[0], None


def linear_cross_entropy(x: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy in nats of `targets` under the logits `x @ weight.T`, a scalar.

    Args:
        x: states, (N, C).
        weight: of the output layer, (V, C).
        targets: token ids, (N,) int64.
    """
    if not torch.is_grad_enabled():
        return F.cross_entropy(F.linear(x, weight), targets)
    found: Tensor = _LinearCrossEntropy.apply(x, weight, targets)  # type: ignore[no-untyped-call]
    return found
