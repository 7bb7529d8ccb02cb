"""Promises of proposing an issue: the right week, a branch of its files alone, and text that is nothing but text."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import markdown
import pytest

from tests.checkouts import ALONE, clone, commit_file, git, make_remote
from tests.site import NOW, WEEK, small_site
from weeklyai import config, files, proposing, pullrequest, weekly
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.errors import UserError, WeeklyError
from weeklyai.git import Repository
from weeklyai.watch import Nobody

THIS = Week.parse(WEEK)
HOSTILE = "fixes #3 @octocat <img src=x onerror=alert(1)> [skip ci] | {{ x }} GH-12 `code` ![x](https://a.example/x.png)"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A remote and, beside it, the state of a machine that has built the week."""
    folder = tmp_path_factory.mktemp("proposing")
    with small_site(folder / "site") as (settings, _):
        with pytest.MonkeyPatch.context() as patch:
            for name, value in ALONE.items():
                patch.setenv(name, value)
            make_remote(settings.folder, folder / "remote.git")
        weekly.fetch(settings, NOW, Nobody())
        weekly.draft(settings, THIS, Nobody())
        weekly.publish(settings, THIS, Nobody())
        yield folder


@pytest.fixture
def site(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A machine of one's own that has built the week, and a remote of one's own."""
    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)
    shutil.copytree(prepared, tmp_path / "all")
    folder = tmp_path / "all" / "site"
    git(folder, "remote", "set-url", "origin", str(tmp_path / "all" / "remote.git"))
    return config.load(folder)


def repository(settings: Settings) -> Repository:
    return Repository(settings.folder)


def remote(settings: Settings) -> Path:
    return settings.folder.parent / "remote.git"


def files_of(settings: Settings, branch: str) -> set[str]:
    return set(git(remote(settings), "diff", "--name-only", "main", branch).split())


def test_the_branch_holds_the_weeks_files_and_nothing_else(site: Settings) -> None:
    (site.folder / "secret.txt").write_text("mine")
    (site.folder / "index.md").write_text("changed by hand")
    (site.folder / "_drafts" / "week-2-2024.md").write_text("another week's")
    (site.folder / "tags" / "invented.md").write_text("made by the build")
    done = proposing.propose(site, repository(site), THIS, {})

    assert (done.branch, done.created) == ("issue/2024-W28", True)
    files = files_of(site, done.branch)
    assert {name for name in files if not name.startswith("tags/")} == {
        "_posts/2024-07-12-week-28-2024.md",
        "assets/images/cards/week-28-2024.png",
        "evidence/2024-07-12-week-28-2024.json",
    }
    assert {"tags/invented.md", "tags/programming.md"} <= files
    assert git(remote(site), "rev-list", "--count", f"main..{done.branch}") == "1"


def test_a_persons_branch_index_and_files_stay_as_they_are(site: Settings) -> None:
    (site.folder / "about.md").write_text("staged")
    git(site.folder, "add", "about.md")
    before = git(site.folder, "status", "--porcelain=v2", "--branch")
    proposing.propose(site, repository(site), THIS, {})

    assert git(site.folder, "status", "--porcelain=v2", "--branch") == before
    assert git(site.folder, "branch", "--list").split() == ["*", "main"]


def test_a_branch_that_is_there_is_left_alone_and_tells_its_text_again(site: Settings) -> None:
    first = proposing.propose(site, repository(site), THIS, {"facts": {"stories": 7}})
    tip = git(remote(site), "rev-parse", first.branch)
    other = clone(remote(site), site.folder.parent / "other")
    again = proposing.propose(config.load(other), Repository(other), THIS, {})

    assert git(remote(site), "rev-parse", first.branch) == tip
    assert (again.branch, again.title, again.body) == (first.branch, first.title, first.body)
    assert not again.created


def test_the_branch_can_be_merged_though_main_has_moved_on(site: Settings) -> None:
    other = clone(remote(site), site.folder.parent / "other")
    commit_file(other, "about.md", "changed meanwhile")
    done = proposing.propose(site, repository(site), THIS, {})
    git(other, "fetch", "--quiet", "--unshallow", "origin")
    git(other, "fetch", "--quiet", "origin", done.branch)
    git(other, "merge", "--quiet", "--no-edit", "FETCH_HEAD")

    assert (other / "about.md").read_text() == "changed meanwhile"
    assert (other / "_posts" / "2024-07-12-week-28-2024.md").exists()


def test_a_site_below_the_repositorys_top_is_proposed_too(site: Settings) -> None:
    top = site.folder.parent / "top"
    shutil.copytree(site.folder, top / "docs" / "letter", ignore=shutil.ignore_patterns(".git"))
    bare = site.folder.parent / "top.git"
    (top / "docs" / "letter" / "_posts" / "2024-07-12-week-28-2024.md").rename(top / "post")
    make_remote(top, bare)
    (top / "post").rename(top / "docs" / "letter" / "_posts" / "2024-07-12-week-28-2024.md")
    below = config.load(top / "docs" / "letter")
    proposing.propose(below, Repository(below.folder), THIS, {})

    changed = git(bare, "diff", "--name-only", "main", "issue/2024-W28")
    assert changed == "docs/letter/_posts/2024-07-12-week-28-2024.md"


def test_a_draft_is_proposed_where_there_is_no_post(site: Settings) -> None:
    next(site.folder.glob("_posts/*.md")).unlink()
    weekly.draft(site, THIS, Nobody())
    done = proposing.propose(site, repository(site), THIS, {})

    assert {"_drafts/week-28-2024.md", "_drafts/week-28-2024.json"} <= files_of(site, done.branch)
    assert done.title.startswith("Draft 2024-W28: ")
    assert "weeklyai publish" in done.body


def test_what_is_merged_is_not_proposed_again(site: Settings) -> None:
    git(site.folder, "add", "_posts", "evidence", "assets", "tags")
    git(site.folder, "commit", "--quiet", "--message", "The issue")

    assert proposing.propose(site, repository(site), THIS, {}).branch == ""
    assert git(remote(site), "branch", "--list", "issue/*") == ""


def test_a_week_without_a_text_is_refused(site: Settings) -> None:
    with pytest.raises(UserError, match="weeklyai build --week 2024-W20"):
        proposing.propose(site, repository(site), Week(2024, 20), {})


def test_outside_a_repository_the_way_in_is_named(site: Settings) -> None:
    shutil.rmtree(site.folder / ".git")
    with pytest.raises(UserError, match="lies in no git repository"):
        proposing.propose(site, repository(site), THIS, {})


# --- which week is due --------------------------------------------------------------------------------------------


def state_of(settings: Settings, name: str = "", now: datetime = NOW) -> tuple[str, str]:
    found = proposing.due(settings, repository(settings), name, now)
    return str(found.week), found.state


def test_the_current_week_is_new_then_proposed_then_published(site: Settings) -> None:
    assert state_of(site) == (
        WEEK,
        "new",
    )  # its post lies there, but no commit holds it: a run was killed
    proposing.propose(site, repository(site), THIS, {})
    assert state_of(site) == (WEEK, "proposed")
    git(site.folder, "add", "_posts", "evidence", "assets", "tags")
    git(site.folder, "commit", "--quiet", "--message", "The issue")
    assert state_of(site) == (WEEK, "published")
    assert state_of(site, WEEK) == (WEEK, "published")


def test_a_missed_week_is_made_up_for_once_the_current_one_is_proposed(site: Settings) -> None:
    later = datetime(2024, 7, 20, tzinfo=UTC)
    commit_file(site.folder, "_posts/2024-07-05-week-27-2024.md", "of the week before")
    assert state_of(site, now=later) == ("2024-W29", "new")
    git(site.folder, "push", "--quiet", "origin", "HEAD:refs/heads/issue/2024-W29")
    assert state_of(site, now=later) == (WEEK, "new")
    git(site.folder, "push", "--quiet", "origin", f"HEAD:refs/heads/issue/{WEEK}")
    assert state_of(site, now=later) == ("2024-W29", "proposed")


def test_a_missed_week_without_news_in_the_archive_is_passed_over(site: Settings) -> None:
    later = datetime(2024, 7, 20, tzinfo=UTC)
    commit_file(site.folder, "_posts/2024-07-05-week-27-2024.md", "of the week before")
    git(site.folder, "push", "--quiet", "origin", "HEAD:refs/heads/issue/2024-W29")
    shutil.rmtree(site.state)
    assert state_of(site, now=later) == ("2024-W29", "proposed")


def test_a_new_site_has_missed_nothing(site: Settings) -> None:
    git(site.folder, "push", "--quiet", "origin", f"HEAD:refs/heads/issue/{WEEK}")
    assert state_of(site) == (WEEK, "proposed")


@pytest.mark.parametrize("name", ["2024-W28; rm -rf /", "$(id)", "2024-W28\nstate=new", "--help", "2030-W01"])  # fmt: skip
def test_a_week_that_is_none_is_refused(site: Settings, name: str) -> None:
    with pytest.raises(UserError):
        proposing.due(site, repository(site), name, NOW)


def test_git_that_is_missing_is_one_sentence(
    site: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WeeklyError, match="git is not installed"):
        proposing.due(site, repository(site), WEEK, NOW)


# --- what the reviewer reads --------------------------------------------------------------------------------------


def test_the_body_holds_table_takes_held_back_and_feeds(site: Settings) -> None:
    record = files.read_json(next(site.folder.glob("evidence/*.json")))
    record["held"] = [["A headline", "says something twice"]]
    feed = {"url": "https://a.example/feed", "title": "A", "status": "failed", "state": "failing", "advice": ["could not be reached"]}  # fmt: skip
    built = {"facts": {"stories": 7, "copied / rewritten": "90% / 10%"}, "seconds": {"fetch": 0.5}, "feeds": [feed]}  # fmt: skip
    text = pullrequest.body(record, built, published=True)

    assert "| copied / rewritten | 90% / 10% |" in text
    assert "| seconds by stage | fetch 0.5 |" in text
    assert f"### Takes ({len(record['items'])})" in text
    assert all(item["url"] in text for item in record["items"])
    assert " copied, " in text
    assert "* A headline: says something twice" in text
    assert "* failing: [A](https://a.example/feed) could not be reached" in text


def test_the_evidence_keeps_what_was_held_back(site: Settings) -> None:
    record = files.read_json(next(site.folder.glob("evidence/*.json")))
    assert len(record["held"]) == record["facts"]["held back"]


def _hostile() -> dict[str, Any]:
    sentence = {"kind": "rewritten", "source_text": HOSTILE}
    item = {"headline": HOSTILE, "url": "https://a.example/1?x=(1)", "source": HOSTILE, "take": HOSTILE, "sentences": [sentence]}  # fmt: skip
    bad = {**item, "url": "javascript:alert(1)"}
    return {"facts": {HOSTILE: HOSTILE}, "items": [item, bad], "held": [[HOSTILE, HOSTILE]]}


def test_text_from_feeds_stays_text(site: Settings) -> None:
    feed = {"url": "https://a.example/", "title": HOSTILE, "status": "ok", "state": HOSTILE, "advice": [HOSTILE]}  # fmt: skip
    text = pullrequest.body(_hostile(), {"feeds": [feed]}, published=True)
    page = markdown.markdown(text, extensions=["tables"])

    assert "<img" not in page
    assert "<code>code" not in page
    assert "javascript:" not in text
    for call in ("@octocat", "#3", "GH-12", "[skip ci]"):
        assert call not in text
    assert page.count("<td") == 2
    assert "#3" not in pullrequest.title(THIS, f"Week #28 2024 - {HOSTILE}", published=True)


def test_a_hostile_body_survives_the_commit_that_carries_it(site: Settings) -> None:
    path = next(site.folder.glob("evidence/*.json"))
    files.write_json(path, _hostile())
    done = proposing.propose(site, repository(site), THIS, {})
    message = git(remote(site), "log", "-1", "--format=%b", done.branch)

    assert message.strip() == done.body.strip()
    trailers = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=message, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert trailers.stdout == ""


def test_a_body_too_long_for_github_ends_at_a_line() -> None:
    item = {"headline": "h", "url": "https://a.example/", "source": "s", "take": "word " * 300, "sentences": []}  # fmt: skip
    text = pullrequest.body({"items": [item] * 200}, {}, published=True)

    assert len(text) < 65_536
    assert text.endswith("the rest is left out.\n")
