"""A training run -> one standalone HTML page that shows how its model learnt: preview/model.html.

A field that is absent or empty leaves its part of the page out, so that runs of older versions have pages too. Every
name and sample is a stranger's text and is escaped by the template.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from weeklyai import files
from weeklyai.publish import bars, curves, runs, templates
from weeklyai.publish.plot import amount, duration
from weeklyai.publish.runs import Reading, Run, name, number, numbers
from weeklyai.text import clean_paragraphs, shorten

TEMPLATE = "report.html.j2"
_MAX_SAMPLES = 12
_MAX_SAMPLE = 900  # characters
_MAX_LISTED = 20  # events, findings
_MAX_COLUMNS = 5
_FINDINGS = {
    "leaks": (
        "Seen before",
        "Rows of 13 words in the held-out text that stand in the training text as well.",
    ),
    "copies": (
        "Recited",
        "The longest runs of words that the model's own texts share with the training text.",
    ),
}
_LABELS = {
    "texts": "held-out texts", "touched": "of these with a row seen before", "rows": "rows of 13 words",
    "seen": "of these seen before", "longest": "longest run (words)", "median": "median run (words)",
}  # fmt: skip
_ABOUT = {
    "parameters": "parameters", "vocabulary": "vocabulary", "layers": "layers", "width": "width", "heads": "heads",
    "context": "context (tokens)", "device": "device", "dtype": "number format", "threads": "threads",
    "gflops": "ceiling (GFLOP/s)", "memory_gb": "memory (GB)", "torch": "torch", "until": "newest week read",
    "parent": "continues model", "corpus": "corpus", "tokenizer": "tokenizer",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search for something unwanted found: figures, and lists of records with equal keys."""

    title: str
    note: str
    facts: list[tuple[str, str]]
    lists: list[tuple[str, list[str], list[list[str]]]]


def render(run: Run, environment: jinja2.Environment, site_title: str) -> str:
    """Return the page of `run`.

    Args:
        run: a training run as JSON. "baselines" ({name: bits per byte}) and "costs" ({what: seconds}) are shown beside
            its own fields where they are given.
        environment: of the templates.
        site_title: whose model it is.

    Raises:
        UserError: the site's own template is broken.
    """
    held_out = runs.series(run.get("held_out"))
    return templates.fill(
        environment,
        TEMPLATE,
        site_title=site_title,
        model=runs.model_id(run),
        finished=bool(run.get("finished")),
        lead=_lead(held_out),
        tiles=_tiles(run, held_out),
        curves=curves.learning(run, held_out),
        sources=curves.by_source(run),
        weeks=bars.weeks(run),
        samples=_samples(run, held_out),
        plan=bars.plan(run, held_out),
        costs=bars.costs(run),
        mix=bars.mix(run),
        baselines=bars.baselines(run, held_out),
        findings=_findings(run),
        about=_about(run),
        events=[name(event, 300) for event in runs.rows(run.get("events"))[-_MAX_LISTED:]],
    )


def write(run: Run, path: Path, environment: jinja2.Environment, site_title: str) -> None:
    """Write the page of `run` to `path` in one step.

    Raises:
        UserError: the site's own template is broken.
    """
    files.write_text(path, render(run, environment, site_title))


# --- the head -------------------------------------------------------------------------------------------------------


def _lead(held_out: Sequence[Reading]) -> str:
    """Return what was learnt, in a sentence for someone who has never heard of bits per byte."""
    if not held_out:
        return ""
    last = f"It needs {held_out[-1].value:.2f} bits for each byte of text that it has never read"
    if len(held_out) < 2:
        return f"{last}. Fewer is better."
    before = "before training" if held_out[0].tokens == 0 else "at its first measure"
    return f"{last}; {before} it needed {held_out[0].value:.2f}. Fewer is better."


def _tiles(run: Run, held_out: Sequence[Reading]) -> list[tuple[str, str, str]]:
    """Return the headline figures: (name, value, remark)."""
    found: list[tuple[str, str, str]] = []
    if held_out:
        begin = f"from {held_out[0].value:.2f}" if len(held_out) > 1 else ""
        found.append(("held-out bits per byte", f"{held_out[-1].value:.2f}", begin))
    if tokens := number(run.get("tokens")):
        found.append(("tokens read", amount(tokens), _weights(run)))
    if seconds := number(run.get("seconds")):
        found.append(("time", duration(seconds), _progress(run)))
    if rate := runs.rate(run):
        found.append(("tokens a second", f"{rate:,.0f}", ""))
    if share := runs.ceiling_share(run):
        found.append(
            ("of the machine's ceiling", f"{share:.0%}", f"{runs.fastest(run):,.0f} GFLOP/s")
        )
    return found


def _weights(run: Run) -> str:
    parameters = number(run.get("parameters"))
    return f"by {amount(parameters)} parameters" if parameters else ""


def _progress(run: Run) -> str:
    progress, budget = number(run.get("progress")), numbers(run.get("plan")).get("seconds", 0.0)
    if not run.get("finished") and progress is not None:
        return f"{progress:.0%} of the run"
    return f"of {duration(budget)}" if budget > 0 else ""


# --- samples, findings, the model -----------------------------------------------------------------------------------


def _samples(run: Run, held_out: Sequence[Reading]) -> list[tuple[str, str, list[str]]]:
    """Return (tokens read by then, held-out figure then, paragraphs) of each sample, oldest first."""
    found = []
    for row in map(runs.table, runs.rows(run.get("samples"))):
        tokens, text = number(row.get("tokens")), row.get("text")
        if tokens is None or not isinstance(text, str):
            continue
        near = min(held_out, key=lambda one: abs(one.tokens - tokens), default=None)
        figure = f"{near.value:.2f} bits per byte" if near else ""
        words = shorten(clean_paragraphs(text), _MAX_SAMPLE)
        found.append((tokens, figure, words.split("\n\n") if words else []))
    found.sort(key=lambda sample: sample[0])
    return [
        ("before training" if tokens == 0 else f"{amount(tokens)} tokens", figure, paragraphs)
        for tokens, figure, paragraphs in found[-_MAX_SAMPLES:]
    ]


def _findings(run: Run) -> list[Findings]:
    found = []
    for key, (title, note) in _FINDINGS.items():
        members = runs.table(run.get(key))
        facts = [
            (_label(label), _figure(value, label))
            for label, value in members.items()
            if isinstance(value, str | int | float)
        ]
        lists = [
            (_label(label), *_grid(value)) for label, value in members.items() if _grid(value)[1]
        ]
        if facts or lists:
            found.append(Findings(title, note, facts, lists))
    return found


def _grid(value: Any) -> tuple[list[str], list[list[str]]]:
    """Return a list of JSON objects as a table: its head and its rows of text; anything else has no rows."""
    objects = [row for row in map(runs.table, runs.rows(value)) if row][:_MAX_LISTED]
    keys = list(dict.fromkeys(key for row in objects for key in row))[:_MAX_COLUMNS]
    cells = [[_figure(row.get(key), key) for key in keys] for row in objects]
    return [_label(key) for key in keys], cells


def _label(key: Any) -> str:
    return _LABELS.get(key) or name(key).replace("_", " ")


def _figure(value: Any, key: str = "") -> str:
    """Return a JSON scalar as a person writes it; what is none, or not finite, as an empty text."""
    if isinstance(value, str | bool):
        return name(value if isinstance(value, str) else str(value).lower(), 300)
    figure = number(value)
    if figure is None:
        return ""
    if key == "share":
        return f"{figure:.1%}"
    return f"{value:,}" if isinstance(value, int) else f"{figure:,.4g}"


def _about(run: Run) -> list[tuple[str, str]]:
    """Return what the model is and where it was made."""
    given = {**runs.table(run.get("plan")), **run, **runs.table(run.get("machine"))}
    rows = [(label, _figure(given.get(key))) for key, label in _ABOUT.items()]
    kept = number(run.get("averaged"))
    if given.get("parent") and kept is not None:
        rows.append(("kept of what it learned, the rest averaged with that model", f"{kept:.0%}"))
    return [(label, value) for label, value in rows if value not in {"", "0"}]
