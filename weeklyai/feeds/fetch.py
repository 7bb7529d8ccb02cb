"""The only network code: bytes of feeds and pages, within limits that no server can stretch.

One deadline covers a whole feed, redirects and retry included, because per-read timeouts never stop a slow drip. The
body is counted as it comes off the wire and again as it is inflated. A name is resolved once, its addresses are checked,
and the checked address is the one dialled, on every hop (so a name that answers differently the second time gains
nothing). No connection serves two requests: the pool tells connections apart by address, and two hosts behind one
address would share a connection whose certificate was checked for the first of them only.
"""

import asyncio
import base64
import random
import time
import zlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import httpx

from weeklyai import __version__, config
from weeklyai.feeds.addresses import host_of, is_public, origin, redacted, resolve

MAX_REDIRECTS = 5
PER_HOST = 4
HEADERS = {
    "User-Agent": f"weeklyai/{__version__} (feed reader)",
    "Accept": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}
LONGEST_WAIT = 7 * 24 * 3600.0
_REDIRECTS = (301, 302, 303, 307, 308)

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Request:
    """An address to get, with the validators of the last good answer (RFC 9110, section 13)."""

    url: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What came of a request.

    Attributes:
        url: as asked for.
        final_url: after redirects.
        status: of the last answer, 0 where there was none.
        reason: "" when all went well (200 or 304), else a code such as "timeout", "too-large", "http-404".
        body: inflated bytes.
        content_type: as sent.
        etag: as sent.
        last_modified: as sent.
        moved: the new address when the server said "moved permanently".
        seconds: wall time.
        retry_after: seconds the server asks to wait (RFC 9110, section 10.2.3), 0 to seven days.
    """

    url: str
    final_url: str = ""
    status: int = 0
    reason: str = ""
    body: bytes = b""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    moved: str = ""
    seconds: float = 0.0
    retry_after: float = 0.0


class RefusedError(Exception):
    """A request ended by one of our limits; its text is the reason code."""

    def __init__(self, reason: str, status: int = 0, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason, self.status, self.retry_after = reason, status, retry_after


class Fetcher:
    """Gets addresses under the limits of the [feeds] table; use as an async context manager.

    Args:
        settings: the limits.
        resolver: name and port to IP addresses; tests give their own.
    """

    def __init__(self, settings: config.Feeds, resolver: Resolver = resolve) -> None:
        self.settings, self.resolver = settings, resolver
        self.slots = asyncio.Semaphore(settings.connections)
        self.hosts: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(PER_HOST))
        # The bare transport: a client would look into redirects, cookies and proxies on its own.
        self.transport = httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=settings.connections, max_keepalive_connections=0)
        )

    async def __aenter__(self) -> "Fetcher":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.transport.aclose()

    async def get(self, request: Request) -> Response:
        """Return what came of `request`; never raises for anything a server does."""
        # The host's turn comes first: feeds that wait for it must not hold the slots of other hosts.
        async with self.hosts[host_of(request.url)], self.slots:
            began = time.monotonic()
            try:
                async with asyncio.timeout(self.settings.deadline_seconds):
                    response = await self._with_retry(request)
            except TimeoutError:
                response = Response(request.url, reason="timeout")
            except RefusedError as refused:
                response = Response(
                    request.url, status=refused.status, reason=refused.reason,
                    retry_after=refused.retry_after,
                )  # fmt: skip
        return _timed(response, time.monotonic() - began)

    async def _with_retry(self, request: Request) -> Response:
        """Try once more, after a short random wait, when the server or the connection stumbled."""
        try:
            return await self._follow(request)
        except RefusedError as refused:
            if refused.reason not in ("connect", "truncated") and refused.status not in (
                500,
                502,
                504,
            ):
                raise
        await asyncio.sleep(random.uniform(0.1, 0.5))  # noqa: S311 -- a pause, not a secret
        return await self._follow(request)

    async def _follow(self, request: Request) -> Response:
        """Follow redirects by hand, so that every hop passes the same checks."""
        url, moved, seen = request.url, "", {request.url}
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._one(url, request)
            if isinstance(answer, Response):
                return answer if not moved else _moved(answer, moved)
            permanent, target = answer
            if target in seen:
                raise RefusedError("redirect-loop")
            seen.add(target)
            if permanent and (moved or len(seen) == 2):
                moved = target
            url = target
        raise RefusedError("too-many-redirects")

    async def _one(self, url: str, request: Request) -> Response | tuple[bool, str]:
        """Return the answer of one hop: a response, or (permanent, where to go)."""
        sent = await self._prepare(url, request)
        try:
            answer = await self.transport.handle_async_request(sent)
            answer.request = sent
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise RefusedError(_code(error)) from None
        try:
            if answer.status_code in _REDIRECTS and "location" in answer.headers:
                return answer.status_code in (301, 308), _joined(url, answer.headers["location"])
            if answer.status_code not in (200, 304):
                wait = _retry_after(answer.headers.get("retry-after", ""))
                raise RefusedError(f"http-{answer.status_code}", answer.status_code, wait)
            if answer.status_code == 304 and not (request.etag or request.last_modified):
                raise RefusedError("unasked-304", 304)
            body = b"" if answer.status_code == 304 else await self._body(answer)
        finally:
            await answer.aclose()
        return Response(
            url=request.url, final_url=redacted(url), status=answer.status_code, body=body,
            content_type=answer.headers.get("content-type", ""),
            etag=answer.headers.get("etag", ""), last_modified=answer.headers.get("last-modified", ""),
        )  # fmt: skip

    async def _prepare(self, url: str, request: Request) -> httpx.Request:
        """Return the request for one hop, addressed to an IP address that was checked."""
        try:
            parts = urlsplit(url)
            scheme, host, port = origin(parts)
            own = origin(urlsplit(request.url))
        except ValueError:
            raise RefusedError("bad-address") from None
        if scheme not in ("http", "https") or not host:
            raise RefusedError("bad-scheme")
        try:
            addresses = await self.resolver(host, port)
        except (OSError, UnicodeError):
            raise RefusedError("dns") from None
        if not addresses:
            raise RefusedError("dns")
        if not self.settings.allow_private and not all(map(is_public, addresses)):
            raise RefusedError("private-address")
        address = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        named = f"[{host}]" if ":" in host else host
        usual = port == (443 if scheme == "https" else 80)
        headers = {**HEADERS, "Host": named if usual else f"{named}:{port}"}
        if request.etag:
            headers["If-None-Match"] = request.etag
        if request.last_modified:
            headers["If-Modified-Since"] = request.last_modified
        credentials = (parts.username or "", parts.password or "")
        if any(credentials) and own == (scheme, host, port):  # never carried to another origin
            token = base64.b64encode(":".join(map(unquote, credentials)).encode()).decode()
            headers["Authorization"] = f"Basic {token}"
        target = urlunsplit((scheme, f"{address}:{port}", parts.path or "/", parts.query, ""))
        seconds = self.settings.deadline_seconds
        limits = dict.fromkeys(("connect", "read", "write", "pool"), seconds)
        try:
            return httpx.Request(
                "GET", target, headers=headers, extensions={"sni_hostname": host, "timeout": limits}
            )
        except (httpx.InvalidURL, ValueError):  # control characters, or too long
            raise RefusedError("bad-address") from None

    async def _body(self, answer: httpx.Response) -> bytes:
        """Read, count and inflate the body.

        Raises:
            RefusedError: it is too large on the wire or inflated, cut short, or in an encoding we did not ask for.
        """
        limit = int(self.settings.max_megabytes * 1e6)
        announced = answer.headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > limit:
            raise RefusedError("too-large")
        inflate = _inflater(answer.headers.get("content-encoding", "identity").lower().strip())
        parts: list[bytes] = []
        size = wire = 0
        try:
            async for chunk in answer.aiter_raw():
                wire += len(chunk)
                part = inflate(chunk, limit + 1 - size)
                size += len(part)
                if size > limit or wire > limit:
                    raise RefusedError("too-large")
                parts.append(part)
        except httpx.HTTPError as error:
            raise RefusedError(
                "truncated" if isinstance(error, httpx.RemoteProtocolError) else _code(error)
            ) from None
        except zlib.error:
            raise RefusedError("bad-encoding") from None
        return b"".join(parts)


def _inflater(encoding: str) -> Callable[[bytes, int], bytes]:
    """Return a function that decodes a chunk into at most so many bytes."""
    if encoding in ("", "identity"):
        return lambda chunk, _: chunk
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise RefusedError("bad-encoding")
    decoder = zlib.decompressobj(wbits=47)  # gzip or zlib, told apart by the header
    return lambda chunk, most: decoder.decompress(chunk, max(1, most))


def _joined(base: str, location: str) -> str:
    """Return where a redirect leads (RFC 3986, section 5)."""
    try:
        return urljoin(base, location)
    except ValueError:
        raise RefusedError("bad-address") from None


def _retry_after(value: str) -> float:
    """Return the seconds a Retry-After header asks for, 0 where it says nothing one can use."""
    if value.strip().isdecimal():
        return min(float(value), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return 0.0
    seconds = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - time.time()
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _code(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    return "connect" if isinstance(error, httpx.NetworkError) else "bad-response"


def _timed(response: Response, seconds: float) -> Response:
    return replace(response, seconds=round(seconds, 3))


def _moved(response: Response, moved: str) -> Response:
    return replace(response, moved=redacted(moved))


def fetch_all(
    requests: Sequence[Request],
    settings: config.Feeds,
    on_done: Callable[[int, Response], None] = lambda _, __: None,
    resolver: Resolver = resolve,
) -> list[Response]:
    """Return the response of each of `requests`, in their order; `on_done` is called as each is done."""

    async def one(fetcher: Fetcher, n: int, request: Request) -> Response:
        response = await fetcher.get(request)
        on_done(n, response)
        return response

    async def all_of_them() -> list[Response]:
        async with Fetcher(settings, resolver) as fetcher:
            return await asyncio.gather(*(one(fetcher, n, r) for n, r in enumerate(requests)))

    return asyncio.run(all_of_them())
