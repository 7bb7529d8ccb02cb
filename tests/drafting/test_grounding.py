"""A sentence is only used where every "the company" and every bare surname of it has its antecedent."""

import pytest

from tests.conftest import make_item
from weeklyai import config
from weeklyai.drafting import grounding
from weeklyai.drafting.composing import Composer, hanging
from weeklyai.drafting.extract import Background
from weeklyai.drafting.writer import NoWriter

TITLE = "A quiet engine for small harbours"
SOURCE = (
    "Tern Systems has built a ferry for small harbours. Ada Brown, the chief designer, drew it. "
    "The Harbour Rules Board (HRB) saw it in June. We call it SeaCat."
)


def in_the_air(sentence: str, before: str = "", *, adjacent: bool = False) -> str:
    return grounding.in_the_air(sentence, before, TITLE, SOURCE, adjacent=adjacent)


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("Ships are sold by the company in autumn.", "the company"),
        ("Rivals criticised the move in a letter.", "the move"),
        ("Readers of the article learn of two harbours.", "the article"),
        ("The ferry runs on two small batteries.", "the ferry"),
        ("Prices are set by the two companies in May.", "the two companies"),
        ("Harbours like his boats and engines.", "his"),
        ("Engines from Brown are small and quiet.", "Brown"),
        ("Engines need a stamp from the HRB in spring.", "HRB"),
        ("Harbours want the same for larger ships.", "the same"),
        ("SeaCat splits its day into three parts.", "SeaCat"),
        ("Ada Brown lowered the “harbour rules” by half.", "the “harbour rules”"),
        ("Last year they proposed a smaller engine.", "they"),
        ("Tern Systems painted the harbours blue.", ""),
    ],
)
def test_a_phrase_without_its_antecedent_is_named(sentence: str, phrase: str) -> None:
    assert in_the_air(sentence) == phrase


@pytest.mark.parametrize(
    ("sentence", "before"),
    [
        ("Ships are sold by the company in autumn.", "Harbours buy from Tern Systems."),
        ("Tern Systems said that the company sells ships.", ""),
        ("The company behind Heron sells ships in autumn.", ""),
        ("The ferry runs on two small batteries.", "Tern Systems has built a ferry."),
        ("The engine runs on two small batteries.", ""),
        ("Prices are set by the two companies in May.", "Tern Systems and Nimbus sell ships."),
        ("Both Tern and Nimbus sell ships in May.", ""),
        ("A woman told the harbour that she owns a ship.", ""),
        ("The rules of the HRB hold in spring.", "The Harbour Rules Board met."),
        ("Harbours like his boats and engines.", "Tim Green builds for Tern Systems."),
        ("Engines from Brown are small and quiet.", "Ada Brown draws engines."),
        ("Engines need a stamp from the HRB.", "The Harbour Rules Board (HRB) saw it."),
    ],
)
def test_a_phrase_with_its_antecedent_stands(sentence: str, before: str) -> None:
    assert in_the_air(sentence, before) == ""


def test_the_last_word_of_a_full_name_alone_is_named() -> None:
    before = "The yard of Tern Systems hired Ada Brown."
    assert grounding.bare("By now Brown leads the yard.", "A yard grows.", before) == "Brown"
    assert grounding.bare("By now Brown leads the yard.", "Ada Brown draws.", before) == ""
    assert grounding.bare("By now Ada Brown leads the yard.", "A yard grows.", before) == ""


def test_a_deed_may_be_called_the_move_right_behind_its_sentence() -> None:
    before = "Tern Systems has closed its yard."
    assert in_the_air("Rivals criticised the move.", before, adjacent=True) == ""
    assert in_the_air("Rivals criticised the move.", before) == "the move"


@pytest.mark.parametrize(
    ("sentence", "index", "opens"),
    [
        ("Small harbours get a quiet engine from Tern Systems.", 0, True),
        ("Small harbours get a quiet engine from Tern Systems.", 6, True),
        ("Small harbours get a quiet engine from Tern Systems.", 7, False),
        ("Ferries are loud places on most days of the year.", 0, False),
        ("“Small harbours want a quiet engine,” said Ada Brown.", 1, False),
        ("Ada Brown drew it as a quiet engine for small harbours.", 0, False),
    ],
)
def test_an_opening_stands_early_and_tells_the_news_of_the_headline(
    sentence: str, index: int, opens: bool
) -> None:
    assert grounding.opens(sentence, index, TITLE) == opens


def test_a_sentence_from_far_behind_is_not_joined() -> None:
    body = "Heron is open. " + "Heron counts words. " * 7
    item = make_item(1, title="Heron editor opens", body=body)
    assert hanging([("Heron is open.", 0), ("Heron counts words.", 7)], item)


def test_sentences_on_different_things_are_not_put_together() -> None:
    item = make_item(1, title="Heron editor opens", body="Heron is open. Heron counts words. Bakers sell bread in Oslo daily.")  # fmt: skip
    assert hanging([("Heron is open.", 0), ("Bakers sell bread in Oslo daily.", 2)], item)
    assert not hanging([("Heron is open.", 0), ("Heron counts words.", 1)], item)
    assert hanging([("Heron is open.", 0), ("Rain fell.", 1)], item)


def test_no_combination_hangs_in_the_air_or_is_copied_at_length() -> None:
    items = [make_item(n) for n in range(4)]
    post = config.Post(min_words=15)
    composer = Composer(Background.of(items), NoWriter(), post)
    for item in items:
        for chosen in composer.combinations(item):
            assert not hanging([(one.text, one.index) for one in chosen], item)
            assert [one.index for one in chosen] == sorted(one.index for one in chosen)
            size = sum(len(one.text.split()) for one in chosen)
            assert len(chosen) <= post.max_copied_sentences or size <= post.max_copied_words
