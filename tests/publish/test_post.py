import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from tests.publish import strategies
from weeklyai.dates import Week
from weeklyai.errors import UserError
from weeklyai.publish import post, templates
from weeklyai.publish.normal import check, normal
from weeklyai.publish.parse import parse
from weeklyai.records import (
    Bullets,
    Feature,
    Issue,
    NewsItem,
    NumberedItem,
    Numbers,
    Paragraph,
    Section,
    Span,
    Subheading,
)

CASES = Path(__file__).parent / "cases"
ENVIRONMENT = templates.environment(CASES)

FEATURE = Feature(
    topic="Queues: C++ & C#",
    tldr=(
        Span("A queue holds "),
        Span("work", "emphasis"),
        Span(" until someone has time for it."),
    ),
    sections=(
        Section(
            "Introduction",
            (
                Paragraph((Span("2030. That is when the queue was full. It holds:"),)),
                Bullets(
                    (
                        (Span("jobs,"),),
                        (
                            Span("- and "),
                            Span("retry_count", "code"),
                            Span("."),
                        ),
                    )
                ),
            ),
        ),
        Section(
            "How __It__ Works",
            (
                Subheading("Order"),
                Numbers(
                    (
                        NumberedItem((Span("First in, first out."),), "Fairness"),
                        NumberedItem(
                            (
                                Span("See "),
                                Span("the survey", "link", "https://papers.example/q(1)"),
                                Span("."),
                            ),
                            sub=((Span("Rank."),), (Span("Pick."),)),
                        ),
                    )
                ),
                Paragraph(
                    (Span("Measured twice", "strong"), Span(", it held.")),
                    ("https://a.example/1", "https://b.example/2"),
                ),
            ),
        ),
        Section("Conclusion", (Paragraph((Span("Keep it short."),)),)),
    ),
)
ISSUE = Issue(
    week=Week(2030, 41),
    topic=FEATURE.topic,
    date=datetime(2030, 10, 11, 20, tzinfo=timezone(timedelta(hours=7))),
    description="Why work waits in line, and two stories of the week about “chips” and 🚀.",
    drafted_by="weeklyai 0.1.0, model karst-3",
    feature=FEATURE,
    pulse="Current Tech Pulse: Our Team's Take:",
    intro="Our desk reads the news * and sums it up.",
    news=(
        NewsItem(
            "Karst ships Vec<T> [beta] | Example Times",
            "https://news.example/vec?a=1&b=2",
            "The news desk",
            "https://letter.example/about/",
            'The maker calls it "fast"; {{ nobody }} measured.',
        ),
        NewsItem(
            "Ein Name für alles",
            "https://bücher.example/straße",
            "Ada [guest]",
            "https://letter.example/ada",
            "It costs $$5, or ~~6~~.",
        ),
    ),
    closing="Drafted by a model_from the linked sources.",
    tags=("Programming", "C++ & C#"),
)


def test_renders_the_golden_post_byte_for_byte() -> None:
    golden = (CASES / "2030-10-11-week-41-2030.md").read_text(encoding="utf-8")
    assert post.render(ISSUE, ENVIRONMENT) == golden
    assert post.file_name(ISSUE) == "2030-10-11-week-41-2030.md"


def test_reads_the_golden_post_back() -> None:
    assert parse(post.render(ISSUE, ENVIRONMENT)) == normal(ISSUE)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.issues())
def test_every_normal_issue_survives_the_round_trip(issue: Issue) -> None:
    assert normal(issue) == issue
    text = post.render(issue, ENVIRONMENT)
    assert parse(text) == issue
    assert post.render(parse(text), ENVIRONMENT) == text
    body = text.split("\n---\n", 1)[1]
    assert "{{" not in body
    assert "{%" not in body
    assert not [line for line in text.split("\n") if line != line.rstrip()]


def test_a_bare_issue_survives_the_round_trip() -> None:
    bare = normal(
        dataclasses.replace(ISSUE, feature=None, description="", drafted_by="", closing="")
    )
    assert parse(post.render(bare, ENVIRONMENT)) == bare


def test_an_hour_that_comes_twice_keeps_its_moment() -> None:
    second = datetime(2030, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))
    issue = dataclasses.replace(ISSUE, date=second)
    assert parse(post.render(issue, ENVIRONMENT)).date == second.astimezone(UTC)
    assert "date:   2030-10-27 02:30:00 +0100\n" in post.render(issue, ENVIRONMENT)


def test_file_name_uses_the_day_of_the_posts_own_offset_and_the_iso_year() -> None:
    date = datetime(2024, 12, 31, 1, tzinfo=timezone(timedelta(hours=7)))
    issue = dataclasses.replace(ISSUE, week=Week(2025, 1), date=date)
    assert post.file_name(issue) == "2024-12-31-week-1-2025.md"


def test_lenient_reading_of_a_post_by_hand() -> None:
    issue = parse((CASES / "by-hand.md").read_text(encoding="utf-8"))
    assert issue.drafted_by == issue.closing == issue.description == ""
    assert issue.feature is not None
    first, second, third = issue.feature.sections
    assert first.blocks[0] == Paragraph(
        (Span("The kettle — it’s old — boils, and a line goes on."),)
    )
    assert first.blocks[1] == Bullets(((Span("tight one"),), (Span("tight two"),)))
    assert second.blocks[1] == Numbers(
        (
            NumberedItem((Span("Put it on."),), "Heat"),
            NumberedItem(
                (Span("Do not lift the lid:"),), "Wait", ((Span("Listen."),), (Span("Look."),))
            ),
        )
    )
    assert third.heading == "Conclusion"
    assert issue.news[0].headline == "Kettles [Video]"
    assert issue.news[1].take == 'So "hot" it was. Really.'
    # What it means once written our way is what it meant before.
    assert parse(post.render(issue, ENVIRONMENT)) == issue


def test_only_a_drafted_post_names_its_card() -> None:
    by_hand = dataclasses.replace(ISSUE, drafted_by="")
    assert "\nimage: /assets/images/cards/week-41-2030.png\n" in post.render(ISSUE, ENVIRONMENT)
    assert "\nimage:" not in post.render(by_hand, ENVIRONMENT)


def test_windows_line_ends_change_nothing() -> None:
    text = post.render(ISSUE, ENVIRONMENT)
    assert parse("\ufeff" + text.replace("\n", "\r\n")) == parse(text)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"news": ISSUE.news[:1]}, "at least 2"),
        ({"news": (ISSUE.news[0], dataclasses.replace(ISSUE.news[1], take=" "))}, "no take"),
        (
            {"news": (ISSUE.news[0], dataclasses.replace(ISSUE.news[1], url="javascript:x"))},
            "news item 2",
        ),
        ({"topic": "Another"}, "differs from the feature"),
        ({"description": "too short"}, "50 to 160"),
        ({"closing": ""}, "drafted by a model must say so"),
        ({"corrections": ("It was wrong.",)}, "must read like 'Corrected on"),
        ({"closing": "Corrected on 2 May 2031: x."}, "reads like a correction"),
        ({"intro": ""}, "intro: is empty"),
        ({"date": datetime(2030, 1, 1)}, "no offset"),  # noqa: DTZ001
        ({"date": datetime(2030, 1, 1, microsecond=5, tzinfo=UTC)}, "whole seconds"),
        ({"feature": dataclasses.replace(FEATURE, sections=FEATURE.sections[:2])}, "Conclusion"),
        ({"feature": dataclasses.replace(FEATURE, tldr=())}, "TL;DR is empty"),
        (
            {"topic": "Tech News", "feature": dataclasses.replace(FEATURE, topic="Tech News")},
            "begins the news",
        ),
        (
            {"feature": dataclasses.replace(FEATURE, tldr=(Span("x", "link", "/about"),))},
            "the feature: address '/about' must be absolute",
        ),
    ],
)
def test_check_names_what_the_format_forbids(changes: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        post.render(dataclasses.replace(ISSUE, **changes), ENVIRONMENT)  # type: ignore[arg-type]


def test_check_lists_every_fault_at_once() -> None:
    with pytest.raises(UserError, match="3 fault"):
        check(dataclasses.replace(ISSUE, pulse="", news=(), description="x"))


def test_angle_brackets_in_a_topic_are_rewritten() -> None:
    article = dataclasses.replace(FEATURE, topic="Vec<T>")
    text = post.render(dataclasses.replace(ISSUE, topic="Vec<T>", feature=article), ENVIRONMENT)
    assert 'title:  "Week #41 2030 - Vec\u2039T\u203a"' in text
    assert "## Vec\u2039T\u203a\n" in text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("## Tech News", "### Tech News", "'### Tech News' has no place here"),
        ('title:  "Week #41', 'title:  "Week 41', "must be in double quotes"),
        ('title:  "Week #41 2030', 'title:  "Week #60 2030', "which is no week"),
        ("date:   2030-10-11 20:00:00 +0700", "date: 2030-10-11", "date '2030-10-11'"),
        ("layout: post", "layout", "line 2: 'layout' is not of the form"),
        (")*\n\n[Ada", ")*\n[Ada", "a news item is"),
        ('): "It costs', "): It costs", "should stand"),
        ("https://letter.example/ada", "/ada", "must be absolute"),
        ("*Drafted by", "Drafted by", "after the news"),
        ("**TL;DR:**", "TL;DR", "TL;DR"),
        ("---\n\n##", "## no end\n\n##", "between two lines"),
    ],
)
def test_parse_says_where_a_post_is_wrong(old: str, new: str, words: str) -> None:
    text = post.render(ISSUE, ENVIRONMENT)
    assert old in text
    with pytest.raises(UserError, match=words) as caught:
        parse(text.replace(old, new, 1), "draft.md")
    assert str(caught.value).startswith("draft.md")
