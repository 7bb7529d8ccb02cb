"""A report's text begins behind the headline and summary that its feed runs into it, where that can be told."""

from collections.abc import Sequence

from tests.conftest import make_item
from weeklyai import text
from weeklyai.drafting import evidence, extract, heads
from weeklyai.drafting.extract import Candidate
from weeklyai.drafting.shortening import copied
from weeklyai.drafting.writer import NoWriter
from weeklyai.records import FeedItem

TITLE = "Valley office warns of fog on the ferries"
SUMMARY = "Agency tells of late boats and lost parcels"
LEAD = "Lowland’s ferry agency on Tuesday issued a second warning about fog on the river."
NEXT = "Boats will wait until the fog is gone."


class Reader(NoWriter):
    """A model that expects a stop where it was told to, and nowhere else."""

    model_id = "reader"

    def __init__(self, *ends: str, nats: float = -1.0) -> None:
        self.ends, self.nats = ends, nats

    def stops(self, sentences: Sequence[str]) -> list[float]:
        return [self.nats if one.endswith(tuple(f"{e}." for e in self.ends)) else -8.0 for one in sentences]  # fmt: skip


def item(*parts: str, title: str = TITLE) -> FeedItem:
    return make_item(1, title=title, body=" ".join(parts))


def first(found: FeedItem, writer: NoWriter) -> str:
    return heads.sentences(found, writer)[0]


def test_headline_and_summary_go_where_the_model_expects_the_stop() -> None:
    assert first(item(TITLE, SUMMARY, LEAD, NEXT), Reader("parcels")) == LEAD


def test_a_label_may_stand_before_the_headline() -> None:
    assert first(item("Opinion |", TITLE, SUMMARY, LEAD, NEXT), Reader("parcels")) == LEAD


def test_a_headline_with_a_mark_of_its_own_is_taken_off_too() -> None:
    title = "Fog on the ferries. Will it last?"
    found = heads.sentences(item(title, SUMMARY, LEAD, NEXT, title=title), Reader("parcels"))
    assert found == ["Fog on the ferries.", "Will it last?", LEAD, NEXT]


def test_without_a_model_only_what_needs_no_guess_is_taken_off() -> None:
    plain = "The small boats of the lower valley wait for the sun."
    assert first(item(TITLE, plain, NEXT), NoWriter()) == plain
    glued = f"{TITLE} {SUMMARY} {LEAD}"
    assert first(item(glued, NEXT), NoWriter()) == glued


def test_a_doubtful_model_leaves_the_sentence_as_it_is() -> None:
    glued = f"{TITLE} {SUMMARY} {LEAD}"
    assert first(item(glued, NEXT), Reader("parcels", nats=-4.0)) == glued
    assert first(item(glued, NEXT), Reader("parcels", "ferry agency on", nats=-1.0)) == LEAD


def test_two_likely_stops_are_a_doubt() -> None:
    lead = "Boats wait for small Lowland towns and for the sun until the evening."
    glued = f"{TITLE} {SUMMARY} {lead}"
    assert first(item(glued, NEXT), Reader("parcels", "small")) == glued


def test_an_ordinary_opening_is_left_alone() -> None:
    own = f"{LEAD} {NEXT}"
    assert heads.sentences(item(own), Reader("agency", "on")) == text.sentences(own)
    headed = make_item(1, title=TITLE, body=f"{TITLE}\n\n{LEAD} {NEXT}")
    assert heads.sentences(headed, Reader("agency", "on", "second"))[1] == LEAD


def test_names_and_roles_are_not_torn_apart() -> None:
    lead = "The agency met former president Ada Lowland on Monday to talk about the fog."
    found = first(item(TITLE, lead, NEXT), Reader("president", "on"))
    assert found == lead


def test_the_places_of_sentences_and_their_words_stay_those_of_the_text() -> None:
    source = item(TITLE, SUMMARY, LEAD, NEXT)
    found = heads.sentences(source, Reader("parcels"))
    assert len(found) == len(text.sentences(source.text))
    assert all(heads.verbatim(one, source) for one in found)
    assert not heads.verbatim("Boats and lost parcels wait.", source)
    sentence = copied(Candidate(0, LEAD, dangling=False), source)
    start, end = evidence.sentence_of(sentence, source)["span"]
    assert source.text[start:end] == LEAD


def test_the_headlines_own_name_may_follow_a_name() -> None:
    summary = "Boats wait for hours in the United Harbours of Lowland"
    lead = "Valley office clerks on Tuesday warned of fog on the ferries for a second time."
    found = first(item(TITLE, summary, lead, NEXT), Reader("of Lowland"))
    assert found == lead


def test_an_infinitive_keeps_its_object() -> None:
    lead = "Clerks were told on Tuesday not to board Lowland ferries until the fog is gone."
    assert first(item(TITLE, SUMMARY, lead, NEXT), Reader("parcels", "to board")) == lead


def test_a_time_to_read_ends_the_summary_by_itself() -> None:
    found = item(f"{SUMMARY} 2-MIN READ2-MIN 18 Listen Ada Mossin Shenzhen {LEAD}", NEXT)
    assert first(found, NoWriter()) == LEAD
    assert heads.verbatim(LEAD, found)


def test_where_an_agency_sends_its_report_from_is_no_part_of_it() -> None:
    for label in ("OSLO, Dec 14 (AFP): ", "OSLO, Lowland--(BUSINESS WIRE)--", "Key Takeaways "):
        assert first(item(f"{label}{LEAD}", NEXT), NoWriter()) == LEAD
    assert first(item("Lowland (LL): The boats wait for the sun.", NEXT), NoWriter()).startswith(
        "Low"
    )


def test_an_excerpt_that_was_cut_off_ends_before_its_last_sentence() -> None:
    whole = item(LEAD, "The agency said the boats were halted at once to prevent further.")
    assert [one.text for one in extract.candidates(whole)] == [LEAD]
    split = item(LEAD, "The orders hide in a file such as a README. md can pass by the guards.")
    assert [one.text for one in extract.candidates(split)] == [LEAD]
    glued = item(
        "Crews row by hand after the incidentPassengers at the harbour waited for hours.", NEXT
    )
    assert extract.candidates(glued)[0].index == 1


def test_a_heading_run_into_a_sentence_is_seen_and_a_name_is_not() -> None:
    found = item(
        "Parcels of the valley Ferries carry most of what the islands need in winter. "
        "Nobody counts the ferries, and the Karst company builds more of them."
    )
    assert heads.run_in(text.sentences(found.text)[0], found)
    assert not heads.run_in(text.sentences(found.text)[1], found)
