"""The gates between a drafted sentence and the reader.

Copying is what keeps a blurb true: of human-labelled summary sentences without a new 3-gram 96 % are faithful, of those
with half their 3-grams new a third (QAGS data, Wang et al. 2020). So a rewrite must be its source sentence with whole
removable parts left out, and even then every gate here has to pass. The gates are word checks: they see invented names
and numbers, lost negations, hedges and speakers; they do not understand a sentence.
"""

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

from weeklyai import text
from weeklyai.drafting.facts import name_pairs, names, number_values, unsupported

__all__ = ["check", "names", "number_values", "unsupported"]  # the facts belong to the gates

NOVEL3_MOST = 0.25
CLAUSE = 4  # words that go together before one of extent may go with them

# Words that carry a claim: its direction, strength, comparison, time or owner. No rewrite ever loses one of them.
# fmt: off
CLAIMS = frozenset(
    "not no never none nor neither cannot without nothing nobody hardly barely except unless if until only no-one excluding "
    "than more less fewer most least better best worse worst faster slower higher lower larger smaller greater half double twice "
    "may might could would should must likely unlikely possibly perhaps probably reportedly allegedly apparently "
    "expected expects plans planned plan aims hopes intends appears seems suggests estimated estimates almost nearly "
    "roughly approximately seem appear suggest suggested believed alleged potentially potential supposedly presumably "
    "mostly largely mainly partly usually often sometimes rarely always typically generally "
    "says said say told tells according reports reported claims claimed claim argues argued announced warns warned "
    "believes thinks alleges saying adding claiming arguing noting citing "
    "currently still yet soon previously formerly initially eventually again before after since when once during later earlier ago "
    "today yesterday tomorrow tonight now week weeks month months year years day days hour hours decade decades recently upcoming "
    "but although though despite while whereas however instead rather unlike against depending".split()
)
# Claims of degree and habit: they go with a whole aside, where all that they compare goes too.
DEGREES = frozenset(
    "than more less fewer most least better best worse worst faster slower higher lower larger smaller greater half double twice "
    "usually often sometimes rarely typically generally mostly largely mainly partly potential potentially".split()
)
# Words of extent and reason: they may go with the clause that they stand in, never by themselves.
PIVOTS = CLAIMS | frozenset(
    "same as can will about around even too enough under over all any ever every each some many few several both either just "
    "because".split()
)
# fmt: on
_QUOTE = re.compile(r"[\"“]([^\"“”]+)[\"”]")
_ASIDE = re.compile(
    r"\(|(?:which|who|whose|where|including|such as|as well as|along with|together with|especially|particularly|(?:\w+ly )?\w+ing|"
    r"(?:\w+ly )?(?:\w+ed|built|known|led|run|written|made) (?:by|on|at|as|in|for|to|from|with))\b"
)
_BRACKETED = re.compile(r"\([^()]*\)")
CONNECTIVE = re.compile(
    r"^(?:And|So|Yes|In practice|In essence|In effect|In parallel|At its core|At heart|All in all|Put simply|To put it simply|To clarify|To be clear|"
    r"With that in mind|By the way|Either way|In any case|On top of that|At the same time|What['’]s more|Even better|Better still|At a high level|"
    r"Unfortunately|Sadly|Crucially|Neatly|Incidentally|Surprisingly|Unsurprisingly|Understandably|Curiously|Architecturally|Technically|Together|"
    r"In a nutshell|Subsequently|Effectively|Essentially|Conveniently|However|Moreover|Furthermore|In addition|Additionally|Also|Besides|Meanwhile|Indeed|In fact|For example|For instance|"
    r"Notably|Interestingly|Importantly|Most importantly|More importantly|Specifically|In particular|Of course|As a result|"
    r"Luckily|Fortunately|Thankfully|Happily|Naturally|Clearly|Obviously|Excitingly|Remarkably|Basically|Finally|Lastly|Plus|"
    r"Needless to say|As always|As usual|As mentioned|As promised|As such|To that end|To this end|In other words|Ultimately|Overall|In short|Simply put|In this article), (?=\w)"
)
_END = re.compile(r"[.!?…][\"'”’)\]]*$")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Gate values by name, and the names of the gates that were not passed."""

    gates: tuple[tuple[str, float], ...]
    failed: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Every gate was passed."""
        return not self.failed


def check(candidate: str, source: str, window: str, item_text: str, title: str) -> Verdict:
    """Hold a rewrite of one sentence against its source.

    Args:
        candidate: the rewritten sentence.
        source: the sentence it was made from.
        window: that sentence and its neighbours.
        item_text: the whole text of the item.
        title: its headline.

    Returns:
        Every gate's value; 0 is best for all but "in_window", whose best is 1.
    """
    # Asides and opening connectives may go with the names and turns they hold; `deletions` says which.
    values = {
        "unsupported": float(len(unsupported(candidate, f"{title}. {item_text}"))),
        "new_pairs": float(len(name_pairs(_as_inside(candidate, source)) - name_pairs(source))),
        "names_lost": float(names_lost(candidate, source).total()),
        "numbers_lost": float(
            (Counter(number_values(source)) - Counter(number_values(candidate))).total()
        ),
        "not_a_deletion": float(not is_deletion(candidate, source)),
        "novel3": round(novel3(candidate, item_text), 3),
        "in_window": round(_share_in(candidate, window), 3),
        "pivots_lost": float(len(_lost(candidate, CONNECTIVE.sub("", source)))),
        "pivots_added": float((pivots(candidate) - pivots(source)).total()),
        "quotes_changed": float(quotes(candidate) != quotes(source)),
        "incomplete": float(not complete(candidate)),
        "repeats": float(repeats(candidate) > repeats(source)),
        "title_echo": float(echoes(candidate, title)),
    }
    best = {"novel3": lambda value: value <= NOVEL3_MOST, "in_window": lambda value: value >= 1.0}
    failed = tuple(
        name
        for name, value in values.items()
        if not best.get(name, lambda value: value == 0.0)(value)
    )
    return Verdict(tuple(values.items()), failed)


# --- copying ------------------------------------------------------------------------------------------------------


def _triples(passage: str) -> list[tuple[str, ...]]:
    words = text.words(passage)
    return [tuple(words[n : n + 3]) for n in range(len(words) - 2)]


def novel3(candidate: str, source: str) -> float:
    """Return the share of the 3-grams of `candidate` that `source` does not hold."""
    own, known = _triples(candidate), set(_triples(source))
    return sum(triple not in known for triple in own) / len(own) if own else 1.0


def is_deletion(candidate: str, source: str) -> bool:
    """Say whether the words of `candidate` stand in `source` in the same order, none added, none changed."""
    left = iter(_tokens(source))
    return all(word in left for word in _tokens(candidate))


def _tokens(passage: str) -> list[str]:
    """Return lower-cased words with all their endings, and figures with their signs."""
    return [token.strip(".,;:!?\"'“”‘’()").lower() for token in passage.split()]


def repeats(passage: str) -> int:
    """Return how many 3-grams of `passage` stand in it more than once."""
    triples = _triples(passage)
    return len(triples) - len(set(triples))


def _share_in(candidate: str, window: str) -> float:
    stems, known = text.content_stems(candidate), set(text.content_stems(window))
    return sum(stem in known for stem in stems) / len(stems) if stems else 0.0


def pivots(passage: str) -> Counter[str]:
    """Return how often each pivot word stands in `passage`; "n't" counts as "not"."""
    plain = re.sub(r"n['’]t\b", " not", passage.lower())
    return Counter(word for word in text.words(plain) if word in PIVOTS)


def _lost(candidate: str, source: str) -> list[str]:
    """Return the pivot words that `candidate` lost: any claim word, but one of degree in a whole aside, or of extent in a whole clause."""
    gone = pivots(source) - pivots(candidate)
    lost = [word for word in gone.elements() if word in CLAIMS - DEGREES]
    if len(lost) == gone.total():
        return lost
    for part in _left_out(candidate, source):
        free: frozenset[str] = DEGREES if _ASIDE.match(part) else frozenset()
        turn = part.strip(",.") in ("as well", "too")
        free |= PIVOTS - CLAIMS if turn or len(part.split()) >= CLAUSE else frozenset()
        lost += [word for word in pivots(part) if word not in free and word not in lost]
    return lost


def names_lost(candidate: str, source: str) -> Counter[str]:
    """Return how often each name of `source` is missing, but for those that went with a whole aside."""
    gone = Counter(names(_BRACKETED.sub("", source))) - Counter(names(f"x {candidate}"))
    for part in _left_out(candidate, source) if gone else ():
        if _ASIDE.match(part):
            gone -= Counter(names(f"x {part}"))
    return gone


def _as_inside(candidate: str, source: str) -> str:
    """Return `candidate` with its first word small where the source has it so: its capital makes no name of it."""
    first, _, rest = candidate.partition(" ")
    return f"{first.lower()} {rest}" if first.lower() in source.split() else candidate


def _left_out(candidate: str, source: str) -> list[str]:
    """Return the runs of words of `source` that are not in `candidate`, in order."""
    whole = source.split()
    steps = SequenceMatcher(None, _tokens(source), _tokens(candidate), autojunk=False)
    return [" ".join(whole[a:b]) for kind, a, b, *_ in steps.get_opcodes() if kind != "equal"]


def quotes(passage: str) -> list[str]:
    """Return what stands between double quotation marks, in order."""
    return [found.strip() for found in _QUOTE.findall(passage)]


# --- form ---------------------------------------------------------------------------------------------------------


def complete(sentence: str) -> bool:
    """Say whether `sentence` begins like one, ends like one, and closes what it opens."""
    return (
        bool(re.match(r"[\"'“‘(]*(?:[A-Z0-9]|[a-z]{1,2}[A-Z])", sentence))
        and bool(_END.search(sentence))
        and balanced(sentence)
        and not re.search(r"\s[,.;:!?](?!\w)|,,|,\.|(?<!\w)\(\s*\)|\s{2}", sentence)
    )


def balanced(sentence: str) -> bool:
    """Say whether brackets and double quotation marks of `sentence` come in pairs."""
    pairs = (("(", ")"), ("[", "]"), ("“", "”"))
    return sentence.count('"') % 2 == 0 and all(
        sentence.count(a) == sentence.count(b) for a, b in pairs
    )


def echoes(sentence: str, title: str) -> bool:
    """Say whether `sentence` only says the headline again."""
    own, head = set(text.content_stems(sentence)), set(text.content_stems(title))
    first = text.words(sentence)[:6]
    return bool(own) and (
        len(own - head) <= len(own) // 8 or (len(first) == 6 and first == text.words(title)[:6])
    )


def verbatim(sentence: str, item_text: str) -> bool:
    """Say whether `sentence` stands in the item word for word as a whole sentence, a full stop at its end aside."""
    known = text.sentences(item_text)
    return sentence in known or (sentence.endswith(".") and sentence[:-1] in known)
