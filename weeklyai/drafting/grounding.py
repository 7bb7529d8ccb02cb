"""Whether a sentence can be read where it stands: every "the company", "both firms" or bare surname has its antecedent.

What a phrase may lean on is the headline, which stands above the blurb, and the blurb so far; what the source says elsewhere
the reader has not seen. Word rules without a parser: in doubt a phrase counts as hanging in the air, and the sentence is
passed over for another one.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from weeklyai import text
from weeklyai.drafting import checks
from weeklyai.drafting.extract import VERB, leans_back

# Nouns for somebody or something that was named before: any earlier name will do.
_PARTY = frozenset(
    "company firm startup start-up agency group organization organisation maker giant vendor developer publisher retailer bank "
    "lab studio business manufacturer carmaker chipmaker platform provider nonprofit court judge author researcher writer "
    "executive founder team plaintiff regulator".split()
)
# Nouns for what was told before: only the sentence right before can have told it.
_EVENT = frozenset(
    "move news deal announcement decision change changes launch acquisition agreement incident shift transaction merger "
    "step effort findings finding result results approach idea issue problem bug flaw vulnerability attack breach proposal ruling lawsuit "
    "investment round funding partnership release update rollout trend process situation difference".split()
)
# Nouns for a thing that has a name or was described: itself or a name right before.
_THING = frozenset(
    "tool model app application device system feature service product software program library framework chip board phone laptop "
    "camera article post report paper study document letter statement bill law rule rules plan project site website "
    "game film book language protocol method technique algorithm function experiment survey data dataset "
    "build design creation contraption gadget unit event package packages version kit robot car vehicle engine".split()
)
# What everybody has one of: "the" needs no antecedent.
_KNOWN = frozenset(
    "internet web world globe public industry market government police president country nation economy state city law past future year "
    "week month day end time way use cloud number share amount majority rest start beginning top middle side case fact hope aim "
    "press media company firm".split()
)
# How many words of the headline an opening has, or what share of a short one's: among the source's first two sentences, and up to
# the last that may open a blurb. What is said further down leans on what was said above.
TOLD = ((2, 3, 0.3), (7, 4, 0.4))
LARGE = 0.7  # share of a headline's longer words that begin large where all do
# Words of content that tie a sentence to those before it; its first words, which say what it is about.
THREADS, NEAR = 2, 10
_NOUN = r"[a-z][a-z-]+"
_DEFINITE = re.compile(
    rf"\b[Tt]he ((?:[\w’'.-]+ ){{0,3}}?)({_NOUN})(?='s\b|’s\b|[\s,.;:)]|$)(?: (\w+))?"
)
# "the company behind Rust", "the model that ...": the phrase says itself which one it means.
_SAID_BEHIND = frozenset(
    # "the data center" is one thing, and no data.
    "that which who whose of called named behind known responsible for where when center centers centre centres".split()
)
# "people with knowledge of the matter" mean the news itself.
_OF_COURSE = re.compile(r"\b(?:knowledge of|familiar with|briefed on) $")
_SEVERAL = re.compile(
    r"\b(?:[Bb]oth|[Tt]he (?:\w+ )?(?:companies|firms|sides|parties|startups|groups)|[Tt]he (?:two|three|pair|duo|trio))\b(?! of\b)"
)
_COUNTED = re.compile(
    r"\b[Tt]he (?:two|three|four|five|six) (?!(?:\w+ )?(?:companies|firms|sides|parties|startups|groups)\b)((?:[a-z-]+ )?[a-z-]+)(?! (?:of|that|who|which)\b)"
)
_THAT_THING = re.compile(r"(?:This|That|These|Those) ((?:[\w-]+ ){0,2}[\w-]+)")
_PERSON = re.compile(r"\b(?:[Hh]e|[Ss]he|[Hh]is|[Hh]im|[Hh]er|[Hh]imself|[Hh]erself)\b")
# "A woman told the police that she ..." needs no name.
_SOMEBODY = re.compile(
    r"\b(?:[Aa]n?|[Oo]ne|[Tt]he) (?:[\w-]+ ){0,3}(?:wo)?(?:man|girl|boy|mother|father|student|lawmaker|teacher|doctor|officer|driver|user|"
    r"developer|engineer|researcher|professor|founder|minister|president|chief|author|suspect|victim|patient|employee|worker|writer|artist)\b"
)
# Short names that a reader of technology news knows.
_USUAL = frozenset(
    "AI ML IT PC TV US UK EU UN USA CEO CTO CFO FBI CIA NSA API APIs LLM LLMs GPU GPUs CPU CPUs HTML CSS URL URLs HTTP PDF SQL SSD USB GPS "
    "RAM ID IDs OS NASA FDA FTC SEC FCC BBC IBM AMD AWS IP VR AR".split()
)
_FULL_NAME = re.compile(r"\b[A-Z][a-z’'-]+ (?:[A-Z]\. )?[A-Z][\w’'-]+")
_LONE = re.compile(r"(?<![A-Z]\. )\b(?<!-)([A-Z][a-z]{2,})\b")
_SHORT = re.compile(r"\b(?:[A-Z]{2,7}|[A-Z][a-z]*[A-Z][A-Za-z]*)\b")
_COINED = (
    "call|name|dub|introduc|present|propos|releas|develop|term|construct|design|build|offer|creat"
)
_POINTING = re.compile(
    r"\b(?:the (?:same|other|others|former|latter|rest|aforementioned|above|following|remaining)|another one|"
    r"other than that|of that [a-z]+|the (?:next|image|picture|photo|figure|table|chart|screenshot) (?:image|picture|photo|figure|table|chart|screenshot|shows?|explains?|below|above)|apart from that|(?:one|two|three|some) of the people|^(?!According)\w+ (?:\w+ ){1,8}\w+, (?:it|they|he|she)(?= )|"
    r"as such|so far as|that one|these|those (?!who\b|that\b|with\b|of\b|in\b|from\b)|similarly|likewise|such (?:a|an)\b)",
    re.IGNORECASE,
)
_TERM = re.compile(r"\b[Tt]he [\"“]([^\"“”]{3,40})[\"”]")
_COMPANY = re.compile(r"The (?:[\w-]+ ){0,3}(?:company|firm|start-?up|agency|group|maker|giant)\b")
_EARLY_IT = re.compile(
    r"(?:\S+ ){1,3}(?:it|them|him|her)\b|[^,;]* (?:for|of|to|with|in|on|from|by|about|than) it\b"
)
_ALSO = re.compile(r"(?:\S+ ){1,8}also\b")
_THEIR = re.compile(r"\b(?:[Tt]hey|[Tt]hem|[Tt]heirs?|[Tt]hemselves)\b")
# Something that is more than one: a plural, people, two joined by "and".
_MANY = re.compile(
    r"\b(?:[A-Za-z][\w’'-]+(?<!s)s|people|men|women|children|police|staff|data|media|everyone|everybody|anyone|anybody|someone|each|every|and|both|few|many|several|who|team|crew|group|"
    r"company|firm|pair|duo|couple|family|majority)\b"
)
_QUOTED = re.compile(r"[\"“][^\"“”]*[\"”]")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a sentence would stand.

    Attributes:
        whole: the sentence with its quotations.
        before: the blurb before it.
        known: that with the headline.
        source: what the source says before it.
        adjacent: the last sentence before it is the one before it in the source.
    """

    whole: str
    before: str
    known: str
    source: str
    adjacent: bool


def in_the_air(sentence: str, before: str, title: str, source: str, *, adjacent: bool) -> str:
    """Return the first phrase of `sentence` without its antecedent, or "".

    Args:
        sentence: as it would be published.
        before: the blurb so far.
        title: the headline above it.
        source: what the source says before this sentence; it tells which words are introduced there.
        adjacent: the sentence of `before` that comes last stands right before this one in the source.
    """
    plain = _QUOTED.sub('""', sentence)
    place = _Place(sentence, before, f"{title}. {before}", source, adjacent)
    looks = (_definites, _terms, _plurals, _theirs, _people, _surnames, _initials, _pointing)
    return next((phrase for look in looks for phrase in look(plain, place)), "")


def _definites(sentence: str, place: _Place) -> Iterator[str]:
    """Yield "the company" without a company, "the move" without a deed, "the tool" without a tool."""
    for match in _DEFINITE.finditer(sentence):
        qualifier, noun, after = match[1], match[2], match[3] or ""
        if (
            _OF_COURSE.search(sentence, 0, match.start())
            or after in _SAID_BEHIND
            or any(c.isupper() or c.isdigit() for c in qualifier)
        ):
            continue
        here = f"{place.known} {sentence[: match.start()]}"
        stems = set(text.content_stems(here))
        said = text.stem(noun) in stems
        named = bool(checks.names(here) or _heads(here, place.source))
        if (
            (noun in _PARTY and not (said or named))
            or (noun in _EVENT and not (said or (place.adjacent and place.before)))
            or (noun in _THING and not (said or (place.adjacent and named)))
            or (_introduced(noun, place.source) and not (said or place.adjacent or noun in _PARTY))
            or (
                noun not in _KNOWN | _PARTY and not said and text.stem(noun) in _stems(place.source)
            )
        ):
            yield f"the {qualifier}{noun}"


@functools.lru_cache(maxsize=4096)
def _stems(passage: str) -> frozenset[str]:
    return frozenset(text.content_stems(passage))


def _heads(passage: str, source: str) -> list[str]:
    """Return the first words of sentences that are names: no plurals, and never written small in the source."""
    firsts = [sentence.split()[0].strip(",.") for sentence in text.sentences(passage)]
    return [
        word
        for word in firsts
        if word.istitle()
        and (not word.endswith(("s", "ing", "ly")) or word.endswith(("us", "is")))
        and word.lower() not in text.STOP_WORDS
        and not re.search(rf"\b{re.escape(word.lower())}\b", source)
    ]


def _introduced(noun: str, source: str) -> bool:
    """Say whether the source brings `noun` in as something new ("a ferry"), so that "the ferry" leans on that."""
    return bool(
        re.search(rf"\b(?:[Aa]n?|[Tt]his|[Oo]ur) (?:[\w-]+ ){{0,3}}{re.escape(noun)}\b", source)
    )


def _terms(_: str, place: _Place) -> Iterator[str]:
    """Yield 'the "thinking tax"': a term between quotation marks that the source explained before, and the blurb did not."""
    for match in _TERM.finditer(place.whole):
        if match[1].lower() in place.source.lower() and match[1].lower() not in place.known.lower():
            yield match[0]


def _theirs(sentence: str, place: _Place) -> Iterator[str]:
    """Yield "they" or "their" where nothing before, here or in the blurb, is more than one."""
    for match in _THEIR.finditer(sentence):
        here = f"{place.before} {sentence[: match.start()]}"
        if not _MANY.search(here):
            yield match[0]


def _plurals(sentence: str, place: _Place) -> Iterator[str]:
    """Yield "both firms" or "the two companies" unless two names stand before."""
    for match in _SEVERAL.finditer(sentence):
        behind = sentence[match.end() :]
        if match[0].lower() == "both" and re.match(r"(?: [\w’'.-]+){1,8} and\b", behind):
            continue
        if len(set(checks.names(f"{place.known} x {sentence[: match.start()]}"))) < 2:
            yield match[0]
    for match in _COUNTED.finditer(sentence):
        here = set(text.content_stems(f"{place.known} {sentence[: match.start()]}"))
        if not here & set(text.content_stems(match[1])):
            yield match[0]


def _people(sentence: str, place: _Place) -> Iterator[str]:
    """Yield "he" or "her" unless somebody was spoken of: by full name, by the last name of one in the headline, or as "a woman"."""
    for match in _PERSON.finditer(sentence):
        here = f"{place.before} {sentence[: match.start()]}"
        headed = (name[0].split()[-1] for name in _FULL_NAME.finditer(place.known))
        if not (
            _FULL_NAME.search(here)
            or _SOMEBODY.search(here)
            or any(re.search(rf"\b{re.escape(last)}\b", here) for last in headed)
        ):
            yield match[0]


def _surnames(sentence: str, place: _Place) -> Iterator[str]:
    """Yield a surname whose owner the source introduces by full name and role, and the blurb does not."""
    for name in dict.fromkeys(_LONE.findall(sentence)):
        person = re.search(
            rf"\b[A-Z][a-z]+ (?:[A-Z]\. )?{name}(?:, (?:an?|the|who|[\w ]*(?:chief|founder|director|professor|president|analyst|engineer))\b|"
            r",? (?:said|says|told|wrote|pledged|denied|argued|warned|claimed|resigned|became|added|testified))"
            rf"|\b(?:Executive|President|CEO|Minister|Mrs?\.?|Ms\.?|Dr\.?|Professor|Senator|[Ff]ounder|[Dd]irector|[Cc]hief|[Aa]nalyst|[Ss]pokes\w+|[Rr]esearcher) [A-Z][a-z]+ {name}\b",
            place.source,
        )
        full = rf"\b[A-Z][a-z]+ (?:[A-Z]\. )?{name}\b"
        if person and not re.search(full, sentence) and not re.search(rf"\b{name}\b", place.known):
            yield name


def bare(sentence: str, shown: str, before: str) -> str:
    """Return the first last word of a full name in `before` that `sentence` has alone and `shown` has not, or ""."""
    for name in dict.fromkeys(_LONE.findall(sentence)):
        full = re.search(rf"\b[A-Z][\w’'-]+ (?:[A-Z]\. )?{name}\b", before)
        if full and full[0] not in sentence and name not in text.WORD.findall(shown):
            return str(name)
    return ""


def _initials(sentence: str, place: _Place) -> Iterator[str]:
    """Yield a short name that the source explains in brackets or coins ("we call it HRB"), and the blurb does not."""
    for short in dict.fromkeys(_SHORT.findall(sentence)):
        explained = re.search(
            rf"\({short}s?\)|\b(?:{_COINED})(?:e|es|ed|s|ing)? (?:[\w-]+ ){{0,3}}{short}\b",
            place.source,
        )
        if (
            explained
            and short not in _USUAL
            and not re.search(rf"\b{short}s?\b", place.known)
            and not _spelled(short, place.known)
        ):
            yield short


def _spelled(short: str, passage: str) -> bool:
    """Say whether neighbouring words of `passage` begin with the letters of `short` ("Full Waveform Inversion")."""
    firsts = "".join(word[0] for word in re.findall(r"[^\W\d_]+", passage) if word not in ("of", "and", "for", "the"))  # fmt: skip
    return short.lower() in firsts.lower()


def _pointing(sentence: str, place: _Place) -> Iterator[str]:
    """Yield "the same", "the former", "likewise" and the like, unless the sentence that they point to is there.

    "That first bunch of tickets" points to more than the sentence before, unless that speaks of tickets or a bunch.
    """
    found = _POINTING.search(sentence)
    if found and not place.adjacent:
        yield found[0]
    thing = _THAT_THING.match(sentence)
    words = thing[1].lower().split() if thing else []
    if thing and not VERB.fullmatch(words[0]) and not words[0].startswith(("is", "'", "’")):
        known = set(text.content_stems(place.known)) | {
            text.stem(word) for word in _EVENT | _THING | _PARTY
        }
        if not known & set(text.content_stems(thing[1])):
            yield thing[0]


def follows(sentence: str, before: str, title: str) -> bool:
    """Say whether `sentence` may stand behind its neighbour: it leans on it, or has a word of content in common with what was told."""
    told = set(text.content_stems(f"{title}. {before}"))
    return leans_back(sentence) or not told.isdisjoint(text.content_stems(sentence))


def hangs_together(sentence: str, before: str, title: str) -> bool:
    """Say whether `sentence` shares a name, or some words of content, with the blurb so far or the headline, early on."""
    told = f"{title}. {before}"
    start = " ".join(sentence.split()[:NEAR])
    words = set(text.content_stems(sentence)) & set(text.content_stems(told))
    named = {name.lower() for name in checks.names(f"x {start}")} & {one.lower() for one in text.WORD.findall(told)}  # fmt: skip
    return bool(named) or (
        len(words) >= THREADS and not words.isdisjoint(text.content_stems(start))
    )


def meant(sentence: str, title: str) -> bool:
    """Say whether an opening speaks of "the company" right below a headline that begins with a name."""
    first = title.split(maxsplit=1)[0].removesuffix("’s").removesuffix("'s")
    return bool(_COMPANY.match(sentence)) and first in checks.names(f"x {title}")


def opens(sentence: str, index: int, title: str) -> bool:
    """Say whether sentence `index` of a source may open a blurb: it tells the news, so has some of the headline's words.

    Of a headline with names it has one, which counts twice, or is the source's own first. A quotation is somebody's view of news
    that is still to be told, and an early "it" is what nobody has named.
    """
    if sentence.startswith(('"', "“")) or _EARLY_IT.match(sentence) or _ALSO.match(sentence):
        return False
    head, named = set(text.content_stems(title)), _named(title)
    has_name = not named.isdisjoint(word.lower() for word in text.WORD.findall(sentence))
    if index and named and not (has_name or meant(sentence, title)):
        return False
    shared = len(head & set(text.content_stems(sentence))) + has_name
    limits = (limit[1:] for limit in TOLD if index < limit[0])
    return any(shared >= min(most, max(1, round(share * len(head)))) for most, share in limits)


def _named(title: str) -> set[str]:
    """Return the words of the names of a headline, in lower case; none where every word is written large."""
    long = [word for word in text.WORD.findall(title) if len(word) > 3]
    if sum(word[0].isupper() for word in long) > LARGE * len(long):
        return set()
    return {word.lower() for name in checks.names(f"x {title}") for word in text.WORD.findall(name)}
