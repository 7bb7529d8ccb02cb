"""Promises of decoding: cached logits are the full ones, whatever stands beside a prompt, and so are the tokens."""

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pytest
import torch

from tests.lm.test_model import CONFIG, MODEL
from weeklyai.lm.decode import Decoder
from weeklyai.lm.model import GPT, ModelConfig
from weeklyai.lm.sample import FIRST, ROWS, Sampling, generate_all, pick, read_prompts

PROMPTS = [[3, 1, 4], [1, 5, 9, 2, 6, 5], [35, 8, 9, 7, 9, 3, 2, 38, 4, 6, 26], [43]]
DIALS = Sampling(count=3, max_new=12, stop={60, 61, 62, 63}, temperature=1.2, top_p=0.95)


def full_logits(rows: Sequence[Sequence[int]]) -> torch.Tensor:
    """What the whole model says after each row, read alone."""
    return torch.stack([MODEL(torch.tensor([list(row)]))[0, -1] for row in rows])


@torch.no_grad()
@pytest.mark.parametrize("prompts", [PROMPTS, PROMPTS[:1], [PROMPTS[1], PROMPTS[1][::-1]]])
@pytest.mark.parametrize("branches", [1, 3])
def test_logits_of_each_step_are_the_full_models(prompts: list[list[int]], branches: int) -> None:
    cache, states = read_prompts(MODEL, prompts)
    torch.testing.assert_close(
        states @ MODEL.embedding.weight.t(), full_logits(prompts), rtol=0, atol=1e-5
    )
    decoder = Decoder(MODEL, cache, branches, 8)
    rows = [list(prompt) for prompt in prompts for _ in range(branches)]
    chance = torch.Generator().manual_seed(5)
    for _ in range(8):
        tokens = torch.randint(64, (len(rows),), generator=chance)
        for row, token in zip(rows, tokens.tolist(), strict=True):
            row.append(token)

        torch.testing.assert_close(decoder.step(tokens), full_logits(rows), rtol=0, atol=1e-5)


@torch.no_grad()
def test_prompts_left_behind_change_nothing_for_the_others() -> None:
    cache, _ = read_prompts(MODEL, PROMPTS)
    decoder = Decoder(MODEL, cache, 2, 3)
    decoder.step(torch.tensor([1, 2, 3, 4, 5, 6, 7, 8]))
    decoder.keep(torch.tensor([0, 2]))

    found = decoder.step(torch.tensor([9, 10, 11, 12]))

    wanted = [
        [*PROMPTS[0], 1, 9],
        [*PROMPTS[0], 2, 10],
        [*PROMPTS[2], 5, 11],
        [*PROMPTS[2], 6, 12],
    ]
    torch.testing.assert_close(found, full_logits(wanted), rtol=0, atol=1e-5)


@pytest.mark.parametrize("number", [1, 2, len(PROMPTS)])
def test_a_prompt_gets_the_same_tokens_in_any_company(number: int) -> None:
    seeds = [11, 12, 13, 14]
    alone = [
        generate_all(MODEL, [prompt], [seed], DIALS)[0]
        for prompt, seed in zip(PROMPTS, seeds, strict=True)
    ]

    assert generate_all(MODEL, PROMPTS[:number], seeds[:number], DIALS) == alone[:number]
    assert generate_all(MODEL, PROMPTS[::-1], seeds[::-1], DIALS) == alone[::-1]
    assert len({tuple(row) for rows in alone for row in rows}) == len(PROMPTS) * DIALS.count


def test_many_prompts_come_back_in_their_order() -> None:
    prompts = [[n % 64] * (1 + n % 7) for n in range(ROWS)]
    greedy = Sampling(count=2, max_new=4, stop=(), temperature=0)

    found = generate_all(MODEL, prompts, [0] * ROWS, greedy)

    assert found == [generate_all(MODEL, [prompt], [0], greedy)[0] for prompt in prompts]
    assert generate_all(MODEL, [], [], greedy) == []


def test_a_continuation_ends_before_its_first_stop_token_and_others_go_on() -> None:
    plain = Sampling(count=3, max_new=12, stop=(), temperature=1.2, top_p=0.95)

    free = generate_all(MODEL, PROMPTS, [1, 2, 3, 4], plain)
    stopped = generate_all(MODEL, PROMPTS, [1, 2, 3, 4], DIALS)

    for whole, short in zip(chain(*free), chain(*stopped), strict=True):
        end = next((n for n, token in enumerate(whole) if token in DIALS.stop), len(whole))
        assert short == whole[:end]
    assert len({len(row) for row in chain(*stopped)}) > 1


def test_what_does_not_fit_the_context_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit the context"):
        generate_all(MODEL, [[1], [2] * CONFIG.context], [0, 0], DIALS)
    with pytest.raises(ValueError, match="do not fit the context"):
        generate_all(MODEL, [[]], [0], DIALS)


@pytest.mark.parametrize("top_p", [0.3, 0.9, 1.0])
@pytest.mark.parametrize("flatness", [0.05, 1.0])
def test_draws_are_as_frequent_as_the_shares_of_the_nucleus(top_p: float, flatness: float) -> None:
    logits = torch.randn(5 * FIRST, generator=torch.Generator().manual_seed(1)) / flatness
    shares = logits.softmax(0).sort(descending=True)
    inside = shares.values.cumsum(0) - shares.values < top_p
    wanted = torch.zeros(logits.numel()).index_put((shares.indices,), shares.values * inside)
    chance = np.linspace(0, 0.9999, 4_000, dtype=np.float32)

    drawn = pick(logits.expand(4_000, -1), chance, 1.0, top_p)

    counts = torch.bincount(torch.from_numpy(drawn), minlength=logits.numel()) / 4_000
    torch.testing.assert_close(counts, wanted / wanted.sum(), rtol=0, atol=1e-3)


def test_equal_shares_are_drawn_equally_often() -> None:
    drawn = pick(torch.zeros(400, 4), np.linspace(0, 0.9999, 400, dtype=np.float32), 1.0, 1.0)

    assert np.bincount(drawn).tolist() == [100, 100, 100, 100]


@torch.no_grad()
def test_an_untrained_model_decodes_too() -> None:
    model = GPT(ModelConfig(vocabulary=32, layers=2, width=32, heads=1, context=16))
    dials = Sampling(count=1, max_new=4, stop=(), temperature=0)

    ((row,),) = generate_all(model, [[7]], [0], dials)

    assert row == [7, 7, 7, 7]  # its only path leads from the embedding straight to the output
