"""Inline text: `records.Inline` to Markdown and back.

The records are flat, so nested styles from an editor's file are flattened: a link inside bold text stays a link, the
words around it stay bold. `normal` names the one form that every inline text has, and `parse(render(x)) == normal(x)`.
"""

import dataclasses
import re
from typing import Literal

from weeklyai.publish import escape
from weeklyai.publish.plain import tidy
from weeklyai.records import Inline, Span

# Inside backticks nothing can be escaped, so text that Liquid, kramdown or HTML would act on cannot stand there.
_CODE = re.compile(r"[^`{}|<>&$~^\[\]\\]*")
_TOKEN = re.compile(
    r"\\."
    r"|`(?P<code>[^`]+)`"
    r"|\[(?P<text>(?:\\.|[^\[\]\\])+)\]\((?P<url>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)"
    r"|<(?P<auto>https?://[^<>\s]+)>"
    r"|(?P<mark>\*{1,3})(?=[^\s*])(?P<starred>(?:\\.|(?!(?P=mark))[^\\])+?)(?<!\s)(?P=mark)"
    r"|(?<!\w)(?P<line>_{1,3})(?=[^\s_])(?P<lined>(?:\\.|(?!(?P=line))[^\\])+?)(?<!\s)(?P=line)(?!\w)"
)
_MARKS = {"emphasis": "*", "strong": "**", "code": "`"}


def plain(text: str) -> Inline:
    """Return `text` as inline text without any style."""
    return normal((Span(text),))


def text_of(inline: Inline) -> str:
    """Return the words of `inline`, its styles dropped."""
    return tidy("".join(span.text for span in inline))


def normal(inline: Inline) -> Inline:
    """Return `inline` in its one normal form.

    Texts are tidy, addresses percent-encoded, no span is empty, neighbours of one style are one span, white space stands
    in plain spans only and never at the ends, code that cannot be escaped is plain, and where bold and italic touch the
    later one is plain (no Markdown dialect agrees with another on `*a***b**`).

    Raises:
        ValueError: a link's address is refused by `escape.url`.
    """
    while (better := _stripped(_joined(_settled(inline)))) != inline:
        inline = better
    return inline


def _settled(inline: Inline) -> list[Span]:
    """Return the spans with their own text and address in order, white space moved out of styled ones."""
    spans: list[Span] = []
    for span in inline:
        style = span.style
        if style == "code" and not _CODE.fullmatch(span.text):
            style = "plain"
        # The bars keep white space at the ends from being stripped; no accent combines with a bar.
        text = tidy(f"|{span.text}|")[1:-1]
        if style == "plain":
            spans.append(Span(text))
            continue
        core = text.strip()
        spans.append(Span(text[: len(text) - len(text.lstrip())]))
        spans.append(Span(core, style, escape.url(span.url) if style == "link" else ""))
        spans.append(Span(text[len(text.rstrip()) :] if core else ""))
    return [span for span in spans if span.text]


def _joined(spans: list[Span]) -> list[Span]:
    """Return the spans with neighbours of one style joined, and no bold touching italic."""
    joined: list[Span] = []
    for span in spans:
        before = joined[-1].style if joined else None
        if {before, span.style} == {"emphasis", "strong"}:
            joined.append(Span(span.text))
        elif before == span.style != "link":
            joined[-1] = dataclasses.replace(joined[-1], text=joined[-1].text + span.text)
        else:
            joined.append(span)
    return joined


def _stripped(spans: list[Span]) -> Inline:
    """Return the spans without white space at either end (only plain spans can have it)."""
    if spans:
        spans[0] = dataclasses.replace(spans[0], text=spans[0].text.lstrip())
        spans[-1] = dataclasses.replace(spans[-1], text=spans[-1].text.rstrip())
    return tuple(span for span in spans if span.text)


def render(inline: Inline) -> str:
    """Return a normal `inline` as Markdown that may begin a line or a list item."""
    parts: list[str] = []
    for number, span in enumerate(inline):
        if span.style == "plain":
            part = escape.span(span.text) if number else escape.line_start(span.text)
            link_follows = number + 1 < len(inline) and inline[number + 1].style == "link"
            if link_follows and part.endswith("!") and part != "\\!":
                part = part[:-1] + "\\!"  # else it would turn the link into an image
        elif span.style == "link":
            part = f"[{escape.span(span.text)}]({escape.url(span.url)})"
        else:
            mark = _MARKS[span.style]
            part = mark + (span.text if span.style == "code" else escape.span(span.text)) + mark
        parts.append(part)
    return "".join(parts)


def parse(markdown: str) -> Inline:
    """Return one paragraph's Markdown as normal inline text.

    Raises:
        ValueError: a link's address is refused by `escape.url`.
    """
    return normal(tuple(_spans(markdown, "plain")))


def _spans(
    markdown: str, style: Literal["plain", "emphasis", "strong", "code", "link"]
) -> list[Span]:
    """Return the spans of `markdown`; what has no style of its own gets `style`."""
    spans: list[Span] = []
    end = 0
    for found in _TOKEN.finditer(markdown):
        if found.lastgroup is None:
            continue  # a backslash and its character: part of the text around it
        spans.append(Span(escape.unescape(markdown[end : found.start()]), style))
        end = found.end()
        if found["code"]:
            spans.append(Span(found["code"], "code"))
        elif found["text"]:
            words = "".join(span.text for span in _spans(found["text"], "plain"))
            spans.append(Span(words, "link", found["url"]))
        elif found["auto"]:
            spans.append(Span(found["auto"], "link", found["auto"]))
        else:
            mark = found["mark"] or found["line"]
            inner = found["starred"] or found["lined"]
            spans.extend(_spans(inner, "emphasis" if len(mark) == 1 else "strong"))
    spans.append(Span(escape.unescape(markdown[end:]), style))
    return spans
