"""A small Llama (Touvron et al. 2023) behind the interface of our GPT, for weights that others trained.

RMSNorm with weights, rotary positions over neighbouring channels, fewer heads of keys than of queries (Ainslie et al.
2023), SwiGLU, tied embedding. The weights never change: they are buffers, which `state_dict` and `parameters` leave out.
What is trained is beside them: two narrow matrices for each product (LoRA, Hu et al. 2021), and the rows that the special
tokens enter with. So a run's checkpoint of this model is its adapter and nothing else.

Shape letters as in `weeklyai.lm.model`; K heads of keys, R rank of the adapter.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from weeklyai.lm.decode import Decoder
from weeklyai.lm.gguf import Fours
from weeklyai.lm.model import GPT, Cache, ModelConfig, causal_attention, rotary, rotate

FEW = 4  # rows up to which 4-bit weights are the fastest to multiply with (docs/log.md)
SURE = 64  # tokens of a row whose logits bfloat16 does not round: rounded ones tie (docs/log.md)
_GROUP = 32  # inputs that share a scale


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaConfig(ModelConfig):
    """Shape of a Llama: beside a GPT's, the heads of keys, the channels between SwiGLU's products, and two constants."""

    kv_heads: int
    inner: int
    rotary_base: float
    epsilon: float

    @property
    def kept(self) -> tuple[int, int]:
        """Heads and channels of the keys that a cache keeps."""
        return self.kv_heads, self.width // self.heads


class Product(nn.Module):
    """One frozen matrix, and the low-rank one that is trained on top of it: W x + up (down x).

    Args:
        weight: W, (O, I), in the type that products are made in.
        fours: the same as stored, in 4 bits, or None.
        rank: R; 0 for no adapter.
        seed: of `down`; `up` begins at zero, so the sum begins as W.
    """

    weight: Tensor

    def __init__(self, weight: Tensor, fours: Fours | None, rank: int, seed: int) -> None:
        super().__init__()
        self.register_buffer("weight", weight, persistent=False)
        self._fours = fours
        self._quarter: tuple[Tensor, Tensor] | None = None
        self._packed: tuple[int, Tensor] | None = None
        self.down: nn.Parameter | None = None
        self.up: nn.Parameter | None = None
        if rank:
            down = torch.empty(rank, weight.size(1))
            chance = torch.Generator().manual_seed(seed)
            self.down = nn.Parameter(down.normal_(std=weight.size(1) ** -0.5, generator=chance))
            self.up = nn.Parameter(torch.zeros(weight.size(0), rank))

    def forward(self, x: Tensor) -> Tensor:
        """Return the product with `x` (..., I), in the weight's type."""
        x = x.to(self.weight.dtype)
        return self._adapted(x, F.linear(x, self.weight))

    def few(self, x: Tensor) -> Tensor:
        """Return the product with few rows, `x` (N, I), out of the 4-bit weights where there are any."""
        if self._fours is None or self.weight.dtype != torch.bfloat16 or not x.is_cpu:
            return self.forward(x)
        if self._quarter is None:
            self._quarter = _quarter(self._fours)
        x = x.to(self.weight.dtype)
        numbers, scales = self._quarter
        y = torch.ops.aten._weight_int4pack_mm_for_cpu(x, numbers, _GROUP, scales)  # noqa: SLF001 -- torch has no public name for it
        return self._adapted(x, y)

    def many(self, x: Tensor) -> Tensor:
        """Return the product with many rows, `x` (N, I), the weight laid out once for the processor's bfloat16 units."""
        if self.weight.dtype != torch.bfloat16 or not x.is_cpu:
            return self.forward(x)
        version = 0 if self.up is None else self.up._version  # noqa: SLF001 -- torch's own count of changes
        if self._packed is None or self._packed[0] != version:
            merged = self.weight if self.up is None or self.down is None else (self.weight.float() + self.up @ self.down).bfloat16()  # fmt: skip
            self._packed = version, packed(merged.detach())
        return apply_packed(x.bfloat16(), self._packed[1])

    def _adapted(self, x: Tensor, y: Tensor) -> Tensor:
        if self.down is None or self.up is None:
            return y
        return y + F.linear(F.linear(x, self.down.to(x.dtype)), self.up.to(x.dtype))


def packed(weight: Tensor) -> Tensor:
    """Return a bfloat16 matrix in oneDNN's own layout."""
    found: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight, 16)  # noqa: SLF001
    return found


def apply_packed(x: Tensor, weight: Tensor) -> Tensor:
    """Return the product of `x` (N, I) and what `packed` returned."""
    found: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, None, "none", [], "")  # noqa: SLF001
    return found


def _quarter(stored: Fours) -> tuple[Tensor, Tensor]:
    """Return 4-bit numbers and scales as torch's kernel takes them: w = (number - 8) * scale + middle."""
    numbers = torch.ops.aten._convert_weight_to_int4pack_for_cpu(stored.numbers.int(), 2)  # noqa: SLF001
    scales = torch.stack([stored.scale, stored.least + 8 * stored.scale], dim=-1)  # (O, I / 32, 2)
    return numbers, scales.transpose(0, 1).contiguous().bfloat16()


class LlamaLayer(nn.Module):
    """Attention, then SwiGLU, each added to the residual stream, which is float32."""

    before_attention: Tensor
    before_mlp: Tensor

    def __init__(self, config: LlamaConfig, index: int, norms: tuple[Tensor, Tensor], products: dict[str, Product]) -> None:  # fmt: skip
        super().__init__()
        self.config, self.index = config, index
        self.register_buffer("before_attention", norms[0], persistent=False)
        self.register_buffer("before_mlp", norms[1], persistent=False)
        self.qkv, self.out = products["qkv"], products["out"]
        self.gate_up, self.down = products["gate_up"], products["down"]

    def forward(self, x: Tensor, turns: Tensor, cache: Cache | None) -> Tensor:
        """Return the residual stream (B, T, C) after this layer."""
        B, T, C = x.shape
        H, (K, D) = self.config.heads, self.config.kept
        qkv = self.qkv(rms(x, self.before_attention, self.config)).view(B, T, H + 2 * K, D)
        qk = rotate(qkv[:, :, : H + K], turns).transpose(1, 2)
        q, k, v = qk[:, :H], qk[:, H:], qkv[:, :, H + K :].transpose(1, 2)
        if cache is None:
            wide = [one.repeat_interleave(H // K, dim=1) for one in (k, v)]
            y = causal_attention(q, *wide)
        else:
            k, v = cache.extend(self.index, k, v)
            y = F.scaled_dot_product_attention(q.float(), k, v, attn_mask=cache.seen, enable_gqa=True)  # fmt: skip
        x = torch.add(x, self.out(y.transpose(1, 2).reshape(B, T, C)))
        gate, up = self.gate_up(rms(x, self.before_mlp, self.config)).chunk(2, dim=-1)
        return torch.add(x, self.down(F.silu(gate) * up))


def rms(x: Tensor, weight: Tensor, config: LlamaConfig) -> Tensor:
    """Return `x` over the root of its mean square, times `weight`, in float32."""
    return F.rms_norm(x, (x.size(-1),), weight, config.epsilon)


class Llama(GPT):
    """Tokens in, logits out, as our GPT; of its parameters only the adapter's are trained.

    Args:
        config: the shape.
        embedding: (V, C) float32.
        blocks: the layers.
        last_norm: (C,).
        special: rows (n, C) that the tokens 0 ... n - 1 enter with; they are trained, what foretells those tokens is not.
    """

    config: LlamaConfig
    special: Tensor
    last_norm: Tensor

    def __init__(self, config: LlamaConfig, embedding: Tensor, blocks: list[LlamaLayer], last_norm: Tensor, special: Tensor) -> None:  # fmt: skip
        nn.Module.__init__(self)
        self.config = config
        self.embedding = nn.Embedding(1, 1)
        del self.embedding.weight
        self.embedding.register_buffer("weight", embedding, persistent=False)
        self.blocks = nn.ModuleList(blocks)
        self.register_buffer("last_norm", last_norm, persistent=False)
        turns = rotary(config.context, config.width // config.heads, config.rotary_base)
        self.register_buffer("turns", turns, persistent=False)
        self.special = nn.Parameter(special.clone())
        self._output: Tensor | None = None

    @property
    def num_parameters(self) -> int:
        """All weights, frozen and trained; the tied embedding counts once."""
        frozen = (one for name, one in self.named_buffers() if name != "turns")
        return sum(one.numel() for one in (*frozen, *self.parameters()))

    def embedded(self, tokens: Tensor) -> Tensor:
        """Return what `tokens` enter with, (..., C) float32."""
        size = self.special.size(0)
        own = F.embedding(tokens.clamp_max(size - 1), self.special)
        return torch.where(tokens[..., None] < size, own, self.embedding(tokens))

    def hidden(self, tokens: Tensor, cache: Cache | None = None) -> Tensor:
        """Return the normalised last states (B, T, C) float32 for `tokens` (B, T) int64; else as `GPT.hidden`.

        Raises:
            ValueError: more positions than the context holds.
        """
        end = (cache.length if cache else 0) + tokens.size(1)
        if end > self.config.context:
            raise ValueError(f"{end} positions do not fit a context of {self.config.context}")
        table = self.get_buffer("turns")
        turns = cache.begin(tokens.size(1), table) if cache else table[:end]
        x = self.embedded(tokens)
        for block in self.blocks:
            x = block(x, turns, cache)
        if cache:
            cache.length = end
        return rms(x, self.last_norm, self.config)

    def output(self, states: Tensor) -> Tensor:
        """Return logits (N, V) float32 for `states` (N, C); but the likeliest of a row are rounded to bfloat16 on the way."""
        if not states.is_cpu or self._first.weight.dtype != torch.bfloat16:
            return F.linear(states, self.embedding.weight)
        if self._output is None:
            self._output = packed(self.embedding.weight.bfloat16())
        logits = apply_packed(states.bfloat16(), self._output).float()
        likeliest = logits.topk(min(SURE, logits.size(1)), sorted=False).indices
        exact = (self.embedding.weight[likeliest] @ states[:, :, None])[..., 0]
        return logits.scatter_(1, likeliest, exact)

    @property
    def _first(self) -> Product:
        first = self.blocks[0]
        assert isinstance(first, LlamaLayer)  # noqa: S101 -- tells mypy what the list holds
        return first.qkv


class LlamaDecoder(Decoder):
    """`Decoder` for a Llama; the arithmetic is that of `LlamaLayer`, and a test holds both together."""

    def _take(self, model: GPT) -> None:
        assert isinstance(model, Llama)  # noqa: S101 -- `sample` sees to it
        self.model = model
        self.blocks = [block for block in model.blocks if isinstance(block, LlamaLayer)]
        # The query heads that share a head of keys are so many rows of one attention: each sees what its stream sees.
        if self.mask is not None:
            groups = model.config.heads // model.config.kv_heads
            self.mask = self.mask.repeat(1, 1, groups, 1)

    def step(self, tokens: Tensor) -> Tensor:
        """Return logits (N, V) after one more token of each continuation, `tokens` (N,) int64."""
        _, _, B, K, _, D = self.store.shape
        S, start, end = self.branches, self.length, self.length + self.branches
        config, few = self.model.config, len(tokens) <= FEW
        H, N = config.heads, B * S
        mask = None if self.mask is None else self.mask[..., :end]
        turns = self.turns[self.positions].view(B, 1, 1, -1)
        x = self.model.embedded(tokens)
        for block, (keys, values) in zip(self.blocks, self.store, strict=True):
            h = rms(x, block.before_attention, config)
            qkv = (block.qkv.few(h) if few else block.qkv.many(h)).float().view(B, S, H + 2 * K, D)
            pairs = torch.view_as_complex(qkv[:, :, : H + K].view(B, S, H + K, -1, 2))
            turned = torch.view_as_real(pairs * turns).flatten(-2).transpose(1, 2)
            keys[:, :, start:end] = turned[:, H:]
            values[:, :, start:end] = qkv[:, :, H + K :].transpose(1, 2)
            q = turned[:, :H].reshape(B, K, H // K * S, D)
            y = F.scaled_dot_product_attention(q, keys[:, :, :end], values[:, :, :end], attn_mask=mask)  # fmt: skip
            y = y.view(B, H, S, D).transpose(1, 2).reshape(N, -1)
            x = x + (block.out.few(y) if few else block.out.many(y))
            h = rms(x, block.before_mlp, config)
            gate, up = (block.gate_up.few(h) if few else block.gate_up.many(h)).chunk(2, dim=-1)
            h = F.silu(gate).mul_(up)
            x = x + (block.down.few(h) if few else block.down.many(h))
        self.length, self.positions = end, self.positions + 1
        return self.model.output(rms(x, self.model.last_norm, config))
