"""Promises about topics: chosen alike each time, few, and each with a page that Jekyll reads."""

import re

import yaml
from hypothesis import given

from tests.publish import strategies
from weeklyai.publish import tags
from weeklyai.publish.frontmatter import safe

CHIPS = ("Wren designs a chip", "It sorts letters.")


def test_a_headline_makes_a_topic_and_one_take_in_passing_does_not() -> None:
    assert tags.choose("", [CHIPS]) == ("Chips",)
    assert tags.choose("", [("Wren sorts letters", "A chip helps it.")]) == ()
    assert tags.choose("", [("a", "A chip helps."), ("b", "Robots use GPUs.")]) == ("Chips",)


def test_the_features_topic_comes_first() -> None:
    news = [CHIPS, CHIPS, ("Karst opens its source", "The code is open source.")]
    assert tags.choose("Chatbots", news) == ("Language models", "Chips")


def test_words_are_matched_whole() -> None:
    assert tags.choose("", [("Bank of chipmunks", "Lawns, intelligence, rusty scripture.")]) == ()
    assert tags.choose("", [("A bank and its robots", "")]) == ("Robotics",)


def test_there_are_never_more_than_five() -> None:
    line = "Robot chip GPT startup cloud malware paper law compiler phone Linux"
    assert tags.choose("", [(line, line)]) == tuple(tags.TOPICS)[: tags.MOST]


@given(strategies.texts.map(safe))
def test_every_tag_has_a_page_at_a_plain_address(tag: str) -> None:
    ((path, text),) = tags.pages([tag]).items()
    assert re.fullmatch(r"tags/[a-z0-9][a-z0-9-]*\.md", path)
    head, matter, body = text.split("---\n")
    read = yaml.safe_load(matter)
    assert (head, body) == ("", "")
    assert (read["layout"], read["tag"], read["title"]) == ("tag", tag, tag)
    assert read["permalink"] == f"/{path.removesuffix('.md')}/"


def test_languages_of_one_letter_have_their_own_pages() -> None:
    assert len(tags.pages(["C", "C++", "C#"])) == 3
