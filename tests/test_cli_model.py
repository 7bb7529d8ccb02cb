"""Promises of the models commands: what they print, and one sentence for each mistake."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.lm.runs import promote, put, train_run
from weeklyai.cli import program
from weeklyai.cli_models import models
from weeklyai.errors import WeeklyError
from weeklyai.lm.models import Store
from weeklyai.publish import scaffold


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with two models, the second current."""
    folder = tmp_path_factory.mktemp("site")
    scaffold.init(folder, title="Letter", url="https://letter.example")
    store = Store(folder / ".weeklyai" / "model")
    for seed in range(2):
        run = folder.parent / f"run{seed}{folder.name}"
        train_run(run, seed=seed)
        promote(store, put(store, run, seed))
    return folder


@pytest.fixture
def copy(site: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(site, tmp_path / "copy"))


def call(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(program, ["--site", str(folder), "models", *words])


def test_the_list_names_each_model_and_what_became_of_it(site: Path) -> None:
    rows = json.loads(call(site, "list", "--json").output)
    store = Store(site / ".weeklyai" / "model")

    assert [row["state"] for row in rows] == ["current", "before"]
    assert rows[0]["id"] == store.current
    assert rows[0]["bytes"] > 0
    assert rows[0]["measured_on"].startswith("20")
    assert all(row["id"] in call(site, "list").output for row in rows)
    assert "there is no model yet" in call_empty(site.parent / "none", "list").output


def call_empty(folder: Path, *words: str) -> Result:
    if not folder.exists():
        scaffold.init(folder, title="Letter", url="https://letter.example")
    return call(folder, *words)


def test_show_tells_the_decisions(site: Path) -> None:
    value = json.loads(call(site, "show", "--json").output)

    assert value["state"] == "current"
    assert value["decisions"][-1]["kind"] == "promoted"
    assert value["id"] in call(site, "show").output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--tokens", "-5"), "'--tokens': -5 is not in the range"),
        (("--tokens", "0"), "'--tokens': 0 is not in the range"),
        (("--tokens", "9", "--budget", "1m"), "--budget and --tokens exclude one another"),
        (("--replay", "ab", "--tokens", "9"), "--replay repeats a run as it was"),
        (("--replay", "ab", "--size", "2x64"), "--replay repeats a run as it was"),
    ],
    ids=str,
)
def test_lengths_that_cannot_be_meant_are_refused(
    site: Path, words: tuple[str, ...], message: str
) -> None:
    done = CliRunner().invoke(program, ["--site", str(site), "train", *words])

    assert (done.exit_code, message in done.output) == (2, True), done.output


def test_promote_rollback_and_prune(copy: Path) -> None:
    newer, older = (row["id"] for row in json.loads(call(copy, "list", "--json").output))

    assert f"{older} drafts from now on, {newer} did before" in call(copy, "rollback").output
    assert f"{newer} drafts" in call(copy, "promote", newer[:8]).output
    assert "removed 0 model(s), 0 bytes freed" in call(copy, "prune", "--keep", "0").output


def test_export_writes_a_folder(copy: Path) -> None:
    done = call(copy, "export", str(copy / "hf"))

    assert done.exit_code == 0
    names = {path.name for path in (copy / "hf").iterdir()}
    assert {"config.json", "model.safetensors", "modeling_weeklyai.py", "tokenizer.json"} < names


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("show", "zzz"), 2, "no model's id begins with"),
        (("promote", "zzz"), 2, "no model's id begins with"),
        (("promote", ""), 2, "say which model"),
        (("export", "."), 2, "exists already"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_mistake_is_one_sentence(
    site: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    error = call(site, *words).exception

    assert isinstance(error, WeeklyError)
    assert (error.exit_code, message in str(error)) == (code, True), error


@pytest.mark.parametrize("words", [("show",), ("promote", "ab"), ("rollback",), ("export", "x")])
def test_without_a_model_each_says_how_to_make_one(site: Path, words: tuple[str, ...]) -> None:
    error = call_empty(site.parent / "none", *words).exception

    assert isinstance(error, WeeklyError)
    assert "'weeklyai train'" in str(error)


@pytest.mark.parametrize("name", sorted(models.commands))
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    assert "Example" in (models.commands[name].help or "")


def test_verify_names_the_damaged_model_and_fails(copy: Path) -> None:
    assert call(copy, "verify").exit_code == 0
    store = Store(copy / ".weeklyai" / "model")
    next((store.folder / store.predecessor).glob("weights-*")).write_bytes(b"cut")

    done = call(copy, "verify", "--json")

    assert done.exit_code == 1
    found = json.loads(done.output)
    assert found["base"] == found[store.current] == ""
    assert "cannot be used" in found[store.predecessor]


def test_a_damaged_record_of_models_stops_no_command_and_is_told(copy: Path) -> None:
    (copy / ".weeklyai" / "model" / "current.json").write_text("{")

    done = call(copy, "list")

    assert done.exit_code == 0
    assert "current.json was damaged" in done.stderr
    assert "current" in done.stdout
