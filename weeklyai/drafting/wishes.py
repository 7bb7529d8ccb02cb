"""What a newsletter is about: the terms of its field, and what its editor asks for or refuses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase as fnmatch

from weeklyai import config, text
from weeklyai.records import FeedItem

OPENING = 800  # characters of an item in which terms are looked for
_STRONG = (
    "llm|gpt|chatgpt|openai|anthropic|claude|gemini|llama|mistral|deepseek|qwen|gemma|copilot|hugging ?face|transformers?|"
    "language models?|foundation models?|generative|diffusion|neural|deep learning|machine learning|fine-?tun\\w+|"
    "inference|gpus?|nvidia|ai|a\\.i\\.|artificial intelligence|codex|opus|sonnet|agents?|agentic|rag|benchmark|open[- ]weights?|multimodal|embedding\\w*"
)
_FIELD = (
    "chips?|semiconductors?|cloud|open[- ]source|software|(?<!food-)security|vulnerabilit\\w+|privacy|linux|kernel|browser|chrome|firefox|"
    "python|rust|golang|javascript|typescript|java|kubernetes|docker|database|postgres\\w*|sqlite|compiler|api|apis|robot\\w*|"
    "apple|google|microsoft|meta|amazon|intel|amd|arm|tesla|startup|developers?|programming|data|algorithm\\w*|quantum|raspberry pi|"
    "c\\+\\+|codec?s?|coding|code|github|git|blockchains?|crypto\\w*|ethereum|bitcoin|computers?|computing|technolog\\w+|digital|online|"
    "servers?|librar(?:y|ies)|frameworks?|smartphones?|spacecraft|satellites?|rockets?|batter(?:y|ies)|electronics?|hackers?|malware|"
    "routers?|[56]g|wi-?fi|risc-v|telecoms?|broadband|internet|web|app|apps|android|ios|cyber\\w*|encryption|copyright|regulat\\w+|antitrust|training|dataset\\w*|model|models"
)
_TERMS = (
    (re.compile(rf"\b(?:{_STRONG})\b", re.IGNORECASE), 1.0),
    (re.compile(rf"\b(?:{_FIELD})\b", re.IGNORECASE), 0.4),
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an editor wants: words, in any case, that stand in a headline or an opening.

    Attributes:
        topics: what the newsletter is about; none means language models and technology.
        block: an item with one of these never becomes a story.
        must_have: where any are named, an item has to hold one.
        trusted: publishers, or addresses of their feeds (* and ? stand for others), whose stories come earlier.
        doubted: and those whose stories come later.
    """

    topics: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    must_have: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    doubted: tuple[str, ...] = ()

    @classmethod
    def of(cls, post: config.Post) -> "Wishes":
        """Return the wishes that stand in a site's settings."""
        return cls(post.topics, post.block, post.must_have, post.trusted, post.doubted)

    def trust(self, item: FeedItem) -> float:
        """Return the points that an item has for its publisher."""
        names = (item.source, item.feed_url)
        return float(_matches(names, self.trusted)) - float(_matches(names, self.doubted))

    def terms(self) -> tuple[tuple[re.Pattern[str], float], ...]:
        """Return the patterns of the topics with the points of a hit."""
        return ((_any_of(self.topics), 1.0),) if self.topics else _TERMS

    def refused(self, item: FeedItem) -> str | None:
        """Return why an editor does not want an item, or None."""
        opening = f"{item.title} {item.text[:OPENING]}"
        blocked = _any_of(self.block).search(opening) if self.block else None
        if blocked:
            return f"blocked word {blocked[0]!r}"
        if self.must_have and not _any_of(self.must_have).search(opening):
            return "no must-have word"
        return None


def _matches(names: Sequence[str], patterns: Sequence[str]) -> bool:
    return any(fnmatch(name.lower(), pattern.lower()) for name in names for pattern in patterns)


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)


ANYTHING = Wishes()


def on_topic(item: FeedItem, wishes: Wishes = ANYTHING) -> bool:
    """Say whether headline or publisher name a term of the field, or the opening names two."""
    terms = wishes.terms()
    opening = {found.lower() for term, _ in terms for found in term.findall(item.text[:OPENING])}
    return len(opening) >= 2 or any(term.search(f"{item.title} {item.source}") for term, _ in terms)


def topic(lead: FeedItem, wishes: Wishes) -> tuple[float, str]:
    """Return how well a story fits, in points and words; the newsletter's own field counts most, plain technology less."""
    if not on_topic(lead, wishes):
        # The feed list is the editor's word on what belongs, so such an item is not dropped; it comes last.
        return -3.0, "off topic"
    opening = " ".join(text.sentences(lead.text[:3_000])[:4])
    terms = wishes.terms()
    hits = [({m.lower() for m in term.findall(lead.title)}, points) for term, points in terms]
    body = {m.lower() for term, _ in terms for m in term.findall(opening)}
    # A second term says little more: headlines full of jargon are not bigger news.
    points = sum(1.2 * weight * (len(found) > 0) + 0.4 * weight * (len(found) > 1) for found, weight in hits)  # fmt: skip
    shown = ", ".join(sorted(set().union(*(found for found, _ in hits)))[:3]) or "its opening"
    return points + 0.1 * min(6, len(body)), f"on topic ({shown})"
