"""Promises of the model in other number formats: the real rotation, and the half-precision path that a GPU takes."""

import pytest
import torch
import torch.nn.functional as F

from weeklyai.lm.loss import linear_cross_entropy
from weeklyai.lm.model import GPT, ModelConfig, rotary, rotate

CONFIG = ModelConfig(vocabulary=64, layers=3, width=64, heads=2, context=48)
TOKENS = torch.randint(64, (3, 41), generator=torch.Generator().manual_seed(3))


def moved() -> GPT:
    model = GPT(CONFIG, seed=1)
    chance = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=chance) * 0.05)
    return model


def test_both_forms_of_the_rotation_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.randn(2, 40, 4, 16, generator=torch.Generator().manual_seed(4))
    turns = rotary(40, 16)
    as_complex = rotate(x, turns)
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)

    torch.testing.assert_close(rotate(x, turns), as_complex, rtol=0, atol=1e-5)


def test_the_rotation_takes_bfloat16() -> None:
    x = torch.randn(2, 40, 4, 16, generator=torch.Generator().manual_seed(4))

    torch.testing.assert_close(
        rotate(x.bfloat16(), rotary(40, 16)).float(), rotate(x, rotary(40, 16)), rtol=0, atol=0.05
    )


def test_under_autocast_the_fused_loss_multiplies_in_half_and_keeps_float_gradients() -> None:
    chance = torch.Generator().manual_seed(3)
    x = torch.randn(700, 32, generator=chance, requires_grad=True)
    weight = torch.randn(300, 32, generator=chance, requires_grad=True)
    targets = torch.randint(0, 300, (700,), generator=chance)

    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = linear_cross_entropy(x, weight, targets)
    wanted = F.cross_entropy(F.linear(x, weight), targets)

    assert found.dtype == torch.float32
    torch.testing.assert_close(found, wanted, rtol=2e-3, atol=0)
    for ours, plain in zip(
        torch.autograd.grad(found, (x, weight)),
        torch.autograd.grad(wanted, (x, weight)),
        strict=True,
    ):
        assert ours.dtype == torch.float32
        assert float((ours - plain).norm() / plain.norm()) < 0.02


def test_under_autocast_a_whole_training_step_stays_near_float64() -> None:
    exact, half = moved().double(), moved()
    exact.loss(TOKENS).backward()  # type: ignore[no-untyped-call]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = half.loss(TOKENS)
    loss.backward()  # type: ignore[no-untyped-call]

    for wanted, found in zip(exact.parameters(), half.parameters(), strict=True):
        assert wanted.grad is not None
        assert found.grad is not None
        assert float((found.grad - wanted.grad).norm() / wanted.grad.norm()) < 0.08


@torch.no_grad()
def test_a_model_in_float64_keeps_its_rotations() -> None:
    torch.testing.assert_close(
        moved().double()(TOKENS[:, :-1]).float(), moved()(TOKENS[:, :-1]), rtol=0, atol=1e-4
    )
