"""The commands about issues do what they say, and a mistake is one sentence."""

from pathlib import Path

import pytest

from tests.publish.test_post import CASES
from tests.site import WEEK, small_site
from tests.test_cli import weeklyai
from tests.test_weekly import drafted, sign
from weeklyai import weekly
from weeklyai.watch import Nobody

OLD = CASES / "old"


def test_mail_and_correction_of_a_week(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, _):
        places = drafted(settings)
        early = weeklyai("email", "--week", WEEK, site=tmp_path)
        weekly.publish(settings, places.week, Nobody())
    mail = tmp_path / "email" / "week-28-2024.eml"
    first = mail.read_bytes()
    late = weeklyai("email", "--week", WEEK, site=tmp_path)
    assert mail.read_bytes() == first
    moment = ("--now", "2024-07-22T10:00:00+07:00")
    opened = weeklyai("correct", WEEK, "--note", "It was Tern.", *moment, site=tmp_path)
    closed = weeklyai("publish", "--week", WEEK, site=tmp_path)
    again = weeklyai("email", "--week", WEEK, site=tmp_path)

    for done in (early, late, opened, closed, again):
        assert done.returncode == 0, done.stderr
    assert f"email    {mail}\nbytes    {len(first):,} in all, " in early.stdout
    assert "_drafts/week-28-2024.md" in opened.stdout
    assert "next: edit it, then 'weeklyai publish --week 2024-W28'" in opened.stdout
    assert "*Corrected on 22 July 2024: It was Tern.*" in next(
        (tmp_path / "_posts").glob("*.md")
    ).read_text(encoding="utf-8")
    assert b"Corrected on 22 July 2024" in mail.read_bytes()


def test_a_draft_with_an_unapproved_name_is_no_mail(tmp_path: Path) -> None:
    team = '\n[[team]]\nname = "Ada Brown"\nurl = "https://small.example/ada"\n'
    with small_site(tmp_path, more=team) as (settings, _):
        sign(drafted(settings), "Ada Brown", "https://small.example/ada", "I never said so.")
    done = weeklyai("email", "--week", WEEK, site=tmp_path)
    assert done.returncode == 2
    assert "Ada Brown has not approved this text" in done.stderr
    assert not (tmp_path / "email").exists()


def test_old_posts_move_in_and_the_broken_one_is_named(tmp_path: Path) -> None:
    weeklyai("init", str(tmp_path))
    names = sorted(str(path) for path in OLD.glob("*.md"))
    dry = weeklyai("import-post", "--dry-run", *names, site=tmp_path)
    assert not list((tmp_path / "_posts").glob("*.md"))
    done = weeklyai("import-post", *names, site=tmp_path)

    assert (dry.returncode, done.returncode) == (1, 1)
    assert "+    1. Switch it off." in dry.stdout
    assert "+    1. Switch it off." not in done.stdout
    assert f"{names[1]}, line 18: '<b>' is HTML" in done.stderr
    assert [path.name for path in (tmp_path / "_posts").glob("*.md")] == [Path(names[0]).name]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("email", "--week", WEEK), "is neither published nor drafted"),
        (("correct", WEEK, "--note", "x"), "is not published"),
        (("correct", WEEK), "Missing option '--note'"),
        (("import-post",), "Missing argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_mistake_is_one_sentence(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    weeklyai("init", str(tmp_path))
    done = weeklyai(*words, site=tmp_path)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr
