"""Who may ask, and what a browser may do with our answers.

Listening on the loopback address keeps other machines out, not other pages in the same browser. So the Host header must be
ours (a rebound name is not), the address must begin with a token that nobody can guess, and what changes something must say
that it comes from our own page (Origin, Fetch Metadata) in a form that no plain HTML form can send (JSON).
"""

import secrets
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 1 << 20  # of a request's body
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types review"
)
# The e-mail brings its own style and nothing that runs; `sandbox` takes even its origin away.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """Refuses what is not ours before the application sees it, and puts the headers on every answer.

    Args:
        app: the application, which gets its paths without the token.
        port: that we listen on.
        token: the first part of every path.
    """

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self.app, self.token = app, token
        self.hosts = (f"127.0.0.1:{port}", f"localhost:{port}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        status = self._refusal(scope, headers)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    own.setdefault(name, value)
            await send(message)

        if status:
            await PlainTextResponse(f"Refused ({status}).\n", status)(scope, receive, send_guarded)
            return
        scope = {**scope, "path": scope["path"].removeprefix(f"/{self.token}") or "/"}
        await self.app(scope, _limited(receive), send_guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> int:
        """Return the status to refuse a request with, or 0."""
        host = headers.getlist("host")
        if len(host) != 1 or host[0] not in self.hosts:
            return 421
        first = scope["path"].split("/")[1]
        known = secrets.compare_digest(first.encode(), self.token.encode())
        if not known or not scope["path"].startswith(f"/{first}/"):
            return 404
        if scope["method"] in ("GET", "HEAD"):
            return 0 if _from_us_or_nobody(headers) else 403
        return _refused_post(headers, host[0]) if scope["method"] == "POST" else 405


def _refused_post(headers: Headers, host: str) -> int:
    """Return the status to refuse a POST with, or 0: it must come from our own page, in a form that only scripts send."""
    if headers.getlist("origin") != [f"http://{host}"]:
        return 403
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return 403
    if headers.get("content-type") != "application/json":
        return 415
    length = headers.get("content-length", "")
    return 0 if length.isdecimal() and int(length) <= MOST_BYTES else 413


def _from_us_or_nobody(headers: Mapping[str, str]) -> bool:
    """Say whether a page of ours asks, or a person who typed the address: no other page may even load us as an image."""
    return headers.get("sec-fetch-site", "none") in ("none", "same-origin")


def _limited(receive: Receive) -> Receive:
    """Return `receive`, ended where more comes than a body may hold, whatever its length said."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > MOST_BYTES else message

    return limited
