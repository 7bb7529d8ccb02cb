"""Feed items -> training documents.

A document is a row of segments, each opened by a control token: title, source, body, blurb. Every item is seen in two
layouts, so that the same weights can write a blurb or a title after a body and a body after a blurb, and can score
p(title | sentence) as well as p(blurb | body). Where the feed gives no summary, the sentence most like the rest of the
body is hidden from it and stands as the blurb (gap-sentence generation: Zhang et al., PEGASUS, 2020).

The held-out documents are the newest ones, because a weekly model is used on the week after those that it has read.
"""

import hashlib
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal

from weeklyai import config, duplicates, text
from weeklyai.dates import Week
from weeklyai.lm.leaks import MOST_SEEN, Leaks, Overlap
from weeklyai.records import FeedItem

MAX_SENTENCES = (
    60  # a longer body is cut: one 20,000-word page should not be a tenth of a small corpus
)
MIN_WORDS = 8  # of an item's text
SCARCE = (
    3  # a newest week of more than one part in this many of all text leaves too little to train on
)
HELD_OUT_IN = 10  # then the newest one in this many texts is held out instead
END_OF_TIME = datetime.max.replace(tzinfo=UTC)

Segment = tuple[Literal["title", "source", "body", "blurb"], str]


@dataclass(frozen=True, slots=True)
class Document:
    """Segments to train or measure on.

    Attributes:
        segments: in order; each text is fed behind its control token, and an end token closes the document.
        week: ISO week of the item.
        human: the blurb is a person's summary, not a gap sentence.
        source: the publisher's name.
    """

    segments: tuple[Segment, ...]
    week: Week
    human: bool
    source: str = ""

    @property
    def num_bytes(self) -> int:
        """UTF-8 bytes of the text, control tokens not counted."""
        return sum(len(part.encode()) for _, part in self.segments)

    @property
    def named(self) -> tuple[str, str]:
        """Publisher and headline for people; and the text, one segment a line."""
        lines = [part for name, part in self.segments if name != "source"]
        return f"{self.source}: {dict(self.segments)['title']}", "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents split by date: what is held out was first published at or after `border`, what is trained on before.

    Attributes:
        training: two layouts of each text, those with a person's summary last.
        held_out: two layouts of each text; no form of any of them is trained on.
        num_items: texts on both sides.
        border: training holds no text of a known date from here on.
        left_out: items and texts that are on neither side, by reason.
        leaks: what of the held-out text stands in the training text all the same.
    """

    training: tuple[Document, ...]
    held_out: tuple[Document, ...]
    num_items: int
    border: datetime = END_OF_TIME
    left_out: Mapping[str, int] = field(default_factory=dict)
    leaks: Leaks = field(default_factory=Leaks)

    @property
    def hash(self) -> str:
        """16 hex digits over all documents, in order."""
        digest = hashlib.sha256()
        for document in (*self.training, None, *self.held_out):
            digest.update(repr(document and document.segments).encode())
        return digest.hexdigest()[:16]

    @property
    def until(self) -> Week:
        """The newest week that has been trained on whole."""
        return Week.of(self.border - timedelta(days=7))


def build(
    items: Iterable[FeedItem],
    rules: config.Train | None = None,
    seen: datetime | None = None,
) -> Corpus:
    """Lay out `items`, each text once however many feeds carry it, edited or cut: the fullest form.

    Held out is the newest ISO week; where that is more than a third of all text, the newest tenth of the texts. A text
    belongs where its first form was published, so one that comes again in the newest week, edited or not, is never measured as
    unseen; and it is trained on in a form from before the border, so nothing of the newest week is in training. Items
    whose date is guessed are trained on: they may be of any age. A held-out text of which more than half stands in
    training, word for word, is left out. A text under a thousand headlines is one text.

    Args:
        items: in any order.
        rules: what must not be trained on.
        seen: border of a model that is to be measured or continued; nothing from before it is held out.
    """
    allowed, left_out = _allowed(items, rules or config.Train())
    forms: dict[int, list[FeedItem]] = defaultdict(list)
    groups = duplicates.groups([(item.title, item.text) for item in allowed], any_title=True)
    for item, group in zip(allowed, groups, strict=True):
        forms[group].append(item)
    border, newest = _split([first for first, *_ in forms.values()], seen)
    older: list[FeedItem] = []
    newer: list[FeedItem] = []
    for number, texts in enumerate(forms.values()):
        if number in newest:
            newer.append(max(texts, key=_length))
        else:
            before = [one for one in texts if one.published < border] or texts[:1]
            older.append(max(before, key=_length))
    overlap = Overlap(map(_named, older), list(map(_named, newer)))
    fresh = [one for one, share in zip(newer, overlap.shares, strict=True) if share <= MOST_SEEN]
    if len(fresh) < len(newer):
        reason = f"of the newest, but more than {MOST_SEEN:.0%} seen in training"
        left_out[reason] = len(newer) - len(fresh)
    # Human pairs last; the sort is stable.
    training = sorted(_documents(older), key=lambda document: document.human)
    return Corpus(
        tuple(training),
        tuple(_documents(fresh)),
        len(older) + len(fresh),
        border,
        left_out,
        overlap.report(),
    )


def _named(item: FeedItem) -> tuple[str, str]:
    """Return publisher and headline for people; and all text of `item`, before a sentence of it is moved or cut."""
    body = f"{item.title}\n{item.text}"
    return f"{item.source}: {item.title}", f"{body}\n{item.summary}" if item.body else body


def _documents(items: Iterable[FeedItem]) -> list[Document]:
    return [document for item in items for document in lay_out(item)]


def once(documents: Iterable[Document]) -> list[Document]:
    """Return of each item's two layouts the one that begins with its title."""
    return [document for document in documents if document.segments[0][0] == "title"]


def newest(documents: Sequence[Document], most: int) -> list[Document]:
    """Return the documents of the newest weeks that together hold about `most` bytes, in their order."""
    size = 0
    places: list[int] = []
    for place in sorted(range(len(documents)), key=lambda n: documents[n].week, reverse=True):
        size += documents[place].num_bytes
        if size > most:
            break
        places.append(place)
    return [documents[place] for place in sorted(places)]


def _allowed(items: Iterable[FeedItem], rules: config.Train) -> tuple[list[FeedItem], Counter[str]]:
    """Return the items that may enter, oldest first, and how many others there are by reason."""
    allowed: list[FeedItem] = []
    left_out = Counter({
        **{f"source {one}": 0 for one in rules.exclude_sources},
        **{f"licence {one}": 0 for one in rules.exclude_licences},
    })  # fmt: skip
    for item in sorted(items, key=lambda item: (item.published, item.id)):
        reason = _reason(item, rules)
        if reason:
            left_out[reason] += 1
        elif len(text.words(item.text)) >= MIN_WORDS:
            allowed.append(item)
    return allowed, left_out


def _reason(item: FeedItem, rules: config.Train) -> str:
    """Return the rule that keeps `item` out of training, or ""."""
    for pattern in rules.exclude_sources:
        if _matches(item.source, pattern) or _matches(item.feed_url, pattern):
            return f"source {pattern}"
    for pattern in rules.exclude_licences:
        if _matches(item.licence, pattern):
            return f"licence {pattern}"
    return "no licence stated" if rules.require_licence and not item.licence else ""


def _matches(name: str, pattern: str) -> bool:
    """Say whether `name` is `pattern`, whose * and ? stand for any characters and for one; case does not count."""
    return fnmatchcase(name.casefold(), pattern.casefold().replace("[", "[[]"))


def _split(firsts: Sequence[FeedItem], seen: datetime | None) -> tuple[datetime, set[int]]:
    """Return the border and which texts are held out, given the first form of each text, oldest first."""
    dated = [n for n, item in enumerate(firsts) if not item.date_guessed] or list(
        range(len(firsts))
    )
    if len(dated) < 2:
        return END_OF_TIME, set()
    moments = [firsts[n].published for n in dated]

    def since(moment: datetime) -> set[int]:
        return set(dated[bisect_left(moments, moment) :])

    def scarce(chosen: set[int]) -> bool:
        return SCARCE * sum(_length(firsts[n]) for n in chosen) > sum(map(_length, firsts))

    midnight = moments[-1].replace(hour=0, minute=0, second=0, microsecond=0)
    border = midnight - timedelta(days=midnight.weekday())
    tenth = dated[-max(1, len(dated) // HELD_OUT_IN) :]
    if scarce(since(border)):
        border = firsts[tenth[0]].published
    held_out = since(border)
    if scarce(held_out):  # too many texts are of that one moment, as where dates have no hour
        border, held_out = moments[-1] + timedelta(seconds=1), set(tenth)
    if seen:
        border = max(border, seen)
        held_out = {n for n in held_out if firsts[n].published >= seen}
    return border, held_out


def _length(item: FeedItem) -> int:
    return len(item.text)


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
        Document((title, source, body, *tail), week, human, item.source),
        Document((*tail, body, title), week, human, item.source),
    ]


def gap_sentence(sentences: Sequence[str]) -> int:
    """Return the index of the sentence whose content stems overlap most (F1) with all the others'."""
    stems = [Counter(text.content_stems(sentence)) for sentence in sentences]
    total: Counter[str] = Counter()
    for each in stems:
        total.update(each)

    def shared(own: Counter[str]) -> int:
        # F1 is twice this over the size of the whole text, which is the same for all.
        return sum(min(count, total[stem] - count) for stem, count in own.items())

    return max(range(len(sentences)), key=lambda n: (shared(stems[n]), -n))


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
