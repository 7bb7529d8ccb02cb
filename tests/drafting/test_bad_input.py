"""Poor items make a sound blurb or are held back with a reason, never filler."""

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import make_item
from weeklyai import config, text
from weeklyai.drafting import checks
from weeklyai.drafting.draft import Drafted, draft_issue
from weeklyai.drafting.extract import Background
from weeklyai.drafting.writer import NoWriter
from weeklyai.records import FeedItem

CASES = tomllib.loads(
    (Path(__file__).parent / "cases" / "bad_input.toml").read_text(encoding="utf-8")
)["case"]
POST = config.Post()


def drafted_from(item: FeedItem, post: config.Post = POST) -> Drafted:
    return draft_issue([item], Background.of([item]), NoWriter(), post, 3)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_poor_item_makes_a_sound_blurb_or_is_held_back_with_its_reason(
    case: dict[str, Any],
) -> None:
    body = text.clean_paragraphs(case["body"])
    drafted = drafted_from(make_item(1, title=case["title"], body=body, summary=""))
    reasons = [why for _, why in drafted.held] + [why for _, why in drafted.unusable]
    if "held" in case:
        assert not drafted.blurbs
        assert any(case["held"] in why for why in reasons), reasons
        return
    (blurb,) = drafted.blurbs
    assert all(phrase not in blurb.text for phrase in case.get("never", ()))
    assert checks.unsupported(blurb.text, f"{case['title']}. {body}") == []
    assert all(checks.complete(sentence.text) for sentence in blurb.sentences)


def test_an_item_of_200_kilobytes_makes_a_blurb_of_usual_length() -> None:
    body = " ".join(
        [make_item(2).body.replace("\n\n", " "), *("More text follows here. " * 9_000,)]
    )
    (blurb,) = drafted_from(make_item(2, body=body)).blurbs
    assert POST.aim_words <= len(blurb.text.split()) <= POST.max_words


def test_at_most_two_sentences_or_fifty_words_come_from_one_source(items: list[FeedItem]) -> None:
    drafted = draft_issue(items, Background.of(items), NoWriter(), POST, 3)
    assert drafted.blurbs
    for blurb in drafted.blurbs:
        assert len(blurb.sentences) <= 2 or len(blurb.text.split()) <= 50


def test_a_short_blurb_comes_only_where_the_issue_would_lack_stories() -> None:
    lines = {
        "Kettle runs on a graphics chip": "Karst sells a kettle that boils two cups of water with the heat of an old graphics chip.",
        "Drones carry letters in Finland": "Heron drones now carry letters and parcels between the two islands of a lake each morning.",
        "Silk printers on show": "A museum in Lyon shows eleven machines that wrote on silk more than two hundred years back.",
        "Phones open houses without a key": "Petal phones open the doors of forty houses in Lisbon without a key, a card or a desk.",
        "Telescope mirror built of garden tools": "Students of Tartu have built a large mirror out of broken garden tools and old window glass.",
    }  # fmt: skip
    short = [
        make_item(n, source=f"Short {n}", title=title, body=line, summary="")
        for n, (title, line) in enumerate(lines.items())
    ]
    full = [make_item(n) for n in range(12)]
    post = dataclasses.replace(POST, max_stories=10, min_stories=4, min_words=12)
    mixed = draft_issue([*short, *full], Background.of(full), NoWriter(), post, 3)
    assert all(len(blurb.text.split()) >= POST.aim_words for blurb in mixed.blurbs)
    alone = draft_issue(short, Background.of(short), NoWriter(), post, 3)
    assert len(alone.blurbs) == post.min_stories
    assert len(alone.held) == len(short) - post.min_stories


def test_blocked_words_and_must_haves_are_obeyed_and_every_story_has_its_reasons() -> None:
    items = [make_item(n) for n in range(12)]
    post = dataclasses.replace(POST, block=("nimbus",), must_have=("compiler", "browser"))
    drafted = draft_issue(items, Background.of(items), NoWriter(), post, 3)
    told = [blurb.story.lead.title for blurb in drafted.blurbs]
    assert told
    assert all("Nimbus" not in title for title in told)
    assert all("compiler" in title or "browser" in title for title in told)
    why = {reason for _, reason in drafted.unusable}
    assert why >= {"blocked word 'Nimbus'", "no must-have word"}
    known = {id(story) for story, _ in drafted.passed_over}
    assert all(story.reasons and reason for story, reason in drafted.passed_over)
    assert len(known) == len(drafted.passed_over)


def test_own_topics_decide_what_comes_first() -> None:
    items = [make_item(n) for n in range(12)]
    post = dataclasses.replace(POST, topics=("text editor",), max_stories=2)
    drafted = draft_issue(items, Background.of(items), NoWriter(), post, 3)
    assert all("text editor" in blurb.story.lead.title for blurb in drafted.blurbs)
