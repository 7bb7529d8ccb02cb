"""Numbers to the coordinates of a line chart: scales, ticks, paths and labels, for a template to draw as SVG.

Pure functions: nothing here knows HTML, and no coordinate that leaves here is NaN or infinite.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
WIDTH, HEIGHT = 360, 236  # of a chart, in SVG units; a telephone shows one unit as about one pixel
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 14, 52
_TIMES = 20  # height of the second axis
_DECADES = 2  # a range of x over more than so many powers of ten is laid out by its logarithm
_ZERO = 0.07  # the part of a logarithmic axis that 0, the state before training, stands away from its first value
_GAP = 12.5  # between the baselines of two labels that stand one above the other
_LETTER = 5.7  # about the width of one in a label
_MOST = 240  # points drawn a line; more are averaged, a screen shows no more
_DURATIONS = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` laid out from `start` to `end`, evenly or by their logarithm."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """Return the coordinate of `value`, rounded to a tenth; beyond the scale, that of its nearer end."""
        if not self.log:
            share = (value - self.low) / (self.high - self.low)
        elif value < self.low:
            share = 0.0
        else:
            share = _ZERO + (1 - _ZERO) * math.log(value / self.low) / math.log(
                self.high / self.low
            )
        return round(self.start + min(1.0, max(0.0, share)) * (self.end - self.start), 1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A label at a coordinate: a tick of an axis, or a name beside a line."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Level:
    """A dashed line across the chart: where it lies, up to where it goes, and where its label stands clear of the others."""

    at: float
    end: float
    label: str
    label_at: float


@dataclass(frozen=True, slots=True)
class Chart:
    """One line over tokens, ready to be drawn.

    Attributes:
        path: the line, as the `d` of an SVG path; "" for a single point.
        first, last: its ends.
        first_label, last_label: the values there.
        last_at: the height of the last label, clear of those of the levels.
        x: ticks in tokens.
        times: ticks in time, at the tokens read by then; empty where no time is known.
        y: ticks of the value.
        levels: values to compare with, nearest the top first.
        behind: other lines, drawn faintly.
        log: the tokens stand by their logarithm.
    """

    path: str
    first: Point
    last: Point
    first_label: str
    last_label: str
    last_at: float
    x: tuple[Mark, ...]
    times: tuple[Mark, ...]
    y: tuple[Mark, ...]
    levels: tuple[Level, ...] = ()
    behind: tuple[str, ...] = ()
    log: bool = False
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


def over_tokens(
    points: Sequence[Point],
    clock: Sequence[Point] = (),
    levels: Sequence[tuple[str, float]] = (),
) -> Chart:
    """Return the chart of `points`.

    Args:
        points: at least one (tokens, value), by rising tokens.
        clock: (tokens, seconds) by rising tokens, for a second axis; tokens between two are interpolated.
        levels: (name, value) to draw across.
    """
    values = [value for _, value in points] + [value for _, value in levels]
    y_ticks = ticks(*widened(min(values), max(values)), 7)
    y = Scale(min(y_ticks[0], *values), max(y_ticks[-1], *values), HEIGHT - _BOTTOM, _TOP)
    x = tokens_scale([tokens for tokens, _ in points], _LEFT, WIDTH - _RIGHT)
    drawn = [(x.at(tokens), y.at(value)) for tokens, value in thinned(points)]
    times = time_ticks(x, clock)
    names, last_at = _levels(
        [(y.at(value), f"{name} {value:.2f}") for name, value in levels], drawn[-1][1]
    )
    return Chart(
        path=path(drawn), first=drawn[0], last=drawn[-1],
        first_label=f"{points[0][1]:.2f}", last_label=f"{points[-1][1]:.2f}", last_at=last_at,
        x=tokens_ticks(x), times=times, height=HEIGHT if times else HEIGHT - _TIMES, y=_marks(y, y_ticks), levels=names, log=x.log,
    )  # fmt: skip


def small(
    lines: Sequence[Sequence[Point]], chosen: int, width: int = 180, height: int = 84
) -> Chart:
    """Return line `chosen` of `lines` with the others behind it, all on one scale, for a row of small multiples."""
    left, right, top, bottom = 26, width - 6, 8, height - 8
    values = [value for line in lines for _, value in line]
    low, high = widened(min(values), max(values))
    y = Scale(low, high, bottom, top)
    x = tokens_scale([tokens for line in lines for tokens, _ in line], left, right)
    drawn = [[(x.at(tokens), y.at(value)) for tokens, value in thinned(line)] for line in lines]
    return Chart(
        path=path(drawn[chosen]), first=drawn[chosen][0], last=drawn[chosen][-1],
        first_label=f"{lines[chosen][0][1]:.2f}", last_label=f"{lines[chosen][-1][1]:.2f}",
        last_at=drawn[chosen][-1][1], x=(), times=(), y=_marks(y, [tick for tick in ticks(low, high, 4) if low <= tick <= high]),
        behind=tuple(path(line) for n, line in enumerate(drawn) if n != chosen and len(line) > 1),
        log=x.log, width=width, height=height, left=left, right=right, top=top, bottom=bottom,
    )  # fmt: skip


# --- scales and ticks -----------------------------------------------------------------------------------------------


def widened(low: float, high: float) -> tuple[float, float]:
    """Return a range that holds `low` and `high` and is never empty."""
    if high - low > 1e-9 * max(1.0, abs(high)):
        return low, high
    return low - max(0.5, abs(low) / 10), high + max(0.5, abs(high) / 10)


def tokens_scale(tokens: Sequence[float], start: float, end: float) -> Scale:
    """Return the scale of the numbers `tokens`: by logarithm over more than two decades, else from 0."""
    positive = [value for value in tokens if value > 0]
    if positive and max(positive) > min(positive) * 10**_DECADES:
        return Scale(min(positive), max(positive), start, end, log=True)
    return Scale(0.0, max(positive, default=1.0), start, end)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return round values (1, 2 or 5 times a power of ten apart) that enclose `low` to `high`: about `most` of them."""
    rough = (high - low) / max(1, most - 1)
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= rough * 0.999)
    first, last = math.floor(low / step + 1e-6), math.ceil(high / step - 1e-6)
    return [round(n * step, 12) for n in range(first, last + 1)]


def tokens_ticks(x: Scale) -> tuple[Mark, ...]:
    """Return the ticks of `x`: 0 and round numbers, or 0 and powers of ten."""
    if x.log:
        powers = [
            10.0**n for n in range(math.ceil(math.log10(x.low)), math.floor(math.log10(x.high)) + 1)
        ]
        return (Mark(x.start, "0"), *(Mark(x.at(value), amount(value)) for value in powers[-5:]))  # fmt: skip
    return tuple(
        Mark(x.at(value), amount(value)) for value in ticks(x.low, x.high, 5) if value <= x.high
    )


def time_ticks(x: Scale, clock: Sequence[Point]) -> tuple[Mark, ...]:
    """Return round moments at the coordinates of the tokens that were read by then, far enough apart to be read."""
    if len(clock) < 2 or clock[-1][1] <= 0:
        return ()
    end = clock[-1][1]
    step = next((d for d in _DURATIONS if end / d <= 6), end)
    moments = [step * n for n in range(1, int(end / step) + 1)]
    if x.log:
        moments = [d for d in _DURATIONS if clock[0][1] <= d <= end]
    found: list[Mark] = []
    for moment in moments:
        at = x.at(tokens_by(moment, clock))
        if at >= (found[-1].at + 48 if found else x.start + 30):
            found.append(Mark(at, duration(moment)))
    return tuple(found)


def tokens_by(moment: float, clock: Sequence[Point]) -> float:
    """Return the tokens read after `moment` seconds, between two points of `clock` in proportion."""
    before = (0.0, 0.0)
    for tokens, seconds in clock:
        if seconds >= moment:
            share = (moment - before[1]) / max(seconds - before[1], 1e-9)
            return before[0] + max(0.0, share) * (tokens - before[0])
        before = (tokens, seconds)
    return before[0]


def _marks(y: Scale, values: Sequence[float]) -> tuple[Mark, ...]:
    step = min((b - a for a, b in itertools.pairwise(values)), default=1.0)
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 1
    return tuple(Mark(y.at(value), f"{value:.{min(digits, 4)}f}") for value in values)


# --- lines and labels -----------------------------------------------------------------------------------------------


def path(points: Sequence[Point]) -> str:
    """Return the `d` of an SVG path through `points`; "" where a line would have no length."""
    if len(points) < 2:
        return ""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def thinned(points: Sequence[Point], most: int = _MOST) -> list[Point]:
    """Return `points` with neighbours averaged where there are more than `most`; both ends stay."""
    if len(points) <= most:
        return list(points)
    inner, size = points[1:-1], len(points) / most
    parts: dict[int, list[Point]] = {}
    for n, point in enumerate(inner):
        parts.setdefault(int(n / size), []).append(point)
    means = [
        (sum(x for x, _ in part) / len(part), sum(y for _, y in part) / len(part))
        for part in parts.values()
    ]
    return [points[0], *means, points[-1]]


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return rising `places` moved as little as needed to lie `gap` apart and, while there is room, within `low` to `high`."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, low, moved[-1] + gap if moved else low))
    limit = high
    for n in reversed(range(len(moved))):
        moved[n] = min(moved[n], limit)
        limit = moved[n] - gap
    return [round(place, 1) for place in moved]


def _levels(heights: Sequence[tuple[float, str]], last: float) -> tuple[tuple[Level, ...], float]:
    """Return levels by their (height, label), and the height of the curve's last label.

    All labels stand in a column at the right end, where the curve has fallen away from whatever lies above it; the
    lines end before that column.
    """
    longest = max((len(label) for _, label in heights), default=0)
    end = max(_LEFT + 60.0, WIDTH - _RIGHT - _LETTER * longest - 4)
    wanted = sorted(
        [(height + 3.5, label, height) for height, label in heights] + [(last - 9, "", last)]
    )
    places = spread([place for place, _, _ in wanted], _GAP, _TOP + 6, HEIGHT - _BOTTOM - 4)
    levels = [
        Level(height, end, label, place)
        for (_, label, height), place in zip(wanted, places, strict=True)
        if label
    ]
    own = next(place for (_, label, _), place in zip(wanted, places, strict=True) if not label)
    return tuple(levels), own


def amount(value: float) -> str:
    """Return a number for a person in three digits at most: 950, 41k, 1.7M, 2B."""
    for size, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size * 0.9995:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def duration(seconds: float) -> str:
    """Return a time for a person: 0.4 s, 45 s, 12 min 5 s, 3 h 20 min."""
    if seconds < 9.95:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    parts = [(hours, "h"), (minutes, "min")] if hours else [(minutes, "min"), (rest, "s")]
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or "0 s"
