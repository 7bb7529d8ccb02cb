"""Shorter forms leave whole parts out and nothing else."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weeklyai.drafting import borders, checks, rewrite

CASES = tomllib.loads((Path(__file__).parent / "cases" / "forms.toml").read_text(encoding="utf-8"))[
    "case"
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['title']}: {case['sentence']}")
def test_exactly_the_written_down_forms_are_offered(case: dict[str, Any]) -> None:
    found = [form.text for form in rewrite.forms(case["sentence"], case["title"])]
    assert sorted(found) == sorted(case["forms"])


PARTS = (
    "However, ", "In addition, ", "the new line ", "of the valley ", "(a pair of fibres) ", "(if it rains) ", "is really ",
    "very ", "fast, ", "which pleases everyone, ", "which Karst hates, ", "and does not cost 40 dollars, ", "who is late, ",
    "was built ", "by students, ", "said Ada Moss ",
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PARTS), min_size=3, max_size=9))
def test_every_form_is_a_deletion_that_keeps_names_in_place_and_numbers_and_negations(
    drawn: list[str],
) -> None:
    joined = "".join(drawn).strip(" ,")
    sentence = f"{joined[:1].upper()}{joined[1:]}."
    for form in rewrite.forms(sentence, "Another matter"):
        assert checks.is_deletion(form.text, sentence)
        assert len(form.text.split()) >= borders.MIN_WORDS
        assert form.text != sentence
        # A name goes with all that is said of it, or stays.
        assert form.text.count("Karst") == form.text.count("hates")
        assert sentence.count("40") == form.text.count("40")
        assert "not" not in sentence or "not" in form.text


def test_forms_are_the_same_every_time_and_each_once() -> None:
    for case in CASES:
        first = rewrite.forms(case["sentence"], case["title"])
        assert first == rewrite.forms(case["sentence"], case["title"])
        assert len({form.text for form in first}) == len(first)
