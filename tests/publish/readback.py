"""What a reader of the built page sees, and what that reader should see."""

import random
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Literal

from tests.publish.strategies import ATOMS, mixture
from weeklyai.dates import Week
from weeklyai.publish.inline import text_of
from weeklyai.publish.normal import normal, words_of_numbered, words_of_paragraph
from weeklyai.records import (
    Block,
    Bullets,
    Feature,
    Inline,
    Issue,
    NewsItem,
    NumberedItem,
    Numbers,
    Paragraph,
    Section,
    Span,
    Subheading,
)

BLOCKS = {
    "p",
    "h2",
    "ul",
    "ol",
    "li",
    "div",
    "pre",
    "table",
    "td",
    "blockquote",
    "dl",
    "dt",
    "dd",
    "hr",
    "h1",
    "h3",
    "h4",
}
VOID = {"img", "br", "hr", "meta", "link", "input"}
# The only addresses that a hostile issue links to on purpose.
ADDRESSES = {
    f"https://{host}" for host in ("l.example/a_b", "s.example/1", "n.example/x", "p.example/y")
}
_TYPOGRAPHY = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "--", "—": "---", "…": "..."}
)


class Page(HTMLParser):
    """The texts of a page's blocks and the addresses of its links, in order.

    With `inside`, only what the element with that class holds.
    """

    def __init__(self, html: str, inside: str = "") -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self._inside = inside
        self._depth = 0 if inside else 1
        self._text = ""
        self.feed(html)
        self._flush()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if self._inside:
            begins = self._inside in (values.get("class") or "").split()
            if self._depth or begins:
                self._depth += tag not in VOID
        if not self._depth:
            return
        self.tags.add(tag)
        if tag in BLOCKS:
            self._flush()
        if tag == "a":
            self.links.append(values.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if not self._depth or tag in VOID:
            return
        if tag in BLOCKS:
            self._flush()
        if self._inside:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._depth:
            self._text += data

    def _flush(self) -> None:
        text = plain_typography(self._text)
        if text:
            self.texts.append(text)
        self._text = ""


def plain_typography(text: str) -> str:
    """Undo what smart typography does; both sides of a comparison pass here."""
    return " ".join(text.translate(_TYPOGRAPHY).split())


def expected(issue: Issue) -> list[str]:
    """Return the block texts that the page of `issue` should show."""
    texts = []
    if issue.feature:
        texts += [issue.feature.topic, "TL;DR:", text_of(issue.feature.tldr)]
        for section in issue.feature.sections:
            texts.append(section.heading)
            for block in section.blocks:
                texts += _block_texts(block)
    texts += ["Tech News", issue.pulse, issue.intro]
    for item in issue.news:
        texts += [item.headline, f'{item.person}: "{item.take}"']
    return [plain_typography(text) for text in [*texts, issue.closing] if text]


def _block_texts(block: Block) -> list[str]:
    match block:
        case Subheading(text):
            return [text]
        case Paragraph():
            return [text_of(words_of_paragraph(block))]
        case Bullets(items):
            return [text_of(item) for item in items]
        case Numbers(numbered):
            return [
                text
                for item in numbered
                for text in (text_of(words_of_numbered(item)), *map(text_of, item.sub))
            ]


def hostile_issue(seed: int, size: int) -> Issue:
    """Return the issue of `seed`, with about 20 hostile texts for each step of `size`."""
    rng = random.Random(seed)

    def inline() -> Inline:
        styles: tuple[Literal["plain", "emphasis", "strong", "code", "link"], ...] = (
            "plain",
            "plain",
            "emphasis",
            "strong",
            "code",
            "link",
        )
        return tuple(
            Span(
                mixture(rng) + rng.choice(("", " ")),
                style,
                "https://l.example/a_b" if style == "link" else "",
            )
            for style in rng.choices(styles, k=rng.randint(1, 4))
        )

    def words() -> Inline:
        return (Span(mixture(rng)),)

    def section(heading: str) -> Section:
        return Section(
            heading,
            (
                Paragraph(words()),
                Subheading(mixture(rng)),
                Paragraph(words(), ("https://s.example/1",)),
                Bullets((words(), inline(), words())),
                Paragraph(inline()),
                Numbers(
                    (
                        NumberedItem(inline(), mixture(rng, 2), (words(), inline())),
                        NumberedItem(words()),
                    )
                ),
            ),
        )

    topic = mixture(rng) + rng.choice(ATOMS)
    sections = (
        section("Introduction"),
        *(section(mixture(rng)) for _ in range(size)),
        section("Conclusion"),
    )
    return normal(
        Issue(
            week=Week(2024, 29),
            topic=topic,
            date=datetime(2024, 7, 19, 20, seed % 60, tzinfo=UTC),
            description="d" * 60,
            drafted_by=mixture(rng),
            feature=Feature(topic, inline(), sections),
            pulse=mixture(rng),
            intro=mixture(rng),
            news=tuple(
                NewsItem(
                    mixture(rng),
                    "https://n.example/x",
                    mixture(rng),
                    "https://p.example/y",
                    mixture(rng),
                )
                for _ in range(max(2, 3 * size))
            ),
            closing=mixture(rng),
            tags=(mixture(rng), mixture(rng, 2)),
        )
    )
