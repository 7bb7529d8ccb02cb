"""Other takes on one story, for an editor to choose from: other sentences of its source, or another report of it.

Every take has passed the same last look as a drafted one, so choosing never lowers the standard; where nothing more passes,
nothing more is offered.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from weeklyai import config
from weeklyai.drafting import checks, extract, selector
from weeklyai.drafting.draft import final_look
from weeklyai.drafting.extract import Background, Candidate
from weeklyai.drafting.selector import Scorer
from weeklyai.drafting.writer import Writer
from weeklyai.records import Blurb, FeedItem, Sentence, Story

BEST = 9  # sentences of an item that are combined
MOST = 40  # combinations of one item that get the last look


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes takes: what all of them need to know."""

    background: Background
    writer: Writer
    post: config.Post

    def takes(self, story: Story, most: int) -> list[Blurb]:
        """Return at most `most` takes on `story`, each report's best first, then each report's second, and so on."""
        reports = [self._of_item(story, item) for item in (story.lead, *story.others)]
        rounds = itertools.zip_longest(*reports)
        found: dict[str, Blurb] = {}
        for blurb in itertools.chain.from_iterable(rounds):
            if blurb is not None:
                found.setdefault(blurb.text, blurb)
            if len(found) == most:
                break
        return list(found.values())

    def _of_item(self, story: Story, item: FeedItem) -> Iterator[Blurb]:
        """Yield the takes that one item carries, best first."""
        rest = tuple(one for one in (story.lead, *story.others) if one is not item)
        led = Story(item, rest, story.score, story.reasons)
        usual = extract.choose(
            item, self.background, self.writer, self._limits(), copied=self._copied()
        )
        chosen = [tuple(usual)] if usual and item.url else []
        for combination in itertools.islice((*chosen, *self._combinations(item)), MOST):
            blurb = Blurb(led, tuple(_copied(one, item) for one in combination))
            if not final_look(blurb, self.post):
                yield blurb

    def _limits(self) -> tuple[int, int, int]:
        return self.post.min_words, self.post.aim_words, self.post.max_words

    def _copied(self) -> tuple[int, int]:
        return self.post.max_copied_sentences, self.post.max_copied_words

    def _combinations(self, item: FeedItem) -> list[tuple[Candidate, ...]]:
        """Return the combinations of one to three of the best sentences, by their mean score, none that leans on air."""
        found = extract.candidates(item) if item.url else []
        if not found:
            return []
        scorer = Scorer(item.title, item.text, self.background, selector.shipped())
        own = extract.z_scores(scorer.alone[[one.index for one in found]])
        gpt = extract.z_scores(self.writer.headline_gain(item.title, [one.text for one in found]))
        score = {
            one.index: a + extract.GPT_WEIGHT * b for one, a, b in zip(found, own, gpt, strict=True)
        }
        best = sorted(found, key=lambda one: (-score[one.index], one.index))[:BEST]
        best.sort(key=lambda one: one.index)
        sizes = [size for size in (2, 3, 1) if size <= self.post.max_copied_sentences]
        sets = [c for size in sizes for c in itertools.combinations(best, size) if _whole(c)]
        sets.sort(key=lambda c: (-sum(score[one.index] for one in c) / len(c), c[0].index))
        return sets


def _whole(combination: Sequence[Candidate]) -> bool:
    """Say whether every sentence has its antecedent before it."""
    for n, one in enumerate(combination):
        before = " ".join(other.text for other in combination[:n])
        if one.dangling and (n == 0 or combination[n - 1].index != one.index - 1):
            return False
        if any(name not in before for name in one.needs):
            return False
    return True


def _copied(one: Candidate, item: FeedItem) -> Sentence:
    gates = (("verbatim", float(checks.verbatim(one.text, item.text))),)
    return Sentence(one.text, "copied", item.id, one.index, one.text, gates, "word for word")
