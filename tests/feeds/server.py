"""A real HTTP server on the loopback address whose every path has a script."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler, int], None]


@dataclass
class Site:
    """Scripts by path, the requests that came, in order, with their headers, and the clients' ends."""

    scripts: dict[str, Answer] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    clients: set[tuple[str, int]] = field(default_factory=set)
    address: str = ""

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return self.address + path


@contextmanager
def serve(scripts: dict[str, Answer]) -> Iterator[Site]:
    """Run a server with `scripts` for as long as the block lasts."""
    site = Site(scripts)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen = sum(path == self.path for path, _ in site.requests)
            site.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            site.clients.add(self.client_address)
            # The client may have had enough, which is what most scripts want.
            with suppress(BrokenPipeError, ConnectionResetError):
                site.scripts.get(self.path, status(404))(self, seen)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: clients that hang up are what many scripts are about."""

    server = Quiet(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=lambda: server.serve_forever(0.02))
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def reply(handler: BaseHTTPRequestHandler, code: int, body: bytes = b"", **headers: str) -> None:
    """Send one whole answer; header names may have underscores for dashes."""
    handler.send_response(code)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def page(body: bytes, **headers: str) -> Answer:
    """Answer 200 with `body`; where the answer has an ETag, a matching request gets a 304."""

    def answer(handler: BaseHTTPRequestHandler, _: int) -> None:
        if headers.get("ETag") and handler.headers.get("If-None-Match") == headers["ETag"]:
            reply(handler, 304)
        else:
            reply(handler, 200, body, **headers)

    return answer


def status(code: int, **headers: str) -> Answer:
    """Answer with a bare status."""
    return lambda handler, _: reply(handler, code, b"", **headers)


def raw_status(code: int, **headers: str) -> Answer:
    """Answer with a bare status whose headers may hold anything, in UTF-8."""

    def answer(handler: BaseHTTPRequestHandler, _: int) -> None:
        lines = [f"HTTP/1.1 {code} Odd", "Content-Length: 0", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        handler.wfile.write("\r\n".join([*lines, "", ""]).encode())
        handler.close_connection = True

    return answer


def late(body: bytes, seconds: float) -> Answer:
    """Answer 200 with `body` after a pause."""

    def answer(handler: BaseHTTPRequestHandler, _: int) -> None:
        time.sleep(seconds)
        reply(handler, 200, body)

    return answer


def in_turn(*answers: Answer) -> Answer:
    """Give the first answer to the first request, and so on; the last one stays."""
    return lambda handler, seen: answers[min(seen, len(answers) - 1)](handler, seen)


def drip(seconds: float, every: float = 0.05) -> Answer:
    """Send a byte now and then for `seconds`."""

    def answer(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(every)

    return answer


def endless(handler: BaseHTTPRequestHandler, _: int) -> None:
    """Send without end and without Content-Length."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    for _ in range(5_000):
        handler.wfile.write(b"x" * 10_000)


def short(handler: BaseHTTPRequestHandler, _: int) -> None:
    """Announce more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b"<rss>")
    handler.close_connection = True
