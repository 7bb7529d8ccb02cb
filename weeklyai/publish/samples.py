"""Something to fill each template with: an issue of everything a post can hold, feeds in every state, and a training run.

A template that only compiles may still name a field that is not there; filled once, it says so before a week depends on it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import jinja2

from weeklyai import config
from weeklyai.dates import Week
from weeklyai.errors import UserError
from weeklyai.publish import email, examples, html, parse, post, report, templates
from weeklyai.records import (
    Bullets,
    Feature,
    Issue,
    NewsItem,
    NumberedItem,
    Numbers,
    Paragraph,
    Section,
    Span,
    Subheading,
)

_SOURCE = "https://news.example/1"
_WORDS = (Span("A sample of "), Span("emphasis", "emphasis"), Span(" and "), Span("code", "code"))
_SECTIONS = (
    Section("Introduction", (Paragraph(_WORDS, (_SOURCE,)),)),
    Section(
        "Parts",
        (
            Subheading("A part of its own"),
            Bullets((_WORDS, (Span("A link", "link", _SOURCE),))),
            Numbers((NumberedItem(_WORDS, "Lead:", (_WORDS,)), NumberedItem(_WORDS))),
        ),
    ),
    Section("Conclusion", (Paragraph(_WORDS),)),
)
ISSUE = Issue(
    week=Week(2024, 29),
    topic="A sample",
    date=datetime(2024, 7, 19, 20, tzinfo=UTC),
    description="An invented issue that holds everything a post can hold, to fill templates with.",
    drafted_by="weeklyai",
    feature=Feature("A sample", _WORDS, _SECTIONS),
    pulse="The week:",
    intro="An invented week.",
    news=tuple(
        NewsItem(f"Headline {n} | <b> {{{{ x }}}}", f"https://news.example/{n}", "The desk", "https://desk.example/", "A take.")
        for n in (1, 2)
    ),
    closing="The end.",
)  # fmt: skip
_FEED = {
    "url": _SOURCE, "title": "News", "status": "ok", "state": "fetched", "advice": [], "found": 1, "new": 1,
    "newest": "2024-07-19T20:00:00+00:00",
}  # fmt: skip
_FAILED = {**_FEED, "title": "", "status": "failed", "state": "failing", "advice": ["could not be reached"], "newest": None}  # fmt: skip


_SEARCHED = {"texts": 2, "worst": [{"name": "<b>", "share": 0.1}]}
_RUN = {
    "plan": {"seconds": 60.0, "layers": 1, "width": 32, "context": 64}, "weights": "00", "parameters": 1000,
    "tokens": 2000, "seconds": 50.0, "progress": 0.9, "until": "2024-W29",
    "curve": [[1000, 25.0, 5.0], [2000, 50.0, 4.0]], "held_out": [[0, 0.0, 4.0], [2000, 50.0, 3.0]],
    "by_week": {"2024-W28": 3.0, "2024-W29": 3.0, "all": 3.0}, "by_source": [{"tokens": 2000, "sources": {"<b>": 3.0}}],
    "samples": [{"tokens": 0, "text": ""}, {"tokens": 2000, "text": "The {{ x }}"}],
    "mix": [{"source": "<b>", "documents": 3, "tokens": 2000}], "machine": {"device": "cpu", "gflops": 100.0},
    "expected": {"tokens": 2100, "bits_per_byte": 2.9, "seconds": 60.0}, "events": ["resumed"],
    "baselines": {"unigram": 3.5}, "costs": {"training": 45.0}, "leaks": _SEARCHED, "copies": _SEARCHED,
}  # fmt: skip


def _post(environment: jinja2.Environment) -> str:
    text = post.render(ISSUE, environment)
    try:
        parse.parse(text)
    except UserError as error:
        raise UserError(f"template {post.TEMPLATE} makes a post that cannot be read back ({error})") from None  # fmt: skip
    return text


def _preview(environment: jinja2.Environment) -> str:
    # Of the packaged post's text, so that a fault of the site's own post template is told once, as its own.
    text = post.render(ISSUE, templates.environment(templates.packaged() / "nowhere"))
    return html.preview(text, environment, "A sample")


def _feeds(environment: jinja2.Environment) -> str:
    values = {"site_title": "A sample", "sums": "2 feeds", "moment": "2024-07-19 20:00"}
    return templates.fill(environment, "feeds.html.j2", **values, feeds=[_FEED, _FAILED])


def _report(environment: jinja2.Environment) -> str:
    return report.render(_RUN, environment, "A sample")


def _eval(environment: jinja2.Environment) -> str:
    shown = [
        examples.Example(
            "<b>", "News", "A {{ x }}.", [("ours", "A <i>.", "R1 50.0"), ("lead", "A.", "")]
        )
    ]
    tables = {
        "All": [{"system": "ours", "R1": 50.0}, {"system": "another text's summary", "R1": 8}]
    }
    return examples.render(tables, shown, environment, "A sample")


def _email(environment: jinja2.Environment) -> str:
    site = config.Site(title="A sample", url="https://sample.example", desk_url=_SOURCE)
    settings = config.Settings(folder=Path(), site=site)
    return email.message(ISSUE, settings, environment).decode("ascii")


FILLED: dict[str, Callable[[jinja2.Environment], str]] = {
    "post.md.j2": _post,
    "preview.html.j2": _preview,
    "feeds.html.j2": _feeds,
    "report.html.j2": _report,
    "eval.html.j2": _eval,
    "email.html.j2": _email,
    "email.txt.j2": _email,
}


def fill_all(site_folder: Path) -> dict[str, str]:
    """Return every template that weeklyai uses, filled with its sample, by name; a site's own in place of ours.

    Raises:
        UserError: one is broken; with template, line and expression.
    """
    environment = templates.environment(site_folder)
    return {name: fill(environment) for name, fill in FILLED.items()}
