"""Feed lists in OPML 2.0 (http://opml.org/spec2.opml), with folders.

A list may come from anybody, so it is read as a stream of tags, without a tree: nesting of any depth costs no stack.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from weeklyai import files, text
from weeklyai.errors import UserError
from weeklyai.feeds.addresses import redacted

MAX_BYTES = 10_000_000
MAX_FEEDS = 10_000
MAX_DEPTH = 20  # folders in folders; what lies deeper counts as lying in the twentieth
_NOT_IN_ADDRESS = re.compile("[\\s\x00-\x20\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed to poll. Names and note are cleaned here, so that what is written is what will be read.

    `url` is its absolute http(s) address and `title` the name its reader gave it (may be ""). `folder` holds the names
    of the folders it lies in, outermost first; `site` is the web page it belongs to and `note` why it is in the list
    (both may be "").
    """

    url: str
    title: str = ""
    folder: tuple[str, ...] = ()
    site: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        title = text.clean(self.title)
        folder = tuple(filter(None, map(text.clean, self.folder)))[:MAX_DEPTH]
        site = self.site.strip()
        # A list without a name shows the address in its place: that is no name.
        object.__setattr__(self, "title", "" if title == text.clean(self.url) else title)
        object.__setattr__(self, "folder", folder)
        object.__setattr__(self, "site", site if is_address(site) else "")
        object.__setattr__(self, "note", text.clean(self.note))


class _Outlines:
    """Target of an XML parser: collects feeds and remembers which folders are open."""

    def __init__(self) -> None:
        self.open: list[tuple[str, ...]] = [()]  # the folder inside each open tag
        self.feeds: dict[str, Subscription] = {}
        self.bad: list[str] = []

    @property
    def full(self) -> bool:
        """Whether there are more entries than may be read; then no more are taken in."""
        return len(self.feeds) + len(self.bad) > MAX_FEEDS

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take in a feed or step into a folder; folders without a name, and any other tag, do not count as one."""
        named = {key.lower(): value for key, value in attributes.items()}
        name = text.clean(named.get("title") or named.get("text") or "")
        url = named.get("xmlurl", "").strip()
        inside = self.open[-1]
        if tag == "outline" and url:
            self._add(Subscription(
                url, name, inside, named.get("htmlurl", ""), named.get("description", "")
            ))  # fmt: skip
        elif tag == "outline" and name:
            inside = (*inside, name)[:MAX_DEPTH]
        self.open.append(inside)

    def _add(self, feed: Subscription) -> None:
        if self.full:
            return
        if is_address(feed.url):
            self.feeds.setdefault(feed.url, feed)
            return
        shown = text.shorten(text.clean(redacted(feed.url)), 200)
        name = text.shorten(feed.title, 100) or "an entry without a name"
        self.bad.append(
            f"{name}: {shown!r} is not a web address that begins with http:// or https://"
        )

    def end(self, _: str) -> None:
        """Step out."""
        self.open.pop()

    def close(self) -> None:
        """Do nothing; a parser demands it."""


def read(path: Path) -> list[Subscription]:
    """Return the feeds of an OPML file in its order, each address once; entries with a bad address are left out.

    Raises:
        UserError: as in `read_list`.
    """
    return read_list(path)[0]


def read_list(path: Path) -> tuple[list[Subscription], list[str]]:
    """Return the feeds of an OPML file as `read` does, and a sentence about each entry left out.

    Raises:
        UserError: the file is missing, ill-formed, too large, declares entities, or has entries and not one web
            address among them.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"feed list {path} cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise UserError(f"feed list {path} has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", data.replace(b"\0", b""), re.IGNORECASE):
        raise UserError(f"feed list {path} declares a document type or entities: remove that line")
    found = _Outlines()
    parser = ET.XMLParser(target=found)  # noqa: S314 -- no entity can be declared, see above
    try:
        parser.feed(data)
        parser.close()
    except (ET.ParseError, ValueError, LookupError) as error:
        raise UserError(f"feed list {path} is not well-formed XML: {error}") from None
    if found.full:
        raise UserError(f"feed list {path} holds more than {MAX_FEEDS:,} feeds; split it")
    if found.bad and not found.feeds:
        raise UserError(f"feed list {path} has no feed that can be used: {found.bad[0]}")
    return list(found.feeds.values()), found.bad


def is_address(url: str) -> bool:
    """Say whether `url` is an absolute http(s) address that XML can hold."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and not _NOT_IN_ADDRESS.search(url)
        )
    except ValueError:
        return False


def check_address(url: str, where: str) -> None:
    """Refuse what is no absolute http(s) address.

    Raises:
        UserError: it is none.
    """
    if not is_address(url):
        raise UserError(
            f"{where}: {url!r} is not a web address that begins with http:// or https://"
        )


def write(path: Path, subscriptions: Iterable[Subscription], title: str = "Feeds") -> None:
    """Replace `path` by an OPML file of `subscriptions`, in their order; feeds of one folder in a row share it.

    Raises:
        UserError: `read` would refuse the file; `path` is as before.
    """
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = text.clean(title)
    places = [ET.SubElement(root, "body")]  # the body and the folders open in it
    names: tuple[str, ...] = ()
    feeds = list(subscriptions)
    for feed in feeds:
        check_address(feed.url, f"feed list {path}")
        shared = _shared(names, feed.folder)
        del places[shared + 1 :]
        for name in feed.folder[shared:]:
            places.append(ET.SubElement(places[-1], "outline", text=name, title=name))
        names = feed.folder
        name = feed.title or text.clean(feed.url)
        more = {"htmlUrl": feed.site, "description": feed.note}
        ET.SubElement(places[-1], "outline", {"type": "rss", "text": name, "title": name, "xmlUrl": feed.url}
                      | {key: value for key, value in more.items() if value})  # fmt: skip
    ET.indent(root)
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    data = (declaration + ET.tostring(root, encoding="unicode") + "\n").encode("utf-8")
    if len(feeds) > MAX_FEEDS or len(data) > MAX_BYTES:
        raise UserError(
            f"{len(feeds):,} feeds ({len(data):,} bytes) are too many for {path}: "
            f"at most {MAX_FEEDS:,} feeds and {MAX_BYTES:,} bytes can be read again"
        )
    files.write_bytes(path, data)


def _shared(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    """Return how many names `a` and `b` have in common at their beginning."""
    count = 0
    while count < min(len(a), len(b)) and a[count] == b[count]:
        count += 1
    return count
