"""Promises of the GPU script: every part runs on a CPU, tiny, and the shards' format is what it says."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from bench import gpu, shards
from weeklyai.errors import UserError
from weeklyai.lm import machine


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def test_a_dry_run_goes_through_every_part(tmp_path: Path) -> None:
    assert (
        gpu.main(["shards", str(tmp_path / "in"), "--vocabulary", "200", "--tokens", "9000"]) == 0
    )

    code = gpu.main(
        [
            "run",
            str(tmp_path / "in"),
            str(tmp_path / "out"),
            "--dry",
            "--no-compile",
            "--train-seconds",
            "1",
        ]
    )
    rows = [json.loads(line) for line in (tmp_path / "out/results.jsonl").read_text().splitlines()]

    assert code == 0
    assert [row["part"] for row in rows] == [
        "machine",
        *["correctness"] * 4,
        "speed",
        "training",
        "speed",
        "speed",
    ]
    assert all(row["passed"] for row in rows if row["part"] == "correctness")
    assert {row["name"] for row in rows if row["part"] == "speed"} == {"10M", "50M", "124M"}
    assert all(
        row["tokens_per_second"] > 0 and row["mfu"] > 0
        for row in rows
        if row["part"] in {"speed", "training"}
    )
    trained = next(row for row in rows if row["part"] == "training")
    assert trained["tokens"] >= 256
    assert 0 < trained["held_out_nats"] < 2 * np.log(200)


def test_the_models_have_the_sizes_of_their_names() -> None:
    for name, config in gpu.Bench(device=torch.device("cpu"), dtype="float32").sizes:
        layers = 12 * config.layers * config.width**2
        assert layers + config.vocabulary * config.width == pytest.approx(
            1e6 * int(name[:-1]), rel=0.03
        )


def test_without_a_gpu_the_real_run_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "best_device", lambda: torch.device("cpu"))

    assert gpu.main(["run", str(tmp_path), str(tmp_path)]) == 1
    assert "add --dry" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "peak"),
    [("NVIDIA H200", 989e12), ("NVIDIA H100 PCIe", 756e12), ("NVIDIA H100 80GB HBM3", 989e12), ("NVIDIA L40S", 362e12), ("Example 1", 5.0)],
)  # fmt: skip
def test_the_peak_is_the_data_sheets_or_the_best_seen(name: str, peak: float) -> None:
    assert gpu.peak_of(name, 5.0)[0] == peak


def test_too_small_a_memory_halves_the_rows_until_they_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def rate(bench: gpu.Bench, model: object, optimizers: object, rows: int) -> dict[str, float]:
        if rows > 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return {"tokens_per_second": 10.0, "micro_rows": rows}

    monkeypatch.setattr(gpu, "_rate", rate)
    bench = gpu.dry(gpu.Bench(device=torch.device("cpu"), dtype="float32", peak=1e12))

    row = gpu.speed(bench, "10M")

    assert row["micro_rows"] == 1
    assert "out of memory" in row["note"]


def test_shards_are_read_in_order_whatever_their_kind(tmp_path: Path) -> None:
    np.array([1, 2, 3], dtype="<u2").tofile(tmp_path / "a.bin")
    np.save(tmp_path / "b.npy", np.array([4, 500], dtype=np.uint16))
    np.array([7], dtype="<u2").tofile(tmp_path / "held_out.bin")

    found = shards.read(tmp_path)

    assert (found.training.tolist(), found.held_out.tolist(), found.vocabulary) == (
        [1, 2, 3, 4, 500],
        [7],
        501,
    )


def test_other_numbers_and_empty_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no"):
        shards.read(tmp_path)
    np.save(tmp_path / "a.npy", np.zeros(4, dtype=np.int64))
    with pytest.raises(UserError, match="int64 of 1 axes"):
        shards.read(tmp_path)


def test_texts_become_shards_with_the_bytes_of_what_is_held_out(tmp_path: Path) -> None:
    lines = [
        json.dumps({"title": f"Title {n}", "text": f"The text number {n} is here."})
        for n in range(100)
    ]
    (tmp_path / "texts.jsonl").write_text("\n".join(lines))

    assert (
        gpu.main(
            [
                "shards",
                str(tmp_path / "out"),
                "--texts",
                str(tmp_path / "texts.jsonl"),
                "--vocabulary",
                "300",
            ]
        )
        == 0
    )
    found = shards.read(tmp_path / "out")

    assert found.held_out_bytes == sum(
        len(f"Title {n}\nThe text number {n} is here.") for n in (49, 99)
    )
    assert 10 < len(found.held_out) < len(found.training)
    assert found.vocabulary <= 300
