"""The JSON of a training run, read without trust: finite numbers, clean short texts, and nothing where a field is not what it should be.

A run may be of an older version, cut short, or damaged; names of sources and samples are words of strangers.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weeklyai.text import clean, shorten

Run = Mapping[str, Any]
_MOST = 1e15  # a larger number is damage; sums and squares of such would leave a chart's range
MAX_NAME = 80  # characters


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value: after how many tokens, after how many seconds (None: not noted), and what."""

    tokens: float
    seconds: float | None
    value: float


def number(value: Any) -> float | None:
    """Return a finite number as a float, anything else as None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < _MOST else None  # NaN compares false


def table(value: Any) -> Mapping[str, Any]:
    """Return a JSON object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def rows(value: Any) -> list[Any]:
    """Return a JSON array, or an empty one."""
    return value if isinstance(value, list) else []


def name(value: Any, limit: int = MAX_NAME) -> str:
    """Return a scalar as one clean line of at most `limit` characters."""
    return shorten(clean(str(value)), limit) if isinstance(value, str | int | float) else ""


def numbers(value: Any) -> dict[str, float]:
    """Return the members of a JSON object that are numbers, by clean name."""
    found = {name(key): number(member) for key, member in table(value).items()}
    return {key: member for key, member in found.items() if key and member is not None}


def series(value: Any) -> list[Reading]:
    """Return the readings of [[tokens, seconds, value], ...] or, as older runs have it, [[tokens, value], ...].

    By rising tokens; of two at the same tokens the later one.
    """
    found: dict[float, Reading] = {}
    for row in rows(value):
        figures = [number(cell) for cell in rows(row)]
        if len(figures) not in {2, 3}:
            continue
        tokens, last = figures[0], figures[-1]
        if tokens is None or tokens < 0 or last is None:
            continue
        seconds = figures[1] if len(figures) == 3 else None
        found[tokens] = Reading(tokens, seconds, last)
    return [found[tokens] for tokens in sorted(found)]


def model_id(run: Run) -> str:
    """Return the 12 hex digits that name the run's weights with its tokenizer; "" before the first checkpoint."""
    if not run.get("weights"):
        return ""
    return hashlib.sha256(f"{run['weights']}{run.get('tokenizer', '')}".encode()).hexdigest()[:12]


def rate(run: Run) -> float | None:
    """Return training tokens a second, of the time spent on training alone where it was noted apart."""
    tokens = number(run.get("tokens"))
    seconds = numbers(run.get("costs")).get("training") or number(run.get("seconds"))
    return tokens / seconds if tokens and seconds and seconds > 0 else None


def fastest(run: Run) -> float | None:
    """Return the best GFLOP/s that any matrix product reached on the run's machine, or None."""
    found = table(run.get("machine"))
    rates = [*numbers(found.get("rates")).values(), numbers(found).get("gflops", 0.0)]
    return max(rates) if max(rates) > 0 else None


def ceiling_share(run: Run) -> float | None:
    """Return how much of the machine's fastest matrix product training reached, 0 ... 1; None where that is not known.

    A token costs 6N + 12LCT floating-point operations (N parameters, L layers, width C, context T; the optimiser's own
    work excluded), as in PaLM (Chowdhery et al. 2022), appendix B.
    """
    plan = numbers(run.get("plan"))
    parameters, speed = number(run.get("parameters")), rate(run)
    ceiling = fastest(run)
    if not (parameters and speed and ceiling):
        return None
    attention = 12 * math.prod(plan.get(key, 0.0) for key in ("layers", "width", "context"))
    share = (6 * parameters + attention) * speed / (ceiling * 1e9)
    return share if share <= 1 else None  # the machine was busy while it was measured
