"""A post -> one standalone HTML page to look at before it is published.

python-markdown has no safe mode, so its output is sanitised as well as its input escaped. It is not Jekyll: a preview
shows what the words look like, only a build with Jekyll proves that the post is whole.
"""

import base64
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import jinja2
import markdown
import nh3

from weeklyai.publish import frontmatter, post, templates
from weeklyai.records import Issue

TEMPLATE = "preview.html.j2"
ICON = "assets/images/memo16.png"
_TAGS = {"h2", "h3", "p", "strong", "em", "code", "a", "img", "ul", "ol", "li", "blockquote", "br"}
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}


def preview(given: Issue | str, environment: jinja2.Environment, site_title: str) -> str:
    """Return the page for an issue, or for a post's text as it stands in its file.

    Nothing outside the page is needed to show it (the icon is part of it) and no script is in it.

    Raises:
        UserError: the post has no front matter, or a template is broken.
    """
    text = given if isinstance(given, str) else post.render(given, environment)
    matter, body = frontmatter.load(text)
    return templates.fill(
        environment,
        TEMPLATE,
        site_title=site_title,
        title=matter.title,
        description=matter.description,
        date=_day(matter.date),
        moment=matter.date.isoformat(),
        body=_html(body, _icon(environment)),
    )


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
