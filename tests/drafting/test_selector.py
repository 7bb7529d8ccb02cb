"""The learned choice of sentences: figures without surprises, reasons that people can read."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import make_item
from weeklyai.drafting import reasons, selector
from weeklyai.drafting.background import Background
from weeklyai.drafting.selector import Scorer
from weeklyai.drafting.writer import COLUMNS, NoWriter, Writer

ITEM = make_item(3)
BACKGROUND = Background.of([make_item(n) for n in range(20)])


class Fond(NoWriter):
    """A model with one favourite."""

    model_id = "fond"

    def __init__(self, favourite: str, scale: float = 1.0) -> None:
        self.favourite, self.scale = favourite, scale

    def columns(self, title: str, body: str, sentences: Sequence[str]) -> dict[str, list[float]]:
        return {name: [self.scale * (self.favourite in one) for one in sentences] for name in COLUMNS}  # fmt: skip


def scorer(title: str = ITEM.title, body: str = ITEM.body, writer: Writer | None = None) -> Scorer:
    return Scorer(title, body, BACKGROUND, writer=writer)


@pytest.mark.parametrize("writer", [NoWriter(), Fond("search")])
def test_the_weights_name_exactly_the_columns_that_there_are(writer: Writer) -> None:
    found = scorer(writer=writer)
    assert set(found.weights.first) == set(found.columns)
    assert set(found.weights.second) == set(found.columns) | set(
        selector.beside(found.document, [0], found.alone)
    )


def test_a_models_say_counts_in_its_own_units_and_not_where_it_finds_all_alike() -> None:
    last = len(scorer().alone) - 1
    word = scorer().document.sentences[last].split()[0]
    heard = scorer(writer=Fond(word))
    loud = scorer(writer=Fond(word, 1_000.0))

    assert np.allclose(heard.alone, loud.alone)
    assert heard.alone[last] > scorer(writer=Fond("not there")).alone[last]


def test_the_weights_are_small_plain_json() -> None:
    raw = selector.PATH.read_bytes()
    assert len(raw) < 40_000
    assert set(json.loads(raw)) == {"without a model", "with a model"}


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
    assert found.reasons(1).startswith("it tells what the headline says")


def test_every_column_that_is_weighed_has_a_name_for_editors() -> None:
    for model in (False, True):
        assert set(selector.shipped(model=model).first) <= set(reasons.NAMES)
    for name in reasons.NAMES.values():
        assert not any(
            word in name for word in ("logarithm", "share", "likeness", "column", "rank")
        )


def test_reasons_of_one_kind_are_counted_together() -> None:
    points = {"first sentence": -6.9, "early place": 9.0, "names": 2.5, "numbers": 0.01}
    assert reasons.plainly(points, 3) == "it has names, it stands early in the text"
