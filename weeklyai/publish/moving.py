"""Posts of a newsletter that existed before -> the normal form, so that it can move in.

The parser reads much that we never write; what it would silently take for plain text (HTML, footnotes, Liquid and the
like) is looked for here first. Italics and bold type inside a headline or a take are dropped, as the format has none there.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from weeklyai import files
from weeklyai.errors import UserError
from weeklyai.publish import frontmatter, parse, post

# What kramdown or Liquid would act on and the format has no place for.
_FOREIGN = (
    (re.compile(r"<(?!https?://)[A-Za-z/!?][^<>]*>|<!--.*"), "HTML"),
    (re.compile(r"\{[{%].{0,20}"), "a Liquid tag"),
    (re.compile(r"\{:.{0,20}"), "a kramdown attribute list"),
    (re.compile(r"\[\^.{0,20}"), "a footnote"),
    (re.compile(r"\]\[.{0,20}"), "a link by reference"),
    (re.compile(r"\]\((?:[^()\s]|\([^()\s]*\))*\s+[\"'(].{0,20}"), "a link with a title"),
    (re.compile(r"(?<=\S)\s*!\[.{0,20}"), "an image inside a text"),
    (re.compile(r"~~\S.{0,20}"), "struck-out text"),
    (re.compile(r"\$\$.{0,20}"), "a formula"),
)
_HIDDEN = re.compile(r"\\.|`[^`]*`")  # escaped, or code: text to everybody
_KEY = re.compile(r"^([A-Za-z_][\w-]*):", re.MULTILINE)
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # a terminal would act on them


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one file.

    Attributes:
        source: the file as it was named.
        target: its post in _posts/, or None when it could not be read.
        diff: what changes, as a unified diff; "" when nothing does or the file could not be read.
        notes: what a person should know.
        faults: why it could not be moved; empty when it was.
    """

    source: Path
    target: Path | None = None
    diff: str = ""
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def move(
    sources: Sequence[Path],
    folder: Path,
    environment: jinja2.Environment,
    *,
    dry_run: bool = False,
) -> Iterator[Moved]:
    """Write each of `sources` in the normal form to `folder`/_posts; nothing is overwritten, the sources stay.

    Args:
        sources: posts in Markdown with front matter.
        folder: the site.
        environment: from `templates.environment`.
        dry_run: write nothing.

    Yields:
        What became of each file, in order.
    """
    taken: dict[str, Path] = {}  # the posts of this very run, which a dry run does not write
    for source in sources:
        try:
            before = _read(source)
            after, target = _normal(before, source, environment)
        except UserError as error:
            yield Moved(source, faults=tuple(str(error).split("\n")))
            continue
        slug = target[11:]
        posts = folder / "_posts"
        there = taken.get(slug) or next(iter(sorted(posts.glob(f"*-{slug}"))), None)
        path = posts / target
        if there == path and there.exists() and there.read_text(encoding="utf-8") == after:
            yield Moved(source, path, notes=("is there already, in this very form",))
        elif there:
            fault = f"{source}: its week stands in {there} already, which is not overwritten"
            yield Moved(source, faults=(fault,))
        else:
            taken[slug] = path
            if not dry_run:
                files.write_text(path, after)
            yield Moved(source, path, _diff(before, after, source, path), _notes(before, after))


def _read(source: Path) -> str:
    r"""Return the text of `source`, its line ends "\n".

    Raises:
        UserError: there is no such file, or it is not UTF-8.
    """
    try:
        return re.sub(r"\r\n?", "\n", source.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise UserError(
            f"{source}, line {line}: byte 0x{byte:02x} is not UTF-8; save the file as UTF-8 first"
        ) from None
    except OSError as error:
        raise UserError(f"{source}: {error.strerror}") from None


def _normal(before: str, source: Path, environment: jinja2.Environment) -> tuple[str, str]:
    """Return the post in its normal form and the name of its file.

    Raises:
        UserError: it holds what the format has no place for; a line of the message for each fault, with file and line.
    """
    _, body = frontmatter.load(before, str(source))
    faults = list(_foreign(body, source))
    try:
        issue = parse.parse(before, str(source))
        after = post.render(issue, environment)
    except UserError as error:
        said = str(error)
        faults.append(said if said.startswith(str(source)) else f"{source}: {said}")
    if faults:
        raise UserError("\n".join(faults))
    if parse.parse(after) != issue:
        raise UserError(
            f"{source}: this site's templates/{post.TEMPLATE} leaves out a part of it; compare it with the default"
        )
    return after, post.file_name(issue)


def _foreign(body: str, source: Path) -> Iterator[str]:
    """Yield a line for each thing in `body` that would become plain text."""
    for number, raw in enumerate(body.split("\n"), 1):
        line = _HIDDEN.sub("x", raw)
        for form, what in _FOREIGN:
            if found := form.search(line):
                yield (
                    f"{source}, line {number}: {found[0].strip()!r} is {what}, which a post cannot hold; "
                    "write it in words, or put a backslash before it if it is text"
                )


def _notes(before: str, after: str) -> tuple[str, ...]:
    """Return what the front matter loses."""
    lost = [key for key in _keys(before) if key not in _keys(after)]
    return (f"not kept from the front matter: {', '.join(lost)}",) if lost else ()


def _keys(text: str) -> list[str]:
    return _KEY.findall(text.split("\n---", 1)[0])


def _diff(before: str, after: str, source: Path, target: Path) -> str:
    """Return the unified diff from one to the other."""
    lines = difflib.unified_diff(
        before.split("\n"), after.split("\n"), str(source), str(target), lineterm=""
    )
    return _UNSEEN.sub("\ufffd", "\n".join(lines))
