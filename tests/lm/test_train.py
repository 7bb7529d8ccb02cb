"""Promises of the training run: exact, resumable, measured, safe to load."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from weeklyai import config
from weeklyai.errors import UserError, WeeklyError
from weeklyai.lm import baselines, checkpoint, corpus, evaluate, train
from weeklyai.lm.house import HouseWriter
from weeklyai.records import FeedItem

SETTINGS = config.Train(tokens=10 * 2048, layers=2, width=64, seed=5)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def interrupt_at(step: int) -> Callable[[train.Progress], None]:
    """Return a progress listener that is an impatient person."""

    def listen(progress: train.Progress) -> None:
        if progress.tokens >= step * 2048:
            raise KeyboardInterrupt

    return listen


def test_a_run_learns_and_says_by_how_much(items: list[FeedItem], tmp_path: Path) -> None:
    built = corpus.build(items)
    run = train.train(built, SETTINGS, tmp_path)

    assert run.finished
    assert run.tokens == SETTINGS.tokens
    assert run.held_out[-1][2] < 0.8 * run.held_out[0][2]
    assert set(run.by_week) == {"all", *(str(document.week) for document in built.held_out)}


def test_an_interrupted_run_resumed_ends_in_the_same_weights(
    items: list[FeedItem], tmp_path: Path
) -> None:
    built = corpus.build(items)
    whole = train.train(built, SETTINGS, tmp_path / "whole")

    for stop in (4, 7):
        with pytest.raises(KeyboardInterrupt):
            train.train(built, SETTINGS, tmp_path / "parts", interrupt_at(stop))
    resumed = train.train(built, SETTINGS, tmp_path / "parts")

    assert resumed.weights == whole.weights
    assert resumed.model_id == whole.model_id


def test_a_finished_run_is_not_run_again(items: list[FeedItem], tmp_path: Path) -> None:
    first = train.train(corpus.build(items), SETTINGS, tmp_path)
    steps: list[train.Progress] = []

    again = train.train(corpus.build(items), SETTINGS, tmp_path, steps.append)

    assert (again, steps) == (first, [])


def test_a_run_in_seconds_ends_annealed_on_its_budget(
    items: list[FeedItem], tmp_path: Path
) -> None:
    run = train.train(corpus.build(items), config.Train(budget="1s", layers=2, width=64), tmp_path)

    assert run.finished
    assert run.progress == 1.0


def test_a_long_budget_on_few_items_ends_before_they_are_known_by_heart(
    items: list[FeedItem], tmp_path: Path
) -> None:
    run = train.train(corpus.build(items), config.Train(budget="2h", layers=1, width=32), tmp_path)

    assert run.finished
    assert run.seconds < 1000


def test_an_almost_empty_archive_is_refused(items: list[FeedItem], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="weeklyai feeds add"):
        train.train(corpus.build(items[:2]), SETTINGS, tmp_path)


def test_a_tokenizer_of_another_run_is_refused(items: list[FeedItem], tmp_path: Path) -> None:
    train.train(corpus.build(items), SETTINGS, tmp_path / "a")
    train.train(corpus.build(items[:20]), SETTINGS, tmp_path / "b")
    (tmp_path / "b" / "tokenizer.tiktoken").replace(tmp_path / "a" / "tokenizer.tiktoken")

    with pytest.raises(UserError, match=r"was trained with tokenizer .* restore that file"):
        checkpoint.load(tmp_path / "a")


@pytest.mark.parametrize("damage", ["cut", "json", "missing"])
def test_a_damaged_checkpoint_is_named_in_one_sentence(
    items: list[FeedItem], tmp_path: Path, damage: str
) -> None:
    run = train.train(corpus.build(items), SETTINGS, tmp_path)
    weights = tmp_path / f"weights-{run.weights[:12]}.safetensors"
    if damage == "cut":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif damage == "missing":
        weights.unlink()
    else:
        (tmp_path / "checkpoint.json").write_text('{"format": 1,')

    with pytest.raises(WeeklyError, match="weeklyai train --fresh"):
        checkpoint.load(tmp_path)


def test_no_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeeklyError, match="run 'weeklyai train'"):
        checkpoint.load(tmp_path)


def test_the_tensor_files_of_the_last_two_checkpoints_stay(
    items: list[FeedItem], tmp_path: Path
) -> None:
    train.train(corpus.build(items), SETTINGS, tmp_path)
    train.train(corpus.build(items), config.Train(tokens=2048, layers=1, width=32), tmp_path)

    assert len(list(tmp_path.glob("*.safetensors"))) == 6
    for name in ("checkpoint.json", "checkpoint-before.json"):
        assert json.loads((tmp_path / name).read_text())["model"]["layers"] == 1


def test_the_trained_model_beats_token_frequencies(items: list[FeedItem], tmp_path: Path) -> None:
    built = corpus.build(items)
    train.train(built, SETTINGS, tmp_path)
    model, tokenizer, run = checkpoint.load(tmp_path)

    floor = baselines.unigram_bits_per_byte(built.training, built.held_out, tokenizer)

    assert evaluate.bits_per_byte(model, tokenizer, built.held_out) == run.by_week
    assert run.by_week["all"] < floor["all"]
    assert 0 < baselines.lzma_bits_per_byte(built.training, built.held_out) < floor["all"]


def test_the_house_writer_scores_and_samples_in_plain_text(
    items: list[FeedItem], tmp_path: Path
) -> None:
    train.train(corpus.build(items), SETTINGS, tmp_path)
    writer = HouseWriter.load(tmp_path)
    sentences = ["Nimbus has released version 4.0 of its database.", "The weather was mild."]

    gains = writer.columns(
        "Nimbus releases version 4.0 of its database", " ".join(sentences), sentences
    )["headline after it"]
    scores = writer.continuation(" ".join(sentences), sentences)
    wanted = [("Nimbus releases", sentence, 1) for sentence in sentences]
    samples = writer.rewrites(wanted, 3)

    assert len(gains) == 2
    assert all(abs(gain) < 20 for gain in gains)
    assert all(score < 0 for score in scores)
    assert [len(found) for found in samples] == [3, 3]
    assert samples[1:] == writer.rewrites(wanted[1:], 3)
    assert not any("<|" in sample for found in samples for sample in found)
