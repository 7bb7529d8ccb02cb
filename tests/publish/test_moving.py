"""An older newsletter moves in: its words unchanged, nothing overwritten, and what cannot be read named by file and line."""

import shutil
from pathlib import Path

import pytest

from tests.publish.test_post import CASES, ENVIRONMENT, ISSUE
from weeklyai.publish import post
from weeklyai.publish.moving import Moved, move
from weeklyai.publish.parse import parse

GOOD = CASES / "old" / "2027-03-05-week-9-2027.md"
BROKEN = CASES / "old" / "2027-03-12-week-10-2027.md"


def moved(folder: Path, *sources: Path, dry_run: bool = False) -> list[Moved]:
    return list(move(sources, folder, ENVIRONMENT, dry_run=dry_run))


def test_a_post_in_the_old_form_is_written_in_the_normal_form(tmp_path: Path) -> None:
    before = GOOD.read_bytes()
    (found,) = moved(tmp_path, GOOD)

    assert found.target == tmp_path / "_posts" / GOOD.name
    text = found.target.read_text(encoding="utf-8")
    issue = parse(text)
    assert post.render(issue, ENVIRONMENT) == text
    assert "into light — and most of it into heat." in text
    assert "\n    1. Switch it off.\n\n    2. Wait until it is cold.\n" in text
    assert "We’ll keep the candle." in text
    assert "\n\n\n" not in text
    assert issue == parse(GOOD.read_text(encoding="utf-8"))
    assert found.notes == ("not kept from the front matter: author",)
    assert GOOD.read_bytes() == before


def test_a_dry_run_writes_nothing_and_shows_the_difference(tmp_path: Path) -> None:
    (found,) = moved(tmp_path, GOOD, dry_run=True)

    assert not list(tmp_path.iterdir())
    assert found.diff.startswith(f"--- {GOOD}\n+++ {tmp_path / '_posts' / GOOD.name}\n@@")
    assert "\n-   1. Switch it off.\n" in found.diff
    assert "\n+    1. Switch it off.\n" in found.diff


def test_what_cannot_be_read_is_named_by_file_and_line(tmp_path: Path) -> None:
    found = moved(tmp_path, BROKEN, GOOD)

    assert [fault.split(": ")[0] for fault in found[0].faults] == [
        f"{BROKEN}, line {line}" for line in (18, 18, 48, 46)
    ]
    for fault, what in zip(
        found[0].faults, ("HTML", "a footnote", "by reference", "an image"), strict=True
    ):
        assert what in fault
    assert [path.name for path in (tmp_path / "_posts").iterdir()] == [GOOD.name]


def test_a_post_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    moved(tmp_path, GOOD)
    (again,) = moved(tmp_path, GOOD)
    assert again.notes == ("is there already, in this very form",)

    target = tmp_path / "_posts" / GOOD.name
    target.write_text("mine")
    (refused,) = moved(tmp_path, GOOD)
    assert "which is not overwritten" in refused.faults[0]
    assert target.read_text() == "mine"


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_week_does_not_come_twice_under_two_days(tmp_path: Path, dry_run: bool) -> None:
    other = tmp_path / "other.md"
    other.write_text(GOOD.read_text(encoding="utf-8").replace("2027-03-05", "2027-03-06"))
    first, second = moved(tmp_path / "site", GOOD, other, dry_run=dry_run)
    assert not first.faults
    assert f"its week stands in {first.target} already" in second.faults[0]


def test_our_own_posts_move_without_a_change(tmp_path: Path) -> None:
    own = tmp_path / "own.md"
    own.write_text(post.render(ISSUE, ENVIRONMENT), encoding="utf-8")
    (found,) = moved(tmp_path, own)
    assert not found.faults
    assert not found.notes
    assert found.diff == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("{{ site.title }}", "a Liquid tag"),
        ("text{: .big}", "a kramdown attribute list"),
        ('[a](https://a.example "b")', "a link with a title"),
        ("Wow ![a](https://a.example/b.png)", "an image inside a text"),
        ("~~gone~~", "struck-out text"),
        ("$$x^2$$", "a formula"),
        ("<!-- hidden -->", "HTML"),
        ("```", "has no place here"),
        ("> quoted", "has no place here"),
        ("[a](javascript:alert(1))", "must be absolute"),
    ],
)
def test_what_would_become_plain_text_is_refused(tmp_path: Path, change: str, words: str) -> None:
    source = tmp_path / "post.md"
    text = GOOD.read_text(encoding="utf-8")
    source.write_text(text.replace("Buy the one that lasts.", change), encoding="utf-8")
    (found,) = moved(tmp_path, source)
    assert any(
        fault.startswith(f"{source}, line 46: ") and words in fault for fault in found.faults
    )
    assert not (tmp_path / "_posts").exists()


def test_code_and_escaped_signs_are_text(tmp_path: Path) -> None:
    source = tmp_path / "post.md"
    text = GOOD.read_text(encoding="utf-8")
    source.write_text(
        text.replace("Buy the one that lasts.", r"Buy \<b> or `x<y>z` or 3 < 4."), encoding="utf-8"
    )
    (found,) = moved(tmp_path, source)
    assert not found.faults


def test_a_file_that_is_no_text_or_not_there_is_named(tmp_path: Path) -> None:
    latin = tmp_path / "latin.md"
    latin.write_bytes(GOOD.read_bytes().replace(b"Stars", b"St\xe4rs"))
    gone, bad = moved(tmp_path, tmp_path / "gone.md", latin)
    assert gone.faults == (f"{tmp_path / 'gone.md'}: No such file or directory",)
    assert bad.faults[0].startswith(f"{latin}, line 64: byte 0xe4 is not UTF-8")


def test_a_template_that_leaves_something_out_is_not_trusted(tmp_path: Path) -> None:
    from weeklyai.publish import templates

    (tmp_path / "templates").mkdir()
    text = (templates.packaged() / "post.md.j2").read_text(encoding="utf-8")
    (tmp_path / "templates" / "post.md.j2").write_text(
        text.replace("{% for sub in item.sub %}", "{% for sub in () %}")
    )
    (found,) = move([GOOD], tmp_path, templates.environment(tmp_path))
    assert "leaves out a part of it" in found.faults[0]


def test_control_characters_do_not_reach_a_terminal(tmp_path: Path) -> None:
    source = tmp_path / "post.md"
    shutil.copy(GOOD, source)
    source.write_text(
        source.read_text(encoding="utf-8").replace("Stars", "St\x1b[31mars"), encoding="utf-8"
    )
    (found,) = moved(tmp_path, source, dry_run=True)
    assert "\x1b" not in found.diff
