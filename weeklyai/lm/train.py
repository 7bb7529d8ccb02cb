"""The training run: tokenizer and GPT from a corpus, resumable at any checkpoint, ending on its budget annealed.

A run in tokens is a pure function of corpus, plan and thread count: interrupted and resumed, it ends in the same
weights to the bit. A run in seconds keys its learning rate to elapsed time and so differs from run to run.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from weeklyai import config
from weeklyai.lm import checkpoint
from weeklyai.lm.batches import Batches
from weeklyai.lm.checkpoint import Run
from weeklyai.lm.corpus import Corpus
from weeklyai.lm.evaluate import bits_per_byte, within_limit
from weeklyai.lm.model import GPT
from weeklyai.lm.optim import make_optimizers, rate_factor, set_rates
from weeklyai.lm.plan import Plan, make_plan
from weeklyai.lm.tokenizer import Tokenizer

CHECKPOINT_SECONDS = 20.0
NUM_MEASURES = 10  # held-out measures over a run, the untrained model's not counted
MEASURE_SHARE = 0.1  # of the time so far; a measure that would come on top of more is left out


@dataclass(frozen=True, slots=True)
class Progress:
    """What a person sees while a run goes on: share done, tokens, loss in nats per token, tokens/s, bits per byte."""

    share: float
    tokens: int
    loss: float
    rate: float
    held_out: float


def train(
    corpus: Corpus,
    settings: config.Train,
    folder: Path,
    on_progress: Callable[[Progress], None] = lambda _: None,
    *,
    fresh: bool = False,
    start: Path | None = None,
) -> Run:
    """Train on `corpus` into `folder` and return the finished run.

    A finished run of the same plan, corpus and parent is returned as it is; an unfinished one goes on from its checkpoint.

    Args:
        corpus: training and held-out documents.
        settings: the [train] table.
        folder: the model folder.
        on_progress: called after every step.
        fresh: forget what `folder` holds.
        start: run folder of a finished model whose weights and tokenizer this run begins with.

    Raises:
        UserError: the corpus is too small.
        WeeklyError: `folder` holds a damaged checkpoint.
        KeyboardInterrupt: passed on after a checkpoint was written.
    """
    plan = make_plan(corpus, settings)
    parent = checkpoint.load(start)[2] if start else None
    if parent:
        plan = replace(plan, **{name: parent.plan[name] for name in _SHAPE})
    origin = parent.model_id if parent else ""
    run = None if fresh else checkpoint.read_run(folder)
    if run and (run.plan, run.corpus, run.parent) != (plan.as_json(), corpus.hash, origin):
        run = None
    if run and run.finished:
        return run
    with deterministic():
        sitting = _resume(folder, run) if run else _begin(corpus, plan, folder, start)
        return _Loop(corpus, plan, folder, *sitting).go(on_progress)


@contextmanager
def deterministic() -> Iterator[None]:
    """Ask torch for algorithms that repeat exactly, as long as the block lasts."""
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(mode=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(mode=before)


_Sitting = tuple[GPT, Tokenizer, list[torch.optim.Optimizer], Run]


_SHAPE = ("vocabulary", "layers", "width", "heads", "context")  # what a model keeps for life


def _begin(corpus: Corpus, plan: Plan, folder: Path, start: Path | None) -> _Sitting:
    if start:
        model, tokenizer, before = checkpoint.load(start)
    else:
        texts = [part for document in corpus.training for _, part in document.segments]
        tokenizer = Tokenizer.train(dict.fromkeys(texts), plan.vocabulary)
        model, before = GPT(plan.model(tokenizer.size), plan.seed), None
    checkpoint.save_tokenizer(folder, tokenizer)
    run = Run(
        plan.as_json(),
        corpus.hash,
        tokenizer.hash,
        torch.get_num_threads(),
        tokenizer.size,
        model.num_parameters,
        parent=before.model_id if before else "",
        until=str(max(document.week for document in corpus.training)),
    )
    return model, tokenizer, make_optimizers(model), run


def _resume(folder: Path, run: Run) -> _Sitting:
    model, tokenizer, _ = checkpoint.load(folder)
    optimizers = make_optimizers(model)
    checkpoint.load_optimizers(folder, run, optimizers)
    torch.set_num_threads(run.threads)
    return model, tokenizer, optimizers, run


class _Loop:
    """One sitting at one run."""

    def __init__(  # noqa: PLR0913, PLR0917 -- one private caller, which hands over a whole sitting
        self,
        corpus: Corpus,
        plan: Plan,
        folder: Path,
        model: GPT,
        tokenizer: Tokenizer,
        optimizers: list[torch.optim.Optimizer],
        run: Run,
    ) -> None:
        self.plan, self.folder = plan, folder
        self.model, self.tokenizer, self.optimizers, self.run = model, tokenizer, optimizers, run
        self.batches = Batches(corpus.training, tokenizer, plan.rows, plan.context, plan.seed)
        self.held_out = within_limit(corpus.held_out or corpus.training[-2:])
        self.losses: list[float] = []
        self.measuring = 0.0  # seconds of this sitting

    def go(self, on_progress: Callable[[Progress], None]) -> Run:
        """Step until the plan's end; checkpoint on the way, at the end, and on an interrupt."""
        run, before = self.run, self.run.seconds
        began = saved = time.monotonic()
        if not run.held_out:
            self.measure()
        try:
            while not run.finished:
                loss = self.step()
                run.seconds = before + time.monotonic() - began
                self.account(loss)
                rate = (run.tokens) / max(run.seconds, 1e-9)
                on_progress(Progress(run.progress, run.tokens, loss, rate, run.held_out[-1][1]))
                if time.monotonic() - saved > CHECKPOINT_SECONDS and not run.finished:
                    checkpoint.save(self.folder, self.model, self.optimizers, run)
                    saved = time.monotonic()
        finally:
            if run.step:
                checkpoint.save(self.folder, self.model, self.optimizers, run)
        return run

    def step(self) -> float:
        """Take one optimiser step; return its loss in nats per token."""
        self.model.train()
        torch.manual_seed(
            self.plan.seed * 1_000_003 + self.run.step
        )  # dropout repeats after a resume
        set_rates(self.optimizers, rate_factor(self.run.progress))
        loss = self.model.loss(self.batches[self.run.step])
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return loss.item()

    def account(self, loss: float) -> None:
        """Note the step in the run; measure at each tenth of the way and at the end."""
        run, plan = self.run, self.plan
        tenth = int(run.progress * NUM_MEASURES)
        run.step += 1
        run.tokens += self.batches.step_tokens
        if plan.tokens:
            share = run.tokens / plan.tokens
        else:
            passes = run.tokens / self.batches.epoch_tokens
            share = max(run.seconds / plan.seconds, passes / plan.epochs)
        run.progress = min(1.0, share)
        run.finished = run.progress >= 1.0
        self.losses.append(loss)
        if int(run.progress * NUM_MEASURES) > tenth or run.finished:
            run.curve.append([run.tokens, round(sum(self.losses) / len(self.losses), 5)])
            self.losses.clear()
            if run.finished or self.measuring < MEASURE_SHARE * run.seconds:
                self.measure()

    def measure(self) -> None:
        """Append the held-out bits per byte to the run; keep the weeks of the latest measure."""
        began = time.monotonic()
        self.run.by_week = bits_per_byte(self.model, self.tokenizer, self.held_out)
        self.run.held_out.append([self.run.tokens, self.run.by_week["all"]])
        self.measuring += time.monotonic() - began
