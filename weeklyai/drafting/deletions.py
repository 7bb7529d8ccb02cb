"""The parts of a sentence that may be left out, by rule: what an editor's pencil strikes without asking the author.

Each rule finds one kind of part and looks at what stands before and behind it, because a comma may also belong to a list.
No part holds a figure, a quotation, a headline word that stands nowhere else, or a word that denies, hedges, compares, dates
or attributes. Names stay too, except in an aside that the author set off himself (a bracket, a relative clause, a
participle's tail, examples): there a name goes with all that is said of it, unless the headline or another sentence of the
blurb has it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from weeklyai import text
from weeklyai.drafting import borders, checks
from weeklyai.drafting.borders import Place

Fits = Callable[
    [str, str, str], bool
]  # by the part, what stands before it, and what stands behind it


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A part that may go: [start, end) in characters of its sentence, and the name of the rule."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of part.

    Attributes:
        name: for people.
        pattern: finds the part: its group "part", else all that matches.
        fits: has the last word, from the part and its two sides.
        aside: names may go with it.
    """

    name: str
    pattern: re.Pattern[str]
    fits: Callable[[Place], bool]
    aside: bool = False


# Only between two words of one clause: "late; very late" and "Basically because ..." need theirs.
_FILLER = re.compile(
    r"(?<!\bbut )(?<!\bjust )(?<!\bonly )(?<!\bor )(?<!\band )(?<!\bthe )(?<!\bhow )(?<!\bas )(?<!\bso )(?<!\btoo )(?<!\bmore )(?<!\bmost )"
    r"(?<!\bless )(?<!\bif )(?<!\bmay )(?<=[\w)] )(?:really|actually|simply|also|very|truly|extremely|incredibly|easily|seamlessly|effortlessly|literally|basically|"
    r"obviously|greatly|vastly|dramatically|drastically|remarkably|tremendously|hugely|immensely|totally|absolutely|proudly|carefully|"
    r"conveniently|successfully|beautifully|smoothly|surprisingly|quickly|rapidly|already|highly|quite|significantly|"
    r"fundamentally|undoubtedly|clearly|efficiently|actively|strongly|deeply|heavily|consistently|constantly|"
    r"specifically|explicitly|ultimately|wildly|particularly|especially)\s"
    r"(?=[a-z])(?!(?:and|or|nor|much|few|little|well|soon|long|far|often|same|first|last|own|known|to|for|as|in|of|on|at|by|with|that|"
    r"enough|than|but|become|became|becoming|after|before|when|more|less|better|worse|anticipated|likely|from|if|because|"
    r"some|given|interested|regarded|skilled|trained|important|evidence|details?|information|notice)\b|\w+er\b)"
)
_FURTHER = re.compile(
    r"(?:(?<=\bis )|(?<=\bare )|(?<=\bwas )|(?<=\bwere )|(?<=\bbeen ))further (?=\w+ed\b)|(?<=\bcan )(?:substantially|further) (?=[a-z])"
)
_OWN = re.compile(
    r"(?:(?<=\bits )|(?<=\btheir )|(?<=\bhis )|(?<=\bher ))own (?=[a-z]{3,})(?!(?:and|or)\b)"
)
# Praise in front of its noun: an editor's pencil takes it out, and what is left claims less.
_EXCITED = (
    "exciting|amazing|awesome|wonderful|incredible|fantastic|stunning|groundbreaking|game-changing|cutting-edge|world-class|best-in-class|"
    "seamless|powerful|robust|revolutionary|impressive|remarkable|innovative|comprehensive|excellent|beautiful|brilliant|fascinating|delightful|"
    "significant|substantial|considerable|great|huge|massive|enormous|tremendous|unique|valuable|interesting|various|overall|entire|excellent|"
    "sophisticated|versatile|user-friendly|easy-to-use"
)
_PRAISE = re.compile(
    rf"(?:(?<=\bthe )|(?<=\bits )|(?<=\bnew ))(?:{_EXCITED}|brand) (?=[a-z]{{3,}})(?!(?:and|or|as|of|to|for|in)\b)"
    rf"|(?:(?<=\ba )|(?<=\ban )|(?<=\bof )|(?<=\bwith )|(?<=\bby ))(?:{_EXCITED}) (?=[a-z]{{3,}})(?!(?:and|or|as|of|to|for|in)\b)"
)
# Words that only stretch a phrase.
_STRETCH = re.compile(
    r"(?<=\w )(?:a (?:wide |broad |large |huge |vast |whole |growing |diverse )?(?:range|variety|array|selection|set|series|number|host|plethora|wealth|bunch|multitude|lot|suite|collection) of )(?=[a-z-]+ [a-z-]+s\b)(?!(?:\w+ )?(?:reasons|ways|purposes|factors|perspectives|people|developers|topics|things|issues)\b)"
    r"|(?:(?<=through )|(?<=with )|(?<=by ))the use of (?=[a-z])|(?<=\d )different (?=[a-z]+s\b)"
    r"|(?<=\w )in order (?=to [a-z])|(?<=\w )a total of (?=\d)|(?<=\w) as well(?=[.])"
    r"|(?<=\w )(?:that|which|who) (?:is|are|was|were) (?:currently )?(?=(?:\w{3,}(?:ed|ing)|available|built|made|found|held|written|driven) (?:to|by|for|with|in|on|from|at|as)\b)"
)
# "The firm said that the price ...": "The firm said the price ...".
_THAT = re.compile(
    r"\b(?:says?|said|shows?|showed|announced|found|believes?|believed|thinks?|hoped|means?|ensures?|suggests?|confirmed|revealed|reported|"
    r"knows?|claimed|admitted|noted|warned|feels?|insists?|insisted|agreed?|demonstrates?) (?P<part>that )"
    r"(?=(?:the|an?|its|it|they|he|she|there|their|his|her|these|all|some|many) )"
)
# Turns between two commas, and at the end.
_TURN = re.compile(
    r", (?:of course|in fact|indeed|in turn|for example|for instance|in particular|naturally|after all|to be sure|as it happens|"
    r"as usual|as always|needless to say|meanwhile|moreover|therefore|too|furthermore|thus|as well)(?:(?P<close>,)(?= [a-z])|(?=[.]$))"
)
# "It is worth noting that X": X.
_NOTING = re.compile(
    r"^It(?: is|['’]s) (?:also )?(?:important|worth|interesting|good|useful|helpful) (?:to (?:note|remember|know|mention|point out|understand)|noting|mentioning|pointing out|remembering) that (?=\w)"
)
# Not behind a figure: "3 (per month)" would change what it says.
_BRACKET = re.compile(r"(?<=[A-Za-z’'”\"]) \(([^()]{2,120})\)(?=[\s.,;:])")
# What the sentence opens with: how or what for a thing is done, or as what, not where, when, or under which condition.
_OPENING = re.compile(
    r"^(?:As part of|As with|As an? |By \w+ing |To (?!be |its |their |his |her )[a-z]+ |In order to |In addition to |Along with |Together with |Besides |"
    r"Beyond |Alongside |Given (?:the|its|their) |Similar to |Thanks to |Like (?:other|many|most|all|every|its) |(?:Designed|Built|Developed|Created|Inspired|Powered|Driven|Backed|Founded|Led|Written|Released|"
    r"Launched|Introduced|Named|Known|Located|Armed|Equipped|Trained|Implemented|Published|Aimed|Intended|Combined|Coupled|Paired|Recogni[sz]ing|"
    r"Reali[sz]ing|Using|Leveraging|Building on|Combining|Reflecting|Drawing on|Hoping|Seeking|Looking|Aiming|Working|Featuring|Offering|Running|Sitting)\b )"
    r"[^,;:()\"“”]{2,100}, (?=\w)"
)
_RELATIVE = re.compile(
    rf", (?:which|who|whose|where) [^,;:()\"“”]{{8,160}},(?= (?:{borders.GOES_ON}|{borders.PREPOSITIONS})\b)"
)
_LAST_RELATIVE = re.compile(r", (?:which|who|whose|where) [^;:()\"“”]{8,200}(?=[.]$)")
# "Ferry, a tool for small harbours, is ...", "Yukos sold Yugansk, its main unit, to ...".
_APPOSITION = re.compile(
    rf"(?<=[\w)]), (?:an?|the|its|his|her|their) [^,;:()\"“”]{{4,120}},(?= (?:{borders.GOES_ON}|{borders.PREPOSITIONS})\b)"
)
_LAST_APPOSITION = re.compile(r"(?<=\w), (?:an?|the|its|his|her|their) [^,;:()\"“”]{8,140}(?=[.]$)")
_AS_WELL = "as well as|along with|together with|in addition to"
_EXAMPLES = re.compile(
    rf", (?:including|such as|like|especially|particularly|{_AS_WELL}) [^;:()\"“”]{{6,140}},(?= (?:{borders.FINITE})\b)"
)
_PARTICIPLE = re.compile(
    rf"(?<=[\w)]), (?:built|led|run|made|held|born|sold|based|founded|known|backed|owned|developed|created|designed|used|named|called|written|published|"
    rf"conducted|launched|released|powered|located|similar to|otherwise known as|also known as|like) [^,;:()\"“”]{{6,120}},(?= (?:{borders.GOES_ON})\b)"
)
# Asides between dashes, both of them there.
_DASHES = re.compile(
    r" ?— ?[a-z][^—,;:()\"“”]{6,120}—(?= ?[a-z])| – [a-z][^–;:()\"“”]{6,120} –(?= [a-z])"
)
# A second main clause at the end: of "A does this, and B does that" the first half alone is as true.
_SECOND = re.compile(
    rf", and (?=(?:it|they|you|he|she|there)\b|(?:[\w’'-]+ ){{1,5}}(?:{borders.FINITE})\b)[^,;:()\"“”]{{12,160}}(?=[.]$)"
)
_SECOND_VERB = re.compile(
    rf",? and (?:also |then |\w+ly )?(?:(?:{borders.VERBS})|[a-z]{{2,}}(?:s|ed)(?= (?:an?|the|its|their|it|them)\b)) [^,;:()\"“”]{{8,160}}(?=[.]$)"
)
_SEMICOLON = re.compile(
    r"; (?:the|a|an|it|they|its|their|he|she|there|some|many) [^;:()\"“”]{12,200}(?=[.]$)"
)
# What follows from the main clause, or what it goes along with; never a condition, a time or a speaker.
_TAIL = re.compile(
    r", (?:thereby |thus |further |effectively |naturally |potentially |ultimately )?(?:making|allowing|enabling|giving|providing|offering|helping|letting|bringing|creating|"
    r"ensuring|highlighting|underscoring|marking|raising|leading|resulting|leaving|paving|opening|putting|reducing|improving|saving|"
    r"turning|driving|leveraging|expanding|featuring|covering|focusing|demonstrating|reflecting|simplifying|boosting|delivering|"
    r"combining|serving|supporting|strengthening|accelerating|empowering|eliminating|causing|preventing|forcing|prompting|suggesting|"
    r"yielding|utili[sz]ing|using|matching|becoming|including|such as|as well as|along with|together with|"
    r"ranging from|from(?= [^,]+ to )|with(?= (?:an? (?:focus|emphasis)|support|implications|plans)\b)|thanks (?:in [\w ]+ )?to|be it|whether for|especially|particularly|in keeping with) [^;:()\"“”]{8,200}(?=[.]$)"
)
_ANY_TAIL = re.compile(
    r", (?!(?:depending|according|saying|adding|citing|noting|warning|arguing|claiming|excluding|assuming|pending|barring|following|starting|"
    r"beginning|regarding|concerning|considering|meaning|during|being|bring|everything|something|nothing|telling|announcing|insisting|"
    r"morning|evening|ending|running|going)\b)[a-z]{3,}ing (?:the|a|an|its|their|it|them|to|in|on|from|with|by|for|into|up|out|over|about|at|as|new|what|how) [^,;:()\"“”]{6,160}(?=[.]$)"
)
_PAST_TAIL = re.compile(
    r", (?:aimed at|designed|(?:purpose-)?built|ideal for|suitable for|based on|backed by|powered by|driven by|led by|followed by|inspired by|known as|developed by|created by|"
    r"intended|hosted by|owned by|run by|used (?:by|in|for|to)|made (?:by|up)|named after|supported by|funded by|sponsored by|written (?:by|in)|"
    r"published by|commonly|mostly|often) [^;:()\"“”]{6,160}(?=[.]$)"
)

RULES = (
    Rule("opening turn", checks.CONNECTIVE, borders.always),
    Rule("opening turn", _NOTING, borders.always),
    Rule("turn", _TURN, borders.always),
    Rule("filler", _FILLER, borders.has_verb),
    Rule("filler", _OWN, borders.is_its_own),
    Rule("filler", _FURTHER, borders.always),
    Rule("praise", _PRAISE, borders.is_no_verdict),
    Rule("stretched phrase", _STRETCH, borders.is_no_verdict),
    Rule("conjunction", _THAT, borders.always),
    Rule("bracket", _BRACKET, borders.always, aside=True),
    Rule("opening phrase", _OPENING, borders.is_opening),
    Rule("relative clause", _RELATIVE, borders.outside_list, aside=True),
    Rule("relative clause", _LAST_RELATIVE, borders.is_beside, aside=True),
    Rule("apposition", _APPOSITION, borders.is_named),
    Rule("apposition", _LAST_APPOSITION, borders.is_last),
    Rule("participle", _PARTICIPLE, borders.outside_list),
    Rule("examples", _EXAMPLES, borders.outside_list, aside=True),
    Rule("dashes", _DASHES, borders.always),
    Rule("second clause", _SECOND, borders.is_clause),
    Rule("second clause", _SEMICOLON, borders.is_statement),
    Rule("second verb", _SECOND_VERB, borders.is_second_verb),
    Rule("tail", _TAIL, borders.is_tail, aside=True),
    Rule("tail", _ANY_TAIL, borders.is_single_tail, aside=True),
    Rule("past tail", _PAST_TAIL, borders.is_tail, aside=True),
)
# These say nothing by themselves; what they hold is in their pattern.
_LIGHT = frozenset(("opening turn", "turn", "filler", "praise", "stretched phrase", "conjunction"))


_CONDITION = re.compile(r"\b(?:if|unless|whether|whenever|in case|only|provided)\b", re.IGNORECASE)


def parts(sentence: str, title: str) -> Iterator[Part]:
    """Yield the parts of `sentence` that may be left out under the headline `title`, rule by rule."""
    if re.search(r"[{}\[\]<>|]", sentence) or not re.match(r"[A-Z]|[a-z]{1,2}[A-Z]", sentence):
        return  # debris, which deletion makes worse
    denied = bool(borders.NEGATION.search(sentence))
    for rule in RULES:
        # "Not just X but also Y", "isn't really", "a lot of A and no B": beside a negation small words carry meaning.
        if rule.name in ("filler", "praise", "stretched phrase") and denied:
            continue
        named = "part" if "part" in rule.pattern.groupindex else 0
        for match in rule.pattern.finditer(sentence):
            start, end = match.span(named)
            # "If a change significantly affects users": the small word is the condition.
            if rule.name in ("filler", "praise") and _CONDITION.search(sentence[:start]):
                continue
            at = Place(sentence[start:end], sentence[:start], sentence[end:])
            if rule.fits(at) and _may_go(rule, at, sentence, title):
                yield Part(start, end, rule.name)


def _may_go(rule: Rule, at: Place, sentence: str, title: str) -> bool:
    """Say whether a part holds nothing that has to stay."""
    if rule.name == "bracket":
        return _is_aside(at, sentence, title)
    return rule.name in _LIGHT or _says_little(at.part, sentence, title, aside=rule.aside)


# A bracket that says beside what a thing is cheap, fast or new belongs to the claim.
_BESIDE = re.compile(r"\b(?:compared|comparison|relative|versus|vs)\b", re.IGNORECASE)
_ACRONYM = re.compile(r"(?=.*[A-Z].*[A-Z])[A-Z][A-Za-z-]{1,7}?s?")
_MOMENT = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December|\w+day|spring|summer|autumn|winter)\b"
)
_ALL_NAMES = re.compile(r"[A-Z][\w.’'-]*(?:[ ,/&]+[A-Z][\w.’'-]*)*")


def _is_aside(at: Place, sentence: str, title: str) -> bool:
    """Say whether a bracket holds nothing of weight, or only a short name of the words before it, used nowhere else."""
    inside = at.part.strip()[1:-1]
    if _ACRONYM.fullmatch(inside):
        # All short names of a sentence go, or none: one of two left standing reads odd.
        short = [m[1] for m in re.finditer(r" \(([A-Z][^()]*)\)", sentence)]
        plain = [one.removesuffix("s") for one in (inside, *short) if _ACRONYM.fullmatch(one)]
        alone = all(sentence.count(one) == 1 and one not in title for one in plain)
        return len(plain) == len(short) + 1 and alone
    # "a new language (Rust)", "an RP (relying party)": such a name is the news, and such words tell what one means.
    counts = (
        re.fullmatch(r"[a-z]+", inside)
        or _ALL_NAMES.fullmatch(inside)
        or re.search(r"(?=\S*[A-Z]\S*[A-Z])\S+$", at.before)
        or re.match(r"(?:and|or|not|but|if|in)\b", inside)
    )
    return not (counts or _BESIDE.search(inside)) and _says_little(inside, sentence, title, aside=True)  # fmt: skip


def _says_little(part: str, sentence: str, title: str, *, aside: bool) -> bool:
    """Say whether a part holds no figure, quotation or word that carries a claim, nor a headline word's last stand."""
    head = set(text.content_stems(title))
    left = set(text.content_stems(sentence.replace(part, " ", 1)))
    lost = head & set(text.content_stems(part)) - left
    return not (
        (not aside and checks.names(part if sentence.startswith(part) else f"x {part}"))
        or checks.number_values(part)
        or _MOMENT.search(part)
        or re.search(r"\d|n['’]t\b", part)
        or set(text.words(part)) & (checks.CLAIMS - checks.DEGREES if aside else checks.CLAIMS)
        or checks.quotes(part)
        or len(lost) > (len(head & left) / 2 if aside else 0)
    )
