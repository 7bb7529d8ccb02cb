"""Promises of the baselines: proper probabilities, and each text measured once."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weeklyai.lm import baselines, corpus, evaluate
from weeklyai.lm.baselines import KneserNey
from weeklyai.lm.tokenizer import Tokenizer
from weeklyai.records import FeedItem

SIZE = 12
_CHANCE = np.random.default_rng(5)
ROWS = [(_CHANCE.zipf(1.4, 30) % SIZE).astype(np.int32) for _ in range(60)]
MODEL = KneserNey(ROWS, SIZE)


def after(model: KneserNey, past: list[int]) -> list[float]:
    """Return the probability of each token after `past`."""
    rows = model.nats([np.array([*past, token], dtype=np.int32) for token in range(SIZE)])
    return [float(np.exp(-row[-1])) for row in rows]


@given(st.lists(st.integers(0, SIZE - 1), max_size=8))
@settings(max_examples=50, deadline=None)
def test_probabilities_add_up_to_one_after_any_past(past: list[int]) -> None:
    assert sum(after(MODEL, past)) == pytest.approx(1)
    assert min(after(MODEL, past)) > 0


@pytest.mark.parametrize("rows", [[], [[]], [[3]], [[1, 2, 3]] * 2])
def test_probabilities_add_up_to_one_however_little_was_read(rows: list[list[int]]) -> None:
    model = KneserNey([np.array(row, dtype=np.int32) for row in rows], SIZE)

    for past in ([], [1], [1, 2]):
        assert sum(after(model, past)) == pytest.approx(1)


def test_a_token_that_follows_many_others_is_likelier_after_a_new_one_than_a_frequent_one() -> None:
    many = [[n, 10, 9] for n in range(8)]  # 10 follows eight tokens, 11 only one, but as often
    few = [[8, 11, 9]] * 8
    model = KneserNey([np.array(row, dtype=np.int32) for row in (*many, *few)], SIZE)
    chances = after(model, [9])

    assert chances[10] > 2 * chances[11]


def test_two_orders_agree_with_the_formula_by_hand() -> None:
    rows = [[0, 1], [0, 1], [0, 2]]
    model = KneserNey([np.array(row, dtype=np.int32) for row in rows], 4, order=2)
    # Bigrams: mark-0 3 times, 0-1 twice, 0-2 once; too few to estimate discounts from: 0.5, 1 and 1.5.
    # Lowest order: 0, 1 and 2 each follow one token, so (1 - 0.5) / 3 + (3 * 0.5 / 3) / 4.
    low = 0.5 / 3 + 0.5 / 4
    expected = [(3 - 1.5) / 3 + 1.5 / 3 * low, (2 - 1) / 3 + 1.5 / 3 * low]

    assert np.exp(-model.nats([np.array([0, 1], dtype=np.int32)])[0]).tolist() == pytest.approx(
        expected
    )


def test_what_was_read_costs_less_than_what_was_not() -> None:
    other = (_CHANCE.zipf(1.4, 30) % SIZE).astype(np.int32)
    seen, unseen = MODEL.nats([ROWS[0], other])

    assert seen.sum() < unseen.sum()


def test_baselines_are_ordered_as_they_should_be(items: list[FeedItem]) -> None:
    built = corpus.build(items)
    held_out = corpus.once(built.held_out)
    tokenizer = Tokenizer.train([p for d in built.training for _, p in d.segments], 512)
    unigram = baselines.unigram_bits_per_byte(built.training, held_out, tokenizer)
    five = baselines.five_gram_bits_per_byte(built.training, held_out, tokenizer)
    zstd = baselines.zstd_bits_per_byte(built.training, held_out)

    assert 0 < five["all"] < unigram["all"]
    assert set(five) == set(unigram) == {*(str(one.week) for one in held_out), "all"}
    assert zstd is not None
    assert 0 < zstd < unigram["all"]


def test_a_second_layout_of_an_item_is_no_free_gain_for_compressors(items: list[FeedItem]) -> None:
    built = corpus.build(items)

    for measure in (baselines.lzma_bits_per_byte, baselines.zstd_bits_per_byte):
        once = measure(corpus.once(built.training), corpus.once(built.held_out))
        assert measure(built.training, built.held_out) == once


def test_bits_per_byte_by_source_add_up(items: list[FeedItem]) -> None:
    documents = corpus.build(items).training
    nats = [float(n + 1) for n in range(len(documents))]
    found = evaluate.by_source(nats, documents, most=2)
    sizes = dict.fromkeys(found, 0)
    for document in documents:
        sizes[document.source if document.source in sizes else "other"] += document.num_bytes

    assert len(found) == 3
    assert "other" in found
    total = sum(found[name] * sizes[name] for name in found) / sum(sizes.values())
    assert total == pytest.approx(evaluate.by_week(nats, documents)["all"], rel=1e-3)


def test_a_limit_keeps_the_two_layouts_of_an_item_together(items: list[FeedItem]) -> None:
    documents = corpus.build(items).training
    for parts in (2, 3):
        picked = evaluate.within_limit(documents, sum(d.num_bytes for d in documents) // parts)
        heads = [one.segments[0][0] == "title" for one in sorted(picked, key=id)]
        assert 2 * sum(heads) == len(heads)
        assert all(one in documents for one in itertools.islice(picked, 5))
