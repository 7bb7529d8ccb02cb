"""Promises of the settings: every fault is named at once, with field, value and what is allowed."""

from pathlib import Path

import pytest

from weeklyai import config
from weeklyai.errors import UserError

GOOD = """
[site]
title = "T"
url = "https://t.example"
desk_url = "https://t.example/about"
"""


def load(folder: Path, text: str) -> config.Settings:
    """Return the settings of a site whose file holds `text`."""
    (folder / "weeklyai.toml").write_text(text, encoding="utf-8")
    return config.load(folder)


def test_defaults_fill_what_is_not_said(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)

    assert settings.post == config.Post()
    assert settings.site.publish_at == "Friday 20:00"
    assert settings.state == tmp_path / ".weeklyai"


def test_team_members_are_read(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        GOOD + '[[team]]\nname = "Ada"\nurl = "https://t.example/ada"\ntopics = ["chips"]\n',
    )

    assert settings.team == (
        config.Member(name="Ada", url="https://t.example/ada", topics=("chips",)),
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("[post]\nmax_stories = 900", r"\[post\] max_stories = 900: allowed is 2 to 60"),
        ('[post]\nmax_stories = "many"', r"\[post\] max_stories = 'many': must be of type int"),
        ("[post]\nmax_storys = 3", r"\[post\] max_storys: no such setting; known are pulse"),
        ("[posts]\nx = 3", r"\[posts\]: no such table; known are site, post"),
        (
            "[post]\nmin_words = 90\nmax_words = 50",
            "min_words = 90: must not exceed aim_words = 35",
        ),
        ('[train]\nbudget = "soon"', r"\[train\] budget: 'soon' is not a duration such as 45s"),
        ("[train]\nexclude_sources = 'x'", r"exclude_sources = 'x': must be a list of strings"),
        ("[train]\nexclude_sources = ['*']", r"\[train\] exclude_sources: '\*' names everything"),
        ("[train]\nexclude_licences = ['MIT', '']", r"exclude_licences: '' names nothing"),
        ("[train]\nrequire_licence = 'yes'", "require_licence = 'yes': must be of type bool"),
        ("[feeds]\nallow_private = 1", "allow_private = 1: must be of type bool"),
        ('[post]\nintro = " "', r"\[post\] intro: must not be empty"),
        ("[team]\nname = 3", r"\[team\]: write each as its own \[\[team\]\] table"),
        ("[[team]]\nname = 'A'", r"\[\[team\]\] url: is missing and has no default"),
        ("[[team]]\nname = 'A'\nurl = 'a.example'", "must be an address that begins with http"),
    ],
)
def test_a_fault_is_named_with_field_value_and_range(
    tmp_path: Path, more: str, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, GOOD + more)


@pytest.mark.parametrize(
    ("zone", "moment", "message"),
    [
        ("Asia/Nowhere", "Friday 20:00", r"\[site\] timezone"),
        ("UTC", "Someday", r"\[site\] publish_at: 'Someday'"),
        ("../etc/passwd", "Friday 20:00", r"\[site\]"),
    ],
)
def test_zone_and_moment_are_checked(tmp_path: Path, zone: str, moment: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, GOOD + f'timezone = "{zone}"\npublish_at = "{moment}"\n')


def test_all_faults_come_in_one_message(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load(tmp_path, "[site]\n[post]\nmax_stories = 0\n[oops]\n")

    assert "has 5 fault(s)" in str(caught.value)


@pytest.mark.parametrize("text", ["[site", "a = 1\na = 2", "\x00"])
def test_a_file_that_is_not_toml_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match="is not valid TOML"):
        load(tmp_path, text)


def test_no_file_says_how_to_make_a_site(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="weeklyai init DIR"):
        config.load(tmp_path)


def test_the_demos_settings_load() -> None:
    demo = Path(__file__).parent.parent / "samples"

    assert config.load(demo).site.timezone == "Asia/Bangkok"
