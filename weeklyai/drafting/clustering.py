"""Items about one event: first those that run one text, then those that tell of one thing in words of their own.

Two reports of an event share names and rare words, stand near in time and come from different publishers. A publisher
rarely tells an event twice, so two items of one publisher must be more alike than two of different ones.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz

from weeklyai import duplicates, text
from weeklyai.drafting.kinds import is_paper, unusable
from weeklyai.records import FeedItem

APART = timedelta(days=4)  # reports of one event come within this
COPIED = timedelta(days=7)  # and copies of one report within this, an issue's window
SAME_EVENT = 0.29  # cosine of headlines and first sentences; on the sample feeds all pairs above it report one event
SAME_LEAD = (
    0.24  # cosine of headlines and openings of two publishers whose headlines share a rare word
)
SAME_PUBLISHER = 0.36  # cosine of two items of one publisher, or of two papers
TYPED = 88  # rapidfuzz points of two headlines that are one headline, words added or moved
RARE = 40  # a word in more items than this does not bring two together
_WIDE = 120  # words of an opening
# "Gemma 4", "KiCad 10": a name with its version is one rare word.
_VERSION = re.compile(r"\b([A-Z][\w-]*[A-Za-z]) v?(\d+(?:\.\d+)*)\b(?![%,.]?\d)")


@dataclass(frozen=True, slots=True)
class _Read:
    """What is compared of an item: the stems of its headline, and two vectors of length 1."""

    item: FeedItem
    head: frozenset[str]
    near: dict[str, float]
    wide: dict[str, float]


def by_text(items: Sequence[FeedItem]) -> list[list[FeedItem]]:
    """Gather the usable items that run one text, though edited or cut, within a week: of each publisher the fullest.

    The earliest comes first. The others are named as sources of a story, but they confirm nothing.
    """
    usable = [item for item in sorted(items, key=by_date) if unusable(item) is None]
    found: list[list[FeedItem]] = []
    latest: dict[int, list[FeedItem]] = {}
    groups = duplicates.groups([(item.title, item.text) for item in usable])
    for item, group in zip(usable, groups, strict=True):
        run = latest.get(group)
        if run is None or item.published - run[0].published > COPIED:
            run = latest[group] = []
            found.append(run)
        run.append(item)
    return [_one_each(run) for run in found]


def _one_each(run: Sequence[FeedItem]) -> list[FeedItem]:
    fullest: dict[str, FeedItem] = {}
    for item in run:
        other = fullest.setdefault(item.source, item)
        if len(item.text) > len(other.text):
            fullest[item.source] = item
    return [item for item in run if fullest[item.source] is item]


def by_date(item: FeedItem) -> tuple[datetime, str]:
    """Return the key that sorts items by publication."""
    return item.published, item.id


def clusters(items: Sequence[FeedItem]) -> list[list[FeedItem]]:
    """Gather items about one event: each joins the likest earlier group, in order of publication.

    An item must be like some member of the group, and a little like its first, so that a chain of likenesses does not
    drift from one event to the next.
    """
    reads, rare = _reads(sorted(items, key=by_date))
    groups: list[list[_Read]] = []
    by_stem: dict[str, list[int]] = defaultdict(list)
    for own in reads:
        stems = sorted(rare & own.near.keys())
        near = Counter(number for stem in stems for number in dict.fromkeys(by_stem[stem]))
        best, chosen = 1.0, len(groups)
        for number, shared in sorted(near.items()):
            group = groups[number]
            if shared < 2 or own.item.published - group[0].item.published > APART:
                continue
            likeness = max(_likeness(own, other, rare) for other in group)
            if likeness > best and _likeness(own, group[0], rare) >= 0.5:
                best, chosen = likeness, number
        if chosen == len(groups):
            groups.append([])
        groups[chosen].append(own)
        for stem in stems:
            by_stem[stem].append(chosen)
    return [[one.item for one in group] for group in groups]


def _reads(items: Sequence[FeedItem]) -> tuple[list[_Read], set[str]]:
    """Return what is compared of each item, and the stems that are rare among all."""
    openings = [" ".join(item.text[:2_000].split()[:_WIDE]) for item in items]
    heads = [_stems(item.title) for item in items]
    near = [
        head | _stems(" ".join(text.sentences(item.text[:1_500])[:1]))
        for head, item in zip(heads, items, strict=True)
    ]
    wide = [head | _stems(opening) for head, opening in zip(heads, openings, strict=True)]
    in_near = Counter(stem for found in near for stem in found)
    in_wide = Counter(stem for found in wide for stem in found)
    reads = []
    for n, item in enumerate(items):
        said = text.WORD.findall(f"{item.title} {openings[n]}")
        named = {text.stem(word.lower()) for word in said if not word.islower()}
        one = _vector(near[n], heads[n], set(), in_near, len(items))
        other = _vector(wide[n], heads[n], named, in_wide, len(items))
        reads.append(_Read(item, frozenset(heads[n]), one, other))
    return reads, {stem for stem, count in in_near.items() if count <= RARE}


def _vector(
    stems: set[str], head: set[str], named: set[str], in_items: Counter[str], total: int
) -> dict[str, float]:
    """Return weights of length 1: inverse document frequency, double in the headline, half more for a name."""
    weights = {
        stem: math.log(1 + total / in_items[stem])
        * (2 if stem in head else 1)
        * (1.5 if stem in named else 1)
        for stem in sorted(stems)
    }
    length = math.sqrt(sum(value * value for value in weights.values())) or 1.0
    return {stem: value / length for stem, value in weights.items()}


def _stems(passage: str) -> set[str]:
    """Return the stems of a passage; mixed words ("gpt-4o") and names with a version count as stems."""
    mixed = {
        word for word in text.words(passage) if any(c.isdigit() for c in word) and len(word) > 1
    }
    versions = {f"{name} {number}".lower() for name, number in _VERSION.findall(passage)}
    return set(text.content_stems(passage)) | mixed | versions


def _likeness(one: _Read, other: _Read, rare: set[str]) -> float:
    """Return how like two items are; above 1 they tell of one event."""
    titles = one.item.title.lower(), other.item.title.lower()
    if fuzz.token_sort_ratio(*titles, score_cutoff=TYPED):
        return 1 / SAME_EVENT
    near = _cosine(one.near, other.near)
    papers = is_paper(one.item) + is_paper(other.item)
    if one.item.source == other.item.source or papers:
        return near / (SAME_EVENT if papers == 1 else SAME_PUBLISHER)
    wide = _cosine(one.wide, other.wide) if one.head & other.head & rare else 0.0
    return max(near / SAME_EVENT, wide / SAME_LEAD)


def _cosine(a: dict[str, float], b: dict[str, float]) -> float:
    if len(b) < len(a):
        a, b = b, a
    return sum(value * b[stem] for stem, value in a.items() if stem in b)
