"""The promise that a killed run loses nothing; bench/kill.py does more of the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(300)  # a process that imports torch, which a busy machine takes long over
def test_a_run_killed_at_any_moment_ends_in_the_same_weights() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "bench.kill",
            "--moments",
            "3",
            "--steps",
            "50",
            "--seed",
            str(os.getpid()),
        ],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout.splitlines()[-1]) == {"moments": 3, "same": 3}, done.stdout
