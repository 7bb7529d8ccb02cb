"""Byte-pair encoding trained on the site's own corpus and run by `tiktoken.Encoding`.

Merges are learned by `rustbpe` and handed to tiktoken as mergeable ranks; nothing is ever downloaded. Control tokens
lie above the ranks and are only ever added by id: text is encoded with `encode_ordinary`, so a feed that spells
"<|end|>" gets the bytes of that string, never the token. Stored as text, one "base64 rank" line a token, after a
header line (the format of tiktoken's own .tiktoken files but for that header).
"""

import base64
import functools
import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rustbpe
import tiktoken

from weeklyai import files
from weeklyai.errors import WeeklyError

CONTROL = ("title", "source", "body", "blurb", "end")

# Words with their leading space, numbers in groups of at most two digits (a small vocabulary learns pairs but not
# years), punctuation runs, white space. Possessive quantifiers keep the regex linear on hostile text.
PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,2}| ?[^\s\p{L}\p{N}]++[\r\n]*"
    r"|\s*[\r\n]|\s+(?!\S)|\s+"
)
_HEADER = "# weeklyai tokenizer 1"

_MOST_SPACE = 10_000  # characters; tiktoken's regex engine panics at about a million, past any `except Exception`
_SPACE = re.compile(r"\s{2,}")

Tokens = npt.NDArray[np.int32]


def tamed(text: str) -> str:
    """Return `text` with only the beginning of each endless run of white space."""
    return _SPACE.sub(lambda run: run[0][:_MOST_SPACE], text)


def fitting_vocabulary(num_bytes: int) -> int:
    """Return the vocabulary size for a corpus of `num_bytes`: a power of two in 512 ... 8192.

    About 100 bytes of text a token type: with more types the rows of the embedding see too few gradients and the model
    overfits sooner, with fewer it reads slower (docs/log.md).
    """
    size = 512
    while size < 8192 and size * 2 * 100 <= num_bytes:
        size *= 2
    return size


class Tokenizer:
    """Text <-> token ids.

    Attributes:
        ranks: the bytes of each mergeable token, by id.
        hash: 16 hex digits over pattern and ranks; checkpoints carry it.
    """

    def __init__(self, ranks: Sequence[bytes]) -> None:
        missing = {bytes([n]) for n in range(256)} - set(ranks)
        if missing:  # tiktoken would panic on such a byte, past any `except Exception`
            raise ValueError(f"{len(missing)} single bytes are not in the vocabulary")
        self.ranks = tuple(ranks)
        self.hash = hashlib.sha256(self._file().encode()).hexdigest()[:16]
        self.control = {name: len(self.ranks) + n for n, name in enumerate(CONTROL)}
        self._encoding = tiktoken.Encoding(
            "weeklyai",
            pat_str=PATTERN,
            mergeable_ranks={token: rank for rank, token in enumerate(self.ranks)},
            special_tokens={f"<|{name}|>": token for name, token in self.control.items()},
        )

    @classmethod
    def train(cls, texts: Iterable[str], vocabulary: int) -> "Tokenizer":
        """Learn merges from `texts` until `vocabulary` token types, control tokens included, or no pair repeats."""
        bpe = rustbpe.Tokenizer()
        bpe.train_from_iterator(iter(texts), vocabulary - len(CONTROL), pattern=PATTERN)
        ranks = sorted(((rank, bytes(token)) for token, rank in bpe.get_mergeable_ranks()))
        return cls([token for _, token in ranks])

    @property
    def size(self) -> int:
        """Number of token types, control tokens included."""
        return len(self.ranks) + len(CONTROL)

    def encode(self, text: str) -> list[int]:
        """Return the ids of `text`; control tokens spelled in it stay plain text."""
        return self._encoding.encode_ordinary(tamed(text))

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of `tokens`; control tokens vanish, broken UTF-8 becomes U+FFFD."""
        return self._encoding.decode([token for token in tokens if token < len(self.ranks)])

    @functools.cached_property
    def num_bytes(self) -> Tokens:
        """Bytes of each token, int32 of shape (size,); control tokens count 0."""
        return np.array([len(token) for token in self.ranks] + [0] * len(CONTROL), dtype=np.int32)

    def _file(self) -> str:
        lines = (
            f"{base64.b64encode(token).decode()} {rank}" for rank, token in enumerate(self.ranks)
        )
        return "\n".join([_HEADER, PATTERN, *lines]) + "\n"

    def save(self, path: Path) -> None:
        """Write the tokenizer to `path` as text."""
        files.write_text(path, self._file())

    @classmethod
    def load(cls, path: Path) -> "Tokenizer":
        """Read a tokenizer from `path`.

        Raises:
            WeeklyError: the file is missing, damaged or of another version.
        """
        try:
            header, pattern, *lines = path.read_text(encoding="utf-8").splitlines()
            if (header, pattern) != (_HEADER, PATTERN):
                raise ValueError("it was written by another version")
            tokenizer = cls([base64.b64decode(line.split()[0], validate=True) for line in lines])
        except (OSError, ValueError, IndexError) as error:
            raise WeeklyError(
                f"tokenizer {path} cannot be used ({error}): train again with 'weeklyai train --fresh'"
            ) from None
        return tokenizer
