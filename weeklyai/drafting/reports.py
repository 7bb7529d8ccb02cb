"""What another report of the same story adds to a blurb: one more sentence, under its publisher's name.

"According to The Harbour Wire, the ferry carries 40 cars." is the source's own sentence word for word behind a fixed
opening. It is only put where that is safe: the publisher's name is a plain one, the sentence's first word is surely a name
or surely none, something new is told, and no figure of it differs from what the first report says of the same thing.
"""

import re
from collections.abc import Iterator

from weeklyai import text
from weeklyai.drafting import checks, extract, grounding, heads, selector
from weeklyai.drafting.background import Background
from weeklyai.drafting.selector import Scorer
from weeklyai.records import Blurb, FeedItem, Sentence

LIKE = 0.5  # share of its content that the sentence may have in common with one of the blurb
FRESH = 0.3  # share of its content that the first report must not hold
_PUBLISHER = re.compile(r"[A-Z0-9][\w.&'’+]*(?:[ -][A-Za-z0-9][\w.&'’+]*){0,3}")
# A publisher whose name is a description reads like one: "According to Latest News, ...".
_NO_NAME = re.compile(
    r"\b(?:rss|feed|latest|all|articles?|posts?|home|main|updates)\b", re.IGNORECASE
)
_ATTRIBUTED = re.compile(r"\b(?:according to|reports?|reported|reportedly)\b", re.IGNORECASE)
# Two reports of one day may mean two days by it.
_WHEN = re.compile(
    r"\b(?:today|yesterday|tomorrow|tonight|this (?:morning|afternoon|evening|week|month)|(?:last|next) (?:week|month|year)|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:days?|weeks?|hours?) ago|earlier|later)\b",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"(?<![\w.])([$£€]?(?:\d[\d,]*(?:\.\d+)*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty)"
    r"(?:[\s-]?(?:k|thousand|mn|m|million|bn|b|billion|tn|trillion)\b)?(?:\s?(?:%|percent\b|per cent\b|dollars?\b|euros?\b|pounds?\b))?)"
    r"((?:[\s-][a-z]+){0,3})"
)


def more(blurb: Blurb, background: Background, max_words: int) -> Iterator[Blurb]:
    """Yield `blurb` with one more sentence of another report of its story, best first; none where nothing is safe."""
    lead, room = blurb.story.lead, max_words - len(blurb.text.split())
    found = []
    for item in blurb.story.others:
        if not item.url or item.source == lead.source or publisher(item) is None:
            continue
        scorer = Scorer(lead.title, item.text, background, selector.shipped())
        found += [
            (-float(scorer.alone[one.source_index]), item.id, one)
            for one in _sentences(item)
            if len(one.text.split()) <= room and adds(one, item, blurb)
        ]
    for _, _, sentence in sorted(found, key=lambda one: (one[0], one[1], one[2].source_index)):
        yield Blurb(blurb.story, (*blurb.sentences, sentence))


def _sentences(item: FeedItem) -> Iterator[Sentence]:
    """Yield what a report says behind its opening, which tells the event over again, under its publisher's name."""
    for one in extract.candidates(item):
        said = attributed(one.text, item)
        if said and one.index and not one.dangling and not one.needs:
            gates = (("verbatim", float(heads.verbatim(one.text, item))),)
            note = f"from another report, word for word behind {publisher(item)!r}"
            yield Sentence(said, "attributed", item.id, one.index, one.text, gates, note)


def publisher(item: FeedItem) -> str | None:
    """Return an item's publisher as it can stand in a sentence, what is in brackets behind it dropped, or None."""
    name = re.sub(r" \([^()]*\)$", "", item.source)
    return name if _PUBLISHER.fullmatch(name) and not _NO_NAME.search(name) else None


def attributed(sentence: str, item: FeedItem) -> str | None:
    """Return "According to PUBLISHER, " and the sentence, its first word small unless it is a name, or None in doubt.

    >>> attributed("The ferry carries 40 cars.", item)  # of The Harbour Wire
    'According to The Harbour Wire, the ferry carries 40 cars.'
    """
    name, first = publisher(item), text.WORD.match(sentence)
    if name is None or first is None or _ATTRIBUTED.search(sentence):
        return None
    word = re.sub(r"['’]s$", "", first[0])
    if any(c.isupper() or c.isdigit() for c in word[1:]) or not word[0].isupper():
        return f"According to {name}, {sentence}"
    small = f"{sentence[0].lower()}{sentence[1:]}"
    inside = [match for one in text.sentences(item.text) for match in text.WORD.findall(one)[1:]]
    behind = re.match(r"[A-Z][\w’'-]* ([A-Z]\w*)", sentence)
    if behind and word.lower() in text.STOP_WORDS:  # "The Register said", "In March 2023"
        plain = re.search(rf"\b{word.lower()} {re.escape(behind[1])}\b", item.text)
        return f"According to {name}, {small}" if plain else None
    if word.lower() in text.STOP_WORDS:
        return f"According to {name}, {small}"
    as_name, as_word = word in inside, word.lower() in inside
    if as_name == as_word:
        return None
    return f"According to {name}, {sentence if as_name else small}"


def adds(one: Sentence, item: FeedItem, blurb: Blurb) -> bool:
    """Say whether a sentence of another report tells something new, fits in, and contradicts no figure."""
    lead = blurb.story.lead
    told = f"{lead.title}. {lead.text}"
    known = set(text.content_stems(told))
    own = set(text.content_stems(one.source_text))
    facts = checks.unsupported(one.source_text, told)
    named = set(checks.names(f"x {lead.title}. {blurb.text}"))
    before = f"{lead.text} {' '.join(text.sentences(item.text)[: one.source_index])}"
    shown = f"{lead.title}. {blurb.text}"
    return (
        bool(facts)
        and len(own - known) >= FRESH * len(own)
        and bool(named & set(checks.names(f"x {one.source_text}")))
        and all(_like(own, set(text.content_stems(other.text))) < LIKE for other in blurb.sentences)
        and not any(when not in told.lower() for when in map(str.lower, _WHEN.findall(one.text)))
        and not differs(one.source_text, told)
        and not grounding.in_the_air(one.source_text, blurb.text, lead.title, before, adjacent=False)
        and not grounding.bare(one.source_text, shown, before)
    )  # fmt: skip


def _like(a: set[str], b: set[str]) -> float:
    return len(a & b) / max(1, min(len(a), len(b)))


def differs(sentence: str, told: str) -> bool:
    """Say whether a figure of `sentence` is of a kind (dollars, cars, a date) of which `told` has other figures only."""
    known = _quantities(told)
    return any(
        kind in known and not values <= known[kind]
        for kind, values in _quantities(sentence).items()
    )


def _quantities(passage: str) -> dict[str, set[str]]:
    """Return the figures of `passage` by unit or counted thing; a figure counts for each of the three words behind it."""
    found: dict[str, set[str]] = {}
    for match in _QUANTITY.finditer(passage):
        for value in checks.number_values(match[1])[-1:]:
            unit = value[0] if value[0] in "$£€%" else ""
            for kind in [unit] if unit else text.content_stems(match[2]):
                found.setdefault(kind, set()).add(value)
    return found
