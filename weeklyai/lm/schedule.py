"""How far a run has come, and how many steps are left of it.

Every step moves the run on by an equal share of what is left: (1 - progress) / (steps left). In a run in tokens that is
a straight line. In a run in seconds the steps left follow from the clock, so the line bends where the machine is slower
or faster than it was, and always ends at 1: however a run in seconds goes, it ends on its budget with its rate lowered
to the end. The progress of each step is recorded, and a recorded run can be taken again to the bit.
"""

from dataclasses import dataclass, field

from weeklyai.lm.plan import Plan

_SMOOTHING = 0.3  # weight of the newest step in the mean of step times


@dataclass(slots=True)
class Schedule:
    """What set the rates of the steps done: the progress in the middle of each, and the factor on the peak rates."""

    progress: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.progress)

    def add(self, progress: float, peak: float) -> None:
        """Note one more step."""
        self.progress.append(progress)
        self.peak.append(peak)

    def upto(self, step: int) -> "Schedule":
        """Return a copy of the first `step` steps."""
        return Schedule(self.progress[:step], self.peak[:step])


class Pace:
    """The steps left of a run.

    Args:
        plan: where the run ends.
        step_tokens: tokens of a step.
        epoch_tokens: tokens of one pass over the corpus.
        record: the schedule to repeat, instead of the plan's end.
    """

    def __init__(
        self, plan: Plan, step_tokens: int, epoch_tokens: int, record: Schedule | None = None
    ) -> None:
        self.seconds = 0.0 if record else plan.seconds
        tokens = plan.tokens or plan.epochs * epoch_tokens
        self.steps = len(record) if record else -(-tokens // step_tokens)
        self.step_seconds = 0.0
        self._steps_seen = 0

    def took(self, seconds: float) -> None:
        """Note how long a step took; the first of a sitting warms up caches and counts only until the next."""
        self._steps_seen += 1
        weight = 1.0 if self._steps_seen <= 2 else _SMOOTHING
        self.step_seconds += weight * (seconds - self.step_seconds)

    def left(self, step: int, seconds: float, reserve: float) -> int:
        """Return how many steps to take from `step` on, this one included, at least one.

        Args:
            step: steps done.
            seconds: spent so far.
            reserve: seconds that the last measure and checkpoint will take.
        """
        left = self.steps - step
        if self.seconds:
            room = self.seconds - reserve - seconds
            if self._steps_seen > 1:
                left = min(left, round(room / max(self.step_seconds, 1e-9)))
            elif room <= 0:
                left = 1
        return max(1, left)


def advance(progress: float, left: int) -> tuple[float, float]:
    """Return the progress in the middle and at the end of a step, the first of `left` that share what is left."""
    share = (1.0 - progress) / left
    return progress + share / 2, progress + share
