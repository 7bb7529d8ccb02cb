"""Promises of the corpus and the batches."""

import numpy as np

from tests.conftest import make_item
from weeklyai.lm import corpus
from weeklyai.lm.batches import Batches, encode
from weeklyai.lm.tokenizer import Tokenizer
from weeklyai.records import FeedItem


def test_no_item_stands_on_both_sides(items: list[FeedItem]) -> None:
    built = corpus.build(items)
    trained = {part for d in built.training for part in d.segments}

    assert built.held_out
    assert all(("title", dict(d.segments)["title"]) not in trained for d in built.held_out)


def test_order_of_arrival_does_not_matter(items: list[FeedItem]) -> None:
    assert corpus.build(reversed(items)).hash == corpus.build(items).hash


def test_equal_text_from_two_feeds_enters_once() -> None:
    one, two = make_item(1), make_item(1, id="f" * 16, feed_url="https://other.example/")

    assert corpus.build([one, two]).num_items == 1


def test_a_gap_sentence_is_hidden_from_its_body() -> None:
    documents = corpus.lay_out(make_item(2))
    parts = dict(documents[0].segments)

    assert parts["blurb"].startswith(
        ("Orchid", "Nimbus", "Tern", "Blue", "Karst", "Version", "The")
    )
    assert parts["blurb"] not in parts["body"]
    assert not documents[0].human


def test_a_summary_that_knows_more_than_its_body_is_not_learned() -> None:
    known, unknown = "Nimbus is faster now.", "Rival Foobar lost 99 percent."
    item = make_item(1, summary=f"{known} {unknown}")

    assert dict(corpus.lay_out(item)[0].segments)["blurb"] == known


def test_human_pairs_come_last(items: list[FeedItem]) -> None:
    human = [d.human for d in corpus.build(items).training]

    assert human == sorted(human)
    assert any(human)


def test_batches_walk_through_every_epoch_without_loss(items: list[FeedItem]) -> None:
    documents = corpus.build(items).training
    tokenizer = Tokenizer.train([p for d in documents for _, p in d.segments], 400)
    batches = Batches(documents, tokenizer, rows=2, context=16, seed=3)
    steps = batches.epoch_tokens // batches.step_tokens + 1

    seen = np.concatenate([batches[n][:, :-1].flatten().numpy() for n in range(steps)])
    ends = int((seen[: batches.epoch_tokens] == tokenizer.control["end"]).sum())

    assert ends == len(documents)
    assert batches.epoch_tokens == sum(len(encode(d, tokenizer)) for d in documents)


def test_a_batch_depends_on_its_number_alone(items: list[FeedItem]) -> None:
    documents = corpus.build(items).training
    tokenizer = Tokenizer.train([p for d in documents for _, p in d.segments], 400)
    walked, jumped = (Batches(documents, tokenizer, rows=2, context=64, seed=3) for _ in "ab")

    rows = [walked[n] for n in range(200)]

    assert (rows[199] == jumped[199]).all()
    assert (rows[0][0, 1:] == rows[0].flatten()[1:65]).all()
