"""What a paper says as "we" is told of the paper, with the source's own sentence as its evidence."""

import dataclasses
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import make_item
from weeklyai import config
from weeklyai.drafting import draft, person
from weeklyai.drafting.background import Background
from weeklyai.drafting.final import final_look
from weeklyai.drafting.writer import NoWriter
from weeklyai.records import Blurb, FeedItem, Story

FOUND = tomllib.loads((Path(__file__).parent / "cases" / "person.toml").read_text())
CASES, QUOTES = FOUND["case"], FOUND["quote"]
SAID = "To this end, we propose Karst, a small model that tells from the maps of forty rivers when a ferry will have to wait for the fog."
PAPER = make_item(
    1,
    title="Karst: A Small Model of Ferries in Fog",
    url="https://arxiv.org/abs/2400.00001",
    body=f"Ferries wait for fog on all rivers, and nobody has found out when they will. {SAID} "
    "Karst needs one map of a river, its weather and an hour of training on a laptop.",
)


def take(item: FeedItem) -> Blurb | None:
    story = Story(item, (), 0.0, ())
    return draft.draft_story(story, Background.of([item]), NoWriter(), config.Post(), Counter())[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["sentence"][:40])
def test_a_papers_sentence_is_told_of_the_paper_or_left(case: dict[str, str]) -> None:
    assert person.told(case["sentence"], PAPER) == (case["told"] or case["sentence"])


def test_only_a_papers_own_page_is_a_paper() -> None:
    blog = dataclasses.replace(PAPER, url="https://arxiv.org.example/abs/2400.00001")
    assert person.told(SAID, blog) == SAID
    assert not person.is_paper(dataclasses.replace(PAPER, url=None))


def test_a_take_on_a_paper_tells_what_it_proposes_with_the_sentence_as_it_stands_there() -> None:
    blurb = take(PAPER)

    assert blurb is not None
    told = next(one for one in blurb.sentences if one.source_index == 1)
    assert told.text.startswith("The paper proposes Karst, a small model")
    assert (told.kind, told.source_text) == ("rewritten", SAID)
    other = take(dataclasses.replace(PAPER, url="https://blog.example/1"))
    assert other is None or "Karst, a small model" not in other.text


def test_the_last_look_refuses_a_sentence_that_says_more_than_the_paper() -> None:
    blurb = take(PAPER)

    assert blurb is not None
    assert final_look(blurb, config.Post()) == ""
    (n,) = (n for n, one in enumerate(blurb.sentences) if one.source_index == 1)
    more = dataclasses.replace(
        blurb.sentences[n], text=blurb.sentences[n].text.replace("forty", "fifty")
    )
    changed = Blurb(blurb.story, (*blurb.sentences[:n], more, *blurb.sentences[n + 1 :]))
    assert "not its source" in final_look(changed, config.Post())


REPORT = make_item(
    2,
    title="The Old Ferry Line of the Valley Closes",
    body="The ferry line of the valley has carried people and parcels to both harbours for a hundred years. "
    "Today, we’re closing the old ferry line, and moving its boats to the new one between the islands. "
    "The boats of the new line are larger, and they will wait for the trains from the coast.",
)


@pytest.mark.parametrize("case", QUOTES, ids=lambda case: case["sentence"][:40])
def test_what_the_authors_did_now_is_quoted_and_nothing_else(case: dict[str, Any]) -> None:
    said = case["sentence"]
    assert person.told(said, REPORT) == (f"The authors write: “{said}”" if case["quoted"] else said)


def test_a_sentence_inside_somebodys_quotation_is_not_the_authors() -> None:
    said = "We’re closing the old ferry line."
    for before, after in (
        ("“It is time. ", " It was slow,” says Ada Moss."),
        ('"It is time. ', ' It was slow," says Ada Moss.'),
    ):
        inside = dataclasses.replace(REPORT, body=f"{before}{said}{after}")
        assert person.told(said, inside) == said


def test_a_take_quotes_word_for_word_and_the_last_look_holds_it_to_that() -> None:
    blurb = take(REPORT)

    assert blurb is not None
    (n,) = (n for n, one in enumerate(blurb.sentences) if one.kind == "quoted")
    own = blurb.sentences[n]
    assert own.source_text in REPORT.body
    assert own.text == f"The authors write: “{own.source_text}”"
    assert final_look(blurb, config.Post()) == ""
    other = dataclasses.replace(own, text=own.text.replace("closing", "selling"))
    changed = Blurb(blurb.story, (*blurb.sentences[:n], other, *blurb.sentences[n + 1 :]))
    assert "not its source" in final_look(changed, config.Post())
