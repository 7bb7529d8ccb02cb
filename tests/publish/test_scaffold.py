import dataclasses
import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from weeklyai import config
from weeklyai.errors import UserError
from weeklyai.publish import scaffold

HARD = 'Ünï "Letter" & Co: {{ x }} \\ #1'


def make(folder: Path, title: str = "Letter") -> list[Path]:
    return scaffold.init(
        folder, title=title, url="https://letter.example/", timezone="Asia/Bangkok"
    )


def test_the_settings_load_and_hold_every_default(tmp_path: Path) -> None:
    make(tmp_path, HARD)
    loaded = config.load(tmp_path)
    assert loaded == config.Settings(
        folder=tmp_path,
        site=config.Site(
            title=HARD,
            url="https://letter.example",
            timezone="Asia/Bangkok",
            desk_url="https://letter.example/about/",
        ),
    )
    text = (tmp_path / "weeklyai.toml").read_text(encoding="utf-8")
    for table in (config.Site, config.Post, config.Feeds, config.Train, config.Member):
        for field in dataclasses.fields(table):
            assert f"\n{field.name} = " in text.replace("\n# ", "\n"), f"{field.name} is not shown"


def test_the_team_example_is_valid_once_uncommented(tmp_path: Path) -> None:
    make(tmp_path)
    path = tmp_path / "weeklyai.toml"
    head, team = path.read_text(encoding="utf-8").split("# [[team]]")
    path.write_text(head + "[[team]]" + team.replace("\n# ", "\n"), encoding="utf-8")
    assert config.load(tmp_path).team[0].name == "Ada Example"


def test_jekyll_is_told_the_same_as_weeklyai(tmp_path: Path) -> None:
    make(tmp_path, HARD)
    jekyll = yaml.safe_load((tmp_path / "_config.yml").read_text(encoding="utf-8"))
    site = config.load(tmp_path).site
    assert (jekyll["title"], jekyll["url"], jekyll["timezone"]) == (
        site.title,
        site.url,
        site.timezone,
    )
    assert {"templates", "features", "evidence", "feeds.opml", "weeklyai.toml", "preview"} <= set(
        jekyll["exclude"]
    )


def test_the_list_of_paths_is_what_was_written(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "letter"
    paths = make(folder)
    assert paths == sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix() for path in paths}
    assert {
        ".github/dependabot.yml", ".github/requirements.txt", ".github/workflows/pages.yml", ".github/workflows/weekly.yml",
        ".gitignore", "_config.yml", "_drafts/.gitkeep", "_posts/.gitkeep", "about.md", "assets/images/memo16.png",
        "features/README.md", "feeds.opml", "index.md", "templates/README.md", "weeklyai.toml",
    } == names  # fmt: skip
    for page in ("index.md", "about.md"):
        assert (folder / page).read_text(encoding="utf-8").startswith("---\n")
    assert "drafted by a small language model" in (folder / "about.md").read_text(encoding="utf-8")


def test_the_feed_list_is_empty_and_valid(tmp_path: Path) -> None:
    make(tmp_path, HARD)
    root = ET.parse(tmp_path / "feeds.opml").getroot()
    assert root.tag == "opml"
    assert root.findtext("head/title") == f"Feeds of {HARD}"
    assert not list(root.iter("outline"))


def test_the_icon_is_a_small_png_of_16_by_16(tmp_path: Path) -> None:
    make(tmp_path)
    data = (tmp_path / "assets/images/memo16.png").read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", data[16:24]) == (16, 16)
    assert len(data) < 1000


def test_nothing_is_overwritten_and_nothing_written_beside_it(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("mine")
    with pytest.raises(UserError, match=r"index\.md exists already"):
        make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["index.md"]
    assert (tmp_path / "index.md").read_text() == "mine"


def test_other_files_do_not_stand_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert make(tmp_path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": "letter.example"}, "--url"),
        ({"url": "https://user.example/letter"}, "root of its address"),
        ({"timezone": "Bangkok"}, "--timezone"),
        ({"timezone": "../UTC"}, "--timezone"),
        ({"timezone": ""}, "--timezone"),
        ({"timezone": "Asia"}, "--timezone"),
        ({"title": " \u200b"}, "title is empty"),
    ],
)
def test_wrong_values_are_refused_before_anything_is_written(
    tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    values = {"title": "x", "url": "https://a.example", "timezone": "UTC"} | changes
    with pytest.raises(UserError, match=words):
        scaffold.init(
            tmp_path / "new", title=values["title"], url=values["url"], timezone=values["timezone"]
        )
    assert not (tmp_path / "new").exists()


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UserError, match="is a file, not a folder"):
        make(tmp_path / "file")
