"""Elements of a feed's XML by the names under which feedparser knows them, and their attributes likewise.

It writes a known name space as a fixed prefix ("dc:date"), or as none for all that RSS and Atom ever used, an unknown one as
the prefix that the feed chose, and everything in lower case.
"""

import re
from xml.etree.ElementTree import Element

_SPACES = {
    "": (
        "http://backend.userland.com/rss http://blogs.law.harvard.edu/tech/rss http://purl.org/rss/1.0/ "
        "http://my.netscape.com/rdf/simple/0.9/ http://purl.org/atom/ns# http://www.w3.org/2005/atom "
        "http://purl.org/rss/1.0/modules/rss091#"
    ),
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xhtml": "http://www.w3.org/1999/xhtml",
}
_PREFIXES = {space: prefix for prefix, spaces in _SPACES.items() for space in spaces.split()}
_BINDING = re.compile(rb"""xmlns(?::([\w.-]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')""")
# Attributes that mean something to a feed; in a name space of their own they would take another one's place.
_TELLING = frozenset("base href ispermalink lastmod mode rel src type uri url".split())
_XML = "{http://www.w3.org/XML/1998/namespace}"


class Odd(Exception):  # noqa: N818 -- it is no error, only nothing for the quick reader
    """Something that feedparser shall judge."""


class Names(dict[str, str]):
    """feedparser's names by those of ElementTree ("{space}Local"), for one document.

    Raises:
        Odd: the name space is unknown and its prefix not clear.
    """

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.body = body
        self.prefixes: dict[bytes, set[bytes]] = {}  # of each name space, once one is asked for
        self.spaces: dict[bytes, set[bytes]] = {}  # of each prefix

    def __missing__(self, tag: str) -> str:
        space, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        prefix = _PREFIXES.get(space.lower()) if space else ""
        if prefix is None:
            prefix = "" if "backend.userland.com/rss" in space.lower() else self._prefix(space)
        self[tag] = name = f"{prefix}:{local}".lower() if prefix else local.lower()
        return name

    def _prefix(self, space: str) -> str:
        """Return the only prefix of an unknown name space, if that has no other meaning; "" for the default."""
        if not self.prefixes:
            for prefix, one, other in _BINDING.findall(self.body):
                self.prefixes.setdefault(one or other, set()).add(prefix)
                self.spaces.setdefault(prefix, set()).add(one or other)
        prefixes = self.prefixes.get(space.encode(), set())
        if len(prefixes) != 1:
            raise Odd
        (prefix,) = prefixes
        if prefix and len(self.spaces[prefix]) > 1:
            raise Odd
        return prefix.decode()


def attributes(element: Element) -> dict[str, str]:
    """Return the attributes without those of other name spaces, names in lower case.

    Raises:
        Odd: one of another name space could stand for one of none.
    """
    found = {}
    for name, value in element.attrib.items():
        if not name.startswith("{"):
            found[name.lower()] = value
        elif not name.startswith(_XML) and name.rpartition("}")[2].lower() in _TELLING:
            raise Odd
    return found
