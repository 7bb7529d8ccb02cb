"""Shorter forms of one sentence: whole removable parts left out, nothing added, nothing moved.

Only deletions by rule are proposed, the kinds that stayed faithful and grammatical when read by eye: see `deletions`. `shortening`
decides between the forms.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from weeklyai import text
from weeklyai.drafting import borders, deletions
from weeklyai.drafting.extract import VERB, leans_back

MAX_PARTS = 4  # removable parts tried together: at most 15 forms a sentence

# Ends on which a sentence cannot stop.
_BROKEN = re.compile(
    r"\b(?:an?|the|of|to|for|and|or|with|in|on|by|from|that|which|who|is|are|was|were|be|as|at|into|than|its|their|both|between|"
    r"has|have|can|will|not|such|like|whether|when|if)[.]$"
)


@dataclass(frozen=True, slots=True)
class Form:
    """A shorter form of a sentence: what was left out, for people, and by which rules."""

    text: str
    note: str
    rules: tuple[str, ...] = ()


def forms(sentence: str, title: str) -> list[Form]:
    """Return the shorter forms of `sentence`, every combination of its removable parts, each once."""
    parts = sorted(set(deletions.parts(sentence, title)))[:MAX_PARTS]
    brackets = sum(one.rule == "bracket" for one in parts)
    found: dict[str, Form] = {}
    for size in range(1, len(parts) + 1):
        for chosen in itertools.combinations(parts, size):
            if 0 < sum(one.rule == "bracket" for one in chosen) < brackets:
                continue  # one of two left standing reads odd
            shorter = _without(sentence, [(one.start, one.end) for one in chosen])
            if shorter and _stands(shorter, sentence):
                dropped = ", ".join(repr(sentence[one.start : one.end].strip(" ,")) for one in chosen)  # fmt: skip
                rules = tuple(one.rule for one in chosen)
                found.setdefault(shorter, Form(shorter, f"left out {dropped}", rules))
    return list(found.values())


def _stands(shorter: str, sentence: str) -> bool:
    """Say whether a form is long enough, stops where a sentence can, and leans on nothing that the whole did not."""
    return (
        len(shorter.split()) >= borders.MIN_WORDS
        and not _BROKEN.search(shorter)
        and _misfits(shorter) <= _misfits(sentence)
        and bool(VERB.search(shorter))
        and (
            text.words(shorter)[:2] == text.words(sentence)[:2]
            or leans_back(sentence)
            or not leans_back(shorter)
        )
    )


def _misfits(sentence: str) -> int:
    """Count "a apple" and "an pear"."""
    return len(re.findall(r"\ba [aeio]|\ban [^aeiouhAEFHILMNORSXU\d]", sentence))


def _without(sentence: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return `sentence` without `spans`, begun with a capital, or "" where they overlap."""
    if any(a[1] > b[0] for a, b in itertools.pairwise(spans)):
        return ""
    for start, end in reversed(spans):
        sentence = sentence[:start] + sentence[end:]
    sentence = re.sub(r"\s+", " ", sentence).strip()
    # "iPad" at the front keeps its small letter; what has come to the front is begun with a capital.
    return sentence[:1].upper() + sentence[1:] if spans[0][0] == 0 else sentence
