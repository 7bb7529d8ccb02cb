"""Promises of `feeds add`: from a site's address to its feed, shown before it is added."""

from pathlib import Path

from tests.feeds import fifty, server
from weeklyai import config
from weeklyai.feeds import discover, listing, opml
from weeklyai.feeds.opml import Subscription

LOCAL = config.Feeds(allow_private=True, deadline_seconds=2)
LINK = '<link rel="alternate" type="application/rss+xml" href="{}">'


def page(head: str) -> server.Answer:
    """Answer with an HTML page."""
    return server.page(f"<html><head>{head}</head><body>Site</body></html>".encode())


def test_a_sites_own_feed_is_preferred_to_its_comments() -> None:
    links = LINK.format("/comments/feed.xml") + LINK.format("/feed.xml")
    scripts = {"/": page(links), "/feed.xml": server.page(fifty.GOOD), "/comments/feed.xml": server.page(fifty.GOOD)}  # fmt: skip
    with server.serve(scripts) as site:
        (found,) = discover.find([site.url("/")], LOCAL)

    assert (found.url, found.title, found.fault) == (site.url("/feed.xml"), "T", "")
    assert found.latest == (("2024-07-19", "Item 1"), ("2024-07-19", "Item 2"))
    assert found.others == (site.url("/comments/feed.xml"),)


def test_a_page_that_names_no_feed_is_tried_at_the_usual_places() -> None:
    with server.serve({"/": page(""), "/atom.xml": server.page(fifty.GOOD)}) as site:
        (found,) = discover.find([site.url("/")], LOCAL)

    assert found.url == site.url("/atom.xml")


def test_a_base_address_cannot_lead_into_a_private_network() -> None:
    # The guard stands where addresses are dialled, so nothing on a page matters to it.
    head = '<base href="http://internal.example/">' + LINK.format("feed.xml")
    asked: list[str] = []
    with server.serve({"/": page(head)}) as site:
        (found,) = discover.find([site.url("/")], LOCAL)
        asked += [path for path, _ in site.requests]

    assert found.url == ""
    assert "/feed.xml" in asked  # only as one of this site's own usual places
    assert "names none" in found.fault


def test_a_feed_that_moved_is_added_where_it_is_now(tmp_path: Path) -> None:
    about = "https://t.example/about"
    settings = config.Settings(
        folder=tmp_path,
        site=config.Site(title="T", url="https://t.example", desk_url=about),
        feeds=LOCAL,
    )
    with server.serve(
        {"/old": server.status(301, Location="/new"), "/new": server.page(fifty.GOOD)}
    ) as site:
        found = discover.find([site.url("/old")], LOCAL)
        first = listing.add(settings, found)
        again = listing.add(settings, found)

        assert opml.read(settings.opml) == [Subscription(site.url("/new"), "T")]
    assert first == [f"added T: {found[0].url}"]
    assert again == [f"T is listed already: {found[0].url}"]
