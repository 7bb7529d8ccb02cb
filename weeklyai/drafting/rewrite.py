"""Shorter forms of one sentence: whole removable parts left out, nothing added, nothing moved.

Only deletions by rule are proposed, the kinds that stayed faithful and grammatical when read by eye: a bracketed aside, a
filler adverb, an opening phrase, a clause or apposition between commas, a second main clause, a participle's tail. No part
goes that holds a name, a figure, a quotation, a word of the headline, or a word that denies, hedges, compares, dates or
attributes. A model decides between the forms where there is one, else `shortest` does.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from weeklyai import text
from weeklyai.drafting import checks
from weeklyai.drafting.extract import VERB, leans_back

MIN_WORDS = 7  # of what is left
LEAST_LEFT = 0.5  # of a sentence's words, where no model looks at it
MAX_PARTS = 4  # removable parts tried together: at most 15 forms a sentence

_FINITE = (
    "is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|does|do|did|said|says"
)
# Second verbs of a subject that is still there: a closed list, since "-s" is as often a plural.
_VERBS = (
    f"{_FINITE}|includes|supports|provides|offers|allows|enables|lets|helps|makes|adds|uses|runs|works|comes|gives|brings|features|introduces|"
    "improves|included|supported|provided|offered|allowed|made|added|used|gave|brought|introduced|improved"
)
# Only between two words of one clause: "late; very late" and "Basically because ..." need theirs.
_FILLER = re.compile(
    r"(?<!\bbut )(?<!\bjust )(?<!\bonly )(?<!\bor )(?<!\band )(?<!\bthe )(?<!\bhow )(?<!\bas )(?<!\bso )(?<!\btoo )(?<!\bmore )(?<!\bmost )"
    r"(?<!\bless )(?<!\bif )(?<=[\w)] )(?:really|actually|simply|also|very|truly|extremely|incredibly|easily|seamlessly|effortlessly|literally|basically|"
    r"obviously|greatly|vastly|dramatically|drastically|remarkably|tremendously|hugely|immensely|totally|absolutely|proudly|carefully|"
    r"conveniently|successfully|beautifully|smoothly|surprisingly|quickly|rapidly)\s"
    r"(?=[a-z])(?!(?:and|or|nor|much|few|little|well|soon|long|far|often|same|first|last|own|known|to|for|as|in|of|on|at|by|with|that|"
    r"enough|than|but|become|became|becoming|after|before|when)\b)"
)
# Praise in front of its noun: an editor's pencil takes it out, and what is left claims less.
_PRAISE = re.compile(
    r"(?:(?<=\bthe )|(?<=\bits )|(?<=\bnew ))(?:exciting|amazing|awesome|wonderful|incredible|fantastic|stunning|groundbreaking|game-changing|"
    r"cutting-edge|world-class|best-in-class|state-of-the-art|seamless|powerful|robust|brand) (?=[a-z]{3,})(?!(?:and|or|as|of|to|for|in)\b)"
    r"|(?:(?<=\ba )|(?<=\ban )|(?<=\bof )|(?<=\bwith )|(?<=\bby ))(?:exciting|amazing|awesome|wonderful|incredible|fantastic|stunning|groundbreaking|game-changing|"
    r"cutting-edge|world-class|best-in-class|seamless|powerful|robust) (?=[a-z]{3,})(?!(?:and|or|as|of|to|for|in)\b)"
)
# Words that only stretch a phrase.
_STRETCH = re.compile(
    r"(?<=\w )(?:a (?:wide|broad|large|huge|vast) (?:range|variety|array|selection) of |a (?:variety|host|plethora|wealth|bunch|multitude) of )(?=[a-z-]+s\b)"
    r"|(?<=\w )in order (?=to [a-z])|(?<=\w )a total of (?=\d)|(?<=\w )(?:that|which) (?:is|are) (?=\w{3,}(?:ed|ing) (?:to|by|for|with|in|on|from|at)\b)"
    r"|(?<=\w) as well(?=[.])"
)
# Turns between two commas.
_TURN = re.compile(
    r", (?:of course|in fact|indeed|in turn|for example|for instance|in particular|naturally|after all|to be sure|as it happens|"
    r"as usual|as always|needless to say)(?P<close>,)(?= [a-z])"
)
# A bracket that says beside what a thing is cheap, fast or new belongs to the claim.
_BESIDE = re.compile(r"\b(?:compared|comparison|relative|versus|vs)\b", re.IGNORECASE)
_NEGATION = re.compile(r"\b(?:not|never|no|nor|cannot|hardly)\b|n['’]t\b", re.IGNORECASE)
# Not behind a figure or a capital: "3 (per month)" and "GPT (2018)" would change what they say.
_BRACKET = re.compile(r"(?<=[a-z]) \(([^()]{2,120})\)(?=[\s.,;:])")
_ACRONYM = re.compile(r"[A-Z][A-Za-z]{1,6}?s?")
# What the sentence opens with: how or what for a thing is done, or as what, not where, when, or under which condition.
_OPENING = re.compile(
    r"^(?:As part of|As an? |By \w+ing |To (?!be |its |their |his |her )[a-z]+ |In order to |In addition to |Along with |Together with |Besides )"
    r"[^,;:()\"“”]{4,90}, (?=(?:the|a|an|[A-Z])\b)"
)
# Behind a closing comma must stand the verb: in "X, which shows papers, maps and films" the comma belongs to a list.
_CLAUSE = re.compile(
    rf", (?:which|who|whose|where) [^,;:()\"“”]{{8,160}}(?P<close>,(?= (?:{_FINITE})\b)|(?=[.]$))"
)
# "Ferry, a tool for small harbours, is ...": the subject opens the sentence, so no list can be meant.
_APPOSITION = re.compile(
    rf"(?<=[\w)]), (?:an?|the|one of the) [^,;:()\"“”]{{6,120}},(?= (?:{_VERBS})\b)"
)
# "... to install Rust, a language for everyone.": behind a name, at the end.
_LATE_APPOSITION = re.compile(r"(?<=\w), (?:an?|the|one of the) [^,;:()\"“”]{8,140}(?=[.]$)")
_EXAMPLES = re.compile(rf", (?:including|such as|like) [^;:()\"“”]{{6,140}},(?= (?:{_FINITE})\b)")
_SUBJECT = re.compile(r"(?:(?:The|A|An) )?(?:[\w.’'/&+-]+ ?){1,6}")
# Asides between dashes, both of them there.
_DASHES = re.compile(
    r" ?— ?[a-z][^—,;:()\"“”]{6,120}—(?= ?[a-z])| – [a-z][^–;:()\"“”]{6,120} –(?= [a-z])"
)
# A second main clause at the end: of "A does this, and B does that" the first half alone is as true.
_SECOND = re.compile(
    r", and (?=(?:the|a|an|its|their|it|they|users|developers|customers|other|many|some)\b)[^,;:()\"“”]{12,160}(?=[.]$)"
)
_SECOND_VERB = re.compile(rf",? and (?:also )?(?:{_VERBS}) [^,;:()\"“”]{{8,160}}(?=[.]$)")
# What follows from the main clause, or what it goes along with; never a condition, a time or a speaker.
_TAIL = re.compile(
    r", (?:thereby |thus |further |effectively )?(?:making|allowing|enabling|giving|providing|offering|helping|letting|bringing|creating|"
    r"ensuring|highlighting|underscoring|marking|raising|leading|resulting|leaving|paving|opening|putting|reducing|improving|saving|"
    r"turning|driving|leveraging|expanding|featuring|covering|focusing|demonstrating|reflecting|simplifying|boosting|delivering|"
    r"combining|serving|supporting|strengthening|accelerating|empowering|eliminating|including|such as|as well as|along with|"
    r"ranging from|be it|whether for) [^;:()\"“”]{8,200}(?=[.]$)"
)
# Ends on which a sentence cannot stop.
_BROKEN = re.compile(
    r"\b(?:an?|the|of|to|for|and|or|with|in|on|by|from|that|which|who|is|are|was|were|be|as|at|into|than|its|their|both|between|"
    r"has|have|can|will|not|such|like|whether|when|if)[.]$"
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
            if shorter and _stands(shorter, sentence):
                dropped = ", ".join(repr(sentence[a:b].strip(" ,")) for a, b in chosen)
                found.setdefault(shorter, Form(shorter, f"left out {dropped}"))
    return list(found.values())


def shortest(sentence: str, among: Sequence[Form]) -> Form | None:
    """Return the shortest form that keeps enough of the sentence, or None: the choice where no model makes one."""
    enough = [form for form in among if len(form.text) >= LEAST_LEFT * len(sentence)]
    return min(enough, key=lambda form: (len(form.text), form.text), default=None)


def removable(sentence: str, title: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each part of `sentence` that may be left out, in order."""
    if re.search(r"[{}\[\]<>|]", sentence) or not sentence[:1].isupper():
        return []
    # "Not just X but also Y", "isn't really": beside a negation a filler carries meaning.
    fillers = () if _NEGATION.search(sentence) else _FILLER.finditer(sentence)
    spans = [match.span() for match in fillers if not _lacks_verb(match, sentence)]
    for pattern in (checks.CONNECTIVE, _PRAISE, _STRETCH, _TURN):
        spans += [match.span() for match in pattern.finditer(sentence)]
    spans += [m.span() for m in _BRACKET.finditer(sentence) if _is_aside(m, sentence, title)]
    for pattern, fits in (
        (_OPENING, _always), (_CLAUSE, _outside_list), (_APPOSITION, _behind_subject), (_LATE_APPOSITION, _behind_name),
        (_EXAMPLES, _outside_list), (_DASHES, _always),
        (_SECOND, _is_clause), (_SECOND_VERB, _is_second_verb), (_TAIL, _is_tail),
    ):  # fmt: skip
        spans += [
            match.span()
            for match in pattern.finditer(sentence)
            if _says_little(match[0], sentence, title) and fits(match[0], sentence[: match.start()])
        ]
    return sorted(set(spans))


def _always(part: str, before: str) -> bool:
    del part, before
    return True


def _lacks_verb(filler: re.Match[str], sentence: str) -> bool:
    """Say whether a filler stands where the writer forgot the verb: "but it also a great tool"."""
    article = re.match(r"(?:an?|the)\b", sentence[filler.end() :])
    before = sentence[: filler.start()].rsplit(maxsplit=1)[-1]
    return bool(article) and not VERB.fullmatch(before.strip(",;:()"))


def _is_aside(match: re.Match[str], sentence: str, title: str) -> bool:
    """Say whether a bracket holds nothing of weight, or only the initials of the words before it, used nowhere else."""
    if _ACRONYM.fullmatch(match[1]):
        # All short names of a sentence go, or none: one of two left standing reads odd.
        others = [m for m in re.finditer(r" \(([A-Z][^()]*)\)", sentence) if m.start() > 0]
        return all(_is_initials(sentence[: one.start()], one[1], sentence, title) for one in others)
    counts = re.fullmatch(r"[a-z]|[ivx]+", match[1]) or re.match(r"(?:and|or|not)\b", match[1])
    return not (counts or _BESIDE.search(match[1])) and _says_little(match[1], sentence, title)


def _is_initials(before: str, short: str, sentence: str, title: str) -> bool:
    """Say whether a short name only repeats the initials of the words `before`, and stands nowhere else."""
    plain = short.removesuffix("s")
    words = re.split(r"[\s-]+", before.lower())[-len(plain) :]
    alone = sentence.count(plain) == 1 and plain not in title
    return alone and [word[:1] for word in words] == list(plain.lower())


def _outside_list(part: str, before: str) -> bool:
    """Say whether no list is open before a comma-bound clause."""
    del part
    return not re.search(r"\b(?:and|or|both|either)\b[^,]*$", before)


def _behind_subject(part: str, before: str) -> bool:
    """Say whether an apposition stands right behind a subject that opens the sentence."""
    del part
    return bool(_SUBJECT.fullmatch(before)) and not VERB.search(before)


def _behind_name(part: str, before: str) -> bool:
    """Say whether an apposition at the end stands behind a name, and no list."""
    name = re.search(r"\b[A-Z][\w.+-]*$", before)
    return (
        bool(name)
        and "," not in before
        and not re.search(r"\band\b", part[:20])
        and bool(VERB.search(before))
    )


def _is_clause(part: str, before: str) -> bool:
    """Say whether ", and ..." joins a main clause to a main clause, not the last item to a list."""
    return (
        "," not in before
        and bool(VERB.search(part))
        and bool(VERB.search(before))
        and not re.search(r"\b(?:both|either|between|that|if|when|whether)\b", before)
    )


def _is_second_verb(part: str, before: str) -> bool:
    """Say whether "and is ..." goes on from a whole main clause with the same subject, which the verb could not miss."""
    del part
    return (
        "," not in before
        and len(before.split()) >= MIN_WORDS
        and bool(re.search(rf"\b(?:{_VERBS})\b", before))
        and not re.search(
            r"\b(?:both|either|between|that|if|when|where|which|who|whose|whether|what|how|and|or|as|to)\b",
            before,
        )
    )


def _is_tail(part: str, before: str) -> bool:
    """Say whether a participle's tail hangs on a main clause with a verb, not on a list of participles."""
    listed = re.search(r"\w+ing\b[^,]*(?:,[^,]*)?$", before) and re.search(r",? and \w+ing\b", part)
    return bool(VERB.search(before)) and not listed and len(before.split()) >= MIN_WORDS


def _says_little(part: str, sentence: str, title: str) -> bool:
    """Say whether a part holds no name, figure, quotation or word that carries a claim, nor a headline word's last stand."""
    left = set(text.content_stems(sentence.replace(part, " ", 1)))
    stems = set(text.content_stems(part)) - left
    return not (
        checks.names(f"x {part}")
        or re.search(r"\d|n['’]t\b", part)
        or set(text.words(part)) & checks.CLAIMS
        or checks.quotes(part)
        or stems & set(text.content_stems(title))
    )


def _stands(shorter: str, sentence: str) -> bool:
    """Say whether a form is long enough, stops where a sentence can, and leans on nothing that the whole did not."""
    return (
        len(shorter.split()) >= MIN_WORDS
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
    return sentence[:1].upper() + sentence[1:]
