"""What can be counted about the sentences of a text: place, length, headline words, likeness, names, turns of phrase.

Each column has a name that a person understands; `selector` weighs them. Only counts and word lists, so that the same
text gives the same figures on every machine. The columns are those that held up on 8,600 pairs of article and human
summary; embeddings added nothing beside them.
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weeklyai import text
from weeklyai.drafting.background import Background

Array = npt.NDArray[np.float64]
Columns = dict[str, Array]

# Turns of phrase by the column's name.
_CUES = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "says what this text is about": r"\bin this (?:\w+ )?(?:post|article|tutorial|guide|paper|work|blog|episode|series|video)\b|\bthis (?:post|article|tutorial|guide|paper|blog)\b",
        "learn, show, explain": r"\b(?:learn|show|shows|explain|explains|explore|explores|describes?|introduces?|presents?|discover|look at)\b",
        "announces something": r"\b(?:announc\w+|releas\w+|launch\w*|unveil\w*|introduc\w+|debut\w*|publish\w*|ships?|shipped|rolls? out|rolled out|available)\b",
        "how to": r"\bhow (?:to|you|we)\b",
        "thanks, subscribe, credits": r"\b(?:thanks?|thank you|subscribe|sign up|follow|credits?|comments?|via|newsletter|please|click|read more|image|photo)\b",
        "says what something is": r"\b(?:is|are) (?:a|an|the|one)\b",
        "gives an example": r"\b(?:e\.g|for example|for instance|such as|i\.e|namely)\b",
        "code or address": r"https?://|www\.|[{}<>|\\`=]|\w\(\)|::|->|\$ |--\w",
        "counts steps": r"^(?:first|second|third|next|then|finally|lastly|step|now)\b|^\d+[.)]",
        "looks back": r"\b(?:was|were|had|ago|last (?:year|month|week)|previously|earlier|in (?:19|20)\d\d)\b",
        "helps or allows": r"\b(?:help\w*|allow\w*|eas(?:y|ier|ily)|enabl\w+|lets?|improv\w+|support\w*|provid\w+|offer\w*)\b",
        "says that it is new": r"\b(?:new|now|today|latest|recent\w*|first|this (?:week|month|year)|upcoming)\b",
        "sums up": r"\b(?:overall|in (?:short|summary|conclusion|total)|conclu\w+|therefore|thus|summary|tl;dr|findings?|results?)\b",
        "says why": r"\b(?:because|so that|in order to|due to|reason|goal|aim|purpose|means that)\b",
        "contrast": r"\b(?:but|however|although|though|while|despite|yet|instead|unlike|rather)\b",
        "superlative": r"\b(?:most|best|largest|biggest|first|only|main|key|major|important|critical|popular)\b",
        "reported speech": r"\b(?:said|says|told|according to|wrote|explained|added|noted)\b",
        "negation": r"\b(?:not|no|never|cannot|without)\b|n['’]t\b",
        "may, might, would": r"\b(?:may|might|could|would|should|perhaps|possibly)\b",
        "can, will": r"\b(?:can|will)\b",
        "I, my": r"\b(?:I|my|me|I['’]m|I['’]ve)\b",
        "we, our": r"\b(?:we|our|us|we['’]re|we['’]ve|let['’]s)\b",
        "you, your": r"\b(?:you|your|yours|you['’]re)\b",
        "month or weekday": r"\b(?:january|february|march|april|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
        "money or share": r"[$€£%]|\bper ?cent\b|\b(?:million|billion)\b",
    }.items()
}  # fmt: skip
_OPENINGS = {
    "opens with it, this, they": re.compile(r"^[\"“(]?(?:this|that|these|those|it|they|he|she|its|their|such|here|there)\b", re.IGNORECASE),
    "opens with and, but, so": re.compile(r"^[\"“(]?(?:and|but|or|so|yet|also|then|however|moreover|for example|in addition|additionally|besides)\b", re.IGNORECASE),
    "opens with -ing": re.compile(r"^[A-Z][a-z]+ing\b"),
    "opens with the": re.compile(r"^the\b", re.IGNORECASE),
    "opens with if, when, while": re.compile(r"^(?:if|when|while|as|once|since|after|before|although|though|because)\b", re.IGNORECASE),
    "opens small": re.compile(r"^[a-z]"),
    "opens with a mark": re.compile(r"^[^A-Za-z\"“(]"),
}  # fmt: skip
_MARKS = {"commas": ",", "colons": ":", "semicolons": ";", "brackets": "(", "double quotes": "\"“", "questions": "?", "exclamations": "!", "dashes": "–—"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """A text taken apart.

    Attributes:
        title: the headline.
        sentences: of the text, in order, as many as are looked at.
        paragraphs: of each sentence the number of its paragraph.
        stems: content stems of each sentence.
        vectors: one row a sentence, of length 1, over `vocabulary`: stem counts times their rarity.
        vocabulary: place of each stem.
    """

    title: str
    sentences: Sequence[str]
    paragraphs: Sequence[int]
    stems: Sequence[Sequence[str]]
    vectors: Array
    vocabulary: dict[str, int]

    @classmethod
    def of(cls, title: str, body: str, background: Background, most: int) -> "Document":
        """Take apart the first `most` sentences of `body`, whose paragraphs a blank line parts."""
        sentences = text.sentences(body)[:most]
        counts = [len(text.sentences(part)) for part in body.split("\n\n")[: most + 1]]
        paragraphs = [number for number, count in enumerate(counts) for _ in range(count)]
        paragraphs += [len(counts)] * len(sentences)
        stems = [text.content_stems(sentence) for sentence in sentences]
        vocabulary = {stem: n for n, stem in enumerate(dict.fromkeys(s for own in stems for s in own))}  # fmt: skip
        vectors = np.array([_vector(own, vocabulary, background) for own in stems])
        return cls(title, sentences, paragraphs[: len(sentences)], stems,
                   vectors.reshape(len(sentences), len(vocabulary)), vocabulary)  # fmt: skip


def _vector(stems: Sequence[str], vocabulary: dict[str, int], background: Background) -> Array:
    found = np.zeros(len(vocabulary))
    for stem, count in Counter(stems).items():
        if stem in vocabulary:
            found[vocabulary[stem]] = count * -math.log(background.share(stem))
    length = float(np.sqrt(found @ found))
    return found / length if length else found


def table(document: Document, background: Background) -> Columns:
    """Return the columns by name, a value for each sentence."""
    groups = (
        _place(document),
        _length(document),
        _headline(document, background),
        _likeness(document),
        _rarity(document, background),
        _phrases(document),
    )
    found = {name: column for group in groups for name, column in group.items()}
    return found | _ranks(found)


def _place(document: Document) -> Columns:
    n = len(document.sentences)
    index, paragraph = np.arange(n, dtype=float), np.array(document.paragraphs, dtype=float)
    sizes = Counter(document.paragraphs)
    first = {number: document.paragraphs.index(number) for number in sizes}
    within = index - np.array([first[number] for number in document.paragraphs], dtype=float)
    size = np.array([sizes[number] for number in document.paragraphs], dtype=float)
    return {
        "place": index,
        "early place": 1 / (1 + index),
        "share of the text before it": index / max(1, n),
        "paragraph": np.minimum(paragraph, 20),
        "early paragraph": 1 / (1 + paragraph),
        "place in its paragraph": np.minimum(within, 8),
        "first of its paragraph": (within == 0).astype(float),
        "last of its paragraph": (within == size - 1).astype(float),
        "alone in its paragraph": (size == 1).astype(float),
        "first sentence": (index == 0).astype(float),
        "second sentence": (index == 1).astype(float),
        "among the first three": (index < 3).astype(float),
        "among the last three": (index >= n - 3).astype(float),
    }


def _length(document: Document) -> Columns:
    words = np.array([len(sentence.split()) for sentence in document.sentences], dtype=float)
    letters = np.array([len(sentence) for sentence in document.sentences], dtype=float)
    return {
        "words": np.minimum(words, 60),
        "words, logarithm": np.log1p(words),
        "long beside the others": np.minimum(words / max(1.0, float(words.mean())), 4),
        "letters a word": np.minimum(letters / np.maximum(words, 1), 12),
        "under eight words": (words < 8).astype(float),
        "12 to 30 words": ((words >= 12) & (words <= 30)).astype(float),
        "over 35 words": (words > 35).astype(float),
    }


def _headline(document: Document, background: Background) -> Columns:
    title = headline_stems(document.title)
    wanted, pairs = set(title), _pairs(text.words(document.title))
    sizes = [max(1, len(own)) for own in document.stems]
    shared = np.array([len(wanted & set(own)) for own in document.stems], dtype=float)
    gain = np.array([background.headline_gain(title, own) for own in document.stems])
    vector = _vector(title, document.vocabulary, background)
    return {
        "headline words, weighed by rarity": gain,
        "headline words by length": gain / np.array(sizes),
        "headline words": shared,
        "share of the headline": shared / max(1, len(title)),
        "share of it in the headline": shared / np.array(sizes),
        "the headline's first word": np.array([float(title[:1] != [] and title[0] in own) for own in document.stems]),
        "the headline's last word": np.array([float(title[:1] != [] and title[-1] in own) for own in document.stems]),
        "pairs of words of the headline": np.array([float(len(pairs & _pairs(text.words(s)))) for s in document.sentences]),
        "likeness to the headline": document.vectors @ vector if document.vocabulary else shared,
    }  # fmt: skip


def headline_stems(title: str) -> list[str]:
    """Return the content stems of a headline, each once."""
    return list(dict.fromkeys(text.content_stems(title)))


def _pairs(words: Sequence[str]) -> set[tuple[str, str]]:
    return set(itertools.pairwise(words))


def _likeness(document: Document) -> Columns:
    cosines = document.vectors @ document.vectors.T
    n = len(cosines)
    centre = document.vectors.sum(axis=0)
    others = cosines - np.diag(np.diag(cosines))
    frequency = Counter(stem for own in document.stems for stem in set(own))
    usual = [sum(frequency[s] for s in own) / max(1, len(own)) for own in document.stems]
    return {
        "likeness to the whole": document.vectors @ (centre / max(1e-9, float(np.linalg.norm(centre)))),
        "likeness to the others": others.sum(axis=1) / max(1, n - 1),
        "likeness to the nearest": others.max(axis=1, initial=0),
        "likeness to the first": others[:, 0],
        "likeness to the first three": others[:, :3].mean(axis=1),
        "likeness to the next": np.append(np.diag(cosines, 1), 0),
        "likeness to the one before": np.append(0, np.diag(cosines, -1)),
        "words that come back": np.array(usual) / n,
    }  # fmt: skip


def _rarity(document: Document, background: Background) -> Columns:
    rare = [[-math.log(background.share(s)) for s in own] or [0.0] for own in document.stems]
    words = [text.words(sentence) for sentence in document.sentences]
    capital = [sum(w[0].isupper() for w in s.split()[1:]) for s in document.sentences]
    size = np.array([max(1, len(own)) for own in words], dtype=float)
    stops = np.array([sum(word in text.STOP_WORDS for word in own) for own in words], dtype=float)
    numbers = np.array([sum(word[0].isdigit() for word in own) for own in words], dtype=float)
    return {
        "rare words, mean": np.array([sum(own) / len(own) for own in rare]),
        "rarest word": np.array([max(own) for own in rare]),
        "share of function words": stops / size,
        "numbers": np.minimum(numbers, 5),
        "names": np.minimum(np.array(capital, dtype=float), 10),
        "share of names": np.array(capital, dtype=float) / size,
    }


def _phrases(document: Document) -> Columns:
    found = {
        name: np.array([float(bool(pattern.search(one))) for one in document.sentences])
        for name, pattern in (_CUES | _OPENINGS).items()
    }
    for name, marks in _MARKS.items():
        found[name] = np.array([min(3.0, sum(map(one.count, marks))) for one in document.sentences])
    found["ends with a stop"] = np.array([float(one.rstrip("\"'”’)")[-1:] in ".!?") for one in document.sentences])  # fmt: skip
    found["ends with a colon"] = np.array([float(one.endswith(":")) for one in document.sentences])
    return found


def _ranks(found: Columns) -> Columns:
    """Return where each sentence stands among those of its text: 1 for the best, 0 for the last."""
    ranked = {
        "rank by headline words": found["headline words, weighed by rarity"],
        "rank by likeness to the whole": found["likeness to the whole"],
        "rank by length": found["words"],
    }
    result = {}
    for name, column in ranked.items():
        order = np.empty(len(column))
        order[np.argsort(-column, kind="stable")] = np.arange(len(column))
        result[name] = 1 - order / max(1, len(column) - 1)
    result["best by headline words"] = (result["rank by headline words"] == 1).astype(float)
    return result
