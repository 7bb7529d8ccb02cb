"""A small decoder-only transformer (GPT) and its key-value cache.

Pre-norm LayerNorm without weights (Ba et al. 2016), rotary positions (Su et al. 2021), queries and keys normalised
(Henry et al. 2020), ReLU squared (So et al. 2021), tied input and output embedding, no biases, output projections that
start at zero, and a learned mix of the embedding back into each layer's input. Where two forms are worth the same,
the one with a fused kernel on a CPU is taken: LayerNorm over RMSNorm, complex multiplication for rotations.

Shape letters: B rows, T positions, C width, H heads, D = C / H, V vocabulary.
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from weeklyai.lm.loss import linear_cross_entropy


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """Shape of a GPT."""

    vocabulary: int
    layers: int = 4
    width: int = 128
    heads: int = 4
    context: int = 256

    def __post_init__(self) -> None:
        if self.width % self.heads or (self.width // self.heads) % 2:
            raise ValueError(f"width {self.width} must be heads {self.heads} times an even number")

    @property
    def kept(self) -> tuple[int, int]:
        """Heads and channels of the keys that a cache keeps."""
        return self.heads, self.width // self.heads


class Cache:
    """Keys and values of the positions seen so far, preallocated and written in place.

    Args:
        config: of the model.
        rows: number of rows.
        positions: columns to make room for.
        device: of the store.
        starts: column of each row's first token, (B,) int64; what stands before it is padding that no token sees. None
            where all rows begin at once.

    Attributes:
        store: (layers, 2, B, H, positions, D) float32, keys then values.
        length: columns filled so far.
        seen: what the newest columns may attend to, bool (T, length) or (B, 1, T, length); set by `begin`.
    """

    def __init__(
        self,
        config: ModelConfig,
        rows: int,
        positions: int,
        device: torch.device,
        starts: Tensor | None = None,
    ) -> None:
        heads, channels = config.kept
        shape = (config.layers, 2, rows, heads, positions, channels)
        self.store = torch.zeros(shape, device=device)
        self.starts, self.length = starts, 0

    def begin(self, count: int, turns: Tensor) -> Tensor:
        """Set `seen` for the next `count` columns and return their rotations out of `turns`.

        Padding sees itself, so that its softmax has something to divide by.
        """
        end = self.length + count
        columns = torch.arange(end, device=self.store.device)
        new = columns[self.length :]
        self.seen = columns <= new[:, None]
        if self.starts is None:
            return turns[self.length : end]
        real = columns >= self.starts[:, None, None]
        self.seen = (self.seen & real | (columns == new[:, None]))[:, None]
        return turns[(new - self.starts[:, None]).clamp_min(0)]

    def extend(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Append the new columns' `k` and `v` (B, H, T, D) and return all so far."""
        end = self.length + k.size(2)
        self.store[layer, 0, :, :, self.length : end] = k
        self.store[layer, 1, :, :, self.length : end] = v
        return self.store[layer, 0, :, :, :end], self.store[layer, 1, :, :, :end]


def norm(x: Tensor) -> Tensor:
    """LayerNorm over the last axis, without weights; in torch it is one pass on a CPU, and RMSNorm is four."""
    return F.layer_norm(x, (x.size(-1),))


def computing(x: Tensor) -> Tensor:
    """Return `x` in the type that products are made in: autocast's where it is on, else its own."""
    kind = x.device.type
    return x.to(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else x


def rotary(positions: int, dim: int, base: float = 10_000.0) -> Tensor:
    """Return cosine and sine by position and pair of channels, float32 of shape (positions, 1, dim / 2, 2)."""
    rates = base ** (-torch.arange(0, dim, 2, dtype=torch.float32) / dim)
    angles = torch.outer(torch.arange(positions, dtype=torch.float32), rates)
    return torch.stack((angles.cos(), angles.sin()), dim=-1)[:, None]


def rotate(x: Tensor, turns: Tensor) -> Tensor:
    """Turn neighbouring channels of `x` (B, T, H, D) by each position's `turns` (T, 1, D / 2, 2).

    In float32, and as complex numbers on a CPU, where that takes a third of the time; compilers do better with real ones.
    """
    pairs = (x.float() if x.dtype == torch.bfloat16 else x).view(*x.shape[:-1], -1, 2)
    if x.is_cpu and not torch.compiler.is_compiling():
        turned = torch.view_as_real(torch.view_as_complex(pairs) * torch.view_as_complex(turns))
    else:
        (a, b), (cos, sin) = pairs.unbind(-1), turns.unbind(-1)
        turned = torch.stack((a * cos - b * sin, a * sin + b * cos), dim=-1)
    return turned.flatten(-2).to(x.dtype)


class _ReluSquared(torch.autograd.Function):
    """relu(x)^2 in two passes and its gradient in one; autograd's own would take twice that."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        kept = x.relu()
        ctx.save_for_backward(kept)
        return kept * kept

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (kept,) = ctx.saved_tensors
        return torch.addcmul(kept.new_zeros(1), grads[0], kept, value=2.0)


def relu_squared(x: Tensor) -> Tensor:
    """Return relu(x)^2."""
    if torch.compiler.is_compiling():
        return F.relu(x).square()
    found: Tensor = _ReluSquared.apply(x)  # type: ignore[no-untyped-call]
    return found


class _CausalAttention(torch.autograd.Function):
    """softmax(q k^T / sqrt(D)) v with the shares kept, so that the gradient is four batched products.

    On a CPU with fast bfloat16 products it takes less than half the time of torch's fused kernel, whose gradient is made
    for memory, not for speed; in float32 it is the other way round (docs/log.md).
    """

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        scores = torch.baddbmm(mask, q, k.mT, alpha=q.size(-1) ** -0.5)
        shares = torch.softmax(scores, dim=-1)
        ctx.save_for_backward(q, k, v, shares)
        return torch.bmm(shares, v)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        q, k, v, shares = ctx.saved_tensors
        grad = torch.bmm(grads[0], v.mT)
        grad = torch.ops.aten._softmax_backward_data(grad, shares, -1, shares.dtype)  # noqa: SLF001 -- an operator of torch, one pass over what takes three by hand
        grad *= q.size(-1) ** -0.5
        return torch.bmm(grad, k), torch.bmm(grad.mT, q), torch.bmm(shares.mT, grads[0]), None


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return what each position takes from itself and those before it; all of shape (B, H, T, D)."""
    if not q.is_cpu or q.dtype != torch.bfloat16 or torch.compiler.is_compiling():
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    mask = q.new_full((q.size(2), q.size(2)), float("-inf")).triu(1)
    flat = [x.reshape(-1, *x.shape[2:]) for x in (q, k, v)]
    y: Tensor = _CausalAttention.apply(*flat, mask)  # type: ignore[no-untyped-call]
    return y.view_as(q)


class Layer(nn.Module):
    """Attention, then a two-matrix MLP, each added to the residual stream."""

    def __init__(self, config: ModelConfig, index: int) -> None:
        super().__init__()
        width = config.width
        self.heads, self.index = config.heads, index
        self.qk = nn.Linear(width, 2 * width, bias=False)
        self.v = nn.Linear(width, width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor, turns: Tensor, cache: Cache | None) -> Tensor:
        """Return the residual stream (B, T, C) after this layer."""
        B, T, C = x.shape
        H, D = self.heads, C // self.heads
        h = norm(x)
        qk = rotate(norm(self.qk(h).view(B, T, 2 * H, D)), turns).transpose(1, 2)
        q, k = torch.split(
            qk, H, dim=1
        )  # the gradient of a split is one copy, that of two slices is five
        v = self.v(h).view(B, T, H, D).transpose(1, 2)
        if cache is None:
            y = causal_attention(q, k, v)
        else:
            k, v = cache.extend(self.index, k, v)
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=cache.seen)
        x = _added(x, y.transpose(1, 2).reshape(B, T, C), self.out.weight)
        return _added(x, relu_squared(self.up(norm(x))), self.down.weight)


def _added(x: Tensor, y: Tensor, weight: Tensor) -> Tensor:
    """Return `x` (B, T, C) plus `y` (B, T, K) times `weight` (C, K), the sum made inside the product."""
    flat = torch.addmm(x.flatten(0, 1), y.flatten(0, 1), weight.t())
    return flat.view_as(x)


class GPT(nn.Module):
    """Tokens in, logits out.

    Args:
        config: the shape.
        seed: of the initial weights; the same seed gives the same weights to the bit.
    """

    def __init__(self, config: ModelConfig, seed: int = 0) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.blocks = nn.ModuleList(Layer(config, n) for n in range(config.layers))
        self.embedding_scale = nn.Parameter(torch.zeros(config.layers))
        turns = rotary(config.context, config.width // config.heads)
        self.register_buffer("turns", turns, persistent=False)
        self._start(torch.Generator().manual_seed(seed))

    @torch.no_grad()
    def _start(self, generator: torch.Generator) -> None:
        """Small tied embedding, uniform matrices of variance 1 / fan-in, zero output projections."""
        self.embedding.weight.normal_(std=0.02, generator=generator)
        bound = 3**0.5 * self.config.width**-0.5
        for block in self.blocks:
            assert isinstance(block, Layer)  # noqa: S101 -- tells mypy what the list holds
            block.qk.weight.uniform_(-bound, bound, generator=generator)
            block.v.weight.uniform_(-bound, bound, generator=generator)
            block.up.weight.uniform_(-bound, bound, generator=generator)
            block.out.weight.zero_()
            block.down.weight.zero_()

    @property
    def num_parameters(self) -> int:
        """All weights; the tied embedding counts once."""
        return sum(p.numel() for p in self.parameters())

    def hidden(self, tokens: Tensor, cache: Cache | None = None) -> Tensor:
        """Return the normalised last states (B, T, C) for `tokens` (B, T) int64.

        With a cache, `tokens` are the positions after those it holds, and it grows by T.

        Raises:
            ValueError: more positions than the context holds.
        """
        past = cache.length if cache else 0
        end = past + tokens.size(1)
        if end > self.config.context:
            raise ValueError(f"{end} positions do not fit a context of {self.config.context}")
        assert isinstance(self.turns, Tensor)  # noqa: S101 -- buffers are untyped in torch
        turns = cache.begin(tokens.size(1), self.turns) if cache else self.turns[:end]
        start = x = computing(norm(self.embedding(tokens)))
        for scale, block in zip(self.embedding_scale.to(x.dtype), self.blocks, strict=True):
            x = block(torch.addcmul(x, start, scale), turns, cache)
        if cache:
            cache.length = end
        return norm(x)

    def forward(self, tokens: Tensor, cache: Cache | None = None) -> Tensor:
        """Return logits (B, T, V) float32 for `tokens` (B, T) int64."""
        return F.linear(self.hidden(tokens, cache), self.embedding.weight)

    def loss(self, tokens: Tensor) -> Tensor:
        """Return the mean next-token cross-entropy in nats over `tokens` (B, T + 1), a scalar."""
        states = self.hidden(tokens[:, :-1]).flatten(0, 1)
        return linear_cross_entropy(states, self.embedding.weight, tokens[:, 1:].flatten())
