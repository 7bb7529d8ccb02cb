"""The learned choice of sentences: figures without surprises, reasons that people can read."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import make_item
from weeklyai.drafting import features, selector
from weeklyai.drafting.background import Background
from weeklyai.drafting.features import Document
from weeklyai.drafting.selector import Scorer

ITEM = make_item(3)
BACKGROUND = Background.of([make_item(n) for n in range(20)])


def scorer(title: str = ITEM.title, body: str = ITEM.body) -> Scorer:
    return Scorer(title, body, BACKGROUND, selector.shipped())


def test_the_weights_name_exactly_the_columns_that_are_counted() -> None:
    document = Document.of(ITEM.title, ITEM.body, BACKGROUND, selector.MAX_READ)
    alone = set(features.table(document, BACKGROUND))
    assert set(selector.shipped().first) == alone
    assert set(selector.shipped().second) == alone | set(
        selector.beside(document, [0], scorer().alone)
    )


def test_the_weights_are_small_plain_json() -> None:
    raw = selector.PATH.read_bytes()
    assert len(raw) < 20_000
    assert set(json.loads(raw)) == {"first", "second"}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=300))
def test_any_text_gets_finite_scores(title: str, body: str) -> None:
    found = scorer(title, body)
    assert np.isfinite(found.alone).all()
    if len(found.alone):
        assert np.isfinite(found.beside([0])).all()


def test_scores_are_relative_to_their_own_text() -> None:
    assert scorer().alone.mean() == pytest.approx(0, abs=1e-9)


def test_a_sentence_with_the_headlines_words_beats_its_neighbours() -> None:
    body = (
        "The valley was quiet that morning and the shops were shut. "
        "Orchid Labs has released version 3.0 of its compiler. "
        "People went to the lake with their dogs and their bread."
    )
    found = scorer("Orchid Labs releases version 3.0 of its compiler", body)
    assert int(np.argmax(found.alone)) == 1
    assert "headline" in found.reasons(1)
