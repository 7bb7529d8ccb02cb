"""One entry of a well-formed feed: what feedparser would hold of it, gathered from its elements in their order."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree.ElementTree import Element

from weeklyai.feeds.moments import moment
from weeklyai.feeds.names import Names, Odd, attributes
from weeklyai.feeds.raw import Raw, in_turn
from weeklyai.feeds.values import html, joined, leaf, mended

ASIDES = {
    "image": frozenset("title link description url href width height".split()),
    "textinput": frozenset("title link description name".split()),
}
TITLES = frozenset(("title", "dc:title", "media:title"))
SUMMARIES = frozenset(
    "description dc:description media:description abstract summary itunes:summary".split()
)
CONTENTS = frozenset(("content", "content:encoded", "fullitem"))
_DATES = {
    "published": "published", "issued": "published", "pubdate": "published", "dcterms:issued": "published",
    "updated": "updated", "modified": "updated", "lastbuilddate": "updated", "dc:date": "updated", "dcterms:modified": "updated",
    "created": "created", "dcterms:created": "created",
}  # fmt: skip
# Elements that may hold XHTML, in which nothing is the entry's.
_INLINE = frozenset(
    "subtitle tagline itunes:subtitle rights copyright dc:rights info feedburner:browserfriendly".split()
)
# Elements that would upset the order of a feed, and names under which feedparser itself keeps something.
_ODD = frozenset(
    "body xhtml:body rss rdf:rdf channel feed item entry textinput links guidislink published_parsed updated_parsed "
    "created_parsed date_parsed modified_parsed issued_parsed".split()
)
_PAGES = frozenset(("html", "text/html", "xhtml", "application/xhtml+xml"))


@dataclass(slots=True)
class State:
    """What goes from element to element, entry to entry.

    Attributes:
        names: feedparser's names of the elements.
        bases: base addresses of the elements, empty where the feed gives none.
        title_depth: depth of the title that bars further ones as deep or deeper, or -1.
        has_content: the entry has content, so that a further description is one; the feed may leave it set.
    """

    names: Names
    bases: dict[Element, str]
    title_depth: int = -1
    has_content: bool = False

    def barred(self, depth: int) -> bool:
        """Say whether a title at this depth counts for nothing."""
        return -1 < self.title_depth <= depth

    def bar(self, name: str, title: str, depth: int) -> None:
        """Let a title that was read bar others, unless it is a picture's."""
        if title and name != "media:title":
            self.title_depth = depth


@dataclass(slots=True)
class Entry:
    """What feedparser would hold of an entry. The depths are those of the elements that the values came from."""

    title: str = ""
    title_depth: int | None = None
    link: str | None = None
    alternates: list[str] = field(default_factory=list)
    original: str = ""
    original_depth: int | None = None
    guid: str = ""
    guid_depth: int | None = None
    guid_is_link: bool | None = None
    dates: dict[str, str] = field(default_factory=dict)
    summary: str | None = None
    summary_depth: int | None = None
    contents: list[str] = field(default_factory=list)
    inline: bool = False
    source: str = ""

    def raw(self) -> Raw:
        """Return the entry as `parse` takes it.

        Raises:
            Odd: its date or content is not certain.
        """
        if self.inline and len(self.contents) > 1:  # which one is longest would hang on attributes
            raise Odd
        guid = self.guid if self.guid_is_link else ""
        return Raw(
            title=self.title,
            links=in_turn(self.original, self.link, *self.alternates, guid),
            guid=self.guid,
            published=self._published(),
            summary=self.summary or "",
            body=max(self.contents, key=len, default=""),
            source=self.source,
        )

    def _published(self) -> datetime | None:
        written = next(filter(None, map(self.dates.get, ("published", "updated", "created"))), "")
        found = moment(written) if written else None
        if written and not found:
            raise Odd
        return found


def gather(state: State, parent: Element, entry: Entry, depth: int) -> None:
    """Take into `entry` what the children of `parent` say; they lie `depth` elements deep.

    Raises:
        Odd: one of them is beyond this module.
    """
    for child in parent:
        name = state.names[child.tag]
        handler = _HANDLERS.get(name)
        if handler:
            handler(state, child, name, entry, depth)
        elif name in _ODD or name in _INLINE:
            pass_over(state, child, name)
        elif len(child):
            gather(state, child, entry, depth + 1)


def pass_over(state: State, element: Element, name: str) -> None:
    """Make sure that feedparser finds nothing for us inside of `element`.

    Raises:
        Odd: it may.
    """
    if name in _ODD or name == "source":
        raise Odd
    for inner in element.iter():
        if inner is not element and state.names[inner.tag] in _TELLING:
            raise Odd


def _title(state: State, element: Element, name: str, entry: Entry, depth: int) -> None:
    title = html(element)
    deepest = depth if entry.title_depth is None else entry.title_depth
    if not state.barred(depth) and depth <= deepest:
        entry.title, entry.title_depth = title, depth
    state.bar(name, title, depth)


def _summary(state: State, element: Element, name: str, entry: Entry, depth: int) -> None:
    if name != "abstract" and entry.summary is not None and not state.has_content:
        _content(state, element, name, entry, depth)
    elif entry.summary_depth is None or depth <= entry.summary_depth:
        entry.summary, entry.summary_depth = html(element), depth


def _content(state: State, element: Element, _name: str, entry: Entry, _depth: int) -> None:
    state.has_content = True
    entry.inline |= len(element) > 0
    entry.contents.append(html(element))
    if entry.summary is None:
        entry.summary = entry.contents[-1]


def _date(_state: State, element: Element, name: str, entry: Entry, _depth: int) -> None:
    entry.dates[_DATES[name]] = leaf(element)


def take_link(state: State, element: Element, _name: str, entry: Entry, _depth: int) -> None:
    """Take a link: the text of RSS, or the attributes of Atom (RFC 4287, section 4.2.7)."""
    given = attributes(element) if element.attrib else {}
    alternate = given.get("rel", "alternate").lower() == "alternate"
    href = given.get("url", given.get("uri")) or given.get("href")
    base = state.bases.get(element, "")
    text = leaf(element)
    if href is None:
        text = mended(joined(base, (element.text or "").strip())) if text else ""
        link = re.sub("&([A-Za-z0-9_]+);", r"&\1", text.replace("&amp;", "&"))
        entry.link = link
    else:
        link = joined(base, href)
        if alternate and given.get("type", "html").lower() in _PAGES:
            entry.link = link
    if alternate:
        entry.alternates.append(link)


def take_guid(state: State, element: Element, _name: str, entry: Entry, depth: int) -> None:
    """Take an id; without a word to the contrary it stands in for a link."""
    given = attributes(element) if element.attrib else {}
    is_link = given.get("ispermalink", "true") == "true"
    guid = leaf(element)
    if is_link and guid:
        guid = mended(joined(state.bases.get(element, ""), (element.text or "").strip()))
    if entry.guid_depth is None or depth <= entry.guid_depth:
        entry.guid, entry.guid_depth = guid, depth
    if entry.guid_is_link is None:
        entry.guid_is_link = is_link and entry.link is None
    if is_link and entry.link is None:
        entry.link = guid


def _original(_state: State, element: Element, _name: str, entry: Entry, depth: int) -> None:
    deepest = depth if entry.original_depth is None else entry.original_depth
    if not element.attrib and depth <= deepest:
        entry.original, entry.original_depth = leaf(element), depth


def _source(state: State, element: Element, _name: str, entry: Entry, depth: int) -> None:
    """Take the publisher that an RSS entry names, or the title of the feed that an Atom entry was taken from."""
    state.title_depth = -1
    title = ""
    for child in element:
        name = state.names[child.tag]
        if name in TITLES:
            found = html(child)
            title = title if state.barred(depth + 1) else found
            state.bar(name, found, depth + 1)
        elif name in SUMMARIES or name in CONTENTS or name in ASIDES:
            raise Odd
        else:
            pass_over(state, child, name)
    own = "".join((element.text or "", *(child.tail or "" for child in element)))
    entry.source = mended(own.strip()) or title


def _image(state: State, element: Element, _name: str, _entry: Entry, _depth: int) -> None:
    leaf(element)
    state.title_depth = -1


_HANDLERS: dict[str, Callable[[State, Element, str, Entry, int], None]] = {
    **dict.fromkeys(TITLES, _title),
    **dict.fromkeys(SUMMARIES, _summary),
    **dict.fromkeys(CONTENTS, _content),
    **dict.fromkeys(_DATES, _date),
    "link": take_link,
    "guid": take_guid,
    "id": take_guid,
    "source": _source,
    "image": _image,
    "feedburner:origlink": _original,
}
_TELLING = _HANDLERS.keys() | _ODD | _INLINE
