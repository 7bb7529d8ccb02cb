"""Promises of the store: one current model, a way back, and a kill at any point costs nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lm.runs import promote, put, train_run
from weeklyai import files
from weeklyai.errors import UserError, WeeklyError
from weeklyai.lm import checkpoint, models
from weeklyai.lm.models import Store


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four finished run folders."""
    folders = [tmp_path_factory.mktemp("runs") / str(n) for n in range(4)]
    for seed, folder in enumerate(folders):
        train_run(folder, seed=seed)
    return folders


def filled(folder: Path, runs: list[Path]) -> tuple[Store, list[str]]:
    """Return a store of all runs, each promoted in turn."""
    store = Store(folder)
    ids = []
    for order, source in enumerate(runs):
        ids.append(put(store, source, order))
        promote(store, ids[-1])
    return store, ids


def test_a_finished_run_is_filed_under_its_id_without_its_optimizer(
    tmp_path: Path, runs: list[Path]
) -> None:
    store = Store(tmp_path / "model")
    model_id = put(store, runs[0])
    names = {path.name for path in (store.folder / model_id).iterdir()}

    assert not store.training.exists()
    assert not any(name.startswith("optimizer") for name in names)
    assert {"checkpoint.json", "tokenizer.tiktoken"} < names
    assert models.trouble(store.folder / model_id) == ""
    assert store.current == ""


def test_the_same_weights_filed_again_change_nothing(tmp_path: Path, runs: list[Path]) -> None:
    store = Store(tmp_path / "model")
    first = put(store, runs[0])

    assert put(store, runs[0]) == first
    assert [one.model_id for one in store.models()] == [first]


def test_an_unfinished_run_is_not_filed(tmp_path: Path) -> None:
    with pytest.raises(WeeklyError, match="no finished run"):
        Store(tmp_path / "model").file()


def test_the_way_back_leads_from_model_to_model(tmp_path: Path, runs: list[Path]) -> None:
    store, ids = filled(tmp_path / "model", runs)

    went = [store.rollback("2024-07-20").model for _ in range(3)]

    assert went == [ids[2], ids[1], ids[0]]
    assert store.current_folder == store.folder / ids[0]
    with pytest.raises(UserError, match="no model before"):
        store.rollback("2024-07-20")
    assert [one.kind for one in store.history].count("rolled back") == 3


def test_a_refused_model_leaves_the_current_one(tmp_path: Path, runs: list[Path]) -> None:
    store, ids = filled(tmp_path / "model", runs[:2])
    other = put(store, runs[2], 9)
    promote(store, other, "refused")

    assert store.current == ids[1]
    assert [store.state_of(one) for one in store.models()] == ["refused", "current", "before"]


def test_prune_keeps_the_current_model_its_predecessor_and_the_newest(
    tmp_path: Path, runs: list[Path]
) -> None:
    store, ids = filled(tmp_path / "model", runs)
    store.choose(ids[0], "2024-07-20")
    sizes = {one.model_id: one.num_bytes for one in store.models()}

    gone = store.prune(1)

    assert {one.model_id for one in gone} == {ids[1], ids[2]}
    assert sum(one.num_bytes for one in gone) == sizes[ids[1]] + sizes[ids[2]] > 0
    assert {one.model_id for one in store.models()} == {ids[0], ids[3]}
    assert store.rollback("2024-07-21").model == ids[3]
    assert [one.model_id for one in store.prune(0)] == [ids[0]]


def test_a_model_is_found_by_the_beginning_of_its_id(tmp_path: Path, runs: list[Path]) -> None:
    store, ids = filled(tmp_path / "model", runs[:2])
    shutil.copytree(store.folder / ids[0], store.folder / f"{ids[1][:6]}ffffff")

    assert store.find(ids[0][:7]).model_id == ids[0]
    assert store.find("").model_id == ids[1]
    with pytest.raises(UserError, match="no model's id begins with 'xyz'"):
        store.find("xyz")
    with pytest.raises(UserError, match=r"2 models' ids begin with .* write more of it"):
        store.find(ids[1][:5])
    with pytest.raises(WeeklyError, match="there is no model yet"):
        Store(tmp_path / "empty").find("")


def test_a_model_may_be_chosen_by_hand_but_not_a_damaged_one(
    tmp_path: Path, runs: list[Path]
) -> None:
    store, ids = filled(tmp_path / "model", runs[:2])
    assert store.choose(ids[0][:6], "2024-07-20").before == ids[1]
    with pytest.raises(UserError, match="is the current model already"):
        store.choose(ids[0], "2024-07-20")
    next((store.folder / ids[1]).glob("weights-*")).write_bytes(b"cut")

    with pytest.raises(WeeklyError, match="cannot be used"):
        store.choose(ids[1], "2024-07-20")


@pytest.mark.parametrize("card", ["", "{", "[]", '{"format": 1, "model": "../../etc"}', '{"format": 1, "model": "0123456789ab", "history": []}'])  # fmt: skip
def test_a_damaged_record_of_the_store_is_set_aside_and_the_newest_whole_model_drafts(
    tmp_path: Path, runs: list[Path], card: str
) -> None:
    store, ids = filled(tmp_path / "model", runs[:3])
    next((store.folder / ids[2]).glob("weights-*")).write_bytes(b"cut")
    (store.folder / models.CARD).write_text(card)

    mended = Store(store.folder)

    assert mended.current == ids[1]
    assert f"{ids[1]}, the newest whole model, drafts from now on" in mended.mended
    assert (store.folder / "current.json.damaged").read_text() == card
    assert not Store(store.folder).mended


def test_a_damaged_record_without_a_whole_model_leaves_an_empty_store(tmp_path: Path) -> None:
    (tmp_path / models.CARD).write_text("{")

    store = Store(tmp_path)

    assert not store.current
    assert "no whole model is left" in store.mended


def test_an_old_style_folder_is_taken_over(tmp_path: Path, runs: list[Path]) -> None:
    shutil.copytree(runs[0], tmp_path / "model")
    store = Store(tmp_path / "model")

    assert store.current_folder is not None
    assert checkpoint.load(store.current_folder)[2].finished
    assert [one.kind for one in store.history] == ["taken over"]
    assert {path.name for path in store.folder.iterdir()} == {store.current, models.CARD}


def test_an_unfinished_old_style_run_goes_on_and_an_unreadable_one_is_set_aside(
    tmp_path: Path, runs: list[Path]
) -> None:
    for name in ("open", "old"):
        shutil.copytree(runs[0], tmp_path / name)
        card = tmp_path / name / "checkpoint.json"
        value = files.read_json(card)
        files.write_json(card, value | ({"finished": False} if name == "open" else {"format": 0}))

    assert (Store(tmp_path / "open").training / "tokenizer.tiktoken").exists()
    old = Store(tmp_path / "old")
    assert (old.current, old.models(), old.training.exists()) == ("", [], False)
    assert (old.folder / "unreadable" / "checkpoint.json").exists()


class Killed(BaseException):
    """The process is gone; nothing after this runs, clean-up included."""


def kill_after(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `number` changes to the disk happen; each later one kills."""
    left = [number]

    def wrapped(name: str) -> None:
        real = getattr(Path, name)

        def cut(self: Path, *rest: object, **more: object) -> object:
            if left[0] <= 0:
                raise Killed
            left[0] -= 1
            return real(self, *rest, **more)

        monkeypatch.setattr(Path, name, cut)

    for name in ("replace", "unlink", "mkdir", "chmod"):
        wrapped(name)


def take_over(store: Store) -> None:
    Store(store.folder)


def file_again(store: Store) -> None:
    if store.training.exists():
        store.file()


def forget(store: Store) -> None:
    store.prune(0)


def go_back(store: Store) -> None:
    if [one.kind for one in store.history][-1] != "rolled back":
        store.rollback("2024-07-20")


@pytest.mark.parametrize("action", [take_over, file_again, forget, go_back])
def test_a_kill_between_any_two_changes_leaves_a_store_to_go_on_with(
    tmp_path: Path, runs: list[Path], action: Callable[[Store], None]
) -> None:
    def state(store: Store) -> object:
        whole = {one.model_id for one in store.models() if not models.trouble(one.folder)}
        return store.current, whole, store.training.exists(), [one.kind for one in store.history]

    def fresh(folder: Path) -> Store:
        if action is take_over:
            shutil.copytree(runs[0], folder)
            store = object.__new__(Store)
            store.folder, store.training = folder, folder / "training"
            return store
        store, _ = filled(folder, runs[:3])
        shutil.copytree(runs[3], store.training)
        return store

    whole = fresh(tmp_path / "whole")
    action(whole)
    wanted = state(Store(whole.folder))
    for number in range(100):
        store = fresh(tmp_path / str(number))
        with pytest.MonkeyPatch.context() as patch:
            kill_after(number, patch)
            try:
                action(store)
            except Killed:
                killed = True
            else:
                killed = False
        if not killed:
            break
        again = Store(store.folder)
        assert not again.current or models.trouble(again.folder / again.current) == ""
        action(again)
        assert state(again) == wanted
    assert number > 0
