"""The feature of an issue: the editor's own file, else an article that the archive can carry, else none and why.

The editor's file in features/ always wins. Otherwise the week's strongest theme that was no topic of the last half year, or
the one asked for, is looked up in the whole archive and composed into an article (`drafting/article.py`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from weeklyai import subjects
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.drafting import article, evidence, summary
from weeklyai.drafting.article import Article
from weeklyai.feeds import links
from weeklyai.feeds.archive import Archive
from weeklyai.publish import parse, plain
from weeklyai.records import (
    Bullets,
    Feature,
    Inline,
    Issue,
    Numbers,
    Paragraph,
    Section,
    Span,
    Subheading,
)
from weeklyai.subjects import Candidate

SIGN = "This article was put together by a program"
ROUNDS = 4  # in each, sources that had not been looked at come in for those that are gone
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
        words = self.record["words"]
        return {"feature": f"{self.record['topic']}: {words} words of {sources} sources, drafted"}


# --- the editor's own -------------------------------------------------------------------------------------------------


def own_file(settings: Settings, week: Week) -> Path | None:
    """Return the editor's feature of `week`: features/2024-W29.md or features/2024-W29-anything.md."""
    return next(iter(sorted((settings.folder / "features").glob(f"{week}*.md"))), None)


def own(settings: Settings, week: Week) -> Feature | None:
    """Return the editor's feature of `week` as it will be published, or None."""
    path = own_file(settings, week)
    return _from_file(path, ()).feature if path else None


def next_file(settings: Settings, week: Week) -> Path | None:
    """Return the next file of the calendar whose topic was not told yet, or None."""
    told = {topic for _, topic in subjects.told_topics(settings, week)}
    dated = (settings.folder / "features").glob("[0-9][0-9][0-9][0-9]-W[0-9][0-9]*.md")
    later = sorted(path for path in dated if path.name[:8] > str(week))
    return next((path for path in later if _read(path).topic not in told), None)


def _read(path: Path) -> Feature:
    return parse.parse_feature(path.read_text(encoding="utf-8"), str(path))


def _from_file(path: Path, notes: tuple[str, ...]) -> Featured:
    """Return the feature of a file, its TL;DR drafted from it where it has none."""
    feature = _read(path)
    record: dict[str, Any] = {"topic": feature.topic, "origin": "file", "file": path.name}
    if not feature.tldr:
        summed = summary.of(feature)
        feature = replace(feature, tldr=(Span(" ".join(summed)),))
        record["tldr"] = summed
        notes = (*notes, f"{path} has no TL;DR: one was put together from its own sentences")
    return Featured(feature, record, notes)


# --- drafted ----------------------------------------------------------------------------------------------------------


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
        said = (f"{path} is this week's feature; --topic was not looked at",) if topic else ()
        return _from_file(path, said)
    if not (topic or settings.feature.draft):
        return Featured()
    tried: list[str] = []
    for one in _candidates(settings, week, archive, topic):
        made = _composed(settings, one)
        if isinstance(made, Article):
            return Featured(_signed(made), _record(made, one))
        tried.append(
            f"no article on {one.topic.name}: {made}; {_counted(one)}" if topic else one.topic.name
        )
    notes = _missing(tried, topic)
    following = next_file(settings, week) if settings.feature.use_next else None
    if following:
        return _from_file(following, (*notes, f"{following} is taken before its week"))
    return Featured(notes=notes)


def _composed(settings: Settings, one: Candidate) -> Article | str:
    """Return the article on a topic, or what is missing; a source whose page is gone or turned lends it nothing."""
    gathered, news = one.passages, one.news
    looked: set[str] = set()
    for _ in range(ROUNDS):
        made = article.compose(one.topic, gathered, news)
        if isinstance(made, str) or not settings.feeds.check_links:
            return made
        linked = {str(line.item.url): line.item.feed_url for line in made.lines}
        bad = links.check({k: v for k, v in linked.items() if k not in looked}, settings.feeds)
        if not bad:
            return made
        looked |= set(linked)
        gathered = tuple(part for part in gathered if part.item.url not in bad)
        news = tuple(part for part in news if part.item.url not in bad)
    return "the pages of too many of its sources are gone"


def _missing(tried: list[str], topic: str) -> tuple[str, ...]:
    """Return why there is no article: all that is missing on the topic asked for, else the themes that were tried."""
    if topic:
        return (*tried, "the issue has no feature article")
    if not tried:
        return ("no feature article: the week has no theme that several items share",)
    lists = "'weeklyai topics' lists others, 'weeklyai draft --topic TOPIC' says what one lacks"
    names = ", ".join(tried)
    return (
        f"no feature article: the archive holds too little on the week's themes ({names}); {lists}",
    )


def _candidates(
    settings: Settings, week: Week, archive: Archive, topic: str
) -> Iterator[Candidate]:
    """Yield the topic asked for, else the week's themes that were not told, strongest first, each looked up when wanted."""
    if topic:
        yield subjects.look_up(archive, settings, week, topic)
        return
    for theme in subjects.themes_of(archive, settings, week, MOST_TRIED):
        one = subjects.look_up(archive, settings, week, theme.name, theme)
        if one.told is None:
            yield one


def _counted(one: Candidate) -> str:
    """Return what the archive holds on a topic, for people."""
    parts = ", ".join(f"{name} {n}" for name, n in one.counts.items())
    return f"the archive has {one.items} items on it, with sentences for: {parts}"


def _signed(made: Article) -> Feature:
    """Return the article with the line that says who wrote it."""
    sources = len({line.item.id for line in made.lines})
    said = f"{SIGN}: each sentence is taken from the source linked behind it, word for word or shortened; {sources} sources were used."
    *others, last = made.feature.sections
    blocks = (*last.blocks, Paragraph((Span(said, "emphasis"),)))
    return replace(made.feature, sections=(*others, Section(last.heading, blocks)))


def _record(made: Article, one: Candidate) -> dict[str, Any]:
    """Return the article's part of the evidence."""
    theme = one.theme
    return {
        "topic": made.topic.name,
        "origin": "drafted",
        "theme": {"items": theme.items, "sources": theme.sources, "score": theme.score} if theme else None,
        "items": one.items,
        "passages": one.counts,
        "words": made.num_words,
        "sentences": [
            {"section": line.heading, "paragraph": line.paragraph, **evidence.sentence_of(line.sentence, line.item)}
            for line in made.lines
        ],
    }  # fmt: skip


# --- what an editor made of it ----------------------------------------------------------------------------------------


def edits(record: dict[str, Any], issue: Issue) -> list[str]:
    """Note in a draft's record what an editor changed in the drafted article; return a line for what wants a look."""
    found = record.get("feature", {})
    if found.get("origin") != "drafted":
        return []
    known = [plain.tidy(one["text"]) for one in found["sentences"]]
    texts = list(_texts(issue.feature)) if issue.feature else []
    found["dropped"] = [one for one in known if not any(one in text for text in texts)]
    left = [_without(text, known) for text in texts]
    found["by_hand"] = [text for text in left if len(text.split()) > 3 and SIGN not in text]
    found["edited"] = bool(found["dropped"] or found["by_hand"])
    return [f"the feature says without evidence: {text}" for text in found["by_hand"]]


def _without(text: str, known: list[str]) -> str:
    """Return what is left of `text` without the sentences that are `known`."""
    for one in sorted(known, key=len, reverse=True):
        text = text.replace(one, " ")
    return " ".join(text.split())


def _texts(feature: Feature) -> Iterator[str]:
    """Yield the words of TL;DR, paragraphs and list entries, links left out; a numbered list goes with the paragraph before."""
    parts: list[tuple[Inline, ...]] = [(feature.tldr,)]
    for block in (block for section in feature.sections for block in section.blocks):
        match block:
            case Paragraph(words):
                parts.append((words,))
            case Bullets(items):
                parts.extend((item,) for item in items)
            case Numbers(numbered):
                parts[-1] = (*parts[-1], *(item.text for item in numbered))
            case Subheading():
                pass
    for inlines in parts:
        said = " ".join(
            "".join(span.text for span in words if span.style != "link") for words in inlines
        )
        # Behind the linked headline of an entry stand its source and date.
        yield re.sub(r"^\([^()]*\): ", "", " ".join(said.split()))
