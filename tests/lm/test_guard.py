"""Promises of a training run in trouble: a lost loss, a full disk, damaged files; the last good state is kept and used."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from torch import Tensor

from weeklyai import config
from weeklyai.errors import WeeklyError
from weeklyai.lm import checkpoint, corpus, guard, train
from weeklyai.lm.corpus import Corpus
from weeklyai.lm.model import GPT
from weeklyai.lm.plan import Plan
from weeklyai.records import FeedItem

STEPS = 40
PLAN = Plan(
    vocabulary=400, layers=1, width=32, heads=1, context=32, rows=4, seed=5,
    tokens=STEPS * 128, seconds=0.0, epochs=0,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a checkpoint every 16 steps, whatever the clock says."""
    torch.set_num_threads(1)
    monkeypatch.setattr(guard, "CHECKPOINT_SECONDS", -1.0)
    monkeypatch.setattr(guard, "CHECKPOINT_SHARE", 1e9)


@pytest.fixture
def built(items: list[FeedItem]) -> Corpus:
    return corpus.build(items)


def run(
    built: Corpus, folder: Path, listen: Callable[[train.Progress], None] = lambda _: None
) -> checkpoint.Run:
    return train.train(built, config.Train(), folder, listen, plan=PLAN)


def stop_at(step: int) -> Callable[[train.Progress], None]:
    def listen(progress: train.Progress) -> None:
        if progress.tokens >= step * 128:
            raise KeyboardInterrupt

    return listen


class Faulty(GPT):
    """A model that loses its loss where `fails` says so, of its number of losses so far and its weights."""

    fails: ClassVar[list[Callable[[int, Tensor], bool]]]
    calls: ClassVar[int]

    def loss(self, tokens: Tensor) -> Tensor:
        type(self).calls += 1
        found = super().loss(tokens)
        return found * torch.nan if self.fails[0](self.calls, self.embedding.weight) else found


@pytest.fixture
def break_when(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int, Tensor], bool]], None]:
    def install(fails: Callable[[int, Tensor], bool]) -> None:
        monkeypatch.setattr(Faulty, "fails", [fails], raising=False)
        monkeypatch.setattr(Faulty, "calls", 0, raising=False)
        monkeypatch.setattr(checkpoint, "GPT", Faulty)

    return install


Breaker = Callable[[Callable[[int, Tensor], bool]], None]


def test_a_lost_loss_sends_the_run_back_with_half_the_rates(
    built: Corpus, tmp_path: Path, break_when: Breaker
) -> None:
    break_when(lambda calls, _: calls == 21)
    found = run(built, tmp_path)

    assert (found.step, found.peak, found.recoveries) == (STEPS, 0.5, 1)
    assert found.events == [
        "step 20: the loss was not a finite number; went back to step 16 with half the rates"
    ]
    assert checkpoint.read_schedule(tmp_path, found).peak == [1.0] * 16 + [0.5] * 24
    assert checkpoint.load(tmp_path)[0].embedding.weight.isfinite().all()


def test_a_run_that_lost_its_loss_is_repeated_to_the_bit(
    built: Corpus, tmp_path: Path, break_when: Breaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_when(lambda calls, _: calls in {5, 21, 30})
    first = run(built, tmp_path / "first")
    monkeypatch.undo()

    again = train.train(built, config.Train(), tmp_path / "again", replay=tmp_path / "first")

    assert first.recoveries == 3
    assert again.weights == first.weights


@pytest.mark.parametrize("stop", [18, 27])
def test_a_run_that_loses_its_loss_does_so_again_after_an_interrupt(
    built: Corpus, tmp_path: Path, break_when: Breaker, stop: int
) -> None:
    seen: list[float] = []

    def look(_: int, weight: Tensor) -> bool:
        seen.append(float(weight.detach().sum()))
        return False

    break_when(look)
    run(built, tmp_path / "sound")
    lost = seen[20]  # what the weights add up to at step 20, as long as the rates are whole
    break_when(lambda _, weight: float(weight.detach().sum()) == lost)
    whole = run(built, tmp_path / "whole")

    with pytest.raises(KeyboardInterrupt):
        run(built, tmp_path / "parts", stop_at(stop))
    parts = run(built, tmp_path / "parts")

    assert whole.recoveries == parts.recoveries == 1
    assert parts.weights == whole.weights


def test_a_gradient_that_is_lost_at_the_last_step_does_not_spoil_the_model(
    built: Corpus, tmp_path: Path, break_when: Breaker
) -> None:
    def spoil(calls: int, weight: Tensor) -> bool:
        def once(gradient: Tensor) -> Tensor:
            hook.remove()
            return gradient * torch.nan

        if calls == STEPS:
            hook = weight.register_hook(once)  # type: ignore[no-untyped-call]
        return False

    break_when(spoil)
    found = run(built, tmp_path)

    assert found.recoveries == 1
    assert found.held_out[-1][2] < found.held_out[0][2]


def test_a_loss_that_stays_lost_ends_the_run_with_what_to_do(
    built: Corpus, tmp_path: Path, break_when: Breaker
) -> None:
    break_when(lambda calls, _: calls > 20)
    with pytest.raises(WeeklyError, match=r"step 16 is not .*not helped 3 times: train a smaller"):
        run(built, tmp_path)

    model, _, found = checkpoint.load(tmp_path)
    assert found.step == 16
    assert model.embedding.weight.isfinite().all()


@pytest.mark.parametrize("kind", ["weights", "optimizer", "schedule", "checkpoint.json", "gone"])
def test_a_damaged_checkpoint_falls_back_to_the_one_before(
    built: Corpus, tmp_path: Path, kind: str
) -> None:
    whole = run(built, tmp_path / "whole")
    folder = tmp_path / "parts"
    with pytest.raises(KeyboardInterrupt):
        run(built, folder, stop_at(37))
    newest = checkpoint.read_run(folder)
    assert newest is not None
    name = (
        kind if "." in kind else f"{kind}-{getattr(newest, kind, newest.weights)[:12]}.safetensors"
    )
    if kind == "gone":
        (folder / f"weights-{newest.weights[:12]}.safetensors").unlink()
    else:
        (folder / name).write_bytes((folder / name).read_bytes()[:-20])

    resumed = run(built, folder)

    assert resumed.weights == whole.weights
    assert "cannot be used" in resumed.events[0]
    assert "went on from the one before, of step 16" in resumed.events[0]


def test_a_kill_after_a_fall_back_still_finds_a_checkpoint(built: Corpus, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(built, tmp_path, stop_at(37))
    (tmp_path / "checkpoint.json").write_text("{")
    with pytest.raises(KeyboardInterrupt):
        run(built, tmp_path, stop_at(17))

    found = checkpoint.last_good(tmp_path, lambda _: True)

    assert found is not None
    assert found[0].run.step == 16


def test_a_damaged_tokenizer_is_made_anew(built: Corpus, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(built, tmp_path / "parts", stop_at(20))
    (tmp_path / "parts" / "tokenizer.tiktoken").write_text("")

    resumed = run(built, tmp_path / "parts")

    assert resumed.weights == run(built, tmp_path / "whole").weights
    assert "tokenizer was made anew" in resumed.events[0]


def test_without_a_whole_checkpoint_the_sentence_says_what_to_do(
    built: Corpus, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(built, tmp_path, stop_at(37))
    for path in tmp_path.glob("optimizer-*"):
        path.unlink()

    with pytest.raises(WeeklyError, match="weeklyai train --fresh"):
        run(built, tmp_path)


def test_a_run_of_an_earlier_format_is_named(built: Corpus, tmp_path: Path) -> None:
    (tmp_path / "checkpoint.json").write_text('{"format": 2, "model": {}}')

    with pytest.raises(WeeklyError, match=r"format 2, .* reads 3\): train again"):
        run(built, tmp_path)


# --- a full disk: the kernel refuses to let any file grow -----------------------------------------------------------


@contextmanager
def full_disk() -> Iterator[Callable[[bool], None]]:
    """Yield a switch: while it is on, no file of this process can grow beyond 2,000 bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def switch(on: bool) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000 if on else soft, hard))

    try:
        yield switch
    finally:
        switch(False)


def test_training_goes_on_while_the_disk_is_full(built: Corpus, tmp_path: Path) -> None:
    whole = run(built, tmp_path / "whole")
    with full_disk() as switch:
        found = run(
            built, tmp_path / "full", lambda now: switch(5 <= now.tokens // 128 < 36)
        )  # the disk is full at steps 16 and 32

    assert found.weights == whole.weights
    (event,) = found.events
    assert "the checkpoint of step 16 could not be written" in event
    assert event.endswith("that of step 0 stays")


def test_a_disk_full_at_the_end_loses_nothing(built: Corpus, tmp_path: Path) -> None:
    whole = run(built, tmp_path / "whole")
    folder = tmp_path / "full"
    with full_disk() as switch:
        with pytest.raises(WeeklyError, match=r"step 40 .*that of step 16 stays: make room"):
            run(built, folder, lambda now: switch(now.tokens >= 20 * 128))
        left = sorted(path.name.split("-")[0] for path in folder.iterdir())
        switch(False)
        resumed = run(built, folder)

    assert left == sorted([
        "checkpoint.json", "checkpoint", "tokenizer.tiktoken", *["weights", "optimizer", "schedule"] * 2
    ])  # fmt: skip
    assert resumed.weights == whole.weights


def test_a_disk_full_from_the_beginning_stops_the_run_at_once(
    built: Corpus, tmp_path: Path
) -> None:
    steps: list[train.Progress] = []
    with full_disk() as switch:
        switch(True)
        with pytest.raises(WeeklyError, match="make room"):
            run(built, tmp_path, steps.append)

    assert steps == []
