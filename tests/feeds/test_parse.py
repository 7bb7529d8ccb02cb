"""Promises of the parser: all items, plain text only, whatever the feed tries."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weeklyai.feeds import parse, strip
from weeklyai.feeds.parse import ParsedFeed

CASES = Path(__file__).parent / "cases"
NOW = datetime(2024, 7, 20, tzinfo=UTC)


def read(body: bytes, most: int = 500) -> ParsedFeed:
    """Return the feed in `body`."""
    return parse.parse(body, "https://feeds.example/rss", NOW, most)


@pytest.mark.parametrize("path", sorted(CASES.glob("good-*")), ids=lambda path: path.name)
def test_every_format_gives_the_same_two_items(path: Path) -> None:
    feed = read(path.read_bytes())

    assert feed.title == "Example & Sons"
    assert [(item.title, item.url, item.published.isoformat()) for item in feed.items] == [
        ("Karst ships <fast> compiler", "https://feeds.example/2", "2024-07-19T09:30:00+00:00"),
        ("Tern opens its editor", "https://feeds.example/1", "2024-07-18T08:00:00+00:00"),
    ]
    assert feed.items[0].body == "The compiler is fast & small.\n\nIt reads Vec<T> too."
    assert [item.date_guessed for item in feed.items] == [False, False]


def rss(item: str) -> bytes:
    """Return an RSS feed of one item."""
    return (
        f"<rss version='2.0'><channel><title>T</title><item>{item}</item></channel></rss>".encode()
    )


@pytest.mark.parametrize(
    ("item", "title", "body"),
    [
        ("<title>&lt;script&gt;alert(1)&lt;/script&gt;News</title>", "News", ""),
        ("<title>A &amp;lt;b&amp;gt; tag</title>", "A <b> tag", ""),
        ("<title>T</title><description>&lt;img onerror=x src=y&gt;Text&lt;style&gt;p{}&lt;/style&gt;</description>", "T", "Text"),
        ("<title>NUL\x08 and \u202eturn</title>", "NUL and turn", ""),
        ("<description>&lt;p&gt;Body without title.&lt;/p&gt;</description>", "Body without title.", "Body without title."),
        ("<title>T</title><description>Said.&lt;p&gt;The post T appeared first on Blog.&lt;/p&gt;</description>", "T", "Said."),
    ],
)  # fmt: skip
def test_only_plain_text_comes_through(item: str, title: str, body: str) -> None:
    (found,) = read(rss(f"{item}<link>https://a.example/</link>")).items

    assert (found.title, found.body) == (title, body)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("javascript:alert(1)", None),
        (" java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://user:pw@a.example/", None),
        ("/relative?utm_source=rss&amp;id=3#frag", "https://feeds.example/relative?id=3"),
        ("HTTPS://A.Example/Path?q=a+b", "https://a.example/Path?q=a+b"),
        ("https://a.example/x?fbclid=1", "https://a.example/x"),
    ],
)
def test_links_are_absolute_web_addresses_without_trackers(link: str, url: str | None) -> None:
    (found,) = read(rss(f"<title>T</title><link>{link}</link>")).items

    assert found.url == url


@pytest.mark.parametrize(
    "date",
    ["", "Thu, 32 Foo 2024", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 9999 00:00:00 GMT"],
)
def test_a_date_that_cannot_be_is_guessed_and_says_so(date: str) -> None:
    (found,) = read(
        rss(f"<title>T</title><link>https://a.example/</link><pubDate>{date}</pubDate>")
    ).items

    assert (found.published, found.date_guessed) == (NOW, True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not-a-feed"),
        (b"  \n", "not-a-feed"),
        (b"<!DOCTYPE html><html><body>parked</body></html>", "not-a-feed"),
        (b"just words", "not-a-feed"),
        (b'{"items": 3}', "not-a-feed"),
        (b'{"x": [', "not-a-feed"),
        (b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss>&b;</rss>', "xml-entity"),
        (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss><channel><title>&x;</title></channel></rss>', "xml-entity"),
    ],
)  # fmt: skip
def test_what_is_no_feed_has_a_reason(body: bytes, reason: str) -> None:
    assert read(body) == ParsedFeed("", (), reason)


def test_complete_items_of_a_broken_feed_are_kept() -> None:
    feed = read(b"<rss version='2.0'><channel><title>T</title><item><title>One</title><link>https://a.example/1</link>"
                b"</item><item><title>Two</title><link>https://a.example/2</link></item><item><tit")  # fmt: skip

    assert {"One", "Two"} <= {item.title for item in feed.items}
    assert feed.reason == "partial"


def test_the_newest_items_stay_under_the_cap() -> None:
    items = "".join(
        f"<item><title>N{n}</title><link>https://a.example/{n}</link><pubDate>Mon, {n:02} Jul 2024 00:00:00 GMT</pubDate></item>"
        for n in range(1, 11)
    )
    feed = read(
        f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode(), most=3
    )

    assert [item.title for item in feed.items] == ["N10", "N9", "N8"]


def test_an_item_keeps_its_id_when_trackers_and_guids_rotate() -> None:
    one = read(
        rss("<title>T</title><guid>a1</guid><link>https://www.a.example/x/?utm_campaign=1</link>")
    ).items[0]
    two = read(
        rss("<title>T2</title><guid>b2</guid><link>https://a.example/x?utm_campaign=2</link>")
    ).items[0]

    assert one.id == two.id


@given(st.text())
def test_no_markup_survives_stripping(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")

    assert "<script" not in strip.plain(f"<p>{escaped}</p><script>x</script>") or "<script" in text


@given(st.binary())
def test_no_bytes_make_the_parser_raise(body: bytes) -> None:
    assert read(body).items == () or read(body).title
