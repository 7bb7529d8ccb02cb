"""Names, numbers and dates in a passage, and whether a source holds them.

Strict on purpose: a published sentence is a copy or a deletion, so nothing true is lost by taking "3.1" and "3.10", or
"5 %" and "5 million", for different facts. What an editor writes is only warned about, not refused.
"""

import itertools
import re

from weeklyai import text

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


def name_pairs(passage: str) -> set[tuple[str, str]]:
    """Return neighbouring names; a new pair joins two people or products into one."""
    found = set()
    for sentence in text.sentences(passage):
        words = text.WORD.findall(sentence)
        capital = {
            word for word in words if word[0].isupper() and word.lower() not in text.STOP_WORDS
        }
        found |= {(a, b) for a, b in itertools.pairwise(words) if a in capital and b in capital}
    return found
