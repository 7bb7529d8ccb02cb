"""A post -> one standalone HTML page to look at before it is published.

python-markdown has no safe mode, so its output is sanitised as well as its input escaped. It is not Jekyll: a preview
shows what the words look like, only a build with Jekyll proves that the post is whole.
"""

import base64
import html
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
import markdown
import nh3

from weeklyai.publish import escape, frontmatter, post, templates
from weeklyai.records import Issue

TEMPLATE = "preview.html.j2"
ICON = "assets/images/memo16.png"
_TAGS = {"h2", "h3", "p", "strong", "em", "code", "a", "img", "ul", "ol", "li", "blockquote", "br"}
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
# Headline and take of a news item; no other image than the icon comes with its address through the filter.
_ITEM = re.compile(r'(<p><img [^>]*src="data:[^>]*>.*?</p>\s*<p>.*?</p>)', re.DOTALL)
_HREF = re.compile(r'href="([^"]*)"')


def preview(
    given: Issue | str,
    environment: jinja2.Environment,
    site_title: str,
    record: Mapping[str, Any] | None = None,
) -> str:
    """Return the page for an issue, or for a post's text as it stands in its file.

    Nothing outside the page is needed to show it (the icon is part of it) and no script is in it. With the evidence
    record of `docs/evidence.md`, each take has its sentences' sources below it, to be opened by a tap.

    Raises:
        UserError: the post has no front matter, or a template is broken.
    """
    text = given if isinstance(given, str) else post.render(given, environment)
    matter, markdown_body = frontmatter.load(text)
    body = _html(markdown_body, _icon(environment))
    return templates.fill(
        environment,
        TEMPLATE,
        site_title=site_title,
        title=matter.title,
        description=matter.description,
        date=_day(matter.date),
        moment=matter.date.isoformat(),
        body=body,
        parts=_parts(body, record or {}),
    )


def _parts(body: str, record: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any] | None]]:
    """Return the page's body in pieces, each with the record's entry for the take that it ends with, or None."""
    entries = {
        escape.url(one["url"]): one for one in record.get("items", ()) if one.get("sentences")
    }
    parts = []
    for piece in filter(None, _ITEM.split(body)):
        link = _HREF.search(piece) if _ITEM.fullmatch(piece) else None
        parts.append((piece, entries.get(html.unescape(link[1])) if link else None))
    return parts


def _html(body: str, icon: str) -> str:
    """Return sanitised HTML, the site's icon in place of its root-relative address."""
    # Three spaces nest a list in kramdown; python-markdown must be told, and then reads four as well.
    raw = markdown.markdown(body, extensions=["smarty", "sane_lists"], tab_length=3)
    clean = nh3.clean(
        raw,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_image_filter(icon),
        url_schemes={"http", "https", "data"},
        link_rel="noopener noreferrer",
    )
    # Section headings are bold paragraphs to Markdown; the style sheet wants to know them.
    return re.sub("<p>(?=<strong>[^<]*</strong></p>)", '<p class="part">', clean.strip())


def _image_filter(icon: str) -> Callable[[str, str, str], str | None]:
    """Return a filter that lets through our own icon only: a preview fetches nothing, whatever a post holds."""

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if (tag, attribute) == ("img", "src"):
            return icon if value == f"/{ICON}" else None
        if attribute == "href" and value.startswith("data:"):
            return None
        return value

    return keep


def _icon(environment: jinja2.Environment) -> str:
    """Return the site's memo icon, or the default one, as a data: address."""
    own = Path(str(environment.globals["site_folder"])) / ICON
    data = (own if own.is_file() else templates.packaged() / "site" / ICON).read_bytes()
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")


def _day(date: datetime) -> str:
    """Return "19 July 2024", in English on every machine."""
    months = "January February March April May June July August September October November December"
    return f"{date.day} {months.split()[date.month - 1]} {date.year}"
