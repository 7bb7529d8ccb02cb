"""A new site from templates/site.

There, a name's `dot-` stands for a leading dot (so that a template's .gitignore is no .gitignore of ours) and files that
end in `.j2` are filled in and lose that ending; all others are copied byte for byte.
"""

import importlib.metadata
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from weeklyai import __version__, config, files
from weeklyai.dates import PublishTime
from weeklyai.errors import UserError
from weeklyai.publish import escape, templates
from weeklyai.publish.frontmatter import safe

SOURCE = "site"
_HOST = re.compile(r"https?://[^/?#]+")
_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
WORKFLOW = f"{SOURCE}/dot-github/workflows/weekly.yml.j2"
LATE = timedelta(minutes=23)  # GitHub drops runs at full hours, when everybody asks for one


def init(
    folder: Path, *, title: str, url: str, timezone: str = "UTC", feeds: bool = True
) -> list[Path]:
    """Make a new site in `folder` and return the paths written, sorted.

    Args:
        folder: made when missing; other files in it are left alone.
        title: the newsletter's name.
        url: where the site will be served; a path after the host becomes Jekyll's `baseurl`.
        timezone: an IANA name; the posts' offset and Jekyll's own zone come from it.
        feeds: whether the feed list holds the recommended feeds or none.

    Raises:
        UserError: a value is wrong, or a file exists already; then nothing is written.
    """
    host, baseurl = _address(url)
    zone = _zone(timezone)
    site = config.Site(title=title, url=url, timezone=zone, desk_url=url)
    values: dict[str, Any] = {
        "title": safe(title),
        "url": host + baseurl,
        "host": host,
        "baseurl": baseurl,
        "timezone": zone,
        "feeds": feeds,
        "version": __version__,
        "requirements": _requirements(),
        **clock_values(site.publish_time),
    }
    if not values["title"]:
        raise UserError("the site's title is empty: name one with --title")
    made = {folder / name: data for name, data in _filled(folder, values).items()}
    for path in made:
        if path.exists() or path.is_symlink():
            raise UserError(
                f"{path} exists already; nothing was written. Choose a new folder for the site"
            )
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file, not a folder; nothing was written")
    for path, data in made.items():
        files.write_bytes(path, data)
    return sorted(made)


def _filled(folder: Path, values: dict[str, Any]) -> dict[str, bytes]:
    """Return the contents of every file of the new site, by its path in it."""
    environment = templates.environment(folder)
    root = templates.packaged() / SOURCE
    made: dict[str, bytes] = {}
    for source in sorted(path for path in root.rglob("*") if path.is_file()):
        name = source.relative_to(root).as_posix()
        if source.suffix == ".j2":
            data = templates.fill(environment, f"{SOURCE}/{name}", **values).encode("utf-8")
        else:
            data = source.read_bytes()
        made[_target(name)] = data
    return made


def clock_values(publish: PublishTime) -> dict[str, Any]:
    """Return what the workflow wants to know: `crons`, its lines in UTC for the moment of publication.

    A zone with summer time gives two lines, an hour apart; whichever comes early finds nothing due, whichever comes late
    finds the issue proposed.
    """
    year = datetime.now(UTC).year
    moments = {datetime(year, month, 15, publish.hour, publish.minute, tzinfo=publish.zone) for month in (1, 7)}  # fmt: skip
    lines = []
    for moment in sorted(moments):
        day = moment + timedelta(days=publish.weekday - moment.isoweekday())
        late = day.astimezone(UTC) + LATE
        late += timedelta(minutes=7 if late.minute == 0 else 0)
        lines.append(f"{late.minute} {late.hour} * * {late.isoweekday() % 7}")
    return {"crons": list(dict.fromkeys(lines))}


def _requirements() -> list[str]:
    """Return weeklyai's own requirements, each held at the version that is installed here."""
    try:
        asked = importlib.metadata.requires("weeklyai") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    found = {}
    for line in asked:
        name = re.match(r"[A-Za-z0-9._-]+", line)
        if name and "extra ==" not in line:
            # "2.11.0+cpu" names one build; the workflow chooses its own.
            found[name[0]] = importlib.metadata.version(name[0]).partition("+")[0]
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def _target(name: str) -> str:
    """Return where a source of templates/site goes: "_posts/dot-gitkeep" becomes "_posts/.gitkeep"."""
    parts = [
        "." + part.removeprefix("dot-") if part.startswith("dot-") else part
        for part in name.removesuffix(".j2").split("/")
    ]
    return "/".join(parts)


def _address(url: str) -> tuple[str, str]:
    """Return the address in two parts: "https://user.github.io", and "/letter" or ""."""
    try:
        address = escape.url(url.rstrip("/"))
    except ValueError as error:
        raise UserError(f"--url: {error}") from None
    path = urlsplit(address).path
    host = address.removesuffix(path)
    if not _HOST.fullmatch(host) or not _PATH.fullmatch(path):
        raise UserError(
            f"--url {url!r}: must be a host, or a host and a plain path such as https://user.github.io/letter"
        )
    return host, path


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):  # unknown; with a path in it; a folder
        raise UserError(
            f"--timezone {name!r}: no such zone; write for example Asia/Bangkok"
        ) from None
