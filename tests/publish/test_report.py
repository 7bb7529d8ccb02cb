"""Promises of the page of a training run: whole, escaped, and made of whatever a run holds."""

import copy
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publish.strategies import ATOMS
from tests.publish.test_post import ENVIRONMENT
from weeklyai import files
from weeklyai.errors import UserError
from weeklyai.publish import curves, report, runs, templates

CASE = Path(__file__).parent / "cases" / "run.json"
RUN: dict[str, Any] = files.read_json(CASE)
EVIL = """<script>alert(1)</script>'"><img src=x onerror=alert(1)></title></style></svg>{{ 7*7 }}{% raw %}&lt;\u202e"""
# A tenth of its figures, where the same promise is tried hundreds of times.
SHORT = {key: value[:2] if isinstance(value, list) else value for key, value in RUN.items()}
FIELDS = sorted(key for key, value in RUN.items() if isinstance(value, list | dict))


def page(run: dict[str, Any]) -> str:
    return report.render(run, ENVIRONMENT, "Letter & Co")


class Reader(HTMLParser):
    """Collects text, tags and attributes, and fails where a tag is closed that is not open."""

    VOID = frozenset({"meta", "line", "circle", "path"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.texts).split())


TAGS = Reader(page(RUN)).tags


def sound(text: str) -> Reader:
    """Fail where the page holds what only hostile text could have brought, or a number that is none."""
    read = Reader(text)
    assert read.tags <= TAGS | {"figcaption"}
    assert not [
        name for name, _ in read.attributes if name.startswith("on") or name in {"src", "href"}
    ]
    svg = " ".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    drawn = re.findall(r'(?:viewBox|[xy][12]?|c[xy]|r|d)="([^"]*)"', svg)
    assert not [value for value in drawn if re.search("nan|inf|None", value, re.IGNORECASE)]
    return read  # fmt: skip


def test_a_whole_run_shows_every_part() -> None:
    words = sound(page(RUN)).words
    for part in (
        "It needs 1.62 bits for each byte of text that it has never read; before training it needed 3.64.",
        "held-out bits per byte 1.62 from 3.64", "tokens read 3.28M by 2.56M parameters", "time 9 min 58 s of 10 min",
        "tokens a second 5,787", "of the machine's ceiling 60% 172 GFLOP/s",
        "resumed after 212 s", "Held-out text bits per byte", "Training loss bits per token", "5-gram Kneser-Ney 2.12",
        "Die Schaltzentrale", "before training 3.64 bits per byte", "The code is on GitHub under the MIT licence.",
        "tokens 3.41M 3.28M -3.9%", "time 10 min 9 min 58 s -0.3%", "measuring 25 s 4%", "left 1.6 s",
        "this model 1.621", "2031-W18 1.702", "The Slow Compiler 477k tokens 26%, 612 texts", "3 others",
        "rows of 13 words 51,234", "31.0%", "longest run (words) 11", "continues model 0c4e5f1a9b37",
        "kept of what it learned, the rest averaged with that model 75%",
    ):  # fmt: skip
        assert part in words


def test_the_page_needs_nothing_else_and_runs_nothing() -> None:
    text = page(RUN)
    assert text.startswith("<!DOCTYPE html>")
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|https?://", text)


def test_each_chart_has_a_title_a_sentence_and_its_figures_as_a_table() -> None:
    text = page(RUN)
    charts = re.findall(r"<figure.*?</figure>", text, re.DOTALL)
    assert len(charts) == 2 + 9
    for chart in charts:
        assert '<svg viewBox="' in chart
        assert 'role="img" aria-labelledby="' in chart
        assert re.search(r"<title id=\"[ts]\d+\">[^<]+</title>", chart)
        assert chart.count("<tr>") > 5
    identities = re.findall(r' id="([^"]+)"', text)
    assert len(identities) == len(set(identities))


def test_the_loss_is_drawn_in_bits() -> None:
    run = {"curve": [[10, 1.0, math.log(2)], [20, 2.0, math.log(4)]]}
    assert "1.00 bits per token after 10 tokens, 2.00 after 20" in page(run)


@pytest.mark.parametrize(
    "run", [{}, {"finished": True, "plan": {}, "weights": "", "curve": [], "by_week": {}}]
)
def test_an_empty_run_has_a_page(run: dict[str, Any]) -> None:
    read = sound(page(run))
    assert "How the model" in read.words
    assert not {"svg", "table", "h2", "dl"} & read.tags  # fmt: skip


def test_any_field_may_be_absent() -> None:
    for field in RUN:
        sound(page({key: value for key, value in SHORT.items() if key != field}))


@pytest.mark.parametrize(
    "value",
    [None, "text", -1, math.nan, [None], [[]], [{}], {"": None}, [[1, 2]], [[math.nan, 1, math.inf]],
     [["<b>", "<i>", "<u>"]], {"all": 1e300}, [{"tokens": 1e300, "sources": {"x": 1}, "text": 3}],
     [{"tokens": 5, "sources": {"x": math.nan, "y": 2}, "text": "\x00"}], {"<b>": {"<i>": [1]}}],
    ids=repr,
)  # fmt: skip
def test_a_field_that_is_not_what_it_should_be_does_no_harm(value: Any) -> None:
    sound(page(dict.fromkeys(RUN, value)))
    for field in FIELDS:
        sound(page({**SHORT, field: value}))


def test_runs_of_older_versions_have_curves_without_time() -> None:
    run = {
        "curve": [[10, 3.0], [20, 2.5]],
        "held_out": [[0, 3.7], [20, 2.2]],
        "plan": {"tokens": 20},
    }
    read = sound(page(run))
    assert "tokens" in read.words
    assert "with the time below" not in read.words


def test_one_measure_is_a_dot() -> None:
    text = page(
        {
            "curve": [[10, 1.0, 3.0]],
            "held_out": [[0, 0.0, 3.7]],
            "by_source": [{"tokens": 0, "sources": {"a": 3}}],
        }
    )
    sound(text)
    assert text.count('class="dot"') == 3
    assert 'class="line"' not in text  # fmt: skip


def hostile(value: Any, text: str) -> Any:
    """Return a copy of a JSON value with `text` for every name and text in it."""
    if isinstance(value, dict):
        return {key: hostile(member, text) for key, member in value.items()} | {
            f"{text}{n}": member for n, member in enumerate(value.values()) if isinstance(member, str | float | int)
        }  # fmt: skip
    if isinstance(value, list):
        return [hostile(member, text) for member in value]
    return text if isinstance(value, str) else value


def test_hostile_names_and_samples_are_escaped_everywhere() -> None:
    text = page(hostile(copy.deepcopy(RUN), EVIL))
    read = sound(text)
    assert "\u202e" not in text
    assert "<script" not in text
    assert "<img" not in text
    assert "<script>alert(1)</script>" in read.words  # as words
    assert "{{ 7*7 }}" in read.words


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(ATOMS), min_size=1, max_size=8), st.sampled_from(FIELDS))
def test_no_mixture_of_marks_leaves_its_element(atoms: list[str], field: str) -> None:
    sound(page({**SHORT, field: hostile(SHORT[field], "".join(atoms))}))


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
        max_leaves=20,
    ),
    st.sampled_from(FIELDS),
)  # fmt: skip
def test_no_json_whatever_breaks_the_page(value: Any, field: str) -> None:
    sound(page({**SHORT, field: value}))


def test_endless_names_and_samples_are_cut() -> None:
    run = hostile(copy.deepcopy(RUN), "W" * 5000)
    assert len(page(run)) < 8 * len(page(RUN))


def test_many_weeks_sources_samples_and_events_do_not_swell_the_page() -> None:
    run = {
        "curve": [[n, n / 10, 5 / (n + 1)] for n in range(1, 5000)],
        "by_week": {f"2031-W{n:02}": 2.0 for n in range(1, 53)},
        "by_source": [{"tokens": 9, "sources": {f"s{n}": 2.0 for n in range(300)}}],
        "samples": [{"tokens": n, "text": "x"} for n in range(300)],
        "mix": [{"source": f"s{n}", "documents": 1, "tokens": 5} for n in range(300)],
        "events": ["x"] * 300,
    }
    assert len(page(run)) < 60_000


def test_a_source_that_was_measured_at_both_ends_alone_has_a_line() -> None:
    run = {"by_source": [{"tokens": 0, "sources": {"a": 3.0}}, {"tokens": 900, "sources": {"a": 2.0}}]}  # fmt: skip
    (curve,) = curves.by_source(run)
    assert curve.chart.path.count("L") == 1


def test_the_share_of_the_ceiling_counts_6n_and_12lct_a_token() -> None:
    run = {
        "parameters": 1_000_000, "tokens": 10_000, "seconds": 10.0, "costs": {"training": 5.0},
        "plan": {"layers": 4, "width": 128, "context": 256}, "machine": {"gflops": 100.0},
    }  # fmt: skip
    flops = 6 * 1_000_000 + 12 * 4 * 128 * 256
    assert runs.ceiling_share(run) == pytest.approx(flops * 2000 / 100e9)
    assert runs.ceiling_share({**run, "machine": {}}) is None
    faster = {"gflops": 100.0, "rates": {"2048x768x3072": 200.0, "2048x128x512": 150.0}}
    assert runs.ceiling_share({**run, "machine": faster}) == pytest.approx(flops * 2000 / 200e9)


def test_a_ceiling_measured_on_a_busy_machine_is_not_one() -> None:
    run = {"parameters": 1_000_000, "tokens": 10_000, "seconds": 1.0, "machine": {"gflops": 10.0}}
    assert runs.ceiling_share(run) is None


def test_the_page_is_written_where_it_is_asked_for_and_only_whole(tmp_path: Path) -> None:
    path = tmp_path / "preview" / "model.html"
    report.write(RUN, path, ENVIRONMENT, "Letter & Co")
    assert path.read_text(encoding="utf-8") == page(RUN)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / report.TEMPLATE).write_text("{{ nothing }}", encoding="utf-8")
    with pytest.raises(UserError, match="line 1"):
        report.write({}, path, templates.environment(tmp_path), "x")
    assert path.read_text(encoding="utf-8") == page(RUN)


def test_the_case_is_json_that_any_reader_takes() -> None:
    json.loads(CASE.read_text(encoding="utf-8"), parse_constant=pytest.fail)
