"""Shorter forms of one sentence: whole removable parts left out, nothing added, nothing moved.

Only deletions by rule are proposed, the kinds that stayed faithful and grammatical when read by eye: a bracketed aside, a
filler adverb, an opening connective, a comma-bound "which" or "who" clause, a second main clause. The GPT decides
whether a form reads better than the original, and it proposes forms of its own; a proposal that is not one of the rules'
forms is refused.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from weeklyai import text
from weeklyai.drafting import checks
from weeklyai.drafting.extract import VERB

MIN_WORDS = 7  # of what is left
MAX_PARTS = 4  # removable parts tried together: at most 15 forms a sentence

# Only between two words of one clause: "late; very late" and "Basically because ..." need theirs.
_FILLER = re.compile(
    r"(?<!\bbut )(?<!\bjust )(?<!\bonly )(?<!\bor )(?<!\band )(?<=[\w)] )(?:really|actually|simply|also|very)\s(?=[a-z])"
)
_NEGATION = re.compile(r"\b(?:not|never|no|nor|cannot|hardly)\b|n['’]t\b", re.IGNORECASE)
# Not behind a figure or a capital: "3 (per month)" and "GPT (2018)" would change what they say.
_BRACKET = re.compile(r"(?<=[a-z]) \(([^()]{2,120})\)(?=[\s.,;:])")
# Behind a closing comma must stand the verb: in "X, which shows papers, maps and films" the comma belongs to a list.
_CLAUSE = re.compile(
    r", (?:which|who) [^,;:()\"“”]{8,160}(?P<close>,(?= (?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|"
    r"should|does|do|did|said|says)\b)|(?=[.]$))"
)
# A second main clause at the end: of "A does this, and B does that" the first half alone is as true.
_SECOND = re.compile(
    r", and (?=(?:the|a|an|its|their|it|they|users|developers|customers|other|many|some)\b)[^,;:()\"“”]{12,160}(?=[.]$)"
)


@dataclass(frozen=True, slots=True)
class Form:
    """A shorter form of a sentence and what was left out."""

    text: str
    note: str


def forms(sentence: str, title: str) -> list[Form]:
    """Return the shorter forms of `sentence`, every combination of its removable parts, each once."""
    parts = removable(sentence, title)[:MAX_PARTS]
    found: dict[str, Form] = {}
    for size in range(1, len(parts) + 1):
        for chosen in itertools.combinations(parts, size):
            shorter = _without(sentence, chosen)
            if shorter and len(shorter.split()) >= MIN_WORDS:
                dropped = ", ".join(repr(sentence[a:b].strip(" ,")) for a, b in chosen)
                found.setdefault(shorter, Form(shorter, f"left out {dropped}"))
    return list(found.values())


def removable(sentence: str, title: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each part of `sentence` that may be left out, in order."""
    if re.search(r"[{}\[\]<>|]", sentence) or not sentence[:1].isupper():
        return []
    # "Not just X but also Y", "isn't really": beside a negation a filler carries meaning.
    fillers = () if _NEGATION.search(sentence) else _FILLER.finditer(sentence)
    spans = [match.span() for match in fillers]
    spans += [match.span() for match in checks.CONNECTIVE.finditer(sentence)]
    spans += [m.span() for m in _BRACKET.finditer(sentence) if _says_little(m[1], title)]
    for match in _CLAUSE.finditer(sentence):
        if _says_little(match[0], title) and not re.search(
            r"\b(?:and|or|both|either)\b[^,]*$", sentence[: match.start()]
        ):
            spans.append(match.span())
    spans += [
        m.span()
        for m in _SECOND.finditer(sentence)
        if _is_clause(m[0], sentence[: m.start()], title)
    ]
    return sorted(spans)


def _is_clause(part: str, before: str, title: str) -> bool:
    """Say whether ", and ..." joins a main clause to a main clause, not the last item to a list."""
    return (
        "," not in before
        and bool(VERB.search(part))
        and bool(VERB.search(before))
        and not re.search(r"\b(?:both|either|between|that|if|when|whether)\b", before)
        and _says_little(part, title)
    )


def _says_little(part: str, title: str) -> bool:
    """Say whether a part holds no name, figure, pivot word or word of the headline."""
    stems = set(text.content_stems(part))
    return not (
        checks.names(f"x {part}")
        or re.search(r"\d", part)
        or checks.pivots(part)
        or checks.quotes(part)
        or stems & set(text.content_stems(title))
    )


def _without(sentence: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return `sentence` without `spans`, begun with a capital, or "" where they overlap."""
    if any(a[1] > b[0] for a, b in itertools.pairwise(spans)):
        return ""
    for start, end in reversed(spans):
        sentence = sentence[:start] + sentence[end:]
    sentence = re.sub(r"\s+", " ", sentence).strip()
    return sentence[:1].upper() + sentence[1:]
