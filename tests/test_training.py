"""Promises of the weekly training step: it goes on from last week's model, trains nothing twice, and says what it decided."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import make_item
from tests.site import NOW
from tests.test_weekly import Listener
from weeklyai import config, training, watch
from weeklyai.dates import Week
from weeklyai.errors import UserError
from weeklyai.feeds.archive import Archive
from weeklyai.lm.models import Store, trouble
from weeklyai.publish import scaffold

WEEK = Week.parse("2024-W28")
LATER = Week.parse("2024-W29")


class Counter(Listener):
    """A watcher that counts steps of training."""

    steps = 0

    def training(self, step: watch.Training) -> None:
        self.steps += 1


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    scaffold.init(tmp_path, title="Letter", url="https://letter.example")
    site = config.load(tmp_path)
    with Archive(site.archive) as archive:
        archive.add([make_item(n) for n in range(40)], NOW)
    return replace(site, train=config.Train(tokens=2048, layers=1, width=32))


def add_a_week(settings: config.Settings) -> None:
    with Archive(settings.archive) as archive:
        archive.add([make_item(n) for n in range(60, 76)], NOW)  # 2024-07-13 12:00 and later


def test_the_first_run_tells_its_figures_and_the_same_run_is_not_run_twice(
    settings: config.Settings,
) -> None:
    first, again = Counter(), Counter()
    facts = training.train(settings, WEEK, first)

    assert list(facts) == [
        "items in the corpus", "left out of the corpus", "held out", "vocabulary", "parameters", "tokens",
        "trained for", "held-out bits per byte", "model", "how it learnt",
    ]  # fmt: skip
    assert training.train(settings, WEEK, again) == facts
    assert (first.steps, again.steps) == (1, 0)
    assert not Store(settings.model).training.exists()


def test_what_is_to_be_trained_is_told_before_the_first_step(settings: config.Settings) -> None:
    class Early(Counter):
        told = 0

        def training(self, step: watch.Training) -> None:
            self.told = self.told or len(self.notes)

    watcher = Early()
    training.train(replace(settings, train=replace(settings.train, base="")), WEEK, watcher)

    assert watcher.told == 2
    assert watcher.notes[0].startswith("machine: cpu ")
    assert watcher.notes[1].startswith("plan: 1 layer of width 32, ")
    assert "about 2,048 tokens in" in watcher.notes[1]
    assert "bits per byte expected" in watcher.notes[1]


def test_a_replay_finds_the_same_weights_and_leaves_nothing_behind(
    settings: config.Settings,
) -> None:
    model = training.train(settings, WEEK, Counter())["model"]
    before = sorted(settings.model.iterdir())

    assert training.repeat(settings, WEEK, Counter(), model)["same weights"]
    assert sorted(settings.model.iterdir()) == before


def test_a_replay_without_a_week_finds_that_of_the_run(settings: config.Settings) -> None:
    model = training.train(settings, WEEK, Counter())["model"]
    add_a_week(settings)

    assert training.repeat(settings, LATER, Counter(), model, guess=True)["same weights"]
    with pytest.raises(UserError, match="--week"):
        training.repeat(settings, LATER, Counter(), model)


def test_a_new_week_goes_on_from_the_model_of_the_last_one(settings: config.Settings) -> None:
    before = training.train(settings, WEEK, Counter())["model"]
    add_a_week(settings)
    watcher = Counter()
    facts = training.train(settings, LATER, watcher)
    store = Store(settings.model)

    assert facts["went on from"] == before
    assert "promoted" in facts["promotion"] or "refused" in facts["promotion"]
    assert before in facts["promotion"]
    assert watcher.steps > 0
    assert len(store.models()) == 2
    assert training.train(settings, LATER, again := Counter()) == facts
    assert again.steps == 0


def test_an_older_week_is_drafted_by_the_model_at_hand(settings: config.Settings) -> None:
    add_a_week(settings)
    later = training.train(settings, LATER, Counter())["model"]
    watcher = Counter()

    assert training.train(settings, WEEK, watcher)["model"] == later
    assert watcher.steps == 0


def test_another_shape_begins_with_new_weights_and_says_so(settings: config.Settings) -> None:
    before = training.train(settings, WEEK, Counter())["model"]
    watcher = Counter()
    wider = replace(settings, train=replace(settings.train, width=64))
    facts = training.train(wider, WEEK, watcher)

    assert "went on from" not in facts
    assert before in facts["promotion"]
    assert any("another shape" in note for note in watcher.notes)


def test_a_damaged_model_is_named_and_replaced(settings: config.Settings) -> None:
    training.train(settings, WEEK, Counter())
    folder = Store(settings.model).current_folder
    assert folder
    next(folder.glob("weights-*")).write_bytes(b"cut")
    watcher = Counter()
    training.train(settings, WEEK, watcher)
    store = Store(settings.model)

    assert any("new weights" in note and "cannot be used" in note for note in watcher.notes)
    assert store.current_folder
    assert trouble(store.current_folder) == ""


def test_fresh_begins_with_new_weights(settings: config.Settings) -> None:
    first = training.train(settings, WEEK, Counter())
    watcher = Counter()
    facts = training.train(settings, WEEK, watcher, fresh=True)

    assert watcher.steps == first["tokens"] // 2048
    assert facts["model"] == first["model"]  # the same to the bit, so the same model
