"""Plain-text helpers shared by all rooms: cleaning, sentences, words, stems.

English-centred on purpose: the sentence rules know English abbreviations, the stems are Porter2.
"""

import functools
import re
import threading
import unicodedata

import snowballstemmer

# Characters that never help a reader: C0/C1 controls (white space is folded first), BOM, zero-width space,
# word joiner, soft hyphen, text-direction overrides and isolates, lone surrogates, replacement characters.
# The zero-width joiner U+200D stays: family emoji and some scripts need it.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ufeff\u200b\u2060\u00ad\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffd\ufffe\uffff]"
)

WORD = re.compile(r"[^\W_]+(?:[.'’\-&/+][^\W_]+)*[+#]?")
# fmt: off
STOP_WORDS = frozenset(
    "a an the and or but nor so yet if then than that this these those there here it its he she they them their his "
    "her him we us our you your i me my who whom whose which what when where why how is are was were be been being am "
    "do does did done doing have has had having will would shall should can could may might must not no yes of in on "
    "at by for with from to into onto over under about after before between through during against within without as "
    "up down out off again also more most much many some any all both each few other such only own same too very just "
    "now while because since until although though however according said says say new one two".split()
)
# fmt: on
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“])(?:Mr|Mrs|Ms|Dr|Prof|Hon|Rev|Govt|Dept|St|Sr|Jr|vs|etc|e\.g|i\.e|cf|Inc|Corp|Ltd|Co|Fig|Eq|Sec|Vol|al|approx|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Gen|Sen|Rep|Gov|U\.S|U\.K|E\.U|a\.m|p\.m|[A-Z])\.$"
)
# A sentence mark before white space, closing quotes between them allowed; "No. 5" is one number, "No." a sentence; "1. 5 million" is a
# figure that was torn apart.
_BREAK = re.compile(r"(?<=[.!?…])(?!(?<=\bNo\.)\s\d|(?<=\d\.)\s\d)(?=[\"'”’)\]]*\s)")
_PARAGRAPH = re.compile(r"\n\s*\n")


def clean(text: str) -> str:
    """Return `text` on one line: unseen characters dropped, runs of white space one space, NFC, stripped."""
    folded = " ".join(text.split())
    if (
        not folded.isprintable() or "\ufffd" in folded
    ):  # of the unseen, only U+FFFD counts as printable
        folded = " ".join(_UNSEEN.sub("", folded).split())
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)


def clean_paragraphs(text: str) -> str:
    """Clean each blank-line separated paragraph of `text`; empty ones go, one blank line stays between."""
    return "\n\n".join(filter(None, (clean(part) for part in _PARAGRAPH.split(text))))


def sentences(text: str) -> list[str]:
    """Split `text` into sentences; a blank line always ends one, an abbreviation or initial never does.

    >>> sentences("Dr. Ng spoke. The U.S. team won 3.5 points!")
    ['Dr. Ng spoke.', 'The U.S. team won 3.5 points!']
    """
    found: list[str] = []
    for paragraph in _PARAGRAPH.split(text):
        start = ""
        for piece in _BREAK.split(clean(paragraph)):
            start += piece
            bare = start.rstrip("\"'”’)] ")
            if _ABBREVIATION.search(bare):
                continue
            # A closing quote or bracket at the head of the next piece belongs to the sentence before.
            closing = re.match(r"[\"'”’)\]]+(?=\s|$)", start)
            if closing and found:
                found[-1] += closing.group()
                start = start[closing.end() :]
            if start.strip():
                found.append(start.strip())
            start = ""
        if start.strip():
            found.append(start.strip())
    return found


def words(text: str) -> list[str]:
    """Return the lower-cased words of `text`, possessive and contracted endings ('s, 've, ...) dropped."""
    return [_bare(found) for found in WORD.findall(text)]


@functools.lru_cache(maxsize=1 << 16)
def _bare(word: str) -> str:
    return re.sub(r"'(?:s|ve|re|ll|d|m)$", "", word.lower().replace("’", "'"))


_STEMMING = threading.Lock()


@functools.cache
def _stemmer() -> "snowballstemmer.stemmer":
    return snowballstemmer.stemmer("english")


@functools.lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return the Porter2 stem of a lower-case word (Porter, snowballstem.org)."""
    with _STEMMING:  # the stemmer keeps its word in itself, and threads may ask at once
        return str(_stemmer().stemWord(word))


def content_stems(text: str) -> list[str]:
    """Return the stems of the words of `text` that carry content: no stop words, over two letters."""
    return [
        stem(word)
        for word in words(text)
        if word not in STOP_WORDS and len(word) > 2 and not word[0].isdigit()
    ]


def shorten(text: str, limit: int) -> str:
    """Cut `text` to at most `limit` characters at a word's end, with "…" where something went."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:-–—") + "…"
