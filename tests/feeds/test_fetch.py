"""Promises of the network code, against a real server on the loopback address.

Private addresses are never dialled here: a resolver of the test's own names them, and the guard must refuse first.
"""

import gzip
import zlib
from collections.abc import Sequence
from typing import Any

import pytest

from tests.feeds import server
from weeklyai import config
from weeklyai.feeds.addresses import is_public, redacted
from weeklyai.feeds.fetch import fetch_all
from weeklyai.feeds.messages import Request, Response

LOCAL = config.Feeds(allow_private=True, deadline_seconds=1.5, max_megabytes=0.2)
BODY = b"<rss><channel><title>T</title></channel></rss>"


def get(url: str, settings: config.Feeds = LOCAL, **validators: Any) -> Response:
    """Return the response to one request."""
    (response,) = fetch_all([Request(url, **validators)], settings)
    return response


ANSWERS: dict[str, tuple[server.Answer, str]] = {
    "plain": (server.page(BODY), ""),
    "gzip": (server.page(gzip.compress(BODY), Content_Encoding="gzip"), ""),
    "deflate": (server.page(zlib.compress(BODY), Content_Encoding="deflate"), ""),
    "an encoding not asked for": (server.page(BODY, Content_Encoding="br"), "bad-encoding"),
    "broken gzip": (server.page(b"no gzip", Content_Encoding="gzip"), "bad-encoding"),
    "a gzip bomb": (
        server.page(gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip"),
        "too-large",
    ),
    "too much": (server.page(b"0" * 300_000), "too-large"),
    "endless": (server.endless, "too-large"),
    "a slow drip": (server.drip(4), "timeout"),
    "not found": (server.status(404), "http-404"),
    "gone": (server.status(410), "http-410"),
    "too many requests": (server.status(429), "http-429"),
    "unasked not-modified": (server.status(304), "unasked-304"),
    "stumbles once": (server.in_turn(server.status(500), server.page(BODY)), ""),
    "stumbles twice": (server.status(500), "http-500"),
    "redirects to itself": (server.status(302, Location="/feed"), "redirect-loop"),
    "redirects to a file": (server.status(302, Location="file:///etc/passwd"), "bad-scheme"),
    "redirects to data": (server.status(302, Location="data:text/xml,<rss/>"), "bad-scheme"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_a_server_does_has_a_name(name: str) -> None:
    answer, reason = ANSWERS[name]
    with server.serve({"/feed": answer}) as site:
        response = get(site.url("/feed"))

    assert response.reason == reason
    assert response.body == (b"" if reason else BODY)


def test_redirects_are_followed_up_to_five() -> None:
    hops = {f"/{n}": server.status(302, Location=f"/{n + 1}") for n in range(9)}
    with server.serve({**hops, "/9": server.page(BODY)}) as site:
        assert get(site.url("/4")).final_url == site.url("/9")
        assert get(site.url("/3")).reason == "too-many-redirects"


def test_a_feed_that_moved_for_good_says_where() -> None:
    with server.serve(
        {"/old": server.status(301, Location="/new"), "/new": server.page(BODY)}
    ) as site:
        assert get(site.url("/old")).moved == site.url("/new")


def test_validators_are_sent_and_an_unchanged_feed_has_no_body() -> None:
    with server.serve({"/feed": server.page(BODY, ETag='"1"')}) as site:
        first = get(site.url("/feed"))
        again = get(
            site.url("/feed"), etag=first.etag, last_modified="Fri, 19 Jul 2024 11:00:00 GMT"
        )

    assert (first.status, again.status, again.reason) == (200, 304, "")
    assert site.requests[1][1]["if-modified-since"] == "Fri, 19 Jul 2024 11:00:00 GMT"


def test_nobody_listening_is_named() -> None:
    with server.serve({}) as site:
        gone = site.url("/feed")

    assert get(gone).reason == "connect"


def test_the_program_says_who_it_is_and_shows_passwords_to_their_own_host_only() -> None:
    with server.serve({"/feed": server.page(BODY)}) as site:
        response = get(site.url("/feed").replace("//", "//ada:secret@"))
    headers = site.requests[0][1]

    assert headers["user-agent"].startswith("weeklyai/")
    assert headers["authorization"] == "Basic YWRhOnNlY3JldA=="
    assert "secret" not in response.final_url
    assert redacted("http://ada:secret@host/x") == "http://host/x"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1",
     "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "100.64.0.1", "224.0.0.1", "2002:a00:1::"],
)  # fmt: skip
def test_a_name_that_leads_to_a_private_address_is_refused_before_any_connection(
    address: str,
) -> None:
    asked: list[str] = []

    async def resolver(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["93.184.215.14", address]

    (response,) = fetch_all(
        [Request("http://feeds.example/rss")], config.Feeds(), resolver=resolver
    )

    assert not is_public(address)
    assert (response.reason, asked) == ("private-address", ["feeds.example"])


def test_every_hop_is_checked_and_the_checked_address_is_dialled() -> None:
    answers = {"first.example": ["127.0.0.1"], "second.example": []}

    async def resolver(host: str, port: int) -> Sequence[str]:
        return answers[host]

    with server.serve({"/feed": server.status(302, Location="http://second.example/")}) as site:
        url = site.url("/feed").replace("127.0.0.1", "first.example")
        (response,) = fetch_all([Request(url)], LOCAL, resolver=resolver)

    assert response.reason == "dns"
    assert site.requests[0][1]["host"].startswith("first.example:")


def test_one_bad_feed_does_not_hold_up_the_others() -> None:
    done: list[int] = []
    with server.serve({"/good": server.page(BODY), "/slow": server.drip(4)}) as site:
        urls = [site.url("/slow"), *[site.url("/good")] * 12]
        responses = fetch_all([Request(url) for url in urls], LOCAL, lambda n, _: done.append(n))

    assert [response.reason for response in responses] == ["timeout", *[""] * 12]
    assert done[-1] == 0
