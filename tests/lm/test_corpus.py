"""Promises of the corpus and the batches."""

import random

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


def story(number: int, length: int = 60) -> str:
    """Return an invented text of `length` words that shares nothing but its kind with the others."""
    chance = random.Random(number)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    words = ["".join(chance.choices(syllables, k=4)) for _ in range(length)]
    return " ".join(" ".join(words[n : n + 10]).capitalize() + "." for n in range(0, length, 10))


def rewrites(body: str, chance: random.Random) -> list[str]:
    """Return other forms of a text: cut, with a paragraph more, lightly edited, in capitals."""
    words = body.split()
    edited = " ".join(word for word in words if chance.random() > 0.12)
    return [
        " ".join(words[:30]),
        f"{body}\n\n{story(chance.randrange(10**9), 20)}",
        edited,
        body.upper(),
    ]


def test_no_form_of_a_text_stands_on_the_other_side() -> None:
    chance = random.Random(7)
    texts = [story(n) for n in range(150)]
    forms = [(n, form) for n, body in enumerate(texts) for form in [body, *rewrites(body, chance)]]
    chance.shuffle(forms)
    items = [
        make_item(place, title=f"{n}", body=form, summary="")
        for place, (n, form) in enumerate(forms)
    ]
    built = corpus.build(items)
    sides = [{dict(d.segments)["title"] for d in side} for side in (built.training, built.held_out)]

    assert built.held_out
    assert not sides[0] & sides[1]
    assert built.num_items == len(texts)


def test_of_several_forms_the_fullest_enters() -> None:
    full = make_item(2, body=story(1), summary="")
    cut = make_item(1, title=full.title, body=story(1)[:200], summary="")
    built = corpus.build([cut, full, make_item(3)])

    assert built.num_items == 2
    entered = {part for d in (*built.training, *built.held_out) for _, part in d.segments}
    assert any(story(1)[-40:] in part for part in entered)


def test_a_text_repeated_ten_thousand_times_with_small_changes_enters_hardly_more_than_once() -> (
    None
):
    chance = random.Random(8)
    words = story(1, 90).split()
    flood = [
        make_item(n, title=f"Offer {n}.{n % 7}", summary="", published=make_item(n % 40).published,
                  body=" ".join(f"n{n}" if chance.random() < 0.03 else word for word in words))
        for n in range(10_000)
    ]  # fmt: skip
    items = [make_item(20_000 + n, title=f"{n}", body=story(n + 2), summary="") for n in range(50)]
    built = corpus.build([*flood, *items])

    assert len(items) + 1 <= built.num_items <= len(items) + 5


def test_a_sentence_that_all_items_carry_costs_none_of_them() -> None:
    note = (
        "Subscribe to our evening letter for more reports of this kind from all over the country."
    )
    items = [make_item(n, title=f"{n}", body=f"{story(n)} {note}", summary="") for n in range(300)]

    assert corpus.build(items).num_items == 300


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
