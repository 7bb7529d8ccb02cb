"""Well-formed RSS and Atom by the standard library's expat, many times faster than feedparser and to the same result.

feedparser's rules are followed to the letter, the strange ones too (the last date of a kind wins, a second description
is the content, ...), for all that feeds are commonly made of. Whatever goes beyond that is odd: `read` returns None, and
feedparser judges. `bench/parse.py` holds the two side by side.
"""

import re
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from weeklyai.feeds.entry import (
    ASIDES,
    CONTENTS,
    SUMMARIES,
    TITLES,
    Entry,
    State,
    gather,
    pass_over,
    take_guid,
    take_link,
)
from weeklyai.feeds.names import Names, Odd, attributes
from weeklyai.feeds.raw import Raw, RawFeed
from weeklyai.feeds.values import bases, html, leaf

_DECLARED = re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([^\"'>]*)")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\"';,\s]*)", re.IGNORECASE)
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


def read(body: bytes, content_type: str = "") -> RawFeed | None:
    """Return the feed in `body`, or None where anything about it is out of the ordinary.

    Args:
        body: the feed as it came; it declares no entities.
        content_type: of the answer; a charset other than UTF-8 is out of the ordinary.
    """
    declared = _DECLARED.match(body.removeprefix(b"\xef\xbb\xbf"))
    charset = _CHARSET.search(content_type)
    if (
        (declared and declared[1].lower() != b"utf-8")
        or (charset and charset[1].lower() != "utf-8")
        or b"\0" in body[:4]
        or b"<!DOCTYPE" in body
    ):
        return None
    try:
        root = ET.fromstring(body)  # noqa: S314 -- no entities, and the worker has its limits
        based = bases(root) if re.search(rb"base\s*=", body) else {}
        return _Feed(State(Names(body), based)).read(root)
    except (ET.ParseError, Odd, RecursionError):
        return None


class _Feed:
    """One walk over the tree of a feed, in the order of the document, as feedparser goes through it."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.title = ""
        self.about = Entry()  # for the feed's own link
        self.has_summary = False
        self.entries: list[Raw] = []

    def read(self, root: Element) -> RawFeed:
        """Return the feed.

        Raises:
            Odd: something in it is out of the ordinary.
        """
        name = self.state.names[root.tag]
        if name == "feed":
            self._channel(root, 2)
        elif name in ("rss", "rdf:rdf"):
            for child in root:
                self._below_root(child)
        else:
            raise Odd
        if name == "rdf:rdf" and not self.entries:  # any RDF could look like that
            raise Odd
        return RawFeed(self.title, self.entries, home=self.about.link or "")

    def _below_root(self, element: Element) -> None:
        name = self.state.names[element.tag]
        if name == "channel":
            self._channel(element, 3)
        elif name == "item":
            self._entry(element, 3)
        elif name in ASIDES:
            self._aside(element, name, 3)
        else:
            pass_over(self.state, element, name)

    def _channel(self, channel: Element, depth: int) -> None:
        """Take what lies `depth` elements deep, in the feed itself."""
        for child in channel:
            name = self.state.names[child.tag]
            if name in ("item", "entry"):
                self._entry(child, depth + 1)
            elif name in TITLES:
                title = html(child)
                self.title = self.title if self.state.barred(depth) else title
                self.state.bar(name, title, depth)
            elif name == "link":
                take_link(self.state, child, name, self.about, depth)
            elif name in ("id", "guid"):
                take_guid(self.state, child, name, self.about, depth)
            elif name in ASIDES:
                self._aside(child, name, depth + 1)
            elif name in SUMMARIES or name in CONTENTS:
                self._summary(child, name)
            else:
                pass_over(self.state, child, name)

    def _summary(self, element: Element, name: str) -> None:
        """Note that the feed describes itself: twice, and the first entry is taken to have content already."""
        leaf(element)
        if name in CONTENTS or (self.has_summary and name != "abstract"):
            self.state.has_content = True
        self.has_summary |= name in CONTENTS or name.endswith("summary")

    def _aside(self, element: Element, name: str, depth: int) -> None:
        """Pass over a feed's image or text input; the depth of their titles counts."""
        self.state.title_depth = -1
        for child in element:
            inner = self.state.names[child.tag]
            if inner not in ASIDES[name]:
                raise Odd
            if leaf(child) and inner == "title":
                self.state.title_depth = depth

    def _entry(self, element: Element, depth: int) -> None:
        """Take an entry whose elements lie `depth` elements deep."""
        if element.attrib and {"href", "lastmod"} & attributes(element).keys():
            raise Odd
        self.state.title_depth = -1
        entry = Entry(guid=element.get(_ABOUT, ""))
        gather(self.state, element, entry, depth)
        self.state.has_content = False
        self.entries.append(entry.raw())
