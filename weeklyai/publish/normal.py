"""The normal form of an issue, and what the post format forbids.

Markdown writes some different records alike: two lists in a row are one list, a paragraph that is one bold span is a
subheading. `normal` picks the record that a reader of the file would; the parser builds its records with the same
functions, so `parse(render(issue)) == normal(issue)`.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta, timezone

from weeklyai.errors import UserError
from weeklyai.publish import escape, inline
from weeklyai.publish.frontmatter import safe
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
    Paragraph,
    Section,
    Span,
    Subheading,
)

NEWS = "Tech News"  # the second of a post's two H2 headings
FIRST, LAST = "Introduction", "Conclusion"
DESCRIPTION = (50, 160)  # characters that search pages and feed readers show whole
CORRECTION = re.compile(r"Corrected on \d{1,2} [A-Z][a-z]+ \d{4}: .+")
MAX_NUMBERED = 99  # from 100 on, four spaces no longer nest a list below its item


def normal(issue: Issue) -> Issue:
    """Return `issue` in normal form; a second pass changes nothing. The date keeps its moment and offset.

    Raises:
        ValueError: an address is refused by `escape.url`, or the date is naive.
    """
    offset = issue.date.utcoffset()
    if offset is None:
        raise ValueError("the date has no offset")
    return Issue(
        week=issue.week,
        topic=safe(issue.topic),
        # A zone's own rules make some moments unequal to themselves in another zone (PEP 495), an offset never does.
        date=issue.date.astimezone(timezone(offset)),
        description=safe(issue.description),
        drafted_by=tidy(issue.drafted_by),
        feature=feature(issue.feature) if issue.feature else None,
        pulse=tidy(issue.pulse),
        intro=tidy(issue.intro),
        news=tuple(news_item(item) for item in issue.news),
        closing=tidy(issue.closing),
        corrections=tuple(map(tidy, issue.corrections)),
        tags=tuple(dict.fromkeys(filter(None, map(safe, issue.tags)))),
    )


def feature(given: Feature) -> Feature:
    """Return `given` in normal form."""
    tldr = inline.normal(given.tldr)
    if len(tldr) == 1 and tldr[0].style == "strong":
        tldr = inline.plain(tldr[0].text)  # bold alone on its line is a heading
    return Feature(
        topic=safe(given.topic),
        tldr=tldr,
        sections=tuple(
            Section(tidy(part.heading), blocks(map(block, part.blocks))) for part in given.sections
        ),
    )


def news_item(given: NewsItem) -> NewsItem:
    """Return `given` in normal form."""
    return NewsItem(
        headline=tidy(given.headline),
        url=escape.url(given.url),
        person=tidy(given.person),
        profile_url=escape.url(given.profile_url),
        take=tidy(given.take),
        also=tuple(
            (named, escape.url(address))
            for name, address in given.also
            if (named := _unquoted(name))
        ),
    )


def _unquoted(name: str) -> str:
    """Return a publisher's name without double quotation marks: the last one of a paragraph ends the take."""
    return tidy(name.translate({ord(mark): None for mark in '"“”'}))


def block(given: Block) -> Block:
    """Return one block in normal form, its neighbours not regarded."""
    match given:
        case Subheading(text):
            return Subheading(tidy(text))
        case Paragraph():
            return paragraph(inline.normal(words_of_paragraph(given)))
        case Bullets(items):
            return Bullets(tuple(map(inline.normal, items)))
        case Numbers(items):
            return Numbers(
                tuple(
                    numbered(
                        inline.normal(words_of_numbered(item)),
                        tuple(map(inline.normal, item.sub)),
                    )
                    for item in items
                )
            )


def blocks(given: Iterable[Block]) -> tuple[Block, ...]:
    """Return the blocks with lists of one kind in a row joined: Markdown knows no way to part them."""
    joined: list[Block] = []
    for part in given:
        match (joined[-1] if joined else None), part:
            case Bullets(before), Bullets(items):
                joined[-1] = Bullets(before + items)
            case Numbers(numbered_before), Numbers(numbered_items):
                joined[-1] = Numbers(numbered_before + numbered_items)
            case _:
                joined.append(part)
    return tuple(joined)


def words_of_paragraph(given: Paragraph) -> Inline:
    """Return text and numbered source links as one run of spans."""
    links = (Span(str(n), "link", address) for n, address in enumerate(given.sources, 1))
    return given.text + tuple(part for link in links for part in (Span(" "), link))


def paragraph(words: Inline) -> Paragraph | Subheading:
    """Return what a line that holds the normal `words` is: the reverse of `words_of_paragraph`.

    Links numbered 1, 2, ... at its end are sources; one bold span alone is a subheading.
    """
    if len(words) == 1 and words[0].style == "strong":
        return Subheading(words[0].text)
    # Walking back: link n, a space, link n - 1, ..., link 1, and a space at the end of the text before.
    links: list[Span] = []
    rest = list(words)
    while len(rest) > 1 and rest[-1].style == "link" and rest[-2].text.endswith(" "):
        links.insert(0, rest.pop())
        numbers = [link.text for link in links]
        if numbers == [str(n) for n in range(1, len(links) + 1)]:
            text = inline.normal(tuple(rest))
            if text:
                return Paragraph(text, tuple(link.url for link in links))
        if rest[-1].text != " ":
            break
        rest.pop()
    return Paragraph(words)


def words_of_numbered(given: NumberedItem) -> Inline:
    """Return lead and text as one run of spans."""
    lead = (Span(given.lead + ":", "strong"), Span(" ")) if given.lead else ()
    return (*lead, *given.text)


def numbered(words: Inline, sub: tuple[Inline, ...] = ()) -> NumberedItem:
    """Return the item whose line holds the normal `words`: the reverse of `words_of_numbered`."""
    if words and words[0].style == "strong" and re.fullmatch(".*[^: ]:", words[0].text):
        rest = words[1:]
        if not rest or rest[0].text.startswith(" "):
            return NumberedItem(inline.normal(rest), words[0].text[:-1], sub)
    return NumberedItem(words, "", sub)


# --- what the format forbids --------------------------------------------------------------------------------------


def check(issue: Issue) -> None:
    """Check that the post format can hold `issue`.

    Raises:
        UserError: it cannot; the message lists every fault.
    """
    faults = list(_address_faults(issue))
    if issue.date.utcoffset() is None:
        faults.append(f"date {issue.date}: has no offset")
    if not faults:  # else there is no normal form to look at
        issue = normal(issue)
        faults = [
            *_head_faults(issue),
            *_news_faults(issue),
            *(_feature_faults(issue.feature) if issue.feature else ()),
        ]
    if faults:
        raise UserError(f"issue {issue.week} has {len(faults)} fault(s):\n  " + "\n  ".join(faults))


def _address_faults(issue: Issue) -> Iterator[str]:
    """Yield what is wrong with any address of the issue."""
    named = [
        (f"news item {number}", address)
        for number, item in enumerate(issue.news, 1)
        for address in (item.url, item.profile_url, *(address for _, address in item.also))
    ]
    if issue.feature:
        named.extend(("the feature", address) for address in _feature_addresses(issue.feature))
    for where, address in named:
        try:
            escape.url(address)
        except ValueError as error:
            yield f"{where}: {error}"


def _feature_addresses(given: Feature) -> Iterator[str]:
    """Yield every address that the feature links to."""
    texts = [given.tldr]
    for part in (part for section in given.sections for part in section.blocks):
        match part:
            case Paragraph():
                texts.append(words_of_paragraph(part))
            case Bullets(items):
                texts.extend(items)
            case Numbers(numbered_items):
                texts.extend(text for item in numbered_items for text in (item.text, *item.sub))
            case Subheading():
                pass
    return (span.url for text in texts for span in text if span.style == "link")


def _head_faults(issue: Issue) -> Iterator[str]:
    """Yield what is wrong with the front matter and the constants."""
    offset = issue.date.utcoffset() or timedelta()
    if issue.date.microsecond or offset % timedelta(minutes=1):
        yield f"date {issue.date}: must be in whole seconds, its offset in whole minutes"
    for name in ("topic", "pulse", "intro"):
        if not getattr(issue, name):
            yield f"{name}: is empty"
    low, high = DESCRIPTION
    if issue.description and not low <= len(issue.description) <= high:
        yield f"description: has {len(issue.description)} characters, allowed are {low} to {high}"
    if issue.drafted_by and not issue.closing:
        yield "closing: is empty; a post drafted by a model must say so at its end"
    for correction in issue.corrections:
        if not CORRECTION.fullmatch(correction):
            yield f"correction {correction!r}: must read like 'Corrected on 22 July 2024: ...'"
    if CORRECTION.fullmatch(issue.closing):
        yield f"closing {issue.closing!r}: reads like a correction"
    if issue.feature and issue.feature.topic != issue.topic:
        yield f"topic {issue.topic!r}: differs from the feature's {issue.feature.topic!r}"


def _news_faults(issue: Issue) -> Iterator[str]:
    """Yield what is wrong with the news."""
    if len(issue.news) < 2:
        yield f"news: {len(issue.news)} item(s), at least 2 are needed"
    for number, item in enumerate(issue.news, 1):
        empty = [
            f.name
            for f in dataclasses.fields(item)
            if f.name != "also" and not getattr(item, f.name)
        ]
        if empty:
            yield f"news item {number} ({item.headline!r}): has no {', no '.join(empty)}"


def _feature_faults(given: Feature) -> Iterator[str]:
    """Yield what is wrong with the feature."""
    headings = [section.heading for section in given.sections]
    if given.topic == NEWS:
        yield f"feature: its topic must not be {NEWS!r}, that heading begins the news"
    if not given.tldr:
        yield "feature: its TL;DR is empty"
    if len(headings) < 3 or headings[0] != FIRST or headings[-1] != LAST:
        yield f"feature: its sections must be {FIRST}, one or more of its own, {LAST}; they are {headings}"
    for section in given.sections:
        where = f"feature, section {section.heading!r}"
        if not section.heading:
            yield f"{where}: its heading is empty"
        if not all(map(_has_text, section.blocks)):
            yield f"{where}: a paragraph, subheading, list or list item is empty"
        for part in section.blocks:
            if isinstance(part, Numbers) and len(part.items) > MAX_NUMBERED:
                yield f"{where}: a list counts {len(part.items)} items, at most {MAX_NUMBERED} nest"


def _has_text(part: Block) -> bool:
    """Say whether the block and every item in it has words."""
    match part:
        case Subheading(text):
            return bool(text)
        case Paragraph(words):
            return bool(words)
        case Bullets(items):
            return bool(items) and all(items)
        case Numbers(numbered_items):
            texts = [
                text for item in numbered_items for text in (item.lead or item.text, *item.sub)
            ]
            return bool(texts) and all(texts)
