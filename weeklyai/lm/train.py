"""The training run: tokenizer and GPT from a corpus, resumable at any checkpoint, ending on its budget annealed.

A run in tokens is a pure function of corpus, plan, parent and thread count: interrupted and resumed, it ends in the same
weights to the bit. A run in seconds keys its learning rate to elapsed time and so differs from run to run; it records the
schedule that it took, and with that schedule it can be repeated to the bit too (`replay`).
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from weeklyai import config
from weeklyai.errors import UserError, WeeklyError
from weeklyai.lm import adapt, checkpoint, machine, memory, smollm2
from weeklyai.lm.checkpoint import State
from weeklyai.lm.corpus import Corpus
from weeklyai.lm.distributed import Group, joined
from weeklyai.lm.llama import Llama
from weeklyai.lm.loop import Loop, Progress, Sitting, Task
from weeklyai.lm.model import GPT
from weeklyai.lm.optim import make_optimizers
from weeklyai.lm.plan import Plan, asked, make_plan
from weeklyai.lm.run import Run
from weeklyai.lm.schedule import Schedule
from weeklyai.lm.tokenizer import Tokenizer

__all__ = ["Progress", "deterministic", "train"]

CONTINUED = 0.5  # of the peak rates, for a run that goes on from a model that was annealed
_SHAPE = ("vocabulary", "layers", "width", "heads", "context")  # what a model keeps for life


def train(  # noqa: PLR0913 -- the dials of a run, all but the first four with a usual value
    corpus: Corpus,
    settings: config.Train,
    folder: Path,
    on_progress: Callable[[Progress], None] = lambda _: None,
    *,
    on_begin: Callable[[Run], None] = lambda _: None,
    fresh: bool = False,
    plan: Plan | None = None,
    start: Path | None = None,
    replay: Path | None = None,
) -> Run:
    """Train on `corpus` into `folder` and return the finished run.

    A finished run of the same plan, corpus and parent is returned as it is; an unfinished one goes on from its checkpoint.
    Under torchrun all processes call this with the same arguments.

    Args:
        corpus: training and held-out documents.
        settings: the [train] table.
        folder: the run folder.
        on_progress: called after every step, in the first process.
        on_begin: called in the first process before the first step, with the plan, what it promises, and the machine.
        fresh: forget what `folder` holds.
        plan: the run's plan, instead of the one that follows from `settings`.
        start: run folder of a finished model whose weights and tokenizer this run begins with; documents of later weeks
            than it knows are new, and older ones are replayed beside them.
        replay: run folder of a finished run whose plan and schedule are repeated, step by step.

    Raises:
        UserError: the corpus is too small, or not the one that `replay` was trained on; `start` or `replay` holds no
            finished model.
        WeeklyError: `folder` holds no checkpoint that is whole, or cannot be written to; the loss was lost too often; a
            process of the group is gone.
        KeyboardInterrupt: passed on after the last state kept, a few steps back at most, was written.
    """
    began = time.monotonic()
    memory.keep_freed_memory()
    promise: dict[str, float] = {}
    with joined() as group, deterministic(group.device):
        if plan is None and replay is None:
            plan, promise = _agreed(group, lambda: _planned(corpus, settings, folder, start))
        task, run = _task(corpus, plan, folder, start, replay)
        run.expected = promise
        if task.plan.rows < group.world:
            raise UserError(
                f"a step of {task.plan.rows} rows cannot be shared by {group.world} processes: start fewer"
            )
        found = None if fresh else checkpoint.last_good(folder, run.same_task)
        if found and found[0].run.finished:
            return found[0].run
        sitting = _resume(task, group, *found) if found else _begin(task, group, run)
        if group.first:
            on_begin(sitting.run)
        run = Loop(task, group, sitting, began).go(on_progress)
        group.agree(0.0)  # the others wait here until the first has written the last checkpoint
        return run if group.first else checkpoint.read_run(folder) or run


def _agreed(
    group: Group, planned: Callable[[], tuple[Plan, dict[str, float]]]
) -> tuple[Plan, dict[str, float]]:
    """Return what the first process plans: each would measure another speed."""
    if group.world == 1:
        return planned()
    text = ""
    if group.first:
        plan, promise = planned()
        text = json.dumps([plan.as_json(), promise])
    values, promise = json.loads(group.share(text))
    return Plan(**values), promise


@contextmanager
def deterministic(device: torch.device) -> Iterator[None]:
    """Ask torch for algorithms that repeat exactly, as long as the block lasts; on a CPU they cost nothing."""
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(mode=before or device.type == "cpu")
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(mode=before)


def _planned(
    corpus: Corpus, settings: config.Train, folder: Path, start: Path | None
) -> tuple[Plan, dict[str, float]]:
    """Return the plan and what it promises: that of the run in `folder` where it was asked for alike.

    A run that goes on keeps its parent's shape; how low it gets is not promised, the law knows of new weights alone.
    """
    with contextlib.suppress(WeeklyError):
        stored = checkpoint.read_run(folder)
        if stored and stored.corpus == corpus.hash and stored.plan["asked"] == asked(settings):
            return Plan(**stored.plan), stored.expected
    shape: dict[str, Any] = {}
    if start:
        known = _finished(start).plan
        shape = {name: known[name] for name in ("vocabulary", "layers", "width")}
    plan, choice = make_plan(corpus, replace(settings, **shape))
    promise = {"tokens": choice.tokens, "seconds": choice.seconds}
    if not start and not plan.base:
        promise["bits_per_byte"] = choice.bits_per_byte
    return replace(plan, asked=asked(settings)), promise


def _task(
    corpus: Corpus, plan: Plan | None, folder: Path, start: Path | None, replay: Path | None
) -> tuple[Task, Run]:
    """Return what is to be done, and the record of a run that has not begun to do it."""
    parent = _finished(start) if start else None
    again = _finished(replay) if replay else None
    if again:
        if again.corpus != corpus.hash:
            raise UserError(
                f"run {again.model_id} was trained on other text (corpus {again.corpus}, now {corpus.hash}): "
                "replay it on the archive and week (--week) that it was trained on"
            )
        if again.parent != (parent.model_id if parent else ""):
            raise UserError(
                f"run {again.model_id} began with "
                + (f"model {again.parent}" if again.parent else "new weights")
                + ": replay it from the same start"
            )
        plan = Plan(**again.plan)
        torch.set_num_threads(again.threads)
    assert plan is not None  # noqa: S101 -- tells mypy that one of the two gave it
    if parent:
        plan = replace(plan, **{name: parent.plan[name] for name in _SHAPE})
    record = checkpoint.read_schedule(replay, again) if replay and again else None
    run = Run(
        plan.as_json(),
        corpus.hash,
        threads=torch.get_num_threads(),
        parent=parent.model_id if parent else "",
        replayed=again.model_id if again else "",
        until=str(corpus.until),
        border=corpus.border.isoformat(),
        leaks=corpus.leaks.as_json(),
        peak=CONTINUED if parent else 1.0,
    )
    return Task(corpus, plan, folder, start, parent.until if parent else "", record), run


def _finished(folder: Path) -> Run:
    run = checkpoint.read_run(folder)
    if run is None or not run.finished:
        raise UserError(f"there is no finished model in {folder}: run 'weeklyai train'")
    return run


def _begin(task: Task, group: Group, run: Run) -> Sitting:
    tokenizer = _make_tokenizer(task)
    if group.first:
        _keep_tokenizer(task.folder, tokenizer)
    if task.start:
        model = checkpoint.load(task.start)[0]
    else:
        model = checkpoint.begin(task.plan.model(tokenizer.size), task.plan.as_json())
    run.tokenizer, run.vocabulary, run.parameters = tokenizer.hash, tokenizer.size, model.num_parameters  # fmt: skip
    if group.first:
        run.machine = machine.probe(quick=True).as_json()
    model.to(group.device)
    return Sitting(model, tokenizer, _optimizers(model, task.plan), run, Schedule())


def _resume(task: Task, group: Group, state: State, trouble: str) -> Sitting:
    run = state.run
    if trouble:
        run.events.append(f"{trouble}; went on from the one before, of step {run.step}")
        if group.first:
            checkpoint.take_back(task.folder)
    try:
        tokenizer = checkpoint.load_tokenizer(task.folder, run.tokenizer)
    except WeeklyError as error:
        tokenizer = _make_tokenizer(task)  # from the same text: the same one
        if tokenizer.hash != run.tokenizer:
            raise
        run.events.append(f"the tokenizer was made anew: {str(error).partition(': ')[0]}")
        if group.first:
            _keep_tokenizer(task.folder, tokenizer)
    run.events.append(f"went on from step {run.step}")
    torch.set_num_threads(run.threads)
    model = checkpoint.begin(state.shape, run.plan).to(group.device)
    optimizers = _optimizers(model, task.plan)
    state.put(model, optimizers)
    return Sitting(model, tokenizer, optimizers, run, state.schedule, saved=run.step)


def _optimizers(model: GPT, plan: Plan) -> list[torch.optim.Optimizer]:
    if isinstance(model, Llama):
        return adapt.make_optimizers(model)
    return make_optimizers(model, getattr(torch, plan.dtype), plan.embedding_rate)


def _make_tokenizer(task: Task) -> Tokenizer:
    if task.start:
        return checkpoint.load_tokenizer(task.start)
    if task.plan.base:
        return smollm2.tokenizer()
    texts = [part for document in task.corpus.training for _, part in document.segments]
    return Tokenizer.train(dict.fromkeys(texts), task.plan.vocabulary)


def _keep_tokenizer(folder: Path, tokenizer: Tokenizer) -> None:
    try:
        checkpoint.save_tokenizer(folder, tokenizer)
    except OSError as error:
        raise WeeklyError(f"nothing can be written to {folder} ({error.strerror}): make room there") from None  # fmt: skip
