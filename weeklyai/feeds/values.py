"""What elements of a feed say: their text, inline XHTML, and what a relative address in them is relative to."""

import contextlib
import re
from html import escape
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from weeklyai.feeds.names import Odd, attributes

_XHTML = "application/xhtml+xml"
_TYPES = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "xhtml": _XHTML}
_KNOWN = frozenset(("text/plain", "text/html", _XHTML))
_XHTML_SPACE = "{http://www.w3.org/1999/xhtml}"
_CP1252 = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(128, 160)}
_C1 = re.compile("[\x80-\x9f]")
_BASE = "{http://www.w3.org/XML/1998/namespace}base"


def leaf(element: Element) -> str:
    """Return the text of an element that holds nothing else.

    Raises:
        Odd: it does.
    """
    if len(element):
        raise Odd
    return mended((element.text or "").strip())


def mended(text: str) -> str:
    """Return `text` without two common faults: UTF-8 read as Latin-1, and Windows characters in place of controls."""
    if text.isascii():
        return text
    with contextlib.suppress(UnicodeError):
        text = text.encode("latin-1").decode()
    return text.translate(_CP1252) if _C1.search(text) else text


def html(element: Element) -> str:
    """Return what a title, summary or content holds, as HTML (RFC 4287, section 3.1); attributes are left out.

    Raises:
        Odd: it is neither text nor HTML nor XHTML.
    """
    given = attributes(element) if element.attrib else {}
    written = given.get("type", "text").lower()
    kind = _TYPES.get(written, written)
    if kind not in _KNOWN or given.get("mode") == "base64" or (len(element) and kind != _XHTML):
        raise Odd
    text = _markup(element) if kind == _XHTML else element.text or ""
    return mended(text.strip())


def _markup(element: Element) -> str:
    parts = [escape(element.text or "", quote=False)]
    for child in element:
        name = child.tag.removeprefix(_XHTML_SPACE)
        if name in (child.tag, "body"):
            raise Odd
        parts.append(f"<{name}>{_markup(child)}</{name}>{escape(child.tail or '', quote=False)}")
    return "".join(parts)


def joined(base: str, address: str) -> str:
    """Return `address` made absolute by `base`, "" where that cannot be; surplus slashes after "://" go."""
    if ":///" in address:
        address = re.sub(r"^([A-Za-z][A-Za-z0-9+-.]*://)/*", r"\1", address)
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def bases(root: Element) -> dict[Element, str]:
    """Return the base address (XML Base) of every element below `root`, "" where none was given.

    Like feedparser's, a base outlasts its element if nothing around it has one.

    Raises:
        Odd: a base is no web address.
    """
    found: dict[Element, str] = {}
    outer = [""]

    def walk(element: Element, base: str) -> str:
        given = attributes(element).get("base", "") if element.attrib else ""
        given = element.get(_BASE, given)
        if given:
            base = joined(base, given)
            if not base.startswith(("http://", "https://")):
                raise Odd
        found[element] = base
        outer.append(base)
        for child in element:
            base = walk(child, base)
        outer.pop()
        return outer[-1] or base

    walk(root, "")
    return found
