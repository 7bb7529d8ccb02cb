"""Promises of the e-mail edition: legal by the RFCs, whole, the same bytes each time, and feed text stays text in both parts."""

import dataclasses
import email
import email.policy
import re
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.publish import strategies
from tests.publish.test_post import CASES, ENVIRONMENT, ISSUE
from weeklyai import config
from weeklyai.errors import UserError
from weeklyai.publish import post
from weeklyai.publish.email import CLIPPED, message, write
from weeklyai.publish.normal import normal
from weeklyai.publish.parse import parse
from weeklyai.records import Issue

POSTS = Path(__file__).parent.parent.parent / "_posts"
LEAVE = {
    "from_address": "hello@letter.example",
    "list_id": "weekly.letter.example",
    "unsubscribe_mail": "leave+all@letter.example",
    "unsubscribe_url": "https://lists.letter.example/leave/" + "x" * 200,
}


def site(
    title: str = "Letter", url: str = "https://letter.example", **mail: str
) -> config.Settings:
    return config.Settings(
        folder=CASES,
        site=config.Site(title=title, url=url, desk_url="https://letter.example/about/"),
        email=config.Email(**mail),
    )


def read(data: bytes) -> EmailMessage:
    """Return the message as a mail program reads it; it must not stumble anywhere."""
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    for part in found.walk():
        assert not part.defects
    for value in found.values():
        assert not getattr(value, "defects", ())
    return found


def parts(issue: Issue, **mail: str) -> tuple[EmailMessage, str, str]:
    """Return the message of `issue`, its plain text and its HTML."""
    found = read(message(issue, site(**mail), ENVIRONMENT))
    plain, html = found.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return found, *(part.get_content().replace("\r\n", "\n") for part in (plain, html))


class Page(HTMLParser):
    """What a browser would make of a page: its elements, its links, its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


def unwrapped(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_it_is_text_and_html_with_nothing_remote() -> None:
    _, plain, html = parts(ISSUE)
    page = Page(html)

    assert plain.startswith("Week #41 2030 - Queues: C++ & C#\n" + "=" * 32 + "\n")
    assert "How __It__ Works\n----------------\n" in plain
    assert max(map(len, plain.splitlines())) <= 76
    assert page.elements <= set(
        "html head meta title style body div table tr td h1 h2 h3 h4 p a em strong code ul ol li".split()
    )
    assert not page.attributes & {"src", "background", "srcset"}
    assert "url(" not in html
    assert all(link.startswith(("https://", "http://")) for link in page.links)
    assert "https://letter.example/2030/10/11/week-41-2030.html" in page.links
    assert {item.url for item in normal(ISSUE).news} <= set(page.links)


def test_links_of_the_text_part_are_numbered_and_listed_once() -> None:
    twice = dataclasses.replace(ISSUE.news[0], headline="Again")
    _, plain, _ = parts(dataclasses.replace(ISSUE, news=(*ISSUE.news, twice)))
    body, _, listed = plain.partition("Links\n-----\n")
    numbers = dict(re.findall(r"^\[(\d+)\] (\S+)$", listed, re.MULTILINE))

    assert list(numbers) == [str(n) for n in range(1, len(numbers) + 1)]
    assert len(set(numbers.values())) == len(numbers)
    assert set(re.findall(r"\[(\d+)\]", body)) == set(numbers)
    assert numbers[re.search(r"^\* Again \[(\d+)\]$", body, re.MULTILINE)[1]] == ISSUE.news[0].url  # type: ignore[index]


def test_the_published_sample_is_far_from_being_cut_off() -> None:
    issue = parse(next(POSTS.glob("*.md")).read_text(encoding="utf-8"))
    _, plain, html = parts(issue)

    assert len(html.encode()) < 40_000 < CLIPPED
    text = unwrapped(Page(html).text)
    for item in issue.news:
        assert item.take in text
        assert item.take in unwrapped(plain)


def test_colours_follow_the_readers_choice() -> None:
    _, _, html = parts(ISSUE)
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert 'style="margin:0;padding:0;background:#fdfdfc"' in html


def test_the_description_is_what_an_inbox_shows() -> None:
    _, _, html = parts(ISSUE)
    assert re.search(r'<body[^>]*>\s*<div style="display:none[^>]*>Why work waits in line', html)
    assert "display:none" not in parts(dataclasses.replace(ISSUE, description=""))[2]


def test_headers_of_a_site_that_says_nothing_about_mail() -> None:
    found, _, _ = parts(ISSUE)
    assert found["From"] == "Letter <newsletter@letter.example>"
    assert found["Subject"] == post.title(ISSUE)
    assert found["Date"].datetime == ISSUE.date
    assert found["Message-ID"] == "<week-41-2030@letter.example>"
    assert found["List-Id"] == "Letter <newsletter.letter.example>"
    assert found["Content-Language"] == "en"
    assert found["MIME-Version"] == "1.0"
    assert found["List-Unsubscribe"] is None
    assert found["List-Unsubscribe-Post"] is None


def test_headers_by_which_readers_leave() -> None:
    data = message(ISSUE, site(**LEAVE), ENVIRONMENT)
    found = read(data)
    assert found["From"] == "Letter <hello@letter.example>"
    assert found["List-Id"] == "Letter <weekly.letter.example>"
    # Word for word: a folded or encoded address is one that no mail program opens.
    assert f"<{LEAVE['unsubscribe_url']}>".encode() in data
    assert b"<mailto:leave%2Ball@letter.example?subject=unsubscribe>\r\n" in data
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    only_mail = read(message(ISSUE, site(unsubscribe_mail="a@b.example"), ENVIRONMENT))
    assert only_mail["List-Unsubscribe"] == "<mailto:a@b.example?subject=unsubscribe>"
    assert only_mail["List-Unsubscribe-Post"] is None


def test_equal_issues_give_equal_bytes() -> None:
    first = message(ISSUE, site(**LEAVE), ENVIRONMENT)
    assert message(dataclasses.replace(ISSUE), site(**LEAVE), ENVIRONMENT) == first
    assert message(normal(ISSUE), site(**LEAVE), ENVIRONMENT) == first


def test_a_corrected_issue_is_another_message_and_says_so() -> None:
    note = "Corrected on 12 October 2030: it costs <b>5</b>, not 6."
    found, plain, html = parts(dataclasses.replace(ISSUE, corrections=(note,)))
    assert found["Message-ID"] == "<week-41-2030.1@letter.example>"
    assert note in plain
    assert note in Page(html).text


@pytest.mark.parametrize(
    "topic",
    [
        "Two\r\nBcc: everyone@evil.example",
        "=?utf-8?q?Bcc=3A_x?=",
        "Ein Wort für alles: " + "Straßenbahnhaltestellenschild, " * 20,
        "W" * 3000,
        "🚀" * 200,
        'a "quoted" <tag>, with; commas',
    ],
    ids=lambda topic: topic[:12],
)
def test_a_subject_is_one_header_whatever_the_topic(topic: str) -> None:
    issue = normal(dataclasses.replace(ISSUE, feature=None, topic=topic))
    data = message(issue, site(title=topic), ENVIRONMENT)
    found = read(data)
    head = data.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    assert found["Subject"] == post.title(issue)
    assert found["From"].addresses[0].addr_spec == "newsletter@letter.example"
    assert found["Bcc"] is None
    assert all(len(line) <= 78 for line in head)
    assert data.isascii()


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></table><h1>Hello</h1>",
    "a\r\n\r\n--=_boundary\r\nContent-Type: text/html",
    "{{ site.title }} {% include x %}",
    "<!--[if mso]><b>x</b><![endif]-->",
    "&lt;script&gt; &amp;",
    "From here\n.\nFrom there",
    "x\u202egpj.exe\u2066y\u2069 \u200bz",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_feed_text_stays_text_in_both_parts(text: str) -> None:
    item = dataclasses.replace(ISSUE.news[0], headline=text, take=text, person=text)
    issue = normal(
        dataclasses.replace(ISSUE, news=(item, ISSUE.news[1]), intro=text, closing=text, pulse=text)
    )
    found, plain, html = parts(issue)
    page = Page(html)
    seen = issue.news[0].headline

    assert len(list(found.walk())) == 3
    assert unwrapped(page.text).count(seen) == 6  # headline, take, person, heading, intro, closing
    assert unwrapped(plain).count(seen) == 6
    assert page.elements == Page(parts(ISSUE)[2]).elements
    assert page.attributes == Page(parts(ISSUE)[2]).attributes
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b]", plain + html)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.issues())
def test_every_issue_is_a_legal_message(issue: Issue) -> None:
    data = message(issue, site(**LEAVE), ENVIRONMENT)
    found, plain, html = parts(issue, **LEAVE)
    page = Page(html)

    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    head, _, body = data.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert b"\nFrom " not in body
    assert found["Subject"] == post.title(issue)
    assert len(found.keys()) == 10
    for item in issue.news:
        assert unwrapped(item.take) in unwrapped(page.text)
        assert unwrapped(item.take) in unwrapped(plain)
        assert item.url in page.links
        assert item.url in plain
    assert "script" not in page.elements


def test_a_site_without_a_host_to_write_from_is_named() -> None:
    with pytest.raises(UserError, match=r"\[site\] url: .* no login"):
        message(ISSUE, site(url="https://me@letter.example"), ENVIRONMENT)


def test_the_file_is_named_after_the_week(tmp_path: Path) -> None:
    where = dataclasses.replace(site(), folder=tmp_path)
    path = write(ISSUE, where, ENVIRONMENT)
    assert path == tmp_path / "email" / "week-41-2030.eml"
    assert path.read_bytes() == message(ISSUE, where, ENVIRONMENT)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('from_address = "Letter <a@b.example>"', "from_address = .*must be an address like"),
        ('from_address = "a@b.example\\nBcc: c@d.example"', "from_address"),
        ('unsubscribe_mail = "b.example"', "must be an address like leave@"),
        ('unsubscribe_url = "http://b.example/leave"', "must be an address that begins with https"),
        ('unsubscribe_url = "https://b.example/a>,<x:y"', "unsubscribe_url"),
        ('list_id = "two words"', "must be a name like"),
        ("sender = 1", r"\[email\] sender: no such setting"),
    ],
)
def test_a_setting_that_would_break_a_header_is_refused(
    tmp_path: Path, line: str, fault: str
) -> None:
    (tmp_path / "weeklyai.toml").write_text(
        '[site]\ntitle = "T"\nurl = "https://t.example"\ndesk_url = "https://t.example/a"\n'
        f"[email]\n{line}\n"
    )
    with pytest.raises(UserError, match=fault):
        config.load(tmp_path)
