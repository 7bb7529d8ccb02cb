"""Promises of the scorer: reading a prefix once changes no figure, and headline and sentence raise each other."""

from pathlib import Path

import pytest
import torch

from tests.lm.runs import train_run
from weeklyai.lm import checkpoint, score
from weeklyai.lm.house import HouseWriter
from weeklyai.lm.sample import log_probs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("score") / "run"
    train_run(run, seed=3)
    return run


def test_a_prefix_read_once_gives_the_figures_of_one_read_each_time(folder: Path) -> None:
    model, tokenizer, _ = checkpoint.load(folder)
    prefix = [tokenizer.control["title"], *tokenizer.encode("A database")]
    tails = [tokenizer.encode(one) for one in ("It is fast.", "It", "The release is out now.")]

    found = score.after(model, prefix, tails)

    assert torch.allclose(
        torch.tensor(found), torch.tensor(log_probs(model, [prefix] * 3, tails)), atol=1e-3
    )
    assert score.after(model, prefix, []) == []
    with pytest.raises(ValueError, match="empty"):
        score.after(model, prefix, [[]])


def test_every_sentence_gets_a_finite_value_in_each_column(folder: Path) -> None:
    writer = HouseWriter.load(folder)
    sentences = ["Nimbus has a database.", "word " * 500, "<|end|>", ""]

    found = writer.columns("Nimbus releases", "body " * 5_000, sentences)

    assert len(found) == 4
    assert all(
        len(values) == 4 and torch.tensor(values).isfinite().all() for values in found.values()
    )
    assert writer.columns("", "", ["A sentence."])["headline after it"] == [0.0]
    assert writer.columns("A title", "", []) == {}


def test_the_layout_is_that_of_training_documents(folder: Path) -> None:
    control = checkpoint.load(folder)[1].control

    found = score.layout(control, ("title", [1, 2]), ("body", [3]), due="blurb")

    assert found == [control["title"], 1, 2, control["body"], 3, control["blurb"]]


def test_a_headline_is_scored_behind_each_text_and_the_stop_behind_each_sentence(
    folder: Path,
) -> None:
    writer = HouseWriter.load(folder)
    texts = ["Nimbus has a database.", "word " * 500, "<|end|>", "", "Nimbus has a database."]

    heads, stops = writer.headline("Nimbus releases", texts), writer.stops(texts)

    for found in (heads, stops):
        assert len(found) == len(texts)
        assert torch.tensor(found).isfinite().all()
        assert max(found) < 0
        assert found[0] == pytest.approx(found[-1], abs=1e-3)
    assert writer.headline("", texts) == [0.0] * len(texts)
    assert writer.headline("A title", []) == []
    assert writer.stops([]) == []
