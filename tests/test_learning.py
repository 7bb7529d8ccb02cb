"""Promises of the line that tells how training goes."""

import io
import math
import re

import pytest
from rich.console import Console

from weeklyai.learning import Learning
from weeklyai.screen import Screen
from weeklyai.watch import Training


def step(share: float, loss: float = 3.0, **known: float) -> Training:
    return Training(share, int(share * 4e6), loss, 5787.2, 1.62, **known)


def seen(*steps: Training) -> Learning:
    learning = Learning()
    for second, one in enumerate(steps):
        learning.add(one, float(second))
    return learning


def run(number: int = 100) -> list[Training]:
    shares = [n / number for n in range(1, number + 1)]
    return [step(x, 2.4 + 4.6 * math.exp(-6 * x), ceiling=0.6, left=600 * (1 - x)) for x in shares]


def shown(width: int, *, terminal: bool) -> str:
    """Return what a whole run leaves on a screen of `width` columns, control sequences left out."""
    out = io.StringIO()
    screen = Screen()
    screen.errors = Console(
        file=out, width=width, force_terminal=terminal, highlight=False, _environ={}
    )
    with screen:
        for one in run():
            screen.training(one)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.getvalue())


def test_a_line_tells_loss_bits_rate_ceiling_and_time_left_on_80_columns() -> None:
    line = seen(*run()[:43]).line(78)
    assert line.startswith(" 43%  █")
    assert line.endswith("loss 2.75  1.62 bits/byte  5:42 left  5.79k tok/s  60% of peak")


@pytest.mark.parametrize("width", [20, 40, 58, 78, 98, 198])
@pytest.mark.parametrize("known", [{}, {"ceiling": 0.6, "left": 360_000.0}, {"left": math.nan}])
def test_a_line_is_never_wider_than_its_screen(width: int, known: dict[str, float]) -> None:
    for loss in (0.0, 10.42, 1e9, math.nan, math.inf):
        for share in (0.0, 0.5, 1.0):
            for plain in (True, False):
                assert len(seen(step(share, loss, **known)).line(width, plain=plain)) <= width


def test_what_matters_least_goes_first() -> None:
    learning = seen(*run()[:50])
    assert "2M tokens" in learning.line(98)
    assert "tokens" not in learning.line(78)
    assert "of peak" not in learning.line(70)
    assert "bits/byte" in learning.line(40)


def test_the_time_left_is_reckoned_where_it_is_not_told() -> None:
    learning = seen(step(0.5), step(0.6))  # a tenth a second, also where half was done before
    assert "0:04 left" in learning.line(78)
    assert "left" not in seen(step(0.5)).line(78)


def test_blocks_fall_with_the_loss_and_dots_stand_for_what_is_to_come() -> None:
    half = seen(*run()[:49]).blocks(12)
    assert half[0] == "█"
    assert half[5] == "▁"
    assert half[6:] == "······"
    assert [ord(block) for block in half[:6]] == sorted(map(ord, half[:6]), reverse=True)


def test_a_resumed_run_leaves_what_was_not_seen_empty() -> None:
    assert seen(step(0.55)).blocks(10) == "     ▁····"


def test_a_loss_that_is_no_number_leaves_the_blocks_alone() -> None:
    assert seen(step(0.05, math.nan)).blocks(10) == "·" * 10
    assert seen(step(0.05, 4.0), step(0.15, math.inf), step(0.25, 3.0)).blocks(10) == "█ ▁·······"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_terminal_shows_one_line_that_does_not_wrap(width: int) -> None:
    text = shown(width, terminal=True)
    assert text.count("\n") == 1  # the last line stays
    assert all(len(line) <= width for line in re.split(r"[\r\n]", text))


def test_a_log_gets_a_line_each_tenth() -> None:
    lines = shown(80, terminal=False).splitlines()
    assert [line.split("%")[0].strip() for line in lines] == [
        "1", "10", "20", "30", "40", "50", "60", "70", "80", "90", "100"
    ]  # fmt: skip
    assert all("of peak" in line and len(line) <= 80 for line in lines[1:])
