"""One round over all feeds: fetch, parse, archive, report. What one feed does never touches the others."""

from collections.abc import Callable, Sequence
from datetime import datetime

from weeklyai import config
from weeklyai.errors import UserError
from weeklyai.feeds import opml, parse
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.fetch import Response, fetch_all, redacted
from weeklyai.feeds.health import FeedHealth
from weeklyai.feeds.opml import Subscription

OnFeed = Callable[[int, int, FeedHealth], None]


def poll_site(settings: config.Settings, now: datetime, on_feed: OnFeed) -> list[FeedHealth]:
    """Poll the feed list of a site into its archive.

    Raises:
        UserError: the list is empty or cannot be read.
    """
    subscriptions = opml.read(settings.opml)
    if not subscriptions:
        raise UserError(
            f"{settings.opml} lists no feeds: add some with 'weeklyai feeds add ADDRESS'"
        )
    with Archive(settings.archive) as archive:
        return poll(archive, subscriptions, settings.feeds, now, on_feed)


def poll(
    archive: Archive,
    subscriptions: Sequence[Subscription],
    settings: config.Feeds,
    now: datetime,
    on_feed: OnFeed = lambda _, __, ___: None,
) -> list[FeedHealth]:
    """Return how each feed fared, in the order of `subscriptions`; `on_feed` hears of each as it is done.

    Items are stored in the order of the list, whatever order the answers came in, so that of two feeds with one item
    the first in the list always keeps it.
    """
    requests = [archive.request(feed) for feed in subscriptions]
    waiting: dict[int, Response] = {}
    health: list[FeedHealth] = []

    def done(number: int, response: Response) -> None:
        waiting[number] = response
        while len(health) in waiting:
            found = _store(archive, waiting.pop(len(health)), settings.max_items, now)
            health.append(found)
            on_feed(len(health), len(requests), found)

    fetch_all(requests, settings, done)
    return health


def _store(archive: Archive, response: Response, most: int, now: datetime) -> FeedHealth:
    """Parse and archive one answer; return how the feed fared."""
    reason, title, found, new = response.reason, "", 0, 0
    if not reason and response.status == 200:
        feed = parse.parse(response.body, response.url, now, most, response.content_type)
        reason, title, found = feed.reason, feed.title, len(feed.items)
        new = archive.add(feed.items, now)
    archive.record(response, title, reason, now)
    good = reason in ("", "partial")
    return FeedHealth(
        url=redacted(response.url),
        title=title,
        status=("unchanged" if response.status == 304 else "ok") if good else "failed",
        reason=reason,
        found=found,
        new=new,
        seconds=response.seconds,
        moved=response.moved,
    )
