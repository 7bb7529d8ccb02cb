"""One round over all feeds: fetch, parse, archive, report. What one feed does never touches the others."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime

from weeklyai import config
from weeklyai.errors import UserError
from weeklyai.feeds import opml
from weeklyai.feeds.addresses import redacted
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.fetch import Response, fetch_all
from weeklyai.feeds.health import FeedHealth
from weeklyai.feeds.opml import Subscription
from weeklyai.feeds.parse import ParsedFeed
from weeklyai.feeds.workers import Parsers

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
    the first in the list always keeps it. Parsing goes on in workers while the network is read: done here, a slow
    feed would use up the deadlines of the others.
    """
    requests = [archive.feeds.request(feed) for feed in subscriptions]
    waiting: dict[int, tuple[Response, Future[ParsedFeed] | None]] = {}
    health: list[FeedHealth] = []

    def store(*, unfinished: bool) -> None:
        """Store what is next in the list and parsed; wait for what is not if `unfinished`."""
        while len(health) in waiting:
            response, parsing = waiting[len(health)]
            if parsing and not parsing.done() and not unfinished:
                return
            del waiting[len(health)]
            health.append(_store(archive, response, parsing.result() if parsing else None, now))
            on_feed(len(health), len(requests), health[-1])

    with Parsers() as parsers:

        def done(number: int, response: Response) -> None:
            waiting[number] = (
                replace(response, body=b""),
                _parsing(parsers, response, settings, now),
            )
            store(unfinished=False)

        fetch_all(requests, settings, done)
        store(unfinished=True)
    return health


def _parsing(
    parsers: Parsers, response: Response, settings: config.Feeds, now: datetime
) -> Future[ParsedFeed] | None:
    """Begin to parse an answer; None where it brought nothing to parse."""
    if response.reason or response.status != 200:
        return None
    return parsers.submit(
        response.body, response.url, now, settings.max_items, response.content_type
    )


def _store(
    archive: Archive, response: Response, parsed: ParsedFeed | None, now: datetime
) -> FeedHealth:
    """Archive one answer (`parsed` where it had a body to parse); return how the feed fared."""
    feed = parsed or ParsedFeed("", (), response.reason)
    reason = feed.reason
    new = archive.add(feed.items, now)
    archive.feeds.record(response, feed.title, reason, now)
    good = reason in ("", "partial")
    return FeedHealth(
        url=redacted(response.url),
        title=feed.title,
        status=("unchanged" if response.status == 304 else "ok") if good else "failed",
        reason=reason,
        found=len(feed.items),
        new=new,
        seconds=response.seconds,
        moved=response.moved,
        retry_after=response.retry_after,
        newest=max((i.published for i in feed.items if not i.date_guessed), default=None),
    )
