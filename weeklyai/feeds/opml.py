"""Feed lists in OPML 2.0 (http://opml.org/spec2.opml)."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from weeklyai import files, text
from weeklyai.errors import UserError

MAX_BYTES = 10_000_000
MAX_FEEDS = 10_000


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed to poll: its absolute http(s) address and the name its reader gave it (may be "")."""

    url: str
    title: str = ""


def read(path: Path) -> list[Subscription]:
    """Return the feeds of an OPML file, folders flattened, each address once.

    Raises:
        UserError: the file is missing, ill-formed, too large, declares entities, or lists something that is no web
            address.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"feed list {path} cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise UserError(f"feed list {path} has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", data.replace(b"\0", b""), re.IGNORECASE):
        raise UserError(f"feed list {path} declares a document type or entities: remove that line")
    try:
        root = ET.fromstring(data)  # noqa: S314 -- no entity can be declared, see above
    except (ET.ParseError, ValueError, LookupError) as error:
        raise UserError(f"feed list {path} is not well-formed XML: {error}") from None
    found: dict[str, Subscription] = {}
    for outline in root.iter("outline"):
        url = (outline.get("xmlUrl") or outline.get("xmlurl") or "").strip()
        if not url:
            continue
        check_address(url, str(path))
        title = text.clean(outline.get("title") or outline.get("text") or "")
        found.setdefault(url, Subscription(url, "" if title == url else title))
    if len(found) > MAX_FEEDS:
        raise UserError(
            f"feed list {path} holds {len(found):,} feeds; at most {MAX_FEEDS:,} are read"
        )
    return list(found.values())


def check_address(url: str, where: str) -> None:
    """Refuse what is no absolute http(s) address.

    Raises:
        UserError: it is none.
    """
    try:
        parts = urlsplit(url)
        good = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", url)
        )
    except ValueError:
        good = False
    if not good:
        raise UserError(
            f"{where}: {url!r} is not a web address that begins with http:// or https://"
        )


def write(path: Path, subscriptions: Iterable[Subscription], title: str = "Feeds") -> None:
    """Replace `path` by an OPML file of `subscriptions`."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    for feed in subscriptions:
        name = feed.title or feed.url
        ET.SubElement(body, "outline", type="rss", text=name, title=name, xmlUrl=feed.url)
    ET.indent(root)
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    files.write_text(path, declaration + ET.tostring(root, encoding="unicode") + "\n")
