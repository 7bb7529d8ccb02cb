r"""Escaping plain text for Jekyll: Liquid first, then kramdown, then (for previews) python-markdown.

Every escape here is one that all three agree on. Braces become entities because Liquid reads the file before Markdown
does, so `\{%` would still open a tag. A closing bracket becomes an entity because kramdown takes `[x \]: y](z)` at a
line's head for a link definition and drops the line.

All functions but `url` expect text that is already tidy (`weeklyai.publish.plain.tidy`): one line, nothing unseen.
"""

import html
import re
from urllib.parse import quote, urlsplit

_ENTITIES = {character: f"&#{ord(character)};" for character in "{}|~$^]"} | {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
}
_SPAN = str.maketrans(_ENTITIES | {character: "\\" + character for character in "\\`*_["})
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z]\w*);")

_URL_KEPT = "-._~:/?#@!$&+,;=%"
_REFUSED = re.compile("[\\s\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?", re.IGNORECASE)
_STRAY_PERCENT = re.compile("%(?![0-9a-fA-F]{2})")


def span(text: str) -> str:
    """Escape `text` that stands inside a line.

    >>> span("Vec<T> | {{ x }}")
    'Vec&lt;T&gt; &#124; &#123;&#123; x &#125;&#125;'
    """
    return text.translate(_SPAN)


def line_start(text: str) -> str:
    r"""Escape `text` that begins a line or a list item, where more characters have a meaning.

    >>> line_start("2024. A year")
    '2024\\. A year'
    """
    if text[:1] in (":", "="):
        return f"&#{ord(text[0])};" + span(text[1:])
    if text[:1] in ("#", "+", "-", "!"):
        return "\\" + span(text)
    return re.sub(r"^(\d+)\.(?=\s|$)", r"\1\\.", span(text))


def heading(text: str) -> str:
    r"""Escape `text` that stands after `## `: number signs at its end would be taken for a closing mark.

    >>> heading("Memory in C#")
    'Memory in C\\#'
    """
    bare = text.rstrip("#")
    return span(bare) + "\\#" * (len(text) - len(bare))


def url(address: str) -> str:
    """Return `address` percent-encoded for a Markdown link; a second pass changes nothing.

    Raises:
        ValueError: it is not `http(s)://host...`, holds white space or control characters, names a login or an
            IPv6 host (its brackets cannot stand in a Markdown link), or has a host or port that cannot exist.
    """
    if _REFUSED.search(address):
        raise ValueError(f"address {address!r} holds white space or control characters")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"address {address!r} must be absolute: http://... or https://...")
    host, _, port = parts.netloc.partition(":")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise ValueError(f"address {address!r} has a host that is no valid name") from None
    if not _HOST.fullmatch(host) or not (port == "" or (port.isascii() and port.isdigit())):
        raise ValueError(f"address {address!r} must name a plain host: no login, no brackets")
    rest = address[address.index("//") + 2 + len(parts.netloc) :]
    netloc = f"{host}:{port}" if port else host
    return f"{parts.scheme}://{netloc}" + quote(_STRAY_PERCENT.sub("%25", rest), safe=_URL_KEPT)


def unescape(text: str) -> str:
    r"""Undo backslashes and entities in one pass: `unescape(span(x)) == x` and the same for the others.

    A backslash before a letter stays: people write `C:\new` by hand.
    """
    return _ESCAPED.sub(lambda found: found[1] or html.unescape(found[0]), text)
