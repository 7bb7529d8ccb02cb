"""Which week an issue is about, and which items are its news."""

from datetime import datetime, timedelta

from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.drafting.draft import draft_issue
from weeklyai.drafting.extract import Background
from weeklyai.drafting.writer import NoWriter
from weeklyai.errors import UserError
from weeklyai.feeds.archive import Archive
from weeklyai.records import FeedItem

# A week has enough news for a full issue with this many stories, which do not come from a handful of publishers alone.
ENOUGH_STORIES, ENOUGH_PUBLISHERS = 8, 6


def resolve_week(settings: Settings, name: str, now: datetime, *, ahead: bool = False) -> Week:
    """Return the week meant by "current", "latest" or "2024-W29".

    Raises:
        UserError: no such week, one that lies ahead of `now`, or no week with enough news.
    """
    moment = settings.site.publish_time
    if name == "current":
        return moment.latest(now)
    if name == "latest":
        return _latest_withnews_of(settings, now)
    week = Week.parse(name)
    if moment.in_week(week) > now and not ahead:
        raise UserError(
            f"{week} comes out on {moment.in_week(week).isoformat()}, which lies ahead of the clock "
            f"({now.astimezone(settings.site.zone).isoformat(timespec='seconds')}): wait, or allow it with --ahead"
        )
    return week


def _latest_withnews_of(settings: Settings, now: datetime) -> Week:
    """Return the newest week with enough news for a full issue, else the newest with the least that is allowed."""
    moment = settings.site.publish_time
    fallback: Week | None = None
    with Archive(settings.archive) as archive:
        oldest, newest = archive.span(now)
        week = moment.latest(min(now, newest + timedelta(days=7))) if newest else None
        while week and oldest and moment.window(week)[1] >= oldest:
            news = news_of(archive, settings, week)
            drafted = draft_issue(
                news, Background.of(news), NoWriter(), settings.post, settings.train.seed
            )
            stories, publishers = len(drafted.blurbs), len(drafted.publishers)
            if (
                stories >= min(ENOUGH_STORIES, settings.post.max_stories)
                and publishers >= ENOUGH_PUBLISHERS
            ):
                return week
            if stories >= settings.post.min_stories and not fallback:
                fallback = week
            week = Week.of(moment.in_week(week) - timedelta(days=7))
    if fallback is None:
        raise UserError(
            f"no week in the archive has {settings.post.min_stories} stories: add feeds with 'weeklyai feeds add', "
            "or lower [post] min_stories in weeklyai.toml"
        )
    return fallback


def news_of(archive: Archive, settings: Settings, week: Week) -> list[FeedItem]:
    """Return the items of the issue's window; one with a guessed date may be of any week, so it is left out."""
    start, end = settings.site.publish_time.window(week)
    return [item for item in archive.items(start, end) if not item.date_guessed]
