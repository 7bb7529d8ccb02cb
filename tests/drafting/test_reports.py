"""A blurb takes a sentence of another report only word for word, under that publisher's name, where it adds to the story."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.conftest import make_item
from weeklyai import config
from weeklyai.drafting import evidence, reports
from weeklyai.drafting.draft import draft_story
from weeklyai.drafting.extract import Background
from weeklyai.drafting.final import final_look
from weeklyai.drafting.writer import NoWriter
from weeklyai.publish.compose import news_item
from weeklyai.records import Blurb, FeedItem, Sentence, Story

POST = config.Post(min_words=15)
LEAD = make_item(
    1,
    source="Example Times",
    title="Karst opens its compiler to everybody",
    body="Karst has opened its compiler to everybody after nine years of work behind closed doors in Oslo. "
    "The compiler of Karst supports 14 kinds of chips and comes with a manual in three languages.",
)
MORE = "The Nimbus Foundation has given Karst 2 million euros for a translator between old and new programs."


def report(*sentences: str, source: str = "The Harbour Wire") -> FeedItem:
    body = " ".join(("Karst has published its compiler after long talks with the lawyers of Karst.", *sentences))  # fmt: skip
    return make_item(2, source=source, title="Karst publishes a compiler", body=body)


def drafted(other: FeedItem) -> Blurb:
    story = Story(LEAD, (other,), 1.0, ("2 sources",))
    blurb, why = draft_story(story, Background.of([LEAD, other]), NoWriter(), POST, Counter())
    assert blurb, why
    return blurb


def test_a_second_report_adds_a_sentence_under_its_name_and_is_linked() -> None:
    other = report(MORE, "the Nimbus Foundation")
    blurb = drafted(other)
    last = blurb.sentences[-1]
    assert last.text == f"According to The Harbour Wire, t{MORE[1:]}"
    assert (last.kind, last.item_id, last.source_text) == ("attributed", other.id, MORE)
    assert news_item(blurb, "The desk", "https://x.example/").also == ((other.source, other.url),)
    entry = evidence.item_of(blurb, news_item(blurb, "The desk", "https://x.example/"))
    start, end = entry["sentences"][-1]["span"]
    assert other.text[start:end] == MORE
    assert entry["sentences"][-1]["url"] == other.url


@pytest.mark.parametrize(
    "other",
    [
        report("The compiler of Karst supports 14 kinds of chips in three languages."),  # told already
        report("The compiler of Karst supports 19 kinds of chips from Nimbus and from Orchid Labs."),  # differs
        report("Bakers in Bergen have sold 900 loaves of rye bread since the spring of 2023."),  # another story
        report("He told Nimbus that Karst would translate all old programs for it by May."),  # hangs in the air
        report(MORE, source="Latest News | RSS"),  # no name for a sentence
        report(MORE, source="Example Times"),  # the same publisher
    ],
)  # fmt: skip
def test_a_second_report_that_adds_nothing_safe_is_left_out(other: FeedItem) -> None:
    assert {one.item_id for one in drafted(other).sentences} == {LEAD.id}


@pytest.mark.parametrize(
    ("sentence", "text", "said"),
    [
        ("The ferry carries 40 cars.", "", "the ferry carries 40 cars."),
        ("OpenAI sells ferries.", "", "OpenAI sells ferries."),
        ("Karst’s ferry sails.", "They say Karst is new.", "Karst’s ferry sails."),
        ("Engineers tested the ferry.", "All engineers left.", "engineers tested the ferry."),
        ("The Register saw the ferry.", "", None),  # perhaps a name
        ("Apple growers saw the ferry.", "", None),  # perhaps a name
        ("Quill saw it, according to Karst.", "We met Quill.", None),  # attributed already
        ("“Ferries are fine,” Karst said.", "", None),
    ],
)
def test_a_first_word_is_made_small_only_where_it_is_surely_no_name(
    sentence: str, text: str, said: str | None
) -> None:
    item = make_item(3, source="The Wire", body=f"{text} {sentence}")
    assert reports.attributed(sentence, item) == (said and f"According to The Wire, {said}")


def test_the_last_look_refuses_an_attribution_to_somebody_else() -> None:
    blurb = drafted(report(MORE, "the Nimbus Foundation"))
    *rest, last = blurb.sentences
    for text in (last.text.replace("The Harbour Wire", "Karst"), last.text.replace("2", "3"), MORE):
        changed: Sentence = replace(last, text=text)
        assert final_look(replace(blurb, sentences=(*rest, changed)), POST)


def test_figures_of_one_thing_that_differ_are_seen() -> None:
    assert reports.differs("It sold 300 ferries.", "It sold 200 ferries.")
    assert reports.differs("It paid $3 million.", "It paid $2 million.")
    assert not reports.differs("It sold 300 ferries.", "It sold 40 cars.")
    assert not reports.differs("It paid $2 million.", "It paid $2m.")
