"""The only network code: bytes of feeds and pages, within limits that no server can stretch.

One deadline covers a whole feed, redirects and retry included, because per-read timeouts never stop a slow drip. A name is
resolved once, its addresses are checked, and a checked address is the one dialled, on every hop (so a name that answers
differently the second time gains nothing). No connection serves two requests: the pool tells connections apart by
address, and two hosts behind one address would share a connection whose certificate was checked for the first of them
only.
"""

import asyncio
import base64
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import httpx

from weeklyai import __version__, config
from weeklyai.feeds.addresses import host_of, is_public, origin, redacted, resolve
from weeklyai.feeds.body import read_into
from weeklyai.feeds.messages import RefusedError, Request, Response, retry_after

MAX_REDIRECTS = 5
PER_HOST = 4
MOST_ADDRESSES = 3  # of one host, tried in turn
AGENT = "weeklyai"  # the name that robots.txt may call us by
ACCEPT = {
    "feed": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5",
    "page": "text/html, application/xhtml+xml, */*;q=0.5",
    "link": "text/html, */*;q=0.5",
}
SHORT_WAIT = 5.0  # seconds; a pause of this length is waited for in the same run
_REDIRECTS = (301, 302, 303, 307, 308)
_PASSING = (429, 500, 502, 503, 504)

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


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
                    response = await self._with_retry(request, began)
            except TimeoutError:
                response = Response(request.url, reason="timeout")
        return replace(response, seconds=round(time.monotonic() - began, 3))

    async def _with_retry(self, request: Request, began: float) -> Response:
        """Try once more, after a short random wait or the one asked for, when server or connection stumbled."""
        first = await self._try(request)
        asked = first.retry_after
        left = self.settings.deadline_seconds - (time.monotonic() - began)
        passing = first.reason in ("connect", "truncated") or first.status in _PASSING
        if not passing or asked > min(SHORT_WAIT, left / 2) or (first.status == 429 and not asked):
            return first
        await asyncio.sleep(asked or random.uniform(0.1, 0.5))  # noqa: S311 -- a pause, not a secret
        second = await self._try(request)
        return first if second.reason and first.body else second

    async def _try(self, request: Request) -> Response:
        try:
            return await self._follow(request)
        except RefusedError as refused:
            return refused.response(request)

    async def _follow(self, request: Request) -> Response:
        """Follow redirects by hand, so that every hop passes the same checks."""
        url, moved, seen = request.url, "", {request.url}
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._one(url, request)
            if isinstance(answer, Response):
                return replace(answer, moved=redacted(moved)) if moved else answer
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
        answer = await self._send(await self._prepare(url, request))
        body, reason = bytearray(), ""
        try:
            status, headers = answer.status_code, answer.headers
            if status in _REDIRECTS and "location" in headers:
                return status in (301, 308), _joined(url, headers["location"])
            if status not in (200, 304):
                raise RefusedError(
                    f"http-{status}", status, retry_after(headers.get("retry-after", ""))
                )
            if status == 304 and not (request.etag or request.last_modified):
                raise RefusedError("unasked-304", 304)
            if status == 200 and request.kind != "link":
                await read_into(
                    body, headers, answer.aiter_raw(), int(self.settings.max_megabytes * 1e6)
                )
        except httpx.RemoteProtocolError:
            reason = "truncated"
        except httpx.HTTPError as error:
            raise RefusedError(_code(error)) from None
        finally:
            await answer.aclose()
        return Response(
            url=request.url, final_url=redacted(url), status=status, reason=reason, body=bytes(body),
            content_type=headers.get("content-type", ""), etag=headers.get("etag", ""),
            last_modified=headers.get("last-modified", ""),
        )  # fmt: skip

    async def _send(self, choices: Sequence[httpx.Request]) -> httpx.Response:
        """Send the first of `choices`, which differ in the address dialled, that can be connected to."""
        for n, sent in enumerate(choices, 1):
            try:
                answer = await self.transport.handle_async_request(sent)
            except httpx.ConnectError as error:
                if n == len(choices):
                    raise RefusedError(_code(error)) from None
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                raise RefusedError(_code(error)) from None
            else:
                answer.request = sent
                return answer
        raise RefusedError("dns")

    async def _prepare(self, url: str, request: Request) -> list[httpx.Request]:
        """Return the request for one hop, once for each IP address of its host, all of them checked."""
        try:
            parts = urlsplit(url)
            scheme, host, port = origin(parts)
            own = origin(urlsplit(request.url))
        except ValueError:
            raise RefusedError("bad-address") from None
        if scheme not in ("http", "https") or not host:
            raise RefusedError("bad-scheme")
        headers = self._headers(request, scheme, host, port)
        credentials = (parts.username or "", parts.password or "")
        if any(credentials) and own == (scheme, host, port):  # never carried to another origin
            token = base64.b64encode(":".join(map(unquote, credentials)).encode()).decode()
            headers["Authorization"] = f"Basic {token}"
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self.settings.deadline_seconds)
        extensions = {"sni_hostname": host, "timeout": limits}
        try:
            return [
                httpx.Request(
                    "GET",
                    urlunsplit((scheme, f"{address}:{port}", parts.path or "/", parts.query, "")),
                    headers=headers,
                    extensions=extensions,
                )
                for address in await self._addresses(host, port)
            ]
        except (httpx.InvalidURL, ValueError):  # control characters, or too long
            raise RefusedError("bad-address") from None

    async def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of `host` that may be dialled, as they stand in a URL.

        Raises:
            RefusedError: there is none, or any of them is private.
        """
        try:
            addresses = await self.resolver(host, port)
        except (OSError, UnicodeError):
            raise RefusedError("dns") from None
        if not addresses:
            raise RefusedError("dns")
        if not self.settings.allow_private and not all(map(is_public, addresses)):
            raise RefusedError("private-address")
        return [
            f"[{address}]" if ":" in address else address for address in addresses[:MOST_ADDRESSES]
        ]

    def _headers(self, request: Request, scheme: str, host: str, port: int) -> dict[str, str]:
        """Return the headers of one hop; validators go along, as redirects of feeds stay theirs."""
        named = f"[{host}]" if ":" in host else host
        usual = port == (443 if scheme == "https" else 80)
        contact = f"; +{self.settings.contact}" if self.settings.contact else ""
        headers = {
            "User-Agent": f"{AGENT}/{__version__} (feed reader{contact})",
            "Accept": ACCEPT[request.kind],
            "Accept-Encoding": "gzip, deflate",
            "Host": named if usual else f"{named}:{port}",
        }
        if request.etag:
            headers["If-None-Match"] = request.etag
        if request.last_modified:
            headers["If-Modified-Since"] = request.last_modified
        return headers


def _joined(base: str, location: str) -> str:
    """Return where a redirect leads (RFC 3986, section 5)."""
    try:
        return urljoin(base, location)
    except ValueError:
        raise RefusedError("bad-address") from None


def _code(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    return "connect" if isinstance(error, httpx.NetworkError) else "bad-response"


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
