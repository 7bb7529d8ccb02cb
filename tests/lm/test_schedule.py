"""Promises of the schedule: straight in tokens, on time in seconds, always to the end."""

import random
from collections.abc import Iterator
from itertools import count

import pytest

from weeklyai.lm.plan import Plan
from weeklyai.lm.schedule import Pace, Schedule, advance


def plan(tokens: int = 0, seconds: float = 0.0) -> Plan:
    return Plan(
        vocabulary=512, layers=1, width=32, heads=1, context=64, rows=2, seed=1,
        tokens=tokens, seconds=seconds, epochs=0 if tokens else 6,
    )  # fmt: skip


def run(
    pace: Pace, durations: Iterator[float], began: float = 0.0, reserve: float = 0.0
) -> tuple[list[float], float]:
    """Walk through a run whose steps take `durations`; return the progress of each step, and the clock at the end."""
    clock, progress, rates = began, 0.0, list[float]()
    for step in count():
        left = pace.left(step, clock, reserve)
        middle, progress = advance(progress, left)
        rates.append(middle)
        took = next(durations)
        clock += took
        pace.took(took)
        if left == 1:
            assert progress == 1.0
            return rates, clock
    raise AssertionError


def test_a_run_in_tokens_is_a_straight_line() -> None:
    rates, _ = run(Pace(plan(tokens=2560), 128, 999), iter([1.0] * 20))

    assert rates == pytest.approx([(step + 0.5) / 20 for step in range(20)])


@pytest.mark.parametrize("budget", [10.0, 60.0, 600.0, 7200.0])
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_run_in_seconds_ends_within_3_percent_and_annealed(budget: float, noise: float) -> None:
    chance = random.Random(3)
    durations = (0.3 * chance.uniform(1 - noise, 1 + noise) for _ in count())
    reserve = 0.05 * budget

    rates, end = run(Pace(plan(seconds=budget), 1, 10**9), durations, 0.1 * budget, reserve)

    assert end + reserve == pytest.approx(budget, rel=0.03)
    assert rates[-1] > 0.97
    assert rates == sorted(rates)


def test_a_machine_that_halts_for_a_while_costs_steps_but_not_the_end_of_the_schedule() -> None:
    durations = iter([0.3] * 80 + [20.0] + [0.3] * 200)

    rates, end = run(Pace(plan(seconds=60.0), 1, 10**9), durations)

    assert end == pytest.approx(60, rel=0.03)
    assert rates[-1] > 0.95


def test_a_slow_first_step_does_not_shorten_the_run() -> None:
    rates, end = run(Pace(plan(seconds=60.0), 1, 10**9), iter([35.0] + [0.5] * 200))

    assert len(rates) == 51
    assert end == pytest.approx(60, rel=0.03)


def test_a_run_in_seconds_also_ends_after_its_passes() -> None:
    rates, end = run(Pace(plan(seconds=3600.0), 100, 1000), iter([0.1] * 99))

    assert len(rates) == 60
    assert end < 7


def test_a_recorded_schedule_has_its_own_number_of_steps() -> None:
    record = Schedule([0.1, 0.5, 0.9], [1.0, 1.0, 0.5])

    rates, _ = run(Pace(plan(seconds=3600.0), 1, 10**9, record), iter([9e9] * 9))

    assert len(rates) == 3
