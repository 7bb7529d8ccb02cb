"""Decoding: the next token of many continuations at once, in as few torch calls as the model allows.

A step of a small model is short (0.5 ms at 1.8M parameters), so what counts is the number of calls into torch, and a
layer makes 17 of them here. The arithmetic is that of `weeklyai.lm.model`, and a test holds the logits of both together;
who changes one changes the other.

Continuations of one prompt share its keys and values: they stand in one row of the cache, and each step appends a column
for each of them, which only it will see. So attention reads a prompt once a step, not once a continuation.

Shape letters: B prompts, S continuations of each, N = B * S, P prompt columns, C width, H heads, D = C / H, V vocabulary.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from weeklyai.lm.model import GPT, Cache, Layer


class Decoder:
    """The state of decoding after the prompts.

    Args:
        model: the model, unchanged while this lives.
        cache: what the prompts left, all its columns filled.
        branches: continuations of each prompt, S.
        steps: the most tokens that will be fed for each.
    """

    def __init__(self, model: GPT, cache: Cache, branches: int, steps: int) -> None:
        layers, _, B, H, _, D = cache.store.shape
        P, self.branches, self.length = cache.length, branches, cache.length
        device = cache.store.device
        self.store = torch.empty(layers, 2, B, H, P + branches * steps, D, device=device)
        self.store[..., :P, :] = cache.store[..., :P, :]
        starts = torch.zeros(B, dtype=torch.int64, device=device)
        starts = starts if cache.starts is None else cache.starts
        self.positions = P - starts
        self.mask: Tensor | None = None
        if branches > 1 or cache.starts is not None:
            self.mask = _mask(starts, P, branches, self.store.size(4))
        self.turns = torch.view_as_complex(model.get_buffer("turns"))
        self._take(model)

    def _take(self, model: GPT) -> None:
        """Lay out what `step` needs of the model."""
        self.embedding = model.embedding.weight
        self.scales = model.embedding_scale.tolist()
        self.layers = [_weights(block) for block in model.blocks if isinstance(block, Layer)]

    def step(self, tokens: Tensor) -> Tensor:
        """Return logits (N, V) after one more token of each continuation, `tokens` (N,) int64."""
        _, _, B, H, _, D = self.store.shape
        S, C, start, end = self.branches, H * D, self.length, self.length + self.branches
        mask = None if self.mask is None else self.mask[..., :end]
        turns = self.turns[self.positions, None]
        x = first = torch.layer_norm(self.embedding[tokens], (C,))
        for (qk, v, out, up, down), scale, (keys, values) in zip(
            self.layers, self.scales, self.store, strict=True
        ):
            x = torch.add(x, first, alpha=scale)
            h = torch.layer_norm(x, (C,))
            pairs = torch.layer_norm(torch.mm(h, qk).view(-1, 2 * H, D), (D,)).view(
                B, S, 2 * H, -1, 2
            )
            turned = torch.view_as_real(torch.view_as_complex(pairs) * turns)
            q, k = torch.split(turned.view(B, S, 2 * H, D).transpose(1, 2), H, dim=1)
            keys[:, :, start:end] = k
            values[:, :, start:end] = torch.mm(h, v).view(B, S, H, D).transpose(1, 2)
            y = F.scaled_dot_product_attention(
                q, keys[:, :, :end], values[:, :, :end], attn_mask=mask
            )
            x = torch.addmm(x, y.transpose(1, 2).reshape(-1, C), out)
            u = torch.mm(torch.layer_norm(x, (C,)), up).relu_()
            x = torch.addmm(x, u.mul_(u), down)
        self.length, self.positions = end, self.positions + 1
        return torch.mm(torch.layer_norm(x, (C,)), self.embedding.t())

    def keep(self, rows: Tensor) -> None:
        """Go on with the prompts `rows` alone, int64 indices into the present ones."""
        self.store = self.store[:, :, rows]
        self.positions = self.positions[rows]
        self.mask = None if self.mask is None else self.mask[rows]


def _weights(layer: Layer) -> tuple[Tensor, ...]:
    """Return a layer's matrices as `mm` takes them: views, so nothing is copied and nothing can go stale."""
    linear = (layer.qk, layer.v, layer.out, layer.up, layer.down)
    return tuple(one.weight.t() for one in linear)


def _mask(starts: Tensor, prompt: int, branches: int, columns: int) -> Tensor:
    """Return what each continuation sees: the prompt behind its padding, and its own columns; 0 or -inf, (B, 1, S, T)."""
    column = torch.arange(columns, device=starts.device)
    branch = torch.arange(branches, device=starts.device)[:, None]
    own = (column - prompt) % branches == branch
    seen = torch.where(column < prompt, column >= starts[:, None, None], own)
    return torch.zeros(seen.shape, device=starts.device).masked_fill_(~seen, -torch.inf)[:, None]
