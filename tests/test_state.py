"""Promises of the state branch: archive and model survive the machine, in one commit, whoever else saves or breaks off."""

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.checkouts import ALONE, clone, commit_file, git, make_remote
from tests.conftest import make_item
from tests.lm.runs import promote, put, train_run
from weeklyai import config, state
from weeklyai.config import Settings
from weeklyai.errors import WeeklyError
from weeklyai.feeds.archive import Archive
from weeklyai.git import Repository
from weeklyai.lm import models
from weeklyai.lm.models import Store
from weeklyai.publish import scaffold

NOW = datetime(2024, 7, 13, tzinfo=UTC)
END = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)
    site = tmp_path / "site"
    scaffold.init(site, title="Letter", url="https://letter.example")
    make_remote(site, tmp_path / "remote.git")
    return tmp_path / "remote.git"


def machine(remote: Path, name: str) -> tuple[Settings, Repository]:
    folder = clone(remote, remote.parent / name)
    return config.load(folder), Repository(folder)


def collect(settings: Settings, *numbers: int) -> None:
    with Archive(settings.archive) as archive:
        archive.add([make_item(n) for n in numbers], NOW)


def ids(settings: Settings) -> set[str]:
    with Archive(settings.archive) as archive:
        return {item.id for item in archive.all_items(END)}


def wanted(*numbers: int) -> set[str]:
    return {make_item(n).id for n in numbers}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run folder."""
    folder = tmp_path_factory.mktemp("run") / "run"
    train_run(folder)
    return folder


def model(settings: Settings, run: Path) -> str:
    """File a promoted model, and leave what must not travel beside it; return its id."""
    store = Store(settings.model)
    model_id = put(store, run)
    promote(store, model_id)
    (store.folder / model_id / "x.pkl").write_text("not of ours")
    shutil.copytree(run, store.training)
    return model_id


def test_what_one_machine_saved_the_next_one_has(remote: Path, run: Path) -> None:
    first, there = machine(remote, "one")
    collect(first, *range(12))
    model_id = model(first, run)
    saved = state.save(first, there)
    second, here = machine(remote, "two")
    loaded = state.load(second, here)

    assert (saved.commit, saved.items) == (loaded.commit, loaded.items)
    with Archive(first.archive) as old, Archive(second.archive) as new:
        assert new.snapshot_hash(END) == old.snapshot_hash(END)
        query = "SELECT count(*) FROM words WHERE words MATCH 'compiler'"
        assert new.db.execute(query).fetchone()[0] == old.db.execute(query).fetchone()[0] > 0
        new.db.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    assert saved.model == loaded.model == model_id
    assert {path.name for path in second.model.iterdir()} == {"current.json", model_id}
    names = {path.name.partition("-")[0] for path in (second.model / model_id).iterdir()}
    assert {"checkpoint.json", "tokenizer.tiktoken", "weights"} <= names
    assert not names & {"optimizer", "x.pkl", "current.json"}
    assert models.trouble(second.model / model_id) == ""
    assert Store(second.model).history == Store(first.model).history


def test_the_branch_is_one_commit_however_often_it_is_saved(remote: Path) -> None:
    settings, repository = machine(remote, "one")
    for number in range(3):
        collect(settings, number)
        state.save(settings, repository)

    assert git(remote, "rev-list", "--count", "state") == "1"
    names = git(remote, "ls-tree", "-r", "--name-only", "state").split()
    assert names == ["README.md", "archive.sqlite.xz", "state.json"]
    assert git(remote, "log", "--format=%s", "main") == "A site"


def test_a_second_run_with_nothing_new_changes_no_item(remote: Path) -> None:
    settings, repository = machine(remote, "one")
    collect(settings, 1, 2)
    state.save(settings, repository)
    state.load(settings, repository)
    state.save(settings, repository)
    again, there = machine(remote, "two")
    state.load(again, there)

    assert ids(again) == wanted(1, 2)


def test_an_unfinished_model_stays_behind(remote: Path, run: Path) -> None:
    settings, repository = machine(remote, "one")
    collect(settings, 1)
    shutil.copytree(run, settings.model / "training")
    state.save(settings, repository)

    assert "model" not in git(remote, "ls-tree", "--name-only", "state").split()


@pytest.mark.parametrize("harm", ["damaged", "too large"])
def test_a_model_that_cannot_travel_is_left_behind_with_a_word(
    remote: Path, run: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    settings, repository = machine(remote, "one")
    collect(settings, 1)
    model_id = model(settings, run)
    if harm == "damaged":
        next((settings.model / model_id).glob("weights-*")).write_bytes(b"cut")
    else:
        monkeypatch.setattr(state, "MAX_FILE", 20_000)
    kept = state.save(settings, repository)

    assert kept.model == model_id
    assert ("checksum" if harm == "damaged" else "GitHub takes no file") in kept.left
    assert "model" not in git(remote, "ls-tree", "--name-only", "state").split()


def test_a_model_at_hand_is_kept(remote: Path, run: Path, tmp_path: Path) -> None:
    settings, repository = machine(remote, "one")
    collect(settings, 1)
    model(settings, run)
    state.save(settings, repository)
    other, there = machine(remote, "two")
    train_run(tmp_path / "mine", seed=7)
    mine = model(other, tmp_path / "mine")

    assert state.load(other, there).model == mine
    assert [one.model_id for one in Store(other.model).models()] == [mine]


def test_a_lost_branch_is_begun_anew(remote: Path) -> None:
    settings, repository = machine(remote, "one")
    collect(settings, 1)
    state.save(settings, repository)
    git(remote, "branch", "-D", "state")
    fresh, there = machine(remote, "two")

    assert state.load(fresh, there).commit == ""
    collect(fresh, 2)
    state.save(fresh, there)
    state.save(settings, repository)
    assert ids(settings) == wanted(1, 2)


def test_two_machines_that_save_at_once_lose_nothing(remote: Path) -> None:
    first, one = machine(remote, "one")
    collect(first, 0)
    state.save(first, one)
    second, two = machine(remote, "two")
    state.load(second, two)
    collect(first, 1)
    collect(second, 2)
    state.save(first, one)
    state.save(second, two)
    third, three = machine(remote, "three")
    state.load(third, three)

    assert ids(third) == wanted(0, 1, 2)
    assert git(remote, "rev-list", "--count", "state") == "1"


def test_a_push_that_comes_between_look_and_push_is_seen(remote: Path) -> None:
    settings, repository = machine(remote, "one")
    collect(settings, 1)
    state.save(settings, repository)
    tip = repository.tip("state")
    other, there = machine(remote, "two")
    collect(other, 2)
    state.save(other, there)

    assert not repository.push(git(settings.folder, "rev-parse", "HEAD"), "state", tip)
    assert not repository.push(git(settings.folder, "rev-parse", "HEAD"), "state", "")


def test_a_push_to_main_meanwhile_does_not_matter(remote: Path) -> None:
    settings, repository = machine(remote, "one")
    other, _ = machine(remote, "two")
    commit_file(other.folder, "about.md", "another text")
    collect(settings, 1)
    state.save(settings, repository)

    assert git(remote, "show", "main:about.md") == "another text"


def test_the_younger_state_of_a_feed_wins(remote: Path) -> None:
    settings, repository = machine(remote, "one")
    other, there = machine(remote, "two")
    for where, fetched, etag in ((settings, 2, "young"), (other, 1, "old")):
        collect(where, 1)
        with Archive(where.archive) as archive, archive.db:
            archive.db.execute(
                "INSERT INTO feeds (url, etag, last_fetched) VALUES ('https://a.example', ?, ?)", (etag, fetched)
            )  # fmt: skip
    state.save(settings, repository)
    state.save(other, there)

    with Archive(other.archive) as archive:
        assert [row[0] for row in archive.db.execute("SELECT etag FROM feeds")] == ["young"]


def test_old_text_beyond_the_limit_goes_and_headlines_stay(remote: Path) -> None:
    settings, repository = machine(remote, "one")
    with Archive(settings.archive) as archive:
        archive.add([make_item(n, body=f"{n} " + "word " * 100_000) for n in range(5)], NOW)
    kept = state.save(settings, repository, text=1)
    other, there = machine(remote, "two")
    state.load(other, there)

    assert (kept.items, kept.pruned) == (5, 4)
    with Archive(other.archive) as archive:
        items = archive.all_items(END)
        assert [bool(item.body) for item in items] == [False] * 4 + [True]
        assert all(item.title and item.url for item in items)
        assert archive.add([make_item(9, id="f" * 16, **_said(0))], NOW) == 0  # known by its words
    state.load(settings, repository)
    with Archive(settings.archive) as archive:
        assert all(item.body for item in archive.all_items(END))


def _said(number: int) -> dict[str, object]:
    item = make_item(number)
    names = ("feed_url", "title", "summary", "published")
    return {name: getattr(item, name) for name in names} | {"body": f"{number} " + "word " * 100_000}  # fmt: skip


def test_a_save_that_was_killed_before_its_push_is_simply_run_again(remote: Path) -> None:
    settings, repository = machine(remote, "one")
    collect(settings, 1)
    state._commit(settings, repository, 64)

    assert git(remote, "branch", "--list", "state") == ""
    state.save(settings, repository)
    assert git(remote, "rev-list", "--count", "state") == "1"


def test_a_load_that_was_killed_after_any_step_is_simply_run_again(remote: Path, run: Path) -> None:
    settings, repository = machine(remote, "one")
    collect(settings, 1, 2)
    model_id = model(settings, run)
    state.save(settings, repository)
    other, there = machine(remote, "two")
    state.load(other, there)
    (other.state / "branch.json").unlink()  # killed before the last step
    (other.model / model_id / "checkpoint.json").unlink()  # and before the model was whole
    (other.model / model_id).replace(other.model / "taken-over")
    (other.model / "current.json").unlink()
    (other.state / "state-abc").mkdir()  # what a kill leaves
    state.load(other, there)

    assert ids(other) == wanted(1, 2)
    assert models.trouble(other.model / model_id) == ""
    state.save(other, there)


def test_a_journal_of_a_lost_archive_is_not_played_into_the_new_one(remote: Path) -> None:
    settings, repository = machine(remote, "one")
    collect(settings, 1)
    state.save(settings, repository)
    db = sqlite3.connect(settings.archive)
    db.execute("DELETE FROM items")
    db.commit()  # lies in the journal as long as the connection is open
    assert settings.archive.with_name("archive.sqlite-wal").stat().st_size
    settings.archive.unlink()
    state.load(settings, repository)
    db.close()

    assert ids(settings) == wanted(1)


def test_nothing_of_a_persons_checkout_changes(remote: Path) -> None:
    settings, repository = machine(remote, "one")
    (settings.folder / "index.md").write_text("staged")
    git(settings.folder, "add", "index.md")
    (settings.folder / "index.md").write_text("and not staged")
    before = git(settings.folder, "status", "--porcelain=v2", "--branch")
    collect(settings, 1)
    state.save(settings, repository)
    state.load(settings, repository)

    assert git(settings.folder, "status", "--porcelain=v2", "--branch") == before


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("notes.txt", "mine", "state.json"),
        ("state.json", '{"format": 99}', "not of format 1"),
        ("state.json", "[", "Expecting value"),
        ("state.json", '{"format": 1}', "archive.sqlite.xz"),
        ("archive.sqlite.xz", "no archive", "state.json"),
    ],
)
def test_a_branch_that_is_something_else_is_refused_in_one_sentence(
    remote: Path, name: str, text: str, words: str
) -> None:
    settings, repository = machine(remote, "one")
    (settings.folder / name).write_text(text)
    git(settings.folder, "add", name)
    git(settings.folder, "commit", "--quiet", "--message", "x")
    git(settings.folder, "push", "--quiet", "origin", "HEAD:refs/heads/state")

    with pytest.raises(WeeklyError, match=r"--delete state") as caught:
        state.load(settings, repository)
    assert words in str(caught.value)
    assert not settings.archive.exists()


@pytest.mark.parametrize("damage", [b"not xz at all", b"\xfd7zXZ\x00broken"])
def test_a_damaged_archive_on_the_branch_is_refused(remote: Path, damage: bytes) -> None:
    settings, repository = machine(remote, "one")
    (settings.folder / "state.json").write_text('{"format": 1}')
    (settings.folder / "archive.sqlite.xz").write_bytes(damage)
    git(settings.folder, "add", "--all")
    git(settings.folder, "commit", "--quiet", "--message", "x")
    git(settings.folder, "push", "--quiet", "origin", "HEAD:refs/heads/state")

    with pytest.raises(WeeklyError, match=r"branch state of origin cannot be used"):
        state.load(settings, repository)
    assert not settings.archive.exists()


def test_an_empty_archive_folder_is_said_to_be_one(remote: Path) -> None:
    settings, repository = machine(remote, "one")
    with pytest.raises(WeeklyError, match="run 'weeklyai fetch'"):
        state.save(settings, repository)


def test_a_remote_that_is_away_is_named_without_its_password(remote: Path) -> None:
    settings, _ = machine(remote, "one")
    collect(settings, 1)
    away = Repository(settings.folder, "http://ada:secret@127.0.0.1:9/site.git")
    with pytest.raises(WeeklyError, match=r"git ls-remote .* failed") as caught:
        state.save(settings, away)
    assert "secret" not in str(caught.value)
