"""Promises of bulk text: what is read in comes out again, once, whatever is in it and whenever it is killed."""

import contextlib
import gzip
import json
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import make_item
from weeklyai.cli import main, program
from weeklyai.errors import UserError
from weeklyai.feeds import bulk, jsonl
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.search import question, search, stats
from weeklyai.publish import scaffold
from weeklyai.records import FeedItem

NOW = datetime(2024, 7, 20, tzinfo=UTC)
FAR = datetime(9999, 1, 1, tzinfo=UTC)


def made(number: int, **changes: Any) -> dict[str, Any]:
    """Return an invented record; equal numbers give equal records."""
    return {
        "title": f"Title {number}",
        "url": f"https://a.example/{number}",
        "published": "2024-07-01",
        "source": "Example Times",
        "summary": None,
        "text": f"The text of number {number}.\n\nIt has two paragraphs.",
        "licence": "CC0",
        **changes,
    }


def write(path: Path, records: Sequence[object]) -> Path:
    """Write JSON lines; bytes among the records as they are."""
    packed = b"".join(
        (one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in records
    )
    path.write_bytes(gzip.compress(packed) if path.suffix == ".gz" else packed)
    return path


def imported(folder: Path, *records: object) -> tuple[bulk.Imported, list[FeedItem]]:
    """Return what became of a file with these records, and the archive's items then."""
    file = write(folder / "in.jsonl", records)
    with Archive(folder / "a.sqlite") as archive:
        (done,) = bulk.import_files(archive, [file], NOW)
        return done, archive.all_items(FAR)


def test_a_record_becomes_an_item_cleaned_as_plain_text(tmp_path: Path) -> None:
    dirty = made(
        1,
        title="  A <b>bold</b>\u200b title ",
        url="https://WWW.a.example:443/1?utm_source=x#top",
        published="2024-07-01T12:00:00+02:00",
        text="One\nline.\n \nTwo\x00 <p>lines</p>.",
    )
    _, (item,) = imported(tmp_path, dirty)

    assert item.title == "A <b>bold</b> title"
    assert item.url == "https://www.a.example/1"
    assert item.published == datetime(2024, 7, 1, 10, tzinfo=UTC)
    assert item.body == "One line.\n\nTwo <p>lines</p>."
    assert (item.feed_url, item.licence) == ("import:Example Times", "CC0")


@pytest.mark.parametrize(
    ("published", "date", "guessed"),
    [
        ("2024-07-01", "2024-07-01", False),
        ("2024-07-01T23:00:00-05:00", "2024-07-02", False),
        ("1999", "1999-01-01", True),
        (1999, "1999-01-01", True),
        ("2004-05", "2004-05-01", True),
        (None, "1995-01-01", True),
        ("", "1995-01-01", True),
        ("soon", "1995-01-01", True),
        ("0001-01-01T00:00:00+23:00", "1995-01-01", True),
        ("2035-08-16", "1995-01-01", True),
        (10**40, "1995-01-01", True),
    ],
    ids=range(11),
)
def test_only_a_day_makes_news(published: object, date: str, guessed: bool, tmp_path: Path) -> None:
    _, (item,) = imported(tmp_path, made(1, published=published))

    assert (item.published.date().isoformat(), item.date_guessed) == (date, guessed)


def test_a_summary_alone_is_the_text_and_the_file_names_a_nameless_source(tmp_path: Path) -> None:
    _, (item,) = imported(tmp_path, {"summary": "Only a summary.", "title": None})

    assert (item.title, item.body, item.summary) == ("Only a summary.", "Only a summary.", "")
    assert (item.source, item.feed_url, item.url) == ("in", "import:in", None)


def test_texts_that_are_too_long_are_cut_as_those_of_feeds(tmp_path: Path) -> None:
    _, (item,) = imported(tmp_path, made(1, title="t " * 900, text="w " * 200_000, summary="s " * 9_000))  # fmt: skip

    assert (len(item.title), len(item.summary)) <= (300, 5_000)
    assert len(item.body) in range(199_990, 200_001)


BAD = [
    (b"{", "is not JSON"),
    (b"[" * 100_000, "is not JSON"),
    (b'{"a": ' + b"9" * 5000 + b"}", "is not JSON"),
    (b"\xff\xfe", "is not UTF-8"),
    (b"[]", "is not a JSON object"),
    (b"null", "is not a JSON object"),
    (made(1, title=["x"]), "has a title that is not a string or null"),
    (made(1, text=5), "has a text that is not a string or null"),
    (made(1, published=True), "has a published that is not a date, a year or null"),
    (made(1, date_guessed="no"), "has a date_guessed that is not true, false or null"),
    (made(1, id="../x"), "has an id that is not 16 hex digits"),
    ({}, "has no text, no summary, and no title with a link"),
    (made(1, text=" \x00\u200b", url="javascript:x"), "has no text, no summary, and no title with a link"),
    (b'{"text": "' + b"x" * 5_000_000 + b'"}', "is longer than 5 MB"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "reason"), BAD, ids=range(len(BAD)))
def test_a_bad_line_is_named_by_number_and_costs_nothing_else(
    line: object, reason: str, tmp_path: Path
) -> None:
    done, items = imported(tmp_path, made(0), b"", line, made(2))

    assert done.faults == [(3, reason)]
    assert (done.lines, done.new, done.bad, len(items)) == (4, 2, 1, 2)


def test_many_bad_lines_are_counted_and_twenty_are_shown(tmp_path: Path) -> None:
    done, _ = imported(tmp_path, made(0), *[b"{"] * 50)

    assert (done.bad, len(done.faults), done.faults[-1][0]) == (50, bulk.SHOWN, 21)


def test_a_line_that_unpacks_to_gigabytes_is_never_held(tmp_path: Path) -> None:
    file = tmp_path / "bomb.jsonl.gz"
    with gzip.open(file, "wb", compresslevel=1) as out:
        out.write(json.dumps(made(1)).encode() + b"\n")
        for _ in range(300):
            out.write(b" " * 1_000_000)
        out.write(b"\n" + json.dumps(made(2)).encode())
    tracemalloc.start()
    with file.open("rb") as packed:
        lengths = [line and len(line) for _, line in jsonl.lines(packed)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [length is None for length in lengths] == [False, True, False]
    assert peak < 4 * jsonl.MAX_LINE


def test_a_file_cut_short_keeps_what_was_whole(tmp_path: Path) -> None:
    records = [made(n, text=os.urandom(300).hex()) for n in range(200)]
    file = write(tmp_path / "cut.jsonl.gz", records)
    file.write_bytes(file.read_bytes()[:-9_000])
    with Archive(tmp_path / "a.sqlite") as archive:
        (done,) = bulk.import_files(archive, [file], NOW)
        assert 100 < archive.counts().items < 200
        (again,) = bulk.import_files(archive, [file], NOW)
        write(file, records)
        (whole,) = bulk.import_files(archive, [file], NOW)
        assert archive.counts().items == 200

    assert f"beyond line {done.new}: " in done.damage
    assert (again.new, again.start, again.damage) == (0, done.new, done.damage)
    assert (whole.same_id, whole.damage) == (done.new, "")


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n\0\0", b"%PDF-1.7\n", b"[1,\n2]\n", b"\x1f\x8bnot gzip at all", b"a,b\n" * 99],
)  # fmt: skip
def test_another_kind_of_file_is_refused_before_anything_is_read(
    content: bytes, tmp_path: Path
) -> None:
    good, bad = write(tmp_path / "good.jsonl", [made(1)]), tmp_path / "bad.jsonl.gz"
    bad.write_bytes(content)
    with Archive(tmp_path / "a.sqlite") as archive:
        with pytest.raises(UserError, match="is not JSON lines"):
            bulk.import_files(archive, [good, bad], NOW)

        assert archive.counts().items == 0


def test_the_first_of_two_alike_stays(tmp_path: Path) -> None:
    done, items = imported(
        tmp_path,
        made(1),
        made(1, text="Another edition."),
        made(1, url="http://m.a.example/1/?utm_source=x"),
        made(2, text=made(1)["text"], title="Elsewhere"),
        made(3, text=None, title="A link alone"),
        made(4, text=None, title="A link alone"),
    )

    assert (done.new, done.same_id, done.same_text) == (3, 2, 1)
    assert {item.title for item in items} == {"Title 1", "A link alone"}


def test_parts_of_one_page_are_items_under_their_own_titles(tmp_path: Path) -> None:
    parts = [made(1, title=f"Part {n}", text=f"What part {n} says.") for n in range(3)]
    first, items = imported(tmp_path, *parts)
    (tmp_path / "in.jsonl").unlink()
    again, same = imported(tmp_path, *parts)

    assert (first.new, again.new, again.same_id) == (3, 0, 3)
    assert {item.title for item in items} == {"Part 0", "Part 1", "Part 2"}
    assert same == items


def test_texts_without_an_address_are_told_apart_by_what_they_say(tmp_path: Path) -> None:
    issues = [made(1, url=None, title="Weekly", text=f"Issue {n}.") for n in (1, 2, 2)]
    done, items = imported(tmp_path, *issues)

    assert (done.new, done.same_id) == (2, 1)
    assert {item.url for item in items} == {None}


def test_what_a_feed_brought_is_not_brought_again_nor_changed(tmp_path: Path) -> None:
    item = make_item(1)
    file = write(tmp_path / "in.jsonl", [made(1, url=item.url, title=item.title)])
    with Archive(tmp_path / "a.sqlite") as archive:
        (own,) = [jsonl.to_item(json.loads(file.read_text()), "in", NOW)]
        feeds = make_item(1, id=own.id)
        archive.add([feeds], NOW)
        (done,) = bulk.import_files(archive, [file], NOW)

        assert (done.new, done.same_id) == (0, 1)
        assert archive.all_items(NOW) == [feeds]


def test_a_finished_file_is_read_again_only_if_asked_or_changed(tmp_path: Path) -> None:
    file = write(tmp_path / "in.jsonl", [made(1)])
    with Archive(tmp_path / "a.sqlite") as archive:

        def run(*, again: bool = False) -> tuple[int, int, bool]:
            (done,) = bulk.import_files(archive, [file], NOW, again=again)
            return done.new, done.same_id, done.known

        assert [run(), run(), run(again=True)] == [(1, 0, False), (0, 0, True), (0, 1, False)]
        write(file, [made(1), made(2)])
        assert run() == (1, 1, False)


IMPORT = """
import os, signal, sys
from datetime import datetime, UTC
from pathlib import Path
from weeklyai.feeds import bulk
from weeklyai.feeds.archive import Archive
bulk.BATCH_ITEMS = 50
class Mortal(Archive):
    left = int(sys.argv[3])
    def insert(self, items, now):
        super().insert(items, now)
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
with Mortal(Path(sys.argv[1])) as archive:
    bulk.import_files(archive, [Path(sys.argv[2])], datetime(2024, 7, 20, tzinfo=UTC))
"""
ENV = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(Path.cwd()), *sys.path]))}


def rows(path: Path) -> list[tuple[object, ...]]:
    """Return all that the archive holds of its items."""
    with Archive(path) as archive:
        return [tuple(row) for row in archive.db.execute("SELECT * FROM items ORDER BY number")]


@pytest.mark.parametrize("killed_at", [1, 51, 120, 199])
def test_an_import_that_is_killed_ends_as_one_that_is_not(killed_at: int, tmp_path: Path) -> None:
    # Two hundred items, among them parts of pages, and twenty texts that are there already.
    records = [made(n % 170, title=f"Title {n % 190}", text=f"Text {n % 200}.") for n in range(220)]
    file = write(tmp_path / "in.jsonl.gz", records)
    command = [sys.executable, "-c", IMPORT, str(tmp_path / "a.sqlite"), str(file), str(killed_at)]
    killed = subprocess.run(command, check=False, env=ENV)
    with Archive(tmp_path / "a.sqlite") as archive:
        (done,) = bulk.import_files(archive, [file], NOW)
        (again,) = bulk.import_files(archive, [file], NOW)
    with Archive(tmp_path / "b.sqlite") as archive:
        bulk.import_files(archive, [file], NOW)

    assert killed.returncode == -signal.SIGKILL
    assert (done.start, again.known) == ((killed_at - 1) // 50 * 50, True)
    assert rows(tmp_path / "a.sqlite") == rows(tmp_path / "b.sqlite")


def test_two_imports_at_once_store_each_item_once(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{n}.jsonl", [made(n) for n in range(500)]) for n in range(2)]
    command = [sys.executable, "-c", IMPORT, str(tmp_path / "a.sqlite")]
    children = [subprocess.Popen([*command, str(path), "-1"], env=ENV) for path in paths]

    assert [child.wait(60) for child in children] == [0, 0]
    assert len(rows(tmp_path / "a.sqlite")) == 500


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_an_export_reads_back_as_the_same_items(
    name: str, items: list[FeedItem], tmp_path: Path
) -> None:
    odd = [
        make_item(50, url=None, title="Ünïcode «x» 👩‍💻", licence="CC0"),
        make_item(51, summary="", body="", title="A link alone"),
        make_item(52, body="", summary="Held apart from the text."),
        make_item(53, date_guessed=True, body=make_item(1).body),
    ]
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add([*items, *odd], NOW)
        bulk.import_files(
            archive, [write(tmp_path / "in.jsonl", [made(1), made(2, published=None)])], NOW
        )
        before = archive.all_items(FAR)
        number = bulk.export_file(archive, tmp_path / name, archive.each())
        with pytest.raises(UserError, match="exists already"):
            bulk.export_file(archive, tmp_path / name, archive.each())
    with Archive(tmp_path / "b.sqlite") as archive:
        bulk.import_files(archive, [tmp_path / name], NOW)

        assert archive.all_items(FAR) == before
        assert len(before) == number == 46
        # The feeds that the items came from know them again.
        assert archive.add([*items, *odd], NOW) == 0


FIELD = st.none() | st.text()


@given(
    fields=st.fixed_dictionaries({
        "title": FIELD, "url": FIELD | st.sampled_from(["https://a.example/é?q=1#!x", " 'http://b.example/%41'"]),
        "summary": FIELD, "text": st.text(min_size=1), "source": FIELD, "licence": FIELD,
        "published": FIELD | st.integers() | st.dates().map(str) | st.datetimes().map(str),
    })
)  # fmt: skip
def test_an_item_is_the_same_after_any_number_of_trips(fields: dict[str, Any]) -> None:
    try:
        item = jsonl.to_item(fields, "file", NOW)
    except jsonl.BadRecord:
        return
    line = json.dumps(jsonl.to_record(item)).encode()

    assert jsonl.to_item(jsonl.record(line), "other", NOW) == item


def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add([make_item(1)], NOW)
        broken = (item if item.id == "x" else 1 / 0 for item in archive.each())
        with pytest.raises(ZeroDivisionError):
            bulk.export_file(archive, tmp_path / "folder" / "out.jsonl", broken)  # type: ignore[arg-type]

    assert list((tmp_path / "folder").iterdir()) == []


def test_an_export_keeps_passwords_of_feeds_to_itself() -> None:
    item = make_item(1, feed_url="https://ada:secret@a.example/rss")

    assert "secret" not in json.dumps(jsonl.to_record(item))


TEXT = st.text() | st.from_regex(r'[\w"*()+^:{}\-]{0,20}|(AND|OR|NOT|NEAR)[ (]?')


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive(tmp_path_factory.mktemp("search") / "a.sqlite") as archive:
        archive.add([make_item(n) for n in range(40)], NOW)
        archive.add([make_item(99, title="C++ AND NEAR misses", body='He said "OR NOT".')], NOW)
        yield archive


@given(words=st.lists(TEXT, max_size=5), source=TEXT)
def test_no_question_raises_but_an_empty_one(
    searched: Archive, words: list[str], source: str
) -> None:
    if any(character.isalnum() for word in words for character in word):
        assert isinstance(search(searched, words, 5, NOW, source), list)
    else:
        with contextlib.suppress(UserError):
            question(words)


@pytest.mark.parametrize(
    "words",
    [["C++"], ["AND"], ["NEAR", "misses"], ['said "OR'], ["near", "NOT"], ["title:c", "*"], ["c-and"]],
)  # fmt: skip
def test_nothing_in_a_question_is_syntax(searched: Archive, words: list[str]) -> None:
    found = [hit.id for hit in search(searched, words)]

    assert found[:1] == ([] if words == ["title:c", "*"] else [make_item(99).id])


def test_a_word_with_signs_is_found_only_as_it_stands(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.sqlite") as archive:
        archive.add([make_item(1, title="C++ gets modules"), make_item(2, title="Vitamin C is found")], NOW)  # fmt: skip
        assert [hit.title for hit in search(archive, ["c++"])] == ["C++ gets modules"]
        assert search(archive, ["C#"]) == []
        assert len(search(archive, ["C"])) == 2


def test_very_many_and_very_long_words_are_a_question_too(searched: Archive) -> None:
    assert len(search(searched, ["compiler"] * 5_000, 100)) == 7
    assert search(searched, ["x" * 1_000_000]) == []
    assert search(searched, [" ".join(["compiler"] * 20_000)]) == []


def test_hits_are_ranked_dated_and_marked(searched: Archive) -> None:
    hits = search(searched, ["compilers", "released"], 3)

    assert len(hits) == 3
    assert "«compiler»" in hits[0].snippet
    assert hits[0].date.startswith("2024-07-")
    assert search(searched, ["misses"])[0].title == "C++ AND NEAR misses"
    assert search(searched, ["misses"], since=datetime(2024, 8, 1, tzinfo=UTC)) == []
    assert search(searched, ["misses"], source="example TIMES 3")[0].source == "Example Times 3"


def test_the_count_of_an_archive_adds_up(tmp_path: Path) -> None:
    imported(tmp_path, made(1), made(2, published="1999", licence=None), made(3, published="2023-01-02"))  # fmt: skip
    with Archive(tmp_path / "a.sqlite") as archive:
        found = stats(archive)

    assert (found.total.items, found.total.oldest, found.total.newest) == (3, "2023-01-02", "2024-07-01")  # fmt: skip
    assert {year: group.items for year, group in found.years.items()} == {"": 1, "2023": 1, "2024": 1}  # fmt: skip
    assert {name: group.items for name, group in found.licences.items()} == {"CC0": 2, "": 1}
    assert found.total.characters == sum(len(made(n)["text"] + made(n)["title"]) for n in (1, 2, 3))
    assert found.bytes > 0


def weeklyai(site: Path, *words: str) -> Result:
    """Run a command of the archive in this process."""
    return CliRunner().invoke(program, ["--site", str(site), "archive", *words])


def test_the_commands_end_with_the_promised_codes(tmp_path: Path) -> None:
    scaffold.init(tmp_path, title="T", url="https://t.example", timezone="UTC")
    good, empty = write(tmp_path / "good.jsonl", [made(1), b"{"]), tmp_path / "empty.jsonl"
    empty.touch()
    first, again = (weeklyai(tmp_path, "import", str(good)) for _ in range(2))

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert f"{good}:2: is not JSON" in first.output
    assert "was read before; --again reads it anew" in again.output
    assert weeklyai(tmp_path, "import", str(empty)).exit_code == 1
    assert isinstance(weeklyai(tmp_path, "import", str(tmp_path / "none")).exception, UserError)
    assert isinstance(weeklyai(tmp_path, "search", '"').exception, UserError)
    assert weeklyai(tmp_path, "search", "x", "--since", "soon").exit_code == 2
    assert "https://a.example/1" in weeklyai(tmp_path, "search", "paragraph").output
    assert json.loads(weeklyai(tmp_path, "search", "paragraph", "--json").output)[0]["date"] == "2024-07-01"  # fmt: skip
    assert json.loads(weeklyai(tmp_path, "stats", "--json").output)["total"]["items"] == 1
    assert "Example Times" in weeklyai(tmp_path, "stats").output


@pytest.mark.parametrize(
    ("options", "number"),
    [
        ([], 2),
        (["--since", "2024-07-02"], 1),
        (["--since", "2024-07-01", "--until", "2024-07-01"], 1),
        (["--until", "2024-07-01T00:00:00+02:00"], 0),
        (["--source", "example times"], 1),
    ],
)
def test_an_export_takes_what_it_was_asked_for(
    options: list[str], number: int, tmp_path: Path
) -> None:
    scaffold.init(tmp_path, title="T", url="https://t.example", timezone="UTC")
    records = [made(1), made(2, published="2024-07-02T23:59:59Z", source="Other")]
    weeklyai(tmp_path, "import", str(write(tmp_path / "in.jsonl", records)))
    done = weeklyai(tmp_path, "export", str(tmp_path / "out.jsonl"), *options)

    assert done.exit_code == 0, done.output
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == number


def test_a_mistake_is_one_sentence_and_code_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scaffold.init(tmp_path, title="T", url="https://t.example", timezone="UTC")
    monkeypatch.setattr(
        sys, "argv", ["weeklyai", "--site", str(tmp_path), "archive", "search", "++"]
    )
    with pytest.raises(SystemExit) as stopped:
        main()

    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
