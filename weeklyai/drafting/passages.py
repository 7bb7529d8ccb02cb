"""What the archive says about a topic: sentences that can stand by themselves, each with the part it can play in an article.

A passage is a sentence of one item, or two that follow each other. It names the topic, hangs on nothing outside itself, and
is told by cue words to be a definition, to say how something works, what it is used for, where its limits are, or why
people care. What many sources say in like words counts for more than what one says.
"""

import math
import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from weeklyai import text
from weeklyai.drafting import checks, cues, extract, grounding, scope
from weeklyai.drafting.cues import Role
from weeklyai.drafting.topics import Topic
from weeklyai.records import FeedItem

MAX_READ = 400  # sentences of an item
MOST_WORDS = 50  # of a passage, and of all that is taken from one item
MIN_WORDS, LONG = 11, 38  # of a sentence; a longer one is passed over
ENOUGH = 50  # items without whose passages nobody can tell what is common
COMMON = 0.71  # of what is common to the passages: a sentence that shares less speaks of one source's own setting
ASIDE = 0.5  # what a word that hardly another item has speaks against a passage
RARE, START = 0.003, 3_000  # share of the items read; characters of each that are looked at
OLD_YEARS = 4  # an item older than that says what was so

# What carries a thread on from the sentence before.
_GOES_ON = re.compile(
    r"(?:This|These|It|They|Such|However|For example|For instance|As a result|In this way|Instead|Unlike|Its|Their|Each|Both|Here|The (?:former|latter))\b"
)
# What holds for what the sentence before said.
_FOLLOWS = re.compile(
    r"(?:As a result|As such|Together|Simultaneously|Special(?:ly|ifically)|Specifically|To that end|To this end|Subsequently|Effectively|In other words|In effect), "
)
# "However, current algorithms ...": those for what was spoken of before.
_STILL = re.compile(r"(?i:current|existing|recent|most|these|such)\b")
# What was missing when a paper was written says little later on.
_GAP = re.compile(
    r"\b(?:few|existing|prior|previous|most|current|traditional) (?:[\w-]+ ){0,2}(?:studies|work|works|methods|techniques|frameworks|benchmarks|approaches|research|efforts|literature)\b",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"\b(?:effective|powerful|prevalent|mainstream|popular|promising|common|widely|remarkable|significant)\b"
)
_LONGER = re.compile(r"[a-z][a-z-]{3,}")
# Texts that a model wrote are no evidence.
_MACHINE = re.compile(r"\b(?:LLM|AI|machine)[- ](?:written|generated)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Passage:
    """One or two sentences of one item that can stand in an article.

    Attributes:
        item: the source.
        places: of the sentences among those of the item, in order, in a row.
        texts: the sentences.
        role: the part it can play.
        score: how good it is in that part.
        stems: its content, the topic's own words left out.
        subject: the topic is what the first sentence begins with.
        common: how common its content is among all passages, 0 to about 2.
        rare: a word of it stands in hardly another item on the topic ("face-swapping").
    """

    item: FeedItem
    places: tuple[int, ...]
    texts: tuple[str, ...]
    role: Role
    score: float
    stems: frozenset[str]
    subject: bool
    common: float = 0.0
    rare: bool = False

    @property
    def text(self) -> str:
        """The sentences as one text."""
        return " ".join(self.texts)

    @property
    def num_words(self) -> int:
        """Words of the passage."""
        return len(self.text.split())


def gather(
    topic: Topic, items: Iterable[FeedItem], now: datetime, near: Container[str] = ()
) -> list[Passage]:
    """Return the passages of `items` about `topic`, best first; the same for the same items in any order.

    Args:
        topic: the topic.
        items: to read.
        now: the issue's moment.
        near: ids of items that lie near the topic, where its short name alone means it.
    """
    read = [item for item in items if not _MACHINE.search(item.source)]
    found = [passage for item in read for passage in _of(item, topic, now, is_near=item.id in near)]
    weight = _common(found)
    shared = [(one, _mean(one.stems, weight)) for one in found]
    least = COMMON if len({one.item.id for one in found}) >= ENOUGH else 0.0
    rare = _rare(read) - {word for name in (topic.name, topic.short) for word in _words(name)}
    scored = []
    for one, mean in shared:
        odd = bool(rare & _words(one.text))
        score = round(one.score + mean - ASIDE * odd, 4)
        scored += [replace(one, score=score, common=mean, rare=odd)] if mean >= least else []
    return sorted(scored, key=lambda one: (-one.score, one.item.id, one.places))


def _rare(items: Sequence[FeedItem]) -> frozenset[str]:
    """Return the words that hardly an item has, or none of few items."""
    counts = Counter(word for item in items for word in _words(f"{item.title} {item.text[:START]}"))
    most = RARE * len(items)
    return frozenset(word for word, n in counts.items() if n <= most)


def _words(said: str) -> set[str]:
    return set(_LONGER.findall(said.lower()))


def _common(passages: Sequence[Passage]) -> Counter[str]:
    """Return in how many items' passages each stem stands."""
    by_item: dict[str, set[str]] = {}
    for one in passages:
        by_item.setdefault(one.item.id, set()).update(one.stems)
    return Counter(stem for stems in by_item.values() for stem in stems)


def _mean(stems: frozenset[str], counts: Counter[str]) -> float:
    """Return how common the content of a passage is among the passages, 0 to about 2."""
    total = max(2, max(counts.values(), default=0))
    shares = [math.log(1 + counts[stem]) / math.log(1 + total) for stem in stems]
    return 2 * sum(shares) / max(5, len(shares))


def _of(item: FeedItem, topic: Topic, now: datetime, *, is_near: bool) -> list[Passage]:
    """Return the passages of one item."""
    said = text.sentences(item.text)[:MAX_READ]
    long, whole = Topic(topic.name).pattern, f"{item.title}. {item.text}"
    # Initials mean the topic only where the item says so in full, or lies near those that do.
    pattern = topic.pattern if _means(topic, long, whole, is_near=is_near) else long
    found = []
    for index, sentence in enumerate(said):
        mention = pattern.search(sentence)
        if not mention:
            continue
        if _FOLLOWS.match(sentence):
            continue
        if _STILL.match(checks.CONNECTIVE.sub("", sentence)) and checks.CONNECTIVE.match(sentence):
            continue
        ended = opened(extract.with_stop(sentence))
        mention = pattern.search(ended)
        if not mention or _unfit(ended, mention, index, said, topic, item, now):
            continue
        texts, places = [ended], [index]
        if index + 1 < len(said):
            behind = extract.with_stop(said[index + 1])
            if _follows(behind, index + 1, said, topic, ended) and _one_part(ended, behind, topic):
                texts.append(behind)
                places.append(index + 1)
        role, score = cues.part(ended, mention, subject=scope.is_subject(ended, mention))
        stems = frozenset(text.content_stems(" ".join(texts))) - topic.stems
        score += _form(ended, mention, topic, item, now)
        found.append(
            Passage(
                item,
                tuple(places),
                tuple(texts),
                role,
                score,
                stems,
                scope.is_subject(ended, mention),
            )
        )
    return found


def _means(topic: Topic, long: re.Pattern[str], whole: str, *, is_near: bool) -> bool:
    """Say whether an item means the topic by its short name; one that explains it by other words does not."""
    for match in re.finditer(rf"\(({re.escape(topic.short)})s?\)", whole) if topic.short else ():
        before = whole[max(0, match.start() - 80) : match.start()]
        return any(found.end() >= len(before) - 30 for found in long.finditer(before))
    return is_near or bool(long.search(whole))


def opened(sentence: str) -> str:
    """Return a sentence without the turn that ties it to the one before ("However, MoE ..."): it begins a thread here."""
    bare = checks.CONNECTIVE.sub("", sentence)
    return bare[:1].upper() + bare[1:]


def hangs(sentence: str, before: str, title: str, source: Sequence[str], *, adjacent: bool) -> bool:
    """Say whether a phrase of `sentence` lacks its antecedent; `source` is what its item says before it."""
    return bool(grounding.in_the_air(sentence, before, title, " ".join(source), adjacent=adjacent))


def _unfit(  # noqa: PLR0913, PLR0917 -- a sentence, its place, and what it is held against
    sentence: str,
    mention: re.Match[str],
    index: int,
    said: Sequence[str],
    topic: Topic,
    item: FeedItem,
    now: datetime,
) -> bool:
    """Say whether a sentence cannot stand in an article by itself."""
    old = item.date_guessed or (now - item.published).days > 365
    source = " ".join(said[:index])
    title = f"{topic.name} ({topic.short})" if topic.short else topic.name
    return (
        not MIN_WORDS <= len(sentence.split()) <= LONG
        or extract.why_not(sentence, "") is not None
        or cues.speaks_of_itself(sentence)
        or extract.leans_back(sentence)
        or scope.is_instance(sentence, topic)
        or scope.is_narrower(sentence, mention, topic)
        or bool(extract.introductions(sentence, source, ""))
        or scope.frame_lost(sentence, said[:index], item.title, topic)
        or (old and cues.is_dated(sentence))
        or bool(grounding.in_the_air(sentence, "", title, source, adjacent=False))
    )


def _one_part(sentence: str, behind: str, topic: Topic) -> bool:
    """Say whether the sentence behind stays in the part of the first: a fault after praise belongs elsewhere."""
    return not scope.is_instance(behind, topic) and (
        cues.faulty(sentence) or not cues.faulty(behind)
    )


def _follows(sentence: str, index: int, said: Sequence[str], topic: Topic, before: str) -> bool:
    """Say whether the next sentence of the source carries the thread on, within the words that one source may lend."""
    source = " ".join(said[: index - 1])
    return (
        len(sentence.split()) >= 7
        and len(f"{before} {sentence}".split()) <= MOST_WORDS
        and extract.why_not(sentence, "") is None
        and not re.match(
            r"(?:First|Second|Third|Finally|Lastly|Furthermore|Moreover|Additionally)\b", sentence
        )
        and not cues.speaks_of_itself(sentence)
        and not cues.is_dated(sentence)
        and not _GAP.search(sentence)
        and not any(map(scope.distinctive, text.WORD.findall(scope.EXAMPLES.sub("", sentence))))
        and bool(_GOES_ON.match(sentence) or topic.pattern.search(sentence))
        and not grounding.in_the_air(sentence, before, topic.name, source, adjacent=True)
        and grounding.hangs_together(sentence, before, topic.name)
    )


def _form(
    sentence: str, mention: re.Match[str], topic: Topic, item: FeedItem, now: datetime
) -> float:
    """Return points for a sentence that says something general about the topic in few words."""
    outside = topic.pattern.sub(" ", sentence)
    own = [
        word
        for word in text.WORD.findall(scope.EXAMPLES.sub("", outside))
        if scope.distinctive(word)
    ]
    strange = {name for name in checks.names(f"x {outside}") if not name.isupper() or len(name) > 4}
    size = len(sentence.split())
    years = 2.0 if item.date_guessed else (now - item.published).days / 365
    return (
        1.6 * scope.is_subject(sentence, mention)
        + 0.4 * bool(topic.pattern.search(item.title))
        - 0.35 * min(4, len(strange))
        - 0.6 * min(2, len(own))
        - 0.4 * min(3, len(checks.number_values(outside)))
        - 0.04 * abs(size - 20)
        - 0.4 * min(2, len(_PRAISE.findall(sentence)))
        - 1.0 * bool(_GAP.search(sentence))
        - 0.15 * min(OLD_YEARS, years)
    )
