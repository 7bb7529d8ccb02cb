"""One round over all feeds: fetch, parse, archive, report. What one feed does never touches the others."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import Literal

from weeklyai import config
from weeklyai.errors import UserError
from weeklyai.feeds import fulltext, judge, opml, pages
from weeklyai.feeds.addresses import redacted
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.fetch import fetch_all
from weeklyai.feeds.health import PARTLY, FeedHealth
from weeklyai.feeds.messages import Response
from weeklyai.feeds.opml import Subscription
from weeklyai.feeds.parse import ParsedFeed
from weeklyai.feeds.states import GONE, FeedState, waits
from weeklyai.feeds.workers import Parsers
from weeklyai.records import FeedItem

OnFeed = Callable[[int, int, FeedHealth], None]


def poll_site(settings: config.Settings, now: datetime, on_feed: OnFeed) -> list[FeedHealth]:
    """Poll the feed list of a site into its archive.

    Raises:
        UserError: the list is empty or cannot be read, or full text is asked for and trafilatura is not installed.
    """
    subscriptions = opml.read(settings.opml)
    if not subscriptions:
        raise UserError(
            f"{settings.opml} lists no feeds: add some with 'weeklyai feeds add ADDRESS'"
        )
    full_text = frozenset(feed.url for feed in settings.feed if feed.full_text)
    if full_text and not fulltext.available():
        raise UserError("full_text needs trafilatura: pip install 'weeklyai[fulltext]'")
    with Archive(settings.archive) as archive:
        return poll(archive, subscriptions, settings.feeds, now, on_feed, full_text)


def poll(
    archive: Archive,
    subscriptions: Sequence[Subscription],
    settings: config.Feeds,
    now: datetime,
    on_feed: OnFeed = lambda _, __, ___: None,
    full_text: frozenset[str] = frozenset(),
) -> list[FeedHealth]:
    """Return how each feed fared, in the order of `subscriptions`.

    Args:
        archive: where items and feed states go.
        subscriptions: the feeds; one that is gone, or whose pause lasts, is not asked.
        settings: the limits.
        now: the clock.
        on_feed: hears of each feed as it is done: how many are, of how many, and how it fared.
        full_text: addresses of the feeds whose short items are read from their pages.
    """
    with Parsers() as parsers:
        this = _Round(archive, subscriptions, settings, now, parsers)
        this.full_text = full_text
        health = this.run(on_feed)
        read = pages.fill(archive, this.to_fill, settings, now, parsers)
    by_feed: dict[str, Counter[str]] = defaultdict(Counter)
    for item in this.to_fill:
        if item.url in read:
            by_feed[redacted(item.feed_url)][read[item.url]] += 1
    return [replace(feed, pages=dict(by_feed[feed.url])) for feed in health]


class _Round:
    """One round.

    Items are stored in the order of the list, whatever order the answers came in, so that of two feeds with one item
    the first in the list always keeps it. Parsing goes on in workers while the network is read: done here, a slow
    feed would use up the deadlines of the others.
    """

    def __init__(
        self, archive: Archive, subscriptions: Sequence[Subscription], settings: config.Feeds,
        now: datetime, parsers: Parsers,
    ) -> None:  # fmt: skip
        self.archive, self.settings, self.now, self.parsers = archive, settings, now, parsers
        self.feeds = subscriptions
        self.states = [archive.feeds.get(feed.url) for feed in subscriptions]
        self.answered: dict[int, tuple[Response, Future[ParsedFeed] | None]] = {}
        self.health: list[FeedHealth] = []
        self.full_text: frozenset[str] = frozenset()
        self.to_fill: list[FeedItem] = []  # whose pages are wanted

    def run(self, on_feed: OnFeed) -> list[FeedHealth]:
        """Fetch, parse and store; return how each feed fared."""
        asked = [
            n
            for n, state in enumerate(self.states)
            if not state.gone and not waits(state, self.now)
        ]

        def done(place: int, response: Response) -> None:
            self.answered[asked[place]] = (replace(response, body=b""), self._parsing(response))
            self._store(on_feed, asked, unfinished=False)

        requests = [self.archive.feeds.request(self.feeds[n]) for n in asked]
        fetch_all(requests, self.settings, done)
        self._store(on_feed, asked, unfinished=True)
        return self.health

    def _parsing(self, response: Response) -> Future[ParsedFeed] | None:
        """Begin to parse an answer; None where it brought nothing to parse."""
        if not response.body and (response.reason or response.status != 200):
            return None
        return self.parsers.submit(
            response.body,
            response.url,
            self.now,
            self.settings.max_items,
            response.content_type,
            response.final_url,
        )

    def _store(self, on_feed: OnFeed, asked: Sequence[int], *, unfinished: bool) -> None:
        """Store what is next in the list and parsed; wait for what is not if `unfinished`."""
        silent = set(range(len(self.feeds))).difference(asked)
        while len(self.health) < len(self.feeds):
            n = len(self.health)
            if n in silent:
                health = judge.not_asked(self.states[n], self.now)
            elif n not in self.answered:
                return
            else:
                response, parsing = self.answered[n]
                if parsing and not parsing.done() and not unfinished:
                    return
                del self.answered[n]
                parsed = parsing.result() if parsing else ParsedFeed("", (), response.reason)
                health = self._keep(self.states[n], response, parsed)
            self.health.append(health)
            on_feed(n + 1, len(self.feeds), health)

    def _keep(self, state: FeedState, response: Response, parsed: ParsedFeed) -> FeedHealth:
        """Archive one answer; return how the feed fared."""
        # What broke off on the way is no fault of the feed's: its complete items count, its broken end is no news.
        reason = response.reason or parsed.reason
        items = list(parsed.items)
        if response.url in self.full_text:
            # What was read from a page must not give way to the feed's own line or two.
            items = pages.unfilled(self.archive, items)
            self.to_fill += items
        new = self.archive.add(items, self.now)
        good = not reason or (reason in PARTLY and bool(parsed.items))
        self.archive.feeds.record(
            response, parsed.title or state.title, reason, self.now, good=good
        )
        health = FeedHealth(
            url=redacted(response.url),
            title=parsed.title or state.title,
            status=_status(response, good=good),
            reason=reason,
            found=len(parsed.items),
            new=new,
            seconds=response.seconds,
            moved=response.moved,
            retry_after=response.retry_after,
            failing_since=None if good else state.failing_since or self.now,
            notes=parsed.notes,
        )
        return judge.judged(
            health, self.archive.feeds.recent(response.url, self.now), self.settings
        )


def _status(response: Response, *, good: bool) -> Literal["ok", "unchanged", "gone", "failed"]:
    if not good:
        return "gone" if response.status == GONE else "failed"
    return "unchanged" if response.status == 304 else "ok"
