"""From chosen sentences to published ones: each word for word, or in a shorter form that passes every gate."""

from collections import Counter
from collections.abc import Sequence

from weeklyai import text
from weeklyai.drafting import checks, rewrite
from weeklyai.drafting.extract import Candidate
from weeklyai.drafting.writer import Writer
from weeklyai.records import FeedItem, Sentence


def long_enough(
    sentences: Sequence[Sentence], copies: Sequence[Sentence], aim: int
) -> tuple[Sentence, ...]:
    """Return `sentences`, the most shortened ones whole again until the blurb has the length aimed at."""
    found = list(sentences)
    saved = [len(copy.text) - len(one.text) for one, copy in zip(sentences, copies, strict=True)]
    for at in sorted(range(len(found)), key=lambda n: -saved[n]):
        if sum(len(one.text.split()) for one in found) >= aim:
            break
        found[at] = copies[at]
    return tuple(found)


def introduced(sentences: Sequence[Sentence], copies: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Return `sentences`, but as a copy each that gave up a name ("(LLM)") which another one uses."""
    found = []
    for sentence, copy in zip(sentences, copies, strict=True):
        lost = set(checks.names(copy.text)) - set(checks.names(sentence.text))
        others = " ".join(one.text for one in copies if one is not copy)
        missed = any(name.removesuffix("s") in others for name in lost)
        found.append(copy if missed else sentence)
    return tuple(found)


def copied(one: Candidate, item: FeedItem) -> Sentence:
    """Return a sentence of an item word for word."""
    gates = (("verbatim", float(checks.verbatim(one.text, item.text))),)
    return Sentence(one.text, "copied", item.id, one.index, one.text, gates, _note("word for word", one))  # fmt: skip


def _note(done: str, one: Candidate) -> str:
    return f"{done}; chosen for: {one.why}" if one.why else done


def published(one: Candidate, item: FeedItem, writer: Writer, counts: Counter[str]) -> Sentence:
    """Return the sentence as it will be published: a shorter form that passes every gate, else a copy.

    A model takes the form that it finds likelier than the whole sentence; without one the shortest stands.
    """
    allowed = {form.text: form for form in rewrite.forms(one.text, item.title)}
    counts["rule forms"] += len(allowed)
    passed: dict[rewrite.Form, checks.Verdict] = {}
    for form in allowed.values():
        found = judged(form.text, one.text, one.index, item)
        counts.update(f"refused by {gate}" for gate in found.failed)
        if found.passed:
            passed[form] = found
    best, gain = _best(one.text, item.text, list(passed), writer)
    if best is None:
        return copied(one, item)
    gates = (*passed[best].gates, *gain)
    return Sentence(best.text, "rewritten", item.id, one.index, one.text, gates, _note(best.note, one))  # fmt: skip


def _best(
    sentence: str, context: str, passed: Sequence[rewrite.Form], writer: Writer
) -> tuple[rewrite.Form | None, tuple[tuple[str, float], ...]]:
    """Return the form to publish, or None for the sentence itself, and the model's gain where it spoke."""
    if not passed or not writer.model_id:
        return rewrite.shortest(sentence, passed), ()
    scores = writer.continuation(context, [sentence, *(form.text for form in passed)])
    best = max(range(len(passed)), key=lambda n: (scores[n + 1], -n))
    gain = scores[best + 1] - scores[0]
    return (passed[best], (("gpt_gain", round(gain, 5)),)) if gain > 0 else (None, ())


def judged(candidate: str, source: str, index: int, item: FeedItem) -> checks.Verdict:
    """Return the gates' verdict; the window is the source sentence and its neighbours."""
    window = " ".join(text.sentences(item.text)[max(0, index - 1) : index + 2])
    return checks.check(candidate, source, window, item.text, item.title)
