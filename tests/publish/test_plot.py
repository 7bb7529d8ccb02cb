"""Promises of the chart geometry: finite numbers, inside the chart, ticks that a person can read."""

import itertools
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weeklyai.publish import plot
from weeklyai.publish.plot import Chart, Point, Scale

VALUES = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, 1e-12, 3.3333333])
TOKENS = st.lists(st.floats(0, 1e14), min_size=1, max_size=30, unique=True).map(sorted)


@st.composite
def lines(draw: st.DrawFn) -> list[Point]:
    tokens = draw(TOKENS)
    return [(at, draw(VALUES)) for at in tokens]


def inside(chart: Chart) -> None:
    """Fail where the chart holds a coordinate that is no number or lies outside."""
    places = [float(number) for number in re.findall(r"-?[\d.]+(?:e[+-]?\d+)?", chart.path)]
    points = [*zip(places[::2], places[1::2], strict=True), chart.first, chart.last]
    assert re.fullmatch(r"(M[-\d. e]+(L[-\d. e]+)+)?", chart.path)
    for x, y in points:
        assert chart.left <= x <= chart.right
        assert chart.top <= y <= chart.bottom
    assert all(chart.left <= mark.at <= chart.right for mark in (*chart.x, *chart.times))
    assert all(chart.top <= mark.at <= chart.bottom for mark in chart.y)
    assert all(math.isfinite(level.label_at) for level in chart.levels)


@given(lines(), st.lists(st.tuples(st.text(max_size=5), VALUES), max_size=4), st.floats(0, 1e9))
def test_every_coordinate_is_a_number_inside_the_chart(
    line: list[Point], levels: list[tuple[str, float]], seconds: float
) -> None:
    clock = [(tokens, seconds * n) for n, (tokens, _) in enumerate(line)]
    inside(plot.over_tokens(line, clock, levels))


@given(st.lists(lines(), min_size=1, max_size=5))
def test_small_multiples_share_one_scale(several: list[list[Point]]) -> None:
    charts = [plot.small(several, n) for n in range(len(several))]
    for chart in charts:
        inside(chart)
        assert chart.y == charts[0].y


def test_one_point_is_a_dot_without_a_line() -> None:
    chart = plot.over_tokens([(4096.0, 2.5)])
    assert chart.path == ""
    assert chart.first == chart.last
    assert chart.times == ()


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 9))
def test_ticks_are_round_rising_and_enclose_the_range(low: float, span: float, most: int) -> None:
    low, high = plot.widened(low, low + span)
    found = plot.ticks(low, high, most)
    step = found[1] - found[0]
    assert found[0] <= low + step * 1e-3
    assert found[-1] >= high - step * 1e-3
    assert len(found) <= most + 2
    assert round(step / 10 ** math.floor(math.log10(step * 1.0001)), 3) in {1, 2, 5}


def test_more_than_two_decades_of_tokens_stand_by_their_logarithm_and_0_at_the_left() -> None:
    chart = plot.over_tokens([(0.0, 4.0), (1e3, 3.0), (1e4, 2.5), (1e6, 2.0)])
    assert chart.log
    assert [mark.label for mark in chart.x] == ["0", "1k", "10k", "100k", "1M"]
    places = [mark.at for mark in chart.x]
    assert places == sorted(set(places))
    assert not plot.over_tokens([(0.0, 4.0), (1e4, 3.0), (1e6, 2.0)]).log


def test_times_stand_at_the_tokens_read_by_then() -> None:
    # The first half of the tokens took one minute, the second three.
    clock = [(0.0, 0.0), (100.0, 60.0), (200.0, 240.0)]
    marks = plot.time_ticks(Scale(0, 200, 0, 400), clock)
    assert [mark.label for mark in marks] == ["1 min", "2 min", "3 min", "4 min"]
    assert [mark.at for mark in marks] == [200.0, 266.7, 333.3, 400.0]


def test_times_are_told_only_where_they_are_known() -> None:
    assert plot.time_ticks(Scale(0, 1, 0, 300), []) == ()
    assert plot.time_ticks(Scale(0, 1, 0, 300), [(0.0, 0.0), (1.0, 0.0)]) == ()


@given(st.lists(st.floats(0, 200), max_size=12).map(sorted))
def test_labels_are_spread_until_they_can_be_read(places: list[float]) -> None:
    found = plot.spread(places, 12.5, 0, 200)
    assert all(b - a >= 12.39 for a, b in itertools.pairwise(found))
    assert all(0 - 0.1 <= place <= 200.1 for place in found)


def test_long_lines_are_thinned_and_keep_their_ends() -> None:
    line = [(float(n), 5 / (n + 1)) for n in range(10_000)]
    found = plot.thinned(line)
    assert len(found) <= 260
    assert (found[0], found[-1]) == (line[0], line[-1])
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (950, "950"), (999.6, "1k"), (40_960, "41k"), (1_703_944, "1.7M"), (2e9, "2B"), (3e13, "30T")],
)  # fmt: skip
def test_amounts_are_short(value: float, text: str) -> None:
    assert plot.amount(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0 s"), (0.42, "0.42 s"), (9.97, "10 s"), (59.9, "1 min"), (725.0, "12 min 5 s"), (12_000.0, "3 h 20 min")],
)  # fmt: skip
def test_durations_are_words(seconds: float, text: str) -> None:
    assert plot.duration(seconds) == text
