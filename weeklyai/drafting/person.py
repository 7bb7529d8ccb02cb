"""News told as "we", which no take may say of itself: a paper's is told of the paper, everybody else's is quoted.

"To this end, we propose X ..." becomes "The paper proposes X ...". Where the verb is one that a paper may be the subject of
as well, the subject and its verb's ending are all that changes; an opening that only points back ("To address this issue")
goes. Everything behind the verb stands as it stood, and a second verb there, which would want a new ending, forbids it.

"Today, we’re releasing X." is put between quotation marks, word for word: whose "we" it is, only its authors say, who are
not always the publisher.
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

_BEFORE, _AFTER = "The authors write: “", "”"
MOST_WORDS = 40  # of a quotation
# What is done now, not what was done a year ago.
_DONE = (
    r"(?:releas|launch|introduc|announc|open[- ]?sourc|publish|ship|unveil|present|deprecat|discontinu|retir|clos|migrat|switch|complet|acquir|issu|develop|creat|discover|"
    r"host|end|remov|dropp|add|mov|rais|join|form|fix|open|start|extend|expand|updat|upgrad)(?:ed|ing)|built|found|made"
)
# What an announcement begins with; a quotation may.
GLAD = re.compile(
    r"\b(?:proud|thrilled|excited|pleased|delighted|happy|glad) (?=to (?:introduce|announce|release|launch|unveil|present|share)\b)"
)
_NEWS = re.compile(
    rf"\b[Ww]e(?: are|['’]re) {GLAD.pattern}|"
    rf"\b[Ww]e(?: are|['’]re| have|['’]ve) (?:now |just |recently |today |officially )?(?:{_DONE})\b|"
    r"\b[Ww]e (?:introduce|announce|release|launch|present|open[- ]source|publish|unveil|deprecate)\b|"
    rf"^(?:Today|Yesterday|This week|Last week),? we (?:{_DONE})\b"
)
_BEFORE_NOW = re.compile(
    r"^(?:When|As|While|Since|If|During|After|Before|Because|In (?:(?:19|20)\d\d|[A-Z][a-z]+ (?:19|20)\d\d)|Last (?:year|month)|Earlier|Over)\b"
)
_ALONE = re.compile(r"\b(?:I|[Mm]y|me|[Mm]ine|[Mm]yself)\b|[\"“”]|[.!?…] [A-Z]|[:;]$")


def is_paper(item: FeedItem) -> bool:
    """Say whether an item is a scientific paper's own page, by its host."""
    host = (urlsplit(item.url).hostname or "") if item.url else ""
    return host.removeprefix("www.").removeprefix("export.") in PAPERS


def told(sentence: str, item: FeedItem) -> str:
    """Return a sentence about what "we" did as a take may hold it; any other sentence as it is.

    >>> told("To this end, we study ferries.", paper)
    'The paper studies ferries.'
    >>> told("We are opening a second line.", report)
    'The authors write: “We are opening a second line.”'
    """
    if not is_paper(item):
        return f"{_BEFORE}{sentence}{_AFTER}" if _may_be_quoted(sentence, item) else sentence
    found = _WE.match(sentence)
    if not found or _SECOND.search(sentence, found.end()):
        return sentence
    means, verb = found.groups()
    subject = f"{means}, the paper" if means else SUBJECT
    return f"{subject} {_third(verb.lower())} {sentence[found.end() :]}"


def _may_be_quoted(sentence: str, item: FeedItem) -> bool:
    """Say whether a sentence tells news of its authors, and stands in nobody's quotation already."""
    if not _NEWS.search(sentence) or _BEFORE_NOW.match(sentence) or _ALONE.search(sentence):
        return False
    if len(sentence.split()) > MOST_WORDS:
        return False
    before = item.text.partition(sentence.removesuffix("."))[0].rpartition("\n")[2]
    return before.count("“") <= before.count("”") and before.count('"') % 2 == 0


def known(sentence: str, item: FeedItem) -> str:
    """Return what has to be understood of a sentence: "The paper" below its title is, and who wrote a quotation."""
    if is_paper(item):
        return sentence.removeprefix(f"{SUBJECT} ")
    return sentence[len(_BEFORE) : -len(_AFTER)] if is_quoted(sentence) else sentence


def is_quoted(sentence: str) -> bool:
    """Say whether a sentence is one that `told` has put between quotation marks."""
    return sentence.startswith(_BEFORE)


def _third(verb: str) -> str:
    """Return the third person of one of the verbs: propose, proposes; study, studies; address, addresses."""
    if verb.endswith("y"):
        return f"{verb[:-1]}ies" if verb[-2] not in "aeiou" else f"{verb}s"
    return f"{verb}es" if verb.endswith("ss") else f"{verb}s"
