"""What supports a take as it stands now: for each sentence its place in the source, the words they share, its gates.

The drafter's own sentences bring their record along; a sentence that a person wrote or changed is held against the source
anew. Fast enough to run while somebody types.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from weeklyai import text
from weeklyai.drafting import checks

LIKE = 0.5  # share of a sentence's content stems that its nearest source sentence has to hold
_TOKEN = re.compile(r"\w+(?:[.'’-]\w+)*|[$£€%]")


@dataclass(frozen=True, slots=True)
class Support:
    """One sentence of a take and what stands behind it.

    Attributes:
        text: the sentence.
        kind: "copied", "rewritten", "attributed", "quoted" or "written" by the drafter, "edited" near a source sentence, or "by hand"
            without one.
        note: what was done, for people.
        gates: name, value, and whether the value is one that passes.
        index: of the supporting sentence in `text.sentences(source)`, or None.
    """

    text: str
    kind: Literal["copied", "rewritten", "attributed", "quoted", "written", "edited", "by hand"]
    note: str
    gates: tuple[tuple[str, float, bool], ...]
    index: int | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A name, number or date in a take that its source does not hold; `start` and `end` count characters of the take."""

    start: int
    end: int
    text: str
    reason: str


Mark = Literal["", "sentence", "word"]
Marked = list[list[tuple[str, Mark]]]


def supports(
    take: str, drafted: Sequence[Mapping[str, Any]], title: str, source: str
) -> list[Support]:
    """Return what stands behind each sentence of `take`.

    Args:
        take: as it stands in the draft, or in an editor's hands.
        drafted: the sentences of the evidence record.
        title: the source's headline.
        source: its text, or "" where it is not at hand.
    """
    known = {one["text"]: one for one in drafted}
    all_sentences = text.sentences(source)
    found = []
    for sentence in text.sentences(take):
        one = known.get(sentence)
        if one is None:
            found.append(_held_against(sentence, title, source, all_sentences))
            continue
        gates = tuple((name, float(value), True) for name, value in one["gates"].items())
        # A sentence of another report has its place in that one.
        index = None if one["kind"] == "attributed" else one["source_index"]
        found.append(Support(sentence, one["kind"], one["note"], gates, index))
    return found


def _held_against(sentence: str, title: str, source: str, all_sentences: Sequence[str]) -> Support:
    """Measure the gates of a sentence that no record speaks for."""
    index = _nearest(sentence, all_sentences)
    if index is None:
        why = "no sentence of the source is like it" if source else "the source is not at hand"
        return Support(sentence, "by hand", why, (), None)
    window = " ".join(all_sentences[max(0, index - 1) : index + 2])
    verdict = checks.check(sentence, all_sentences[index], window, source, title)
    gates = tuple((name, value, name not in verdict.failed) for name, value in verdict.gates)
    return Support(sentence, "edited", "beside the nearest source sentence", gates, index)


def _nearest(sentence: str, all_sentences: Sequence[str]) -> int | None:
    own = set(text.content_stems(sentence))
    shares = [len(own & set(text.content_stems(other))) for other in all_sentences]
    best = max(range(len(shares)), key=lambda n: (shares[n], -n), default=None)
    return best if best is not None and own and shares[best] >= LIKE * len(own) else None


def doubts(take: str, source: str, others: Mapping[str, str]) -> list[Doubt]:
    """Return what `take` names that `source` does not hold, in order, every place of it.

    Args:
        take: the text.
        source: headline and text of the item it is drawn from.
        others: further reports of the story by publisher; a reason says which of them has what is missing.
    """
    found = []
    for missing in checks.unsupported(take, source):
        kind = "number" if any(c.isdigit() for c in missing) else "name"
        reason = f"this {kind} is not in the source"
        having = [
            who for who, said in others.items() if missing not in checks.unsupported(take, said)
        ]
        if having:
            reason += f", but {having[0]} has it"
        places = re.finditer(rf"(?<!\w){re.escape(missing)}(?!\w)", take)
        found += [Doubt(place.start(), place.end(), missing, reason) for place in places]
    return sorted(found, key=lambda one: (one.start, -one.end))


def marked(source: str, found: Sequence[Support]) -> Marked:
    """Return the source's paragraphs as runs of text: the supporting sentences, and in them the words that were taken."""
    said: dict[int, list[str]] = {}
    for one in found:
        if one.index is not None:
            said.setdefault(one.index, []).append(one.text)
    paragraphs: Marked = []
    index = 0
    for paragraph in filter(None, re.split(r"\n\s*\n", source)):
        runs: list[tuple[str, Mark]] = []
        for sentence in text.sentences(paragraph):
            runs += _words(sentence, said[index]) if index in said else [(sentence, "")]
            runs.append((" ", ""))
            index += 1
        paragraphs.append(_joined(runs[:-1]))
    return paragraphs


def _words(sentence: str, said: Sequence[str]) -> list[tuple[str, Mark]]:
    """Return a supporting sentence, the words that any of `said` shares with it in order marked."""
    tokens = list(_TOKEN.finditer(sentence))
    own = [token[0].lower() for token in tokens]
    taken: set[int] = set()
    for other in said:
        theirs = [token.lower() for token in _TOKEN.findall(other)]
        matcher = difflib.SequenceMatcher(None, own, theirs, autojunk=False)
        taken |= {n for block in matcher.get_matching_blocks() for n in range(block.a, block.a + block.size)}  # fmt: skip
    runs: list[tuple[str, Mark]] = []
    end = 0
    for n, token in enumerate(tokens):
        # What stands between two marked words is marked with them, so that a phrase is one mark.
        between: Mark = "word" if n in taken and n - 1 in taken else "sentence"
        runs += [(sentence[end : token.start()], between), (token[0], "word" if n in taken else "sentence")]  # fmt: skip
        end = token.end()
    runs.append((sentence[end:], "sentence"))
    return _joined(runs)


def _joined(runs: Sequence[tuple[str, Mark]]) -> list[tuple[str, Mark]]:
    joined: list[tuple[str, Mark]] = []
    for said, mark in runs:
        if joined and joined[-1][1] == mark:
            joined[-1] = (joined[-1][0] + said, mark)
        elif said:
            joined.append((said, mark))
    return joined
