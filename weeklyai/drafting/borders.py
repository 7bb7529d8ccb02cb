"""What stands around a part that a rule of `deletions` would leave out: whether its commas are its own, and the rest a sentence.

There is no parser here. A part goes only where words around it say that no list, condition or contrast is open, so most of
what a person could strike stays; what goes can go.
"""

import re
from dataclasses import dataclass

from weeklyai.drafting.extract import VERB

MIN_WORDS = 7  # of what is left

FINITE = (
    "is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|does|do|did|said|says"
)
# Verbs of a subject that is still there: a closed list, since "-s" is as often a plural.
VERBS = (
    f"{FINITE}|includes|supports|provides|offers|allows|enables|lets|helps|makes|adds|uses|runs|works|comes|gives|brings|features|introduces|"
    "improves|included|supported|provided|offered|allowed|made|added|used|gave|brought|introduced|improved"
)
# Verbs that may follow a subject and its comma; an "-ed" there is as often a participle, so these are listed too.
GOES_ON = (
    f"{VERBS}|requires|remains|remained|became|becomes|began|begins|found|finds|shows|showed|told|wrote|writes|took|takes|needs|needed|"
    "plans|planned|announced|launched|released|reported|went|goes|got|gets|saw|sees|won|lost|led|leads|set|sets|hit|rose|fell|grew|"
    "serves|served|aims|aimed|wants|wanted|helped|warned|expects|expected|recognises|recognizes|celebrates|marks|demonstrates|"
    "delivers|delivered|combines|integrates|also|now|still|recently|already|no longer"
)
PREPOSITIONS = "in|on|at|by|for|from|to|with|as|of|into|over|under|during|through|across|against|behind|after|before|while|that"
# A sentence that opens with one of these has not come to its subject at its first comma.
_LEADS_IN = re.compile(
    r"^(?:In|On|At|By|For|From|To|With|Within|Without|As|Of|Over|Under|During|Through|Across|Against|After|Before|While|When|Where|"
    r"If|Unless|Although|Though|Because|Since|Once|Until|Given|Considering|Unlike|Like|Despite|Among|Between|Beyond|Besides|"
    r"Today|Now|Then|Together|Instead|Along|Due|Based|According|\w+ing|\w+ly)\b"
)
NEGATION = re.compile(r"\b(?:not|never|no|nor|cannot|hardly)\b|n['’]t\b", re.IGNORECASE)
_OPEN_LIST = re.compile(r"\b(?:and|or|both|either)\b[^,]*$")
_RELATIVE = re.compile(r"\b(?:that|which|who|whose|where)\b")
# Half of what stands behind these may not go.
_BOUND = re.compile(
    r"\b(?:both|either|neither|if|when|whenever|unless|until|whether|what|how|why|only|first|most|best|so)\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"(?:the|an?|this|these|its|their|many|most|some|all|each|users|developers|researchers|people|you|it|they|he|she|there)\b|[A-Z]|"
    r"[a-z]+s (?:\w+ly |also |can |will )?(?:\w+ed|are|have|were|can|will|may|do)\b"
)
_VERDICT = re.compile(
    r"(?:\b(?:is|are|was|were|be|been|being|as|become|becomes|became|remains|also|There)|['’]s)(?: \w+ly| also| still| now)?(?: an?| the)? $"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a sentence with what stands before and behind it."""

    part: str
    before: str
    after: str

    @property
    def leads_in(self) -> bool:
        """The part stands behind the sentence's first comma, and what opens the sentence is no subject."""
        return bool(_LEADS_IN.match(self.before)) and "," not in self.before

    @property
    def told(self) -> bool:
        """A verb stands before the part."""
        return bool(VERB.search(self.before))


def always(at: Place) -> bool:
    """Say yes: what a rule looks for is enough."""
    del at
    return True


def outside_list(at: Place) -> bool:
    """Say whether no list is open before a part, nor goes on behind it."""
    return not _OPEN_LIST.search(at.before) and not re.match(r",? (?:and|or)\b", at.after)


def is_beside(at: Place) -> bool:
    """Say whether a relative clause at the end is beside the point: not what makes "a girl, whose ..." or "a bill, H 23, which ..." news."""
    news = re.search(
        r"\b(?:is|was|are|were|be|of) an? (?:[^\s,]+ ){0,2}[^\s,]+$|, [A-Z][\w.-]*$", at.before
    )
    return not news and outside_list(at)


def is_clause(at: Place) -> bool:
    """Say whether ", and ..." joins a main clause to a main clause, not the last item to a list."""
    return bool(VERB.search(at.part)) and at.told and _is_first_half(at.before)


def is_second_verb(at: Place) -> bool:
    """Say whether "and is ..." goes on from a whole clause with the same subject, which the verb could not miss."""
    verb = re.search(rf"\b(?:{VERBS}|\w+(?:es|ed|ys))\b", at.before)
    return bool(verb) and _is_first_half(at.before)


def _is_first_half(before: str) -> bool:
    """Say whether of "A and B" the first half may be said alone: no list, no condition, nothing that only both fulfil."""
    opened = "," not in before or (bool(_LEADS_IN.match(before)) and before.count(",") == 1)
    return opened and len(before.split()) >= MIN_WORDS and not _BOUND.search(before)


def is_statement(at: Place) -> bool:
    """Say whether a statement stands before a semicolon, not half of a contrast ("more than that; it is ...")."""
    contrast = re.search(r"\b(?:more|just|only|but|less)\b|;", at.before)
    return at.told and not contrast and not NEGATION.search(at.before)


def is_tail(at: Place) -> bool:
    """Say whether a participle's tail hangs on a main clause with a verb, not on a list of participles."""
    before, part = at.before, at.part
    listed = re.search(r"\w+ing\b[^,]*(?:,[^,]*)?$", before) and re.search(r",? and \w+ing\b", part)
    return at.told and not listed and len(before.split()) >= MIN_WORDS


def is_single_tail(at: Place) -> bool:
    """Say the same of a participle that may be a noun too ("operating systems"): nothing of a list may be about."""
    listed = (
        "," in at.part[1:] or re.search(r"\band \w+ing\b", at.part) or _OPEN_LIST.search(at.before)
    )
    return is_tail(at) and not listed and not at.leads_in


_ADVERB = re.compile(
    r"\w+ly|Meanwhile|However|Moreover|Instead|Still|Today|Yesterday|Tomorrow|Now|Then|Later|Earlier|Elsewhere|Here|There|Again|Also|Besides|Yet|Thus|"
    r"Hence|Indeed|Overall|Meantime|Nevertheless|Nonetheless|Furthermore|Therefore|Otherwise|Afterwards|Soon|Once|Sometimes|Often|Perhaps|Maybe"
)


def is_named(at: Place) -> bool:
    """Say whether an apposition in the middle stands behind a name, and no list is about."""
    bare = _RELATIVE.split(at.part)[0]
    listed = _OPEN_LIST.search(at.before) or re.search(r", (?:an?|the) [^,]*$", at.before)
    # "Meanwhile, the price, ..." opens a clause; "Heron, the ferry, ..." names one.
    named = re.search(r"\b[A-Z][\w.+-]*\)?$", at.before) and not _ADVERB.fullmatch(at.before)
    return bool(named) and not listed and not at.leads_in and not VERB.search(bare)


def is_last(at: Place) -> bool:
    """Say whether an apposition at the end is neither a list's last item nor a clause ("..., the report shows")."""
    bare = re.split(r"\bfor\b", _RELATIVE.split(at.part)[0])[0]
    listed = re.search(r"\b(?:and|or|but)\b", bare) or "," in at.part[1:] or not outside_list(at)
    verb = VERB.search(bare) or re.search(r"\w (?:\w+s|\w+ed)$", bare.rstrip(" ,"))
    return at.told and not listed and not verb and not at.leads_in


def is_opening(at: Place) -> bool:
    """Say whether behind an opening phrase stands the subject, not the second word of a list or of a pair of adjectives."""
    # "By doing this, you can ...": without it you cannot.
    means = re.match(r"By |Using ", at.part) and re.match(
        r"(?:you|users|developers|they|it|one)\b", at.after
    )
    listed = means or re.match(r"[^,]*\b(?:and|or)\b[^,]*,|[^,]*, (?:and|or)\b", at.after)
    return (
        bool(_SUBJECT.match(at.after))
        and not listed
        and not re.search(r"\b(?:which|who|that) ?$", at.part)
    )


def is_no_verdict(at: Place) -> bool:
    """Say whether praise or a measure is not what the sentence is about: "this is a great practice", "it is a set of tools"."""
    measure = not re.match(r"in order|as well|that|which|who", at.part.strip())
    amount = re.match(
        r"(?:amount|number|array|deal|degree|extent|majority|share|portion|quantity)\b", at.after
    )
    return not (measure and (amount or _VERDICT.search(at.before)))


def has_verb(at: Place) -> bool:
    """Say whether a filler does not stand where the writer forgot the verb ("it also a great tool"), nor beside a contrast."""
    if at.part.strip() == "also" and re.search(r"\b(?:but|while|whereas)\b", at.before):
        return False
    last = (at.before.rsplit(maxsplit=1) or [""])[-1]
    return not re.match(r"(?:an?|the)\b", at.after) or bool(VERB.fullmatch(last.strip(",;:()")))


def is_its_own(at: Place) -> bool:
    """Say whether "own" only stresses whose it is; "each with its own key" needs it."""
    return not re.search(r"\b(?:each|every)\b", at.before)
