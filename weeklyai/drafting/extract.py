"""Choosing sentences of one item: the floor under every blurb.

What may be published at all is decided by rules of form; among those, `selector` knows which sentences a person would sum
the text up by, alone and beside what is chosen already, and weighs what a model makes of them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from weeklyai import text
from weeklyai.drafting import checks, heads, person
from weeklyai.drafting.background import Background
from weeklyai.drafting.features import Array
from weeklyai.drafting.selector import MAX_READ, Scorer
from weeklyai.drafting.writer import NoWriter, Writer
from weeklyai.records import FeedItem

__all__ = [
    "Background",
    "Candidate",
    "candidates",
    "choose",
]  # callers count a background, then draft

MIN_WORDS, MAX_WORDS = 7, 45  # of a sentence

_BOILERPLATE = re.compile(
    r"\b(?:appeared first on|read more|click here|sign up|subscribe|(?:our|my|this|free|weekly|daily|e-?mail) newsletter|follow us|share this|all rights reserved|"
    # A report on the reporting, not on the event.
    r"(?:owns|is owned by|is the owner of|parent company of) (?:the )?(?:[A-Z]\w+ ){1,4}(?:Post|Times|News|Journal|Herald|Tribune|Gazette|Wire|Magazine)|"
    r"could not (?:immediately |independently )*verify|(?:did|has|have) not (?:immediately |yet )*(?:respond(?:ed)?|comment(?:ed)?|reply|replied)|"
    r"copyright (?:\d{4}|©)|©|image credits?|photo by|(?:via|/) ?getty images|image courtesy|affiliate (?:links?|commission)|"
    r"sponsored (?:by|post|content)|advertiser disclosure|(?:we use|accept|our) cookies|cookie (?:policy|settings)|"
    r"terms of service|privacy policy|press contact|about the author|listen to (?:the|this|our)|watch the (?:full )?video|"
    r"in this (?:post|article|episode|tutorial|guide|video|paper|study|work|section|document|page|talk|session|survey|chapter|series)|please|this (?:post|article|story|paper|episode) (?:was|is|has)|stay tuned|(?:the )?linked (?:article|post|video|page|story)|bug reports?|feature requests?|(?:bugs|issues) can be (?:reported|filed)|"
    r"thank you|thanks to (?:all|every)|let us know|leave a comment|check out|see (?:below|above)|table of contents|editor's note|"
    r"just make sure|(?:available|found|listed|explained) here|(?:reproduced|shown|listed|described|summari[sz]ed|outlined) below|is a weekly (?:blog|post|newsletter|column|podcast)|you['’]ll be|discuss (?:this|on)|join us|register (?:now|today)|for more (?:information|details)|view pdf|announce type|"
    r"ignore (?:all |any )?(?:the )?(?:previous|prior|above|earlier) (?:instructions?|prompts?)|system prompt|as an ai (?:language )?model|"
    r"(?:proud|thrilled|excited|pleased|delighted|honou?red) to|leading (?:global )?provider|the industry['’]s (?:only|first|leading|most)|(?:industry|market|world)['’s]*[- ]leading|award-winning|"
    r"to (?:learn|read|find out) more|want to (?:learn|know)|come say|related (?:links|posts)|(?:figure|fig\.?|table) \d+|loading player|min read|photograph:|skip to|forward-looking statements?|nothing in this)\b"
    r"|^(?:each|every) (?:week|month|issue|episode)\b|^the (?:first|second|third|next|last|following|final) (?:section|part|chapter|post|article)\b|^this (?:study|paper|work|page|document|tutorial|talk|session|guide|memo|note|article|post|survey|chapter|blog|course|video|series)\b"
    r"|^\W*(?:(?:update|correction|note|tl;dr|edit|advertisement|disclosure|disclaimer|photo|image|source|via)s? ?[:(–—-])|^\W*update \d|abstract ?:|\btl;?dr\b|\bhere\W*$",
    re.IGNORECASE,
)
_DEBRIS = re.compile(
    # What an editor put into somebody's words, whose quotation marks are gone.
    # "Yesterday" is another day when the issue comes out.
    r"\b(?:yesterday|tomorrow|tonight)(?!['’]s)\b|\[[a-z][^\[\]]* [^\[\]]*\]|\[[.…]+\]|[a-z]{2}[’”][A-Z][a-z]+ [a-z]|(?:[A-Z]\.){3,}$|\)~|[a-z],\d (?=[a-z])|\s[’']s\b|\bU\. K\b|\b(?:issued|held|told|reporters|speaking) here\b|(?i:\d[- ]min(?:ute)? read)|\$[\\A-Za-z^_{][^$]*\$|\w~\w|(?i:\b([a-z]\w*(?: [\w.]+){0,3}) \1\b)|\b(?:[Ee]verything|[Aa]ll|[Tt]he) above\b|\b(?:the the|of of|to to|ha(?:s|ve|d) lead|[a-z]{2,}(?<!g)(?<!f)rather|and and|as and|a the|the a|in in|is is|or and)\b|^Advertisement\b|&\w{2,8};|&#\w+;|https?://|www\.|[{}<>|\\`=]|::|->|#[A-Za-z_]|(?<![A-Za-z] )#\d|(?:^|\s)@\w|\[(?:\d*|[a-z_]\w*)\]|\b_\w+_\b|\$ |^\W*[-*•·–—]\s|\.{3,}|…|\w\.[A-Z]\w+\.|[a-z]{4}\.(?:The|To|This|In|It|We|However|An?|For|As|With|By|On|These|Our|And|But|While|Although) |\w:[A-Z]\w|[a-z]\.[a-z]{2,}[A-Z]|"
    r"^(?:Background|Motivation|Objectives?|Results?|Methods?|Conclusions?)[A-Z]|\b(?:Hon|Govt|Dept|Rev|Capt|Lt|Col|Pres|approx|resp)\.$|"
    r"^(?:Conclusions?|Introduction|Summary|Overview|Abstract|Background|Motivation|Preface|Foreword) (?!to\b|by\b|of\b|is\b|has\b|was\b)[A-Z]|"
    # A list's next number behind a sentence, but not "version 53." or "June 9."
    r"(?:^|\s)(?!(?:versions?|Chrome|Firefox|Safari|Java|Python|PHP|iOS|Android|Windows|Ubuntu|Fedora|Rails|to|of|in|at|by|than|and|or|over|nearly|"
    r"only|about|under|aged?|until|from|on|Jan\w*|Feb\w*|March|April|May|June|July|Aug\w*|Sept\w*|Oct\w*|Nov\w*|Dec\w*) )\S+\s\d{1,2}\.$|"
    r"\b(?:imho|imo|tbh|afaik|lol|btw)\b|[a-z]{3}\.\d{1,2}\.?$|\d[.,] \d|\bU\. S\b|[a-z]{3}(?:A|An|The|In|On|At|For|This|It) (?=[A-Za-z])|"
    r"^(?:SEOUL|TOKYO|BEIJING|LONDON|PARIS|WASHINGTON|BERLIN|BRUSSELS|MOSCOW|DELHI|MUMBAI|SINGAPORE|TAIPEI|SHANGHAI|SYDNEY) [A-Z]|\((?:right|left|top|bottom|above|below|cent(?:er|re)|pictured)\)|[:;.] [-–] | - .* - .* - |\*\*|\s# "
)
# Where an excerpt was cut off: no stop behind it, or a stop where more had to come.
_CUT = re.compile(
    r"\w$|\b(?:the|an?|of|and|or|as|from|its|their|further|several|our|into|than|to|that|which|who|be|is|are|was|were|this|these)\.$"
)
# Where a summary was run into a report's first sentence: "... hit by an incidentPassengers at ...".
_RUN_ON = re.compile(r"\b[a-z]{4,}[A-Z][a-z]{3,}\b")
# Where a blank came into a name: "a file such as a README. md".
_SPLIT = re.compile(r"(?:md|com|org|net|io|js|py|rs|ts|json|txt|exe|dll|php|html|twitter)\b")
# Openings that lean on the sentence before, or on the headline's picture of the event.
_DANGLING = re.compile(
    r"^[\"“]?(?:this(?! (?:week|month|year|quarter|summer|spring|autumn|fall|winter|weekend|january|february|march|april|may|june|july|august|"
    r"september|october|november|december)\b)|that|these|those|"
    # "It is possible to ..." speaks of what follows.
    r"it(?!(?:['’]s| is| was| has been| can be| will be) (?:not )?(?:now |also |still |often |very )?(?:possible|impossible|important|easy|easier|hard|harder|"
    r"difficult|clear|unclear|likely|unlikely|common|worth|essential|necessary|crucial|tempting|rare|useful|helpful|legal|illegal) (?:to|that|for|how|whether|if)\b)|its|they|them|their|he|she|his|her|hers|such|another|\w+ly,? (?:it|they|he|she|this|that)|like any|not only (?:it|they|he|she)|speaking of|one (?:is|was|of which)|[\w ]{1,12} (?:day|week|month|year|hour|minute)s? (?:later|earlier|before|after(?:wards)?)|the \d{1,3}(?=%| per ?cent)|here|some of (?:them|these)|"
    r"(?:all|both|each|many|most|none|one|two|three|four|five|several|some|neither|either) of (?:the(?! (?:[\w’'-]+ ){1,5}(?:in|of|for|that|who|to|behind|from|at) )|them|these|those|its|their|which)\b|"
    r"both|all (?:this|these|those|three|four|five)|the (?:[\w-]+ ){1,3}(?:company|firm|start-?up|agency|group)|the (?:former|latter|other|others|two|three|same|move|news|change|changes|"
    r"result|results|feature|features|study|report|company|companies|firm|tool|model|models|paper|release|app|service|update|round|fund|system|function|announcement|plan|deal|team|authors?|"
    r"researchers|new (?:version|model|feature|features|tool|system|rules?|law)|bug|flaw|attack|bill|ruling|lawsuit|letter|device|"
    r"decision|agreement|acquisition|incident|start-?up|agency|duo|pair|trio|method|approach|survey|award|scheme|"
    r"answer|problem|reason|idea|goal|difference|twist|point|question|post|article)|but|and|or|nor|so|yet|also|then|now|well|however|"
    r"moreover|furthermore|instead|meanwhile|nevertheless|nonetheless|still|thus|therefore|hence|similarly|likewise|otherwise|conversely|regardless|"
    r"additionally|besides|though|consequently|accordingly|in (?:addition|contrast|other words|turn|short|response(?! to (?!th))|return|fact|"
    r"doing so|that case)|initially|at the time of writing|at (?:that|the same) (?:point|moment)|as (?:a result|such|well|always|promised|usual|before|of then)|for (?:example|instance|this|that)|"
    r"just in time|even (?:the|then)|by (?:contrast|comparison|doing so)|on the (?:other|contrary)|at the same time|that said|indeed|after all|of course|"
    r"after (?:that|this)|(?:since|until) then|there (?:is|are) (?:others?|also|another|more)|in the (?:morning|afternoon|evening)|in there|before getting started|to \w+ (?:it|this|them|that)|according to (?:him|her|them|it)|(?:second|third|fourth|first|next|finally|lastly|last|firstly|secondly|now|essentially|"
    r"overall|further|in particular|ultimately|previously|as you (?:know|see|can see)|for now|specifically|interestingly|strikingly|elsewhere|separately|again|more (?:specifically|importantly|recently)|even so)(?=,)|"
    r"(?:as|while|when|if|although|though|after|before|since|because|with|in|for|by|to|like|unlike|despite|until|once|under|at|on|among|amongst|of|between|behind|beside|beyond|against|through|around|over|about|from|within|without) "
    r"(?:it|its|they|them|their|he|him|his|she|her|this|these|that|those|such))\b",
    re.IGNORECASE,
)
# "these", "here" and the like point back wherever they stand; "this week" and "that" as a conjunction do not.
_POINTS_BACK = re.compile(
    r"\b(?:these|those(?! (?:who|that|whose|with|of|in|from|behind|involved|affected))|aforementioned|(?:such|said) (?:an?|the) |"
    r"this(?! (?:week|month|year|quarter|summer|spring|autumn|fall|winter|morning|afternoon|evening|weekend|time|decade|century|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)\b)|"
    r"the (?:two|three|former|latter) (?:companies|firms|men|women|sides|groups|teams)|as (?:noted|mentioned|described|discussed)|"
    r", that(?:['’]s| is| was| means| would)\b|however|therefore|correspondingly|instead\b(?! of\b)|(?:address|tackl|solv|overcom)(?:e|es|ed|s|ing) (?:this|these|it)\b|^(?:one|another) (?:example|such|case)\b|according to (?:it|him|her|them|the (?:company|firm|start-?up|agency|authors|researchers|team))|"
    r"^(?:in|with|together|for|by|at|on|from|under|during|among|along|within|beyond)\b[^,]*, (?:it|they|he|she|its|their|his|her)\b|"
    r"^(?:the|it|they)(?: [\w-]+){0,2} then\b|both (?!sides|ends|directions|hands|eyes|parties|worlds|ways)[a-z]+s(?=[,.;]| which\b| that\b)|(?:is|are) no exception\b|"
    # "a more challenging task": than what?
    r"\b(?:is|are|was|were|proposes?|introduces?) an? (?:even |much |far )?more [a-z-]+ [a-z]+\b(?!.*\bthan\b)|"
    r"here(?=[.,]| about| is| are| that)|above(?=[.,)])|below(?=[.,)]))",
    re.IGNORECASE,
)
# One common noun with "the" as the subject: which one, said the sentence before.
_THE_THING = re.compile(
    r"^The (?!(?:internet|web|government|president|world|public|industry|market|police|court|state|country|economy|public|media|future|past|"
    r"sun|moon|earth|universe|city|war|law|average|majority|number|rest|best|next|first|last|latest|way|use|aim|key|cost|price)\b)"
    r"[a-z]+ (?:is|are|was|were|will|has|have|had|can|could|may|would|does|also|now|offers?|provides?|supports?|includes?|comes|uses?|lets|helps?|allows?|runs|works)\b"
)
# A heading run into the sentence behind it ("Early adopters At last year's event ...").
_GLUED = re.compile(
    r"(?<=[a-z0-9)] )(?:The|At|On|In|With|For|This|These|It|As|By|To|When|While|If|Our|From|Both|An?|Once|After|There|They|Using|Each|Here|Many|Most|Some|"
    r"Several|Every|You|What|How|Why|But|And|Since|Because|Although|Its|Their|Today) (?=[a-z])"
    r"|(?<=[a-z]{3} )(?<!told )(?<!with )(?<!from )(?<!and )(?<!via )(?<!per )(?<!for )(?<!the )(?<!both )(?<!like )The (?=[A-Z])"
    # "Power agents with Nemotron Agents suffer from ..."
    # A Headline To Be Read Above run into its text, or "... for Desktop Detects mass encryption".
    r"|[a-z] [A-Z][\w’'-]* (?:To|After|Amid|Over|As|Into|Following|Despite) [A-Z]|"
    r"\w (?:Detects|Launches|Unveils|Announces|Reveals|Warns|Confirms|Exposes|Faces|Adds|Gets) [a-z]|^(?:\S+ ){1,3}\+ [a-z]"
    # "... across Acme chips Acme chips are ...", "Acme announces a breach Acme told customers ..."
    r"|\b([A-Z][\w-]{2,}) (?:(?!and|or|to|of|vs|by|for|with|in)[\w-]+ ){1,3}\1 (?=[a-z]+s )"
    r"|^([A-Z][\w-]{2,}) [^.,;:]* (?!(?:of|to|by|and|with|for|in|at|that|from|as|on|or|than|says?|said) )[a-z]{3,} \2 (?=[a-z])"
    r"|\b([a-z][\w-]{3,})\b[^.,;:]*[a-z0-9] (?!\3)(?i:\3)\b"
    # "High Throughput Inference with a Hybrid Architecture Holotron's leap ...", "Open Datasets NVIDIA's releases ..."
    r"|^(?:[A-Z][\w.’'-]* )+(?:(?:with|of|for|an?|in|to|on|vs\.?|and|from|via|the) )+(?:[A-Z][\w.’'-]* ){3,}(?=[a-z])"
    r"|^(?:[A-Z][\w-]* )*[A-Z][a-z]+s [A-Z]\w+[’']s\b"
)
# A subordinate clause on its own, or a label before its text ("Acme Now: ...").
_FRAGMENT = re.compile(
    # Lines of a changelog, which have no subject.
    r"^(?:Successfully [a-z]+ed |(?:First|Second|Third)(?:ly)?, )|"
    # A person in the street, to begin a story with.
    r"^[A-Z][\w’-]+(?: [A-Z][\w’-]+){0,3}, \d\d, an? [^,]*, (?:said|says|thought|felt|knows|remembers|recalls)\b|"
    r"^(?i:fix(?:ed|es)?|add(?:ed|s)|remov(?:ed|es|e)|updat(?:ed|es)|improv(?:ed|es)|bump(?:ed|s)?|refactor(?:ed)?|deprecat(?:ed|es)|"
    r"chang(?:ed|es)|renam(?:ed|es)|implement(?:ed|s)?|merge[ds]?|reverts?|reverted) |"
    r"^(?:Disclosure|Details|Overview|Summary|Announcement|Description|Publication|List) (?:of|on|from|about|for) |"
    r"^To [a-z]+ [^,;]*$|^(?:\w+ ){1,3}(?:that|which|who) (?:[\w’'-]+ ){2,12}[\w’'-]+\.$|^\W*\(?(?:\d{1,2}|[a-z]|[ivx]+)\) |^CVE-\d+-\d+:? [A-Z]|^(?:\S+ ){1,5}[-–—] [A-Z]|^(?:\S+ ){1,3}[-–—] |"
    r"^(?:(?i:especially|particularly|whose|such as|not to mention|which|introducing)\b|(?i:because|whereas|if|when|while|although) [^,]*$|"
    r"[A-Z][\w.’'-]*(?: [A-Z][\w’'-]*){0,3}: |[A-Z](?:[^.:;,\"“”]|(?<=\d)\.(?=\d)){2,60}: (?=[A-Z])|\w+ly, because\b|(?i:perhaps )?unsurprisingly\b)"
)
# Case matters: "US" is a country, "I-90" a road, "I/O" no person.
_FIRST_PERSON = re.compile(
    r"\b(?:I(?![-/.\w])|[Ww]e|us|[Oo]urs?|[Mm]y|[Mm]ine|me|[Ll]et['’]s|i(?= )|[Mm]yself|[Oo]urselves)\b(?!-)"
)
# Calls to the reader, and "How X did Y." in place of a sentence.
_CALL = re.compile(
    r"^you\b(?! can now)|^(?:your|please|make a note|fun fact|try|make sure|be sure|remember|note that|imagine|consider|see|read (?:the|more|our|on)|visit|get|find|learn|"
    r"start (?:your|with|by)|download|join|follow|click|watch|discover|explore|hear|meet|stay|keep|don['’]t|do not|contact|e?-?mail|call|"
    r"send|apply|enter|book|buy|order your|save|grab|install|add|create|choose|select|go to|ask|think|suppose|take a|feel free|"
    r"explain|describe|open|check|update|set|welcome|congratulations|hello|hi|happy|if you|when you|want|looking|need|"
    r"improve|build|deploy|accelerate|scale|optimi[sz]e|boost|simplify|enhance|integrate|automate|query|evaluate|train|fine-tune|deliver|unlock|streamline|"
    r"view|listen|restore|copy|paste|enable|disable|configure|upgrade|replace|remove|import|export|to [a-z]+ [^,]+, (?:check|see|visit|read|go|use|run|click|contact|e-?mail|join|try|download|open)|"
    r"use|execute|calculate|browse|interact|parse|visuali[sz]e|analy[sz]e|inspect|render|control(?= the)|toggle|format|run|read|start|go|give|put|turn|type|press|say|look|how|why|what|where|whether)\b(?! (?:is|are|was|were|has|have|will|of)\b)",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"\b(?:said|says|told|wrote|writes|added|adds|explained|explains|according to|called|calls|described|describes|"
    r"announced|argued|argues|warned|warns|noted|notes|stated)\b"
)
_SURNAME = re.compile(
    r"(?:(?<=^)|(?<=[\s\"”“]))(?:(?:Mr|Mrs|Ms|Dr|Prof)\.? ([A-Z][\w’'-]+)|([A-Z][a-z][\w’'-]*)(?= (?:said|says|told|added|adds|noted|"
    r"notes|wrote|writes|explained|explains|argued|argues|thinks|believes|also|has|had|was|is|makes|made|makes|will|would|hopes|wants|"
    r"lost|won|joined|left)\b|, (?:who|whose)\b|['’]s\b)|(?:said|says|added|adds|wrote|writes|explained|told) ([A-Z][a-z][\w’'-]*)(?=[.,]))"
)
VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|does|do|did|will|would|can|could|may|might|must|should|"
    r"says?|said|gets?|got|makes?|made|takes?|took|gives?|gave|goes|went|runs?|ran|brings?|brought|shows?|sets?|cuts?|puts?|lets?|"
    r"wins?|won|beats?|costs?|began|begins?|becomes?|became|comes?|came|keeps?|kept|leads?|led|builds?|built|sells?|sold|"
    r"(?:need|offer|allow|pay|read|reach|fit|cover|support|remain|stay|want|fall|stand|tend|write|buy|grow|follow|find|use|see)s?|"
    r"\w{2,}(?:ed|es|ises|izes|ates|ifies)|[a-z]{3,}s(?= (?:to|the|a|an|its|their|as|no|only|up|out|in|on|for|from|with|that)\b))\b"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be published.

    Attributes:
        index: its place among the sentences of the item.
        text: the sentence; of a paper, told of the paper where it says "we" (`person`).
        dangling: it leans on the sentence before and is only published right behind it.
        needs: full names that an earlier sentence of the blurb has to hold ("Jim Lee" for a bare "Lee").
        why: what spoke for it when it was chosen, for people.
        source: the sentence as the item has it, where `text` is not that, or "".
    """

    index: int
    text: str
    dangling: bool
    needs: tuple[str, ...] = ()
    why: str = ""
    source: str = ""


def candidates(item: FeedItem, writer: Writer | None = None) -> list[Candidate]:
    """Return the sentences of `item` that may stand in a blurb; a model helps to see where the first one begins."""
    found = []
    all_sentences = heads.sentences(item, writer or NoWriter())[:MAX_READ]
    for index, sentence in enumerate(all_sentences):
        behind = all_sentences[index + 1] if index + 1 < len(all_sentences) else ""
        cut = (
            _CUT.search(sentence)
            if index and not behind
            else _RUN_ON.search(sentence, 0, 300 * (not index))
        )
        if cut or _SPLIT.match(behind):
            continue
        ended = with_stop(sentence)
        told = person.told(ended, item)
        quoted = person.is_quoted(told)
        if why_not(
            ended if quoted else told, item.title, quoted=quoted
        ) is None and not heads.run_in(ended, item):
            needs = introductions(sentence, " ".join(all_sentences[:index]), item.title)
            # "The judge ..." at the very start leans on nothing but the headline, which stands above the blurb.
            leaning = leans_back(person.known(told, item)) and not (
                index == 0 and told.startswith("The ")
            )
            found.append(
                Candidate(index, told, leaning, needs, source="" if told == ended else ended)
            )
    return found


def with_stop(sentence: str) -> str:
    """Return `sentence` with the full stop that many one-line summaries lack; a heading without a verb stays bare."""
    bare = sentence[-1:].isalnum() and len(sentence.split()) >= MIN_WORDS and VERB.search(sentence)
    return f"{sentence}." if bare else sentence


def leans_back(sentence: str) -> bool:
    """Say whether `sentence` is only understood behind the one before it."""
    outside = re.sub(r"[\"“][^\"“”]*[\"”]", '""', sentence)
    return bool(
        _DANGLING.match(sentence) or _THE_THING.match(sentence) or _POINTS_BACK.search(outside)
    )


def introductions(sentence: str, before: str, title: str) -> tuple[str, ...]:
    """Return the full names that `before` gives to people whom `sentence` calls by the surname alone.

    Only surnames that speak or act ("Lee said", "Lee, whose", "Mr Lee") are looked at: elsewhere a lone last word is as
    often a product ("Azure" after "Microsoft Azure").
    """
    found = []
    for match in _SURNAME.finditer(sentence):
        name = next(part for part in match.groups() if part)
        full = re.search(rf"\b[A-Z][\w.’'-]+ (?:[A-Z][\w.’'-]* )?{re.escape(name)}\b", before)
        if full and full[0] not in sentence and name not in text.WORD.findall(title):
            found.append(full[0])
    return tuple(found)


def why_not(sentence: str, title: str, *, quoted: bool = False) -> str | None:
    """Return why `sentence` may not stand in a blurb, in quotation marks if `quoted`, or None."""
    num_words = len(sentence.split())
    outside = re.sub(r"[\"“][^\"“”]*[\"”]", '""', sentence)
    rules = (
        ("length", not MIN_WORDS <= num_words <= MAX_WORDS),
        ("form", not checks.complete(sentence)),
        (
            "boilerplate",
            bool(_BOILERPLATE.search(person.GLAD.sub("", sentence) if quoted else sentence)),
        ),
        ("debris", bool(_DEBRIS.search(sentence) or _GLUED.search(outside))),
        ("question or exclamation", sentence.rstrip("\"'”’)").endswith(("?", "!"))),
        ("first person", not quoted and bool(_FIRST_PERSON.search(outside))),
        ("call to the reader", bool(_CALL.match(sentence))),
        ("fragment", bool(_FRAGMENT.match(sentence))),
        ("quote without speaker", outside != sentence and not quote_has_speaker(sentence, outside)),
        ("echo of the headline", checks.echoes(sentence, title)),
        (
            "shouting",
            sum(word.isupper() and len(word) > 1 for word in sentence.split()) > num_words / 3,
        ),
        # A list of verbs is never whole; a long sentence without one of them is rarely a heading.
        ("no verb", num_words < 10 and not VERB.search(sentence)),
    )
    return next((name for name, broken in rules if broken), None)


def quote_has_speaker(sentence: str, outside: str) -> bool:
    """Say whether the quotations of `sentence` are single words or have a named speaker in the same sentence."""
    longest = max(len(quote.split()) for quote in checks.quotes(sentence) or [""])
    return longest <= 3 or (bool(_SPEAKER.search(outside)) and bool(checks.names(f"x {outside}")))


def choose(
    item: FeedItem,
    background: Background,
    writer: Writer,
    words: tuple[int, int, int],
    *,
    copied: tuple[int, int] = (5, 0),
) -> list[Candidate] | None:
    """Return the sentences for a blurb on `item` in their order in it, or None where it cannot carry one.

    Args:
        item: the source.
        background: how usual words are.
        writer: adds what it makes of each sentence; `NoWriter` adds nothing.
        words: of a blurb: the least, the number that further sentences are added up to, and the most.
        copied: from one source, so many sentences, or more as long as they hold no more than so many words.
    """
    found = candidates(item, writer)
    firm = [candidate for candidate in found if not candidate.dangling and not candidate.needs]
    if not firm:
        return None
    places = [one.index for one in found]
    scorer = Scorer(item.title, item.text, background, writer=writer, among=places)

    def best(among: Sequence[Candidate], scores: Array) -> Candidate:
        return max(among, key=lambda one: (float(scores[one.index]), -one.index))

    chosen = [best(firm, scorer.alone)]
    least, aim, most = words
    while len(chosen) < 2 or _num_words(chosen) < aim:
        fitting = [one for one in found if _fits(one, chosen, most, copied)]
        if not fitting:
            break
        # Where no third sentence may follow, the second has to reach the length aimed at, if any does.
        if len(chosen) + 1 >= copied[0]:
            fitting = [one for one in fitting if _num_words([*chosen, one]) >= aim] or fitting
        chosen.append(best(fitting, scorer.beside([one.index for one in chosen])))
    if not least <= _num_words(chosen) <= most:
        return None
    chosen.sort(key=lambda one: one.index)
    return [replace(one, why=scorer.reasons(one.index)) for one in chosen]


def why_none(item: FeedItem, words: tuple[int, int, int]) -> str:
    """Return why `choose` finds nothing in an item, for people."""
    sentences = text.sentences(item.text)[:MAX_READ]
    found = candidates(item)
    if found and any(not (one.dangling or one.needs) for one in found):
        return f"its clean sentences do not make {words[0]} to {words[2]} words"
    faults = Counter(filter(None, (why_not(with_stop(one), item.title) for one in sentences)))
    most = ", ".join(f"{name} {count}" for name, count in faults.most_common(3))
    return f"no clean sentence among its {len(sentences)}" + (f" ({most})" if most else "")


def _num_words(chosen: Sequence[Candidate]) -> int:
    return sum(len(one.text.split()) for one in chosen)


def _fits(
    one: Candidate, chosen: Sequence[Candidate], most_words: int, copied: tuple[int, int]
) -> bool:
    """Say whether `one` may join `chosen`: new, within the length, its antecedent chosen, and no near-duplicate."""
    size = _num_words([*chosen, one])
    if any(one.index == other.index for other in chosen) or size > most_words:
        return False
    if len(chosen) >= copied[0] and size > copied[1]:
        return False
    if one.dangling and all(other.index != one.index - 1 for other in chosen):
        return False
    before = " ".join(other.text for other in chosen if other.index < one.index)
    if any(name not in before for name in one.needs):
        return False
    own = set(text.content_stems(one.text))
    return all(_overlap(own, set(text.content_stems(other.text))) < 0.6 for other in chosen)


def _overlap(a: set[str], b: set[str]) -> float:
    return len(a & b) / max(1, min(len(a), len(b)))
