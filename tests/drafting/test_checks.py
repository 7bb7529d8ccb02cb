"""Promises of the gates: every known damage is refused, and by the gate that is there for it."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weeklyai.drafting import checks

CASES = tomllib.loads((Path(__file__).parent / "cases" / "gates.toml").read_text())["case"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_damaged_rewrite_is_refused_and_a_harmless_one_passes(case: dict[str, Any]) -> None:
    verdict = checks.check(
        case["rewrite"], case["source"], case["source"], case["source"], "A headline about nothing"
    )

    if case["refused_by"]:
        assert case["refused_by"] in verdict.failed
    else:
        assert verdict.failed == ()


@pytest.mark.parametrize(
    ("candidate", "source", "strange"),
    [
        ("OpenAI paid $1,200.", "openai paid 1200 dollars", []),
        ("It costs 1.2 million.", "It costs 1,200,000 euros.", []),
        ("Three firms merged.", "The 3 firms merged.", []),
        ("Python 3.12.1 is out.", "Python 3.12.2 is out.", ["3.12.1"]),
        ("In 2025 it ends.", "In 2024 it ends.", ["2025"]),
        ("The iPhone sold.", "A phone sold.", ["iPhone"]),
        ("Nvidia's chips sold.", "NVIDIA sold chips.", []),
        ("It uses Llama-3.", "It uses Llama 2 and 3.", ["Llama-3"]),
        ("A Franco-German plan.", "A German plan with a Franco part.", []),
    ],
)
def test_names_and_numbers_must_stand_in_the_source(
    candidate: str, source: str, strange: list[str]
) -> None:
    assert checks.unsupported(f"x. {candidate}", source) == strange


@given(st.text(min_size=1))
def test_text_supports_itself(passage: str) -> None:
    assert checks.unsupported(passage, passage) == []


def test_a_sentence_is_verbatim_or_it_is_not() -> None:
    item = "One thing happened.\n\nAnother thing  happened in Lisbon without a stop"

    assert checks.verbatim("Another thing happened in Lisbon without a stop.", item)
    assert not checks.verbatim("Another thing happened in London without a stop.", item)


def test_the_headline_said_again_is_an_echo() -> None:
    title = "Nimbus releases a new database for phones"

    assert checks.echoes("Nimbus releases a new database for phones.", title)
    assert not checks.echoes("Nimbus wrote the database in two years with eleven people.", title)
