"""Finished runs for tests of the store, each trained once: a few steps of a GPT of a few thousand weights."""

import os
import shutil
from pathlib import Path

import torch

from tests.conftest import make_item
from weeklyai import config
from weeklyai.lm import corpus, train
from weeklyai.lm.corpus import Corpus
from weeklyai.lm.decisions import Decision
from weeklyai.lm.models import Store
from weeklyai.lm.run import Run


def small_corpus() -> Corpus:
    return corpus.build([make_item(n) for n in range(40)])


def train_run(folder: Path, *, steps: int = 1, seed: int = 1, start: Path | None = None) -> Run:
    torch.set_num_threads(1)
    settings = config.Train(tokens=steps * 2048, layers=1, width=32, seed=seed)
    return train.train(small_corpus(), settings, folder, start=start)


def put(store: Store, source: Path, order: int = 0) -> str:
    """File a copy of a run folder; return its id. A higher `order` is newer."""
    shutil.copytree(source, store.training)
    run = store.file()
    os.utime(store.folder / run.model_id / "checkpoint.json", (order, order))
    return run.model_id


def promote(store: Store, model_id: str, kind: str = "promoted") -> None:
    before = store.current
    store.decide(Decision(kind=kind, model=model_id, before=before, date="2024-07-19", reason="a test"))  # type: ignore[arg-type]  # fmt: skip
