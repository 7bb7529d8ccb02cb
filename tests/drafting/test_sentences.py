"""Sentences of a blurb stand on their own, in the source's order, within the length, and are free of debris."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import make_item
from weeklyai import text
from weeklyai.drafting import extract, selector
from weeklyai.drafting.extract import Background
from weeklyai.drafting.writer import COLUMNS, NoWriter
from weeklyai.records import FeedItem

CASES = Path(__file__).parent / "cases"
TITLE = "Nimbus buys chip maker Karst in surprise deal"
LIMITS = (15, 35, 100)


def load(name: str) -> dict[str, Any]:
    return tomllib.loads((CASES / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "case", load("sentences.toml")["case"], ids=lambda case: case["sentence"][:40]
)
def test_each_sentence_is_kept_or_refused_for_its_reason(case: dict[str, str]) -> None:
    assert (extract.why_not(case["sentence"], TITLE) or "") == case["rule"]


def test_leaning_sentences_are_told_from_those_that_stand() -> None:
    found = load("leaning.toml")
    assert [s for s in found["leaning"] if not extract.leans_back(s)] == []
    assert [s for s in found["standing"] if extract.leans_back(s)] == []


def chosen_from(body: str, title: str = TITLE, limits: tuple[int, int, int] = LIMITS) -> list[str]:
    item = make_item(1, title=title, body=body)
    found = extract.choose(item, Background.of([item]), NoWriter(), limits)
    return [one.text for one in found or []]


def test_a_surname_alone_never_comes_without_its_full_name() -> None:
    body = (
        "Nimbus has agreed to take over the whole of Karst for 40 million dollars.\n\n"
        "Oh, what did Ada Moss make of it when she heard the news about the sale?\n\n"
        "Moss said that Nimbus would keep the chip maker Karst as it is after the deal.\n\n"
        "Karst makes small processors for hearing aids and for watches in Norway."
    )
    assert not any("Moss said" in sentence for sentence in chosen_from(body))
    assert chosen_from(body)


def test_a_leaning_sentence_comes_right_behind_its_predecessor_or_not_at_all() -> None:
    body = (
        "Nimbus has agreed to take over the whole of Karst for 40 million dollars.\n\n"
        "Thousands of people have signed a letter to the minister of trade in Oslo.\n\n"
        "They say that the surprise deal of Nimbus and the chip maker Karst is bad news.\n\n"
        "Karst makes small processors for hearing aids and for watches in Norway."
    )
    found = chosen_from(body)
    leaning = [n for n, sentence in enumerate(found) if sentence.startswith("They")]
    assert all(n and found[n - 1].startswith("Thousands") for n in leaning)


def test_no_two_sentences_say_the_same() -> None:
    body = (
        "Nimbus has agreed to take over the small company Karst for 40 million dollars.\n\n"
        "The agreed price for the small company Karst is 40 million dollars from Nimbus.\n\n"
        "Small processors for hearing aids and watches are made there by sixty people."
    )
    found = chosen_from(body)
    assert len(found) == 2
    assert found[1].startswith("Small processors")


def test_an_item_without_clean_sentences_carries_no_blurb() -> None:
    assert chosen_from("We are happy! Read more about our plans at https://example.org now.") == []


def test_an_item_too_short_for_the_least_words_carries_no_blurb() -> None:
    body = "Nimbus has agreed to take over the whole of Karst in June."
    assert chosen_from(body, limits=(20, 35, 100)) == []
    assert len(chosen_from(body, limits=(5, 35, 100))) == 1


SENTENCES = (
    "Nimbus has agreed to take over the whole of Karst for 40 million dollars.",
    "They say that the deal is bad news.",
    "We are glad about the deal with the good people of Karst.",
    "Karst makes small processors for hearing aids and for watches in Norway.",
    "However, a court in Oslo has to look at the papers before the sale.",
    "Read more about the deal in the newsletter of the company.",
    "Jonas Field, who founded Karst in 2011, will lead the laboratory of Nimbus in Oslo from September.",
    "Sixty people work for the chip maker in a former mill outside the town.",
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(SENTENCES), max_size=8), st.integers(5, 40), st.integers(0, 60))
def test_a_choice_keeps_order_and_length_and_copies_word_for_word(
    drawn: list[str], least: int, room: int
) -> None:
    item = make_item(1, title=TITLE, body="\n\n".join(drawn), summary="")
    limits = (least, least + room // 2, least + room)
    found = extract.choose(item, Background.of([item]), NoWriter(), limits)
    if found is None:
        return
    indices = [one.index for one in found]
    assert indices == sorted(set(indices))
    assert [text.sentences(item.text)[n] for n in indices] == [one.text for one in found]
    assert least <= sum(len(one.text.split()) for one in found) <= least + room
    assert all(not one.dangling or one.index - 1 in indices for one in found)


def test_the_background_does_not_depend_on_the_order_of_items(items: list[FeedItem]) -> None:
    first, second = Background.of(items), Background.of(items[::-1])
    assert first.counts == second.counts


class Fond(NoWriter):
    """A model with one favourite sentence."""

    model_id = "fond"

    def __init__(self, favourite: str) -> None:
        self.favourite = favourite

    def columns(self, title: str, body: str, sentences: Sequence[str]) -> dict[str, list[float]]:
        weights = selector.shipped(model=True).second
        return {
            name: [weights[f"model: {name}"] * (self.favourite in one) for one in sentences]
            for name in COLUMNS
        }


def test_a_models_score_is_heard_but_cannot_choose_a_refused_sentence() -> None:
    body = "\n\n".join(SENTENCES)
    item = make_item(1, title=TITLE, body=body)
    background = Background.of([item])
    found = extract.choose(item, background, Fond("glad about"), LIMITS)
    assert found
    assert not any("glad about" in one.text for one in found)
    plain = make_item(1, title="A quiet week in the valley", body=body)
    heard = [extract.choose(plain, background, Fond(name), LIMITS) for name in ("Sixty", "Jonas")]
    assert heard[0] != heard[1]
