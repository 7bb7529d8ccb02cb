"""What a paper says of itself as "we", told of the paper: "To this end, we propose X ..." becomes "The paper proposes X ...".

An abstract gives its news in the first person, which no take may speak in. Where the verb is one that a paper may be the
subject of as well, the subject and its verb's ending are all that changes; an opening that only points back ("To address
this issue") goes. Everything behind the verb stands as it stood, and a second verb there, which would want a new ending, forbids it.
"""

import re
from urllib.parse import urlsplit

from weeklyai.records import FeedItem

PAPERS = frozenset({"arxiv.org", "openreview.net", "aclanthology.org", "biorxiv.org", "medrxiv.org"})  # fmt: skip
SUBJECT = "The paper"
_VERBS = (
    "address|analy[sz]e|argue|characteri[sz]e|compare|demonstrate|derive|describe|design|develop|establish|evaluate|examine|explore|extend|"
    "find|formali[sz]e|formulate|identify|introduce|investigate|offer|outline|present|propose|prove|provide|report|reveal|review|"
    "revisit|show|study|suggest|survey"
)
# What only points back to the sentences before, or counts on from them.
_BACK = (
    r"to (?:this|that) end|to (?:\w+ ){1,3}(?:this|these|that|those|such|the (?:above|aforementioned))\b[^,]{0,60}|"
    r"in this (?:\w+ )?(?:paper|work|study|article|letter|report|survey|perspective)|building (?:up)?on (?:this|these)\b[^,]{0,50}|"
    r"(?:motivated|inspired) by (?:this|these)\b[^,]{0,50}|in (?:response|light of this)(?: to (?:this|these)\b[^,]{0,50})?|here|"
    r"therefore|thus|accordingly|specifically|in particular|concretely|furthermore|moreover|additionally|finally"
)
_MEANS = r"(?:through|using|by|across|based on|drawing on|via|leveraging) [^,]{5,120}"
_WE = re.compile(
    rf"^(?:(?:{_BACK}),? |({_MEANS}), )?(?:here,? )?we ({_VERBS}) (?=[^,.])", re.IGNORECASE
)
_SECOND = re.compile(
    rf"\band (?:\w+ly |then |also |further )?(?:{_VERBS}|pair|discuss|train|apply|use|test|release|build|perform|conduct|combine|adopt|"
    r"perform|validate|benchmark|create|construct|implement|integrate|quantify|measure|provide|employ|leverage|utilize|make|give|"
    r"highlight|assess|optimize|illustrate|obtain|achieve|define|collect|curate|annotate|verify|are|have|do)\b",
    re.IGNORECASE,
)


def is_paper(item: FeedItem) -> bool:
    """Say whether an item is a scientific paper's own page, by its host."""
    host = (urlsplit(item.url).hostname or "") if item.url else ""
    return host.removeprefix("www.").removeprefix("export.") in PAPERS


def told(sentence: str, item: FeedItem) -> str:
    """Return a paper's sentence about what "we" did as one about the paper; any other sentence as it is.

    >>> told("To this end, we study ferries.", paper)
    'The paper studies ferries.'
    """
    found = _WE.match(sentence) if is_paper(item) else None
    if not found or _SECOND.search(sentence, found.end()):
        return sentence
    means, verb = found.groups()
    subject = f"{means}, the paper" if means else SUBJECT
    return f"{subject} {_third(verb.lower())} {sentence[found.end() :]}"


def known(sentence: str, item: FeedItem) -> str:
    """Return what has to be understood of a sentence: below a paper's title "The paper" is."""
    return sentence.removeprefix(f"{SUBJECT} ") if is_paper(item) else sentence


def _third(verb: str) -> str:
    """Return the third person of one of the verbs: propose, proposes; study, studies; address, addresses."""
    if verb.endswith("y"):
        return f"{verb[:-1]}ies" if verb[-2] not in "aeiou" else f"{verb}s"
    return f"{verb}es" if verb.endswith("ss") else f"{verb}s"
