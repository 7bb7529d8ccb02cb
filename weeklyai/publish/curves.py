"""The curves of a training run, ready to be drawn: loss, held-out text, and held-out text by source."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from weeklyai.publish import bars, plot, runs
from weeklyai.publish.plot import Chart, Point, amount, duration
from weeklyai.publish.runs import Reading, Run, number, numbers
from weeklyai.text import shorten

_MAX_SOURCES = 9  # small charts: the eight largest sources and the others together
_MAX_LABEL = 20  # characters that stand beside a line
_MAX_ROWS = 24  # of the table behind a chart


@dataclass(frozen=True, slots=True)
class Curve:
    """A chart with its words and the table behind it.

    Attributes:
        title: what is shown.
        unit: of its values.
        text: the chart in a sentence, for whoever does not see it.
        chart: the drawing.
        rows: (tokens, time or "", value) as text.
    """

    title: str
    unit: str
    text: str
    chart: Chart
    rows: list[tuple[str, str, str]]


def learning(run: Run, held_out: Sequence[Reading]) -> list[Curve]:
    """Return training loss in bits per token and held-out bits per byte, over tokens and time."""
    loss = [
        Reading(one.tokens, one.seconds, one.value / math.log(2))
        for one in runs.series(run.get("curve"))
    ]
    baselines = [
        (shorten(label, _MAX_LABEL), value) for label, value in bars.baseline_values(run).items()
    ]
    return [
        _curve(title, unit, line, levels)
        for title, unit, line, levels in (
            ("Held-out text", "bits per byte", held_out, baselines),
            ("Training loss", "bits per token", loss, []),
        )
        if line
    ]


def _curve(
    title: str, unit: str, line: Sequence[Reading], levels: Sequence[tuple[str, float]]
) -> Curve:
    clock = [(one.tokens, one.seconds) for one in line if one.seconds is not None]
    chart = plot.over_tokens(_points(line), clock, levels)
    first, last = line[0], line[-1]
    text = f"{title}: {first.value:.2f} {unit} after {amount(first.tokens)} tokens"
    if len(line) > 1:
        lowest = min(line, key=lambda one: one.value)
        text += f", {last.value:.2f} after {amount(last.tokens)}; lowest {lowest.value:.2f} after {amount(lowest.tokens)}"
    rows = [
        (f"{one.tokens:,.0f}", "" if one.seconds is None else duration(one.seconds), f"{one.value:.3f}")
        for one in _some(line)
    ]  # fmt: skip
    return Curve(title, unit, f"{text}.", chart, rows)


def _points(line: Sequence[Reading]) -> list[Point]:
    return [(one.tokens, one.value) for one in line]


def _some(line: Sequence[Reading]) -> list[Reading]:
    """Return at most _MAX_ROWS readings, evenly picked, both ends among them."""
    last = len(line) - 1
    if last < _MAX_ROWS:
        return list(line)
    return [line[round(n * last / (_MAX_ROWS - 1))] for n in range(_MAX_ROWS)]


def by_source(run: Run) -> list[Curve]:
    """Return a small chart for each source of held-out text, on one scale, the hardest last measured first."""
    lines: dict[str, list[Reading]] = {}
    for row in map(runs.table, runs.rows(run.get("by_source"))):
        tokens = number(row.get("tokens"))
        if tokens is None or tokens < 0:
            continue
        for source, value in numbers(row.get("sources")).items():
            lines.setdefault(source, []).append(Reading(tokens, None, value))
    kept = [(source, sorted(line, key=lambda one: one.tokens)) for source, line in lines.items()]
    kept.sort(key=lambda pair: (pair[0] == "other", -pair[1][-1].value))
    del kept[_MAX_SOURCES:]
    # The untrained model's figure would press all that follows into the lowest part of the scale; one figure alone is no line.
    points = [
        _points(line[1:] if len(line) > 2 and not line[0].tokens else line) for _, line in kept
    ]
    return [
        Curve(
            source,
            "bits per byte",
            " to ".join(f"{one.value:.2f}" for one in ([line[0]] if len(line) > 1 else []) + [line[-1]]),
            plot.small(points, n),
            _curve_rows(line),
        )
        for n, (source, line) in enumerate(kept)
    ]  # fmt: skip


def _curve_rows(line: Sequence[Reading]) -> list[tuple[str, str, str]]:
    return [(f"{one.tokens:,.0f}", "", f"{one.value:.3f}") for one in _some(line)]
