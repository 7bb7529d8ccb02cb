"""Composing a blurb of one item: which of its sentences, best first, in the order of the source, none that hangs in the air.

A sentence alone may be fine and beside another one puzzling. So whole combinations are weighed: how well each sentence sums
the text up, whether they speak of the same things, and whether every phrase in them has its antecedent (`grounding`).
"""

import itertools
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from weeklyai import config, text
from weeklyai.drafting import checks, extract, grounding, person, selector, shortening
from weeklyai.drafting.background import Background
from weeklyai.drafting.extract import Candidate
from weeklyai.drafting.features import Array
from weeklyai.drafting.selector import Scorer
from weeklyai.drafting.writer import Writer
from weeklyai.records import FeedItem, Sentence

BEST, MOST = 9, 5  # sentences of an item that are combined, and of a blurb
FAR = 6  # sentences of the source between two of a blurb, at most
OVERLAP = 0.6  # share of its content that two sentences of a blurb may have in common
# In z-scores, added to the mean score of a combination.
OPENS, NEWS = (
    0.5,
    2.5,
)  # for the source's own opening, and for an opening that speaks of the headline
NEXT, SHARED, SHORT = 1.0, 0.2, 9.0  # nothing makes up for a blurb that is too short
# Times that other texts hold a name which readers do not know; stems that have to be counted to tell.
RARE, ENOUGH = 2, 50_000
LEAN, SPARE = 1.5, 3  # for sentences that can be said in fewer words, where so many may go


@dataclass(frozen=True, slots=True)
class Composer:
    """Lays out the blurbs that one item carries: what all of them need to know."""

    background: Background
    writer: Writer
    post: config.Post

    def combinations(self, item: FeedItem) -> list[tuple[Candidate, ...]]:
        """Return the combinations of sentences that read as one paragraph, best first."""
        found = extract.candidates(item, self.writer)
        # Looked at first: weighing the sentences by a model is what takes long.
        if not any(
            grounding.opens(person.known(one.text, item), one.index, item.title) for one in found
        ):
            return []
        places = [one.index for one in found]
        scorer = Scorer(item.title, item.text, self.background, writer=self.writer, among=places)
        scores = _Scores(found, scorer)
        best = _with_opening(found, scores.alone)
        sizes, strangers = range(1, MOST + 1), self._strangers(item)
        lean = {one.index for one in best if shortening.forms(one, item)}
        sets = [
            c
            for size in sizes
            for c in itertools.combinations(best, size)
            if self._holds(c, item, strangers)
        ]
        value = {c: self._value(c, scores, item) + LEAN * self._can_lose(c, lean) for c in sets}
        sets.sort(key=lambda c: (-value[c], [one.index for one in c]))
        return [tuple(replace(one, why=scorer.reasons(one.index)) for one in c) for c in sets]

    def _holds(
        self, chosen: Sequence[Candidate], item: FeedItem, strangers: Mapping[str, int]
    ) -> bool:
        """Say whether a combination has the right length, no near-repeat, and nothing that hangs in the air."""
        size, post = sum(len(one.text.split()) for one in chosen), self.post
        if not post.min_words <= size <= post.max_words:
            return False
        if len(chosen) > post.max_copied_sentences and size > post.max_copied_words:
            return False
        stems = [set(text.content_stems(one.text)) for one in chosen]
        if any(overlap(a, b) >= OVERLAP for a, b in itertools.combinations(stems, 2)):
            return False
        met = all(
            name in " ".join(other.text for other in chosen[:n])
            for n, one in enumerate(chosen)
            for name in one.needs
        )
        where = [(one.text, one.index) for one in chosen]
        return (
            met
            and sum(bool(one.source) for one in chosen) < 2  # "The paper ... The paper ..."
            and not hanging(where, item)
            and not any(
                name in one.text
                and first < one.index
                and all(name not in other.text for other in chosen[:n])
                for name, first in strangers.items()
                for n, one in enumerate(chosen)
            )
        )

    def _strangers(self, item: FeedItem) -> dict[str, int]:
        """Return the names that an item introduces below its headline and readers do not know, each with its first sentence."""
        if self.background.total < ENOUGH:
            return {}
        found: dict[str, int] = {}
        for n, sentence in enumerate(text.sentences(item.text)[: selector.MAX_READ]):
            for name in checks.names(f"x {sentence}"):
                found.setdefault(name, n)
        usual = self.background.elsewhere(item)
        return {
            name: n
            for name, n in found.items()
            if name not in item.title
            and any(usual[stem] <= RARE for stem in text.content_stems(name))
        }

    def _can_lose(self, chosen: Sequence[Candidate], lean: Set[int]) -> float:
        """Return the share of sentences that can be said in fewer words, where the blurb has words to lose."""
        size = sum(len(one.text.split()) for one in chosen)
        fit = size >= self.post.aim_words + SPARE
        return sum(one.index in lean for one in chosen) / len(chosen) if fit else 0.0

    def _value(self, chosen: Sequence[Candidate], scores: "_Scores", item: FeedItem) -> float:
        """Return how good a combination is: its sentences' mean score, and a bonus for each thread between them."""
        value = scores.of([one.index for one in chosen])
        for before, one in itertools.pairwise(chosen):
            shared = set(checks.names(f"x {one.text}")) & set(
                checks.names(f"x {item.title}. {before.text}")
            )
            value += (NEXT * (one.index == before.index + 1) + SHARED * bool(shared)) / (
                len(chosen) - 1
            )
        head = set(text.content_stems(item.title))
        news = len(head & set(text.content_stems(chosen[0].text))) / max(1, len(head))
        value += OPENS * (chosen[0].index < 2) + NEWS * news
        size = sum(len(one.text.split()) for one in chosen)
        return value - SHORT * (len(chosen) < 2 or size < self.post.aim_words)


class _Scores:
    """What speaks for the sentences of an item, alone and beside another one, in z-scores."""

    def __init__(self, found: Sequence[Candidate], scorer: Scorer) -> None:
        self.places, self.scorer = [one.index for one in found], scorer
        self.alone = self._scaled(scorer.alone)
        self._beside: dict[int, dict[int, float]] = {}

    def _scaled(self, scores: Array) -> dict[int, float]:
        return dict(
            zip(self.places, selector.standardised(scores[self.places]).tolist(), strict=True)
        )

    def of(self, chosen: Sequence[int]) -> float:
        """Return the mean score of these sentences: the strongest alone, the others beside it."""
        first = max(chosen, key=lambda n: (self.alone[n], -n))
        if first not in self._beside:
            self._beside[first] = self._scaled(self.scorer.beside([first]))
        others = (self._beside[first][n] for n in chosen if n != first)
        return (self.alone[first] + sum(others)) / len(chosen)


def _with_opening(found: Sequence[Candidate], score: dict[int, float]) -> list[Candidate]:
    """Return the best sentences, the one that opens the source among them, in the order of the source."""
    ranked = sorted(found, key=lambda one: (-score[one.index], one.index))[:BEST]
    chosen = {one.index: one for one in (*ranked, found[0])}
    return [chosen[index] for index in sorted(chosen)]


def overlap(a: set[str], b: set[str]) -> float:
    """Return the share of the smaller set that the other one holds."""
    return len(a & b) / max(1, min(len(a), len(b)))


def hanging(sentences: Sequence[tuple[str, int]], item: FeedItem) -> str:
    """Return the first phrase without its antecedent among sentences of one item, each with its place, or ""."""
    whole = text.sentences(item.text)
    if not grounding.opens(*sentences[0], item.title):
        return "an opening that does not tell the news"
    if any(b - a > FAR for (_, a), (_, b) in itertools.pairwise(sentences)):
        return "a sentence from far behind"
    for n, (whole_sentence, index) in enumerate(sentences):
        said = person.known(whole_sentence, item)
        before = " ".join(one for one, _ in sentences[:n])
        adjacent = n > 0 and sentences[n - 1][1] == index - 1
        leaning = extract.leans_back(said) and not (
            (index == 0 and said.startswith("The "))
            or (n == 0 and grounding.meant(said, item.title))
        )
        if leaning and not adjacent:
            return " ".join(said.split()[:3])
        source = " ".join(whole[:index])
        phrase = grounding.in_the_air(said, before, item.title, source, adjacent=adjacent)
        if phrase := phrase or grounding.bare(said.split()[0], f"{item.title}. {before}", source):
            return phrase
        tied = grounding.follows if adjacent else grounding.hangs_together
        if n and not tied(said, before, item.title):
            return "a sentence on something else"
    return ""


def hanging_in(sentences: Sequence[Sentence], item: FeedItem) -> str:
    """Return `hanging` of published sentences of one item."""
    return hanging([(one.text, one.source_index) for one in sentences], item)
