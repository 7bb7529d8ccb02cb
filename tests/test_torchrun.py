"""The promise of `torchrun ... -m weeklyai train`: one model, filed once, told once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import make_item
from tests.site import NOW
from weeklyai import config
from weeklyai.feeds.archive import Archive
from weeklyai.lm.models import Store
from weeklyai.publish import scaffold


@pytest.mark.timeout(300)
def test_two_processes_of_the_command_line_file_one_model(tmp_path: Path) -> None:
    scaffold.init(tmp_path, title="Letter", url="https://letter.example")
    settings = config.load(tmp_path)
    with Archive(settings.archive) as archive:
        archive.add([make_item(n) for n in range(40)], NOW)

    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone", "-m", "weeklyai",
         "--site", str(tmp_path), "train", "--week", "2024-W28", "--budget", "2s", "--size", "1x32", "--json"],
        env=os.environ | {"GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    store = Store(settings.model)
    assert json.loads(done.stdout)["model"] == store.current
    assert [one.model_id for one in store.models()] == [store.current]
    assert not store.training.exists()
