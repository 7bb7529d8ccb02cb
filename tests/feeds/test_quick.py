"""Promises of the quick reader: feedparser's very items, or None where anything is out of the ordinary."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weeklyai.feeds import lenient, parse, quick
from weeklyai.feeds.moments import moment
from weeklyai.feeds.raw import RawFeed

ROOT = Path(__file__).parent.parent.parent
FILES = [*sorted((ROOT / "tests/feeds/cases").glob("*.xml")), *sorted((ROOT / "samples/feeds").glob("*.xml"))]  # fmt: skip
NOW = datetime(2024, 7, 20, tzinfo=UTC)
URL = "https://feeds.example/rss"
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:a="http://www.w3.org/2005/Atom" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:x="urn:x" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
)


def same(one: RawFeed, other: RawFeed) -> bool:
    """Say whether two readings of a feed come to the same items."""
    feeds = [parse.clean(feed, URL, NOW, 500) for feed in (one, other)]
    homes = [feed.home.partition("&")[0] for feed in (one, other)]  # up to the host and far beyond
    return feeds[0] == feeds[1] and homes[0] == homes[1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_quick_reader_finds_what_feedparser_finds(path: Path) -> None:
    body = path.read_bytes()
    found = quick.read(body)

    assert found or path.name.startswith("hostile-")  # some of these are no XML
    assert not found or same(found, lenient.read(body))


TEXTS = st.sampled_from(
    ["", " ", "One", "Two words", "A &amp;amp; B", "a &lt;b&gt;bold&lt;/b&gt; word", "<![CDATA[<p>Said.</p><p>More.</p>]]>", "Zwölf",
     "caf\u00c3\u00a9", "x\u0096y", "\u4e2d\u6587", "<!-- said --> after", "&lt;p&gt;" + "Long. " * 40]
)  # fmt: skip
ADDRESSES = st.sampled_from(
    ["https://a.example/1", "https://a.example/2?x=1&amp;y=2", "/3", "", " https://b.example/ ", "https:///c.example/", "javascript:x",
     "tag:a.example,2024:1", "4", "http://[", "https://a.example/&amp;amp;lt;5"]
)  # fmt: skip
DATES = st.sampled_from(
    ["Thu, 18 Jul 2024 08:00:00 GMT", "18 Jul 2024 08:00:00 +0230", "Fri, 19 July 2024 9:30 EST", "2024-07-18T08:00:00Z", "2024-07-18",
     "2024-07-18T08:00:00.5-07:00", "2024-07-18 08:00:00", "Thu, 01 Jan 1970 00:00:00 GMT", ""]
)  # fmt: skip
PLAIN = st.builds(
    "<{0}>{1}</{0}>".format,
    st.sampled_from(
        "title dc:title media:title a:title description dc:description media:description abstract summary itunes:summary "
        "content:encoded content fullitem a:summary source author category x:y feedburner:origLink image comments rights".split()
    ),
    TEXTS,
)
TYPED = st.builds(
    '<{0} type="{1}">{2}</{0}>'.format,
    st.sampled_from(
        "a:title a:summary a:content media:description description content x:y".split()
    ),
    st.sampled_from(("text", "html", "xhtml", "text/html", "HTML", "plain")),
    TEXTS,
)
XHTML = st.builds(
    '<a:{0} type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{1}<p class="c">Said.<br/>{1}</p></div></a:{0}>'.format,
    st.sampled_from(("title", "summary", "content", "rights")),
    TEXTS.filter(lambda text: "&lt;" not in text and "CDATA" not in text),
)
DATED = st.builds(
    "<{0}>{1}</{0}>".format,
    st.sampled_from(
        "pubDate dc:date a:published a:updated created dcterms:issued lastBuildDate modified".split()
    ),
    DATES,
)
LINKS = st.one_of(
    st.builds("<{0}>{1}</{0}>".format, st.sampled_from("link guid a:id a:link".split()), ADDRESSES),
    st.builds('<guid isPermaLink="{}">{}</guid>'.format, st.sampled_from(("true", "false", "True")), ADDRESSES),
    st.builds(
        '<{} rel="{}" href="{}"/>'.format,
        st.sampled_from(("a:link", "link")),
        st.sampled_from(("alternate", "self", "related", "Alternate", "")),
        ADDRESSES,
    ),
    st.builds('<a:link href="{}" type="{}"/>'.format, ADDRESSES, st.sampled_from(("text/html", "application/pdf"))),
    st.builds('<enclosure url="{}" type="audio/mpeg"/>'.format, ADDRESSES),
)  # fmt: skip
NESTED = st.one_of(
    st.builds("<media:group>{}{}</media:group>".format, PLAIN, DATED),
    st.builds('<x:box n="1">{}{}</x:box>'.format, PLAIN, LINKS),
    st.builds("<a:source>{}{}<a:title>{}</a:title></a:source>".format, LINKS, DATED, TEXTS),
    st.builds('<source url="{}">{}</source>'.format, ADDRESSES, TEXTS),
    st.builds('<content xml:base="https://base.example/x/">{}</content>'.format, TEXTS),
    st.builds("<author><name>{}</name></author>".format, TEXTS),
)
ELEMENTS = st.lists(st.one_of(PLAIN, TYPED, XHTML, DATED, LINKS, LINKS, NESTED), max_size=7)
HEAD = st.lists(st.one_of(PLAIN, DATED, LINKS, NESTED), max_size=3)
ITEMS = st.lists(st.builds("".join, ELEMENTS), max_size=3)
FRAMES = st.sampled_from(
    [
        ("<rss version='2.0' {}><channel>", "item", "</channel></rss>"),
        ("<rss version='2.0' xml:base='https://base.example/' {}><channel>", "item", "</channel></rss>"),
        ("<rdf:RDF xmlns='http://purl.org/rss/1.0/' {}><channel rdf:about='x'/>", "item", "</rdf:RDF>"),
        ("<feed xmlns='http://www.w3.org/2005/Atom' {}>", "entry", "</feed>"),
        ("<feed version='0.3' xmlns='http://purl.org/atom/ns#' {}>", "entry", "</feed>"),
        ("<rss xmlns='urn:unheard-of' {}><channel>", "item", "</channel></rss>"),
    ]
)  # fmt: skip


def feed(frame: tuple[str, str, str], head: list[str], items: list[str]) -> bytes:
    """Return a feed with the elements `head` of its own, and `items`."""
    start, name, end = frame
    inner = "".join(f"<{name}>{item}</{name}>" for item in items)
    own = "".join(head) if "RDF" not in start else ""
    return f"{start.format(SPACES)}{own}{inner}{end}".encode()


@given(FRAMES, HEAD, ITEMS)
def test_whatever_the_quick_reader_takes_on_it_reads_as_feedparser_does(
    frame: tuple[str, str, str], head: list[str], items: list[str]
) -> None:
    body = feed(frame, head, items)
    found = quick.read(body)

    assert found is None or same(found, lenient.read(body))


def rss(item: str, head: str = "", start: str = "<rss version='2.0'>") -> bytes:
    """Return an RSS feed of one item."""
    return f"{start}<channel><title>T</title>{head}<item><title>N</title>{item}</item></channel></rss>".encode()


@pytest.mark.parametrize(
    "body",
    [
        rss("<link>https://a.example/</link>") + b"<rss/>",
        rss("<description>a & b</description>"),
        rss("<description>a &nbsp; b</description>"),
        rss("<x:y>undeclared</x:y>"),
        rss("<description>Said <b>so</b>.</description>"),
        rss("<link><b>https://a.example/</b></link>"),
        rss("<pubDate>Thu, 18 Jul 24 08:00:00 GMT</pubDate>"),
        rss("<pubDate>Thu, 18 Jul 2024 08:00:00 BST</pubDate>"),
        rss("<pubDate>Thu, 31 Feb 2024 08:00:00 GMT</pubDate>"),
        rss("<pubDate>2024-07-18T08:00:00+0230</pubDate>"),
        rss("<pubDate>yesterday</pubDate>"),
        rss("<content type='image/png'>aGk=</content>"),
        rss("<content mode='base64'>aGk=</content>"),
        rss("<item><title>within</title></item>"),
        rss("<image><title>of the item</title></image>"),
        rss("<links>x</links>"),
        rss("<body>b</body>"),
        rss("", "<image><x/><title>of the image</title></image>"),
        rss("", "<sub><title>of a part</title></sub>"),
        rss("<z:title xmlns:z='urn:z' xmlns:y='urn:z'>two prefixes</z:title>"),
        rss("<link x:href='https://a.example/' xmlns:x='urn:x'/>"),
        rss("<link xml:base='ftp://a.example/'>x</link>"),
        rss("", start="<!DOCTYPE rss><rss>"),
        rss("", start="<?xml version='1.0' encoding='iso-8859-1'?><rss>"),
        rss("").decode().encode("utf-16"),
        rss("\u00e9").decode().encode("latin-1"),
        rss("").replace(b"rss", b"RDF"),
        b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>",
        rss("<x>" * 5_000 + "</x>" * 5_000),
    ],
)  # fmt: skip
def test_what_is_out_of_the_ordinary_is_left_to_feedparser(body: bytes) -> None:
    assert quick.read(body) is None
    assert parse.read(body) == lenient.read(body)


def test_a_charset_other_than_utf8_is_left_to_feedparser() -> None:
    assert quick.read(rss(""), "text/xml; charset=ISO-8859-1") is None
    assert quick.read(rss(""), 'text/xml; charset="UTF-8"')


@pytest.mark.parametrize(
    "written",
    [
        "Thu, 18 Jul 2024 08:00:00 GMT", "18 July 2024 8:05 Z", "thursday, 1 sept 2024 23:59:59 PDT", "Thu, 18 Jul 2024 08:00:00 -0030",
        "Thu 18 Jul 2024 08:00:00 +05:45", "2024-07-18", "2024-7-8T08:00Z", "2024-07-18T08:00:00.999999z", "2024-07-18 08:00:00 +02:00",
        "2024-07-18T08:00:00-0800", "2024-07-18T08:00:00", "1969-12-31T23:59:59Z", "Sun, 29 Feb 2032 00:00:00 UT",
    ],
)  # fmt: skip
def test_a_date_is_read_as_feedparser_reads_it(written: str) -> None:
    (entry,) = lenient.read(rss(f"<pubDate>{written}</pubDate>")).entries

    assert moment(written) == entry.published is not None


@pytest.mark.parametrize(
    "written", ["2024-07-18T08:00:00+0230", "2024-13-01", "18 Jul 24 08:00:00 GMT", "0001-01-01T00:00:00+01:00", "2024-07-18T24:00:00Z"]
)  # fmt: skip
def test_a_date_that_could_be_read_otherwise_is_not_read(written: str) -> None:
    assert moment(written) is None


def test_the_address_behind_a_counted_link_wins() -> None:
    start = "<rss xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'>"
    links = "<link>https://f.example/~3/x</link><f:origLink>https://a.example/1</f:origLink>"
    for body in (rss(links, start=start), rss(links + "<b/>&", start=start)):
        assert [item.url for item in parse.parse(body, URL, NOW, 500).items] == [
            "https://a.example/1"
        ]
