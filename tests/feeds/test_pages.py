"""Promises about full text: asked for by name, allowed by robots.txt, under the transport's rules, never over a feed's own text."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.feeds import fifty, server
from weeklyai import config
from weeklyai.feeds import pages, poll
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.opml import Subscription
from weeklyai.feeds.workers import Parsers

NOW = datetime(2024, 7, 20, tzinfo=UTC)
LOCAL = config.Feeds(allow_private=True, deadline_seconds=2, max_megabytes=1)
STORY = " ".join(f"Paragraph sentence {n} tells how the small harbour town got its new bridge." for n in range(8))  # fmt: skip
ARTICLE = f"""<!doctype html><html><head><title>Bridge</title><base href="http://internal.example/">
<script>evil()</script></head><body><nav><a href="/">Home</a></nav><article><h1>Bridge</h1>
<p>{STORY}</p><p>{STORY.replace("Paragraph", "Further")}</p></article><footer>Imprint</footer></body></html>""".encode()
HTML = {"Content_Type": "text/html; charset=utf-8"}
REFRESH = (
    b'<html><head><meta http-equiv="refresh" content="0;url=/evil"></head><body></body></html>'
)


def feed_of(site: server.Site, *names: str, text: str = "Short.") -> bytes:
    """Return a feed with an item for each page."""
    return fifty.rss(
        "".join(
            f"<item><title>About {n}</title><link>{site.url(f'/{n}')}</link><pubDate>Fri, 19 Jul 2024 08:00:00 GMT</pubDate>"
            f"<description>{text}</description></item>"
            for n in names
        )
    )


def bodies(
    site: server.Site, folder: Path, rounds: int = 1, *, asked: bool = True
) -> dict[str, str]:
    """Return body by title after polling the site's feed with or without full text."""
    url = site.url("/feed")
    with Archive(folder / "a.sqlite") as archive:
        for _ in range(rounds):
            poll.poll(
                archive, [Subscription(url)], LOCAL, NOW,
                full_text=frozenset([url] if asked else []),
            )  # fmt: skip
        return {item.title: item.body for item in archive.all_items(NOW)}


def test_a_short_item_gets_its_pages_text_once(tmp_path: Path) -> None:
    with server.serve({"/bridge": server.page(ARTICLE, **HTML)}) as site:
        site.scripts["/feed"] = server.page(feed_of(site, "bridge"))
        found = bodies(site, tmp_path, rounds=3)

    assert "Further sentence 7" in found["About bridge"]
    assert "evil" not in found["About bridge"]
    assert "Imprint" not in found["About bridge"]
    assert [path for path, _ in site.requests].count("/bridge") == 1
    assert not any("internal" in headers["host"] for _, headers in site.requests)


def test_pages_are_left_alone_unless_asked_for_and_where_feeds_carry_text(tmp_path: Path) -> None:
    with server.serve({"/bridge": server.page(ARTICLE, **HTML)}) as site:
        site.scripts["/feed"] = server.page(feed_of(site, "bridge"))
        bodies(site, tmp_path, asked=False)
        site.scripts["/feed"] = server.page(feed_of(site, "bridge", text=STORY * 3))
        (tmp_path / "two").mkdir()
        bodies(site, tmp_path / "two")

    assert {path for path, _ in site.requests} == {"/feed"}


@pytest.mark.parametrize(
    ("robots", "read"),
    [
        (server.status(404), True),
        (server.page(b"User-agent: *\nDisallow: /other"), True),
        (server.page(b"User-agent: *\nDisallow: /"), False),
        (server.page(b"User-agent: weeklyai\nDisallow: /bridge"), False),
        (server.page(b"User-agent: *\nDisallow: /\n\nUser-agent: weeklyai\nDisallow:"), True),
        (server.status(503), False),
        (server.drip(4), False),
    ],
    ids=["none", "other paths", "forbids all", "forbids us", "allows us", "down", "never ends"],
)
def test_robots_txt_is_obeyed(robots: server.Answer, read: bool, tmp_path: Path) -> None:
    with server.serve({"/bridge": server.page(ARTICLE, **HTML), "/robots.txt": robots}) as site:
        site.scripts["/feed"] = server.page(feed_of(site, "bridge"))
        found = bodies(site, tmp_path)

    assert ("Further" in found["About bridge"]) == read
    assert ("/bridge" in [path for path, _ in site.requests]) == read


def test_a_site_that_does_not_answer_is_not_said_to_forbid() -> None:
    with server.serve({}) as site:
        url = site.url("/bridge")
    (silent,) = pages.get([url], LOCAL)  # nobody listens there any more

    assert silent.reason not in {"", "robots"}


def test_hostile_pages_have_their_reasons_and_leave_the_item_as_it_was(tmp_path: Path) -> None:
    with server.serve({}) as site:
        scripts = {
            "huge": server.endless,
            "loop": server.status(302, Location="/loop"),
            "refresh": server.page(REFRESH, **HTML),
            "pdf": server.page(b"%PDF-1.7", Content_Type="application/pdf"),
            "image": server.page(b"\x89PNG", Content_Type="image/png"),
            "slow": server.drip(5),
            "nested": server.page(b"<div>" * 100_000, **HTML),
            "fine": server.page(ARTICLE, **HTML),
        }
        site.scripts |= {f"/{name}": answer for name, answer in scripts.items()}
        site.scripts["/feed"] = server.page(feed_of(site, *scripts))
        with Archive(tmp_path / "a.sqlite") as archive, Parsers() as parsers:
            poll.poll(archive, [Subscription(site.url("/feed"))], LOCAL, NOW)
            reasons = pages.fill(archive, archive.all_items(NOW), LOCAL, NOW, parsers)
            kept = {item.title: item.body for item in archive.all_items(NOW)}

    assert {url.rpartition("/")[2]: reason for url, reason in reasons.items()} == {
        "huge": "too-large",
        "loop": "redirect-loop",
        "refresh": "no-text",
        "pdf": "not-html",
        "image": "not-html",
        "slow": "timeout",
        "nested": "no-text",
        "fine": "",
    }
    assert {body for title, body in kept.items() if title != "About fine"} == {"Short."}
    assert not any(path == "/evil" for path, _ in site.requests)
