"""What a reviewer asks the archive: the source behind a take, other takes on it, the stories that were not chosen."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.drafting import select
from weeklyai.drafting.candidates import Maker
from weeklyai.drafting.extract import Background
from weeklyai.drafting.writer import Writer
from weeklyai.errors import UserError
from weeklyai.feeds import onepage
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.identity import identity
from weeklyai.pages import fingerprint
from weeklyai.records import Blurb, FeedItem, Story
from weeklyai.weeks import news_of

MOST_TAKES = 8
MOST_REJECTS = 200


@dataclass(frozen=True, slots=True)
class Left:
    """A story that was not chosen, and why."""

    story: Story
    reasons: tuple[str, ...]


class Newsroom:
    """Answers from the archive; what it has read it remembers, as items hardly change.

    Args:
        settings: the site.
        week: of the issue.
        load_writer: loads the site's model, which takes seconds; called at the first wish for another take.
    """

    def __init__(self, settings: Settings, week: Week, load_writer: Callable[[], Writer]) -> None:
        self.settings, self.week, self.load_writer = settings, week, load_writer
        self._items: dict[str, FeedItem | None] = {}
        self._maker: Maker | None = None
        self._takes: dict[tuple[str, ...], list[Blurb]] = {}
        self._week: tuple[str, list[Left]] = ("", [])

    def items(self, ids: Iterable[str]) -> dict[str, FeedItem]:
        """Return the items with these ids that the archive holds."""
        wanted = list(dict.fromkeys(ids))
        unknown = [key for key in wanted if key not in self._items]
        if unknown:
            with Archive(self.settings.archive) as archive:
                found = {item.id: item for item in archive.by_id(unknown)}
            self._items |= {key: found.get(key) for key in unknown}
        return {key: item for key in wanted if (item := self._items[key])}

    def item_of(self, entry: dict[str, Any]) -> FeedItem | None:
        """Return the item behind a record's entry: the one it names, else the one at its link."""
        key = entry.get("item") or _id_of(entry["url"])
        return self.items([key]).get(key)

    def drawn_from(self, entry: dict[str, Any]) -> list[FeedItem]:
        """Return the items that a record's take draws on, the one that it links to first."""
        item = self.item_of(entry)
        known = self.items(one["item"] for one in entry["sentences"] if one.get("item"))
        return list((({item.id: item} if item else {}) | known).values())

    def others_of(self, entry: dict[str, Any]) -> list[FeedItem]:
        """Return the further reports of a record's entry that the archive holds."""
        return list(self.items(_id_of(one["url"]) for one in entry.get("also_reported_by", []) if one["url"]).values())  # fmt: skip

    def takes(self, entry: dict[str, Any]) -> list[Blurb]:
        """Return takes on a record's entry that pass the gates, best first."""
        item = self.item_of(entry)
        if item is None:
            return []
        reasons = tuple(entry.get("reasons", ()))
        return self._on(Story(item, tuple(self.others_of(entry)), entry.get("score", 0.0), reasons))

    def _on(self, story: Story) -> list[Blurb]:
        key = tuple(item.id for item in (story.lead, *story.others))
        if key not in self._takes:
            self._takes[key] = self.maker().takes(story, MOST_TAKES)
        return self._takes[key]

    def takes_on(self, item: FeedItem) -> list[Blurb]:
        """Return takes on an item, with the other reports of its story where the week has any."""
        known = (left.story for left in self.left(()) if left.story.lead.id == item.id)
        story = next(known, Story(item, (), 0.0, ("added by the editor",)))
        return self._on(story)

    def maker(self) -> Maker:
        """Return the maker of takes; the first call reads the archive and loads the model."""
        if self._maker is None:
            end = self.settings.site.publish_time.window(self.week)[1]
            with Archive(self.settings.archive) as archive:
                background = Background.of(archive.all_items(end))
            self._maker = Maker(background, self.load_writer(), self.settings.post)
        return self._maker

    def left(self, used: Iterable[str]) -> list[Left]:
        """Return the week's stories without those that hold an item of `used` (ids): ranked ones, then unusable items."""
        taken = set(used)
        found = [left for left in self._ranked() if not taken & {item.id for item in (left.story.lead, *left.story.others)}]  # fmt: skip
        return found[:MOST_REJECTS]

    def _ranked(self) -> list[Left]:
        """Return the week's stories, ranked anew only after the archive changed."""
        path = self.settings.archive
        mark = fingerprint([path, path.with_name(f"{path.name}-wal")])
        if self._week[0] != mark:
            self._week = (mark, self._rank())
        return self._week[1]

    def _rank(self) -> list[Left]:
        with Archive(self.settings.archive) as archive:
            news = news_of(archive, self.settings, self.week)
        wishes = select.Wishes.of(self.settings.post)
        stories = select.rank(news.items, wishes)
        found = [Left(story, story.reasons) for story in stories]
        found += [
            Left(Story(item, (), 0.0, ()), (f"left out: {why}",))
            for item, why in select.rejected(news.items, wishes, stories)
            if item.url
        ]
        found += [Left(Story(item, (), 0.0, ()), (f"published in {week} already",)) for item, week in news.told]  # fmt: skip
        return found

    def by_id(self, key: str) -> FeedItem:
        """Return one item.

        Raises:
            UserError: the archive holds no such item, or it has no link.
        """
        item = self.items([key]).get(key)
        if item is None or item.url is None:
            raise UserError("the archive holds no such item with a link")
        return item

    def by_address(self, address: str, now: datetime) -> FeedItem:
        """Return the item at a web address: the archive's, else read from the page and kept in the archive.

        Raises:
            UserError: it is no address, or the page cannot be read.
        """
        key = _id_of(address)
        known = self.items([key]).get(key)
        if known and known.text:
            return known
        item = onepage.read(address, self.settings.feeds, now)
        with Archive(self.settings.archive) as archive:
            archive.add([item], now)
        self._items.pop(item.id, None)
        return self.items([item.id]).get(item.id, item)


def _id_of(url: str) -> str:
    """Return the id that an item with this link has."""
    return identity(url, "", "", None, "")
