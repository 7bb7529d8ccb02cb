"""The rows and bars of a training run: by week, beside baselines, what was read, where the time went, plan and outcome."""

from collections.abc import Sequence
from dataclasses import dataclass

from weeklyai.publish import runs
from weeklyai.publish.plot import amount, duration
from weeklyai.publish.runs import Reading, Run, name, number, numbers

_MAX_BARS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a bar chart: name, value as text, length in percent of the longest, and a remark."""

    name: str
    value: str
    percent: float
    remark: str = ""


def _bars(rows: Sequence[tuple[str, float, str, str]]) -> list[Bar]:
    """Return bars of (name, size, value as text, remark); the longest fills its column."""
    longest = max((size for _, size, _, _ in rows), default=0.0)
    return [
        Bar(label, value, round(100 * max(0.0, size) / longest, 1) if longest > 0 else 0.0, remark)
        for label, size, value, remark in rows
    ]


def weeks(run: Run) -> list[Bar]:
    """Return held-out bits per byte by week, oldest first, all weeks together last."""
    values = numbers(run.get("by_week"))
    total = values.pop("all", None)
    rows = [(week, values[week], f"{values[week]:.3f}", "") for week in sorted(values)[-_MAX_BARS:]]
    if total is not None and len(rows) > 1:
        rows.append(("all weeks", total, f"{total:.3f}", ""))
    return _bars(rows)


def baseline_values(run: Run) -> dict[str, float]:
    """Return the held-out bits per byte of whatever the model is compared with, by name."""
    given = runs.table(run.get("baselines"))
    flat = {key: runs.table(value).get("all", value) for key, value in given.items()}
    return dict(list(numbers(flat).items())[:_MAX_BARS])


def baselines(run: Run, held_out: Sequence[Reading]) -> list[Bar]:
    """Return the model among its baselines, fewest bits first."""
    values = baseline_values(run)
    if not values:
        return []
    ours = [("this model", held_out[-1].value)] if held_out else []
    ranked = sorted([*values.items(), *ours], key=lambda pair: pair[1])
    return _bars([(label, value, f"{value:.3f}", "") for label, value in ranked])


def mix(run: Run) -> list[Bar]:
    """Return the sources of the training text by tokens; those beyond the largest in one row."""
    found = []
    for row in map(runs.table, runs.rows(run.get("mix"))):
        tokens = number(row.get("tokens"))
        if tokens is not None and tokens >= 0:
            found.append((name(row.get("source")), tokens, number(row.get("documents")) or 0.0))
    found.sort(key=lambda row: -row[1])
    rest = found[_MAX_BARS:]
    if len(rest) > 1:
        found[_MAX_BARS:] = [
            (f"{len(rest)} others", sum(row[1] for row in rest), sum(row[2] for row in rest))
        ]
    total = sum(tokens for _, tokens, _ in found) or 1.0
    return _bars([
        (source, tokens, f"{amount(tokens)} tokens", f"{tokens / total:.0%}" + (f", {amount(documents)} texts" if documents else ""))
        for source, tokens, documents in found
    ])  # fmt: skip


def costs(run: Run) -> list[Bar]:
    """Return where the time went, and what is left of the budget."""
    costs = {key: value for key, value in numbers(run.get("costs")).items() if value >= 0}
    seconds, budget = number(run.get("seconds")), numbers(run.get("plan")).get("seconds", 0.0)
    if not seconds or not (costs or budget):
        return []
    known = sum(costs.values())
    if seconds - known > 0.005 * seconds:
        costs["everything else" if costs else "used"] = seconds - known
    whole = max(seconds, known)
    if budget > whole:
        costs["left"] = budget - whole
    return _bars([
        (label, value, duration(value), f"{value / max(budget, whole):.0%}") for label, value in costs.items()
    ])  # fmt: skip


def plan(run: Run, held_out: Sequence[Reading]) -> list[tuple[str, str, str, str]]:
    """Return (what, planned, happened, percent off) for each figure that the plan had expected."""
    expected = numbers(run.get("expected"))
    happened = {
        "tokens": number(run.get("tokens")),
        "bits_per_byte": held_out[-1].value if held_out else None,
        "seconds": number(run.get("seconds")),
    }
    words = {"tokens": amount, "bits_per_byte": "{:.3f}".format, "seconds": duration}
    labels = {"tokens": "tokens", "bits_per_byte": "bits per byte", "seconds": "time"}
    return [
        (labels[key], words[key](wanted), words[key](got), f"{(got - wanted) / wanted:+.1%}")
        for key, got in happened.items()
        if got is not None and (wanted := expected.get(key, 0.0)) > 0
    ]  # fmt: skip
