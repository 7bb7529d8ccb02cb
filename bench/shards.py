"""Token shards: a folder that a training script reads without a tokenizer.

Each *.bin (bare little-endian uint16) or *.npy (one axis, uint16) is a piece of the training stream, in the order of the
names. `held_out.bin` or `held_out.npy` is text never trained on; without it the stream's last hundredth is. `meta.json`
may say {"vocabulary": token types, "held_out_bytes": bytes of the held-out text}; with the bytes, bits per byte can be told.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from weeklyai.errors import UserError

Tokens = npt.NDArray[np.uint16]
PIECE = 20_000_000  # tokens of a shard
TEXTS = ("title", "summary", "text", "body")  # fields of a JSON line that are taken


@dataclass(frozen=True, slots=True)
class Shards:
    """The tokens of a folder; `held_out_bytes` is 0 where nobody said them."""

    training: Tokens
    held_out: Tokens
    vocabulary: int
    held_out_bytes: int


def read(folder: Path) -> Shards:
    """Return the tokens of `folder`.

    Raises:
        UserError: it holds none, or others than uint16.
    """
    paths = sorted(path for path in folder.glob("*") if path.suffix in (".bin", ".npy"))
    pieces = {path: _piece(path) for path in paths}
    training = [piece for path, piece in pieces.items() if path.stem != "held_out"]
    held_out = [piece for path, piece in pieces.items() if path.stem == "held_out"]
    if not training:
        raise UserError(
            f"{folder} holds no *.bin or *.npy: make some with 'python -m bench.gpu shards'"
        )
    stream = np.concatenate(training)
    if not held_out:
        cut = len(stream) - len(stream) // 100
        stream, held_out = stream[:cut], [stream[cut:]]
    path = folder / "meta.json"
    meta = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    seen = 1 + int(max(stream.max(), held_out[0].max()))
    vocabulary = max(seen, int(meta.get("vocabulary", 0)))
    return Shards(stream, held_out[0], vocabulary, int(meta.get("held_out_bytes", 0)))


def _piece(path: Path) -> Tokens:
    tokens: Tokens
    if path.suffix == ".bin":
        tokens = np.fromfile(path, dtype="<u2")
    else:
        tokens = np.load(path, allow_pickle=False)
    if tokens.dtype != np.uint16 or tokens.ndim != 1:
        raise UserError(f"{path} holds {tokens.dtype} of {tokens.ndim} axes, not uint16 of one")
    return tokens


def write(folder: Path, training: Tokens, held_out: Tokens, vocabulary: int, size: int) -> None:
    """Write a folder of shards; `size` is the held-out text's bytes, 0 if not known."""
    folder.mkdir(parents=True, exist_ok=True)
    for n, start in enumerate(range(0, len(training), PIECE)):
        training[start : start + PIECE].astype("<u2").tofile(folder / f"train-{n:03}.bin")
    if len(held_out):
        held_out.astype("<u2").tofile(folder / "held_out.bin")
    meta = {"vocabulary": vocabulary, "held_out_bytes": size}
    (folder / "meta.json").write_text(json.dumps(meta) + "\n", encoding="utf-8")


def synthetic(tokens: int, vocabulary: int, seed: int = 1) -> Tokens:
    """Return a made-up stream in which each token narrows down the next to about a dozen, so that there is something to learn."""
    chance = np.random.default_rng(seed)
    steps = np.minimum(chance.zipf(1.6, tokens), 16)
    return ((steps.cumsum() * 31) % vocabulary).astype(np.uint16)


def from_texts(paths: list[Path], folder: Path, vocabulary: int) -> None:
    """Train a tokenizer on the texts of `paths` and write them to `folder`; every 50th text is held out.

    Args:
        paths: JSON lines (also .gz), or plain text files, one text each.
        folder: gets the shards and `tokenizer.tiktoken`.
        vocabulary: token types.
    """
    from weeklyai.lm.tokenizer import Tokenizer

    texts = list(dict.fromkeys(text for path in paths for text in _texts(path)))
    tokenizer = Tokenizer.train(texts, vocabulary)
    parts: dict[bool, list[list[int]]] = {False: [], True: []}
    size = 0
    for n, text in enumerate(texts):
        held = n % 50 == 49
        parts[held].append([*tokenizer.encode(text), tokenizer.control["end"]])
        size += len(text.encode()) if held else 0
    training, held_out = (
        np.array([token for one in parts[held] for token in one], dtype=np.uint16)
        for held in (False, True)
    )
    write(folder, training, held_out, tokenizer.size, size)
    tokenizer.save(folder / "tokenizer.tiktoken")


def _texts(path: Path) -> Iterator[str]:
    raw = path.read_bytes()
    whole = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    if ".jsonl" not in path.suffixes:
        yield whole
        return
    for row in map(json.loads, whole.splitlines()):
        text = "\n".join(str(row[key]) for key in TEXTS if row.get(key))
        if text:
            yield text
