"""Promises against feeds, servers and lists that mean harm: each fails alone, under a name, or is made harmless."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.conftest import make_item
from tests.feeds import server
from weeklyai import config
from weeklyai.errors import UserError
from weeklyai.feeds import health, opml, parse, poll, schema, strip
from weeklyai.feeds.addresses import is_public
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.fetch import fetch_all
from weeklyai.feeds.health import FeedHealth
from weeklyai.feeds.messages import Request, Response
from weeklyai.feeds.opml import Subscription
from weeklyai.feeds.parse import ParsedFeed

CASES = Path(__file__).parent / "cases"
GOOD = (CASES / "good-rss2.xml").read_bytes()
NOW = datetime(2024, 7, 20, tzinfo=UTC)
LOCAL = config.Feeds(allow_private=True, deadline_seconds=2)
BOMB = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel><title>&b;</title></channel></rss>'


def read(body: bytes) -> ParsedFeed:
    """Return the feed in `body`."""
    return parse.parse(body, "https://feeds.example/rss", NOW, 500)


@pytest.mark.parametrize(
    "body",
    [
        ("<!--" + "x" * 200_000 + "-->" + BOMB).encode(),
        ("<!-- <rss> -->" + BOMB).encode(),
        ("<?x <rss> <!-- ?>" + BOMB + "<!-- -->").encode(),
        ("<!DOCTYPE r SYSTEM '<!--' " + BOMB.removeprefix("<!DOCTYPE r") + "<!-- -->").encode(),
        BOMB.replace("ENTITY", "entity").encode(),
        ('<?xml version="1.0" encoding="utf-16"?>' + BOMB).encode("utf-16"),
        BOMB.encode("utf-16-be"),
    ],
    ids=["padded", "comment", "instruction", "system", "lower case", "utf-16", "utf-16 bare"],
)
def test_no_disguise_gets_entity_declarations_read(body: bytes) -> None:
    assert read(body) == ParsedFeed("", (), "xml-entity")


def test_an_article_about_entities_is_no_bomb() -> None:
    feed = read((CASES / "about-entities.xml").read_bytes())

    assert feed.reason == ""
    assert feed.items[0].body == "Write <!ENTITY x 'y'> inside <!DOCTYPE root [ ]>."


@pytest.mark.parametrize("end", [b"", b"<?", b"<!--", b"<?<!--" * 200_000])
def test_looking_for_entities_ends_on_unclosed_markup(end: bytes) -> None:
    assert not parse.declares_entities(b'<?xml version="1.0"?>' + end)


@pytest.mark.parametrize("path", sorted(CASES.glob("hostile-*")), ids=lambda path: path.name)
def test_a_hostile_feed_is_archived_as_plain_text(path: Path, tmp_path: Path) -> None:
    feed = read(path.read_bytes())
    with Archive(tmp_path / "a.sqlite") as archive:
        assert archive.add(feed.items, NOW) == len(feed.items) > 0
        kept = archive.all_items(NOW + timedelta(days=400))

    for item in kept:
        words = f"{item.source} {item.title} {item.summary} {item.body}"
        assert "evil" not in words.lower()
        assert words.replace("\n", "").isprintable()
        assert item.url is None or item.url.startswith(("http://", "https://"))
        assert len(item.title) <= parse.MAX_TITLE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_feed_need_not_name_its_encoding(encoding: str) -> None:
    words = "<rss version='2.0'>\n<channel><title>T</title>\n<item><title>Zwölf</title><link>/12</link></item></channel></rss>"
    (item,) = read(words.encode(encoding)).items

    assert (item.title, item.url) == ("Zwölf", "https://feeds.example/12")


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00", "soon"])
def test_a_json_date_beyond_all_dates_is_guessed(date: str) -> None:
    entry = {"id": "1", "title": "T", "url": "https://a.example/", "date_published": date}
    (item,) = read(json.dumps({"items": [entry]}).encode()).items

    assert (item.published, item.date_guessed) == (NOW, True)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Said.</p><p>submitted by <a>/u/ada</a></p><span>[link]</span> <span>[3 comments]</span>", "Said."),
        ("I took two steps... [read more]", "I took two steps..."),
        ("It began … Read More Here →", "It began …"),
        ("<p>Said.</p><p>★</p><p>* * *</p><p>Comments</p><p>Comments (12)</p>", "Said."),
        ("<p>Comments from users were kind.</p>", "Comments from users were kind."),
        ("<p>On our site you can read more.</p>", "On our site you can read more."),
        ("<p>Submitted by the working group, it failed.</p>", "Submitted by the working group, it failed."),
    ],
)  # fmt: skip
def test_what_software_adds_goes_and_what_people_write_stays(html: str, text: str) -> None:
    assert strip.plain(html) == text


@pytest.mark.parametrize(
    "address",
    ["::10.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b:1::a00:1", "fec0::1", "2001::1", "ff02::1", "5f00::1", "::"],
)  # fmt: skip
def test_only_global_unicast_counts_as_public(address: str) -> None:
    assert not is_public(address)
    assert is_public("2606:2800:220:1::1")


BAD_LOCATIONS = ["http://[::1", "http://a.example:99999/", "http://a..example/", "/\x01", "http://℀.example/", "/" + "x" * 70_000]  # fmt: skip


@pytest.mark.parametrize("location", BAD_LOCATIONS, ids=range(len(BAD_LOCATIONS)))
def test_an_address_that_is_none_fails_alone(location: str) -> None:
    redirect = server.raw_status(302, Location=location)
    with server.serve({"/bad": redirect, "/good": server.page(GOOD)}) as site:
        bad, direct, good = fetch_all(
            [Request(site.url("/bad")), Request(location), Request(site.url("/good"))], LOCAL
        )

    assert bad.reason in ("bad-address", "dns")
    assert direct.reason in ("bad-address", "bad-scheme", "dns")
    assert good.body == GOOD


async def everywhere_here(host: str, port: int) -> Sequence[str]:
    """Resolve every name to the loopback address."""
    return ["127.0.0.1"]


def test_no_connection_serves_two_hosts() -> None:
    # Over TLS the second host would be answered on a connection whose certificate names the first.
    settings = config.Feeds(allow_private=True, connections=1)
    with server.serve({"/feed": server.page(GOOD)}) as site:
        hosts = ("a.example", "b.example", "bücher.example")
        requests = [Request(site.url("/feed").replace("127.0.0.1", host)) for host in hosts]
        responses = fetch_all(requests, settings, resolver=everywhere_here)

    assert [response.body for response in responses] == [GOOD] * 3
    assert len(site.clients) == 3
    assert site.requests[2][1]["host"].startswith("xn--bcher-kva.example:")


def test_feeds_that_wait_for_a_busy_host_do_not_hold_up_other_hosts() -> None:
    done: list[int] = []
    settings = config.Feeds(allow_private=True, connections=5, deadline_seconds=1)
    with server.serve({"/slow": server.drip(5), "/good": server.page(GOOD)}) as site:
        slow = [Request(site.url("/slow").replace("127.0.0.1", "slow.example"))] * 8
        good = Request(site.url("/good").replace("127.0.0.1", "good.example"))
        fetch_all([*slow, good], settings, lambda n, _: done.append(n), everywhere_here)

    assert done[0] == 8


def test_passwords_stay_at_the_port_they_were_given_for() -> None:
    with server.serve({"/feed": server.page(GOOD)}) as other:
        target = other.url("/feed").replace("//", "//ada:secret@")
        with server.serve({"/feed": server.status(302, Location=target)}) as site:
            fetch_all([Request(site.url("/feed").replace("//", "//ada:secret@"))], LOCAL)

    assert "authorization" in site.requests[0][1]
    assert "authorization" not in other.requests[0][1]


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("120", 120, 120),
        ("9" * 400, 604_800, 604_800),
        ("-5", 0, 0),
        ("soon", 0, 0),
        ("", 0, 0),
        (format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True), 3000, 3600),
        ("Fri, 01 Jan 2038 00:00:00 GMT", 604_800, 604_800),
        ("Fri, 01 Jan 1999 00:00:00 GMT", 0, 0),
        ("Fri, 99 Foo 9999 99:99:99 GMT", 0, 0),
    ],
)
def test_a_server_may_ask_for_a_pause_of_up_to_a_week(value: str, low: int, high: int) -> None:
    with server.serve({"/feed": server.status(429, Retry_After=value)}) as site:
        (response,) = fetch_all([Request(site.url("/feed"))], LOCAL)

    assert response.reason == "http-429"
    assert low <= response.retry_after <= high


def test_the_report_names_pauses_and_dates() -> None:
    fared = FeedHealth("https://a.example/", "A", "failed", "http-429", 0, 0, 0.1, "", 90.0, NOW)

    assert "HTTP status 429 and asks for a pause of 0:01:30 [http-429]" in health.report([fared])
    assert json.loads(json.dumps(health.as_json([fared])))[0]["newest"] == "2024-07-20T00:00:00+00:00"  # fmt: skip


def test_a_list_in_another_encoding_hides_no_entities(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE o [<!ENTITY a "b">]><opml/>'
    (tmp_path / "x.opml").write_bytes(text.encode("utf-16"))

    with pytest.raises(UserError, match="declares a document type or entities"):
        opml.read(tmp_path / "x.opml")


def test_a_snapshot_hash_names_what_was_read_and_nothing_else(tmp_path: Path) -> None:
    first, second = make_item(1), make_item(2)
    with Archive(tmp_path / "a.sqlite") as one, Archive(tmp_path / "b.sqlite") as other:
        one.add([first, second], NOW)
        other.add([second], NOW + timedelta(days=1))
        other.add([first], NOW + timedelta(days=2))
        assert one.snapshot_hash(NOW) == other.snapshot_hash(NOW)
        assert one.snapshot_hash(first.published) != one.snapshot_hash(NOW)
        other.add([make_item(2, body="Mended.")], NOW)
        assert one.snapshot_hash(NOW) != other.snapshot_hash(NOW)


KILLED = """
import os, sys
from pathlib import Path
from datetime import datetime, UTC
from tests.conftest import make_item
from weeklyai.feeds.archive import Archive
with Archive(Path(sys.argv[1])) as archive:
    archive.add([make_item(1)], datetime(2024, 7, 20, tzinfo=UTC))
    archive.db.set_trace_callback(lambda statement: statement == "COMMIT" and os._exit(9))
    archive.add([make_item(n) for n in range(30)], datetime(2024, 7, 20, tzinfo=UTC))
"""


def test_an_archive_killed_while_adding_holds_what_it_held(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(Path.cwd()), *sys.path]))}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, env=env)

    assert killed.returncode == 9
    with Archive(path) as archive:
        assert archive.all_items(NOW) == [make_item(1)]
        assert archive.add([make_item(n) for n in range(30)], NOW) == 29


def test_an_older_archive_is_brought_forward_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add([make_item(1)], NOW)
    more = "ALTER TABLE feeds ADD COLUMN note TEXT NOT NULL DEFAULT 'x';"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, more))

    for _ in range(2):  # a second run of the same migration would fail: the column is there
        with Archive(tmp_path / "a.sqlite") as archive:
            assert archive.all_items(NOW) == [make_item(1)]
            assert archive.db.execute("PRAGMA user_version").fetchone()[0] == len(schema.MIGRATIONS)


def test_a_second_feed_cannot_replace_what_a_first_one_said(tmp_path: Path) -> None:
    lie = GOOD.replace(b"Tern opens its editor", b"Tern closes its editor")
    with server.serve({"/a": server.page(GOOD), "/b": server.page(lie)}) as site:
        feeds = [Subscription(site.url(path)) for path in ("/a", "/b")]
        with Archive(tmp_path / "a.sqlite") as archive:
            poll.poll(archive, feeds, LOCAL, NOW)
            titles = {item.title for item in archive.all_items(NOW)}

    assert titles == {"Karst ships <fast> compiler", "Tern opens its editor"}


def test_when_all_feeds_fail_the_caller_sees_each_reason(tmp_path: Path) -> None:
    scripts = {"/bomb": server.page(BOMB.encode()), "/gone": server.status(410)}
    with server.serve(scripts) as site, Archive(tmp_path / "a.sqlite") as archive:
        found = poll.poll(archive, [Subscription(site.url(path)) for path in scripts], LOCAL, NOW)
        gone = {state.url: state.gone for state in archive.feeds.all()}

    assert [(feed.status, feed.reason) for feed in found] == [
        ("failed", "xml-entity"),
        ("gone", "http-410"),
    ]
    assert gone[site.url("/gone")]
    assert isinstance(found[0], FeedHealth)
    assert Response("x").retry_after == 0
