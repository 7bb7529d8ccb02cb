"""Token batches as a pure function of the step number, so that a resumed run sees what the whole run would have seen.

An epoch is every training document once, gap-sentence documents in a shuffled order, then human pairs in a shuffled
order. Epochs follow each other without end; a step takes the next `rows * context` tokens. Nothing is padded and
nothing is cut off: a document's tail goes on in the next row.
"""

import random
from collections.abc import Sequence

import numpy as np
import torch

from weeklyai.lm.corpus import Document
from weeklyai.lm.tokenizer import Tokenizer, Tokens


def encode(document: Document, tokenizer: Tokenizer) -> Tokens:
    """Return a document's ids, int32: per segment its control token and text, then the end token."""
    ids: list[int] = []
    for name, part in document.segments:
        ids += [tokenizer.control[name], *tokenizer.encode(part)]
    return np.array([*ids, tokenizer.control["end"]], dtype=np.int32)


class Batches:
    """Batches of shape (rows, context + 1), int64.

    Args:
        documents: the training documents.
        tokenizer: encodes them, once.
        rows: B.
        context: T; the extra position is the last one's target.
        seed: of the epochs' orders.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        tokenizer: Tokenizer,
        rows: int,
        context: int,
        seed: int,
    ) -> None:
        self._plain = [encode(d, tokenizer) for d in documents if not d.human]
        self._human = [encode(d, tokenizer) for d in documents if d.human]
        self._shape = (rows, context)
        self._seed = seed
        self.epoch_tokens = sum(map(len, self._plain)) + sum(map(len, self._human))
        self._epoch = -1
        self._stream = np.empty(0, dtype=np.int32)

    @property
    def step_tokens(self) -> int:
        """Tokens of one step, B * T."""
        return self._shape[0] * self._shape[1]

    def _tokens(self, epoch: int) -> Tokens:
        """Return the whole epoch as one array; the last one asked for is kept."""
        if epoch != self._epoch:
            chance = random.Random(self._seed * 1_000_003 + epoch)  # noqa: S311 -- an order, not a secret
            plain, human = list(self._plain), list(self._human)
            chance.shuffle(plain)
            chance.shuffle(human)
            self._stream = np.concatenate([*plain, *human])
            self._epoch = epoch
        return self._stream

    def __getitem__(self, step: int) -> torch.Tensor:
        """Return batch number `step`, counted from 0."""
        context = self._shape[1]
        start, need = step * self.step_tokens, self.step_tokens + 1
        parts: list[Tokens] = []
        while need:
            epoch, offset = divmod(start, self.epoch_tokens)
            part = self._tokens(epoch)[offset : offset + need]
            parts.append(part)
            start, need = start + len(part), need - len(part)
        flat = torch.from_numpy(np.concatenate(parts).astype(np.int64))
        return flat.unfold(0, context + 1, context).clone()
