"""A reader of GGUF files, the format of llama.cpp: metadata, and tensors as float32.

Little-endian versions 2 and 3, and of the many ways to store a tensor the three that this project meets: F32, Q8_0 and
Q4_1, both in blocks of 32 numbers (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Every length is checked
against the file's size before anything is made of it, so a damaged file ends in a `GgufError`.
"""

import math
import mmap
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from weeklyai.errors import WeeklyError

_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}  # fmt: skip
_STRING, _ARRAY = 8, 9
_F32, _Q4_1, _Q8_0 = 0, 3, 8
_BLOCK = 32  # numbers
_SIZES = {_F32: (1, 4), _Q4_1: (_BLOCK, 20), _Q8_0: (_BLOCK, 34)}  # numbers and bytes of a block
_MOST = 10_000_000  # entries of an array, or tensors of a file


_Bytes = npt.NDArray[np.uint8]
_Floats = npt.NDArray[np.float32]


class GgufError(WeeklyError):
    """A file is not GGUF as this reader knows it."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a tensor lies: its shape as torch has it (outermost first), its form, and its first byte."""

    shape: tuple[int, ...]
    form: int
    start: int


@dataclass(frozen=True, slots=True)
class Fours:
    """A matrix (O, I) in 4 bits: numbers uint8 (O, I) in 0 ... 15, and for each 32 of a row `scale` and `least`."""

    numbers: Tensor
    scale: Tensor
    least: Tensor

    @classmethod
    def stacked(cls, parts: "Sequence[Fours]") -> "Fours":
        """Return the matrix whose rows are those of `parts`, one after another."""
        return cls(*(torch.cat([getattr(one, name) for one in parts]) for name in cls.__slots__))

    def dense(self) -> Tensor:
        """Return the matrix in float32."""
        numbers = self.numbers.float().view(len(self.numbers), -1, _BLOCK)
        return torch.addcmul(self.least[..., None], numbers, self.scale[..., None]).flatten(1)


class GgufFile:
    """An open file.

    Attributes:
        meta: the metadata by key; strings are bytes, since the file does not promise UTF-8.

    Raises:
        GgufError: it is damaged, or of a form that is not read here.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            try:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError:
                raise GgufError(f"{path} is empty") from None
        self._at = 0
        self.meta: dict[str, Any] = {}
        self._places: dict[str, _Place] = {}
        try:
            self._header()
        except (struct.error, KeyError, UnicodeDecodeError, OverflowError, RecursionError) as error:
            raise GgufError(f"{path} is damaged near byte {self._at:,} ({error})") from None

    @property
    def names(self) -> list[str]:
        """The tensors' names, in the file's order."""
        return list(self._places)

    def tensor(self, name: str) -> Tensor:
        """Return a tensor, dequantised to float32.

        Raises:
            GgufError: there is no such tensor.
        """
        place = self._place_of(name)
        raw = self._raw(place)
        if place.form == _Q4_1:
            return _fours(raw, place.shape).dense().view(place.shape)
        return torch.from_numpy((_plain if place.form == _F32 else _q8_0)(raw)).view(place.shape)

    def fours(self, name: str) -> Fours | None:
        """Return a matrix in its 4 bits, or None where it is stored otherwise; the errors are those of `tensor`."""
        place = self._place_of(name)
        return _fours(self._raw(place), place.shape) if place.form == _Q4_1 else None

    def _place_of(self, name: str) -> _Place:
        if name not in self._places:
            raise GgufError(f"{self._path} holds no tensor {name}")
        return self._places[name]

    def _raw(self, place: _Place) -> _Bytes:
        return np.frombuffer(self._data, np.uint8, _num_bytes(place.shape, place.form), place.start)

    # --- the header ---

    def _header(self) -> None:
        if self._data[:4] != b"GGUF":
            raise GgufError(f"{self._path} is no GGUF file")
        self._at = 4
        version, tensors, pairs = self._unpack("IQQ")
        if version not in (2, 3) or max(tensors, pairs) > _MOST:
            raise GgufError(f"{self._path} is GGUF version {version}; 2 and 3 are read here")
        for _ in range(pairs):
            key = self._string().decode()
            self.meta[key] = self._value(self._number("I"))
        found = [self._place() for _ in range(tensors)]
        step = self.meta.get("general.alignment", 32)
        if not isinstance(step, int) or step <= 0:
            raise GgufError(f"{self._path} is damaged: its alignment is {step!r}")
        first = -(-self._at // step) * step
        for name, shape, form, offset in found:
            start = first + offset
            if form not in _SIZES or shape[-1] % _SIZES[form][0]:
                raise GgufError(f"{self._path}: tensor {name} has form {form}, which is not read here")  # fmt: skip
            if start + _num_bytes(shape, form) > len(self._data):
                raise GgufError(f"{self._path} is cut off: tensor {name} ends behind its end")
            self._places[name] = _Place(shape, form, start)

    def _place(self) -> tuple[str, tuple[int, ...], int, int]:
        name = self._string().decode()
        axes = self._number("I")
        if not 1 <= axes <= 4:
            raise GgufError(f"{self._path} is damaged: tensor {name} has {axes} axes")
        shape = self._unpack(f"{axes}Q")[::-1]
        form, offset = self._unpack("IQ")
        return name, tuple(shape), form, offset

    def _unpack(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{form}", self._data, self._at)
        self._at += struct.calcsize(f"<{form}")
        return found

    def _number(self, form: str) -> Any:
        return self._unpack(form)[0]

    def _string(self) -> bytes:
        size = self._number("Q")
        if self._at + size > len(self._data):
            raise struct.error("a string runs over the end")
        self._at += size
        return self._data[self._at - size : self._at]

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            return self._number(_NUMBERS[kind])
        inner, count = self._unpack("IQ")
        if count > _MOST:
            raise struct.error("an array of too many entries")
        return [self._value(inner) for _ in range(count)]


def _num_bytes(shape: tuple[int, ...], form: int) -> int:
    numbers, size = _SIZES[form]
    return math.prod(shape) // numbers * size


def _plain(raw: _Bytes) -> _Floats:
    return raw.view("<f4").astype(np.float32)


def _q8_0(raw: _Bytes) -> _Floats:
    """A scale as float16, then 32 numbers of 8 bits."""
    blocks = raw.reshape(-1, 34)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    return (blocks[:, 2:].view(np.int8) * scale).ravel()


def _fours(raw: _Bytes, shape: tuple[int, ...]) -> Fours:
    """A scale and the least value as float16, then 32 numbers of 4 bits: a byte holds the n-th and the (n+16)-th."""
    blocks = raw.reshape(-1, 20)
    head = blocks[:, :4].copy().view("<f2").astype(np.float32).reshape(-1, shape[-1] // _BLOCK, 2)
    numbers = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], axis=1)
    scale, least = torch.from_numpy(head).unbind(-1)
    return Fours(torch.from_numpy(numbers.reshape(-1, shape[-1])), scale, least)
