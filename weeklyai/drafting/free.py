"""The free writer: sentences that a model samples, each let through only where it says what its source says.

Off by default, for sites with a stronger model. What makes a free sentence true is that it is nearly a copy (QAGS data,
Wang et al. 2020: 96 % of sentences without a new 3-gram are faithful, 76 % of those with 10 to 25 % new ones), so the gates
leave it little room; where no sample passes, the source's own sentence stands.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from weeklyai import text
from weeklyai.drafting import checks, extract
from weeklyai.drafting.checks import Verdict
from weeklyai.drafting.facts import name_pairs
from weeklyai.drafting.writer import Writer
from weeklyai.records import FeedItem, Sentence

NOVEL3_MOST = 0.1


@dataclass(slots=True)
class Written:
    """The sentences of a blurb, and what became of the samples: "sampled", "sampled, allowed", "refused by GATE"."""

    sentences: tuple[Sentence, ...]
    counts: Counter[str] = field(default_factory=Counter)


def write(
    item: FeedItem,
    sentences: Sequence[Sentence],
    samples_of: Sequence[Sequence[str]],
    writer: Writer,
) -> Written:
    """Return `sentences` with each replaced by the likeliest sample that passes every gate, if there is one.

    Args:
        item: the source.
        sentences: of a blurb that passed the last look.
        samples_of: what the writer sampled for each.
        writer: says which of those that pass it finds likeliest.
    """
    counts: Counter[str] = Counter()
    found = []
    for one, samples in zip(sentences, samples_of, strict=True):
        passed: dict[str, Verdict] = {}
        for sample in dict.fromkeys(_first(sample) for sample in samples):
            verdict = check(sample, one, item)
            counts["sampled"] += 1
            counts.update(f"refused by {gate}" for gate in verdict.failed)
            if verdict.passed:
                passed[sample] = verdict
        counts["sampled, allowed"] += len(passed)
        best = _likeliest(list(passed), one.source_text, writer)
        found.append(one if best is None else replace(
            one, text=best, kind="written", gates=passed[best].gates, note="written by the model"
        ))  # fmt: skip
    return Written(tuple(found), counts)


def check(sample: str, sentence: Sentence, item: FeedItem) -> Verdict:
    """Hold a sampled sentence against the sentence it was asked for and the windows of two that this stands in."""
    source, known = sentence.source_text, text.sentences(item.text)
    at = sentence.source_index
    windows = [" ".join(known[max(0, at - 1) : at + 1]), " ".join(known[at : at + 2])]
    changed = checks.pivots(sample), checks.pivots(source)
    values = {
        "unsupported": float(len(checks.unsupported(sample, f"{item.title}. {source}"))),
        "new_pairs": float(len(name_pairs(sample) - name_pairs(source))),
        "novel3": round(checks.novel3(sample, item.text), 3),
        "in_window": round(max(share(sample, window) for window in windows), 3),
        "pivots_changed": float((changed[0] - changed[1]).total() + (changed[1] - changed[0]).total()),
        "quotes_changed": float(checks.quotes(sample) != checks.quotes(source)),
        "form": float(extract.why_not(sample, item.title) is not None or len(text.sentences(sample)) != 1),
        "repeats": float(checks.repeats(sample) > checks.repeats(source)),
    }  # fmt: skip
    best = {"novel3": values["novel3"] <= NOVEL3_MOST, "in_window": values["in_window"] >= 1.0}
    failed = tuple(name for name, value in values.items() if not best.get(name, value == 0.0))
    return Verdict(tuple(values.items()), failed)


def share(sample: str, window: str) -> float:
    """Return the share of a sample's content stems that `window` holds."""
    own, known = text.content_stems(sample), set(text.content_stems(window))
    return sum(stem in known for stem in own) / len(own) if own else 0.0


def _first(sample: str) -> str:
    return next(iter(text.sentences(sample)), "")


def _likeliest(passed: Sequence[str], source: str, writer: Writer) -> str | None:
    others = [one for one in passed if one != source]
    if not others:
        return None
    scores = writer.continuation(source, others)
    return max(zip(scores, others, strict=True))[1]
