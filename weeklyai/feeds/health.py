"""How each feed fared in one run, for people and for scripts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

# What a reason code means and what to do about it; "http-404" and its like are put together below.
ADVICE = {
    "timeout": "did not finish within the deadline",
    "too-large": "is larger than [feeds] max_megabytes allows",
    "bad-encoding": "came in a content encoding that was not asked for",
    "bad-scheme": "leads to an address that is not http or https",
    "bad-address": "leads to an address that is none",
    "private-address": "leads to a private address, which [feeds] allow_private = false refuses",
    "redirect-loop": "redirects in a circle",
    "too-many-redirects": "redirects more than five times",
    "dns": "has a host name that cannot be resolved",
    "connect": "could not be reached",
    "truncated": "broke off in the middle",
    "bad-response": "did not answer in HTTP",
    "unasked-304": "said 'not modified' without having been asked",
    "not-a-feed": "is not a feed; if it is a site's page, add the site with 'weeklyai feeds add ADDRESS'",
    "xml-entity": "declares XML entities, which is how bombs are built; it was not read",
    "parse-timeout": "took too long to parse and was given up",
    "parse-failed": "could not be parsed: please report its address as a fault of weeklyai",
    "http-410": "is gone for good: remove it from the feed list",
}


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One feed in one run.

    Attributes:
        url: without credentials.
        title: the feed's own name, or "".
        status: "ok", "unchanged" (304) or "failed".
        reason: "" or a reason code.
        found: items in the feed.
        new: of these, not in the archive before.
        seconds: of fetching.
        moved: where the server says the feed has moved for good, or "".
        retry_after: seconds that the server asks to be left alone (with status 429 or 503), or 0.
        newest: date of its newest item, dates that had to be guessed left out.
    """

    url: str
    title: str
    status: Literal["ok", "unchanged", "failed"]
    reason: str
    found: int
    new: int
    seconds: float
    moved: str
    retry_after: float = 0.0
    newest: datetime | None = None


def report(feeds: Sequence[FeedHealth]) -> str:
    """Return the run in words: one line of sums, then one line for each feed that needs a person."""
    failed = [feed for feed in feeds if feed.status == "failed"]
    unchanged = sum(feed.status == "unchanged" for feed in feeds)
    read = len(feeds) - len(failed) - unchanged
    found, new = sum(feed.found for feed in feeds), sum(feed.new for feed in feeds)
    sums = f"{read} read, {unchanged} unchanged, {len(failed)} failed; {found:,} items, {new:,} new"
    lines = [f"{len(feeds)} feeds: {sums}"]
    lines += [
        f"  failed  {feed.url}: {explain(feed.reason)}{_wait(feed)} [{feed.reason}]"
        for feed in failed
    ]
    lines += [
        f"  partly  {feed.url}: its XML breaks off or is ill-formed"
        for feed in feeds
        if feed.reason == "partial"
    ]
    lines += [
        f"  moved   {feed.url} has moved for good to {feed.moved}: change it in the feed list"
        for feed in feeds
        if feed.moved
    ]
    return "\n".join(lines)


def explain(reason: str) -> str:
    """Return the sentence behind a reason code."""
    if reason in ADVICE:
        return ADVICE[reason]
    return f"answered with HTTP status {reason[5:]}" if reason.startswith("http-") else reason


def _wait(feed: FeedHealth) -> str:
    asked = timedelta(seconds=round(feed.retry_after))
    return f" and asks for a pause of {asked}" if asked else ""


def as_json(feeds: Sequence[FeedHealth]) -> list[dict[str, Any]]:
    """Return the run as JSON values, dates in ISO 8601."""
    return [
        {**asdict(feed), "newest": feed.newest.isoformat() if feed.newest else None}
        for feed in feeds
    ]
