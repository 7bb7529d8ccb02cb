"""What the archive says of a feed: whether it has gone stale, floods, or is not in English."""

from dataclasses import replace
from datetime import datetime, timedelta

from weeklyai import config, text
from weeklyai.feeds.addresses import redacted
from weeklyai.feeds.health import FeedHealth
from weeklyai.feeds.states import FeedState, Recent

STALE = timedelta(days=90)
# Running English has about 40 % function words, headlines alone about 20 %; other languages have hardly any.
ENGLISH = 0.10
ENOUGH_WORDS = 60  # with fewer nobody can tell


def not_asked(state: FeedState, now: datetime) -> FeedHealth:
    """Return the health of a feed that was not asked, because it is gone or wants a pause."""
    left = (state.wait_until - now).total_seconds() if state.wait_until else 0.0
    return FeedHealth(
        url=redacted(state.url),
        title=state.title,
        status="gone" if state.gone else "waiting",
        reason="http-410" if state.gone else "",
        retry_after=0.0 if state.gone else left,
        failing_since=state.failing_since,
        moved=state.moved,
    )


def judged(health: FeedHealth, recent: Recent, settings: config.Feeds) -> FeedHealth:
    """Return `health` with the date of the feed's newest item and the notes that its archived items give rise to."""
    notes = list(health.notes)
    if health.status in ("ok", "unchanged"):
        if recent.newest and recent.now - recent.newest > STALE:
            notes.append("stale")
        if recent.in_one_week > settings.max_per_week:
            notes.append("flooding")
        if not english(recent.words):
            notes.append("not-english")
    return replace(health, newest=recent.newest, notes=tuple(notes))


def english(passage: str) -> bool:
    """Say whether `passage` reads like English, or is too short to tell."""
    words = passage.lower().split()
    known = sum(word in text.STOP_WORDS for word in words)
    return len(words) < ENOUGH_WORDS or known >= ENGLISH * len(words)
