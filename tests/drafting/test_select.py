"""Promises about stories: one for each event, ranked with reasons, whatever order the items come in."""

import random
from datetime import timedelta

import pytest

from tests.conftest import make_item
from weeklyai.drafting import select
from weeklyai.records import FeedItem


def report(number: int, source: str, title: str, lead: str) -> FeedItem:
    """Return one publisher's report of an event."""
    base = make_item(number)
    return make_item(
        number + 100, source=source, title=title, url=f"https://{source}.example/{number}", published=base.published,
        body=f"{lead} {base.body}", summary="",
    )  # fmt: skip


ROBIN = [
    report(1, "a", "Robin Labs launches Wren 3, an open language model", "Robin Labs has launched Wren 3, an open language model."),
    report(2, "b", "Wren 3 from Robin Labs is an open language model", "The language model Wren 3 by Robin Labs is open."),
    report(3, "c", "Robin Labs opens Wren 3 to everyone", "Robin Labs has opened its language model Wren 3 to everyone."),
]  # fmt: skip


def test_reports_of_one_event_become_one_story(items: list[FeedItem]) -> None:
    stories = select.rank([*items[20:], *ROBIN])

    (wren,) = [story for story in stories if "Wren" in story.lead.title]
    assert set(wren.sources) == {"a", "b", "c"}
    assert "3 sources" in wren.reasons
    assert wren.score > select.rank(ROBIN[:1])[0].score


def test_reports_far_apart_in_time_are_two_stories() -> None:
    late = make_item(3, title=ROBIN[2].title, body=ROBIN[2].body, url="https://c.example/late",
                     published=ROBIN[0].published + timedelta(days=30))  # fmt: skip

    assert len(select.rank([ROBIN[0], late])) == 2


def test_the_order_of_items_does_not_matter(items: list[FeedItem]) -> None:
    shuffled = [*items, *ROBIN]
    random.Random(4).shuffle(shuffled)

    assert select.rank(shuffled) == select.rank([*items, *ROBIN])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"url": None}, "no link"),
        ({"body": "Short.", "summary": ""}, "too little text"),
        (
            {"body": "Der schnelle braune Fuchs springt über den faulen Hund im Garten. " * 3},
            "not English prose",
        ),
        ({"body": "x = 1; y = 2; print(x + y); foo(bar); baz[qux] " * 8}, "not English prose"),
        ({"title": "Hm"}, "no headline"),
    ],
)
def test_what_cannot_become_a_story_is_named(
    changes: dict[str, object], reason: str | None
) -> None:
    assert select.unusable(make_item(2, **changes)) == reason


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("This week in compilers, issue #12", "digest"),
        ("10 best laptops for students", "list"),
        ("Big deals: 40% off language models", "advert"),
        ("How to install a database", "how-to"),
        ("Is the browser dead?", "question"),
    ],
)
def test_what_is_hardly_news_sinks_with_its_reason(title: str, kind: str) -> None:
    plain, weak = (
        select.rank([make_item(1, title="Karst ships a compiler")])[0],
        select.rank([make_item(1, title=title)])[0],
    )

    assert f"reads like a {kind}" in weak.reasons
    assert weak.score < plain.score


def test_an_off_topic_item_comes_last() -> None:
    off = make_item(
        4, title="Village fair moves to Sunday", source="Village",
        body="The village fair moves to Sunday because of the rain that fell on the meadow all through the week. "
        "Visitors may park behind the church, the council said after its meeting on Friday evening.",
    )  # fmt: skip

    assert select.rank([off, make_item(5), make_item(8)])[-1].lead == off
