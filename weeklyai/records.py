"""The frozen records that the rooms hand to one another.

feed bytes -> `FeedItem` -> `Story` (items about one event) -> `Blurb` (sentences with their evidence) -> `Issue`.
All text fields hold plain text, already cleaned (`weeklyai.text.clean`): no HTML, no Markdown, no control characters.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from weeklyai.dates import Week

# --- what the feeds room hands out ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FeedItem:
    r"""One item of one feed, cleaned.

    Attributes:
        id: 16 hex digits; the same item has the same id on every fetch (canonical URL, else guid, else title and date).
        feed_url: the address of the feed that carried it.
        source: the publisher's name, for people.
        title: the headline.
        url: the item's own address, absolute http(s), or None (such an item is never published).
        published: aware, in UTC.
        date_guessed: the feed gave no usable date, so `published` is the time of fetching.
        summary: the feed's own short text, or "".
        body: the full text, paragraphs parted by a blank line ("\n\n"), or "".
        licence: under which the text may be used, as its publisher names it, or "".
    """

    id: str
    feed_url: str
    source: str
    title: str
    url: str | None
    published: datetime
    date_guessed: bool
    summary: str
    body: str
    licence: str = ""

    @property
    def text(self) -> str:
        """The body, or the summary where the feed carries no body."""
        return self.body or self.summary


# --- what the drafting room hands out ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Story:
    """Items about one event.

    Attributes:
        lead: the item that is drafted from and linked.
        others: further items about the event, best first.
        score: rank of the story in its week, higher first.
        reasons: why it ranks there, for people ("3 sources", "names a model release").
    """

    lead: FeedItem
    others: tuple[FeedItem, ...]
    score: float
    reasons: tuple[str, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The distinct publishers, the lead's first."""
        return tuple(dict.fromkeys(item.source for item in (self.lead, *self.others)))


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a blurb with its evidence.

    Attributes:
        text: as it will be published.
        kind: "copied" (word for word from the source), "rewritten" (parts of it left out, or a paper's "we" told of the paper),
            "attributed" (word for word behind "According to" and the source's name), "quoted" (word for word between quotation
            marks behind "The authors write") or "written" (by a model).
        item_id: the `FeedItem` that supports it.
        source_index: index of the supporting sentence in `weeklyai.text.sentences(item.text)`.
        source_text: that sentence.
        gates: name and measured value of each check, in order.
        note: what was done, for people ("lead sentence", "dropped '(beta)'").
    """

    text: str
    kind: Literal["copied", "rewritten", "attributed", "quoted", "written"]
    item_id: str
    source_index: int
    source_text: str
    gates: tuple[tuple[str, float], ...]
    note: str


@dataclass(frozen=True, slots=True)
class Blurb:
    """The drafted take on one story: two or three sentences, each with its evidence."""

    story: Story
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        """The take as one paragraph."""
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def others(self) -> tuple[FeedItem, ...]:
        """The further reports that a sentence of it comes from, in the take's order."""
        used = dict.fromkeys(one.item_id for one in self.sentences)
        known = {item.id: item for item in self.story.others}
        return tuple(known[key] for key in used if key in known)


# --- what the publish room reads and writes ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """A run of inline text: plain, or in one style. A link has its `url`, absolute http(s)."""

    text: str
    style: Literal["plain", "emphasis", "strong", "code", "link"] = "plain"
    url: str = ""


Inline = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `sources` become numbered links at its end."""

    text: Inline
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullets:
    """A bullet list of one level."""

    items: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class NumberedItem:
    """An item of a numbered list: an optional bold lead, the text, and at most one deeper list."""

    text: Inline
    lead: str = ""
    sub: tuple[Inline, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """A numbered list, counted from 1."""

    items: tuple[NumberedItem, ...]


@dataclass(frozen=True, slots=True)
class Subheading:
    """A `**heading**` alone on its line; it lasts to the next one or the section's end."""

    text: str


Block = Paragraph | Bullets | Numbers | Subheading


@dataclass(frozen=True, slots=True)
class Section:
    """A `__heading__` section of the feature."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Feature:
    """The feature article: its topic (the H2), TL;DR, and sections from Introduction to Conclusion."""

    topic: str
    tldr: Inline
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One entry of "Tech News": the linked headline and a take under somebody's name.

    `also` holds name and address of each further report that the take draws on; they stand linked behind it.
    """

    headline: str
    url: str
    person: str
    profile_url: str
    take: str
    also: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """A weekly issue, all that its post holds.

    Attributes:
        week: names the issue ("Week #29 2024").
        topic: the title's topic; equals `feature.topic` where there is a feature.
        date: aware, seconds resolution, in the site's zone.
        description: 50-160 characters for search results and feed readers, or "".
        drafted_by: program, version and model, or "" for a post by hand.
        feature: the article, or None.
        pulse: heading over the news ("Current Tech Pulse: Our Team's Take:").
        intro: the one-paragraph italic introduction of the news.
        news: two or more entries.
        closing: the emphasised last paragraph that says a model drafted the post, or "".
        corrections: dated sentences on what was changed after publication, oldest first
            ("Corrected on 22 July 2024: the price is 15 cents.").
        tags: what it is about, for the site's topic pages; best first.
    """

    week: Week
    topic: str
    date: datetime
    description: str
    drafted_by: str
    feature: Feature | None
    pulse: str
    intro: str
    news: tuple[NewsItem, ...]
    closing: str
    corrections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
