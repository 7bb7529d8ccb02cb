"""Promises about links at drafting: a bad one costs its story the place, never the issue, and nobody unlooked-at comes in."""

from collections.abc import Sequence

from tests.conftest import make_item
from tests.feeds import server
from weeklyai import config
from weeklyai.drafting.draft import Drafted
from weeklyai.linkcheck import draft_checked
from weeklyai.records import Blurb, FeedItem, Story

LOCAL = config.Feeds(allow_private=True, deadline_seconds=2)


def first_three(items: Sequence[FeedItem]) -> Drafted:
    """Draft the first three items."""
    return Drafted([Blurb(Story(item, (), 0.0, ()), ()) for item in items[:3]])


def test_the_next_story_takes_the_place_of_one_whose_page_is_gone() -> None:
    with server.serve({f"/{n}": server.page(b"<p>Page.</p>") for n in (0, 2, 3, 4)}) as site:
        items = [make_item(n, url=site.url(f"/{n}"), feed_url=site.url("/feed")) for n in range(5)]
        drafted = draft_checked(items, LOCAL, first_three)
        looked = [path for path, _ in site.requests]

    assert [blurb.story.lead.title for blurb in drafted.blurbs] == [items[n].title for n in (0, 2, 3)]  # fmt: skip
    assert drafted.held == [(items[1].title, "its page is gone (HTTP status 404)")]
    assert sorted(looked) == ["/0", "/1", "/2", "/3"]


def test_when_most_pages_are_gone_the_issue_is_short_rather_than_unchecked() -> None:
    with server.serve({"/19": server.page(b"<p>Page.</p>")}) as site:
        items = [make_item(n, url=site.url(f"/{n}"), feed_url=site.url("/feed")) for n in range(20)]
        drafted = draft_checked(items, LOCAL, first_three)

    assert drafted.blurbs == []


def test_the_look_can_be_switched_off() -> None:
    with server.serve({}) as site:
        items = [make_item(1, url=site.url("/1"))]
        drafted = draft_checked(items, config.Feeds(check_links=False), first_three)

    assert len(drafted.blurbs) == 1
    assert site.requests == []
