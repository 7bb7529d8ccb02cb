"""The Jinja2 templates: a site's own first, then the packaged defaults.

In a wheel the defaults lie in `weeklyai/_templates`, in a checkout in `templates/` at the top level.
"""

import importlib.resources
import re
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

import jinja2

from weeklyai import files
from weeklyai.errors import UserError
from weeklyai.publish import escape, inline
from weeklyai.publish.frontmatter import quoted
from weeklyai.publish.normal import words_of_numbered, words_of_paragraph
from weeklyai.records import Bullets, NumberedItem, Numbers, Paragraph, Subheading
from weeklyai.text import shorten

FOLDER = "templates"
# What filling a template may raise because of the template: a wrong name, type or value, or one that includes itself.
_FAULTS = (
    jinja2.TemplateError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError
)  # fmt: skip


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
        UserError: the template is missing, has a syntax error, or uses a name or value wrongly; with template, line
            and expression.
    """
    try:
        return environment.get_template(name).render(**values)
    except jinja2.TemplateNotFound as error:
        raise UserError(f"template {error.name} is missing (looked for by {name})") from None
    except jinja2.TemplateSyntaxError as error:
        raise _syntax(error) from None
    except _FAULTS as error:
        # Jinja2 rewrites the traceback so that a template's lines stand in it under the template's own file name.
        frames = [
            f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(".j2")
        ]
        if frames:
            raise UserError(
                f"template {frames[-1].filename}, line {frames[-1].lineno}: {error}{_where(frames[-1].line)}"
            ) from None
        if isinstance(error, UnicodeDecodeError):
            raise UserError(f"template {name} is not UTF-8 text, nor is what it includes") from None
        raise


def _syntax(error: jinja2.TemplateSyntaxError) -> UserError:
    return UserError(
        f"template {error.filename or error.name}, line {error.lineno}: {error.message}"
    )


def _where(line: str | None) -> str:
    """Return the expression that failed, or the line where it holds several: a filter's error names no field."""
    found = re.findall(r"\{\{.*?\}\}|\{%.*?%\}", line or "")
    shown = found[0] if len(found) == 1 else (line or "").strip()
    return f", in {shorten(shown, 120)}" if shown else ""


# --- whose templates there are --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """A template that a site may have as its own.

    Attributes:
        name: of the file, from the templates folder.
        whose: "weeklyai" (the packaged one is used), "site" (the site's own takes its place) or "site only".
        purpose: what it is for: the first sentence of the comment at its head.
    """

    name: str
    whose: Literal["weeklyai", "site", "site only"]
    purpose: str


def listed(site_folder: Path) -> list[Listed]:
    """Return every template by name: the packaged ones, and a site's own besides."""
    ours, theirs = _files(packaged()), _files(site_folder / FOLDER)
    return [
        Listed(
            name,
            ("site" if name in theirs else "weeklyai") if name in ours else "site only",
            _purpose(ours.get(name) or theirs[name]),
        )
        for name in sorted(ours | theirs)
    ]


def copy(site_folder: Path, names: Sequence[str]) -> list[Path]:
    """Copy packaged templates into the site's templates folder and return the new paths.

    Raises:
        UserError: no such template, or the site has one of its own; then none is copied.
    """
    ours = _files(packaged())
    targets = {name: site_folder / FOLDER / name for name in names}
    for name, target in targets.items():
        if name not in ours:
            raise UserError(f"there is no template {name!r}; there are {', '.join(sorted(ours))}")
        if target.exists() or target.is_symlink():
            raise UserError(f"{target} exists already; nothing was copied")
    for name, target in targets.items():
        files.write_bytes(target, ours[name].read_bytes())
    return list(targets.values())


def _files(folder: Path) -> dict[str, Path]:
    """Return the templates in `folder` by name; those of new sites (site/) are filled once and not looked for again."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.j2")}
    return {name: path for name, path in found.items() if not name.startswith("site/")}


def _purpose(path: Path) -> str:
    found = re.match(r"\s*\{#-?\s*(.*?)\s*-?#\}", path.read_text("utf-8", "replace"), re.DOTALL)
    return " ".join(found[1].split()).partition(". ")[0].rstrip(".") if found else ""
