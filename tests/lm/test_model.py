"""Promises of the model: causal, cached equals full, repeatable."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from weeklyai.lm.loss import linear_cross_entropy
from weeklyai.lm.model import GPT, Cache, ModelConfig, causal_attention, relu_squared
from weeklyai.lm.optim import make_optimizers, orthogonalised, rate_factor
from weeklyai.lm.sample import generate, log_probs, pick

CONFIG = ModelConfig(vocabulary=64, layers=3, width=64, heads=2, context=48)


def trained_a_little() -> GPT:
    """A model whose every weight has moved, so that no zero hides a mistake."""
    model = GPT(CONFIG, seed=1)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.1)
    return model.eval()


MODEL = trained_a_little()
TOKENS = torch.randint(64, (3, 40), generator=torch.Generator().manual_seed(3))


@torch.no_grad()
@pytest.mark.parametrize("cuts", [[40], [1] * 40, [7, 1, 1, 20, 11]])
def test_cached_logits_equal_full_ones(cuts: list[int]) -> None:
    cache = Cache(CONFIG, 3, 40, torch.device("cpu"))
    parts = [MODEL(piece, cache) for piece in torch.split(TOKENS, cuts, dim=1)]

    torch.testing.assert_close(torch.cat(parts, dim=1), MODEL(TOKENS), rtol=0, atol=1e-5)


@torch.no_grad()
def test_no_position_sees_a_later_one() -> None:
    changed = TOKENS.clone()
    changed[:, 20:] = 5

    torch.testing.assert_close(MODEL(changed)[:, :20], MODEL(TOKENS)[:, :20])


def test_a_sequence_longer_than_the_context_is_refused() -> None:
    with pytest.raises(ValueError, match="49 positions do not fit"):
        MODEL(torch.zeros(1, 49, dtype=torch.int64))


def test_the_same_seed_gives_the_same_weights() -> None:
    one, two, other = GPT(CONFIG, 4), GPT(CONFIG, 4), GPT(CONFIG, 5)

    assert torch.equal(one.embedding.weight, two.embedding.weight)
    assert not torch.equal(one.embedding.weight, other.embedding.weight)


def test_every_weight_learns() -> None:
    model = trained_a_little().train()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}

    model.loss(TOKENS).backward()  # type: ignore[no-untyped-call]
    for optimizer in make_optimizers(model):
        optimizer.step()

    assert [n for n, p in model.named_parameters() if torch.equal(p, before[n])] == []


@pytest.mark.parametrize("shape", [(2, 8, 32), (2, 32, 8), (1, 16, 16)])
def test_newton_schulz_evens_out_singular_values(shape: tuple[int, int, int]) -> None:
    values = torch.linalg.svdvals(
        orthogonalised(torch.randn(shape, generator=torch.Generator().manual_seed(6)))
    )

    assert values.min() > 0.5
    assert values.max() < 1.3


def test_the_rate_is_level_then_falls_to_two_percent() -> None:
    assert [round(rate_factor(x), 3) for x in (0, 0.39, 0.7, 1, 1.1)] == [1, 1, 0.51, 0.02, 0.02]


def test_a_generator_state_repeats_its_samples_and_stops_where_told() -> None:
    def draw() -> list[list[int]]:
        return generate(
            MODEL, [1, 2, 3], count=4, max_new=30, stop={7, 8, 9, 10, 11, 12},
            generator=torch.Generator().manual_seed(9), temperature=1.5, top_p=1.0,
        )  # fmt: skip

    rows = draw()

    assert rows == draw()
    assert len({tuple(row) for row in rows}) > 1
    assert not {7, 8, 9, 10, 11, 12} & {token for row in rows for token in row}


def test_greedy_generation_takes_the_likeliest_token_of_the_full_model() -> None:
    rows = generate(
        MODEL, [5, 6], count=2, max_new=10, stop=(), generator=torch.Generator(), temperature=0
    )
    row = [5, 6]
    for _ in range(10):
        row.append(int(MODEL(torch.tensor([row]))[0, -1].argmax()))

    assert rows == [row[2:], row[2:]]


def test_the_nucleus_leaves_out_the_tail() -> None:
    logits = torch.tensor([[5.0, 4.9, -3.0, -3.0]]).expand(200, -1)

    assert set(pick(logits, np.linspace(0, 0.999, 200, dtype=np.float32), 1.0, 0.9).tolist()) == {
        0,
        1,
    }


@torch.no_grad()
def test_scores_of_tails_are_those_of_the_full_model() -> None:
    row = TOKENS[0].tolist()
    logs = MODEL(TOKENS[:1]).log_softmax(-1)[0]
    expected = sum(float(logs[n - 1, row[n]]) for n in range(30, 40))

    (short, _) = log_probs(MODEL, [row[:30], row[:5]], [row[30:], row[5:9]])

    assert short == pytest.approx(expected, abs=1e-4)


def test_a_prefix_too_long_for_the_context_is_cut_in_its_middle() -> None:
    (score,) = log_probs(MODEL, [[1] * 500], [[2, 3, 4]])

    assert score < 0


@pytest.mark.parametrize(("rows", "types"), [(1, 16), (256, 64), (700, 300)])
def test_the_fused_loss_and_its_gradients_are_those_of_the_plain_one(rows: int, types: int) -> None:
    chance = torch.Generator().manual_seed(3)
    x = torch.randn(rows, 8, generator=chance, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(types, 8, generator=chance, dtype=torch.float64, requires_grad=True)
    targets = torch.randint(0, types, (rows,), generator=chance)

    found = linear_cross_entropy(x, weight, targets)
    wanted = F.cross_entropy(F.linear(x, weight), targets)

    assert torch.allclose(found, wanted)
    for ours, plain in zip(
        torch.autograd.grad(found, (x, weight)),
        torch.autograd.grad(wanted, (x, weight)),
        strict=True,
    ):
        assert torch.allclose(ours, plain)


def test_relu_squared_has_its_own_gradient_right() -> None:
    x = torch.linspace(-2, 2, 41, dtype=torch.float64, requires_grad=True)
    (ours,) = torch.autograd.grad(relu_squared(x).sum(), x)
    (plain,) = torch.autograd.grad(F.relu(x).square().sum(), x)

    assert torch.allclose(ours, plain)


def test_attention_in_bfloat16_equals_that_in_float32_to_its_rounding() -> None:
    chance = torch.Generator().manual_seed(3)
    q, k, v, grad = (torch.randn(2, 3, 17, 16, generator=chance) for _ in range(4))

    def found(dtype: torch.dtype) -> list[torch.Tensor]:
        own = [x.to(dtype).requires_grad_() for x in (q, k, v)]
        y = causal_attention(*own)
        y.backward(grad.to(dtype))  # type: ignore[no-untyped-call]
        return [y.detach().float(), *(x.grad.float() for x in own if x.grad is not None)]

    for low, exact in zip(found(torch.bfloat16), found(torch.float32), strict=True):
        assert (low - exact).norm() < 0.01 * exact.norm()


def test_a_training_step_in_bfloat16_has_about_the_same_loss_and_gradients() -> None:
    model = GPT(ModelConfig(vocabulary=300, layers=2, width=64, heads=2, context=32), seed=5)
    with torch.no_grad():
        for parameter in model.parameters():
            chance = torch.Generator().manual_seed(1)
            parameter.add_(torch.randn(parameter.shape, generator=chance), alpha=0.02)
    tokens = torch.randint(300, (4, 33), generator=torch.Generator().manual_seed(2))

    def step(*, low: bool) -> tuple[float, torch.Tensor]:
        model.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=low):
            loss = model.loss(tokens)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item(), torch.cat([p.grad.flatten() for p in model.parameters()])  # type: ignore[union-attr]

    (exact, gradients), (low, low_gradients) = step(low=False), step(low=True)
    assert low == pytest.approx(exact, rel=3e-3)
    assert torch.cosine_similarity(gradients, low_gradients, dim=0) > 0.999
