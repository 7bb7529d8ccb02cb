"""Choosing sentences of one item: the floor under every blurb, and the place where the GPT's score counts.

The lead sentence plus the one that best predicts the headline beat every heavier method tried on real human blurbs. A
sentence's headline score is the pointwise mutual information of the title's words with it, under unigram counts smoothed
by a background of all archived items, plus a bonus for an early place; the GPT's log p(title | sentence) is added to it.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from weeklyai import text
from weeklyai.drafting import checks
from weeklyai.drafting.writer import Writer
from weeklyai.records import FeedItem

MIN_WORDS, MAX_WORDS = 7, 45  # of a sentence
MAX_READ = 40  # sentences of an item that are looked at
MIX = 0.3  # weight of the sentence's own words against the background
GPT_WEIGHT = 0.5  # of the GPT's z-score beside the headline score's
_LEAD_WITHIN = 4  # the lead is the first clean sentence of the first four, else the best one

_BOILERPLATE = re.compile(
    r"\b(?:appeared first on|read more|click here|sign up|subscribe|newsletter|follow us|share this|all rights reserved|"
    r"copyright|©|image credit|photo by|getty images|courtesy of|affiliate|sponsored|advertis(?:ement|er disclosure)|"
    r"cookie|terms of service|privacy policy|press contact|about the author|listen to|watch the (?:full )?video|"
    r"in this (?:post|article|episode|tutorial|guide|video)|this (?:post|article|story) (?:was|is|has)|stay tuned|"
    r"thank(?:s| you)|let us know|leave a comment|check out|see (?:below|above)|table of contents|editor's note|"
    r"discuss (?:this|on)|join us|register (?:now|today)|for more (?:information|details))\b|^\W*(?:update|correction|note|tl;dr|edit)\b:?",
    re.IGNORECASE,
)
_DEBRIS = re.compile(
    r"https?://|www\.|[{}<>|\\`=]|\w\(\)|::|->|#\w|@\w|\[\w*\]|_\w+_|\$ |^\W*[-*•·–—]\s|\.{3,}|…"
)
_DANGLING = re.compile(
    r"^[\"“]?(?:this|that|these|those|it|its|they|them|their|he|she|his|her|such|another|both|all|here|there|the (?:former|latter|"
    r"other|two|three|same|move|news|change|result|feature|paper|study|report|company|firm|tool|model|release|announcement|"
    r"plan|deal|team|author|authors|researchers|new (?:version|model|feature|tool))|but|and|or|so|yet|also|then|however|"
    r"moreover|furthermore|instead|meanwhile|nevertheless|still|thus|therefore|hence|similarly|likewise|otherwise|finally|"
    r"second|third|first|next|additionally|besides|in addition|as a result|for example|for instance|in contrast|by contrast|"
    r"on the other hand|at the same time|that said|in fact|indeed|according to (?:him|her|them))\b",
    re.IGNORECASE,
)
# Case matters: "US" is a country, "I-90" a road, "I/O" no person.
_FIRST_PERSON = re.compile(
    r"\b(?:I(?![-/.\w])|I['’](?:m|ve|d|ll)|[Ww]e|[Ww]e['’](?:re|ve|ll|d)|us|[Oo]urs?|[Mm]y|[Mm]ine|me|[Ll]et['’]s)\b(?!-)"
)
# Calls to the reader, and "How X did Y." in place of a sentence.
_SECOND_PERSON = re.compile(
    r"^(?:you|your|please|try|make sure|remember|note that|imagine|consider|learn|discover|explore|see|find|meet|get|use|"
    r"toggle|format|send|run|click|open|install|add|create|download|read|watch|choose|select|set|check|start|go|take|give|"
    r"keep|put|turn|enter|type|press|say|think|look|let|how|why|what|when|where|whether)\b(?! (?:is|are|was|were|has|have|will)\b)",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"\b(?:said|says|told|wrote|writes|added|adds|explained|explains|according to|called|calls|described|describes|"
    r"announced|argued|argues|warned|warns|noted|notes|stated)\b"
)
VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|does|do|did|will|would|can|could|may|might|must|should|"
    r"says?|said|gets?|got|makes?|made|takes?|took|gives?|gave|goes|went|runs?|ran|brings?|brought|shows?|sets?|cuts?|puts?|lets?|"
    r"wins?|won|beats?|costs?|began|begins?|becomes?|became|comes?|came|keeps?|kept|leads?|led|builds?|built|sells?|sold|"
    r"\w{2,}(?:ed|es|ises|izes|ates|ifies))\b"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be published; `dangling` ones only right behind their predecessor."""

    index: int
    text: str
    dangling: bool


class Background:
    """Unigram shares of content stems over many documents."""

    def __init__(self, counts: Counter[str]) -> None:
        self.counts, self.total = counts, counts.total()

    @classmethod
    def of(cls, items: Iterable[FeedItem], most: int = 5_000) -> "Background":
        """Count the newest `most` of `items`."""
        newest = sorted(items, key=lambda item: (item.published, item.id))[-most:]
        counts: Counter[str] = Counter()
        for item in newest:
            counts.update(text.content_stems(f"{item.title} {item.text[:5_000]}"))
        return cls(counts)

    def share(self, stem: str) -> float:
        """Return the add-one share of a stem."""
        return (self.counts[stem] + 1) / (self.total + len(self.counts) + 1)


def candidates(item: FeedItem) -> list[Candidate]:
    """Return the sentences of `item` that may stand in a blurb."""
    found = []
    for index, sentence in enumerate(text.sentences(item.text)[:MAX_READ]):
        ended = with_stop(sentence)
        if why_not(ended, item.title) is None:
            found.append(Candidate(index, ended, bool(_DANGLING.match(sentence))))
    return found


def with_stop(sentence: str) -> str:
    """Return `sentence` with the full stop that many one-line summaries lack; a heading without a verb stays bare."""
    bare = sentence[-1:].isalnum() and len(sentence.split()) >= MIN_WORDS and VERB.search(sentence)
    return f"{sentence}." if bare else sentence


def why_not(sentence: str, title: str) -> str | None:
    """Return why `sentence` may not stand in a blurb, or None."""
    num_words = len(sentence.split())
    outside = re.sub(r"[\"“][^\"“”]*[\"”]", '""', sentence)
    rules = (
        ("length", not MIN_WORDS <= num_words <= MAX_WORDS),
        ("form", not checks.complete(sentence)),
        ("boilerplate", bool(_BOILERPLATE.search(sentence))),
        ("debris", bool(_DEBRIS.search(sentence))),
        ("question or exclamation", sentence.rstrip("\"'”’)").endswith(("?", "!"))),
        ("first person", bool(_FIRST_PERSON.search(outside))),
        ("call to the reader", bool(_SECOND_PERSON.match(sentence))),
        ("quote without speaker", outside != sentence and not quote_has_speaker(sentence, outside)),
        ("echo of the headline", checks.echoes(sentence, title)),
        (
            "shouting",
            sum(word.isupper() and len(word) > 1 for word in sentence.split()) > num_words / 3,
        ),
    )
    return next((name for name, broken in rules if broken), None)


def quote_has_speaker(sentence: str, outside: str) -> bool:
    """Say whether the quotations of `sentence` are single words or have a named speaker in the same sentence."""
    longest = max(len(quote.split()) for quote in checks.quotes(sentence) or [""])
    return longest <= 3 or (bool(_SPEAKER.search(outside)) and bool(checks.names(f"x {outside}")))


def headline_scores(
    title: str, chosen_from: Sequence[Candidate], background: Background
) -> list[float]:
    """Return the headline score of each candidate: PMI of the title's content stems with it, and its place."""
    stems = set(text.content_stems(title))
    scores = []
    for candidate in chosen_from:
        own = Counter(text.content_stems(candidate.text))
        size = max(1, own.total())
        pmi = sum(
            math.log((1 - MIX) + MIX * own[stem] / size / background.share(stem))
            for stem in sorted(stems)
        )
        scores.append(pmi + 2 / (1 + candidate.index))
    return scores


def z_scores(values: Sequence[float]) -> list[float]:
    """Return `values` with mean 0 and standard deviation 1 (all zero when they are equal)."""
    mean = sum(values) / max(1, len(values))
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / max(1, len(values)))
    return [(value - mean) / spread if spread > 1e-9 else 0.0 for value in values]


def choose(
    item: FeedItem, background: Background, writer: Writer, words: tuple[int, int, int]
) -> list[Candidate] | None:
    """Return the sentences for a blurb on `item` in their order in it, or None where it cannot carry one.

    Args:
        item: the source.
        background: of the headline score.
        writer: adds log p(title | sentence); `NoWriter` adds nothing.
        words: of a blurb: the least, the number that further sentences are added up to, and the most.
    """
    found = candidates(item)
    firm = [candidate for candidate in found if not candidate.dangling]
    if not firm:
        return None
    unigram = z_scores(headline_scores(item.title, found, background))
    gpt = z_scores(writer.headline_gain(item.title, [candidate.text for candidate in found]))
    score = {
        candidate.index: a + GPT_WEIGHT * b
        for candidate, a, b in zip(found, unigram, gpt, strict=True)
    }
    early = [candidate for candidate in firm if candidate.index < _LEAD_WITHIN]
    chosen = [early[0] if early else max(firm, key=lambda one: (score[one.index], -one.index))]
    least, aim, most = words
    while len(chosen) < 2 or _num_words(chosen) < aim:
        fitting = [one for one in found if _fits(one, chosen, most)]
        if not fitting:
            break
        chosen.append(max(fitting, key=lambda one: (score[one.index], -one.index)))
    chosen.sort(key=lambda one: one.index)
    return chosen if least <= _num_words(chosen) <= most else None


def _num_words(chosen: Sequence[Candidate]) -> int:
    return sum(len(one.text.split()) for one in chosen)


def _fits(one: Candidate, chosen: Sequence[Candidate], most_words: int) -> bool:
    """Say whether `one` may join `chosen`: new, within the length, its antecedent chosen, and no near-duplicate."""
    if any(one.index == other.index for other in chosen) or _num_words([*chosen, one]) > most_words:
        return False
    if one.dangling and all(other.index != one.index - 1 for other in chosen):
        return False
    own = set(text.content_stems(one.text))
    return all(_overlap(own, set(text.content_stems(other.text))) < 0.6 for other in chosen)


def _overlap(a: set[str], b: set[str]) -> float:
    return len(a & b) / max(1, min(len(a), len(b)))
