"""The record ties each sentence to its source, and an approval to the exact text that was approved."""

import dataclasses
import json
from datetime import UTC, datetime

from tests.conftest import make_item
from weeklyai import config
from weeklyai.dates import Week
from weeklyai.drafting import evidence
from weeklyai.drafting.draft import draft_issue
from weeklyai.drafting.extract import Background
from weeklyai.drafting.writer import NoWriter
from weeklyai.records import Blurb, Issue, NewsItem

WHEN = datetime(2024, 7, 19, 13, tzinfo=UTC)


def blurbs() -> list[Blurb]:
    items = [make_item(n) for n in range(12)]
    post = config.Post(max_stories=3, min_words=15)
    return draft_issue(items, Background.of(items), NoWriter(), post, 3).blurbs


def issue_of(drafted: list[Blurb], person: str = "The desk") -> Issue:
    news = tuple(
        NewsItem(
            b.story.lead.title, b.story.lead.url or "", person, "https://x.example/about", b.text
        )
        for b in drafted
    )
    return Issue(Week(2024, 29), "Topic", WHEN, "", "weeklyai", None, "Pulse:", "Intro.", news, "")


def test_a_record_is_json_and_holds_every_sentence_with_its_source() -> None:
    drafted = blurbs()
    found = evidence.record("2024-W29", drafted, issue_of(drafted), "")
    assert json.loads(json.dumps(found)) == found
    for item, blurb in zip(found["items"], drafted, strict=True):
        assert item["take"] == " ".join(one["text"] for one in item["sentences"]) == blurb.text
        assert item["byline"] == "The desk"
        assert item["reasons"]
        assert all(one["source_text"] in blurb.story.lead.text for one in item["sentences"])
    assert found["approvals"] == []


def test_each_sentence_names_its_source_and_the_place_where_it_stands_there() -> None:
    drafted = blurbs()
    found = evidence.record("2024-W29", drafted, issue_of(drafted), "")
    assert found["version"] == 4
    for item, blurb in zip(found["items"], drafted, strict=True):
        lead = blurb.story.lead
        for one in item["sentences"]:
            assert (one["source"], one["url"], one["item"]) == (lead.source, lead.url, lead.id)
            start, end = one["span"]
            assert lead.text[start:end] == one["source_text"]


def test_an_approval_holds_for_exactly_this_text_person_and_link() -> None:
    drafted = blurbs()
    found = evidence.record("2024-W29", drafted, issue_of(drafted), "")
    news = issue_of(drafted).news[0]
    evidence.approve(found, news.url, "Ada Moss", WHEN, news.take)
    assert evidence.approved(found, news.url, "Ada Moss", news.take)
    assert not evidence.approved(found, news.url, "Ada Moss", news.take + " ")
    assert not evidence.approved(found, news.url, "Ada Moss", news.take.replace("a", "e", 1))
    assert not evidence.approved(found, news.url, "Jonas Field", news.take)
    assert not evidence.approved(found, issue_of(drafted).news[1].url, "Ada Moss", news.take)


def test_nothing_is_approved_in_a_fresh_record() -> None:
    drafted = blurbs()
    found = evidence.record("2024-W29", drafted, issue_of(drafted), "")
    assert not any(
        evidence.approved(found, n.url, n.person, n.take) for n in issue_of(drafted).news
    )


def edited(change: str, sources: bool = True) -> list[str]:
    drafted = blurbs()
    found = evidence.record("2024-W29", drafted, issue_of(drafted), "")
    issue = issue_of(drafted)
    news = (dataclasses.replace(issue.news[0], take=change), *issue.news[1:])
    texts = {b.story.lead.id: f"{b.story.lead.title}. {b.story.lead.text}" for b in drafted}
    lines = evidence.edits(found, dataclasses.replace(issue, news=news), texts if sources else {})
    assert found["items"][0]["take"] == change
    assert found["items"][0]["edited"]
    return lines


def test_an_edit_that_says_what_the_source_does_not_is_pointed_out() -> None:
    assert any("GPT-4.2" in line for line in edited("The maker compares it with GPT-4.2 now."))


def test_a_harmless_edit_raises_no_alarm() -> None:
    assert edited("The maker plans the next version for the autumn.") == []


def test_dropped_and_added_items_are_noted() -> None:
    drafted = blurbs()
    found = evidence.record("2024-W29", drafted, issue_of(drafted), "")
    issue = issue_of(drafted)
    own = NewsItem("Our own", "https://own.example/", "The desk", "https://x.example/about", "Hm.")
    lines = evidence.edits(found, dataclasses.replace(issue, news=(own, *issue.news[1:])), {})
    assert lines == ["added by hand, without evidence: Our own"]
    assert found["dropped"] == [issue.news[0].headline]
    assert {item["url"] for item in found["items"]} == {own.url, *(n.url for n in issue.news[1:])}
