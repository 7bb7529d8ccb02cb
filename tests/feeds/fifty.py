"""The hostile cases that reach us as feeds: what a server answers, and what must come of it.

Numbers are those of the list in docs/hostile.md. Used by the tests (each case on its own, then all in one round) and by
bench/hostile.py, which measures seconds and memory.
"""

import gzip
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from tests.feeds import server

ITEM = "<item><title>Item {n}</title><link>https://news.example/{n}</link><pubDate>Fri, 19 Jul 2024 08:00:00 GMT</pubDate><description>A sentence about item {n}.</description></item>"


def rss(items: str, before: str = "", after: str = "</channel></rss>") -> bytes:
    """Return an RSS feed of `items` with something before and behind it."""
    return f"{before}<rss version='2.0'><channel><title>T</title>{items}{after}".encode()


def plain_items(count: int, start: int = 1) -> str:
    """Return `count` ordinary items."""
    return "".join(ITEM.format(n=n) for n in range(start, start + count))


GOOD = rss(plain_items(2))
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(9))
ATTRIBUTES = " ".join(f"a{n}='1'" for n in range(100_000))
QUADRATIC = f'<!ENTITY q "{"x" * 50_000}">'


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile feed.

    Attributes:
        number: in the list.
        name: what it does.
        answer: what the server says.
        reason: the reason code that must come of it, "" for none.
        status: of the feed's health.
        found: items that must be kept.
        notes: codes that its health must hold.
    """

    number: int
    name: str
    answer: server.Answer
    reason: str
    status: str = "failed"
    found: int = 0
    notes: tuple[str, ...] = ()


def lying(body: bytes, announced: int) -> server.Answer:
    """Announce `announced` bytes, send `body`, and hang up."""
    return raw(lambda: [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % announced, body])


def stall(handler: BaseHTTPRequestHandler, _: int) -> None:
    """Announce a gigabyte and send nothing."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(1 << 30))
    handler.end_headers()
    time.sleep(5)


def silence(handler: BaseHTTPRequestHandler, _: int) -> None:
    """Take the request and never answer."""
    time.sleep(5)


def raw(pieces: Callable[[], Iterable[bytes]], pause: float = 0.0) -> server.Answer:
    """Send bytes as they are, with a pause behind each piece."""

    def answer(handler: BaseHTTPRequestHandler, _: int) -> None:
        for piece in pieces():
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(pause)
        handler.close_connection = True

    return answer


def bomb(megabytes: int) -> bytes:
    """Return that many megabytes of zeros, gzipped piece by piece."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()


def encoded(encoding: str) -> server.Answer:
    """Send a feed that was gzipped twice under `encoding`."""
    return server.page(gzip.compress(gzip.compress(GOOD)), Content_Encoding=encoding)


def feed(body: bytes, **headers: str) -> server.Answer:
    """Send a feed."""
    return server.page(body, **headers)


_SLOW_HEAD = [b"HTTP/1.1 200 OK\r\n", *[b"X-%d: y\r\n" % n for n in range(20)]]
_DOCTYPE = "<?xml version='1.0'?><!DOCTYPE rss [{}]>"

TRANSPORT = (
    Case(5, "a gzip bomb", feed(bomb(200), Content_Encoding="gzip"), "too-large"),
    *(Case(6, f"encoding {name}", encoded(name), "bad-encoding") for name in ("gzip, gzip", "br", "zstd", "rot13")),
    Case(6, "gzip inside gzip under one name", encoded("gzip"), "not-a-feed"),
    Case(7, "an endless body", server.endless, "too-large"),
    Case(8, "less than announced", lying(rss(plain_items(2), after="<item><tit"), 99_999), "truncated", "ok", 2),
    Case(9, "a gigabyte announced, then nothing", stall, "too-large"),
    Case(10, "a slow body", server.drip(5), "timeout"),
    Case(11, "slow headers", raw(lambda: _SLOW_HEAD, 0.25), "timeout"),
    Case(12, "no answer", silence, "timeout"),
    Case(13, "100,000 headers", raw(lambda: [b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 100_000, b"\r\n"]), "bad-response"),
    Case(13, "a header of a megabyte", raw(lambda: [b"HTTP/1.1 200 OK\r\nA: " + b"b" * 1_000_000, b"\r\n\r\n"]), "bad-response"),
    Case(14, "a redirect loop", server.status(302, Location="/loop"), "redirect-loop"),
    Case(15, "six redirects", server.status(302, Location="/hop1"), "too-many-redirects"),
    *(
        Case(16, f"a redirect to {url}", server.status(302, Location=url), "bad-scheme")
        for url in ("file:///etc/passwd", "ftp://a.example/x", "data:text/xml,<rss/>", "gopher://a.example/")
    ),
    Case(21, "not modified, without having been asked", server.status(304), "unasked-304"),
    Case(22, "an empty body", feed(b"", ETag='"parked"'), "not-a-feed"),
    Case(22, "a parked domain", feed(b"<!doctype html><title>For sale</title>", ETag='"parked"'), "not-a-feed"),
    Case(23, "429 with a pause", server.status(429, Retry_After="3600"), "http-429"),
    Case(24, "500, then a feed", server.in_turn(server.status(500), feed(GOOD)), "", "ok", 2),
    Case(25, "gone", server.status(410), "http-410", "gone"),
)  # fmt: skip

CONTENT = (
    Case(1, "an entity that names a local file", feed(rss("<item><title>&f;</title></item>", _DOCTYPE.format('<!ENTITY f SYSTEM "file:///etc/hostname">'))), "xml-entity"),
    Case(2, "an external DTD", feed(rss(plain_items(1), "<!DOCTYPE rss SYSTEM '/evil.dtd'>")), "", "ok", 1),
    Case(2, "an entity on another server", feed(rss("<item><title>&f;</title></item>", _DOCTYPE.format('<!ENTITY f SYSTEM "/evil.ent">'))), "xml-entity"),
    Case(3, "a billion laughs", feed(rss("<item><title>&l8;</title></item>", _DOCTYPE.format(LAUGHS))), "xml-entity"),
    Case(4, "quadratic entities", feed(rss(f"<item><title>{'&q;' * 5_000}</title></item>", _DOCTYPE.format(QUADRATIC))), "xml-entity"),
    Case(26, "markup in a title", feed(rss("<item><title>&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;R&amp;amp;D</title><link>https://a.example/26</link></item>")), "", "ok", 1),
    *(
        Case(27, f"a link {link[:12]!r}", feed(rss(f"<item><title>Bad link {n}</title><link>{link}</link></item>")), "", "ok", 1, ("bad-link",))
        for n, link in enumerate(("javascript:alert(1)", "data:text/html,x", "vbscript:x", " java\nscript:alert(1)"))
    ),
    Case(31, "control and direction characters", feed(rss("<item><title>A\x00\x1b[31mB\x08\u2028C\u202eD\u200bE</title><link>https://a.example/31</link></item>")), "partial", "ok", 1),
    Case(32, "bytes that are no UTF-8", feed(rss("<item><title>caf\u00e9</title><link>https://a.example/32</link></item>", "<?xml version='1.0' encoding='utf-8'?>").decode().encode("latin-1")), "", "ok", 1, ("encoding",)),
    Case(32, "UTF-8 that says it is UTF-16", feed(rss(plain_items(1, 320), "<?xml version='1.0' encoding='utf-16'?>")), "", "ok", 1, ("encoding",)),
    Case(32, "UTF-16 without a mark", feed(rss(plain_items(1, 321)).decode().encode("utf-16-le")), "", "ok", 1),
    Case(33, "cut in the middle of an item", feed(rss(plain_items(2, 330), after="<item><title>Thi")), "partial", "ok"),
    Case(34, "an unescaped ampersand, mixed case, words before the prolog", feed(b"  junk\n" + rss("<ITEM><title>R & D</Title><link>https://a.example/34?a=1&b=2</link></ITEM>")), "partial", "ok", 1),
    Case(35, "200,000 items", feed(rss("".join(f"<item><title>{n}</title></item>" for n in range(200_000)))), "", "ok", 500, ("item-cap",)),
    Case(36, "100,000 attributes", feed(rss(f"<item {ATTRIBUTES}><title>x</title></item>")), "?", "?"),
    Case(36, "100,000 elements deep", feed(rss("<d>" * 100_000 + "</d>" * 100_000 + plain_items(1, 360))), "?", "?"),
    Case(37, "a text that is larger than allowed", feed(rss(f"<item><title>T</title><description>{'word ' * 4_000_000}</description></item>")), "too-large"),
    Case(37, "a title of nine megabytes", feed(rss(f"<item><title>{'word ' * 1_800_000}</title><link>https://a.example/37</link></item>")), "", "ok", 1, ("cut",)),
)  # fmt: skip

# Paths that answers above lead to.
MORE = {
    "/loop": server.status(302, Location="/loop2"),
    "/loop2": server.status(302, Location="/loop"),
    **{f"/hop{n}": server.status(302, Location=f"/hop{n + 1}") for n in range(1, 6)},
    "/hop6": server.page(GOOD),
}
