"""Near-duplicates: which items are one text, though titles were reworded, words edited, paragraphs cut or added.

Publishers run one report under another headline, cut to its first sentence or with a paragraph of their own; and a feed
may repeat one text ten thousand times to have it learned by heart. Equal items are found by hash. The others are looked up
by rows of three content words (shingles: Broder, "On the resemblance and containment of documents", 1997), each item only
beside its nearest neighbours in the list of a row, so a sentence that stands in every item costs no more than one that
stands in five. Each pair found so is decided by how much of the shorter text stands, in order, in the longer one.
"""

import hashlib
import html
import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from rapidfuzz.distance import LCSseq

from weeklyai import text

READ = 160  # content words of a text that are read
LEAD = 100  # of these, that are looked for in the other text
ENOUGH = 8  # content words; a shorter text says too little, there the headlines decide
ENOUGH_ALONE = 12  # content words of a text under a headline of its own
CUT = 0.6  # a text shorter than this part of another is cut from it
COMMON = 25  # a row of words in more items than this is boilerplate, or one text many times over
NEIGHBOURS = 4  # earlier items beside which an item is looked at, for each row of words
TWIN_SENTENCE = 75  # rapidfuzz points of two sentences that say one thing
MOST_SENTENCES = 200  # of a text that is looked at by the sentence

_MOST_CHARS = 50_000  # of a text
_CHUNK = 1 << 13  # items at once
_KEYS = 1 << 21  # keys at once
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d[\w.\-/]*(?<![.\-/])")
_UNIT = re.compile(r"%|per ?cent|[mbt]n\b|[mbtr]+illion", re.IGNORECASE)
_SERIES = frozenset(
    "# no nr number issue week part episode ep day vol volume chapter season version round lesson edition".split()
)
_NUMERALS = {
    word: str((number - 1) % 10 + 1)
    for number, word in enumerate(
        "i ii iii iv v vi vii viii ix x one two three four five six seven eight nine ten".split(), 1
    )
}
_MARKS = ".,:;!?()[]\"'“”‘’"
_MONTHS = {
    form: name[:3]
    for name in "january february march april may june july august september october november december".split()
    for form in (name, name[:3])
}
_OWNER = np.uint64(24)  # bits of a key that name the item; the others are the hash of a row
_OWNERS = np.uint64((1 << 24) - 1)
_MIX = tuple(map(np.uint64, (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)))
_Array = npt.NDArray[np.uint64]


@dataclass(slots=True)
class _Read:
    """What is compared of one item; each content word is one character, so a string is a row of words.

    Attributes:
        number: its place among the given items.
        title: the headline's words.
        labels: numbers and months in the headline that name rather than count.
        body: the first `READ` words of the text.
        own: those of `body` that stand in no row which more than `COMMON` items share.
    """

    number: int
    title: str
    labels: set[str]
    body: str
    own: str


def groups(texts: Sequence[tuple[str, str]], *, any_title: bool = False) -> list[int]:
    """Return for each item the index of the first item that it is a near-duplicate of, else its own.

    Likeness is handed on: of three items, the first may be like the last only through the second. But a text that was cut
    or lost its number joins only the one that it is most like, and so never brings two together. Items of a series
    ("5.2.1 released", "5.2.2 released") are none, nor are texts that share only what stands in many items.

    Args:
        texts: title and text of each item; either may be "".
        any_title: texts that are the same but for a few words are one under any title, also in a series.
    """
    first, reads = _equal(texts, any_title=any_title)
    keys = _keys(reads)
    _mark_own(reads, keys)
    loose: dict[int, tuple[float, int]] = {}
    for a, b in _candidates(keys, len(reads)):
        one, other = reads[a], reads[b]
        likeness = _twins(one, other)
        if (likeness and _level(one, other)) or (any_title and _hardly_changed(one, other)):
            _join(first, one.number, other.number)
        elif likeness:
            less, more = sorted((one, other), key=lambda read: (len(read.labels), len(read.body)))
            loose[less.number] = max((likeness, -more.number), loose.get(less.number, (0.0, 0)))
    for number, (_, likest) in sorted(loose.items()):
        _join(first, number, -likest)
    return [_root(first, number) for number in range(len(first))]


def fresh(new: str, old: str) -> list[str]:
    """Return the sentences of `new` that have no near-twin in `old`."""
    known = [one.casefold() for one in text.sentences(old)[:MOST_SENTENCES]]
    likest = partial(process.extractOne, scorer=fuzz.token_set_ratio, score_cutoff=TWIN_SENTENCE)
    return [
        one for one in text.sentences(new)[:MOST_SENTENCES] if likest(one.casefold(), known) is None
    ]


# --- reading ------------------------------------------------------------------------------------------------------


def _equal(texts: Sequence[tuple[str, str]], *, any_title: bool) -> tuple[list[int], list[_Read]]:
    """Return for each item its first equal, and what is read of those that have no equal before them."""
    vocabulary: dict[str, int] = {}
    seen: dict[bytes, int] = {}
    first: list[int] = []
    reads: list[_Read] = []
    for number, (title, body) in enumerate(texts):
        head, words = _words(title[:_MOST_CHARS]), _words(body[:_MOST_CHARS])
        said = words if any_title and words else [*head, "\n", *words]
        key = hashlib.sha256(" ".join(said).encode()).digest()
        # Numbers in a headline are looked at by themselves.
        coded = _coded([word for word in head if not word.isdigit()], vocabulary)
        # Two bare headlines of three words ("Open thread") may well stand over different pages.
        first.append(seen.setdefault(key, number) if words or len(coded) > 3 else number)
        if first[-1] == number:
            row = _coded(words, vocabulary)
            reads.append(_Read(number, coded, _labels(title), row, row))
    return first, reads


def _words(passage: str) -> list[str]:
    plain = html.unescape(passage) if "&" in passage else passage
    return _WORD.findall(unicodedata.normalize("NFKC", plain).casefold())


def _coded(words: Sequence[str], vocabulary: dict[str, int]) -> str:
    """Return the first `READ` content words, one character each: its place in the vocabulary."""
    content = (
        word
        for word in words
        if word not in text.STOP_WORDS and (len(word) > 1 or word.isdigit() or not word.isascii())
    )
    first = itertools.islice(content, READ)
    return "".join(chr(vocabulary.setdefault(one, len(vocabulary)) % 0x110000) for one in first)


def _labels(title: str) -> set[str]:
    """Return the numbers and months of a headline that name a thing: "Wren 3", "5.2.1", "QSB-090", "May 2024".

    Those that count ("kills 12", "$3.5m", "4 percent") are left out, as they change while a story goes on.
    """
    words = title.split()
    found: set[str] = set()
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        number = _NUMBER.search(word)
        bare = word.strip(_MARKS)
        if number is None:
            part = _NUMERALS.get(bare.lower()) if before.lower() in _SERIES else None
            month = _MONTHS.get(bare.lower()) if bare[:1].isupper() else None
            found |= {name for name in (part, month) if name}
        elif word[0] not in "$€£" and not _UNIT.match(word[number.end() :] or after):
            plain = bare.replace(",", "").isdigit()
            named = before[:1].isupper() or before.lower() in _SERIES or number.group()[0] == "0"
            if named or not plain or re.fullmatch(r"(?:19|20)\d\d", number.group()):
                found.add(number.group().lower())
    return found


# --- candidates ---------------------------------------------------------------------------------------------------


def _rows(strings: Sequence[str], size: int) -> tuple[_Array, _Array, npt.NDArray[np.bool_]]:
    """Return hash (40 bits) and owner (index in `strings`) of each `size` words in a row, and which lie in one string."""
    coded = "".join(strings).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(coded, "<u4").astype(np.uint64)
    lengths = [len(one) for one in strings]
    owners = np.repeat(np.arange(len(strings), dtype=np.uint64), lengths)
    count = max(0, len(codes) - size + 1)
    hashes = np.full(count, size, np.uint64)
    for step in range(size):
        hashes = (hashes + codes[step : count + step]) * _MIX[step]
        hashes ^= hashes >> np.uint64(29)
    return (hashes * _MIX[0]) >> _OWNER, owners[:count], owners[:count] == owners[size - 1 :]


def _keys(reads: Sequence[_Read]) -> _Array:
    """Return the sorted keys, row and item, of all texts by threes and of all headlines by twos."""
    keys = [np.zeros(0, np.uint64)]
    for start in range(0, len(reads), _CHUNK):
        chunk = reads[start : start + _CHUNK]
        for strings, size in (([one.body for one in chunk], 3), ([one.title for one in chunk], 2)):
            hashes, owners, inside = _rows(strings, size)
            keys.append(hashes[inside] << _OWNER | (owners[inside] + np.uint64(start)))
    joined = np.concatenate(keys)
    joined.sort()
    return joined[np.concatenate(([True], joined[1:] != joined[:-1]))] if len(joined) else joined


def _mark_own(reads: Sequence[_Read], keys: _Array) -> None:
    """Take from each `own` the words of rows that more than `COMMON` items share."""
    hashes = keys >> _OWNER
    common = np.unique(hashes[COMMON:][hashes[COMMON:] == hashes[:-COMMON]])
    for begin in range(0, len(reads) if len(common) else 0, _CHUNK):
        chunk = reads[begin : begin + _CHUNK]
        found, _, inside = _rows([one.body for one in chunk], 3)
        places = np.flatnonzero(inside & np.isin(found, common))
        masked = np.zeros(len(found) + 2, np.bool_)
        for step in range(3):
            masked[places + step] = True
        start = 0
        for one in chunk:
            mask = masked[start : start + len(one.body)]
            start += len(one.body)
            if mask.any():
                one.own = "".join(itertools.compress(one.body, ~mask))


def _candidates(keys: _Array, number: int) -> list[tuple[int, int]]:
    """Return the pairs, lower index first, that share a tenth of the fewer rows, and two where there are four."""
    rows = np.bincount((keys & _OWNERS).astype(np.int64), minlength=number)
    found, shared = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for start in range(0, len(keys), _KEYS):
        part = keys[start : start + _KEYS]
        pairs = [
            (part[:-step] & _OWNERS)[same] << _OWNER | (part[step:] & _OWNERS)[same]
            for step in range(1, NEIGHBOURS + 1)
            for same in [part[:-step] >> _OWNER == part[step:] >> _OWNER]
        ]
        one, times = np.unique(np.concatenate(pairs), return_counts=True)
        found.append(one)
        shared.append(times)
    pairs_found, places = np.unique(np.concatenate(found), return_inverse=True)
    counts = np.bincount(places, weights=np.concatenate(shared), minlength=len(pairs_found))
    a, b = (pairs_found >> _OWNER).astype(np.int64), (pairs_found & _OWNERS).astype(np.int64)
    least = np.minimum(rows[a], rows[b])
    enough = counts >= np.maximum(0.1 * least, np.where(least < 4, 1, 2))
    return list(zip(a[enough].tolist(), b[enough].tolist(), strict=True))


# --- decisions ----------------------------------------------------------------------------------------------------


def _twins(a: _Read, b: _Read) -> float:
    """Return how like two items are that are one text, above 0 and up to 2, or 0."""
    if (a.labels - b.labels and b.labels - a.labels) or (_subject(a, b) and _subject(b, a)):
        return 0.0
    alike = _likeness(a.title, b.title)
    akin = alike >= 0.5 or not a.title or not b.title
    measure, least, most = (_within, 0.7, 0.85) if akin else (_beside, 0.8, 0.95)
    whole = measure(a.body, b.body)
    shorter = min(len(a.body), len(b.body))
    if shorter < ENOUGH:
        told = min(len(a.title), len(b.title)) >= 4 or (shorter > 2 and a.title == b.title)
        same = told and alike >= 0.9 and (not shorter or whole >= 0.8)
    elif shorter < ENOUGH_ALONE and not akin:
        same = False
    else:
        own = min(len(a.own), len(b.own)) >= ENOUGH and measure(a.own, b.own)
        same = own >= least or whole >= most
    return alike + max(whole, 0.01) if same else 0.0


def _level(a: _Read, b: _Read) -> bool:
    """Say whether neither of two twins is a part of the other: a cut text, or a headline without its number."""
    short, long = sorted((len(a.body), len(b.body)))
    return a.labels == b.labels and short >= CUT * long


def _hardly_changed(a: _Read, b: _Read) -> bool:
    short, long = sorted((len(a.body), len(b.body)))
    return short >= max(ENOUGH, 0.85 * long) and _within(a.body, b.body) >= 0.85


def _subject(a: _Read, b: _Read) -> bool:
    """Say whether the headline of `a` names something that its text speaks of, and `b` nowhere."""
    return bool((set(a.title) & set(a.body)) - set(b.title) - set(b.body))


def _likeness(a: str, b: str) -> float:
    """Return which part of the shorter headline's words stands in the other."""
    one, two = set(a), set(b)
    return len(one & two) / max(1, min(len(one), len(two)))


def _within(a: str, b: str) -> float:
    """Return which part of one text, or of its beginning, stands in order anywhere in the other; the larger of both ways."""
    short, long = sorted((a, b), key=len)
    ways = [(short, long)] if len(long) > len(short) else [(a, b), (b, a)]
    return max(LCSseq.similarity(one[:LEAD], two) / max(1, len(one[:LEAD])) for one, two in ways)


def _beside(a: str, b: str) -> float:
    """Return which part of the beginnings, as long as the shorter text, stands in order in both."""
    length = min(len(a), len(b), LEAD)
    return LCSseq.similarity(a[:length], b[:length]) / max(1, length)


def _join(first: list[int], a: int, b: int) -> None:
    one, two = _root(first, a), _root(first, b)
    first[max(one, two)] = min(one, two)


def _root(first: list[int], number: int) -> int:
    while first[number] != number:
        first[number] = first[first[number]]
        number = first[number]
    return number
