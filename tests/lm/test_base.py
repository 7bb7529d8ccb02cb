"""Promises of the base model: a quarter of the room, hardly any worse, whole or named, and a start for a site's first run."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import make_item
from tests.lm.runs import small_corpus, train_run
from tests.site import NOW
from tests.test_weekly import Listener
from weeklyai import config, training
from weeklyai.dates import Week
from weeklyai.errors import WeeklyError
from weeklyai.feeds.archive import Archive
from weeklyai.lm import base, checkpoint, evaluate, models
from weeklyai.publish import scaffold

MOMENT = datetime(2024, 7, 19, tzinfo=UTC)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base") / "run"
    train_run(folder, steps=12)
    return folder


@pytest.fixture
def packed(trained: Path, tmp_path: Path) -> Path:
    base.pack(trained, tmp_path / "shipped")
    return tmp_path / "shipped"


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    site = tmp_path / "site"
    scaffold.init(site, title="Letter", url="https://letter.example")
    found = config.load(site)
    with Archive(found.archive) as archive:
        archive.add([make_item(n) for n in range(40)], NOW)
    return replace(found, train=config.Train(tokens=2048))


def test_the_stored_form_is_small_and_within_one_percent(trained: Path, packed: Path) -> None:
    model, tokenizer, _ = checkpoint.load(trained)
    stored, same, _ = base.load(packed)
    documents = small_corpus().held_out
    before = evaluate.bits_per_byte(model, tokenizer, documents)["all"]
    after = evaluate.bits_per_byte(stored, same, documents)["all"]
    size = (packed / "weights.safetensors").stat().st_size

    assert same.hash == tokenizer.hash
    assert abs(after - before) < 0.01 * before
    assert size < 0.5 * 4 * model.num_parameters  # rows of 32 bear a scale of 4 bytes each


def test_it_becomes_the_first_model_of_a_store_to_which_all_text_is_new(
    packed: Path, tmp_path: Path
) -> None:
    store = models.Store(tmp_path / "model")
    installed = base.install(store, MOMENT, packed)
    again = models.Store(tmp_path / "other")

    assert store.current == installed
    assert models.trouble(store.folder / installed) == ""
    assert store.border is None
    assert store.history[0].reason == base.REASON
    assert base.install(again, MOMENT, packed) == installed


@pytest.mark.parametrize("name", ["base.json", "weights.safetensors", "tokenizer.tiktoken"])
def test_a_file_that_is_missing_or_damaged_is_named(packed: Path, name: str) -> None:
    path = packed / name
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(WeeklyError, match=name):
        base.load(packed)
    path.unlink()

    assert name in base.trouble(packed)


def test_a_first_run_begins_with_the_base(
    packed: Path, settings: config.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "SHIPPED", packed)
    watcher = Listener()
    facts = training.train(settings, Week.parse("2024-W28"), watcher)
    store = models.Store(settings.model)

    assert facts["went on from"] == store.history[0].model
    assert any(f"own base, {facts['went on from']}" in note for note in watcher.notes)
    assert facts["parameters"] == base.record(packed).parameters


def test_a_run_of_another_shape_or_without_a_base_begins_with_new_weights(
    packed: Path, settings: config.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "SHIPPED", packed)
    for asked in ({"layers": 2, "width": 32}, {"base": "", "layers": 1, "width": 64}):
        rules = replace(settings.train, **asked)
        facts = training.train(replace(settings, train=rules), Week.parse("2024-W28"), Listener())
        assert "went on from" not in facts or facts["model"] != base.record(packed).model_id
        assert not any(one.reason == base.REASON for one in models.Store(settings.model).history)


def test_a_damaged_base_is_named_and_the_run_begins_with_new_weights(
    packed: Path, settings: config.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "SHIPPED", packed)
    (packed / "weights.safetensors").write_bytes(b"not a model")
    watcher = Listener()
    rules = replace(settings.train, budget="2s", tokens=2048)
    facts = training.train(replace(settings, train=rules), Week.parse("2024-W28"), watcher)

    assert any("weights.safetensors" in note and "new weights" in note for note in watcher.notes)
    assert any("installing weeklyai again brings it back" in note for note in watcher.notes)
    assert "went on from" not in facts
