"""Promises of the memory estimate: near what is used, and a sentence instead of a killed process."""

import subprocess
import sys
from pathlib import Path

import pytest

from weeklyai.errors import UserError
from weeklyai.lm import memory
from weeklyai.lm.model import ModelConfig

CONFIG = ModelConfig(vocabulary=8192, layers=4, width=128, heads=4, context=256)
MEMINFO = "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:   12000000 kB\n"
GB = 1_000_000_000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is read from /proc")
@pytest.mark.timeout(400)  # a process that imports torch; a busy machine takes its time
def test_the_estimate_is_within_a_quarter_of_what_a_step_really_takes() -> None:
    shape = (2048, 4, 128, 4, 256, 8)
    root = Path(__file__).parents[2]
    told = subprocess.run(
        [sys.executable, root / "bench/memory.py", ",".join(map(str, shape))],
        capture_output=True, text=True, check=True, cwd=root, env={"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    config = ModelConfig(vocabulary=2048, layers=4, width=128, heads=4, context=256)

    assert memory.step_bytes(config, 8) == pytest.approx(int(told.stdout), rel=0.25)


def test_more_rows_and_larger_models_take_more() -> None:
    larger = ModelConfig(vocabulary=8192, layers=8, width=256, heads=4, context=256)

    assert (
        memory.step_bytes(CONFIG, 1) < memory.step_bytes(CONFIG, 8) < memory.step_bytes(larger, 8)
    )


def test_as_many_rows_are_taken_at_once_as_fit_and_divide_the_batch() -> None:
    assert memory.fit_rows(CONFIG, 24, 8 * GB) == 24
    tight = int(memory.step_bytes(CONFIG, 9) / memory.SHARE)
    assert memory.fit_rows(CONFIG, 24, tight) == 8
    assert memory.fit_rows(CONFIG, 7, tight // 2) == 1


def test_a_model_that_does_not_fit_is_refused_with_the_numbers() -> None:
    huge = ModelConfig(vocabulary=8192, layers=48, width=4096, heads=32, context=256)

    with pytest.raises(
        UserError,
        match=r"needs 2\d\d\.\d\d GB to train, and 8\.00 GB are free: choose a smaller --size",
    ):
        memory.fit_rows(huge, 8, 8 * GB)


def lay(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_without_a_limit_the_whole_machine_counts(tmp_path: Path) -> None:
    root = lay(tmp_path, {
        "proc/meminfo": MEMINFO, "proc/self/cgroup": "0::/user\n", "sys/fs/cgroup/user/memory.max": "max\n",
    })  # fmt: skip

    assert memory.system_memory(root) == (16_384_000_000, 12_288_000_000)


def test_a_control_group_allows_less_and_its_cached_files_are_free(tmp_path: Path) -> None:
    root = lay(tmp_path, {
        "proc/meminfo": MEMINFO, "proc/self/cgroup": "0::/pod/box\n",
        "sys/fs/cgroup/pod/memory.max": f"{4 * GB}\n", "sys/fs/cgroup/pod/memory.current": f"{3 * GB}\n",
        "sys/fs/cgroup/pod/memory.stat": f"anon 5\ninactive_file {GB}\n",
    })  # fmt: skip

    assert memory.system_memory(root) == (4 * GB, 2 * GB)


def test_control_groups_of_the_first_version_are_read_too(tmp_path: Path) -> None:
    root = lay(tmp_path, {
        "proc/meminfo": MEMINFO, "proc/self/cgroup": "9:name=systemd:/\n4:memory:/outside/name\n0::/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{2 * GB}\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{GB}\n",
    })  # fmt: skip

    assert memory.system_memory(root) == (2 * GB, GB)


def test_a_system_without_proc_still_has_memory(tmp_path: Path) -> None:
    total, free = memory.system_memory(tmp_path)

    assert total > free > 0
