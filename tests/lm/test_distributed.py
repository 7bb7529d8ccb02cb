"""Promises of several processes: one model, the same one, each with its own rows; no waiting for the dead."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from weeklyai.records import FeedItem

pytestmark = pytest.mark.timeout(
    300
)  # each process imports torch, which a busy machine takes long over

_PROGRAM = """
import json, sys, torch
from pathlib import Path
from tests.conftest import make_item
from weeklyai import config
from weeklyai.errors import WeeklyError
from weeklyai.lm import checkpoint, corpus, distributed, plan, train

torch.set_num_threads(1)
folder, seconds, dies = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
built = corpus.build([make_item(n) for n in range(40)])
wanted = plan.Plan(vocabulary=512, layers=2, width=32, heads=1, context=64, rows=6, seed=5,
                   tokens=0 if seconds else 40 * 384, seconds=seconds, epochs=99 * bool(seconds))
losses = []
class Mortal(checkpoint.GPT):
    calls = 0
    def loss(self, tokens):
        Mortal.calls += 1
        if Mortal.calls == dies and distributed.rank() == 1:
            raise SystemExit(3)
        return super().loss(tokens)
checkpoint.GPT = Mortal
total = distributed.Group.total
def noted(self, parameters, loss):
    losses.append(total(self, parameters, loss))
    return losses[-1]
distributed.Group.total = noted
reports = []
try:
    run = train.train(built, config.Train(), folder, reports.append, plan=wanted)
except WeeklyError as error:
    print(json.dumps({"error": str(error)}))
else:
    print(json.dumps({"losses": losses, "steps": run.step, "model": run.model_id, "reports": len(reports)}))
"""


def start(folder: Path, world: int, seconds: float = 0, dies: int = 0) -> list[dict[str, object]]:
    """Train in `world` processes; return what each says at its end, or {} of one that died."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = os.environ | {
        "WORLD_SIZE": str(world), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "GLOO_SOCKET_IFNAME": "lo",
        "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(folder), str(seconds), str(dies)],
            env=shared | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(world)
    ]
    said = [process.communicate(timeout=280)[0] for process in processes]
    return [json.loads(text.splitlines()[-1]) if text else {} for text in said]


def test_two_processes_learn_what_one_learns(tmp_path: Path) -> None:
    (alone,) = start(tmp_path / "one", 1)
    first, second = start(tmp_path / "two", 2)

    assert first["losses"] == pytest.approx(alone["losses"], abs=1e-4)
    assert first["losses"] == second["losses"]
    assert first["model"] == second["model"]
    assert (first["reports"], second["reports"]) == (40, 0)


def test_two_processes_on_a_budget_agree_on_every_step(tmp_path: Path) -> None:
    first, second = start(tmp_path, 2, seconds=3)

    assert first["steps"] == second["steps"]
    assert first["losses"] == second["losses"]


def test_a_process_whose_partner_died_ends_with_a_sentence(tmp_path: Path) -> None:
    first, second = start(tmp_path, 2, dies=20)

    assert second == {}
    assert "start all of them again" in str(first["error"])
    assert (tmp_path / "checkpoint.json").exists()


def test_no_two_processes_read_the_same_row(items: list[FeedItem]) -> None:
    from weeklyai.lm import corpus
    from weeklyai.lm.batches import Batches
    from weeklyai.lm.tokenizer import Tokenizer

    documents = corpus.build(items).training
    tokenizer = Tokenizer.train((document.segments[0][1] for document in documents), 300)
    batches = Batches(documents, tokenizer, 7, 32, seed=1)

    parts = [batches.part(3, rank, 3).tolist() for rank in range(3)]

    assert [row for part in parts for row in part] == batches[3].tolist()
