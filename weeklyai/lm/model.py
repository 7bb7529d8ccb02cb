"""A small decoder-only transformer (GPT) and its key-value cache.

Pre-norm RMSNorm without weights (Zhang and Sennrich 2019), rotary positions (Su et al. 2021), queries and keys
normalised (Henry et al. 2020), ReLU squared (So et al. 2021), tied input and output embedding, no biases, output
projections that start at zero, and a learned mix of the embedding back into each layer's input.

Shape letters: B rows, T positions, C width, H heads, D = C / H, V vocabulary.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


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


class Cache:
    """Keys and values of the positions seen so far, one preallocated pair a layer, each (B, H, T, D) float32."""

    def __init__(
        self, config: ModelConfig, rows: int, positions: int, device: torch.device
    ) -> None:
        shape = (config.layers, 2, rows, config.heads, positions, config.width // config.heads)
        self.store = torch.zeros(shape, device=device)
        self.length = 0

    def extend(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Append the new positions' `k` and `v` (B, H, T, D) and return all so far."""
        end = self.length + k.size(2)
        self.store[layer, 0, :, :, self.length : end] = k
        self.store[layer, 1, :, :, self.length : end] = v
        return self.store[layer, 0, :, :, :end], self.store[layer, 1, :, :, :end]

    def expand(self, rows: int) -> "Cache":
        """Return a copy of a one-row cache with `rows` equal rows, for many continuations of one prompt."""
        copy = object.__new__(Cache)
        copy.store = self.store.expand(-1, -1, rows, -1, -1, -1).clone()
        copy.length = self.length
        return copy


def norm(x: Tensor) -> Tensor:
    """RMSNorm over the last axis, without weights."""
    return F.rms_norm(x, (x.size(-1),))


def rotary(positions: int, dim: int, base: float = 10_000.0) -> tuple[Tensor, Tensor]:
    """Return cosine and sine tables of shape (positions, dim / 2)."""
    rates = base ** (-torch.arange(0, dim, 2, dtype=torch.float32) / dim)
    angles = torch.outer(torch.arange(positions, dtype=torch.float32), rates)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate the halves of the last axis of `x` (B, H, T, D) by each position's angles (T, D / 2)."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos + b * sin, b * cos - a * sin), dim=-1)


class Layer(nn.Module):
    """Attention, then a two-matrix MLP, each added to the residual stream."""

    def __init__(self, config: ModelConfig, index: int) -> None:
        super().__init__()
        width = config.width
        self.heads, self.index = config.heads, index
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, cache: Cache | None) -> Tensor:
        """Return the residual stream (B, T, C) after this layer."""
        B, T, C = x.shape
        q, k, v = self.qkv(norm(x)).view(B, T, 3, self.heads, C // self.heads).unbind(2)
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
        q, k = rotate(norm(q), cos, sin), rotate(norm(k), cos, sin)
        if cache is None:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            k, v = cache.extend(self.index, k, v)
            past = k.size(2) - T
            seen = torch.ones(T, k.size(2), dtype=torch.bool, device=x.device).tril(past)
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=seen)
        x = x + self.out(y.transpose(1, 2).reshape(B, T, C))
        hidden: Tensor = x + self.down(F.relu(self.up(norm(x))).square())
        return hidden


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
        self.residual_scale = nn.Parameter(torch.ones(config.layers))
        self.embedding_scale = nn.Parameter(torch.zeros(config.layers))
        cos, sin = rotary(config.context, config.width // config.heads)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self._start(torch.Generator().manual_seed(seed))

    @torch.no_grad()
    def _start(self, generator: torch.Generator) -> None:
        """Small tied embedding, uniform matrices of variance 1 / fan-in, zero output projections."""
        self.embedding.weight.normal_(std=0.02, generator=generator)
        bound = 3**0.5 * self.config.width**-0.5
        for block in self.blocks:
            assert isinstance(block, Layer)  # noqa: S101 -- tells mypy what the list holds
            block.qkv.weight.uniform_(-bound, bound, generator=generator)
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
        assert isinstance(self.cos, Tensor)  # noqa: S101 -- buffers are untyped in torch
        assert isinstance(self.sin, Tensor)  # noqa: S101
        cos, sin = self.cos[past:end], self.sin[past:end]
        start = x = norm(self.embedding(tokens))
        for n, block in enumerate(self.blocks):
            x = block(self.residual_scale[n] * x + self.embedding_scale[n] * start, cos, sin, cache)
        if cache:
            cache.length = end
        return norm(x)

    def forward(self, tokens: Tensor, cache: Cache | None = None) -> Tensor:
        """Return logits (B, T, V) float32 for `tokens` (B, T) int64."""
        return F.linear(self.hidden(tokens, cache), self.embedding.weight)

    def loss(self, tokens: Tensor) -> Tensor:
        """Return the mean next-token cross-entropy in nats over `tokens` (B, T + 1), a scalar."""
        logits = self(tokens[:, :-1])
        return F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
