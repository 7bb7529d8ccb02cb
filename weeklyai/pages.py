"""The pages that `weeklyai serve` shows: the site as Jekyll builds it, or plain previews of drafts and posts.

Both answer a path with a page and say, in one word that changes, whether a browser should load its page again.
"""

import hashlib
import html
import mimetypes
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from weeklyai import files
from weeklyai.config import Settings
from weeklyai.errors import WeeklyError
from weeklyai.publish import html as previews
from weeklyai.publish import templates

PAUSE = 0.5  # seconds between two looks at the site's files
BUILD_SECONDS = 300
# What a build of the site does not read, or writes itself.
_NOT_WATCHED = {".weeklyai", ".git", "_site", ".jekyll-cache", ".sass-cache", "evidence", "vendor", "node_modules"}  # fmt: skip
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>:root {{ color-scheme: light dark; }} body {{ margin: 2rem auto; max-width: 42rem; padding: 0 1.25rem; font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere; }}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer: HTTP status, media type and body; `location` where a browser should go instead."""

    status: int
    kind: str
    body: bytes
    location: str = ""


class Pages(Protocol):
    """What a server shows."""

    def get(self, segments: list[str]) -> Page:
        """Return the page at a path, given as its decoded parts; the last is "" for a folder."""

    def version(self) -> str:
        """Return a word that changes when pages do."""

    def close(self) -> None:
        """End what runs in the background."""


def plain_page(status: int, title: str, body: str) -> Page:
    """Return a page of ours; `body` is HTML."""
    text = _PAGE.format(title=html.escape(title), body=body)
    return Page(status, "text/html; charset=utf-8", text.encode())


def missing() -> Page:
    """Return the page for a path that leads nowhere."""
    return plain_page(404, "Nothing here", '<p><a href="/">To the beginning</a></p>')


def fingerprint(paths: Iterable[Path]) -> str:
    """Return a word for names, sizes and times of files, folders read to the bottom."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            try:
                about = file.stat()
            except OSError:  # gone between two looks, or a link to nowhere
                continue
            digest.update(f"{file}\0{about.st_mtime_ns}\0{about.st_size}\0".encode("utf-8", "replace"))  # fmt: skip
    return digest.hexdigest()[:16]


class Previews:
    """Drafts and posts through the built-in preview, each rendered when it is asked for."""

    FOLDERS = ("_drafts", "_posts")

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def get(self, segments: list[str]) -> Page:
        """Return the list at "/", a draft or post at "/_drafts/week-29-2024.html", the feeds' page at "/feeds.html"."""
        feeds = self.settings.folder / "preview" / "feeds.html"
        if segments == [""]:
            return self._index(feeds)
        if segments == ["feeds.html"] and feeds.is_file() and not feeds.is_symlink():
            return Page(200, "text/html; charset=utf-8", feeds.read_bytes())
        if len(segments) == 2 and segments[0] in self.FOLDERS:
            wanted = segments[1].removesuffix(".html")
            found = [path for path in self._texts(segments[0]) if path.stem == wanted]
            return self._preview(found[0]) if found else missing()
        return missing()

    def version(self) -> str:
        """Return the fingerprint of what previews are made from."""
        folder = self.settings.folder
        names = (*self.FOLDERS, templates.FOLDER, "preview")
        return fingerprint(folder / name for name in names)

    def close(self) -> None:
        """Nothing runs in the background."""

    def _texts(self, name: str) -> list[Path]:
        """Return the Markdown files in a folder of the site, newest name first; a link is not followed."""
        found = (self.settings.folder / name).glob("*.md")
        return sorted((p for p in found if p.is_file() and not p.is_symlink()), reverse=True)

    def _index(self, feeds: Path) -> Page:
        parts = []
        for name, title in zip(self.FOLDERS, ("Drafts", "Posts"), strict=True):
            rows = [
                f'<li><a href="/{name}/{quote(path.stem)}.html">{html.escape(path.stem)}</a></li>'
                for path in self._texts(name)
            ]
            listed = f"<ul>{''.join(rows)}</ul>" if rows else "<p>None yet.</p>"
            parts.append(f"<h2>{title}</h2>\n{listed}")
        if feeds.is_file():
            parts.append('<p><a href="/feeds.html">How the feeds fared</a></p>')
        return plain_page(200, self.settings.site.title, "\n".join(parts))

    def _preview(self, path: Path) -> Page:
        environment = templates.environment(self.settings.folder)
        try:
            text = path.read_text(encoding="utf-8")
            made = previews.preview(text, environment, self.settings.site.title, self._record(path))
        except (WeeklyError, UnicodeDecodeError) as error:
            return plain_page(500, path.name, f"<p>{html.escape(str(error))}</p>")
        return Page(200, "text/html; charset=utf-8", made.encode())

    def _record(self, path: Path) -> dict[str, Any]:
        """Return the evidence of a draft or post, empty where none can be read."""
        own = path.with_suffix(".json")
        published = self.settings.folder / "evidence" / own.name
        try:
            found = files.read_json(own if own.is_file() else published)
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


class JekyllSite:
    """The site as Jekyll builds it, drafts and posts of tomorrow included; built again whenever a source changes."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        """Build once, then watch.

        Raises:
            WeeklyError: the first build fails; the message is Jekyll's own.
        """
        self.folder, self.say = folder.resolve(), say
        self.workshop = tempfile.TemporaryDirectory(prefix="weeklyai-serve-")
        self.count, self.running = 0, threading.Event()
        self.process: subprocess.Popen[str] | None = None
        self.running.set()
        self.seen = self._fingerprint()
        try:
            self.root = self._build()
        except WeeklyError:
            self.workshop.cleanup()
            raise
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()

    def get(self, segments: list[str]) -> Page:
        """Return the file at a path, a folder's index.html, or the site's own 404.html."""
        root = self.root.resolve()
        path = root.joinpath(*segments).resolve()
        if not path.is_relative_to(root):  # through a link that a plugin made
            return missing()
        if path.is_dir():
            if segments[-1]:
                address = "/" + "/".join(quote(part) for part in segments) + "/"
                return Page(301, "text/plain; charset=utf-8", b"", address)
            path /= "index.html"
        if path.is_file() and path.resolve().is_relative_to(root):
            return Page(200, _kind(path), path.read_bytes())
        own = root / "404.html"
        if own.is_file() and not own.is_symlink():
            return Page(404, "text/html; charset=utf-8", own.read_bytes())
        return missing()

    def version(self) -> str:
        """Return the number of the build that is shown."""
        return str(self.count)

    def close(self) -> None:
        """End a running build and remove what was built."""
        self.running.clear()
        self._end_build()
        self.watcher.join(timeout=10)
        self.workshop.cleanup()

    def _end_build(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)  # Jekyll and whatever its plugins started

    def _watch(self) -> None:
        while self.running.is_set():
            now = self._fingerprint()
            if now == self.seen:
                threading.Event().wait(PAUSE)
                continue
            self.seen = now
            try:
                self.root = self._build()
            except WeeklyError as error:
                if self.running.is_set():
                    self.say(f"{error}; the pages before the change are still shown")

    def _fingerprint(self) -> str:
        return fingerprint(sorted(path for path in self.folder.iterdir() if path.name not in _NOT_WATCHED))  # fmt: skip

    def _build(self) -> Path:
        """Build into a new folder, so that no request ever meets half a site."""
        target = Path(self.workshop.name, str(self.count + 1))
        command = ["jekyll", "build", "--drafts", "--future", "--strict_front_matter", "--disable-disk-cache", "--baseurl", "",
                   "--source", str(self.folder), "--destination", str(target)]  # fmt: skip
        # In a session of its own: the Ctrl-C that ends the server must not print Jekyll's backtrace.
        self.process = subprocess.Popen(  # noqa: S603 -- an argument list of our own
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
            errors="replace", start_new_session=True,
        )  # fmt: skip
        try:
            said, _ = self.process.communicate(timeout=BUILD_SECONDS)
        except subprocess.TimeoutExpired:
            self._end_build()
            raise WeeklyError(f"Jekyll took more than {BUILD_SECONDS} seconds") from None
        except BaseException:
            self._end_build()
            raise
        if self.process.returncode:
            telling = [line.strip() for line in said.splitlines() if "rror" in line] or [
                said[-300:]
            ]
            raise WeeklyError(f"Jekyll cannot build the site: {' '.join(telling[:2])}")
        self.count += 1
        # A request may still be reading the build before this one.
        shutil.rmtree(Path(self.workshop.name, str(self.count - 2)), ignore_errors=True)
        return target


def _kind(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    texts = ("application/json", "application/xml", "application/javascript")
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind in texts else kind
