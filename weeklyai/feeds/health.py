"""How each feed fared in one run, and what to do about it: for people and for scripts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

# What a reason code means and what to do about it; "http-404" and its like are put together below.
ADVICE = {
    "timeout": "did not finish within the deadline; [feeds] deadline_seconds allows more",
    "too-large": "is larger than [feeds] max_megabytes allows",
    "bad-encoding": "came in a content encoding that was not asked for",
    "bad-scheme": "leads to an address that is not http or https",
    "bad-address": "leads to an address that is none",
    "private-address": "leads to a private address, which [feeds] allow_private = false refuses",
    "redirect-loop": "redirects in a circle",
    "too-many-redirects": "redirects more than five times",
    "dns": "has a host name that cannot be resolved",
    "connect": "could not be reached",
    "truncated": "broke off in the middle; the complete items were kept",
    "bad-response": "did not answer in HTTP",
    "unasked-304": "said 'not modified' without having been asked",
    "not-a-feed": "is not a feed; if it is a site's page, add the site with 'weeklyai feeds add ADDRESS'",
    "xml-entity": "declares XML entities, which is how bombs are built; it was not read",
    "parse-timeout": "took too long to parse and was given up",
    "parse-failed": "could not be parsed: please report its address as a fault of weeklyai",
    "http-410": "is gone for good and will not be asked again: remove it from the feed list",
    "partial": "is ill-formed or breaks off; the complete items were kept",
}
NOTES = {
    "item-cap": "carries more items than [feeds] max_items; the newest were kept",
    "date-guessed": "dates some items not at all or impossibly; those are kept but never chosen as news",
    "bad-link": "has items whose links are no web addresses; those are never published",
    "cut": "has a title or text of excessive length, which was cut",
    "encoding": "is not in the encoding that it declares",
    "stale": "has brought nothing new for more than 90 days: consider removing it",
    "flooding": "dates more items into one week than [feeds] max_per_week; the rest is kept but not chosen as news",
    "not-english": "does not read like English; its items will hardly be chosen: consider removing it",
}
PARTLY = ("partial", "truncated")  # reasons that leave items behind


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One feed in one run.

    Attributes:
        url: without credentials.
        title: the feed's own name, or "".
        status: "ok", "unchanged" (304), "waiting" (it asked for a pause that lasts), "gone" (410) or "failed".
        reason: "" or a reason code.
        found: items in the feed.
        new: of these, not in the archive before.
        seconds: of fetching.
        moved: where the server says the feed has moved for good, or "".
        retry_after: seconds that the server asks to be left alone, or 0.
        newest: date of its newest item, dates that had to be guessed left out.
        failing_since: when the failures in a row began, or None.
        notes: codes of what is odd about it, keys of `NOTES`.
        pages: where full text was asked for, how many pages by reason code ("" for those read).
    """

    url: str
    title: str = ""
    status: Literal["ok", "unchanged", "waiting", "gone", "failed"] = "ok"
    reason: str = ""
    found: int = 0
    new: int = 0
    seconds: float = 0.0
    moved: str = ""
    retry_after: float = 0.0
    newest: datetime | None = None
    failing_since: datetime | None = None
    notes: tuple[str, ...] = ()
    pages: dict[str, int] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The word for it in a table: the gravest that holds."""
        since = f" since {self.failing_since:%Y-%m-%d}" if self.failing_since else ""
        grave = next(
            (note for note in ("flooding", "stale", "not-english") if note in self.notes), ""
        )
        words = {"gone": "gone", "failed": f"failing{since}", "waiting": "waiting"}
        fallback = {"not-english": "not English"}.get(grave, grave) or (
            "unchanged" if self.status == "unchanged" else "fetched"
        )
        partly = "partly read" if self.reason in PARTLY else ""
        return words.get(self.status) or ("moved" if self.moved else "") or partly or fallback

    @property
    def advice(self) -> list[str]:
        """What a person should know or do, a sentence each, subject ("the feed") left out."""
        found = [f"{explain(self.reason)}{_pause(self)} [{self.reason}]"] if self.reason else []
        if self.status == "waiting":
            found = [f"asked to be left alone{_pause(self)}"]
        if self.moved:
            found.append(f"has moved for good to {self.moved}: change it in the feed list")
        if set(self.pages) - {""}:
            why = ", ".join(f"{reason} {n}" for reason, n in self.pages.items() if reason)
            found.append(f"read {self.pages.get('', 0)} pages for full text, not others: {why}")
        return found + [f"{NOTES.get(note, note)} [{note}]" for note in self.notes]


def report(feeds: Sequence[FeedHealth]) -> str:
    """Return the run in words: one line of sums, then a line for whatever needs a person."""
    count = {
        word: sum(feed.status == word for feed in feeds)
        for word in ("ok", "unchanged", "waiting", "gone", "failed")
    }
    found, new = sum(feed.found for feed in feeds), sum(feed.new for feed in feeds)
    sums = f"{count['ok']} read, {count['unchanged']} unchanged, {count['failed']} failed"
    sums += "".join(f", {count[word]} {word}" for word in ("waiting", "gone") if count[word])
    lines = [f"{len(feeds)} feeds: {sums}; {found:,} items, {new:,} new"]
    grave = {"failed": 0, "gone": 1}
    for feed in sorted(feeds, key=lambda feed: grave.get(feed.status, 2)):
        lines += [f"  {feed.state:<12} {feed.url} {sentence}" for sentence in feed.advice]
    return "\n".join(lines)


def explain(reason: str) -> str:
    """Return the sentence behind a reason code."""
    if reason in ADVICE:
        return ADVICE[reason]
    return f"answered with HTTP status {reason[5:]}" if reason.startswith("http-") else reason


def _pause(feed: FeedHealth) -> str:
    asked = timedelta(seconds=round(feed.retry_after))
    if feed.status == "waiting":
        return f" for another {asked}"
    return f" and asks for a pause of {asked}" if asked else ""


def as_json(feeds: Sequence[FeedHealth]) -> list[dict[str, Any]]:
    """Return the run as JSON values, dates in ISO 8601."""
    return [
        {
            **asdict(feed),
            "newest": feed.newest.isoformat() if feed.newest else None,
            "failing_since": feed.failing_since.isoformat() if feed.failing_since else None,
            "state": feed.state,
            "advice": feed.advice,
        }
        for feed in feeds
    ]
