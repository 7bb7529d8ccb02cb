"""The gates between a drafted sentence and the reader.

Copying is what keeps a blurb true: of human-labelled summary sentences without a new 3-gram 96 % are faithful, of those
with half their 3-grams new a third (QAGS data, Wang et al. 2020). So a rewrite must be its source sentence with whole
removable parts left out, and even then every gate here has to pass. The gates are word checks: they see invented names
and numbers, lost negations, hedges and speakers; they do not understand a sentence.
"""

import itertools
import re
from collections import Counter
from dataclasses import dataclass

from weeklyai import text

NOVEL3_MOST = 0.25

# Words that carry a claim's direction, strength, extent, time or owner. A rewrite keeps every one of them.
# fmt: off
PIVOTS = frozenset(
    "not no never none nor neither cannot without nothing nobody hardly barely except unless if until only "
    "than more less fewer most least better worse faster slower higher lower larger smaller greater same as before after "
    "may might could would should can will likely unlikely possibly perhaps probably reportedly allegedly apparently "
    "expected expects plans planned plan aims hopes intends appears seems suggests estimated estimates about almost nearly "
    "around roughly approximately currently still yet soon previously formerly initially eventually again "
    "says said say told tells according reports reported claims claimed claim argues argued announced warns warned "
    "believes thinks alleges potentially supposedly presumably mostly largely mainly partly usually often sometimes rarely "
    "always ever all any every each some many few several most half both either least just even too enough under over "
    "without against no-one seem appear suggest suggested believed alleged but although though despite while whereas because however instead rather".split()
)
# fmt: on
_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split(),
        1,
    )
}  # fmt: skip
_MONTHS = "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
_DATE = re.compile(
    rf"\b(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+)?(?P<m>{_MONTHS})\b\.?(?:\s+(?P<d2>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?)?(?:,?\s+(?P<y>\d{{4}}))?"
)
# Words that often begin an English sentence without being a name; the source's own words need not stand here.
# fmt: off
_OPENERS = frozenset(
    "today yesterday tomorrow meanwhile overall additionally furthermore moreover finally first second third last next "
    "another despite using based users people company companies researchers developers team several instead once even "
    "like unlike following given note early recent still often perhaps among amid every both either neither thus hence "
    "therefore these critics officials scientists it's that's there's they're you're let's don't besides later "
    "earlier far long nearly almost about such others nothing everyone everybody somebody nobody nowhere".split()
)
# fmt: on
_SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
    "tn": 1e12,
    "trillion": 1e12,
}  # fmt: skip
_UNITS = {"%": "%", "per": "%", "dol": "$", "eur": "€", "pou": "£"}
_NUMBER = re.compile(
    r"(?<![\w.])([$£€]?)(\d[\d,]*(?:\.\d+)*)(?:[\s-]?(k|thousand|mn|m|million|bn|b|billion|tn|trillion)\b)?"
    r"(?:\s?(%|(?:percent|per cent|dollars?|euros?|pounds?)\b))?",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"[\"“]([^\"“”]+)[\"”]")
_BRACKETED = re.compile(r"\([^()]*\)")
CONNECTIVE = re.compile(
    r"^(?:However|Moreover|Furthermore|In addition|Additionally|Besides|Meanwhile|Indeed|In fact|For example|For instance|"
    r"Notably|Interestingly|Of course|In this article), (?=\w)"
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
    # Brackets and opening connectives may go with the names and turns they hold; `rewrite` says which.
    kept = _BRACKETED.sub("", source)
    values = {
        "unsupported": float(len(unsupported(candidate, f"{title}. {item_text}"))),
        "new_pairs": float(len(_name_pairs(candidate) - _name_pairs(source))),
        "names_lost": float((Counter(names(kept)) - Counter(names(candidate))).total()),
        "numbers_lost": float(
            (Counter(number_values(source)) - Counter(number_values(candidate))).total()
        ),
        "not_a_deletion": float(not is_deletion(candidate, source)),
        "novel3": round(novel3(candidate, item_text), 3),
        "in_window": round(_share_in(candidate, window), 3),
        "pivots_lost": float((pivots(CONNECTIVE.sub("", source)) - pivots(candidate)).total()),
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


# --- names and numbers --------------------------------------------------------------------------------------------


def unsupported(candidate: str, source: str) -> list[str]:
    """Return the names, numbers and dates of `candidate` that `source` does not hold, as written.

    A number must stand in the source with its unit: "5 %" is not known from "5 million". A word that begins a sentence
    with a capital counts as a name where the source does not hold it and it is no usual opening.
    """
    candidate, source = text.clean_paragraphs(candidate), text.clean_paragraphs(source)
    known = set(text.words(source))
    known |= {part for word in known for part in re.split(r"[-&/+]", word)}
    known |= {word.removesuffix("s") for word in known}
    found = [name for name in names(candidate) if not _known_name(name, known)]
    found += [name for name in _openings(candidate) if not _known_name(name, known)]
    values = {form for _, forms in _numbers(source) for form in forms}
    found += [shown for shown, forms in _numbers(candidate) if forms[-1] not in values]
    dates = {part for _, parts in _dates(source) for part in parts}
    found += [shown for shown, parts in _dates(candidate) if not parts <= dates]
    return list(dict.fromkeys(found))


def names(passage: str) -> list[str]:
    """Return the words of `passage` that look like names.

    That is a capital inside the word, one at the front of a word that does not begin a sentence, or letters and digits
    mixed ("GPT-4o").
    """
    found = []
    for sentence in text.sentences(passage):
        opening = re.match(r"[\"'“‘(\[]*", sentence)
        start = opening.end() if opening else 0
        for match in text.WORD.finditer(sentence):
            word = re.sub(r"['’]s$", "", match.group())
            mixed = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
            capital = any(c.isupper() for c in word[1:]) or (
                word[0].isupper() and match.start() > start
            )
            if (mixed or capital) and word != "I" and word.lower() not in text.STOP_WORDS:
                found.append(word)
    return found


def _openings(passage: str) -> list[str]:
    """Return the capitalised first words of sentences that could be names and are not seen as such by `names`."""
    firsts = (re.match(r"[\"'“‘(\[]*", sentence) for sentence in text.sentences(passage))
    found = []
    for opening in firsts:
        word = text.WORD.match(opening.string, opening.end()) if opening else None
        plain = re.sub(r"['’]s$", "", word[0]) if word else ""
        if plain.istitle() and len(plain) > 1 and not plain.lower().endswith(("ly", "ing")):
            lower = plain.lower()
            if lower not in text.STOP_WORDS | _OPENERS and lower not in _NUMBER_WORDS:
                found.append(plain)
    return found


def _known_name(name: str, known: set[str]) -> bool:
    lower = name.lower().replace("’", "'")
    if lower in known or lower.removesuffix("s") in known:
        return True
    parts = [part for part in re.split(r"[-&/+]", lower) if part]
    # A version number must stand as it is: "GPT-4.2" is not known because "gpt" and "4.2" are.
    return (
        len(parts) > 1
        and not any(c.isdigit() for c in lower)
        and all(part in known for part in parts)
    )


def number_values(passage: str) -> list[str]:
    """Return each number of `passage` with scale and unit: "$1.2 million" is "$1200000"; "1.20" stays as it is."""
    return [forms[-1] for _, forms in _numbers(passage)]


def _numbers(passage: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return (as written, the forms it vouches for, its own form last) of each number; one to twenty may be words."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for match in _NUMBER.finditer(passage):
        digits, scale = match[2].replace(",", ""), (match[3] or "").lower()
        # Without a scale the digits count as they are: 3.10 and 3.1 are two versions.
        value = (
            f"{float(digits) * _SCALES[scale]:.10g}" if scale and digits.count(".") < 2 else digits
        )
        # "per cent" and "%" are one unit, as are "3 dollars" and "$3".
        unit = match[1] or _UNITS.get((match[4] or "")[:3].lower(), "")
        found.append((match[0].strip(), (value, f"{unit}{value}")))
    found += [
        (word, (_NUMBER_WORDS[word],)) for word in text.words(passage) if word in _NUMBER_WORDS
    ]
    return found


def _dates(passage: str) -> list[tuple[str, set[str]]]:
    """Return (as written, its neighbouring parts) of each date, so that "5 May" and "June 2024" do not make "5 June"."""
    found = []
    for match in _DATE.finditer(passage):
        month, day, year = match["m"][:3], match["d1"] or match["d2"], match["y"]
        parts = {f"{day} {month}"} if day else set()
        parts |= {f"{month} {year}"} if year else set()
        found.append((match[0], parts))
    return found


def _name_pairs(passage: str) -> set[tuple[str, str]]:
    """Return neighbouring names; a new pair joins two people or products into one."""
    found = set()
    for sentence in text.sentences(passage):
        words = text.WORD.findall(sentence)
        capital = {
            word for word in words if word[0].isupper() and word.lower() not in text.STOP_WORDS
        }
        found |= {(a, b) for a, b in itertools.pairwise(words) if a in capital and b in capital}
    return found


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


def quotes(passage: str) -> list[str]:
    """Return what stands between double quotation marks, in order."""
    return [found.strip() for found in _QUOTE.findall(passage)]


# --- form ---------------------------------------------------------------------------------------------------------


def complete(sentence: str) -> bool:
    """Say whether `sentence` begins like one, ends like one, and closes what it opens."""
    return (
        bool(re.match(r"[\"'“‘(]*[A-Z0-9]", sentence))
        and bool(_END.search(sentence))
        and balanced(sentence)
        and not re.search(r"\s[,.;:!?]|,,|,\.|\(\s*\)|\s{2}", sentence)
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
        len(own - head) <= len(own) // 8
        or (len(first) == 6 and first == text.words(title)[:6] and len(own - head) < 4)
    )


def verbatim(sentence: str, item_text: str) -> bool:
    """Say whether `sentence` stands in the item word for word as a whole sentence, a full stop at its end aside."""
    known = text.sentences(item_text)
    return sentence in known or (sentence.endswith(".") and sentence[:-1] in known)
