"""Figures of the drafter and examples to read -> one standalone HTML page: preview/eval.html.

Every text on it is a stranger's and is escaped by the template.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from weeklyai import files
from weeklyai.publish import templates

TEMPLATE = "eval.html.j2"


@dataclass(frozen=True, slots=True)
class Example:
    """One text: its headline, publisher, a person's summary, and (system, draft, figures) of each draft."""

    title: str
    source: str
    summary: str
    drafts: list[tuple[str, str, str]]


def render(
    tables: Mapping[str, Sequence[Mapping[str, Any]]], shown: Sequence[Example],
    environment: jinja2.Environment, site_title: str,
) -> str:  # fmt: skip
    """Return the page of `tables` by title, each of rows with equal keys, and of the examples `shown`.

    Raises:
        UserError: the site's own template is broken.
    """
    return templates.fill(environment, TEMPLATE, tables=dict(tables), examples=shown, site_title=site_title)  # fmt: skip


def write(
    tables: Mapping[str, Sequence[Mapping[str, Any]]], shown: Sequence[Example], path: Path,
    environment: jinja2.Environment, site_title: str,
) -> None:  # fmt: skip
    """Write the page to `path` in one step; the errors are those of `render`."""
    files.write_text(path, render(tables, shown, environment, site_title))
