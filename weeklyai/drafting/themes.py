"""Which themes a week has: phrases that several of its items share and the archive at large seldom holds."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from weeklyai import text
from weeklyai.records import FeedItem

LEAST_ITEMS = 3  # of the week that share a phrase
LEAST_TITLES = (
    2  # of these that hold it in the headline: what only texts share is often a page's furniture
)
MOST_COUNTED = 80  # phrases that are looked up in the archive
LONGEST = 4  # words
_CHUNK = re.compile(r"[^\w\s'’-]+")
_LONE = 9  # letters of a single word that may be a theme ("quantization")
# Words that papers and news share whatever they are about.
_EMPTY = frozenset(
    "based using via toward towards approach method methods framework model models language large system systems paper results result "
    "performance novel study analysis evaluation evaluating benchmark benchmarks data dataset datasets task tasks real world state art "
    "existing recent work works challenge challenges ability capabilities high low quality human open source code available including "
    "week year years today time million billion million company people significant significantly critical key ground truth "
    "experiments experimental extensive demonstrate effective effectiveness efficient improving improve understanding application applications "
    "introduce introduces propose proposes proposed presents present enables remains increasingly widely information comprehensive".split()
)


@dataclass(frozen=True, slots=True)
class Theme:
    """A phrase that a week's items share.

    Attributes:
        name: as a heading.
        items: of the week that hold it.
        sources: of these items.
        score: items times how much more usual the phrase is in the week than in the archive (log).
    """

    name: str
    items: int
    sources: int
    score: float


def strongest(
    week: Iterable[FeedItem], count: Callable[[str], int], total: int, most: int = 12
) -> list[Theme]:
    """Return the themes of a week's items, strongest first.

    Args:
        week: its items.
        count: says how many items of the whole archive hold a phrase.
        total: items of the whole archive.
        most: themes at most.
    """
    holders: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    names: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    titles: Counter[tuple[str, ...]] = Counter()
    size = 0
    for item in week:
        size += 1
        opening = " ".join(text.sentences(item.text[:1500])[:3])
        for key, shown in _phrases(f"{item.title}. {opening}"):
            holders[key][item.id] = item.source
            names[key][shown] += 1
        titles.update({key for key, _ in _phrases(item.title)})
    shared = {
        key: found
        for key, found in holders.items()
        if len(found) >= LEAST_ITEMS and titles[key] >= LEAST_TITLES
    }
    whole = [key for key in shared if not _is_part(key, shared)]
    whole.sort(key=lambda key: (-len(shared[key]) * len(key), key))
    themes = []
    for key in whole[:MOST_COUNTED]:
        name = _heading(min(names[key], key=lambda shown: (-names[key][shown], shown)))
        items = len(shared[key])
        usual = max(items, count(name)) / max(1, total)
        score = items * math.log(max(1.0, items / size / usual))
        themes.append(Theme(name, items, len(set(shared[key].values())), round(score, 2)))
    return sorted(themes, key=lambda theme: (-theme.score, theme.name))[:most]


def _phrases(passage: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (stems, as written) of each phrase that could name a theme, once."""
    seen = set()
    for chunk in _CHUNK.split(passage):
        words = [word for word in chunk.split() if word.strip("'’-")]
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + LONGEST) + 1):
                parts = re.findall(r"[^\W_]+", " ".join(words[start:end]).lower())
                key = tuple(map(text.stem, parts))
                if key not in seen and _may_be(parts):
                    seen.add(key)
                    yield key, " ".join(words[start:end])


def _may_be(parts: list[str]) -> bool:
    """Say whether words could name a theme: content at both ends, nothing but "of" between, not all of them empty."""
    if not parts or any(
        part.isdigit() or (part in text.STOP_WORDS and part != "of") for part in parts
    ):
        return False
    if "of" in (parts[0], parts[-1]) or parts[0] in _EMPTY - {"large"} or (parts[-1] in _EMPTY):
        return False
    if any(part.endswith("ly") for part in parts):
        return False
    return len(parts) > 1 or len(parts[0]) >= _LONE


def _is_part(key: tuple[str, ...], shared: dict[tuple[str, ...], dict[str, str]]) -> bool:
    """Say whether a longer phrase takes up most items of this one."""
    return any(
        len(other) > len(key) and len(found) >= 0.6 * len(shared[key]) and _within(key, other)
        for other, found in shared.items()
    )


def _within(key: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return any(other[n : n + len(key)] == key for n in range(len(other) - len(key) + 1))


def _heading(name: str) -> str:
    """Return a phrase as a heading: "retrieval-augmented generation" as "Retrieval-Augmented Generation"."""
    return re.sub(
        r"[^\W_]+",
        lambda found: (
            found[0] if found[0] in ("of", "s") or not found[0].islower() else found[0].capitalize()
        ),
        name,
    )
