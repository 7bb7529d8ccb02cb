"""From chosen sentences to published ones: each word for word or in a shorter form, laid out as variants of one blurb.

A form is its sentence without parts that may go (`deletions`) and has passed every gate. A model vetoes a form after whose
last word it would hardly put the stop, and chooses the variant after which it finds the headline likeliest, weighed against
its length; without one as many sentences as possible are shortened, by as much as possible.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from weeklyai import text
from weeklyai.drafting import checks, heads, person, rewrite
from weeklyai.drafting.extract import Candidate
from weeklyai.drafting.writer import Writer
from weeklyai.records import FeedItem, Sentence

MOST_FORMS = 5  # of a sentence
MOST_VARIANTS = 64  # of a blurb
LEAST_LEFT = 0.5  # of a sentence's letters
# In nats: a stop that is so much less likely than that of the whole sentence is vetoed. On 138 sentences broken off anywhere
# and 126 ends made by rule the base tells them apart with AUC 0.86; this stops 60 % of the broken ones and 5 % of the others.
BROKEN_STOP = -2.5
PRICE = 2.0  # nats a headline token that a take's whole length costs: 5 % shorter is worth a tenth


def copied(one: Candidate, item: FeedItem) -> Sentence:
    """Return a sentence of an item word for word, but for a paper's "we"."""
    gates = (("verbatim", float(heads.verbatim(one.source or one.text, item))),)
    if person.is_quoted(one.text):
        return Sentence(one.text, "quoted", item.id, one.index, one.source, gates, _note("word for word between quotation marks", one))  # fmt: skip
    if one.source:
        return Sentence(one.text, "rewritten", item.id, one.index, one.source, gates, _note("a paper's “we”, told of the paper", one))  # fmt: skip
    return Sentence(one.text, "copied", item.id, one.index, one.text, gates, _note("word for word", one))  # fmt: skip


def _note(done: str, one: Candidate) -> str:
    return f"{done}; chosen because {one.why}" if one.why else done


def published(
    chosen: Sequence[Candidate], item: FeedItem, writer: Writer, aim: int, counts: Counter[str]
) -> tuple[Sentence, ...]:
    """Return the sentences as they will be published: the best variant of the blurb that they make.

    Args:
        chosen: in the order of the source.
        item: the source.
        writer: chooses among the variants; `NoWriter` has no say.
        aim: words below which no variant falls, unless the whole sentences do.
        counts: of forms, by what became of them.
    """
    copies = tuple(copied(one, item) for one in chosen)
    options = [(copy, *_offered(one, item, writer, counts)) for one, copy in zip(chosen, copies, strict=True)]  # fmt: skip
    found = [one for one in itertools.islice(itertools.product(*options), 50_000) if _sound(one, copies, aim)]  # fmt: skip
    if len(found) < 2:
        return copies
    found.sort(key=lambda one: (-_shortened(one), sum(len(s.text) for s in one), [s.text for s in one]))  # fmt: skip
    if not writer.model_id:
        return found[0]
    return _likeliest(
        [copies, *(one for one in found if one != copies)][:MOST_VARIANTS], item, writer
    )


def _likeliest(
    variants: Sequence[tuple[Sentence, ...]], item: FeedItem, writer: Writer
) -> tuple[Sentence, ...]:
    """Return the variant that a model chooses, its gain over the first one, the copies, among the gates of each form."""
    words = [" ".join(one.text for one in variant) for variant in variants]
    likely = writer.headline(item.title, words)
    gains = [score - likely[0] for score in likely]
    value = [gain - PRICE * len(said) / len(words[0]) for gain, said in zip(gains, words, strict=True)]  # fmt: skip
    best = max(range(len(variants)), key=lambda n: (value[n], -n))
    gate = ("gpt_gain", round(gains[best], 5))
    return tuple(one if one.kind == "copied" else replace(one, gates=(*one.gates, gate)) for one in variants[best])  # fmt: skip


def _shortened(sentences: Sequence[Sentence]) -> int:
    return sum(one.kind != "copied" for one in sentences)


def forms(one: Candidate, item: FeedItem, counts: Counter[str] | None = None) -> list[Sentence]:
    """Return the forms of a sentence that pass every gate and keep enough of it, the shortest first."""
    counts = Counter() if counts is None else counts
    found = [] if person.is_quoted(one.text) else rewrite.forms(one.text, item.title)
    counts["rule forms"] += len(found)
    passed: list[Sentence] = []
    for form in found:
        verdict = judged(form.text, one.text, one.index, item)
        counts.update(f"refused by {gate}" for gate in verdict.failed)
        if verdict.passed and len(form.text) >= LEAST_LEFT * len(one.text):
            passed.append(Sentence(form.text, "rewritten", item.id, one.index, one.source or one.text, verdict.gates, _note(form.note, one)))  # fmt: skip
    return sorted(passed, key=lambda form: (len(form.text), form.text))


def _offered(one: Candidate, item: FeedItem, writer: Writer, counts: Counter[str]) -> list[Sentence]:  # fmt: skip
    """Return the forms that a variant may hold: those without a veto, the shortest and the longest where there are many."""
    passed = forms(one, item, counts)
    passed = list(_unbroken(one.text, passed, writer, counts)) if writer.model_id else passed
    return passed if len(passed) <= MOST_FORMS else [*passed[: MOST_FORMS - 2], *passed[-2:]]


def _unbroken(
    sentence: str, forms: Sequence[Sentence], writer: Writer, counts: Counter[str]
) -> Iterator[Sentence]:
    """Yield the forms that a model does not veto: their end is the sentence's own, or nearly as likely."""
    new = {form.text for form in forms if form.text.split()[-2:] != sentence.split()[-2:]}
    whole, *stops = writer.stops([sentence, *sorted(new)]) if new else [0.0]
    drop = dict(zip(sorted(new), (stop - whole for stop in stops), strict=True))
    for form in forms:
        if drop.get(form.text, 0.0) >= BROKEN_STOP:
            gate = ("gpt_stop", round(drop.get(form.text, 0.0), 5))
            yield replace(form, gates=(*form.gates, gate))
        else:
            counts["refused by the GPT's stop"] += 1


def _sound(variant: Sequence[Sentence], copies: Sequence[Sentence], aim: int) -> bool:
    """Say whether a variant is long enough, and no form in it gave up a name that another sentence uses."""
    whole = variant == copies
    return whole or (
        sum(len(one.text.split()) for one in variant) >= aim and _introduced(variant, copies)
    )


def _introduced(variant: Sequence[Sentence], copies: Sequence[Sentence]) -> bool:
    for sentence, copy in zip(variant, copies, strict=True):
        if sentence is copy:
            continue
        lost = set(checks.names(copy.text)) - set(checks.names(f"x {sentence.text}"))
        others = " ".join(one.text for one in copies if one is not copy) if lost else ""
        if any(name.removesuffix("s") in others for name in lost):
            return False
    return True


def judged(candidate: str, source: str, index: int, item: FeedItem) -> checks.Verdict:
    """Return the gates' verdict; the window is the source sentence and its neighbours."""
    window = " ".join(text.sentences(item.text)[max(0, index - 1) : index + 2])
    return checks.check(candidate, source, window, item.text, item.title)
