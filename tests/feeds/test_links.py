"""Promises of the last look at links, against a real server; every name resolves to the loopback address."""

from collections.abc import Sequence

import pytest

from tests.feeds import server
from weeklyai import config
from weeklyai.feeds import links

LOCAL = config.Feeds(allow_private=True, deadline_seconds=2)


async def here(host: str, port: int) -> Sequence[str]:
    """Resolve every name but one to the loopback address."""
    if host == "unknown.example":
        raise OSError(host)
    return ["127.0.0.1"]


def test_a_link_whose_page_went_or_turned_is_held_and_others_pass() -> None:
    with server.serve({}) as site:
        port = site.address.rpartition(":")[2]

        def at(host: str, path: str) -> str:
            return f"http://{host}:{port}{path}"

        site.scripts |= {
            "/fine": server.page(b"<p>Fine.</p>"),
            "/moved": server.status(302, Location=at("www.news.example", "/fine")),
            "/home": server.status(302, Location=at("feeds.example", "/fine")),
            "/spam": server.status(302, Location=at("casino.example", "/fine")),
            "/gone": server.status(410),
            "/busy": server.status(503, Retry_After="9"),
            "/loop": server.status(302, Location="/loop"),
            "/wall": server.status(403),
            "/huge": server.endless,
        }
        urls = [at("news.example", path) for path in (*site.scripts, "/none")]
        urls.append(at("unknown.example", "/"))
        held = links.check(dict.fromkeys(urls, at("feeds.example", "/rss")), LOCAL, here)

    assert {url.rpartition("/")[2]: reason for url, reason in held.items()} == {
        "spam": "its link now leads to casino.example",
        "gone": "its page is gone (HTTP status 410)",
        "none": "its page is gone (HTTP status 404)",
        "loop": "its link cannot be followed (redirect-loop)",
    }


def test_a_link_into_a_private_network_is_held_before_any_connection() -> None:
    (held,) = links.check(
        {"http://news.example/": "http://feeds.example/"}, config.Feeds(), here
    ).values()

    assert held == "its link cannot be followed (private-address)"


@pytest.mark.parametrize(
    ("host", "owner"),
    [
        ("www.example.com", "example.com"),
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("a.b.example.org", "example.org"),
        ("ada.github.io", "ada.github.io"),
        ("www.ada.substack.com", "ada.substack.com"),
        ("localhost", "localhost"),
        ("10.0.0.1", "10.0.0.1"),
    ],
)
def test_hosts_of_one_owner_count_as_one(host: str, owner: str) -> None:
    assert links.owner(host) == owner
