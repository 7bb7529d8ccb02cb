"""A post's Markdown -> `Issue`, and an editor's feature file -> `Feature`.

Reads more than we write: any number of blank lines, trailing spaces, lines wrapped by hand, tight lists, deeper lists
indented by three spaces, mojibake, posts without description, TL;DR mark in another case, closing or feature. What the format
has no place for is a `UserError` that names file and line.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NoReturn, TypeVar

from weeklyai.dates import Week
from weeklyai.errors import UserError
from weeklyai.publish import escape, frontmatter, inline
from weeklyai.publish.frontmatter import safe
from weeklyai.publish.normal import (
    CORRECTION,
    FIRST,
    LAST,
    NEWS,
    blocks,
    normal,
    numbered,
    paragraph,
)
from weeklyai.publish.plain import tidy
from weeklyai.records import (
    Block,
    Bullets,
    Feature,
    Inline,
    Issue,
    NewsItem,
    NumberedItem,
    Numbers,
    Section,
    Subheading,
)

Kind = Literal["topic", "section", "strong", "bullet", "number", "sub", "text", "foreign", "end"]

# The first that matches a line names its kind; group 1 is what it says.
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("topic", re.compile(r"## +(.*?)(?: +#+)?$")),
    ("section", re.compile(r"__(?!_)((?:\\.|(?!__)[^\\])+)__$")),
    ("strong", re.compile(r"\*\*(?!\*)((?:\\.|[^*\\])+)\*\*$")),
    ("foreign", re.compile(r"((?P<mark>[*_-]) *(?:(?P=mark) *){2,})$")),  # a rule
    ("bullet", re.compile(r" {0,2}[*+-] +(.*)$")),
    ("number", re.compile(r" {0,2}\d+\. +(.*)$")),
    ("sub", re.compile(r" {3,}\d+\. +(.*)$")),
    ("foreign", re.compile(r"( {3,}[*+-] .*| {4,}.*)$")),  # a deeper bullet list, indented code
    (
        "foreign",
        re.compile(r"( {0,3}(?:#{1,6}(?: .*)?|[>|<:].*|`{3}.*|~{3}.*|\[[^\]]*\]: .*|\{[:%{].*))$"),
    ),
    ("text", re.compile(r" {0,3}(.*)$")),
)
T = TypeVar("T")
_ALLOWED = (
    "allowed are paragraphs, '* ' bullets, '1. ' numbered lists with one deeper numbered list (4 spaces), "
    "and '## Topic', '__Section__' and '**Subsection**' alone on their lines"
)
_TITLE = re.compile(r"Week #(\d{1,2}) (\d{4}) - (.+)")
_EMPHASISED = re.compile(r"\*(?!\*)((?:\\.|[^*\\])+)\*")
_HEADLINE = re.compile(r"!\[[^\]]*\]\(\S*\) *\*\[(.*)\]\((\S+)\)\*")
_TAKE = re.compile(r"\[(.+?)\]\((\S+?)\): *[\"“](.*)[\"”]((?: +\[(?:\\.|[^\[\]\\])+\]\(\S+?\))*)")


@dataclass(slots=True)
class Line:
    """A paragraph, heading or list item: its first line's number, kind and Markdown, wrapped lines joined."""

    number: int
    kind: Kind
    text: str


def parse(text: str, where: str = "the post") -> Issue:
    """Read a whole post back as its normal `Issue`; `where` names it in errors.

    Raises:
        UserError: it is not of the post format.
    """
    matter, body = frontmatter.load(text, where)
    title = _TITLE.fullmatch(tidy(matter.title))
    if not title:
        raise UserError(
            f"{where}: title {matter.title!r} must be in double quotes and read like 'Week #29 2024 - Topic'"
        )
    reader = _Reader(body, where)
    has_feature = not (reader.at("topic") and reader.says(NEWS))
    feature = _feature(reader) if has_feature else None
    reader.take("topic", f"'## {NEWS}'")
    pulse = reader.text() if reader.at("section") else ""
    intro = reader.emphasised()
    news = []
    while reader.at("text") and reader.here.text.startswith("!["):
        news.append(_news_item(reader))
    corrections = []
    while CORRECTION.fullmatch(closing := reader.emphasised()):
        corrections.append(closing)
    if not reader.at("end"):
        reader.fail(
            "after the news only corrections and one emphasised paragraph may stand; a news item is '![memo](...) *[..](..)*'"
        )
    return normal(
        Issue(
            week=_week(title, where),
            topic=title[3],
            date=matter.date,
            description=matter.description,
            drafted_by=matter.drafted_by,
            feature=feature,
            pulse=pulse,
            intro=intro,
            news=tuple(news),
            closing=closing,
            corrections=tuple(corrections),
            tags=matter.tags,
        )
    )


def parse_feature(text: str, where: str) -> Feature:
    """Read an editor's feature file, which begins with `## Topic`; its TL;DR may be missing. `where` names it in errors.

    Raises:
        UserError: it is not of the post format; the message says where and what is allowed.
    """
    reader = _Reader(text.removeprefix("\ufeff"), where)
    if not reader.at("topic"):
        reader.fail("a feature begins with '## ' and its topic")
    feature = _feature(reader, needs_tldr=False)
    if not reader.at("end"):
        reader.fail("only one '## ' heading, the topic, may stand in a feature")
    headings = [section.heading for section in feature.sections]
    if len(headings) < 3 or headings[0] != FIRST or headings[-1] != LAST:
        raise UserError(
            f"{where}: its sections must be __{FIRST}__, one or more of its own, __{LAST}__; they are "
            + (", ".join(f"__{heading}__" for heading in headings) or "missing")
        )
    return feature


def _week(title: re.Match[str], where: str) -> Week:
    try:
        return Week(int(title[2]), int(title[1]))
    except ValueError:
        raise UserError(
            f"{where}: the title names week {title[1]} of {title[2]}, which is no week"
        ) from None


class _Reader:
    """The lines of a body, one after the other, with what all parts of the grammar ask of them."""

    def __init__(self, body: str, where: str) -> None:
        self.lines = [*_lines(body), Line(0, "end", "")]
        self.where = where
        self.position = 0

    @property
    def here(self) -> Line:
        """The line to be read."""
        return self.lines[min(self.position, len(self.lines) - 1)]

    def at(self, *kinds: Kind) -> bool:
        """Tell whether the line to be read is of one of `kinds`."""
        return self.here.kind in kinds

    def fail(self, what: str) -> NoReturn:
        """Raise the `UserError` about the line to be read."""
        line = self.here
        if line.kind == "foreign":
            raise UserError(
                f"{self.where}, line {line.number}: {line.text[:40]!r} has no place here; {_ALLOWED}"
            )
        at = f", line {line.number}: {line.text[:40]!r}" if line.number else ", at its end"
        raise UserError(f"{self.where}{at}: {what}")

    def take(self, kind: Kind, what: str) -> Line:
        """Read one line that must be of `kind`; `what` says in errors what should stand there."""
        if not self.at(kind):
            self.fail(f"{what} should stand here")
        line = self.here
        self.position += 1
        return line

    def says(self, words: str) -> bool:
        """Tell whether the line to be read holds just `words`, in whatever case."""
        return tidy(escape.unescape(self.here.text)).casefold() == words.casefold()

    def inline(self) -> Inline:
        """Read one line, of whatever kind, as inline text."""
        try:
            words = inline.parse(self.here.text)
        except ValueError as error:
            self.fail(str(error))
        self.position += 1
        return words

    def text(self) -> str:
        """Read one line, of whatever kind, as plain text."""
        return inline.text_of(self.inline())

    def emphasised(self) -> str:
        """Read one wholly emphasised paragraph if there is one; else return ""."""
        found = _EMPHASISED.fullmatch(self.here.text) if self.at("text") else None
        if not found:
            return ""
        self.here.text = found[1]
        return self.text()


def _lines(body: str) -> list[Line]:
    """Return the lines of `body`: blank ones dropped, wrapped ones joined, each with its kind."""
    lines: list[Line] = []
    parted = True  # a blank line, or the beginning, stands before
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", body), 1):
        text = raw.expandtabs(4).rstrip()
        if not text:
            parted = True
            continue
        kind, said = next((kind, found[1]) for kind, form in _KINDS if (found := form.match(text)))
        # Much as in kramdown: few things interrupt a paragraph, and plain words run on after a list item.
        wrapped = not parted and (
            (lines[-1].kind == "text" and kind not in ("topic", "section"))
            or (lines[-1].kind in ("bullet", "number", "sub") and kind in ("text", "foreign"))
        )
        if wrapped:
            lines[-1].text += " " + text.strip()
        else:
            lines.append(Line(number, kind, said.strip()))
        parted = False
    return lines


def _feature(reader: _Reader, *, needs_tldr: bool = True) -> Feature:
    """Read the topic, the TL;DR and the sections."""
    if not reader.at("topic"):
        reader.fail(f"'## ' and the topic, or '## {NEWS}', should stand here")
    topic = safe(reader.text())
    tldr: Inline = ()
    if reader.at("section", "strong") and reader.says("TL;DR:"):
        reader.position += 1
        if not reader.at("text", "strong"):
            reader.fail("the paragraph of the TL;DR should stand here")
        tldr = reader.inline()
    elif needs_tldr or not reader.at("section"):
        reader.fail("'**TL;DR:**' should stand alone on its line below the topic")
    sections = []
    while reader.at("section"):
        heading = reader.text()
        found: list[Block] = []
        while not reader.at("section", "topic", "end"):
            found.append(_block(reader))
        sections.append(Section(heading, blocks(found)))
    if not reader.at("topic", "end"):
        reader.fail("'__Introduction__' should stand here: text belongs to a section")
    return Feature(topic, tldr, tuple(sections))


def _block(reader: _Reader) -> Block:
    """Read a subheading, a paragraph or a whole list."""
    if reader.at("strong"):
        return Subheading(reader.text())
    if reader.at("bullet"):
        return Bullets(_run(reader, "bullet", reader.inline))
    if reader.at("number"):
        return Numbers(_run(reader, "number", lambda: _numbered_item(reader)))
    if reader.at("sub"):
        reader.fail("a deeper list must stand below an item of a numbered list; " + _ALLOWED)
    if reader.here.text.startswith("!["):
        reader.fail("an image has no place in a feature; " + _ALLOWED)
    if not reader.at("text"):
        reader.fail(_ALLOWED)
    return paragraph(reader.inline())


def _numbered_item(reader: _Reader) -> NumberedItem:
    """Read an item of a numbered list and the list below it."""
    words = reader.inline()
    return numbered(words, _run(reader, "sub", reader.inline))


def _run(reader: _Reader, kind: Kind, read: Callable[[], T]) -> tuple[T, ...]:
    """Read as long as the lines are of `kind`."""
    found = []
    while reader.at(kind):
        found.append(read())
    return tuple(found)


def _news_item(reader: _Reader) -> NewsItem:
    """Read the two paragraphs of an item."""
    found = _HEADLINE.fullmatch(reader.here.text)
    if not found:
        reader.fail(
            "a news item is '![memo](/assets/images/memo16.png) *[headline](address)*' and nothing else"
        )
    headline, url = _read(reader, found)
    found = _TAKE.fullmatch(reader.here.text)
    if not found:
        reader.fail(
            "below a headline should stand '[person](address): \"take\"', after a blank line"
        )
    behind = found[4]
    person, profile_url, take, _ = _read(reader, found)
    links = (span for span in inline.parse(behind.strip()) if span.style == "link")
    return NewsItem(headline, url, person, profile_url, take, tuple((one.text, one.url) for one in links))  # fmt: skip


def _read(reader: _Reader, found: re.Match[str]) -> list[str]:
    """Return the groups of `found`, which is the line to be read: words as readers see them, the second an address."""
    try:
        said = [
            escape.url(part) if number == 1 else inline.text_of(inline.parse(part))
            for number, part in enumerate(found.groups())
        ]
    except ValueError as error:
        reader.fail(str(error))
    reader.position += 1
    return said
