"""What is remembered of feeds from one round to the next: pauses, graves, moves, validators, and whose item an item is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import make_item
from tests.feeds import fifty, server
from weeklyai import config
from weeklyai.feeds import health, judge, listing, opml, poll
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.discover import Found
from weeklyai.feeds.health import FeedHealth
from weeklyai.feeds.opml import Subscription

NOW = datetime(2024, 7, 20, tzinfo=UTC)
LOCAL = config.Feeds(allow_private=True, deadline_seconds=2)
GOOD = fifty.GOOD


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An empty archive."""
    with Archive(tmp_path / "a.sqlite") as made:
        yield made


def one_round(archive: Archive, *urls: str, now: datetime = NOW) -> list[FeedHealth]:
    """Poll the feeds at `urls`."""
    return poll.poll(archive, [Subscription(url) for url in urls], LOCAL, now)


def test_a_pause_that_was_asked_for_is_kept_and_ends(archive: Archive) -> None:
    busy = server.in_turn(server.status(429, Retry_After="7200"), server.page(GOOD))
    with server.serve({"/busy": busy}) as site:
        url = site.url("/busy")
        states = [
            one_round(archive, url, now=NOW + timedelta(hours=hours))[0].state
            for hours in (0, 1, 3)
        ]

    assert states == ["failing since 2024-07-20", "waiting", "fetched"]
    assert len(site.requests) == 2


@pytest.mark.parametrize("asked", ["315360000", "Fri, 01 Jan 2038 00:00:00 GMT"])
def test_a_pause_of_years_lasts_a_week_at_most(archive: Archive, asked: str) -> None:
    busy = server.in_turn(server.status(503, Retry_After=asked), server.page(GOOD))
    with server.serve({"/busy": busy}) as site:
        one_round(archive, site.url("/busy"))
        (later,) = one_round(archive, site.url("/busy"), now=NOW + timedelta(days=7, seconds=5))

    assert later.state == "fetched"


def test_a_short_pause_is_waited_for_in_the_same_round(archive: Archive) -> None:
    busy = server.in_turn(server.status(429, Retry_After="1"), server.page(GOOD))
    with server.serve({"/busy": busy}) as site:
        patient = config.Feeds(allow_private=True, deadline_seconds=9)
        (found,) = poll.poll(archive, [Subscription(site.url("/busy"))], patient, NOW)

    assert (found.status, found.new) == ("ok", 2)


def test_a_clock_set_back_does_not_lengthen_a_pause(archive: Archive) -> None:
    busy = server.in_turn(server.status(429, Retry_After="3600"), server.page(GOOD))
    with server.serve({"/busy": busy}) as site:
        one_round(archive, site.url("/busy"), now=NOW + timedelta(days=400))
        (found,) = one_round(archive, site.url("/busy"))

    assert found.state == "fetched"


def test_a_feed_that_is_gone_is_not_asked_again_until_it_is_added_again(tmp_path: Path) -> None:
    about = "https://t.example/about"
    site_settings = config.Settings(
        folder=tmp_path,
        site=config.Site(title="T", url="https://t.example", desk_url=about),
        feeds=LOCAL,
    )
    gone = server.in_turn(server.status(410), server.page(GOOD))
    with server.serve({"/gone": gone}) as site:
        url = site.url("/gone")
        opml.write(site_settings.opml, [Subscription(url)])
        first = poll.poll_site(site_settings, NOW, lambda *_: None)
        second = poll.poll_site(site_settings, NOW, lambda *_: None)
        (line,) = listing.add(site_settings, [Found(url, url, "T")])
        third = poll.poll_site(site_settings, NOW, lambda *_: None)

    assert [one[0].state for one in (first, second, third)] == ["gone", "gone", "fetched"]
    assert len(site.requests) == 2
    assert "will be asked again" in line
    assert "remove it from the feed list" in health.report(second)


def test_a_feed_that_moved_for_good_is_read_and_the_list_is_left_alone(tmp_path: Path) -> None:
    with server.serve(
        {"/old": server.status(301, Location="/new"), "/new": server.page(GOOD)}
    ) as site, Archive(tmp_path / "a.sqlite") as archive:  # fmt: skip
        (found,) = one_round(archive, site.url("/old"))

    assert (found.state, found.found, found.moved) == ("moved", 2, site.url("/new"))
    assert f"has moved for good to {site.url('/new')}" in health.report([found])


def test_passwords_are_in_no_report(archive: Archive) -> None:
    with server.serve({"/feed": server.page(GOOD)}) as site:
        url = site.url("/feed").replace("//", "//ada:secret@")
        found = one_round(archive, url)
        words = f"{health.report(found)} {health.as_json(found)} {archive.feeds.all()}"
        items = archive.all_items(NOW)

    assert "secret" not in words
    assert len(items) == 2


def test_a_parked_domain_keeps_its_validator_out_and_the_old_items_in(archive: Archive) -> None:
    parked = server.page(b"<html>For sale</html>", ETag='"parked"')
    with server.serve({"/feed": server.in_turn(server.page(GOOD, ETag='"1"'), parked)}) as site:
        one_round(archive, site.url("/feed"))
        (found,) = one_round(archive, site.url("/feed"))
        validator = archive.feeds.request(Subscription(site.url("/feed"))).etag

    assert found.reason == "not-a-feed"
    assert "weeklyai feeds add" in found.advice[0]
    assert validator == '"1"'
    assert len(archive.all_items(NOW)) == 2


def test_a_partial_answer_is_asked_for_again_whole(archive: Archive) -> None:
    short = fifty.rss(fifty.plain_items(2), after="<item><tit")
    with server.serve({"/feed": server.page(short, ETag='"1"')}) as site:
        (found,) = one_round(archive, site.url("/feed"))
        validator = archive.feeds.request(Subscription(site.url("/feed"))).etag

    assert (found.state, found.status, validator) == ("partly read", "ok", "")


def test_failing_feeds_say_since_when(archive: Archive) -> None:
    with server.serve({}) as site:
        for day in range(3):
            (found,) = one_round(archive, site.url("/none"), now=NOW + timedelta(days=day))

    assert found.state == "failing since 2024-07-20"
    assert archive.feeds.get(found.url).failures == 3


def test_an_item_stays_with_the_feed_that_had_it_first(archive: Archive) -> None:
    other = GOOD.replace(b"Item 1", b"Stolen").replace(b"<item>", b"<item><guid>own</guid>")
    with server.serve({"/a": server.page(GOOD), "/b": server.page(other)}) as site:
        one_round(archive, site.url("/a"), site.url("/b"))
        titles = {item.title: item.feed_url for item in archive.all_items(NOW)}

    assert titles == {"Item 1": site.url("/a"), "Item 2": site.url("/a")}


@pytest.mark.parametrize(
    "item",
    [
        "<item><title>T {n}</title><guid>{r}-{n}</guid><link>https://a.example/{n}?utm_source={r}</link></item>",
        "<item><title>T {n}</title><guid>{r}-{n}</guid><pubDate>Fri, 19 Jul 2024 08:0{n}:00 GMT</pubDate></item>",
        "<item><title>T {n}</title><guid>same</guid><link>https://a.example/{n}?session={r}</link></item>",
        "<item><title>T</title><link>https://a.example/{n}?s={r}</link><description>Text {n} of it.</description></item>",
    ],
)
def test_what_rotates_adds_nothing(archive: Archive, item: str) -> None:
    bodies = [
        fifty.rss("".join(item.format(n=n, r=f"{turn}{n}") for n in range(5))) for turn in range(3)
    ]
    with server.serve({"/feed": server.in_turn(*map(server.page, bodies))}) as site:
        found = [one_round(archive, site.url("/feed"))[0] for _ in bodies]

    assert [one.new for one in found] == [5, 0, 0]


def test_one_title_week_after_week_is_many_items(archive: Archive) -> None:
    weekly = "<item><title>Links</title><link>https://a.example/{n}</link></item>"
    bodies = [fifty.rss(weekly.format(n=n)) for n in range(3)]
    with server.serve({"/feed": server.in_turn(*map(server.page, bodies))}) as site:
        found = [one_round(archive, site.url("/feed"))[0] for _ in bodies]

    assert [one.new for one in found] == [1, 1, 1]


def test_no_time_of_day_decides_what_an_item_is(archive: Archive) -> None:
    with server.serve({"/feed": server.page(GOOD)}) as site:
        clocks = (NOW, NOW - timedelta(days=900), NOW + timedelta(days=900))
        found = [one_round(archive, site.url("/feed"), now=now)[0] for now in clocks]

    assert [one.new for one in found] == [2, 0, 0]
    assert len(archive.all_items(NOW)) == 2


def test_stale_flooding_and_foreign_feeds_are_told(archive: Archive) -> None:
    settings = config.Feeds(max_per_week=5)
    flood = [make_item(n, published=NOW - timedelta(hours=n), feed_url="https://flood.example/") for n in range(9)]  # fmt: skip
    old = [make_item(n + 20, published=NOW - timedelta(days=100 + n), feed_url="https://old.example/") for n in range(3)]  # fmt: skip
    german = (
        "Der neue Rechner der Firma kommt im Herbst auf den Markt und kostet weniger als der alte. "
        * 5
    )
    foreign = [make_item(n + 30, feed_url="https://de.example/", title="Neuer Rechner", summary="", body=german, published=NOW) for n in range(3)]  # fmt: skip
    archive.add([*flood, *old, *foreign], NOW)

    def notes(url: str) -> tuple[str, ...]:
        return judge.judged(FeedHealth(url), archive.feeds.recent(url, NOW), settings).notes

    assert notes("https://flood.example/") == ("flooding",)
    assert notes("https://old.example/") == ("stale",)
    assert notes("https://de.example/") == ("not-english",)


def test_relative_links_belong_to_where_the_feed_was_found(archive: Archive) -> None:
    body = fifty.rss("<item><title>T</title><link>story</link></item>")
    with server.serve({"/old": server.status(302, Location="/new/feed"), "/new/feed": server.page(body)}) as site:  # fmt: skip
        one_round(archive, site.url("/old"))
        (item,) = archive.all_items(NOW)

    assert item.url == site.url("/new/story")
