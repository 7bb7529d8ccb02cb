"""What is new about a topic: items of the last months whose headline names it, each with the sentence that says most."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from weeklyai import text
from weeklyai.drafting import checks, cues, extract, passages, person, scope
from weeklyai.drafting.passages import Passage
from weeklyai.drafting.topics import Topic
from weeklyai.records import FeedItem

SPAN = timedelta(days=120)
MOST, LEAST = 9, 3  # items
_NAMED = 5  # words within which a sentence told of the paper has to come to the name: "The paper proposes X"
# What it is has to be said: "The paper proposes X, a ...", or "X is a ...". How its parts work means little before.
_SAYS_WHAT = re.compile(
    r"^The paper (?!evaluat|demonstrat|show|report|characteri|compar|identif|find|reveal)\w+s\b|^\S+ (?:is|are) an?\b"
)
_PRAISE = re.compile(
    r"\b(?:powerful|long-standing|groundbreaking|revolution\w*|next-generation|seamless\w*|paves?|foundation for|unprecedented|superior|highly effective)\b",
    re.IGNORECASE,
)
_HEADED = 4  # words of the headline in one that tells of a paper without a name
LEAST_SCORE = 0.0  # of a sentence; those below say little but figures
_NEWS = re.compile(
    r"\b(?:introduc\w+|releas\w+|announc\w+|launch\w*|enabl\w+|framework|open[- ]source\w*|adds?|supports?|provides?|combin\w+|translat\w+|"
    r"reduc\w+|allow\w*|generat\w+|learns?|uses|replac\w+|cuts?)\b",
    re.IGNORECASE,
)
_SCORES = re.compile(
    r"\b(?:outperform\w*|achiev\w+|surpass\w*|scores?|accuracy|baselines?|state-of-the-art|leaderboards?|generali[sz]es)\b",
    re.IGNORECASE,
)


def gather(topic: Topic, items: Iterable[FeedItem], now: datetime) -> list[Passage]:
    """Return one passage for each recent item that carries one, best first."""
    recent = [
        item for item in items
        if not item.date_guessed and now - SPAN <= item.published <= now and topic.pattern.search(item.title)
    ]  # fmt: skip
    found = [passage for item in recent if (passage := _best(topic, item))]
    found = [one for one in found if one.score >= LEAST_SCORE]
    return sorted(found, key=lambda one: (-one.score, one.item.id))


def _best(topic: Topic, item: FeedItem) -> Passage | None:
    """Return the sentence of an item that says best what is new in it, read below its headline."""
    said = text.sentences(item.text)
    fitting = [
        one for one in extract.candidates(item)
        if not (one.dangling or one.needs or cues.speaks_of_itself(person.known(one.text, item)))
        and 10 <= len(one.text.split()) <= passages.LONG
        and not passages.hangs(person.known(one.text, item), "", item.title, said[: one.index], adjacent=False)
    ]  # fmt: skip
    head = set(text.content_stems(item.title))
    # A background sentence of a new text is not new: the sentence has to begin with what the headline names.
    names = {
        word
        for word in text.WORD.findall(topic.pattern.sub(" ", item.title))
        if scope.distinctive(word)
    }
    fitting = [
        one
        for one in fitting
        if (
            names & set(text.WORD.findall(one.text)[: _NAMED if one.source else 1])
            or (one.source and len(head & set(text.content_stems(one.text))) >= _HEADED)
        )
        and not re.match(
            r"\w+, |(?:\S+ ){1,4}(?:also|further|thus|therefore|then|hence)\b", one.text
        )
        and _SAYS_WHAT.match(one.text)
        and not _PRAISE.search(one.text)
        and len(head & set(text.content_stems(one.text))) >= 2
    ]
    if not fitting:
        return None

    def points(sentence: str) -> float:
        own = set(text.content_stems(sentence))
        return (
            len(own & head) / max(1, len(head)) + 0.5 * bool(own & topic.stems) - 0.6 * len(checks.number_values(sentence)) - 0.8 * bool(_SCORES.search(sentence))
            + 0.5 * min(2, len(_NEWS.findall(sentence))) - 0.03 * abs(len(sentence.split()) - 24)
        )  # fmt: skip

    best = max(fitting, key=lambda one: (points(one.text), -one.index))
    stems = frozenset(text.content_stems(best.text)) - topic.stems
    return Passage(
        item, (best.index,), (best.text,), "context", points(best.text), stems, subject=False
    )
