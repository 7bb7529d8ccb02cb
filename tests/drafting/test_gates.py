"""The gates see every damage written down in cases/."""

import itertools
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weeklyai import text
from weeklyai.drafting import checks

CASES = Path(__file__).parent / "cases"


def load(name: str) -> dict[str, Any]:
    return tomllib.loads((CASES / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", load("rewrites.toml")["case"], ids=lambda case: case["name"])
def test_each_damage_is_refused_by_its_gate_and_an_honest_deletion_passes(
    case: dict[str, str],
) -> None:
    window = f"{case.get('neighbours', '')} {case['source']}".strip()
    verdict = checks.check(case["candidate"], case["source"], window, window, case["title"])
    if case["fails"]:
        assert case["fails"] in verdict.failed
    else:
        assert verdict.failed == ()


@pytest.mark.parametrize("case", load("rewrites.toml")["case"], ids=lambda case: case["name"])
def test_a_sentence_passes_as_its_own_rewrite(case: dict[str, str]) -> None:
    source = case["source"]
    assert checks.check(source, source, source, source, "Something else").passed


def test_an_unsupported_name_number_version_or_date_is_named() -> None:
    for case in load("facts.toml")["case"]:
        for passage in case["fine"]:
            assert checks.unsupported(passage, case["source"]) == [], passage
        for passage, expected in case["strange"]:
            found = checks.unsupported(passage, case["source"])
            assert any(expected in name for name in found), (passage, found)


def test_nothing_in_the_source_itself_is_unsupported() -> None:
    for case in load("facts.toml")["case"]:
        assert checks.unsupported(case["source"], case["source"]) == []


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_a_text_never_says_more_than_itself(raw: str) -> None:
    passage = text.clean_paragraphs(raw)
    assert checks.unsupported(passage, passage) == []
    assert checks.is_deletion(passage, passage)


WORDS = "the model reads long pages and Nimbus sells chips not for 40 dollars in July".split()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=16))
def test_salad_of_the_sources_own_words_is_no_deletion_of_it(drawn: list[str]) -> None:
    source = "The model reads long pages and Nimbus sells chips, not for 40 dollars, in July."
    salad = " ".join(drawn) + "."
    order = [WORDS.index(word) for word in drawn]
    increasing = all(a < b for a, b in itertools.pairwise(order))
    assert checks.is_deletion(salad, source) == increasing


def test_a_copied_sentence_must_stand_in_the_item_whole() -> None:
    item = "Nimbus denies that it sold the chips. The case goes on."
    assert checks.verbatim("The case goes on.", item)
    assert not checks.verbatim("it sold the chips.", item)
