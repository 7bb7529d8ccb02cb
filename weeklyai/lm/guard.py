"""The last good state of a run: kept in memory for a loss that is lost, on disk for a process that is.

A state is good when the loss of the step that follows it is a finite number. It is kept at fixed steps, so that going back
to it does not depend on the clock; which of those states are also written to disk does, and touches nothing.
"""

import copy
import time
from pathlib import Path

import torch

from weeklyai.errors import WeeklyError
from weeklyai.lm import checkpoint
from weeklyai.lm.checkpoint import State
from weeklyai.lm.model import GPT
from weeklyai.lm.run import Run

BLOCK = 16  # steps from one kept state to the next; a copy costs a few thousandths of them
CHECKPOINT_SECONDS = 20.0
CHECKPOINT_SHARE = 0.02  # of the time; a model that takes long to write is written less often
MAX_RECOVERIES = 3


class Guard:
    """Keeps and writes the states of one sitting.

    Args:
        folder: the run folder.
        saved: step of the checkpoint that this run has there, or -1.
        writes: whether this process is the one that writes.

    Attributes:
        seconds: that the last checkpoint took.
        all_seconds: that all of them took.
    """

    def __init__(self, folder: Path, saved: int, *, writes: bool) -> None:
        self.folder, self.saved, self.writes = folder, saved, writes
        self.seconds = self.all_seconds = 0.0
        self._good: State | None = None
        self._saved_at = time.monotonic()
        self._failing = False

    def keep(self, state: State, events: list[str]) -> None:
        """Take `state` as the last good one; write it where that is due."""
        self._good = state
        pause = max(CHECKPOINT_SECONDS, self.seconds / CHECKPOINT_SHARE)
        if self.saved < 0 or time.monotonic() - self._saved_at > pause:
            self.save(state, events)

    def leave(self, events: list[str]) -> None:
        """Write the last good state, if it is newer than the checkpoint on disk: the sitting ends before the run."""
        if self._good and self._good.run.step > self.saved:
            self.save(self._good, events)

    def save(self, state: State, events: list[str]) -> None:
        """Write `state` to disk; while an older checkpoint lies there a run can go on without, and `events` say so.

        Raises:
            WeeklyError: the run's first or last checkpoint could not be written.
        """
        if not self.writes:
            return
        began, step = time.monotonic(), state.run.step
        try:
            checkpoint.save(self.folder, state)
            self.saved, self._failing = step, False
        except OSError as error:
            stays = f"; that of step {self.saved} stays" if self.saved >= 0 else ""
            sentence = f"the checkpoint of step {step} could not be written to {self.folder} ({error}){stays}"
            if self.saved < 0 or state.run.finished:
                raise WeeklyError(f"{sentence}: make room there and run 'weeklyai train' again") from None  # fmt: skip
            if not self._failing:
                events.append(sentence)
            self._failing = True
        self._saved_at = time.monotonic()
        self.seconds = self._saved_at - began
        self.all_seconds += self.seconds

    def back(self, run: Run, model: GPT, optimizers: list[torch.optim.Optimizer]) -> Run:
        """Set `model` and `optimizers` to the last good state; return its record, with half of the rates of `run`.

        Raises:
            WeeklyError: there is no good state, or this has been done too often.
        """
        if self._good is None or run.recoveries == MAX_RECOVERIES:
            tried = f", and lower rates have not helped {run.recoveries} times" if run.recoveries else ""  # fmt: skip
            raise WeeklyError(
                f"the loss of training step {run.step} is not a finite number{tried}: train a smaller model "
                "([train] layers, width) with 'weeklyai train --fresh'"
            )
        self._good.put(model, optimizers)
        found = copy.deepcopy(self._good.run)
        found.peak, found.recoveries, found.seconds = run.peak / 2, run.recoveries + 1, run.seconds
        found.events = [
            *run.events,
            f"step {run.step}: the loss was not a finite number; went back to step {found.step} with half the rates",
        ]
        return found
