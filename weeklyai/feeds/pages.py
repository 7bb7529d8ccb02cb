"""Full text, for feeds that carry only a line or two: their items' pages, through trafilatura.

Only for feeds that the site's settings name (`full_text = true`), under the same transport rules as feeds, and only
where the site's robots.txt allows it (RFC 9309: none or "not found" allows, one that cannot be had forbids).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from weeklyai import config, text
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.fetch import AGENT, Fetcher
from weeklyai.feeds.messages import Request, Response
from weeklyai.feeds.workers import Parsers
from weeklyai.records import FeedItem

ENOUGH_WORDS = 150  # an item with as many carries its text already
MOST_PAGES = 50  # of one run
YOUNG = timedelta(days=8)  # an older item had its chance in the last run
_HTML = ("text/html", "application/xhtml+xml")


def fill(
    archive: Archive,
    items: Sequence[FeedItem],
    settings: config.Feeds,
    now: datetime,
    parsers: Parsers,
) -> dict[str, str]:
    """Give short items the text of their pages; return by address what became of each page ("" where it went well).

    Args:
        archive: where they are kept.
        items: of feeds that asked for it; those that carry their text, are old, or have been filled are left alone.
        settings: the limits of the transport.
        now: the clock.
        parsers: the processes that pages are read in.
    """
    short = [
        item for item in items if item.url and _is_short(item) and now - item.published < YOUNG
    ]
    found = get([str(item.url) for item in short[:MOST_PAGES]], settings)
    filled, reasons = [], {}
    for item, response in zip(short, found, strict=False):
        reason = response.reason
        body = "" if reason else parsers.page(response.body).result()
        reason = reason or ("" if len(text.words(body)) > len(text.words(item.text)) else "no-text")
        reasons[str(item.url)] = reason
        if not reason:
            filled.append(replace(item, body=body, summary=item.summary or item.body))
    archive.add(filled, now)
    return reasons


def unfilled(archive: Archive, items: Sequence[FeedItem]) -> list[FeedItem]:
    """Return those of `items` that the archive does not hold with a longer text already."""
    kept = {item.id: item for item in archive.by_id([item.id for item in items])}
    return [
        item for item in items if item.id not in kept or len(kept[item.id].text) <= len(item.text)
    ]


def get(urls: Sequence[str], settings: config.Feeds) -> list[Response]:
    """Return the HTML page at each of `urls`, or why there is none ("robots", "not-html" or a reason of the fetcher)."""
    return [
        response if response.reason or _is_html(response) else replace(response, reason="not-html")
        for response in asyncio.run(_fetch(urls, settings))
    ]


def _is_short(item: FeedItem) -> bool:
    return len(text.words(item.text)) < ENOUGH_WORDS


def _is_html(response: Response) -> bool:
    return response.content_type.partition(";")[0].strip().lower() in _HTML


async def _fetch(urls: Sequence[str], settings: config.Feeds) -> list[Response]:
    """Return the page at each of `urls`, or why there is none; reason "robots" where it is forbidden."""
    async with Fetcher(settings) as fetcher:
        robots: dict[str, asyncio.Task[tuple[RobotFileParser, str]]] = {}

        async def one(url: str) -> Response:
            parts = urlsplit(url)
            site = f"{parts.scheme}://{parts.netloc}"
            if site not in robots:
                robots[site] = asyncio.create_task(_robots(fetcher, site))
            rules, silent = await robots[site]
            if not rules.can_fetch(AGENT, url):
                return Response(url, reason=silent or "robots")
            return await fetcher.get(Request(url, kind="page"))

        return list(await asyncio.gather(*map(one, urls)))


async def _robots(fetcher: Fetcher, site: str) -> tuple[RobotFileParser, str]:
    """Return the rules of a site (RFC 9309, section 2.3.1), and why it did not answer at all, or ""."""
    answer = await fetcher.get(Request(f"{site}/robots.txt", kind="page"))
    rules = RobotFileParser()
    if not answer.reason:
        rules.parse(answer.body.decode("utf-8", "replace").splitlines())
    elif answer.reason.startswith("http-4") and answer.status != 429:
        rules.parse([])
    else:
        rules.parse(["User-agent: *", "Disallow: /"])
    return rules, "" if answer.reason.startswith("http-") else answer.reason
