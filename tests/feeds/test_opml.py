"""Promises of feed lists: what is written is what is read, and nothing in a list can harm the reader."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weeklyai import config
from weeklyai.errors import UserError
from weeklyai.feeds import listing, opml
from weeklyai.feeds.opml import Subscription


def save(folder: Path, body: str) -> Path:
    """Write an OPML file with `body` and return its path."""
    path = folder / "in.opml"
    path.write_text(f"<opml version='2.0'><body>{body}</body></opml>", encoding="utf-8")
    return path


def site_settings(folder: Path) -> config.Settings:
    """Return the settings of an empty site in `folder`."""
    site = config.Site(title="T", url="https://t.example", desk_url="https://t.example/about")
    return config.Settings(folder=folder, site=site)


def feed(name: str, *folder: str) -> Subscription:
    """Return a feed called `name` in `folder`."""
    return Subscription(f"https://{name}.example/feed", name.upper(), folder)


ANYTHING = st.text(st.characters() | st.sampled_from("\0\t\n <>&\"'\u200b\ufeff\uffff\ud800é"))
FEEDS = st.lists(
    st.builds(
        Subscription,
        st.integers(0, 10**9).map(lambda n: f"https://a.example/?a={n}&b='"),
        ANYTHING | st.just("https://a.example/"),
        st.lists(ANYTHING | st.sampled_from(["A", "B"]), max_size=25).map(tuple),
        ANYTHING | st.sampled_from(["https://a.example/<&'>", "javascript:alert(1)"]),
        ANYTHING,
    ),
    unique_by=lambda made: made.url,
)


@given(FEEDS)
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, feeds: list[Subscription]
) -> None:
    path = tmp_path_factory.mktemp("list") / "x.opml"
    opml.write(path, feeds, "T\0")

    assert opml.read_list(path) == (feeds, [])


def test_folders_titles_sites_and_notes_are_read(tmp_path: Path) -> None:
    path = save(tmp_path, """
        <outline text="f"><outline title="g" text="other">
          <outline text="A" xmlUrl="https://a.example/" htmlUrl="https://a.example/page" description=" why &amp; how "/>
        </outline></outline>
        <outline><outline text="B" title="Bee" xmlurl="https://b.example/" htmlUrl="javascript:alert(1)"/></outline>
        <outline text="again" xmlUrl="https://a.example/"/>""")  # fmt: skip

    assert opml.read(path) == [
        Subscription("https://a.example/", "A", ("f", "g"), "https://a.example/page", "why & how"),
        Subscription("https://b.example/", "Bee"),
    ]


def test_text_and_title_are_both_written(tmp_path: Path) -> None:
    opml.write(tmp_path / "x.opml", [feed("a", "f"), Subscription("https://b.example/")])
    folder, first, second = ET.parse(tmp_path / "x.opml").iterfind(".//outline")

    assert (folder.get("text"), folder.get("title")) == ("f", "f")
    assert (first.get("text"), first.get("title")) == ("A", "A")
    assert (second.get("text"), second.get("title")) == ("https://b.example/",) * 2


def test_folders_deeper_than_twenty_are_flattened(tmp_path: Path) -> None:
    names = [f"f{n}" for n in range(25)]
    opened = "".join(f"<outline text='{name}'>" for name in names)
    path = save(tmp_path, f"{opened}<outline xmlUrl='https://a.example/'/>{'</outline>' * 25}")

    assert opml.read(path)[0].folder == tuple(names[:20])


def test_any_nesting_is_read(tmp_path: Path) -> None:
    for name in ("text='f'", ""):
        middle = "<outline xmlUrl='https://a.example/'/>"
        path = save(tmp_path, f"<outline {name}>" * 100_000 + middle + "</outline>" * 100_000)

        assert opml.read(path) == [Subscription("https://a.example/", "", ("f",) * 20 * bool(name))]


def test_one_bad_entry_does_not_cost_the_list(tmp_path: Path) -> None:
    path = save(tmp_path, """
        <outline text="Files" xmlUrl="file:///etc/passwd"/><outline text="A" xmlUrl="https://a.example/"/>
        <outline text="Old" xmlUrl="ftp://me:secret@b.example/"/><outline xmlUrl="javascript:alert(1)"/>
        <outline text="Split" xmlUrl="https://a b.example/"/><outline text="Half" xmlUrl="http://[::1"/>""")  # fmt: skip
    feeds, bad = opml.read_list(path)

    assert feeds == opml.read(path) == [Subscription("https://a.example/", "A")]
    assert [sentence.partition(" is not a web address")[0] for sentence in bad] == [
        "Files: 'file:///etc/passwd'", "Old: 'ftp://b.example/'", "an entry without a name: 'javascript:alert(1)'",
        "Split: 'https://a b.example/'", "Half: 'http://[::1'",
    ]  # fmt: skip


@pytest.mark.parametrize("good", [True, False])
def test_too_many_entries_are_refused(tmp_path: Path, good: bool) -> None:
    scheme = "https" if good else "ftp"
    entries = [f"<outline xmlUrl='{scheme}://a.example/{n}'/>" for n in range(opml.MAX_FEEDS + 1)]

    with pytest.raises(UserError, match="more than 10,000 feeds"):
        opml.read(save(tmp_path, "".join(entries)))


def test_a_list_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "x.opml"
    opml.write(path, [feed("a")])
    many = [feed(f"a{n}") for n in range(opml.MAX_FEEDS + 1)]

    with pytest.raises(UserError, match="are too many"):
        opml.write(path, many)
    with pytest.raises(UserError, match="is not a web address"):
        opml.write(path, [Subscription("https://a.example/\uffff")])
    assert opml.read(path) == [feed("a")]
    opml.write(path, many[:-1])
    assert opml.read(path) == many[:-1]


def test_what_is_exported_is_imported_whole(tmp_path: Path) -> None:
    here, there = site_settings(tmp_path / "here"), site_settings(tmp_path / "there")
    feeds = [feed("a", "f"), feed("b"), feed("c", "f", "g"), feed("d", "f"), feed("e", "f", "g")]
    opml.write(here.opml, feeds)
    listing.export_file(here, tmp_path / "out.opml")
    listing.import_file(there, tmp_path / "out.opml")

    assert opml.read(there.opml) == feeds


def test_an_import_leaves_what_is_known_and_brings_the_rest_into_its_folders(
    tmp_path: Path,
) -> None:
    settings = site_settings(tmp_path)
    opml.write(settings.opml, [feed("a", "f"), feed("b", "f", "g"), feed("c", "h"), feed("d")])
    more = [feed("e"), feed("a", "other"), feed("i", "f"), feed("j", "f", "g"), feed("k", "new")]
    opml.write(tmp_path / "in.opml", more)
    (line,) = listing.import_file(settings, tmp_path / "in.opml")

    assert line.startswith("4 feeds added")
    assert "1 were there" in line
    assert opml.read(settings.opml) == [
        feed("a", "f"), feed("b", "f", "g"), feed("j", "f", "g"), feed("i", "f"), feed("c", "h"),
        feed("d"), feed("e"), feed("k", "new"),
    ]  # fmt: skip


def test_an_import_names_each_entry_it_skips(tmp_path: Path) -> None:
    settings = site_settings(tmp_path)
    good, bad = "<outline xmlUrl='https://a.example/'/>", "<outline text='X' xmlUrl='ftp://x/'/>"
    lines = listing.import_file(settings, save(tmp_path, good + bad))

    assert lines[0].startswith("skipped X: 'ftp://x/' is not a web address")
    assert lines[1].startswith("1 feeds added")


def test_an_import_says_what_it_takes_out_of_the_feed_list(tmp_path: Path) -> None:
    settings = site_settings(tmp_path)
    good, bad = "<outline xmlUrl='https://a.example/'/>", "<outline text='X' xmlUrl='ftp://x/'/>"
    save(tmp_path, good + bad).rename(settings.opml)
    lines = listing.import_file(settings, save(tmp_path, good))

    assert lines[0].startswith(f"taken out of {settings.opml}: X: 'ftp://x/'")
    assert lines[1].startswith("0 feeds added")


@pytest.mark.parametrize(
    ("body", "words"),
    [("<outline text='X' xmlUrl='ftp://x/'/>", "X: 'ftp://x/'"), ("", "lists no feeds")],
)
def test_an_import_without_one_usable_feed_is_refused(
    tmp_path: Path, body: str, words: str
) -> None:
    settings = site_settings(tmp_path)
    with pytest.raises(UserError, match=words):
        listing.import_file(settings, save(tmp_path, body))
    assert not settings.opml.exists()


def test_the_feeds_of_a_folder_are_listed_together(tmp_path: Path) -> None:
    settings = site_settings(tmp_path)
    private = Subscription("https://me:secret@p.example/", "P", ("f",), note="why")
    opml.write(settings.opml, [feed("a", "f"), feed("b", "g", "h"), private])

    assert listing.rows(settings) == [
        {"title": "A", "url": "https://a.example/feed", "folder": ["f"], "note": ""},
        {"title": "P", "url": "https://p.example/", "folder": ["f"], "note": "why"},
        {"title": "B", "url": "https://b.example/feed", "folder": ["g", "h"], "note": ""},
    ]
