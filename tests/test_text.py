"""Promises of the plain-text helpers."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weeklyai import text


@given(st.text())
def test_clean_text_is_one_line_and_stays_clean(raw: str) -> None:
    once = text.clean(raw)

    assert text.clean(once) == once
    assert once.splitlines() in ([], [once])


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("right\u202eleft\u2066", "rightleft"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("line\u2028one\r\n two\t", "line one two"),
        ("family \U0001f468\u200d\U0001f469", "family \U0001f468\u200d\U0001f469"),
        ("soft\u00adhyphen \ud800", "softhyphen"),
    ],
)
def test_what_no_reader_should_meet_is_dropped(raw: str, clean: str) -> None:
    assert text.clean(raw) == clean


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Mr. Smith of Acme Inc. spoke.", ["Mr. Smith of Acme Inc. spoke."]),
        ('She said: "No." Then she left.', ['She said: "No."', "Then she left."]),
        ("Version 2.0.1 is out. It is 3.5 GB.", ["Version 2.0.1 is out.", "It is 3.5 GB."]),
        ("Chip No. 5 is out. No. It is not.", ["Chip No. 5 is out.", "No.", "It is not."]),
        ("A heading\n\nA sentence.", ["A heading", "A sentence."]),
        ("e.g. this, i.e. that. End.", ["e.g. this, i.e. that.", "End."]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(raw: str, expected: list[str]) -> None:
    assert text.sentences(raw) == expected


@given(st.text())
def test_no_word_is_lost_between_sentences(raw: str) -> None:
    joined = "".join(text.sentences(raw))

    assert "".join(joined.split()) == "".join(text.clean_paragraphs(raw).split())


@given(st.text(), st.integers(1, 50))
def test_a_shortened_text_fits(raw: str, limit: int) -> None:
    assert len(text.shorten(raw, limit)) <= limit


def test_words_lose_their_possessive() -> None:
    assert text.words("OpenAI's GPT-4o mini, it’s 3.5x") == [
        "openai",
        "gpt-4o",
        "mini",
        "it",
        "3.5x",
    ]


def test_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(text).failed == 0
