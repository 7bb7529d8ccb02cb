"""The steps of a training run.

Nothing that happens at moments of the clock touches the weights, so measures and checkpoints may come anywhere. What can
touch them is bound to step numbers: before the update of every `BLOCK`th step, when its loss has shown the weights to be
finite, the whole state is copied, and a loss that is not finite sends the run back to that copy with half the rates. So a
run does the same again after a kill, and one that takes a recorded schedule never needs to go back.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from weeklyai.dates import Week
from weeklyai.lm import adapt, averaging, checkpoint, machine
from weeklyai.lm.batches import Batches
from weeklyai.lm.checkpoint import State
from weeklyai.lm.corpus import Corpus, Document
from weeklyai.lm.distributed import Group
from weeklyai.lm.evaluate import MAX_BYTES, within_limit
from weeklyai.lm.guard import BLOCK, Guard
from weeklyai.lm.measure import Meter, mix
from weeklyai.lm.model import GPT
from weeklyai.lm.optim import rate_factor, set_rates
from weeklyai.lm.plan import Plan
from weeklyai.lm.run import Run
from weeklyai.lm.schedule import Pace, Schedule, advance
from weeklyai.lm.tokenizer import Tokenizer

NUM_POINTS = 100  # of the training curve
NUM_MEASURES = 10  # held-out measures over a run, the untrained model's not counted
MEASURE_SHARE = 0.1  # of the time so far; a measure that would come on top of more is left out


@dataclass(frozen=True, slots=True)
class Progress:
    """What a person sees while a run goes on.

    Attributes:
        share: done, 0 ... 1.
        tokens: read so far.
        loss: of the last step, in nats per token.
        rate: tokens a second at present.
        held_out: bits per byte at the last measure.
        left: seconds to go, estimated.
        event: the newest of the run's events, or "".
        ceiling: share of the machine's fastest product that the steps reach, the optimiser's own work not counted as useful;
            None where it is not known: over 1 means that the machine was busy while it was measured.
    """

    share: float
    tokens: int
    loss: float
    rate: float
    held_out: float
    left: float = 0.0
    event: str = ""
    ceiling: float | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """What a run is to do: `since` is the newest week that the model in `start` knows, `record` a schedule to repeat."""

    corpus: Corpus
    plan: Plan
    folder: Path
    start: Path | None
    since: str
    record: Schedule | None

    def reading(self) -> tuple[list[Document], list[Document]]:
        """Return the documents to read whole each epoch, and the older ones to draw from."""
        documents = list(self.corpus.training)
        if not self.since:
            return documents, []
        border = Week.parse(self.since)
        new = [document for document in documents if document.week > border]
        older = [document for document in documents if document.week <= border]
        return (new, older) if new else (documents, [])


@dataclass(slots=True)
class Sitting:
    """Where a run stands, ready to go on; `saved` is the step of its checkpoint on disk, or -1."""

    model: GPT
    tokenizer: Tokenizer
    optimizers: list[torch.optim.Optimizer]
    run: Run
    schedule: Schedule
    saved: int = -1


class Loop:
    """One sitting at one run.

    Args:
        task: what to do.
        group: the processes that do it together.
        sitting: where the run stands.
        began: when this sitting began, by `time.monotonic`.
    """

    def __init__(self, task: Task, group: Group, sitting: Sitting, began: float) -> None:
        self.task, self.plan, self.group = task, task.plan, group
        self.model, self.optimizers = sitting.model, sitting.optimizers
        self.run, self.schedule = sitting.run, sitting.schedule
        new, older = task.reading()
        plan = task.plan
        self.batches = Batches(new, sitting.tokenizer, plan.rows, plan.context, plan.seed, older)
        self.run.mix = mix([*new, *older], self.batches.lengths)
        most = adapt.MEASURED if plan.base else MAX_BYTES
        held_out = within_limit(task.corpus.held_out or task.corpus.training[-2:], most)
        self.meter = Meter(sitting.tokenizer, held_out, plan.seed)
        averages = task.start and task.corpus.held_out and not plan.base
        chosen = within_limit(held_out, averaging.BYTES) if averages else []
        self.chooser = Meter(sitting.tokenizer, chosen, plan.seed)
        whole = sum(one.num_bytes for one in held_out)
        self.choosing = (1 + len(averaging.SHARES)) * sum(one.num_bytes for one in chosen) / whole
        self.pace = Pace(plan, self.batches.step_tokens, self.batches.epoch_tokens, task.record)
        self.guard = Guard(task.folder, sitting.saved, writes=group.first)
        self.began, self.before = began, self.run.seconds
        # Shares of the machine's ceiling a token a second; an adapter's steps make no gradient of the large matrices.
        rate = 0.0 if plan.base else 1e9 * machine.fastest(self.run.machine)
        self.work = machine.flops_per_token(self.model.config) / rate if rate else 0.0
        self.measuring = self.all_measuring = 0.0  # seconds of the last measure, and of all
        self.loss = math.nan
        self.losses: list[float] = []

    def go(self, on_progress: Callable[[Progress], None]) -> Run:
        """Step until the run's end; checkpoint on the way, at the end, and on an interrupt."""
        if self.group.first and not self.run.held_out:
            self.measure()
        try:
            while not self.run.finished:
                left = self.step()
                if self.group.first:
                    on_progress(self.progress(left - 1))
        finally:
            if not self.run.finished:
                self.guard.leave(self.run.events)
        return self.run

    def progress(self, left: int) -> Progress:
        """Return what a person is shown, `left` steps before the end."""
        run, seconds = self.run, max(self.pace.step_seconds, 1e-9)
        to_go = left * seconds + self.reserve if left else 0.0
        if self.pace.seconds:  # the first steps of a sitting say little about the others
            to_go = min(to_go, max(0.0, self.pace.seconds - run.seconds))
        share = self.work * self.batches.step_tokens / seconds
        return Progress(
            run.progress,
            run.tokens,
            self.loss,
            self.batches.step_tokens / seconds,
            run.held_out[-1][2],
            to_go,
            run.events[-1] if run.events else "",
            share if 0 < share <= 1 else None,
        )

    # --- a step ---------------------------------------------------------------------------------------------------

    def step(self) -> int:
        """Take one optimiser step, or go back; return the steps left before it."""
        run, began = self.run, time.monotonic()
        left = int(self.group.agree(self.pace.left(run.step, self.seconds(), self.reserve)))
        middle, end = advance(run.progress, left)
        if self.task.record:
            middle, run.peak = self.task.record.progress[run.step], self.task.record.peak[run.step]
        loss = self.gradients()
        if not math.isfinite(loss):
            self.recover()
            return left
        aside = time.monotonic()
        if run.step % BLOCK == 0:
            state = State.of(run, self.model, self.optimizers, self.schedule)
            self.guard.keep(state, run.events)
        began += time.monotonic() - aside
        set_rates(self.optimizers, rate_factor(middle) * run.peak)
        for optimizer in self.optimizers:
            optimizer.step()
        self.schedule.add(middle, run.peak)
        self.pace.took(time.monotonic() - began)
        self.account(loss, end)
        if left == 1:
            self.finish()
        return left

    def gradients(self) -> float:
        """Leave the whole batch's mean gradients in the model; return its loss in nats per token."""
        self.model.train()
        self.model.zero_grad(set_to_none=True)
        torch.manual_seed(self.plan.seed * 1_000_003 + self.run.step)  # dropout repeats after a resume  # fmt: skip
        device = self.group.device
        rows = self.batches.part(self.run.step, self.group.rank, self.group.world).to(device)
        total = torch.zeros((), device=device)
        for piece in torch.split(rows, self.plan.micro_rows or len(rows)):
            with machine.precision(device, self.plan.dtype):
                loss = self.model.loss(piece) * (len(piece) / self.plan.rows)
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        return self.group.total(self.model.parameters(), total)

    def account(self, loss: float, progress: float) -> None:
        """Note the step in the run; measure at each tenth of the way."""
        run = self.run
        point, tenth = int(run.progress * NUM_POINTS), int(run.progress * NUM_MEASURES)
        run.step += 1
        run.tokens += self.batches.step_tokens
        run.seconds = self.seconds()
        run.progress = progress
        self.loss = loss
        self.losses.append(loss)
        if int(progress * NUM_POINTS) > point:
            mean = sum(self.losses) / len(self.losses)
            run.curve.append([run.tokens, round(run.seconds, 2), round(mean, 5)])
            self.losses.clear()
        if (
            self.group.first
            and tenth < int(progress * NUM_MEASURES) < NUM_MEASURES
            and self.all_measuring < MEASURE_SHARE * run.seconds
        ):
            self.measure()

    @property
    def reserve(self) -> float:
        """Seconds that the last measures and checkpoint will take."""
        return self.measuring * (1 + self.choosing) + self.guard.seconds

    def seconds(self) -> float:
        """Return the seconds spent on this run, over all sittings."""
        return self.before + time.monotonic() - self.began

    def recover(self) -> None:
        """Go back to the last state known to be good, and on from there with half the rates.

        Raises:
            WeeklyError: there is none, or this has been done too often.
        """
        self.run.seconds = self.seconds()
        self.run = self.guard.back(self.run, self.model, self.optimizers)
        self.schedule = self.schedule.upto(self.run.step)
        self.losses.clear()

    def finish(self) -> None:
        """Measure the trained model, averaged with its parent, and write it, if it is one that can be measured."""
        if self.chooser.documents:
            self.average()
        bits = self.group.agree(self.measure() if self.group.first else 0.0)
        if not math.isfinite(bits):
            self.recover()
            return
        self.run.finished = True
        self.run.costs = {
            "measuring": round(self.all_measuring, 2),
            "saving": round(self.guard.all_seconds, 2),
        }
        self.run.costs["training"] = round(self.seconds() - sum(self.run.costs.values()), 2)
        self.run.seconds = self.seconds()
        last = State.of(self.run, self.model, self.optimizers, self.schedule)
        self.guard.save(last, self.run.events)
        self.run = last.run

    def average(self) -> None:
        """Go back towards the parent's weights as far as held-out text asks for."""
        began, run = time.monotonic(), self.run
        assert self.task.start  # noqa: S101 -- tells mypy what `chooser` holding documents means
        parent = checkpoint.load(self.task.start)[0].state_dict()
        if self.group.first:
            run.averaged = averaging.settle(self.model, parent, self.chooser.bits_per_byte)
        run.averaged = self.group.agree(run.averaged)
        if not self.group.first:
            averaging.put(self.model, parent, dict(self.model.state_dict()), run.averaged)
        self.all_measuring += time.monotonic() - began

    def measure(self) -> float:
        """Note held-out bits per byte and a sample in the run; return the bits per byte."""
        began, run = time.monotonic(), self.run
        found = self.meter(self.model)
        run.seconds = self.seconds()
        run.by_week = found.by_week
        run.held_out.append([run.tokens, round(run.seconds, 2), found.by_week["all"]])
        run.by_source.append({"tokens": run.tokens, "sources": found.by_source})
        run.samples.append({"tokens": run.tokens, "text": found.sample})
        self.measuring = time.monotonic() - began
        self.all_measuring += self.measuring
        return found.by_week["all"]
