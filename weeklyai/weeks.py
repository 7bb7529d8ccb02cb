"""Which week an issue is about, and which items are its news: those of its window that no earlier issue has told."""

import contextlib
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from weeklyai import duplicates, files, text
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.drafting import checks, select
from weeklyai.drafting.draft import draft_issue
from weeklyai.drafting.extract import Background
from weeklyai.drafting.writer import NoWriter
from weeklyai.errors import UserError
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.identity import identity
from weeklyai.records import Blurb, FeedItem

# A week has enough news for a full issue with this many stories, which do not come from a handful of publishers alone.
ENOUGH_STORIES, ENOUGH_PUBLISHERS = 8, 6
LOOK_BACK = 8  # earlier issues whose stories do not come back unchanged
NEW_SHARE = 0.4  # of an item's sentences, which makes it an update of a story that was told
_MOST_COPIES = 20  # further items of one told story that are looked at
_DRAFT = re.compile(r"week-(\d{1,2})-(\d{4})")
_SAYS_SO = re.compile(
    r"^\W*(?:updated?|correct(?:ion|ed)|clarification)(?: \d+)?\s*[:\])–—-]|[\[(](?:updated?|correct(?:ion|ed))[\])]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """What an earlier issue has told.

    Attributes:
        week: the issue.
        id: of an item of the story, or "" where a person added it.
        title: the headline.
        text: of the item, or what the evidence keeps of it.
    """

    week: Week
    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class News:
    """The items of an issue's window.

    Attributes:
        items: what may become a story.
        updates: by item id, the earlier issue whose story an item of `items` brings up to date.
        told: left out, with the issue that had it.
    """

    items: list[FeedItem]
    updates: dict[str, Week]
    told: list[tuple[FeedItem, Week]]

    def notes(self) -> list[str]:
        """Return a line for a person about each headline that was left out."""
        lines = [f"published in {week} already: {item.title}" for item, week in self.told]
        return list(dict.fromkeys(lines))

    def explained(self, blurb: Blurb) -> Blurb:
        """Return `blurb` with the reason that its story is an update, where it is one."""
        items = (blurb.story.lead, *blurb.story.others)
        weeks = {self.updates[item.id] for item in items if item.id in self.updates}
        reasons = tuple(f"update of a story in {week}" for week in sorted(weeks))
        return replace(blurb, story=replace(blurb.story, reasons=blurb.story.reasons + reasons))


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


def drafted_week(settings: Settings, name: str) -> Week:
    """Return the week named, or ("") that of the newest draft.

    Raises:
        UserError: there is no draft.
    """
    drafts = settings.folder / "_drafts"
    if name:
        week = Week.parse(name)
        if not (drafts / f"{week.slug}.md").exists():
            raise UserError(f"there is no draft of {week}: run 'weeklyai draft --week {week}'")
        return week
    found = [_DRAFT.fullmatch(path.stem) for path in drafts.glob("*.md")]
    weeks = sorted(Week(int(name[2]), int(name[1])) for name in found if name)
    if not weeks:
        raise UserError(f"there is no draft in {drafts}: run 'weeklyai draft'")
    return weeks[-1]


def _latest_withnews_of(settings: Settings, now: datetime) -> Week:
    """Return the newest week with enough news for a full issue, else the newest with the least that is allowed."""
    moment = settings.site.publish_time
    fallback: Week | None = None
    with Archive(settings.archive) as archive:
        oldest, newest = archive.span(now)
        week = moment.latest(min(now, newest + timedelta(days=7))) if newest else None
        while week and oldest and moment.window(week)[1] >= oldest:
            news = news_of(archive, settings, week).items
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


def news_of(archive: Archive, settings: Settings, week: Week) -> News:
    """Return the items of the issue's window; one with a guessed date may be of any week, so it is left out.

    Left out is also what one of the last issues before `week` has told, unless the item is an update of it.
    """
    start, end = settings.site.publish_time.window(week)
    dated = [item for item in archive.items(start, end) if not item.date_guessed]
    wishes = select.Wishes.of(settings.post)
    items = _without_floods(dated, settings.feeds.max_per_week, wishes)
    told = list(told_before(archive, settings, week)) if items else []
    return _sorted_out(items, told, settings) if told else News(items, {}, [])


def _without_floods(items: Sequence[FeedItem], most: int, wishes: select.Wishes) -> list[FeedItem]:
    """Return `most` items of each feed: one that dates its whole past into this week is not its news.

    A daily paper may carry more than that, so what is on topic comes first, then the newest.
    """
    by_feed = defaultdict(list)
    for item in items:
        by_feed[item.feed_url].append(item)
    kept = []
    for found in by_feed.values():
        if len(found) > most:
            found.sort(key=lambda item: (select.on_topic(item, wishes), item.published, item.id))
        kept += found[-most:]
    return sorted(kept, key=lambda item: (item.published, item.id))


def told_before(archive: Archive, settings: Settings, week: Week) -> Iterator[Told]:
    """Read the stories of the last issues that were published before `week`; its own and later ones do not matter.

    Raises:
        UserError: the evidence of an issue cannot be read.
    """
    for issue, path in _issues(settings.folder, week)[-LOOK_BACK:]:
        try:
            found = files.read_json(path)["items"] if path.exists() else []
            for story in found:
                own, links = story.get("item", ""), story.get("also_reported_by", [])[:_MOST_COPIES]
                said = " ".join(one["source_text"] for one in story["sentences"]) or story["take"]
                others = [identity(one["url"], "", "", None, "") for one in links]
                sources = archive.sources([own, *others])
                title = story["headline"].removesuffix(f" | {story.get('source', '')}")
                yield Told(issue, own, title, sources.pop(own, said))
                for key, full in sources.items():
                    yield Told(issue, key, title, full)
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise UserError(
                f"the evidence {path} cannot be read ({error!r}): mend it, or move it away"
            ) from None


def _issues(folder: Path, week: Week) -> list[tuple[Week, Path]]:
    """Return the weeks before `week` that have a post, oldest first, each with the place of its evidence."""
    found = {}
    for post in (folder / "_posts").glob("*-week-*.md"):
        name = re.search(r"-week-(\d{1,2})-(\d{4})$", post.stem)
        # A post by hand may be named after a week that its year does not have.
        with contextlib.suppress(ValueError):
            if name:
                issue = Week(int(name[2]), int(name[1]))
                found[issue] = folder / "evidence" / f"{post.stem}.json"
    return sorted((issue, path) for issue, path in found.items() if issue < week)


def _sorted_out(items: Sequence[FeedItem], told: Sequence[Told], settings: Settings) -> News:
    """Tell news from what was told; an item is of a told story by its id or as its near-duplicate."""
    news = News([], {}, [])
    pairs = [(one.title, one.text) for one in told] + [(one.title, one.text) for one in items]
    groups = duplicates.groups(pairs)
    by_group, by_id = defaultdict(list), defaultdict(list)
    for one, group in zip(told, groups, strict=False):
        by_group[group].append(one)
        by_id[one.id].append(one)
    for item, group in zip(items, itertools.islice(groups, len(told), None), strict=True):
        earlier = by_id.get(item.id) or by_group.get(group, [])
        latest = max((one.week for one in earlier), default=None)
        if latest is None:
            news.items.append(item)
        elif _is_update(item, earlier, settings.site.publish_time.window(latest)[1]):
            news.items.append(item)
            news.updates[item.id] = latest
        else:
            news.told.append((item, latest))
    return news


def _is_update(item: FeedItem, earlier: Sequence[Told], told_at: datetime) -> bool:
    """Say whether an item changes a told story: its headline says so, or much of its text is new, with new names or figures."""
    if _SAYS_SO.search(item.title) and not any(_SAYS_SO.search(one.title) for one in earlier):
        return True
    known = " ".join(one.text for one in earlier)
    fresh = duplicates.fresh(item.text, known)
    total = len(text.sentences(item.text)[: duplicates.MOST_SENTENCES])
    much = len(fresh) >= NEW_SHARE * max(1, total)
    return much and item.published > told_at and bool(checks.unsupported(" ".join(fresh), known))
