"""Feed items -> training documents.

A document is a row of segments, each opened by a control token: title, source, body, blurb. Every item is seen in two
layouts, so that the same weights can write a blurb or a title after a body and a body after a blurb, and can score
p(title | sentence) as well as p(blurb | body). Where the feed gives no summary, the sentence most like the rest of the
body is hidden from it and stands as the blurb (gap-sentence generation: Zhang et al., PEGASUS, 2020).
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from weeklyai import duplicates, text
from weeklyai.dates import Week
from weeklyai.records import FeedItem

MAX_SENTENCES = (
    60  # a longer body is cut: one 20,000-word page should not be a tenth of a small corpus
)
MIN_WORDS = 8  # of an item's text
HELD_OUT_IN = 10  # one item of this many is never trained on

Segment = tuple[Literal["title", "source", "body", "blurb"], str]


@dataclass(frozen=True, slots=True)
class Document:
    """Segments to train or measure on.

    Attributes:
        segments: in order; each text is fed behind its control token, and an end token closes the document.
        week: ISO week of the item.
        human: the blurb is a person's summary, not a gap sentence.
    """

    segments: tuple[Segment, ...]
    week: Week
    human: bool

    @property
    def num_bytes(self) -> int:
        """UTF-8 bytes of the text, control tokens not counted."""
        return sum(len(part.encode()) for _, part in self.segments)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents split by item: no item has one layout in training and the other held out."""

    training: tuple[Document, ...]
    held_out: tuple[Document, ...]
    num_items: int

    @property
    def hash(self) -> str:
        """16 hex digits over all documents, in order."""
        digest = hashlib.sha256()
        for document in (*self.training, None, *self.held_out):
            digest.update(repr(document and document.segments).encode())
        return digest.hexdigest()[:16]


def build(items: Iterable[FeedItem]) -> Corpus:
    """Lay out `items` for training, each text once however many feeds carry it, edited or cut: the fullest form.

    The held-out tenth is chosen by a hash of a text's first form, so neither do two forms of it stand on both sides, nor
    does a later week move a text across the border. A text under a thousand headlines is one text.
    """
    ordered = sorted(items, key=lambda item: (item.published, item.id))
    usable = [item for item in ordered if len(text.words(item.text)) >= MIN_WORDS]
    forms: dict[int, list[FeedItem]] = defaultdict(list)
    groups = duplicates.groups([(item.title, item.text) for item in usable], any_title=True)
    for item, group in zip(usable, groups, strict=True):
        forms[group].append(item)
    training: list[Document] = []
    held_out: list[Document] = []
    for first, *others in forms.values():
        key = hashlib.sha256(" ".join(text.words(first.text)).encode()).hexdigest()
        target = held_out if int(key[:8], 16) % HELD_OUT_IN == 0 else training
        target.extend(lay_out(max((first, *others), key=lambda item: len(item.text))))
    training.sort(key=lambda document: document.human)  # human pairs last; the sort is stable
    return Corpus(tuple(training), tuple(held_out), len(forms))


def lay_out(item: FeedItem) -> list[Document]:
    """Return the two layouts of `item`."""
    sentences = text.sentences(item.text)[:MAX_SENTENCES]
    blurb = _supported(item.summary, f"{item.title} {item.body}") if item.body else ""
    human = bool(blurb)
    if not human and len(sentences) >= 3:
        gap = gap_sentence(sentences)
        blurb = sentences[gap]
        sentences = sentences[:gap] + sentences[gap + 1 :]
    title: Segment = ("title", item.title)
    source: Segment = ("source", item.source)
    body: Segment = ("body", " ".join(sentences))
    tail: tuple[Segment, ...] = (("blurb", blurb),) if blurb else ()
    week = Week.of(item.published)
    return [
        Document((title, source, body, *tail), week, human),
        Document((*tail, body, title), week, human),
    ]


def gap_sentence(sentences: Sequence[str]) -> int:
    """Return the index of the sentence whose content stems overlap most (F1) with all the others'."""
    stems = [Counter(text.content_stems(sentence)) for sentence in sentences]
    total = sum(stems, Counter[str]())

    def overlap(own: Counter[str]) -> float:
        rest = total - own
        common = (own & rest).total()
        return 2 * common / (own.total() + rest.total()) if common else 0.0

    return max(range(len(sentences)), key=lambda n: (overlap(stems[n]), -n))


def _supported(summary: str, source: str) -> str:
    """Return the sentences of a human `summary` whose names and numbers all stand in `source`.

    A model trained on references that know more than their source learns to invent.
    """
    known = set(text.words(source))

    def grounded(sentence: str) -> bool:
        telling = [
            found.group()
            for found in text.WORD.finditer(sentence)
            if any(c.isdigit() for c in found.group())
            or (found.start() > 0 and found.group()[0].isupper())
        ]
        return set(text.words(" ".join(telling))) <= known

    kept = [sentence for sentence in text.sentences(summary) if grounded(sentence)]
    joined = " ".join(kept)
    return joined if joined and joined not in source else ""
