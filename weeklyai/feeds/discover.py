"""From an address that a person typed to the feed that is meant: its own, one that its page names, or one where feeds usually lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import urljoin

from weeklyai import config
from weeklyai.feeds import health
from weeklyai.feeds.addresses import redacted
from weeklyai.feeds.fetch import fetch_all
from weeklyai.feeds.messages import Request, Response
from weeklyai.feeds.parse import ParsedFeed
from weeklyai.feeds.workers import Parsers

FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/json",
)
USUAL = ("/feed", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml")
MOST_NAMED = 5  # feeds of one page that are looked at
SHOWN = 5  # titles


@dataclass(frozen=True, slots=True)
class Found:
    """What an address led to.

    Attributes:
        asked: the address as typed, without credentials.
        url: the feed's address, or "" where none was found.
        title: the feed's own name.
        latest: date ("2024-07-19", or "undated") and title of its newest items.
        others: further feeds that the page names.
        fault: why there is none, a sentence's end, or "".
    """

    asked: str
    url: str = ""
    title: str = ""
    latest: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()
    fault: str = ""


class _Links(HTMLParser):
    """Collects <link rel="alternate"> addresses of feeds (RSS Advisory Board, RSS autodiscovery), the page's <base> minded."""

    def __init__(self) -> None:
        super().__init__()
        self.base, self.found = "", list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "base" and not self.base:
            self.base = values.get("href", "")
        kinds = values.get("rel", "").lower().split()
        if tag == "link" and "alternate" in kinds and values.get("type", "").lower() in FEED_TYPES:
            self.found.append(values.get("href", ""))


def find(addresses: Sequence[str], settings: config.Feeds) -> list[Found]:
    """Return what each of `addresses` leads to; feeds are parsed in processes of their own."""
    with Parsers() as parsers:
        responses = fetch_all([Request(address) for address in addresses], settings)
        return [_found(response, settings, parsers) for response in responses]


def _found(response: Response, settings: config.Feeds, parsers: Parsers) -> Found:
    asked = redacted(response.url)
    if response.reason:
        return Found(asked, fault=health.explain(response.reason))
    feed = _parsed(response, parsers)
    if feed:
        return _described(asked, response.moved or response.url, feed, ())
    named = _named(response)
    for candidates in (named[:MOST_NAMED], [urljoin(response.final_url, path) for path in USUAL]):
        answers = fetch_all([Request(url) for url in candidates], settings)
        for answer in answers:
            feed = None if answer.reason else _parsed(answer, parsers)
            if feed:
                others = tuple(redacted(url) for url in named if url != answer.url)
                return _described(asked, answer.moved or answer.url, feed, others)
    return Found(asked, fault="is not a feed, and its page names none")


def _parsed(response: Response, parsers: Parsers) -> ParsedFeed | None:
    feed = parsers.submit(
        response.body, response.final_url, datetime.now(UTC), 500, response.content_type
    ).result()
    return feed if feed.reason in ("", "partial") else None


def _named(page: Response) -> list[str]:
    """Return the feeds that a page names, those of comments last."""
    links = _Links()
    links.feed(page.body.decode("utf-8", "replace"))
    base = _join(page.final_url, links.base)
    found = dict.fromkeys(filter(None, (_join(base, link) for link in links.found if link)))
    return sorted(found, key=lambda url: "comment" in url.lower())


def _join(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def _described(asked: str, url: str, feed: ParsedFeed, others: tuple[str, ...]) -> Found:
    latest = tuple(
        ("undated" if item.date_guessed else f"{item.published:%Y-%m-%d}", item.title)
        for item in feed.items[:SHOWN]
    )
    return Found(asked, url, feed.title, latest, others)
