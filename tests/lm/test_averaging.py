"""Promises of the average of a model and the one that it went on from."""

import math
from pathlib import Path

import pytest
import torch

from weeklyai.lm import averaging, checkpoint
from weeklyai.lm.model import GPT, ModelConfig

from tests.lm.test_continue import LAST_WEEK, THIS_WEEK, run

SHAPE = ModelConfig(vocabulary=64, layers=1, width=32, heads=1, context=16)


def weights(model: GPT) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


@pytest.mark.parametrize("wanted", [0.25, 0.5, 0.75, 1.0])
def test_the_average_that_reads_best_is_left_in_the_model(wanted: float) -> None:
    parent, own = GPT(SHAPE, seed=1), GPT(SHAPE, seed=2)
    target = torch.lerp(weights(parent), weights(own), wanted)

    share = averaging.settle(
        own, parent.state_dict(), lambda model: float((weights(model) - target).norm())
    )

    assert share == wanted
    assert torch.allclose(weights(own), target, atol=1e-6)


def test_weights_of_a_run_stay_to_the_bit_where_no_average_is_better() -> None:
    parent, own = GPT(SHAPE, seed=1), GPT(SHAPE, seed=2)
    before = weights(own)

    assert averaging.settle(own, parent.state_dict(), lambda _: 1.0) == 1.0
    assert torch.equal(weights(own), before)


def test_weights_that_cannot_be_measured_are_left_as_they_are() -> None:
    parent, own = GPT(SHAPE, seed=1), GPT(SHAPE, seed=2)

    assert averaging.settle(own, parent.state_dict(), lambda _: math.nan) == 1.0


def test_a_run_that_goes_on_says_how_far_it_went_and_a_first_run_does_not(tmp_path: Path) -> None:
    first = run(LAST_WEEK, tmp_path / "parent")
    child = run(THIS_WEEK, tmp_path / "child", start=tmp_path / "parent")

    assert first.averaged == 1.0
    assert child.averaged in {*averaging.SHARES, 1.0}
    assert checkpoint.load(tmp_path / "child")[2].averaged == child.averaged
