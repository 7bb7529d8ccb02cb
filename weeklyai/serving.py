"""`weeklyai serve`: drafts in the browser of this machine, loaded again when they change.

Listens on 127.0.0.1 alone. A page of another site could still have a browser ask us under its own name (DNS rebinding),
so the Host header must be ours; and what we send may not be framed, sniffed or cached.
"""

import base64
import hashlib
import html
import re
import shutil
import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from weeklyai.config import Settings
from weeklyai.errors import UserError, WeeklyError
from weeklyai.pages import JekyllSite, Page, Pages, Previews, missing

VERSION_PATH = "/.weeklyai/version"  # Jekyll writes no name that begins with a dot
SCRIPT = (
    "(() => { let seen; setInterval(async () => { if (document.hidden) return; try { "
    f'const now = await (await fetch("{VERSION_PATH}")).text(); '
    "if (seen !== undefined && now !== seen) location.reload(); seen = now; } catch {} }, 700); })();"
)
SCRIPT_HASH = f"'sha256-{base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()}'"
_POLICY = re.compile(
    r'<meta\s+http-equiv="Content-Security-Policy"\s+content="([^"]*)"\s*/?>', re.IGNORECASE
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def choose(settings: Settings, say: Callable[[str], None], *, plain: bool = False) -> Pages:
    """Return Jekyll's pages where Jekyll is installed and can build the site, else the built-in previews; say which.

    Args:
        settings: the site.
        say: told which of the two, and later of builds that fail.
        plain: the built-in previews in any case.
    """
    if plain:
        say("shown by the built-in preview: words and links, not the site's theme")
        return Previews(settings)
    if not shutil.which("jekyll"):
        say("Jekyll is not installed, so this is the built-in preview: words and links, not the site's theme")  # fmt: skip
        return Previews(settings)
    try:
        pages = JekyllSite(settings.folder, say)
    except WeeklyError as error:
        say(f"{error}; so this is the built-in preview")
        return Previews(settings)
    say("built by Jekyll, drafts included, and built again at each change")
    return pages


class Server(ThreadingHTTPServer):
    """Serves pages on 127.0.0.1.

    Raises:
        UserError: the port is taken or not allowed.
    """

    daemon_threads = True

    def __init__(self, pages: Pages, port: int) -> None:
        self.pages = pages
        try:
            super().__init__(("127.0.0.1", port), Handler)
        except (OSError, OverflowError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise UserError(f"port {port} cannot be had ({why}): name another one with --port, or 0 for any") from None  # fmt: skip

    def server_bind(self) -> None:
        """Bind without asking DNS for our own name, as http.server would."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD."""

    server: Server
    timeout = 20  # seconds a client may dawdle
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "weeklyai", ""

    def do_GET(self) -> None:
        """Answer with a page."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Answer with a page's headers."""
        self._answer(body=False)

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def _answer(self, *, body: bool) -> None:
        page = self._page()
        text, policy = page.body, ""
        if page.kind.startswith("text/html"):
            text, policy = with_reload(page.body)
        self.send_response(page.status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        if policy:
            self.send_header("Content-Security-Policy", policy)
        if page.location:
            self.send_header("Location", page.location)
        self.send_header("Content-Type", page.kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if body:
            self.wfile.write(text)

    def _page(self) -> Page:
        port = self.server.server_port
        if self.headers.get_all("Host", []) not in ([f"127.0.0.1:{port}"], [f"localhost:{port}"]):
            return Page(421, "text/plain; charset=utf-8", b"This server answers to 127.0.0.1 only.\n")  # fmt: skip
        if self.path == VERSION_PATH:
            return Page(200, "text/plain; charset=utf-8", self.server.pages.version().encode())
        segments = segments_of(self.path)
        return missing() if segments is None else self.server.pages.get(segments)


def segments_of(target: str) -> list[str] | None:
    """Return the decoded parts of a request's path, or None where one is no plain name.

    >>> segments_of("/2024/07/?x=1")
    ['2024', '07', '']
    """
    try:
        path = urlsplit(target).path
        parts = [unquote(part, errors="strict") for part in path.split("/")]
    except ValueError:
        return None
    if len(parts) < 2 or parts[0]:
        return None
    bad = re.compile(r"[/\\\x00-\x1f\x7f]")
    if any(part.startswith(".") or bad.search(part) for part in parts) or "" in parts[1:-1]:
        return None
    return parts[1:]


def with_reload(page: bytes) -> tuple[bytes, str]:
    """Return a page with the script that loads it again, and the policy to send with it, or "".

    A page's own policy moves from its text into the header, widened by the one script and the one address it asks.
    """
    text = page.decode("utf-8", "replace")
    found = _POLICY.search(text)
    policy = _widened(html.unescape(found[1])) if found else ""
    text = _POLICY.sub("", text)
    head, mark, rest = text.rpartition("</body>")
    script = f"<script>{SCRIPT}</script>"
    made = f"{head}{script}{mark}{rest}" if mark else text + script
    return made.encode(), policy


def _widened(policy: str) -> str:
    """Return a Content-Security-Policy that also lets our script run and ask for the version."""
    rules = {words[0].lower(): words[1:] for part in policy.split(";") if (words := part.split())}
    for name, source in (("script-src", SCRIPT_HASH), ("connect-src", "'self'")):
        before = [word for word in rules.get(name, rules.get("default-src", ["*"])) if word != "'none'"]  # fmt: skip
        rules[name] = [*before, source]
    for name in ("base-uri", "form-action", "frame-ancestors"):
        rules.setdefault(name, ["'none'"])
    return "; ".join(" ".join([name, *words]) for name, words in rules.items())


def serve(settings: Settings, port: int, say: Callable[[str], None], *, plain: bool = False) -> None:  # fmt: skip
    """Serve until Ctrl-C.

    Raises:
        UserError: the port is taken or not allowed.
    """
    # The port first: a wrong one should not cost a build of the site.
    server = Server(Previews(settings), port)
    try:
        server.pages = choose(settings, say, plain=plain)
        say(f"{server.address} (Ctrl-C ends it)")
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        say("ended")
    finally:
        server.pages.close()
        server.server_close()
