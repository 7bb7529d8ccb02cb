"""HTML of feeds -> plain paragraphs. Nothing of the markup survives, and entities are decoded once."""

import re
from html.parser import HTMLParser

from weeklyai import text

_BLOCKS = frozenset(
    "address article aside blockquote br center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main nav "
    "ol p pre section table tbody td tfoot th thead tr ul".split()
)
_SILENT = frozenset(
    "audio button canvas figcaption form head iframe math noscript object script select style svg template title video".split()
)
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# Paragraphs that publishing software adds to every item; they say nothing of the item, and a corpus learns them by heart.
_BOILERPLATE = re.compile(
    r"^(?:The post .{1,300} (?:appeared first on|first appeared on) .{1,200}|"
    r"(?:Continue reading|Read more|Read (?:the )?full (?:article|story|post)|Permalink|Share this|View Entire Post)\b.{0,80}|"
    r"Comments(?: \(\d+\))?:?|View full ?size|submitted by ?/?\S+(?: ?to ?/?\S+)?|"
    r"\[(?:…|\.\.\.)\]|(?:Article|Comments) URL: .{1,300}|Points: \d+|# Comments: \d+|\W+)$",
    re.IGNORECASE,
)
# What it adds to the last paragraph. An arrow or brackets must mark it, as "You can read more" may end a sentence.
_TAIL = re.compile(
    r" ?(?:\[(?:read more|continue reading)\]|"
    r"(?:read more|read (?:the )?full (?:article|story|post)|continue reading)(?: here)? ?(?:→|»|>>|…)|"
    r"\[(?:link|summary)\] ?\[(?:\d+ )?comments?\])$",
    re.IGNORECASE,
)
MAX_DEPTH = 400


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SILENT and len(self.silent) < MAX_DEPTH:
            self.silent.append(tag)
        if tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.silent:
            del self.silent[self.silent.index(tag) :]
        if tag in _BLOCKS and tag not in _VOID:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain(html: str) -> str:
    r"""Return the text of `html`: paragraphs parted by "\n\n", one line each, boilerplate lines dropped."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    cleaned = text.clean_paragraphs("".join(parser.parts))
    paragraphs = [_TAIL.sub("", part) for part in cleaned.split("\n\n")]
    return "\n\n".join(part for part in paragraphs if part and not _BOILERPLATE.match(part))


def line(html: str) -> str:
    """Return the text of `html` on one line, for titles."""
    return text.clean(plain(html)) if "<" in html or "&" in html else text.clean(html)
