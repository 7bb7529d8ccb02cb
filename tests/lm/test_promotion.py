"""Promises of promotion: by measure, on text that neither model has read, once for each model, with both figures."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.lm.runs import put, small_corpus, train_run
from weeklyai.lm import checkpoint, promotion
from weeklyai.lm.decisions import Decision
from weeklyai.lm.models import Store

NOW = datetime(2024, 7, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run of one step, and two of several."""
    folder = tmp_path_factory.mktemp("runs")
    for name, steps, seed in (("poor", 1, 1), ("good", 6, 1)):
        train_run(folder / name, steps=steps, seed=seed)
    return {name: folder / name for name in ("poor", "good")}


def settle(store: Store, model_id: str) -> Decision:
    run = checkpoint.read_run(store.folder / model_id)
    assert run
    return promotion.settle(store, run, small_corpus().held_out, "2024-W28", NOW)


def test_the_first_model_is_promoted(tmp_path: Path, runs: dict[str, Path]) -> None:
    store = Store(tmp_path)
    decision = settle(store, put(store, runs["poor"]))

    assert (decision.kind, decision.before, store.current) == ("promoted", "", decision.model)


def test_a_better_model_takes_over_and_a_worse_one_does_not(
    tmp_path: Path, runs: dict[str, Path]
) -> None:
    for order, (first, second) in enumerate((("poor", "good"), ("good", "poor"))):
        store = Store(tmp_path / str(order))
        settle(store, before := put(store, runs[first]))
        decision = settle(store, after := put(store, runs[second]))

        better = second == "good"
        assert decision.kind == ("promoted" if better else "refused")
        assert store.current == (after if better else before)
        assert decision.bits_per_byte is not None
        assert decision.bits_per_byte_before is not None
        assert (decision.bits_per_byte < decision.bits_per_byte_before) == better
        for figure in (decision.bits_per_byte, decision.bits_per_byte_before):
            assert f"{figure:.4f}" in decision.reason


def test_a_model_is_judged_once(tmp_path: Path, runs: dict[str, Path]) -> None:
    store = Store(tmp_path)
    poor, good = put(store, runs["poor"]), put(store, runs["good"])
    first = [settle(store, poor), settle(store, good)]
    store.rollback("2024-07-21")

    assert settle(store, good).kind == "rolled back"
    assert store.current == poor
    assert len(store.history) == len(first) + 1


def test_without_held_out_text_the_old_model_stays(tmp_path: Path, runs: dict[str, Path]) -> None:
    store = Store(tmp_path)
    settle(store, poor := put(store, runs["poor"]))
    run = checkpoint.read_run(store.folder / put(store, runs["good"]))
    assert run
    decision = promotion.settle(store, run, (), "2024-W28", NOW)

    assert (decision.kind, store.current) == ("refused", poor)
    assert "no held-out text" in decision.reason


def test_a_model_that_has_read_later_weeks_is_not_measured_against(
    tmp_path: Path, runs: dict[str, Path]
) -> None:
    store = Store(tmp_path)
    settle(store, put(store, runs["poor"]))
    run = checkpoint.read_run(store.folder / put(store, runs["good"]))
    assert run
    decision = promotion.settle(store, replace(run, until="2024-W01"), small_corpus().held_out, "2024-W02", NOW)  # fmt: skip

    assert decision.kind == "refused"
    assert "no text is new to both" in decision.reason


def test_a_damaged_model_gives_way(tmp_path: Path, runs: dict[str, Path]) -> None:
    store = Store(tmp_path)
    settle(store, poor := put(store, runs["poor"]))
    shutil.rmtree(store.folder / poor)
    decision = settle(store, good := put(store, runs["good"]))

    assert (decision.kind, store.current) == ("promoted", good)
    assert "damaged" in decision.reason


def test_worse_by_less_than_the_noise_is_not_worse(tmp_path: Path, runs: dict[str, Path]) -> None:
    store = Store(tmp_path)
    settle(store, put(store, runs["poor"]))
    run = checkpoint.read_run(runs["good"])
    assert run

    assert promotion._judged(store, run, 2.01, 2.0, "")[0] == "promoted"
    assert promotion._judged(store, run, 2.02, 2.0, "")[0] == "refused"
