"""What an article is about: a topic, the ways in which texts call it, and whether two topics are one.

A text says "Mixture-of-Experts", "mixtures of experts" or "MoE"; British and American spelling differ. A topic therefore is
a pattern over word stems, and its short name is learned from the texts that explain it in brackets.
"""

import functools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from weeklyai import text

LEAST_EXPLAINED = 2  # texts that must explain a short name the same way
_SPELLING = re.compile(r"i[sz](?=(?:e|ed|er|ing|ation|ations)$)")
# Words that a name may do without where two others say enough: "self-supervised" (learning).
TAILS = ("learning", "reasoning", "prompting")
_PART = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as the editor or a headline names it.

    Attributes:
        name: over the article.
        short: its initials as texts use them ("RAG"), or "".
    """

    name: str
    short: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The lower-cased words of the name, hyphens parting them."""
        return tuple(_PART.findall(self.name.lower()))

    @property
    def stems(self) -> frozenset[str]:
        """Stems of its words, in every spelling."""
        forms = {form for word in self.words for form in spellings(word)}
        return frozenset({text.stem(form) for form in forms} | {self.short.lower()} - {""})

    @property
    def questions(self) -> tuple[str, ...]:
        """The name in every spelling, for a search by words in a row."""
        found = [""]
        for word in self.words[: needed_words(self.words)]:
            found = [f"{start} {form}".strip() for start in found for form in spellings(word)]
        return tuple(found)

    @property
    def pattern(self) -> re.Pattern[str]:
        """What finds the topic in a text."""
        return _pattern(self.name, self.short)

    def with_short(self, texts: Iterable[str]) -> "Topic":
        """Return the topic with the short name by which most of `texts` call it, if several do."""
        explained = re.compile(rf"{_long(self.name)}\s?\(([A-Za-z][\w-]{{1,9}})\)")
        counts = Counter(
            name
            for one in texts
            for name in {found.removesuffix("s") for found in explained.findall(one)}
        )
        for name, count in counts.most_common(1):
            initials = "".join(word[0] for word in self.words)
            letters = re.sub(r"\W", "", name.lower())
            if (
                count >= LEAST_EXPLAINED
                and letters[0] == initials[0]
                and set(letters) <= set("".join(self.words))
            ):
                return replace(self, short=name)
        return self

    def same_as(self, other: str) -> bool:
        """Say whether another topic's name means this one: all words of the shorter name stand in the longer."""
        own, theirs = _bare(self.name), _bare(other)
        return bool(own and theirs) and (own <= theirs or theirs <= own)


def spellings(word: str) -> tuple[str, ...]:
    """Return a lower-case word in British and American spelling.

    >>> spellings("quantisation")
    ('quantisation', 'quantization')
    """
    other = _SPELLING.sub(lambda found: "iz" if found[0] == "is" else "is", word)
    return (word,) if other == word or len(word) < 7 else (word, other)


def _bare(name: str) -> frozenset[str]:
    """Return the stems that tell topics apart, in one spelling."""
    words = _PART.findall(name.lower())
    return frozenset(
        text.stem(max(spellings(word))) for word in words if word not in text.STOP_WORDS
    )


def _long(name: str) -> str:
    """Return a regular expression for the name in any number, ending, hyphenation and spelling."""
    words = _PART.findall(name.lower())
    parts = []
    for word in words:
        if len(words) == 1 and re.search(r"(?:er|ing)s?$", word):
            # By itself "transformers" is not "transformation", nor "embeddings" what is embedded.
            parts.append(f"{re.escape(word.removesuffix('s'))}s?")
            continue
        forms = {text.stem(form).removesuffix("i") for form in spellings(word)}
        either = "|".join(map(re.escape, sorted(forms)))
        parts.append(rf"(?:{either})\w*" if len(word) > 3 else f"{re.escape(word)}s?")
    needed = needed_words(words)
    named = r"[-\s]+".join(parts[:needed])
    rest = "".join(rf"(?:[-\s]+{part})?" for part in parts[needed:])
    return rf"(?i:(?<![\w-]){named}{rest}\b)"


def needed_words(words: Sequence[str]) -> int:
    """Return how many words of a name must stand in a text: "self-supervised learning" goes by the first two."""
    return len(words) - (len(words) > 2 and words[-1] in TAILS)


@functools.lru_cache(maxsize=256)
def _pattern(name: str, short: str) -> re.Pattern[str]:
    return re.compile(
        _long(name) + (rf"|(?<![\w-]){re.escape(short)}s?\b(?!-[A-Z])" if short else "")
    )
