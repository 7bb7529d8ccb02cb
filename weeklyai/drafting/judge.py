"""Every way to sum a text up that is worth comparing, on pairs of a text and a person's summary, beside each other.

Rules without weights (first sentences, random ones, the headline, words of the headline), the best that sentences could do
(an oracle that has read the summary), our choice of one and two sentences, and what would be published. Each row says how
like the person's summary its drafts are, and what is in them that the text does not hold. ROUGE sees likeness, not truth.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from weeklyai import config
from weeklyai.drafting import checks, draft
from weeklyai.drafting.background import Background
from weeklyai.drafting.rouge import f1, paired_bootstrap, rouge, rouge_l, stemmed
from weeklyai.drafting.selector import Scorer
from weeklyai.drafting.writer import NoWriter, Writer
from weeklyai.records import FeedItem, Sentence, Story

LEAD, LEAD_PMI, PLACE, FIRST = "lead-2", "lead + headline words", "headline words + place", "lead-1"
ONE, TWO, PUBLISHED = "ours, one sentence", "ours, two sentences", "ours, as published"
WITH_GPT = " + GPT"
FREE = "ours, written freely + GPT"  # what writer = "free" would publish
WHOLE = "ours, as published but not shortened"
HUMAN = "the summary itself"
MATCHED = ", lead of its length"
# Whose gain over whom is printed; the last peer is always the text's beginning, cut to the draft's own length.
PEERS = {ONE: (FIRST, PLACE), TWO: (LEAD, LEAD_PMI), PUBLISHED: (LEAD, LEAD_PMI, WHOLE)}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Score:
    """One draft's figures: ROUGE F1 in percent, words, unsupported names and numbers, new 3-grams (share)."""

    r1: float
    r2: float
    rl: float
    words: int
    unsupported: int
    novel3: float


@dataclass(frozen=True, slots=True)
class Judged:
    """One pair with its drafts by system; a story that was held back has no published draft.

    Attributes:
        item: text and summary.
        drafts: by system.
        scores: of each draft; also of the lead cut to the length of ours, by the system's name with MATCHED.
        shortened: sentences of the published blurb that are not as in their source, and all of them, by system.
        held: why nothing is published, by system.
    """

    item: FeedItem
    drafts: dict[str, str]
    scores: dict[str, Score]
    shortened: dict[str, tuple[int, int]] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judge:
    """Drafts and scores pairs.

    Attributes:
        background: how usual words are; counted on texts, never on summaries.
        post: the rules of a blurb.
        writer: the model, or None for rows without one only.
    """

    background: Background
    post: config.Post
    writer: Writer | None = None

    def __call__(self, item: FeedItem, other: str) -> Judged:
        """Return the drafts on `item` and their scores; `other` is an unrelated summary."""
        scorer = Scorer(item.title, item.body, self.background)
        liked = Scorer(item.title, item.body, self.background, writer=self.writer) if self.writer else None  # fmt: skip
        drafts = extracts(item, other, scorer, liked)
        shortened: dict[str, tuple[int, int]] = {}
        held: dict[str, str] = {}
        for name, writer in (("", NoWriter()), (WITH_GPT, self.writer)):
            if writer is None:
                continue
            story = Story(item, (), 0.0, ())
            blurb, why = draft.draft_story(story, self.background, writer, self.post, Counter())
            if blurb is None:
                held[PUBLISHED + name] = why
                continue
            drafts[PUBLISHED + name] = blurb.text
            drafts[WHOLE + name] = " ".join(one.source_text for one in blurb.sentences)
            shortened[PUBLISHED + name] = changed(blurb.sentences)
            if name == WITH_GPT:
                (found,) = draft.samples([blurb], writer, 1)
                freely = draft.freely(blurb, found, writer, self.post, Counter())
                drafts[FREE] = freely.text
                shortened[FREE] = changed(freely.sentences)
        return Judged(item, drafts, scored(item, drafts), shortened, held)


def extracts(
    item: FeedItem, other: str, scorer: Scorer, liked: Scorer | None = None
) -> dict[str, str]:
    """Return the drafts made of whole sentences, any sentence allowed.

    Args:
        item: text and summary.
        other: an unrelated summary.
        scorer: of the item's text, without a model.
        liked: the same with a model.
    """
    sentences = scorer.document.sentences
    chance = random.Random(item.title)  # noqa: S311 -- baselines
    order = headline_order(scorer)
    two = ours(scorer, 2)
    best = oracle(sentences, item.summary, 2)
    chosen = {
        FIRST: [0], PLACE: order[:1], ONE: two[:1], "best possible one": best[:1],
        LEAD: [0, 1], LEAD_PMI: [0, next((n for n in order if n), 0)], TWO: two, "best possible two": best, "lead-3": [0, 1, 2],
        "random-3": chance.sample(range(len(sentences)), min(3, len(sentences))),
    }  # fmt: skip
    if liked:
        two = ours(liked, 2)
        chosen |= {ONE + WITH_GPT: two[:1], TWO + WITH_GPT: two}
    found = {name: joined(sentences, places) for name, places in chosen.items()}
    words = found[TWO].split()
    return {HUMAN: item.summary, "another text's summary": other, "the headline": item.title,
            "ours, two, shuffled": " ".join(chance.sample(words, len(words))), **found}  # fmt: skip


def scored(item: FeedItem, drafts: Mapping[str, str]) -> dict[str, Score]:
    """Return the figures of each draft, and of the lead cut to the length of ours."""
    scores = {name: score(one, item) for name, one in drafts.items()}
    for name, one in drafts.items():
        if name.removesuffix(WITH_GPT) in PEERS:
            lead = " ".join(item.body.split()[: len(one.split())])
            scores[name + MATCHED] = score(lead, item)
    return scores


def changed(sentences: Sequence[Sentence]) -> tuple[int, int]:
    """Return how many sentences are not as in their source, and how many there are."""
    return sum(one.kind != "copied" for one in sentences), len(sentences)


def joined(sentences: Sequence[str], places: Sequence[int]) -> str:
    """Return the sentences at `places` in the text's order."""
    return " ".join(sentences[n] for n in sorted(set(places)) if n < len(sentences))


def headline_order(scorer: Scorer) -> list[int]:
    """Return the places of sentences by headline words and place, the best score without weights, best first."""
    gain = scorer.columns["headline words, weighed by rarity"]
    return [int(n) for n in np.argsort(-(gain + 2 * scorer.columns["early place"]), kind="stable")]


def ours(scorer: Scorer, count: int) -> list[int]:
    """Return the places of the `count` sentences that the selector takes, best first."""
    chosen = [int(np.argmax(scorer.alone))]
    while len(chosen) < min(count, len(scorer.document.sentences)):
        scores = scorer.beside(chosen)
        scores[chosen] = -np.inf
        chosen.append(int(np.argmax(scores)))
    return chosen


def oracle(sentences: Sequence[str], wanted: str, count: int) -> list[int]:
    """Return the sentences most like the summary, one after the other: how far sentences can go."""
    own, summary = [stemmed(one) for one in sentences], stemmed(wanted)
    chosen: list[int] = []
    for _ in range(min(count, len(sentences))):
        left = [n for n in range(len(sentences)) if n not in chosen]

        def gain(n: int) -> float:
            whole = [stem for at in sorted([*chosen, n]) for stem in own[at]]
            return f1(whole, summary, 1) + f1(whole, summary, 2)

        chosen.append(max(left, key=gain))
    return chosen


def score(draft_text: str, item: FeedItem) -> Score:
    """Return the figures of one draft against its item."""
    whole = f"{item.title}. {item.text}"
    return Score(
        rouge(draft_text, item.summary, 1), rouge(draft_text, item.summary, 2), rouge_l(draft_text, item.summary),
        len(draft_text.split()), len(checks.unsupported(draft_text, whole)), checks.novel3(draft_text, whole),
    )  # fmt: skip


# --- tables ---------------------------------------------------------------------------------------------------------


def table(judged: Sequence[Judged]) -> list[Row]:
    """Return a row a system: means over the pairs for which it has a draft."""
    names = dict.fromkeys(name for one in judged for name in one.drafts)
    rows = []
    for name in names:
        found = [one.scores[name] for one in judged if name in one.scores]
        cut = [one.shortened[name] for one in judged if name in one.shortened]
        rows.append({
            "system": name, "pairs": len(found), "R1": mean(found, lambda one: one.r1), "R2": mean(found, lambda one: one.r2),
            "RL": mean(found, lambda one: one.rl), "words": mean(found, lambda one: one.words),
            "unsupported, % of drafts": mean(found, lambda one: 100 * (one.unsupported > 0)),
            "new 3-grams, %": mean(found, lambda one: 100 * one.novel3),
            "changed, %": round(100 * sum(a for a, _ in cut) / max(1, sum(b for _, b in cut)), 1) if cut else "",
        })  # fmt: skip
    return rows


def gains(judged: Sequence[Judged]) -> list[Row]:
    """Return our rows against their peers: paired differences with 95 % intervals, over the pairs that both drafted."""
    rows = []
    for base, peers in PEERS.items():
        own = [base, base + WITH_GPT]
        for name in own:
            mark = name.removeprefix(base)
            others = [
                *(peer + mark * (peer == WHOLE) for peer in peers),
                name + MATCHED,
                *(own[:1] if name.endswith(WITH_GPT) else ()),
            ]
            rows += [gain(judged, name, peer) for peer in others if any(name in one.drafts for one in judged)]  # fmt: skip
    return rows


def gain(judged: Sequence[Judged], name: str, peer: str) -> Row:
    """Return one paired difference in R1, R2 and RL."""
    both = [one.scores for one in judged if name in one.scores and peer in one.scores]
    row: Row = {"ours": name, "over": peer.replace(name + MATCHED, "the lead, cut to our length"), "pairs": len(both)}  # fmt: skip
    for column in ("r1", "r2", "rl"):
        values = [[getattr(one[which], column) for one in both] for which in (name, peer)]
        row[column.upper()] = "{:+.2f} [{:.2f}, {:.2f}]".format(
            *paired_bootstrap(values[0], values[1])
        )
    return row


def mean(scores: Sequence[Score], of: Callable[[Score], float]) -> float:
    """Return a mean with one decimal."""
    return round(sum(map(of, scores)) / max(1, len(scores)), 1)
