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


def test_entries_that_share_a_link_are_items_of_their_own_and_repeats_are_one() -> None:
    link = "<link>https://a.example/</link>"
    date = "<pubDate>Thu, 18 Jul 2024 08:00:00 GMT</pubDate>"
    entries = [
        f"<title>One</title>{link}{date}",
        f"<title>Two</title>{link}{date}",
        f"<title>Two</title>{link}{date}<description>with text</description>",
        f"<title>Two</title>{link}{date}",
        f"<title>Two</title>{link}",
        "<title>Other</title><link>https://a.example/other</link>",
    ]

    def feed(chosen: list[str]) -> ParsedFeed:
        items = "".join(f"<item>{entry}</item>" for entry in chosen)
        return read(f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode())

    items = feed(entries).items
    assert sorted((item.title, item.text) for item in items) == [
        ("One", ""), ("Other", ""), ("Two", ""), ("Two", "with text")
    ]  # fmt: skip
    assert len({item.id for item in items}) == 4
    assert {item.published for item in items if item.title == "Two"} == {
        datetime(2024, 7, 18, 8, tzinfo=UTC)
    }
    assert {item.id for item in feed(entries[::-1]).items} == {item.id for item in items}
    later = feed(["<title>Three</title>" + link, *entries[:2]]).items
    assert {item.id for item in items if item.title == "One"} <= {item.id for item in later}


@pytest.mark.parametrize(
    ("item", "title", "url", "body"),
    [
        ("<title>Only that</title>", "Only that", None, ""),
        ("<description>Only that.</description>", "Only that.", None, "Only that."),
        ("<link>https://a.example/1</link>", "https://a.example/1", "https://a.example/1", ""),
        ("<guid>https://a.example/1</guid>", "https://a.example/1", "https://a.example/1", ""),
        ("<title>Read more &amp; less</title>", "Read more & less", None, ""),
    ],
)
def test_an_entry_with_one_thing_only_is_kept(
    item: str, title: str, url: str | None, body: str
) -> None:
    (found,) = read(rss(item)).items

    assert (found.title, found.url, found.body) == (title, url, body)


def linking(*links: str, home: str = "https://planet.example/", source: str = "") -> list[str]:
    """Return the sources of items with these links."""
    items = "".join(
        f"<item><title>{n}</title><link>{link}</link>{source}</item>"
        for n, link in enumerate(links)
    )
    feed = f"<rss version='2.0'><channel><title>Planet</title><link>{home}</link>{items}</channel></rss>"
    return sorted(item.source for item in read(feed.encode()).items)  # fmt: skip


MANY = [f"https://www.{name}.example/x" for name in "abcde"]


def test_a_collection_of_other_peoples_pages_is_attributed_to_their_hosts() -> None:
    assert linking(*MANY) == ["a.example", "b.example", "c.example", "d.example", "e.example"]
    assert linking(*MANY, "") == sorted([*linking(*MANY), "Planet"])


@pytest.mark.parametrize(
    ("links", "home"),
    [
        (MANY[:3], "https://planet.example/"),
        ([*MANY, *MANY[:1] * 4], "https://planet.example/"),
        ([*MANY, "https://planet.example/own"], "https://planet.example/"),
        ([*MANY, "https://blog.planet.example/own"], "https://www.planet.example/"),
        ([*MANY, "https://feeds.example/own"], "https://elsewhere.example/"),
    ],
    ids=["few hosts", "one has half", "own site", "own site's part", "the feed's own host"],
)
def test_a_feed_with_pages_of_its_own_is_the_source(links: list[str], home: str) -> None:
    assert set(linking(*links, home=home)) == {"Planet"}


@pytest.mark.parametrize("end", ["", "<item>&"], ids=["quick", "feedparser"])
def test_the_publisher_that_an_entry_names_is_its_source(end: str) -> None:
    named = "<source url='https://p.example/feed'>The &lt;b&gt;Publisher&lt;/b&gt;</source>"
    assert set(linking(*MANY, source=named)) == {"The Publisher"}
    atom = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Planet</title><entry><title>N</title><source><title>The Publisher"
        f"</title><link href='https://p.example/'/></source><id>tag:p.example,2024:1</id></entry>{end}</feed>"
    )
    (item, *_) = read(atom.encode()).items

    assert (item.title, item.source, item.url) == ("N", "The Publisher", None)


@pytest.mark.parametrize(
    ("item", "notes"),
    [
        ("<title>T</title>", ("date-guessed",)),
        ("<title>T</title><link>javascript:x</link>", ("bad-link", "date-guessed")),
        ("<title>T</title><link>data:text/html,x</link><pubDate>2024-07-18</pubDate>", ("bad-link",)),
        ("<title>T</title><guid>tag:a.example,2024:1</guid><pubDate>2024-07-18</pubDate>", ()),
        ("<title>" + "word " * 70 + "</title><pubDate>2024-07-18</pubDate>", ("cut",)),
        ("<title>T</title><description>" + "word " * 50_000 + "</description><pubDate>2024-07-18</pubDate>", ("cut",)),
        ("<description>" + "word " * 30_000 + "</description><pubDate>1970-01-01</pubDate>", ("date-guessed",)),
    ],
    ids=["no date", "script", "data", "an id is no link", "title", "body", "title from body"],
)  # fmt: skip
def test_what_was_not_as_it_should_be_is_noted(item: str, notes: tuple[str, ...]) -> None:
    feed = read(rss(item))

    assert (feed.reason, feed.notes) == ("", notes)
    assert all(len(found.title) <= parse.MAX_TITLE for found in feed.items)
    assert all(len(found.body) <= parse.MAX_BODY for found in feed.items)
    if notes == ("cut",):
        assert feed.items[0].title.endswith("…") or feed.items[0].body.endswith("…")


def test_items_over_the_cap_and_wrong_encodings_are_noted() -> None:
    item = "<title>{0}</title><link>/{0}</link><pubDate>2024-07-18</pubDate>"
    two = rss(item.format(1) + "</item><item>" + item.format(2))
    latin = b"<?xml version='1.0' encoding='utf-8'?>" + rss(item.format("Zw\u00f6lf")).decode().encode("latin-1")  # fmt: skip

    assert read(two, most=2).notes == ()
    assert (read(two, most=1).notes, read(two, most=1).reason) == (("item-cap",), "")
    assert (read(latin).notes, read(latin).items[0].title) == (("encoding",), "Zwölf")


N = 200_000
HOSTILE = [
    "<" * N, "<a" * N, "<a " * N, '<a x="' * N, "<a<a=" * N + "> '", "<!--" * N, "<!" * N, "<script>" * N, "<script>" + "</script" * N,
    "</" * N, "&" * N, "&#" + "1" * N, "<div>" * N + "</div>" * N, "<p " + "a=1 " * N, "<svg>" * N + "</svg>" * N, "<![CDATA[" * N,
    "<a" + " " * N, "<a" + "= " * N, "[1 " * N + "]", "The post " + "a appeared first on " * N, "e" + "\u0301" * N,
]  # fmt: skip


@pytest.mark.parametrize("html", HOSTILE, ids=range(len(HOSTILE)))
def test_no_html_keeps_stripping_busy(html: str) -> None:
    # Time that grows with the square would take minutes; the suite's own limit ends such a test.
    assert len(strip.plain(html)) <= len(html)
    assert strip.plain(f"<p>Said.</p><p>{html}").startswith("Said.")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p title='a > b'>Said</p>", "Said"),
        ("Said<br/>so<hr>and<BR>on", "Said\n\nso\n\nand\n\non"),
        ("a <b>bold</b>er w<i>o</i>rd", "a bolder word"),
        ("1 < 2 and 3 <4 and a <b", "1 < 2 and 3 <4 and a <b"),
        ('cut off <a href="https://a.exam', "cut off"),
        ("<script>if (a < b) { '<p>' }</script>Said<style>p > a {}</style>", "Said"),
        ("<script src='x'/>Said", "Said"),
        ("<!-- a > b -- c --><!DOCTYPE x><?php echo ?>Said", "Said"),
        ("Said <!-- cut off", "Said"),
        ("<![CDATA[<p>Said</p>so]]>", "Said\n\nso"),
        ("<svg><title>No</title></svg>Said<iframe src=x>no</iframe><video/>so", "Saidso"),
        ("Said<form>kept", "Said\n\nkept"),
        ("&lt;b&gt; &amp;amp; &#x41;&nbsp;&#10;&#10;B", "<b> &amp; A B"),
        ("a\n\n\nb", "a b"),
        ("</p></>Said</3>", "Said"),
    ],
)
def test_markup_goes_and_words_stay(html: str, text: str) -> None:
    assert strip.plain(html) == text


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
