"""What a paper says as "we" is told of the paper, with the source's own sentence as its evidence."""

import dataclasses
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import make_item
from weeklyai import config
from weeklyai.drafting import draft, person
from weeklyai.drafting.background import Background
from weeklyai.drafting.final import final_look
from weeklyai.drafting.writer import NoWriter
from weeklyai.records import Blurb, FeedItem, Story

CASES = tomllib.loads((Path(__file__).parent / "cases" / "person.toml").read_text())["case"]
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
