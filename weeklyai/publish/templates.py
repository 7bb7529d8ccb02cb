"""The Jinja2 templates: a site's own first, then the packaged defaults.

In a wheel the defaults lie in `weeklyai/_templates`, in a checkout in `templates/` at the top level.
"""

import importlib.resources
import traceback
from collections.abc import Callable
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import jinja2

from weeklyai.errors import UserError
from weeklyai.publish import escape, inline
from weeklyai.publish.frontmatter import quoted
from weeklyai.publish.normal import words_of_numbered, words_of_paragraph
from weeklyai.records import Bullets, NumberedItem, Numbers, Paragraph, Subheading

FOLDER = "templates"


def packaged() -> Path:
    """Return the folder of the default templates."""
    with importlib.resources.as_file(_packaged()) as folder:
        return folder.resolve()


def _packaged() -> Traversable:
    package = importlib.resources.files("weeklyai")
    installed = package / "_templates"
    return installed if installed.is_dir() else package / ".." / FOLDER


def environment(site_folder: Path) -> jinja2.Environment:
    """Return the environment that finds `site_folder`/templates before the defaults.

    Filters for Markdown: `span`, `line_start`, `heading`, `address`, `inline`, `paragraph`, `numbered`. For YAML and TOML:
    `quoted`. Tests: `paragraph`, `bullets`, `numbers`, `subheading`. Global: `site_folder`.
    """
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.FileSystemLoader(site_folder / FOLDER), jinja2.FileSystemLoader(packaged())]
        ),
        undefined=jinja2.StrictUndefined,
        # Markdown is escaped by its own filters; in HTML, Jinja2 escapes whatever is not marked safe.
        autoescape=jinja2.select_autoescape(("html", "html.j2"), default=False),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "span": escape.span,
        "line_start": escape.line_start,
        "heading": escape.heading,
        "address": escape.url,
        "inline": inline.render,
        "paragraph": _paragraph,
        "numbered": _numbered,
        "quoted": quoted,
    }
    for name, kind in {
        "paragraph": Paragraph,
        "bullets": Bullets,
        "numbers": Numbers,
        "subheading": Subheading,
    }.items():
        made.tests[name] = _test(kind)
    made.globals["site_folder"] = site_folder
    return made


def _test(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kind)


def _paragraph(block: Paragraph) -> str:
    return inline.render(inline.normal(words_of_paragraph(block)))


def _numbered(item: NumberedItem) -> str:
    return inline.render(inline.normal(words_of_numbered(item)))


def fill(environment: jinja2.Environment, name: str, **values: Any) -> str:
    """Return template `name` filled with `values`.

    Raises:
        UserError: the template is missing, has a syntax error, or uses a name or value wrongly; with template and line.
    """
    try:
        return environment.get_template(name).render(**values)
    except jinja2.TemplateNotFound as error:
        raise UserError(f"template {error.name} is missing (looked for by {name})") from None
    except jinja2.TemplateSyntaxError as error:
        raise UserError(
            f"template {error.filename or error.name}, line {error.lineno}: {error.message}"
        ) from None
    except (jinja2.TemplateError, TypeError, ValueError, AttributeError, LookupError) as error:
        # Jinja2 rewrites the traceback so that a template's lines stand in it under the template's own file name.
        frames = [
            f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(".j2")
        ]
        if not frames:
            raise
        raise UserError(
            f"template {frames[-1].filename}, line {frames[-1].lineno}: {error}"
        ) from None


def compile_all(site_folder: Path) -> None:
    """Read the post's and the preview's template without filling them.

    Raises:
        UserError: one has a syntax error; with template and line.
    """
    made = environment(site_folder)
    for name in ("post.md.j2", "preview.html.j2", "feeds.html.j2", "email.html.j2", "email.txt.j2"):
        try:
            made.get_template(name)
        except jinja2.TemplateSyntaxError as error:
            raise UserError(
                f"template {error.filename or error.name}, line {error.lineno}: {error.message}"
            ) from None
