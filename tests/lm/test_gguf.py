"""Promises of the GGUF reader: the numbers that were written, and a damaged file named, never a crash."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.lm import ggufs
from weeklyai.lm.gguf import GgufError, GgufFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return ggufs.write(tmp_path / "tiny.gguf")


def test_tensors_come_back_in_their_shape_within_their_forms_step(path: Path) -> None:
    file = GgufFile(path)

    assert set(file.names) == set(ggufs.weights())
    for name, (form, numbers) in ggufs.weights().items():
        found = file.tensor(name).numpy()
        blocks = numbers.reshape(-1, 32)
        widths = {
            "F32": 0 * blocks[:, 0],
            "Q8_0": np.abs(blocks).max(1) / 127,
            "Q4_1": np.ptp(blocks, axis=1) / 15,
        }
        most = 0.6 * widths[form][:, None] + 2e-3 * np.abs(blocks).max() * (form != "F32")
        assert found.shape == numbers.shape
        assert (np.abs(found.reshape(-1, 32) - blocks) <= most).all(), name


def test_the_metadata_come_back(path: Path) -> None:
    meta = GgufFile(path).meta

    assert meta["llama.block_count"] == ggufs.LAYERS
    assert meta["llama.rope.freq_base"] == ggufs.BASE
    assert meta["general.architecture"] == b"llama"
    assert len(meta["tokenizer.ggml.tokens"]) == len(ggufs.SPECIAL) + len(ggufs.vocabulary())


def test_four_bits_are_the_same_matrix(path: Path) -> None:
    file, name = GgufFile(path), "blk.0.ffn_down.weight"
    fours = file.fours(name)

    assert fours is not None
    assert fours.numbers.max() <= 15
    torch.testing.assert_close(fours.dense(), file.tensor(name), rtol=0, atol=0)
    assert file.fours("output_norm.weight") is None


def test_a_file_cut_anywhere_is_named(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    cut = tmp_path / "cut.gguf"
    for size in (0, 3, 4, 11, 23, 24, 60, *range(100, len(whole) - 32, 997)):
        cut.write_bytes(whole[:size])
        with pytest.raises(GgufError, match=r"cut\.gguf"):
            GgufFile(cut)


def test_any_changed_byte_of_the_header_is_read_or_named(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    changed = tmp_path / "changed.gguf"
    for at in (*range(200), *range(200, 8000, 61)):
        changed.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            file = GgufFile(changed)
            for name in file.names:
                file.tensor(name)
        except GgufError as error:
            assert "changed.gguf" in str(error)  # noqa: PT017 -- most bytes may change without harm


def test_a_tensor_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(GgufError, match="holds no tensor output"):
        GgufFile(path).tensor("output")
