"""Which variant of a blurb is published: as short as the rules let it, as long as it has to be, and the model's choice."""

import dataclasses
from collections import Counter
from collections.abc import Sequence

from tests.conftest import make_item
from weeklyai.drafting import shortening
from weeklyai.drafting.extract import Candidate
from weeklyai.drafting.writer import NoWriter
from weeklyai.records import FeedItem

FERRY = "The small ferries of the lower valley carry parcels (sacks and boxes) between the harbours, making carts a rare sight."  # fmt: skip
CANAL = (
    "Students of the upper valley also built a second canal for all of the boats in a single year."
)
OFFICE = "The Lower Valley Office (Ferries) lets small boats carry letters between the harbours."


def item_of(*sentences: str) -> tuple[FeedItem, list[Candidate]]:
    chosen = [Candidate(n, one, dangling=False, needs=()) for n, one in enumerate(sentences)]
    return make_item(1, body=" ".join(sentences), title="Parcels at night"), chosen


def texts(sentences: Sequence[str], writer: NoWriter, aim: int = 15) -> list[str]:
    item, chosen = item_of(*sentences)
    return [one.text for one in shortening.published(chosen, item, writer, aim, Counter())]


class Reader(NoWriter):
    """A model that finds the headline likelier the longer the text, by `taste` nats a word, and some ends unlikely."""

    model_id = "reader"

    def __init__(self, taste: float = 0.0, broken: str = "") -> None:
        self.taste, self.broken = taste, broken

    def headline(self, title: str, texts: Sequence[str]) -> list[float]:
        return [self.taste * len(one.split()) for one in texts]

    def stops(self, sentences: Sequence[str]) -> list[float]:
        return [-9.0 if self.broken and one.endswith(self.broken) else -1.0 for one in sentences]


def test_without_a_model_every_sentence_that_can_be_shortened_is() -> None:
    assert texts([FERRY, CANAL], NoWriter()) == [
        "The small ferries of the lower valley carry parcels between the harbours.",
        "Students of the upper valley built a second canal for all of the boats in a single year.",
    ]


def test_no_variant_falls_below_the_length_aimed_at() -> None:
    whole = len(f"{FERRY} {CANAL}".split())
    for aim in range(20, whole + 3):
        found = texts([FERRY, CANAL], NoWriter(), aim)
        assert sum(len(one.split()) for one in found) >= min(aim, whole)


def test_a_blurb_below_that_length_stays_whole() -> None:
    assert texts([FERRY, CANAL], NoWriter(), 60) == [FERRY, CANAL]


def test_a_short_name_stays_where_another_sentence_uses_it() -> None:
    named = "The Lower Valley Office (LVO) lets small boats carry letters between the harbours."
    user = "Students of the upper valley wrote the timetable of the LVO in a single year."
    assert "(LVO)" not in texts([named, CANAL], NoWriter())[0]
    assert "(LVO)" in texts([named, user], NoWriter())[0]


def test_a_model_keeps_what_makes_the_headline_likelier_than_it_costs() -> None:
    assert texts([FERRY, CANAL], Reader(taste=1.0)) == [FERRY, CANAL]
    assert texts([FERRY, CANAL], Reader()) == texts([FERRY, CANAL], NoWriter())


def test_a_model_vetoes_an_end_after_which_it_would_not_stop() -> None:
    found = texts([FERRY, CANAL], Reader(broken="harbours."))
    assert found[0] == FERRY.replace(" (sacks and boxes)", "")


def test_what_the_model_said_is_among_the_gates() -> None:
    item, chosen = item_of(FERRY, CANAL)
    counts: Counter[str] = Counter()
    for one in shortening.published(chosen, item, Reader(broken="harbours."), 15, counts):
        assert {"gpt_stop", "gpt_gain"} <= set(dict(one.gates))
    assert counts["refused by the GPT's stop"] == 2


def test_the_same_blurb_gives_the_same_variant() -> None:
    for writer in (NoWriter(), Reader(), Reader(taste=0.1)):
        assert texts([FERRY, OFFICE, CANAL], writer) == texts([FERRY, OFFICE, CANAL], writer)


def test_every_form_is_offered_with_the_sentence_that_it_was_made_from() -> None:
    item, (one, *_) = item_of(FERRY, CANAL)
    for form in shortening.forms(one, item):
        assert form.source_text == FERRY
        assert form.kind == "rewritten"
        assert dataclasses.replace(form, text=FERRY).note.startswith("left out")
