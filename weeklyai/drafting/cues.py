"""What part a sentence can play in an article, told by cue words; and words that tie a sentence to its own text or time.

Word lists, not understanding: a definition says "X is a ...", a limit has "struggle" or "remains", a use says where. A limit
outweighs the rest, since praise under "Open Questions" reads odd, and a fault under "Where It Is Used" reads wrong.
"""

import re
from typing import Literal

Role = Literal["definition", "context", "mechanism", "use", "limit"]
ROLES: tuple[Role, ...] = ("definition", "context", "mechanism", "use", "limit")

# A paper about itself, a text about its parts, marks that copying brings along, things only the source's reader knows.
_OWN_WORK = re.compile(
    r"(?i:\b(?:(?:the|this|our|these) (?:paper|work|study|(?<=this )research|article|thesis|survey|review|report|experiments?|authors?|proposed|approach|framework|"
    r"results?|findings?|post|method|chapter|tutorial|section|talk|episode|pipeline|dataset|benchmark)|proposed|et al|introduced (?:here|in)|experiments (?:show|on|demonstrate)|"
    r"(?:results|experiments|evaluations?|experimental results|evaluation) (?:on|shows?|demonstrates?|indicates?|reveals?)|evaluated on|"
    r"code is|available at|open-sourced at|(?:is|are) (?:presented|proposed|introduced|investigated|studied|examined|explored|discussed|described)|"
    r"(?:section|chapter|figure|table|algorithm|appendix) [\dIVX]+|few studies|such (?!as\b)\w+|little attention|inspired by|motivated by|building on|to (?:address|tackle|bridge|fill|solve|overcome|mitigate|alleviate) (?:this|these|the|such)|"
    r"the (?:[\w-]+ )?[\w-]*\d[\w-]* (?:benchmarks?|datasets?|tasks?|items?|models?|questions?)|(?:offers?|provides?|presents?|as|is|emerges as) (?:an? )?(?:[\w-]+ ){0,5}(?:solution|alternative|remedy)\b(?! (?:to|for|when|where)\b)|"
    r"the (?:key|main|core|primary|research|overall|methodology) (?:methodology|research|objective|questions?|findings?|contributions?|goal|involves|aims?|idea|insight)|"
    r"the (?:methodology|research|contributions?|novelty|objective|aim)|practitioners should|(?:was|were) \w+ed|ours|extensive|ideal|world-class|cutting-edge|"
    r"practitioners (?:can|may)|not yet|yet to be|by contrast|in contrast|on the contrary|early stages?|in its infancy|(?:in|at|during) the (?:first|second|third|final|last|next) (?:stage|step|phase)|stage \d|"
    r"during assessment|(?:methods|techniques|algorithms|approaches) \w+ their|(?:suggest|indicat|show|reveal|confirm|demonstrat|highlight)ing that|in particular|(?:in|by|since|for) (?:19|20)\d\d|above|below|respectively|namely)\b)|\[\d+\]|\(\d{4}\)|\$|\\|~|\^|\s[-–]{1,2}\s[A-Z]|\w- [a-z]|[a-z)],[a-z]|\w{4,}-(?:introduces|characterized|whether|which|that|including|such|and|but|the|is|are|by)\b|\b[Ss]ee\b|^An? \w+ (?:that|for|to|which|of)\b(?!.*\bis\b)|^Summary of|^The (?:best|biggest|largest|smallest|final|resulting|second|third|same)\b|"
    r"^(?:Propos|Present|Introduc|Show|Investigat|Explor|Provid|Develop|Us|Find|Demonstrat|Studi|Appli|Extend|Survey|Report|Describ|Releas|Train|Build|Discuss|Review|Improv|Combin)(?:e?s|ies)\b|^Findings\b|^When applied\b|\b\w+ (?:ing|tions?|ments?|f|ff|fi|fl)\b(?! (?:score|of))|[a-z]{3}\([A-Z]|\s--\s|\b[Yy]ou|\bI\b"
)
_DATED = re.compile(
    r"\b(?:today|yesterday|tomorrow|currently|recently|lately|(?:this|last|next) (?:week|month|year|quarter|summer|spring|autumn|fall|winter)|"
    r"upcoming|soon|so far|to date|until now|nowadays|new(?:ly)?|latest|state[- ]of[- ]the[- ]art|recent|now)\b",
    re.IGNORECASE,
)
_CONTEXT = re.compile(
    r"\b(?:emerged|(?:has|have) (?:become|shown|achieved|gained|improved|advanced|empowered|demonstrated|been|proven|made|led|seen|transformed|revolutioni[sz]ed)|widely|increasing(?:ly)?|growing|popular(?:ity)?|"
    r"success(?:ful)?|promis\w+|crucial|essential|important|dominant|standard|paradigm|cornerstone|key to|attention|interest|adoption|mainstream|rapid(?:ly)?)\b",
    re.IGNORECASE,
)
_USED = re.compile(
    r"\b(?:used (?:in|for|to|as|across|by|within)|applications?|applied (?:to|in|across|for)|deploy\w*|in (?:practice|production)|adopted (?:in|by|for|across)|adoption|use cases?|"
    r"(?:domains?|fields?|areas?|industries|sectors?) (?:such as|like|including|from)|real-world)\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r",|\b(?:and|or|to)\b")
# Where something is used: fields of work and kinds of things, not "tasks" and "users".
_FIELDS = re.compile(
    r"\b(?:industr\w+|enterprises?|assistants?|medical|clinical|healthcare|medicine|diagnos\w+|education\w*|financ\w+|banking|legal|(?<!power )(?<!-)law|customer \w+|e-commerce|retail|"
    r"software (?:development|engineering)|robot\w*|driving|vehicles?|mobile|edge (?:devices?|computing)|smartphones?|search engines?|translation|speech|image \w+|video \w+|browsers?|companies|manufactur\w+|"
    r"hospitals?|forecast\w*|mathematic\w*|nutrition\w*|scien(?:ce|tific)|drug|materials|chemistry|bio\w+|energy|weather|climate|agricultur\w+|cod(?:e|ing) \w+|games?|security|journalis\w+|music|(?<!-)art|social (?:media|platforms?|networks?)|(?:document|graph|scene|chart|table|tabular|medical|qualitative) (?:understanding|analysis)|health\w*(?:-\w+)?|question answering|summari[sz]ation|recommend\w+)\b",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:however|challeng\w+|(?<!-)limit(?:ed|ations?|ing)|(?:\w+ly|which|that|this|and) limits|suffer\w*|struggl\w+|fail(?:s|ed|ing|ures?)?|remains?(?! (?:an? (?:[\w-]+ )?(?:research )?(?:area|topic|field|tool|approach|choice|foundation)|aligned|the|in|at|on|consistent|relevant|competitive|stable|robust|effective|valid|true|essential)\b)|lack(?:s|ing)?|difficult\w*|costly|expensive|risks?|"
    r"vulnerab\w+|open (?:question|problem|issue)s?|unclear|bottlenecks?|degrad\w+|hallucinat\w+(?! (?:datasets?|benchmarks?|detect\w+|corp\w+))|unreliable|brittle|poor(?:ly)?|hard to(?! beat)|problematic|(?:suffer\w*|serious|key|major|central|fundamental|common|core|open|new|inherent|practical|critical|the|a|security|privacy|safety) problems?|excessive\w*|"
    r"not always|unsafe|biased|instab\w+|collapse|concerns?|threats?|attacks?|understudied|underexplored|little is known|compromis\w+|"
    r"inconsistent\w*|inflated|uncertaint\w+|bias(?:es)?|far from|fall(?:s|ing)? short|incorrect|opaque|infeasible|undesirabl\w+|suboptimal|catastroph\w+|unnecessar\w+|verbos\w+|overheads?|hinges on|inefficien\w+|prone|susceptible|insufficient\w*|cannot|ignor(?:es|ing)|overlook\w*|neglect\w*|impractical|prohibitive\w*|few(?:er)? studies|shortcomings?|drawbacks?|weakness\w*|unfaithful|mislead\w*|redundant|mixed results|too (?:\w+ly )?(?:demanding|slow|large|big|weak)|high variance|practical constraints|hinder\w*|hamper\w*|incurs?)\b|\b(?:but|yet)\b(?! (?:also|to)\b)|^As [^,]+, (?:ensuring|understanding|assessing|evaluating|aligning|securing|protecting)\b",
    re.IGNORECASE,
)
# "addresses the challenges", "mitigates hallucinations": praise, though it names a fault.
_CURED = re.compile(
    r"\b(?:address|mitigat|reduc|overc[oa]m|tackl|alleviat|solv|avoid|prevent|eliminat|minimi[sz]|without|lower|handl|resist|against|less|fewer|no|minimal|negligible|low)\w*\s+(?:[\w-]+\s+){0,5}?"
    r"(?:challeng|limitation|hallucinat|problem|cost|error|risk|bias|overhead|attack|difficult|failure|lack|bottleneck|forgetting)\w*|"
    r"(?:hallucination|error|risk|bias|cost|overhead|attack|failure)s?[- ](?:mitigation|reduction|detection|free|avoidance|prevention|correction)",
    re.IGNORECASE,
)
# The verb behind the topic: "RAG systems (for short) typically RETRIEVE ...".
_HEAD = re.compile(
    r"(?:\s?\([^()]*\))?(?:\s(?:language|models?|systems?|architectures?|layers?|frameworks?|methods?|techniques?|agents?|approach(?:es)?|algorithms?|prompting|"
    r"reasoning|pipelines?|networks?))*(?:\s(?:can|may|must|will|then|\w+ly))*\s([a-z]+)(?:\s(?:\w+ly\s)?([a-z]+))?"
)
_DOES = re.compile(
    r"(?:us|combin|rel|retriev|rout|map|consist|work|decompos|activat|stor|represent|split|divid|generat|elicit|train|learn|convert|compress|select|transfer|encod|embed|operat|"
    r"interact|plan|invok|execut|coordinat|assign|perform|contain|follow|break|produc|iterat|optimi[sz]|updat|predict|sampl|replac|approximat|quanti[sz]|round|remov|add|denois|"
    r"guid|structur|organi[sz]|link|connect|integrat|incorporat|leverag|employ|adopt|begin|start|process|transform|distribut|communicat|exchang|call|reason|ground|align|"
    r"augment|fus|merg|store|search|rank|filter|keep|lower|maintain|explor|maximi[sz]|choos|tak)(?:e|es|s|ies|y|ing|ts)?"
)
_IMPROVES = re.compile(
    r"(?:increas|scal|enhanc|improv|reduc|mitigat|address|achiev|extend|expand|enabl|offer|provid|allow|tackl|solv|boost|overcom|simplif|help|support|accelerat)(?:e|es|s|ies)?"
)
_BY_DOING = re.compile(
    rf"(?<!powered )(?<!driven )(?<!enabled )\b(?:by|through|via) (?:\w+ly )?(?=\w+ing\b){_DOES.pattern}\b"
)
# Praise with a "by" behind it explains nothing.
_SUCCESS = re.compile(
    r"\b(?:cornerstone|impressive|remarkable|success\w*|exceptional|outstanding)\b", re.IGNORECASE
)
_IN_USE = re.compile(
    r"(?:(?:is|are|been|has been|have been) )(?:\w+ly )*(?:used|applied|deployed|adopted|employed|found|integrated|available|developed for|built into)\b",
)
_IS_MADE = re.compile(
    r"(?:is|are) (?:\w+ly )*(?:trained|composed|made|based|organi[sz]ed|structured|represented|implemented|constructed|stored|optimi[sz]ed|learned|built (?:from|on|of))\b"
)
_KIND = r"(?:an?|the|any|one|when|where|what|how|the (?:process|practice|task|use|art|idea|technique|method|ability) of)"
_IS = re.compile(
    rf"(?:\s?\([^()]*\))?,?\s?((?:is|are) (?:(?:essentially|basically|simply|typically|usually|often|also) )?{_KIND}\b|"
    r"are (?:[\w-]+ ){0,3}(?:systems|programs|models|techniques|methods|algorithms|networks|tools|attacks|entities|applications|machines|processes)\b|"
    rf"refers? to|means?\b|describes?|denotes?|stands? for)"
)
_NO_KIND = re.compile(
    r"^(?:is|are) (?:an?|the) (?:(?!\bof\b)[\w-]+ ){0,2}?(?:challeng\w+|problem|issue|bottleneck|key|critical|crucial|important|essential|promising|major|fundamental|must|first|hot|growing|core|"
    r"question|goal|dominant|standard|main|concern|risk|practical|most|only|next|reason|way forward|solution|alternative|cornerstone)\b"
)


def speaks_of_itself(sentence: str) -> bool:
    """Say whether a sentence speaks of the paper it stands in, points into it, or at what only its reader knows."""
    return bool(_OWN_WORK.search(sentence))


def is_dated(sentence: str) -> bool:
    """Say whether a sentence holds only near its own date ("recently", "the latest")."""
    return bool(_DATED.search(sentence))


def faulty(sentence: str) -> bool:
    """Say whether a sentence tells of a fault or a limit."""
    return bool(_LIMIT.search(_CURED.sub(" ", sentence)))


def part(sentence: str, mention: re.Match[str], *, subject: bool) -> tuple[Role, float]:
    """Return the part that a sentence about a topic can play, and how clearly, 0 to 3.

    Args:
        sentence: it.
        mention: of the topic in it.
        subject: the sentence begins with the mention.
    """
    faults = _number(_LIMIT, _CURED.sub(" ", sentence))
    head = _IS.match(sentence, mention.end())
    if head and subject and not faults and not _NO_KIND.match(head[1] + sentence[head.end() :]):
        return "definition", 3.0
    if faults:
        return "limit", min(2.0, 0.7 + 0.6 * faults)
    used, named = _number(_USED, sentence), len(fields(sentence))
    if subject and (role := _by_verb(sentence, mention)):
        # How it works in one field is what it is used for there.
        return ("use", 1.0) if role[0] == "mechanism" and named == 1 else role
    if named and (used or subject):
        return "use", min(2.0, 0.6 * (used + named))
    if (
        subject
        and not (is_dated(sentence) or _SUCCESS.search(sentence))
        and _BY_DOING.search(sentence)
    ):
        return "mechanism", 1.0
    return "context", min(2.0, 0.8 * _number(_CONTEXT, sentence))


def tells_regard(sentence: str) -> bool:
    """Say whether a sentence tells what people think of its subject: that it has become, is promising, draws attention."""
    return bool(_CONTEXT.search(sentence))


def fields(sentence: str) -> list[str]:
    """Return the fields of work and kinds of things that a sentence names; "medical diagnosis" is one."""
    found = list(_FIELDS.finditer(sentence))
    apart = (
        one
        for before, one in zip([None, *found], found, strict=False)
        if before is None or _LISTED.search(sentence, before.end(), one.start())
    )
    return [one[0].lower() for one in apart]


def _by_verb(sentence: str, mention: re.Match[str]) -> tuple[Role, float] | None:
    """Return the part that the verb behind the topic tells, where it tells one: what it does, is used for, or is good for."""
    found = _HEAD.match(sentence, mention.end())
    if not found:
        return None
    verb, participle = found[1], found[2] or ""
    if verb in ("is", "are", "been") or (verb in ("has", "have") and participle == "been"):
        rest = sentence[found.start(1) :]
        if _IN_USE.match(rest):
            return "use", min(2.0, 1.0 + 0.4 * _number(_FIELDS, sentence))
        return ("mechanism", 1.6) if _IS_MADE.match(rest) else None
    if _DOES.fullmatch(verb) and not is_dated(sentence):
        return "mechanism", 1.8
    by = re.search(r"\b(?:by|through|via) (?:\w+ly )?\w+ing\b", sentence)
    return ("mechanism", 1.2) if by and _IMPROVES.fullmatch(verb) else None


def _number(cue: re.Pattern[str], sentence: str) -> int:
    """Return how many different cue words a sentence has, at most 3."""
    return min(3, len({found[0].lower() for found in cue.finditer(sentence)}))
