"""Token batches as a pure function of the step number, so that a resumed run sees what the whole run would have seen.

An epoch is every training document once, in a shuffled order, human pairs in its second half only, among gap-sentence
documents: pairs alone at the end cost 0.25 bits per byte of what came before (docs/log.md). A run that goes on from last week's model reads this week's documents as new ones, and beside them about as much
older text, drawn anew for each epoch, so that it does not forget (experience replay: Robins 1995). Epochs follow each
other without end; a step takes the next `rows * context` tokens. Nothing is padded, and only the last of the drawn
older documents is cut: a document's tail goes on in the next row.
"""

import random
from collections.abc import Sequence

import numpy as np
import torch

from weeklyai.lm.corpus import Document
from weeklyai.lm.tokenizer import Tokenizer, Tokens

REPLAY = 1.0  # tokens of older documents for each token of new ones


def encode(document: Document, tokenizer: Tokenizer) -> Tokens:
    """Return a document's ids, int32: per segment its control token and text, then the end token."""
    ids: list[int] = []
    for name, part in document.segments:
        ids += [tokenizer.control[name], *tokenizer.encode(part)]
    return np.array([*ids, tokenizer.control["end"]], dtype=np.int32)


_Coded = tuple[Tokens, bool]  # a document's tokens, and whether its blurb is a person's


class Batches:
    """Batches of shape (rows, context + 1), int64.

    Args:
        documents: the training documents, each read once an epoch.
        tokenizer: encodes them, once.
        rows: B.
        context: T; the extra position is the last one's target.
        seed: of the epochs' orders.
        older: documents that `REPLAY` draws from.

    Attributes:
        lengths: tokens of each of `documents`, then of each of `older`.
        epoch_tokens: tokens of an epoch.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        tokenizer: Tokenizer,
        rows: int,
        context: int,
        seed: int,
        older: Sequence[Document] = (),
    ) -> None:
        self._new = [(encode(d, tokenizer), d.human) for d in documents]
        self._older = [(encode(d, tokenizer), d.human) for d in older]
        self.lengths = [len(tokens) for tokens, _ in (*self._new, *self._older)]
        new = sum(self.lengths[: len(documents)])
        self._replay = min(round(REPLAY * new), sum(self.lengths) - new)
        self.epoch_tokens = new + self._replay
        self._shape = (rows, context)
        self._seed = seed
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
            chosen = [*self._new, *self._drawn(chance)]
            plain = [tokens for tokens, human in chosen if not human]
            human = [tokens for tokens, human in chosen if human]
            chance.shuffle(plain)
            chance.shuffle(human)
            first, rest = plain[: len(plain) // 2], [*plain[len(plain) // 2 :], *human]
            chance.shuffle(rest)
            self._stream = np.concatenate([*first, *rest])
            self._epoch = epoch
        return self._stream

    def _drawn(self, chance: random.Random) -> list[_Coded]:
        """Return older documents, the last one cut so that all epochs are equally long."""
        drawn: list[_Coded] = []
        room = self._replay
        for tokens, human in chance.sample(self._older, len(self._older)):
            if not room:
                break
            drawn.append((tokens[:room], human))
            room -= len(drawn[-1][0])
        return drawn

    def __getitem__(self, step: int) -> torch.Tensor:
        """Return batch number `step`, counted from 0."""
        return self.part(step, 0, 1)

    def part(self, step: int, rank: int, world: int) -> torch.Tensor:
        """Return the rows of batch number `step` that process `rank` of `world` reads; no two read the same."""
        rows, context = self._shape
        first, last = rank * rows // world, (rank + 1) * rows // world
        start = step * self.step_tokens + first * context
        need = (last - first) * context + 1
        parts: list[Tokens] = []
        while need:
            epoch, offset = divmod(start, self.epoch_tokens)
            part = self._tokens(epoch)[offset : offset + need]
            parts.append(part)
            start, need = start + len(part), need - len(part)
        flat = torch.from_numpy(np.concatenate(parts).astype(np.int64))
        return flat.unfold(0, context + 1, context).clone()
