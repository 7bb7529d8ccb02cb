"""Promises of the archive, the feed list and a whole round over feeds."""

import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import make_item
from tests.feeds import server
from weeklyai import config
from weeklyai.errors import UserError, WeeklyError
from weeklyai.feeds import health, listing, opml, poll, schema
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.opml import Subscription
from weeklyai.feeds.search import search
from weeklyai.records import FeedItem

NOW = datetime(2024, 7, 20, tzinfo=UTC)
GOOD = (Path(__file__).parent / "cases" / "good-rss2.xml").read_bytes()
LOCAL = config.Feeds(allow_private=True, deadline_seconds=2)


def test_what_goes_in_comes_out_once(items: list[FeedItem], tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        assert archive.add(items, NOW) == len(items)
        assert archive.add(reversed(items), NOW) == 0
    with Archive(tmp_path / "a.sqlite") as archive:
        assert archive.all_items(NOW) == sorted(items, key=lambda item: (item.published, item.id))


def test_a_window_has_its_end_and_not_its_start(items: list[FeedItem], tmp_path: Path) -> None:
    start, end = items[3].published, items[7].published
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add(items, NOW)

        assert archive.items(start, end) == items[4:8]


def test_a_feed_mends_its_own_item_and_nobody_elses(tmp_path: Path) -> None:
    item = make_item(1)
    own = make_item(1, title="Mended", published=NOW)
    foreign = make_item(1, title="Stolen", feed_url="https://thief.example/")
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add([item], NOW)
        archive.add([own], NOW)
        archive.add([foreign], NOW)
        (found,) = archive.all_items(NOW)

    assert (found.title, found.published) == ("Mended", item.published)


@pytest.mark.parametrize("damage", [b"junk" * 1000, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_damaged_archive_is_named_in_one_sentence(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "a.sqlite").write_bytes(damage)

    with pytest.raises(WeeklyError, match="move it away and run 'weeklyai fetch'"):
        Archive(tmp_path / "a.sqlite")


def test_an_archive_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite"):
        pass
    db = sqlite3.connect(tmp_path / "a.sqlite")
    db.execute("PRAGMA user_version = 99")
    db.close()

    with pytest.raises(WeeklyError, match="newer weeklyai"):
        Archive(tmp_path / "a.sqlite")


def test_a_second_round_adds_nothing_and_asks_for_changes_only(tmp_path: Path) -> None:
    with server.serve({"/a": server.page(GOOD, ETag='"1"'), "/b": server.page(GOOD)}) as site:
        feeds = [Subscription(site.url("/a")), Subscription(site.url("/b"))]
        with Archive(tmp_path / "a.sqlite") as archive:
            first = poll.poll(archive, feeds, LOCAL, NOW)
            again = poll.poll(archive, feeds, LOCAL, NOW)

    assert [(one.status, one.found, one.new) for one in first] == [("ok", 2, 2), ("ok", 2, 0)]
    assert [(one.status, one.new) for one in again] == [("unchanged", 0), ("ok", 0)]


def test_a_bad_feed_leaves_the_good_ones_and_its_validator_alone(tmp_path: Path) -> None:
    parked = server.page(b"<html>parked</html>", ETag='"parked"')
    with server.serve({"/good": server.page(GOOD), "/parked": parked}) as site:
        feeds = [Subscription(site.url(path)) for path in ("/parked", "/none", "/good")]
        with Archive(tmp_path / "a.sqlite") as archive:
            found = poll.poll(archive, feeds, LOCAL, NOW)
            request = archive.feeds.request(feeds[0])
            failures = [state.failures for state in archive.feeds.all()]

    assert [one.reason for one in found] == ["not-a-feed", "http-404", ""]
    assert request.etag == ""
    assert sorted(failures) == [0, 1, 1]
    assert "is not a feed" in health.report(found)
    assert "answered with HTTP status 404" in health.report(found)


def site_settings(folder: Path) -> config.Settings:
    """Return the settings of an empty site in `folder`."""
    about = "https://t.example/about"
    return config.Settings(
        folder=folder,
        site=config.Site(title="T", url="https://t.example", desk_url=about),
        feeds=LOCAL,
    )


def test_lists_are_imported_once_and_exported_whole(tmp_path: Path) -> None:
    settings = site_settings(tmp_path)
    feeds = [
        Subscription("https://a.example/x?a=1&b=2", 'A "quoted" & <odd> name'),
        Subscription("https://b.example/"),
    ]
    opml.write(tmp_path / "in.opml", feeds)

    listing.import_file(settings, tmp_path / "in.opml")
    (line,) = listing.import_file(settings, tmp_path / "in.opml")
    listing.export_file(settings, tmp_path / "out.opml")

    assert line.startswith("0 feeds added")
    assert opml.read(tmp_path / "out.opml") == feeds
    with pytest.raises(UserError, match="exists already"):
        listing.export_file(settings, tmp_path / "out.opml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "<opml><body><outline xmlUrl='file:///etc/passwd'/></body></opml>",
            "is not a web address",
        ),
        ("<opml><body><outline xmlUrl='ftp://a.example/'/></body></opml>", "is not a web address"),
        ("<!DOCTYPE o [<!ENTITY a 'b'>]><opml/>", "declares a document type or entities"),
        ("<opml><body>", "not well-formed"),
        ("", "not well-formed"),
    ],
)
def test_a_hostile_list_is_refused_in_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.opml").write_text(text)

    with pytest.raises(UserError, match=message):
        opml.read(tmp_path / "x.opml")


def test_no_list_and_an_empty_list_say_what_to_do(tmp_path: Path) -> None:
    settings = site_settings(tmp_path)
    with pytest.raises(UserError, match="cannot be read"):
        poll.poll_site(settings, NOW, lambda *_: None)
    opml.write(settings.opml, [])
    with pytest.raises(UserError, match="weeklyai feeds add"):
        poll.poll_site(settings, NOW, lambda *_: None)


def test_an_item_dated_ahead_is_kept_and_waits(tmp_path: Path) -> None:
    ahead = make_item(1, published=NOW + timedelta(days=3))
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add([ahead], NOW)

        assert archive.all_items(NOW) == []
        assert archive.span(NOW) == (None, None)
        assert archive.counts().items == 1


def version_one(path: Path, number: int, mode: str = "wal") -> list[FeedItem]:
    """Make an archive as the first release left it; return its items."""
    items = [make_item(n) for n in range(number)]
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA journal_mode = {mode}")
    db.executescript(schema.MIGRATIONS[0])
    db.executemany(
        "INSERT INTO items VALUES (?,?,?,?,?,?,?,?,?,?)",
        [
            (item.id, item.feed_url, item.source, item.title, item.url, int(item.published.timestamp()),
             int(item.date_guessed), item.summary, item.body, 0)
            for item in items
        ],
    )  # fmt: skip
    db.execute("INSERT INTO feeds (url, etag) VALUES ('https://a.example/', 'kept')")
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()
    return items


def test_an_archive_of_the_first_release_keeps_all_and_can_be_searched(tmp_path: Path) -> None:
    items = version_one(tmp_path / "a.sqlite", 40)
    with Archive(tmp_path / "a.sqlite") as archive:
        assert archive.all_items(NOW) == items
        assert len(search(archive, ["compiler"], 100)) == 7
        assert archive.feeds.request(Subscription("https://a.example/")).etag == "kept"
        assert archive.add(items, NOW) == 0


OPENED = """
import sys
from pathlib import Path
from weeklyai.feeds.archive import Archive
sys.stdin.readline()
with Archive(Path(sys.argv[1])) as archive:
    assert archive.counts().items == int(sys.argv[2]), archive.counts()
"""


@pytest.mark.parametrize(
    ("mode", "number"), [("wal", 3000), ("delete", 3000), ("delete", 0), ("", 0)]
)
def test_processes_that_open_an_old_or_no_archive_at_once_all_find_it_whole(
    mode: str, number: int, tmp_path: Path
) -> None:
    if mode:
        version_one(tmp_path / "a.sqlite", number, mode)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(Path.cwd()), *sys.path]))}
    command = [sys.executable, "-c", OPENED, str(tmp_path / "a.sqlite"), str(number)]
    children = [
        subprocess.Popen(command, env=env, stdin=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for child in children:
        child.communicate("go\n")

    assert [child.returncode for child in children] == [0] * 4


def test_the_index_follows_inserts_mends_and_deletions(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add([make_item(1, body="A walrus."), make_item(2, body="A gnu.")], NOW)
        archive.add([make_item(1, body="An ibex.")], NOW)
        found = {word: len(search(archive, [word])) for word in ("walrus", "ibex", "gnu")}
        with archive.writing():
            archive.db.execute("DELETE FROM items WHERE id = ?", (make_item(2).id,))
        archive.db.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")

        assert found == {"walrus": 0, "ibex": 1, "gnu": 1}
        assert search(archive, ["gnu"]) == []


def test_a_busy_archive_is_not_called_broken(tmp_path: Path) -> None:
    def collide() -> None:
        with Archive(tmp_path / "a.sqlite") as archive, Archive(tmp_path / "a.sqlite") as other:
            archive.db.execute("PRAGMA busy_timeout = 1")
            with other.writing():
                archive.add([make_item(1)], NOW)

    with pytest.raises(WeeklyError, match="another weeklyai is at work on it"):
        collide()


def test_items_that_are_written_while_reading_do_no_harm(tmp_path: Path) -> None:
    earlier, number = NOW - timedelta(days=30), 1_203  # more than are asked for at once
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add([make_item(n, published=NOW) for n in range(number)], NOW)
        seen = []
        for item in archive.each():
            seen.append(item.id)
            if len(seen) % 400 == 0:
                archive.add([make_item(5_000 + len(seen), published=earlier)], NOW)

    assert seen == [make_item(n).id for n in range(number)]


def test_questions_about_the_dates_are_answered_from_the_index(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        asked: list[str] = []
        archive.db.set_trace_callback(asked.append)
        archive.span(NOW)
        archive.counts()
        archive.items(NOW - timedelta(days=7), NOW)
        archive.db.set_trace_callback(None)
        plans = [
            str(tuple(row))
            for query in asked
            for row in archive.db.execute(f"EXPLAIN QUERY PLAN {query}")
        ]

    assert len(asked) == 4
    assert not any("TEMP B-TREE" in plan or "SCAN items'" in plan for plan in plans), plans
