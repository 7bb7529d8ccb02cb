"""A feature article from passages: TL;DR, introduction, sections and conclusion, every sentence somebody else's.

Since no sentence is written here, choice and order make the article: what the topic is, how it works, what it is used for,
what is new, what is open. A paragraph follows one thread, nothing is said twice, nothing denies another part, no source lends more
than fifty words, and each paragraph ends in links to its sources. A section that the archive cannot fill is left out;
with fewer than two of them, or too few words, there is no article.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from weeklyai import text
from weeklyai.drafting import checks, cues, initials, lists, novelty, person, scope, threads
from weeklyai.drafting.cues import ROLES, Role
from weeklyai.drafting.passages import MOST_WORDS, Passage
from weeklyai.drafting.shortening import judged
from weeklyai.drafting.topics import Topic
from weeklyai.records import (
    Block,
    Bullets,
    Feature,
    FeedItem,
    Inline,
    NumberedItem,
    Numbers,
    Paragraph,
    Section,
    Sentence,
    Span,
)

LEAST, MOST = 500, 1_200  # words of an article
LEAST_SECTIONS = 2
PARAGRAPH = 40, 95  # words: more are looked for below the first, none are added above the second
SHORTEST = 20  # words of a paragraph
MOST_PASSAGES = 4  # of a paragraph
MOST_SEEDS = 8  # passages that are tried as the first of a paragraph
THREAD, STRANGER = (
    3.0,
    0.06,
)  # weight of likeness within a paragraph; below the second it is another subject
DEFINED = 2  # definitions: the TL;DR's and the introduction's
OPENS = 1.5  # what speaks for a definition, or for why people care, in the introduction
# Gates that a sentence may fail whose long names gave way to the short ones in brackets behind them: "Sparse MoE" for
# "Sparse Mixture-of-Experts (MoE)" loses names, brings two together, and shifts words.
LONG_NAME_GONE = {"names_lost", "new_pairs", "novel3"}
FRAME = 1.2  # less for each sentence so far that goes on with the same word after the topic

FIRST, LAST = "Introduction", "Conclusion"
# An archive that holds much is asked for much; a thinner one has to do with more of what it has, and may say what is much alike.
# The least score of a passage, and of one that begins with the topic (below, it speaks of one system, or in passing), and
# whether introduction and conclusion may have rare words and passages be told apart by what is rare in them alone.
LEVELS = ((2.4, 1.4, False), (1.7, 0.7, False), (1.4, 0.7, True))
SECTIONS: tuple[tuple[str, Role, int], ...] = (
    ("How It Works", "mechanism", 3),
    ("Where It Is Used", "use", 2),
    ("Open Questions", "limit", 3),
)
NEW, LAST_SECTION = "What Is New", SECTIONS[-1][0]


@dataclass(frozen=True, slots=True)
class Line:
    """One published sentence of an article: where it stands and what it rests on."""

    heading: str
    paragraph: int
    sentence: Sentence
    item: FeedItem


@dataclass(frozen=True, slots=True)
class Article:
    """A drafted feature and the evidence of each of its sentences."""

    topic: Topic
    feature: Feature
    lines: tuple[Line, ...]

    @property
    def num_words(self) -> int:
        """Words of all sentences."""
        return sum(len(line.sentence.text.split()) for line in self.lines)


@dataclass(slots=True)
class _Desk:
    """What has been said so far."""

    topic: Topic
    likeness: threads.Likeness
    lent: Counter[str] = field(default_factory=Counter)  # words by item id
    said: list[Passage] = field(default_factory=list)
    kept: list[Passage] = field(default_factory=list)  # for the conclusion
    known: set[str] = field(default_factory=set)  # short names that were explained
    frames: Counter[str] = field(default_factory=Counter)  # how sentences about the topic go on
    lines: list[Line] = field(default_factory=list)

    def fits(self, one: Passage) -> bool:
        """Say whether a passage can still be said."""
        short = self.topic.short
        said = re.search(rf"\b{re.escape(short)}s?\b", one.text) if short else None
        if said and short not in self.known and f"({short}" not in one.texts[0]:
            return False
        return self.lent[one.item.id] + one.num_words <= MOST_WORDS and not any(
            self.likeness.same(one.stems, other.stems) or threads.at_odds(one, other)
            for other in (*self.said, *(kept for kept in self.kept if kept is not one))
        )

    def frame(self, one: Passage) -> str:
        """Return the word after the topic where a passage begins with it ("has", "enhances"), else ""."""
        mention = self.topic.pattern.search(one.texts[0]) if one.subject else None
        behind = re.sub(r"^\s?\([^()]*\)", "", one.texts[0][mention.end() :]) if mention else ""
        words = behind.split()
        return " ".join(
            words[
                : 2 if words[:1] and words[0].endswith("s") and words[0] not in ("has", "is") else 1
            ]
        )

    def say(self, one: Passage, heading: str, paragraph: int, laid_out: str = "") -> str:
        """Take a passage in and return it as it is published, or `laid_out` where it becomes a list."""
        self.said.append(one)
        self.lent[one.item.id] += one.num_words
        self.frames[self.frame(one)] += 1
        published = []
        for place, base in zip(one.places, one.texts, strict=True):
            shown = laid_out or initials.abbreviated(base, self.known)
            found = sentence_of(one, place, shown) or sentence_of(one, place, base)
            if (
                found is None
            ):  # `passages` takes nothing but copies and openings left out, so this does not come up
                continue
            self.known |= set(initials.explained(base))
            self.known |= {self.topic.short} if f"({self.topic.short}" in base else set()
            self.lines.append(Line(heading, paragraph, found, one.item))
            published.append(found.text)
        return " ".join(published)


def sentence_of(one: Passage, place: int, shown: str) -> Sentence | None:
    """Return a sentence of a passage as published with its gates, or None where one is not passed.

    The long form of a short name that the reader knows may go with the names in it; all else is held as in a blurb.
    """
    item = one.item
    source = text.sentences(item.text)[place]
    why = f"as {one.role}, {one.score:+.1f}"
    if shown == person.told(source, item) != source:
        note = f"a paper's “we”, told of the paper; {why}"
        return Sentence(shown, "rewritten", item.id, place, source, (("verbatim", 1.0),), note)
    if checks.verbatim(shown, item.text):
        return Sentence(
            shown, "copied", item.id, place, shown, (("verbatim", 1.0),), f"word for word; {why}"
        )
    verdict = judged(shown, source, place, item)
    if set(verdict.failed) - LONG_NAME_GONE:
        return None
    return Sentence(
        shown,
        "rewritten",
        item.id,
        place,
        source,
        verdict.gates,
        f"an opening, a long name or a list's marks left out; {why}",
    )


def compose(topic: Topic, gathered: Sequence[Passage], news: Sequence[Passage]) -> Article | str:
    """Return the article, or what is missing for one, for people.

    Of an archive that holds much on the topic only the best passages are used; a thinner one has to do with more of them.
    """
    made: Article | str = ""
    for least, least_subject, thin in LEVELS:
        fit = [one for one in gathered if one.score >= (least_subject if one.subject else least)]
        made = _composed(topic, fit, news, thin=thin)
        if isinstance(made, Article):
            break
    return made


def _composed(
    topic: Topic, gathered: Sequence[Passage], news: Sequence[Passage], *, thin: bool
) -> Article | str:
    """Return the article, or what is missing for one, for people."""
    desk = _Desk(topic, threads.Likeness(gathered, strict=not thin))
    # What begins or ends an article is about the whole topic.
    whole = [
        one
        for one in gathered
        if scope.general(one.texts[0], topic)
        and (thin or not (one.rare or scope.of_its_title(one.texts[0], one.item.title, topic)))
    ]
    tldr = _tldr(desk, whole)
    by_role = {role: [one for one in gathered if one.role == role] for role in ROLES}
    kept = _outlook(desk, whole, thin=thin)
    rest = {
        role: [one for one in found if all(one.texts[0] != o.texts[0] for o in kept)]
        for role, found in by_role.items()
    }
    introduction = _paragraphs(desk, FIRST, _opening(whole, kept), 3)
    middle: list[Section] = []
    for heading, role, most in SECTIONS:
        if heading == LAST_SECTION:
            middle += _news(desk, news)
        blocks = _paragraphs(desk, heading, rest[role], most)
        if blocks:
            middle.append(
                Section(heading, (*blocks, *_list(desk, heading, len(blocks), gathered, role)))
            )
    conclusion = _paragraph(desk, LAST, 0, kept)
    sections = (Section(FIRST, introduction), *middle, Section(LAST, conclusion))
    article = Article(topic, Feature(topic.name, tldr, sections), tuple(desk.lines))
    missing = [
        name
        for name, part in (("TL;DR", tldr), (FIRST, introduction), (LAST, conclusion))
        if not part
    ]
    missing += [] if len(middle) >= LEAST_SECTIONS else ["sections"]
    if not missing and article.num_words >= LEAST:
        return article
    words = Counter(dict.fromkeys(("TL;DR", FIRST, *(one[0] for one in SECTIONS), NEW, LAST), 0))
    for line in desk.lines:
        words[line.heading] += len(line.sentence.text.split())
    counted = ", ".join(f"{heading} {n}" for heading, n in words.items())
    return f"its sentences make {article.num_words} words, {LEAST} are needed (words by section: {counted})"


def _opening(whole: Sequence[Passage], kept: Sequence[Passage]) -> list[Passage]:
    """Return what the introduction may say: what the topic is, why people care, and what it is used for at large."""
    left = [one for one in whole if all(one.texts[0] != other.texts[0] for other in kept)]
    # What it is, is said once: further definitions only word it otherwise.
    defined = [one for one in left if one.role == "definition"][:DEFINED]
    cared = [one for one in left if one.role == "context" and cues.tells_regard(one.texts[0])]
    used = [
        one for one in left if one.role == "use" and one.subject and not cues.fields(one.texts[0])
    ]
    return [*(replace(one, score=one.score + OPENS) for one in (*defined, *cared)), *used]


def _outlook(desk: _Desk, whole: Sequence[Passage], *, thin: bool) -> list[Passage]:
    """Return what the conclusion will say, put aside before the sections use it up: where things stand, what holds them back."""
    for roles in (("context", "use"), ("limit",)):
        found = [_first(one) for role in roles for one in whole if one.role == role and one.subject]
        fitting = [one for one in found if desk.fits(one)]
        # The best one opens its own section. A limit that nobody else tells of is no conclusion.
        if roles == ("limit",) and not thin:
            fitting = sorted(fitting[:MOST_SEEDS], key=lambda one: -one.common)[:2]
        desk.kept += fitting[1:2] or fitting[:1]
    return desk.kept


def _tldr(desk: _Desk, gathered: Sequence[Passage]) -> Inline:
    """Return what it is, how it works or what for, and what is open: a sentence each."""
    sources: list[FeedItem] = []
    said = []
    for roles in (("definition", "context"), ("mechanism", "use"), ("limit",)):
        found = [one for role in roles for one in gathered if one.role == role and one.subject]
        best = next((one for one in map(_first, found) if desk.fits(one)), None)
        if best is None:
            continue
        said.append(desk.say(best, "TL;DR", 0))
        sources.append(best.item)
    if len(said) < 2:
        return ()
    return (Span(" ".join(said)), *_links(sources))


def _first(one: Passage) -> Passage:
    """Return the passage without its second sentence."""
    return replace(one, places=one.places[:1], texts=one.texts[:1])


def _links(items: Sequence[FeedItem]) -> Inline:
    urls = dict.fromkeys(str(item.url) for item in items)
    return tuple(
        span for n, url in enumerate(urls, 1) for span in (Span(" "), Span(str(n), "link", url))
    )


def _paragraphs(
    desk: _Desk, heading: str, found: Sequence[Passage], most: int
) -> tuple[Block, ...]:
    """Return up to `most` paragraphs of `found`, best first, each on one thread."""
    blocks: list[Block] = []
    while len(blocks) < most and (chosen := _thread(desk, found)):
        blocks += _paragraph(desk, heading, len(blocks), chosen)
    return tuple(blocks)


def _list(
    desk: _Desk, heading: str, n: int, gathered: Sequence[Passage], role: Role
) -> tuple[Block, ...]:
    """Return the best sentence that enumerates as a lead and a list, or nothing where no source enumerates."""
    for one in map(_first, gathered):
        found = lists.enumeration(one.texts[0])
        if found and one.role == role and desk.fits(one):
            shown = initials.abbreviated(found.lead, desk.known)
            if sentence_of(one, one.places[0], " ".join((shown, *found.entries))) is None:
                continue
            desk.say(one, heading, n, " ".join((shown, *found.entries)))
            items = tuple(NumberedItem((Span(entry),)) for entry in found.entries)
            return (Paragraph((Span(shown),), (str(one.item.url),)), Numbers(items))
    return ()


def _paragraph(desk: _Desk, heading: str, n: int, chosen: Sequence[Passage]) -> tuple[Block, ...]:
    """Return the paragraph of these passages with its links, or nothing where there are none."""
    if not chosen:
        return ()
    said = " ".join(desk.say(one, heading, n) for one in chosen)
    return (Paragraph((Span(said),), tuple(dict.fromkeys(str(one.item.url) for one in chosen))),)


def _thread(desk: _Desk, found: Sequence[Passage]) -> list[Passage]:
    """Return the passages of one paragraph: a good one and what goes with it; nothing where all would be too short."""
    seeds = [one for one in found if desk.fits(one)]
    ranked = sorted(seeds, key=_merit((), desk), reverse=True)[:MOST_SEEDS]
    grown = (_grown(desk, [seed], seeds) for seed in ranked)
    return next((one for one in grown if sum(part.num_words for part in one) >= SHORTEST), [])


def _grown(desk: _Desk, chosen: list[Passage], found: Sequence[Passage]) -> list[Passage]:
    """Return a paragraph's first passage and what goes with it, until it has its length."""
    held = list(desk.said)
    desk.said.append(chosen[0])
    while len(chosen) < MOST_PASSAGES and sum(one.num_words for one in chosen) < PARAGRAPH[0]:
        fitting = [
            one
            for one in found
            if one not in chosen and _joins(one, chosen, desk) and desk.fits(one)
        ]
        if not fitting:
            break
        chosen.append(max(fitting, key=_merit(chosen, desk)))
        desk.said.append(chosen[-1])
    desk.said = held
    return chosen


def _joins(one: Passage, chosen: Sequence[Passage], desk: _Desk) -> bool:
    """Say whether a passage may stand in the paragraph: another source, the length, the thread."""
    if not chosen:
        return True
    size = sum(other.num_words for other in (*chosen, one))
    alike = max(desk.likeness.of(one.stems, other.stems) for other in chosen)
    return (
        size <= PARAGRAPH[1]
        and alike >= STRANGER
        and all(one.item.id != other.item.id for other in chosen)
    )


def _merit(chosen: Sequence[Passage], desk: _Desk) -> Callable[[Passage], float]:
    def merit(one: Passage) -> float:
        value = one.score - FRAME * desk.frames[desk.frame(one)] * one.subject
        value -= FRAME * any(desk.frame(one) == desk.frame(other) for other in chosen) * one.subject
        if not chosen:
            return value
        alike = max(desk.likeness.of(one.stems, other.stems) for other in chosen)
        return value + THREAD * alike - 0.5 * (one.subject and chosen[-1].subject)

    return merit


def _news(desk: _Desk, news: Sequence[Passage]) -> list[Section]:
    """Return the section on what is new: a list, newest first, each entry below its linked headline."""
    chosen: list[Passage] = []
    for one in news:
        if (
            desk.fits(one)
            and len(chosen) < novelty.MOST
            and all(not desk.likeness.same(one.stems, o.stems) for o in chosen)
        ):
            chosen.append(one)
    if len(chosen) < novelty.LEAST:
        return []
    chosen.sort(key=lambda one: (one.item.published, one.item.id), reverse=True)
    entries = []
    for n, one in enumerate(chosen):
        said = desk.say(one, NEW, n)
        when = f"{one.item.published.day} {one.item.published:%B %Y}"
        entries.append(
            (
                Span(one.item.title, "link", str(one.item.url)),
                Span(f" ({one.item.source}, {when}): {said}"),
            )
        )
    return [Section(NEW, (Bullets(tuple(entries)),))]
