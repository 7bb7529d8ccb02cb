"""HTML of feeds -> plain paragraphs. Nothing of the markup survives, and entities are decoded once.

One regular expression finds all markup, roughly as browsers do (HTML standard, section 13.2.5). It takes time linear in
the text, whatever a feed makes up: its repetitions are possessive, and what is left open matches to the text's end.
"""

import re
from collections.abc import Iterator
from html import unescape
from itertools import chain

from weeklyai import text

_BLOCKS = frozenset(
    "address article aside blockquote br center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main nav "
    "ol p pre section table tbody td tfoot th thead tr ul".split()
)
_BREAKS = _BLOCKS | {f"/{name}" for name in _BLOCKS - {"br", "hr"}}
_SILENT = frozenset(
    "audio button canvas figcaption form head iframe math noscript object script select style svg template title video".split()
)
# A comment; a declaration or the like; a script or style sheet with all it holds; a tag. Groups: "script" or "style"; a
# tag's name with its slash in front; its attributes; its end, which is "" where the text ends first.
_MARKUP = re.compile(
    r"""<(?:
        !--(?:-?>|[^-]*+(?:-(?!->)[^-]*+)*+(?:-->|\Z))
      | (?:[!?]|/(?![a-zA-Z]))[^>]*+(?:>|\Z)
      | (?i:(script|style)(?=[\s/>])(?![^>]*+(?<=/)>)[^<]*+(?:<(?!/\1[\s/>])[^<]*+)*+(?:</\1[^>]*+>|\Z))
      | (/?[a-zA-Z][^\s/>]*+)((?:[^>=/]++|/(?!>)|=\s*+(?:"[^"]*+"|'[^']*+')|=)*+)(/?>|\Z)
    )""",
    re.VERBOSE,
)
_ENDLESS = re.compile(
    "&#[0-9]{100,}"
)  # no character, and more digits than Python turns into a number
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
_TAIL_LENGTH = 60  # characters, at most: with a number of comments of up to 30 digits


def plain(html: str) -> str:
    r"""Return the text of `html`: paragraphs parted by "\n\n", one line each, boilerplate lines dropped."""
    paragraphs = (_without_tail(part) for part in _paragraphs(html))
    return "\n\n".join(part for part in paragraphs if part and not _BOILERPLATE.match(part))


def line(html: str) -> str:
    """Return the text of `html` on one line, for titles."""
    return " ".join(_paragraphs(html)) if "<" in html or "&" in html else text.clean(html)


def _paragraphs(html: str) -> Iterator[str]:
    """Yield the paragraphs of `html`, cleaned; none is empty."""
    if "<![CDATA[" in html:  # markup that was wrapped twice is still meant to be read
        html = html.replace("<![CDATA[", "").replace("]]>", "")
    html = _ENDLESS.sub("", html.replace("\0", ""))  # NUL will mark the breaks
    parts = _MARKUP.split(html)
    texts, names = parts[::5], [(name or "").lower() for name in parts[2::5]]
    if names and parts[-2] == "" and "=" not in parts[-3]:
        texts[-1] = f"<{parts[-4]}{parts[-3]}"  # no ">" and no attribute: "a <b" is no tag
    if not _SILENT.isdisjoint(names):
        _silence(texts, names, parts[4::5])
    marks = ["", *("\0" if name in _BREAKS else "" for name in names)]
    whole = "".join(chain.from_iterable(zip(marks, map(unescape, texts), strict=True)))
    return filter(None, map(text.clean, filter(str.strip, whole.split("\0"))))


def _silence(texts: list[str], names: list[str], ends: list[str | None]) -> None:
    """Empty the `texts` inside of elements that hold nothing to read. Text i + 1 follows tag i."""
    closed = {name[1:]: place for place, name in enumerate(names) if name.startswith("/")}
    inside = ""
    for place, name in enumerate(names):
        if inside:
            inside = "" if name == f"/{inside}" else inside
        elif name in _SILENT and ends[place] != "/>" and closed.get(name, 0) > place:
            inside = name
        if inside:
            texts[place + 1] = ""


def _without_tail(paragraph: str) -> str:
    """Return `paragraph` without what publishing software adds to the last one."""
    if not paragraph.endswith(("]", "→", "»", ">>", "…")):
        return paragraph
    rest, end = paragraph[:-_TAIL_LENGTH], paragraph[-_TAIL_LENGTH:]
    return rest + _TAIL.sub("", end)
