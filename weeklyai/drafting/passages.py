"""What the archive says about a topic: sentences that can stand by themselves, each with the part it can play in an article.

A passage is a sentence of one item, or two that follow each other. It names the topic, hangs on nothing outside itself, and
is told by cue words to be a definition, to say how something works, what it is used for, where its limits are, or why
people care. What many sources say in like words counts for more than what one says.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from weeklyai import text
from weeklyai.drafting import checks, extract, grounding
from weeklyai.drafting.topics import Topic
from weeklyai.records import FeedItem

Role = Literal["definition", "context", "mechanism", "use", "limit"]
ROLES: tuple[Role, ...] = ("definition", "context", "mechanism", "use", "limit")
MAX_READ = 400  # sentences of an item
MOST_WORDS = 50  # of a passage, and of all that is taken from one item
MIN_WORDS, LONG = 9, 34  # of a sentence; a longer one is passed over
OLD_YEARS = 4  # an item older than that says what was so

# Words of a paper about itself, of a text about its own parts, and marks that copying brings along.
_OWN_WORK = re.compile(
    r"(?i:\b(?:(?:the|this|our|these) (?:paper|work|study|article|thesis|survey|review|report|experiments?|authors?|proposed|approach|framework|"
    r"results?|findings?|post|method|chapter|tutorial|section|talk|episode)|proposed|et al|introduced (?:here|in)|experiments (?:show|on|demonstrate)|"
    r"(?:results|experiments|evaluations?|experimental results) (?:on|show|demonstrate|indicate|reveal)|"
    r"code is|available at|open-sourced at|is presented|are presented|is proposed|are proposed|is introduced|are introduced|is investigated|"
    r"(?:section|chapter|figure|table|algorithm|appendix) [\dIVX]+)\b)|\[\d+\]|\(\d{4}\)|\$|\\|~|\^|\s[-–]{1,2}\s[A-Z]|\b[Ss]ee\b|\b[Yy]ou|\bI\b"
)
_RELATIVE_TIME = re.compile(
    r"\b(?:today|yesterday|tomorrow|currently|recently|lately|(?:this|last|next) (?:week|month|year|quarter|summer|spring|autumn|fall|winter)|"
    r"upcoming|soon|so far|to date|until now|nowadays|new(?:ly)?|latest|state[- ]of[- ]the[- ]art|recent|now)\b",
    re.IGNORECASE,
)
_CUES: dict[Role, re.Pattern[str]] = {
    "context": re.compile(
        r"\b(?:emerged|(?:has|have) (?:become|shown|achieved|gained|demonstrated|been|proven|made|led|seen)|widely|increasing(?:ly)?|growing|popular(?:ity)?|success(?:ful)?|promis\w+|"
        r"crucial|essential|important|dominant|standard|paradigm|cornerstone|key to|attention|interest|adoption|mainstream|rapid(?:ly)?)\b", re.IGNORECASE),
    "mechanism": re.compile(
        r"\b(?:(?:by|through|via) (?!contrast)\w+ing|works? (?:by|in|like)|consists? of|instead of|rather than|only (?:a|the)|learns?|trains?|trained|predict\w*|"
        r"retriev(?:es?|ing|ed)|rout(?:es?|ing|ed)|maps?|converts?|represent(?:s|ing|ed)?|selects?|combin(?:es?|ing)|replac(?:es?|ing)|stor(?:es?|ing)|compress\w*|"
        r"activat(?:es?|ed|ing)|assign\w*|divid\w+|split\w*|generat(?:es|ing)|input|output|layers?|steps?|stages?|first|then|components?|based on|relies on|leverag\w+|uses?|using)\b", re.IGNORECASE),
    "use": re.compile(
        r"\b(?:used (?:in|for|to|as|by)|applications?|applied (?:to|in)|deploy\w*|in practice|production|enabl\w+|helps?|allow(?:s|ing)?|support(?:s|ing)?|"
        r"adopted|adoption|industry|enterprise|real-world|tasks|such as|including|assist\w*|automat\w+|domains?|use cases?|customers?|users?|medical|healthcare|education|"
        r"software|robot\w*|devices?|search|translation|recognition)\b", re.IGNORECASE),
    "limit": re.compile(
        r"\b(?:however|but|yet|challeng\w+|limit(?:s|ed|ation|ations|ing)?|suffer\w*|struggl\w+|fail\w*|remains?|lacks?|lacking|difficult\w*|cost(?:s|ly)?|expensive|risks?|"
        r"vulnerab\w+|open (?:question|problem|issue)s?|unclear|bottlenecks?|degrad\w+|hallucinat\w+|unreliable|brittle|poor(?:ly)?|hard to|problem\w*|overhead|"
        r"not always|still|despite|although|while|unsafe|errors?|bias(?:es|ed)?|instab\w+|collapse|concerns?|threats?|attacks?|understudied|underexplored|little is known)\b", re.IGNORECASE),
}  # fmt: skip
_WEIGHTS: dict[Role, float] = {"definition": 1.0, "context": 0.8, "mechanism": 0.8, "use": 0.8, "limit": 1.3}  # fmt: skip
_KIND = r"(?:an?|the|any|one|when|where|what|how|the (?:process|practice|task|use|art|idea|technique|method|ability) of)"
_IS = rf"(?:(?:is|are|was) (?:(?:essentially|basically|simply|typically|usually|often|also) )?{_KIND}\b|refers? to|means?\b|describes?|denotes?|stands? for)"
_NO_KIND = re.compile(
    r"^(?:is|are|was) (?:an?|the) (?:\w+ )?(?:challeng\w+|problem|issue|bottleneck|key|critical|crucial|important|essential|promising|major|fundamental|popular|must|first|hot|growing)\b"
)


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
    """

    item: FeedItem
    places: tuple[int, ...]
    texts: tuple[str, ...]
    role: Role
    score: float
    stems: frozenset[str]
    subject: bool

    @property
    def text(self) -> str:
        """The sentences as one text."""
        return " ".join(self.texts)

    @property
    def num_words(self) -> int:
        """Words of the passage."""
        return len(self.text.split())


def gather(topic: Topic, items: Iterable[FeedItem], now: datetime) -> list[Passage]:
    """Return the passages of `items` about `topic`, best first; the same for the same items in any order."""
    found = [passage for item in items for passage in _of(item, topic, now)]
    weight = _common(found)
    scored = [replace(one, score=round(one.score + _mean(one.stems, weight), 4)) for one in found]
    return sorted(scored, key=lambda one: (-one.score, one.item.id, one.places))


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


def _of(item: FeedItem, topic: Topic, now: datetime) -> list[Passage]:
    """Return the passages of one item."""
    said = text.sentences(item.text)[:MAX_READ]
    long = Topic(topic.name).pattern
    # Initials mean the topic only where the item says so in full.
    pattern = topic.pattern if long.search(f"{item.title}. {item.text}") else long
    found = []
    for index, sentence in enumerate(said):
        mention = pattern.search(sentence)
        if not mention:
            continue
        ended = extract.with_stop(sentence)
        if _unfit(ended, index, said, topic, item, now):
            continue
        texts, places = [ended], [index]
        if index + 1 < len(said):
            behind = extract.with_stop(said[index + 1])
            if _follows(behind, index + 1, said, topic, ended):
                texts.append(behind)
                places.append(index + 1)
        role, score = _role(ended, mention)
        stems = frozenset(text.content_stems(" ".join(texts))) - topic.stems
        score += _form(ended, mention, topic, item, now)
        found.append(
            Passage(
                item, tuple(places), tuple(texts), role, score, stems, _is_subject(ended, mention)
            )
        )
    return found


def _is_subject(sentence: str, mention: re.Match[str]) -> bool:
    return len(sentence[: mention.start()].split()) <= 2


def speaks_of_itself(sentence: str) -> bool:
    """Say whether a sentence speaks of the paper it stands in, or points into it."""
    return bool(_OWN_WORK.search(sentence))


def hangs(sentence: str, before: str, title: str, source: Sequence[str], *, adjacent: bool) -> bool:
    """Say whether a phrase of `sentence` lacks its antecedent; `source` is what its item says before it."""
    return bool(grounding.in_the_air(sentence, before, title, " ".join(source), adjacent=adjacent))


def _unfit(
    sentence: str, index: int, said: Sequence[str], topic: Topic, item: FeedItem, now: datetime
) -> bool:
    """Say whether a sentence cannot stand in an article by itself."""
    old = item.date_guessed or (now - item.published).days > 365
    source = " ".join(said[:index])
    title = f"{topic.name} ({topic.short})" if topic.short else topic.name
    return (
        not MIN_WORDS <= len(sentence.split()) <= LONG
        or extract.why_not(sentence, "") is not None
        or bool(_OWN_WORK.search(sentence))
        or extract.leans_back(sentence)
        or bool(extract.introductions(sentence, source, ""))
        or (old and bool(_RELATIVE_TIME.search(sentence)))
        or bool(grounding.in_the_air(sentence, "", title, source, adjacent=False))
    )


def _follows(sentence: str, index: int, said: Sequence[str], topic: Topic, before: str) -> bool:
    """Say whether the next sentence of the source carries the thread on, within the words that one source may lend."""
    source = " ".join(said[: index - 1])
    return (
        len(sentence.split()) >= 7
        and len(f"{before} {sentence}".split()) <= MOST_WORDS
        and extract.why_not(sentence, "") is None
        and not _OWN_WORK.search(sentence)
        and not _RELATIVE_TIME.search(sentence)
        and not grounding.in_the_air(sentence, before, topic.name, source, adjacent=True)
        and grounding.hangs_together(sentence, before, topic.name)
    )


def _role(sentence: str, mention: re.Match[str]) -> tuple[Role, float]:
    """Return the part that a sentence can play, and how clearly."""
    behind = sentence[mention.end() :]
    head = re.match(rf"(?:\s?\([^()]*\))?,?\s?({_IS}.*)", behind)
    if head and _is_subject(sentence, mention) and not _NO_KIND.match(head[1]):
        return "definition", 3.0
    points = {
        role: _WEIGHTS[role] * min(3, len({one.lower() for one in cue.findall(sentence)}))
        for role, cue in _CUES.items()
    }
    best = max(points, key=lambda role: (points[role], role))
    return best, min(2.0, points[best])


def _form(
    sentence: str, mention: re.Match[str], topic: Topic, item: FeedItem, now: datetime
) -> float:
    """Return points for a sentence that says something general about the topic in few words."""
    outside = topic.pattern.sub(" ", sentence)
    strange = {name for name in checks.names(f"x {outside}") if not name.isupper() or len(name) > 4}
    size = len(sentence.split())
    years = 2.0 if item.date_guessed else (now - item.published).days / 365
    return (
        1.2 * _is_subject(sentence, mention)
        + 0.4 * bool(topic.pattern.search(item.title))
        - 0.35 * min(4, len(strange))
        - 0.4 * min(3, len(checks.number_values(outside)))
        - 0.04 * abs(size - 20)
        - 0.15 * min(OLD_YEARS, years)
    )
