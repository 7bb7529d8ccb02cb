"""The feature of an issue: the editor's own file, else an article that the archive can carry, else none and why.

The editor's file in features/ always wins. Otherwise the week's strongest theme that was no topic of the last half year, or
the one asked for, is looked up in the whole archive and composed into an article (`drafting/article.py`).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.drafting import article, cues, evidence, nearest, novelty, passages, themes
from weeklyai.drafting.article import Article
from weeklyai.drafting.passages import Passage
from weeklyai.drafting.themes import Theme
from weeklyai.drafting.topics import Topic
from weeklyai.errors import UserError
from weeklyai.feeds import lookup
from weeklyai.feeds.archive import Archive
from weeklyai.publish import parse
from weeklyai.records import Feature, FeedItem, Paragraph, Section, Span

LOOK_BACK = 26  # issues whose topics do not come back unasked
MOST_HITS, MOST_ITEMS, MOST_SHORT = (
    2_000,
    600,
    200,
)  # items found; read; read more for the short name
MOST_TRIED = 6  # themes of a week that are looked up before the issue goes without an article


@dataclass(frozen=True, slots=True)
class Featured:
    """The feature of an issue, or why there is none.

    Attributes:
        feature: the article, or None.
        record: its part of the evidence, empty without an article.
        notes: what a person should know.
    """

    feature: Feature | None = None
    record: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return the figures for the build's table."""
        origin, sentences = self.record.get("origin"), self.record.get("sentences", [])
        if origin == "file":
            return {"feature": f"{self.record['file']}, by the editor"}
        if not sentences:
            return {"feature": "none"}
        sources = len({one["item"] for one in sentences})
        return {
            "feature": f"{self.record['topic']}: {self.record['words']} words of {sources} sources, drafted"
        }


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


def own_file(settings: Settings, week: Week) -> Path | None:
    """Return the editor's feature of `week`: features/2024-W29.md or features/2024-W29-anything.md."""
    return next(iter(sorted((settings.folder / "features").glob(f"{week}*.md"))), None)


def read_own(path: Path) -> Feature:
    """Return the feature of a file."""
    return parse.parse_feature(path.read_text(encoding="utf-8"), str(path))


def feature_of(settings: Settings, week: Week, archive: Archive, topic: str = "") -> Featured:
    """Return the feature of an issue.

    Args:
        settings: the site.
        week: the issue.
        archive: where passages come from.
        topic: asked for by the editor, or "" for the week's strongest theme.
    """
    path = own_file(settings, week)
    if path:
        feature = read_own(path)
        said = (f"{path} is this week's feature; --topic was not looked at",) if topic else ()
        return Featured(
            feature, {"topic": feature.topic, "origin": "file", "file": path.name}, said
        )
    if not (topic or settings.feature.draft):
        return Featured()
    candidates = (
        [look_up(archive, settings, week, topic)]
        if topic
        else topics(archive, settings, week, MOST_TRIED)
    )
    notes: list[str] = []
    for one in candidates:
        if one.told and not topic:
            continue
        made = article.compose(one.topic, one.passages, one.news)
        if isinstance(made, Article):
            return Featured(_signed(made), _record(made, one), tuple(notes))
        notes.append(f"no article on {one.topic.name}: {made}; {_counted(one)}")
    return Featured(notes=(*notes, "the issue has no feature article"))


def look_up(
    archive: Archive, settings: Settings, week: Week, name: str, theme: Theme | None = None
) -> Candidate:
    """Return what the archive holds on a topic up to the issue's moment."""
    now = settings.site.publish_time.window(week)[1]
    topic = Topic(" ".join(name.split()))
    if not topic.words:
        raise UserError(f"topic {name!r}: name it with letters")
    items, topic = _items(archive, settings, topic, now)
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


def _items(
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


def topics(archive: Archive, settings: Settings, week: Week, most: int) -> list[Candidate]:
    """Return the topics that the week's items suggest, strongest first, each with its evidence."""
    start, end = settings.site.publish_time.window(week)
    items = [item for item in archive.items(start, end) if not item.date_guessed]
    found = themes.strongest(
        items, lambda name: lookup.count(archive, [name]), archive.counts().items, most
    )
    return [look_up(archive, settings, week, theme.name, theme) for theme in found]


def told_topics(settings: Settings, week: Week) -> list[tuple[Week, str]]:
    """Return week and topic of the last features that were published before `week`, the newest first."""
    found = []
    for path in (settings.folder / "_posts").glob("*-week-*.md"):
        try:
            issue = parse.parse(path.read_text(encoding="utf-8"), str(path))
        except (UserError, OSError, UnicodeDecodeError):
            continue  # a post by hand that is none of ours
        if issue.feature and issue.week < week:
            found.append((issue.week, issue.topic))
    return sorted(found, reverse=True)[:LOOK_BACK]


def _counted(one: Candidate) -> str:
    """Return what the archive holds on a topic, for people."""
    parts = ", ".join(f"{name} {n}" for name, n in one.counts.items())
    return f"the archive has {one.items} items on it, with sentences for: {parts}"


def _signed(made: Article) -> Feature:
    """Return the article with the line that says who wrote it."""
    sources = len({line.item.id for line in made.lines})
    said = (
        "This article was put together by a program: each sentence is taken from the source linked behind it, word for word or "
        f"shortened; {sources} sources were used."
    )
    *others, last = made.feature.sections
    blocks = (*last.blocks, Paragraph((Span(said, "emphasis"),)))
    return replace(made.feature, sections=(*others, Section(last.heading, blocks)))


def _record(made: Article, one: Candidate) -> dict[str, Any]:
    """Return the article's part of the evidence."""
    return {
        "topic": made.topic.name,
        "origin": "drafted",
        "theme": {"items": one.theme.items, "sources": one.theme.sources, "score": one.theme.score}
        if one.theme
        else None,
        "items": one.items,
        "passages": one.counts,
        "words": made.num_words,
        "sentences": [
            {
                "section": line.heading,
                "paragraph": line.paragraph,
                **evidence.sentence_of(line.sentence, line.item),
            }
            for line in made.lines
        ],
    }
