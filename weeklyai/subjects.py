"""What the archive holds on a topic: the items that speak of it, passages by the part they can play, and who told it before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.drafting import cues, nearest, novelty, passages, themes
from weeklyai.drafting.passages import Passage
from weeklyai.drafting.themes import Theme
from weeklyai.drafting.topics import Topic
from weeklyai.errors import UserError
from weeklyai.feeds import lookup
from weeklyai.feeds.archive import Archive
from weeklyai.publish import parse
from weeklyai.records import FeedItem

LOOK_BACK = 26  # issues whose topics do not come back unasked
MOST_HITS = 4_000  # items found
MOST_ITEMS, MOST_SHORT = 2_400, 600  # items read, and read more for the short name


@dataclass(frozen=True, slots=True)
class Candidate:
    """A topic and what the archive holds on it.

    Attributes:
        topic: with its short name where texts give one.
        theme: of the week, or None where the topic was asked for.
        items: read.
        counts: passages by part, and items that are news about it.
        told: the issue that had it, or None.
        passages, news: what can be said.
    """

    topic: Topic
    theme: Theme | None
    items: int
    counts: dict[str, int]
    told: Week | None
    passages: tuple[Passage, ...] = ()
    news: tuple[Passage, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what is told of it, as JSON values."""
        theme = self.theme
        return {
            "topic": self.topic.name, "short": self.topic.short, "items of the week": theme.items if theme else 0,
            "sources of the week": theme.sources if theme else 0, "score": theme.score if theme else 0.0,
            "items": self.items, **self.counts, "told": str(self.told or ""),
        }  # fmt: skip


def look_up(
    archive: Archive, settings: Settings, week: Week, name: str, theme: Theme | None = None
) -> Candidate:
    """Return what the archive holds on a topic up to the issue's moment.

    Raises:
        UserError: the name has no letter and no digit.
    """
    now = settings.site.publish_time.window(week)[1]
    topic = Topic(" ".join(name.split()))
    if not topic.words:
        raise UserError(f"topic {name!r}: name it with letters")
    items, topic = items_about(archive, settings, topic, now)
    near = {item.id for item, is_near in items if is_near}
    whole = [item for item, _ in items]
    found, news = passages.gather(topic, whole, now, near), novelty.gather(topic, whole, now)
    counts = {role: sum(one.role == role for one in found) for role in cues.ROLES} | {
        "new": len(news)
    }
    told = next(
        (issue for issue, other in told_topics(settings, week) if topic.same_as(other)), None
    )
    return Candidate(topic, theme, len(items), counts, told, tuple(found), tuple(news))


def items_about(
    archive: Archive, settings: Settings, topic: Topic, now: datetime
) -> tuple[list[tuple[FeedItem, bool]], Topic]:
    """Return the items about a topic, each with whether it lies near the others, and the topic with its short name.

    The full name is looked for first; the items that hold it tell the short name and where the topic lies. Items that only
    have the short name ("rag") are taken where they lie near, since initials have many meanings.
    """
    ids = lookup.holding(archive, topic.questions, now, MOST_HITS)
    sample = archive.by_id(ids[:MOST_ITEMS])
    topic = topic.with_short(f"{item.title}. {item.text[:3000]}" for item in sample)
    index = nearest.kept(
        settings.state / "vectors.npz", lookup.mark(archive), lambda: lookup.openings(archive)
    )
    near = index.around(ids)
    if near:
        ids = sorted(ids, key=lambda key: -near.get(key, 0.0))
    if topic.short and near:
        known = set(ids)
        more = lookup.holding(archive, [topic.short], now, MOST_HITS)
        ids = [*ids[:MOST_ITEMS], *(key for key in more if key in near and key not in known)]
    items = {item.id: item for item in archive.by_id(ids[: MOST_ITEMS + MOST_SHORT])}
    return [(items[key], key in near) for key in ids if key in items], topic


def suggested(archive: Archive, settings: Settings, week: Week, most: int) -> list[Candidate]:
    """Return the topics that the week's items suggest, strongest first, each with its evidence."""
    found = themes_of(archive, settings, week, most)
    return [look_up(archive, settings, week, theme.name, theme) for theme in found]


def themes_of(archive: Archive, settings: Settings, week: Week, most: int) -> list[Theme]:
    """Return the themes of the week's items, strongest first."""
    start, end = settings.site.publish_time.window(week)
    items = [item for item in archive.items(start, end) if not item.date_guessed]
    total = archive.counts().items
    return themes.strongest(items, lambda name: lookup.count(archive, [name]), total, most)


def told_topics(settings: Settings, week: Week) -> list[tuple[Week, str]]:
    """Return week and topic of the features in the last issues that were published before `week`, the newest first."""
    paths = sorted((settings.folder / "_posts").glob("*-week-*.md"), reverse=True)
    found = []
    for path in paths[: 2 * LOOK_BACK]:
        try:
            issue = parse.parse(path.read_text(encoding="utf-8"), str(path))
        except (UserError, OSError, UnicodeDecodeError):
            continue  # a post by hand that is none of ours
        if issue.week < week:
            found.append((issue.week, issue.topic if issue.feature else ""))
    return [one for one in sorted(found, reverse=True)[:LOOK_BACK] if one[1]]
