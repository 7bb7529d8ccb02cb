"""The last look at a link before it is published: does its page still stand, and where its feed said?

A page may have been sold to a spammer, or a short address may lead elsewhere, after the feed was read. What cannot be
asked (no network, a server that is down or turns programs away) proves nothing and is let pass; what answers "gone" or
from a stranger's host is held back.
"""

import asyncio
import re
from collections.abc import Mapping

from weeklyai import config
from weeklyai.feeds.addresses import host_of, resolve
from weeklyai.feeds.fetch import Fetcher, Resolver
from weeklyai.feeds.messages import Request, Response

_ABSENT = (404, 410, 451)
# Refused by our own rules: no reader should be sent there either.
_BAD = ("bad-scheme", "bad-address", "private-address", "redirect-loop", "too-many-redirects")
# Under these, two labels name no owner ("co.uk"): one more is needed to tell hosts apart.
_SHARED = re.compile(
    r"(?:^|\.)(?:(?:com?|org|net|ac|gov|edu|ne|or)\.[a-z]{2}|github\.io|gitlab\.io|blogspot\.com|wordpress\.com|medium\.com|"
    r"substack\.com|netlify\.app|vercel\.app|pages\.dev|readthedocs\.io|herokuapp\.com|web\.app|tumblr\.com)$"
)


def check(
    feeds: Mapping[str, str], settings: config.Feeds, resolver: Resolver = resolve
) -> dict[str, str]:
    """Return why each link should be held back, for those that should.

    Args:
        feeds: by link, the address of the feed that carried it.
        settings: the limits of the transport.
        resolver: for tests.
    """

    async def look() -> list[Response]:
        async with Fetcher(settings, resolver) as fetcher:
            return list(
                await asyncio.gather(*(fetcher.get(Request(url, kind="link")) for url in feeds))
            )

    found = asyncio.run(look())
    reasons = {answer.url: _reason(answer, feeds[answer.url]) for answer in found}
    return {url: reason for url, reason in reasons.items() if reason}


def _reason(answer: Response, feed_url: str) -> str:
    if answer.status in _ABSENT:
        return f"its page is gone (HTTP status {answer.status})"
    if answer.reason in _BAD:
        return f"its link cannot be followed ({answer.reason})"
    if answer.reason:
        return ""
    final = host_of(answer.final_url)
    if owner(final) in (owner(host_of(answer.url)), owner(host_of(feed_url))):
        return ""
    return f"its link now leads to {final}"


def owner(host: str) -> str:
    """Return the part of a host name that one owner holds: "news.bbc.co.uk" and "bbc.co.uk" are the same one's."""
    labels = host.lower().rstrip(".").split(".")
    if len(labels) < 3 or labels[-1].isdigit():
        return ".".join(labels)
    return ".".join(labels[-3:] if _SHARED.search(".".join(labels[-2:])) else labels[-2:])
