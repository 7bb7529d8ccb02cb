"""A post's front matter: YAML that is written and read without a YAML library.

One key a line, texts as JSON strings (YAML is a superset of JSON) with non-ASCII kept: an escaped emoji would be a
surrogate pair, which kills the Jekyll build.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from weeklyai.errors import UserError
from weeklyai.publish.plain import tidy

_KEY = re.compile(r"([A-Za-z_][\w-]*):(?:[ \t]+(.*))?$")
_DATES = ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M %z")
_ANGLES = {ord("<"): "\u2039", ord(">"): "\u203a"}  # single angle quotation marks


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The keys that an issue has; empty texts stand for keys that are left out."""

    title: str
    date: datetime
    description: str = ""
    drafted_by: str = ""
    tags: tuple[str, ...] = ()
    image: str = ""


def safe(text: str) -> str:
    """Return `text` tidy and with angle quotation marks for `<` and `>`.

    Themes print titles and descriptions as HTML: some run it, some drop it. No theme harms the typographic pair.
    """
    # Tidied last: the new pair may complete what looks like mojibake, and the parser will tidy what it reads.
    return tidy(text.translate(_ANGLES))


def dump(matter: FrontMatter) -> str:
    """Return the front matter with both its `---` lines, no line end after the last.

    Raises:
        ValueError: the date is naive or finer than a second, or its offset finer than a minute.
    """
    offset = matter.date.utcoffset()
    if offset is None or matter.date.microsecond or offset % timedelta(minutes=1):
        raise ValueError(
            f"{matter.date!r} is not a date in whole seconds with an offset in minutes"
        )
    moment = matter.date.replace(tzinfo=None).isoformat(sep=" ")
    lines = [
        "---",
        "layout: post",
        f"title:  {quoted(safe(matter.title))}",  # two and three spaces: as the publication writes them
        f"date:   {moment} {matter.date:%z}",
    ]
    if matter.description:
        lines.append(f"description: {quoted(safe(matter.description))}")
    if matter.drafted_by:
        lines.append(f"drafted_by: {quoted(tidy(matter.drafted_by))}")
    if matter.tags:
        lines.append(f"tags: {quoted([safe(tag) for tag in matter.tags])}")
    if matter.image:
        lines.append(f"image: {matter.image}")
    return "\n".join([*lines, "---"])


def quoted(text: str | list[str]) -> str:
    """Return `text` as JSON with non-ASCII kept; JSON, YAML and TOML read it alike."""
    return json.dumps(text, ensure_ascii=False)


def load(text: str, where: str = "the post") -> tuple[FrontMatter, str]:
    """Split a post into its front matter and its body.

    The body keeps its line numbers: blank lines stand where the front matter was. Keys we do not know are passed over.

    Raises:
        UserError: there is no front matter, a line is no `key: value`, or title or date are missing or wrong.
    """
    lines = [line.rstrip() for line in text.removeprefix("\ufeff").split("\n")]
    if lines[0] != "---" or "---" not in lines[1:]:
        raise UserError(f"{where}: must begin with front matter between two lines '---'")
    end = lines.index("---", 1)
    values, tags = _values(lines[1:end], where)
    for key in ("title", "date"):
        if not values.get(key):
            raise UserError(f"{where}: the front matter has no {key}")
    matter = FrontMatter(
        values["title"],
        _date(values["date"], where),
        values.get("description", ""),
        values.get("drafted_by", ""),
        tuple(tags),
        values.get("image", ""),
    )
    return matter, "\n" * (end + 1) + "\n".join(lines[end + 1 :])


def _values(lines: list[str], where: str) -> tuple[dict[str, str], list[str]]:
    """Return the text of each key of the front matter, and the tags."""
    values: dict[str, str] = {}
    tags: list[str] = []
    key = ""
    for number, line in enumerate(lines, 2):
        found = _KEY.match(line)
        at = f"{where}, line {number}"
        if found:
            key, raw = found[1], found[2] or ""
            if key == "tags":
                tags = _list(raw, at)
            else:
                values[key] = _value(raw, at)
        elif key == "tags" and line.lstrip().startswith("- "):
            tags.append(_value(line.lstrip()[2:].strip(), at))
        elif line.strip() and not line.startswith(
            (" ", "#", "- ")
        ):  # those may belong to a key we do not know
            raise UserError(f"{at}: {line!r} is not of the form 'key: value'")
    return values, tags


def _value(raw: str, where: str) -> str:
    """Return the text of a double-quoted, single-quoted or plain YAML value of one line."""
    if raw.startswith('"'):
        try:
            return str(json.loads(raw))
        except ValueError:
            raise UserError(f"{where}: {raw} is not a closed double-quoted text") from None
    if raw.startswith("'") and raw.endswith("'") and len(raw) > 1:
        return raw[1:-1].replace("''", "'")
    return re.split(r"(?:^|\s)#", raw, maxsplit=1)[0].strip()  # YAML's comment


def _list(raw: str, where: str) -> list[str]:
    """Return the texts of a list of one line: JSON as we write it, `[plain, texts]`, or words as Jekyll parts them."""
    if not raw.startswith("["):
        return _value(raw, where).split()
    try:
        return [str(text) for text in json.loads(raw)]
    except ValueError:
        inside = _value(raw, where).removeprefix("[").removesuffix("]")
        return [_value(part.strip(), where) for part in inside.split(",") if part.strip()]


def _date(text: str, where: str) -> datetime:
    for form in _DATES:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 -- every form holds %z
        except ValueError:
            continue
    raise UserError(f"{where}: date {text!r} is not of the form 2024-07-19 20:00:00 +0700")
