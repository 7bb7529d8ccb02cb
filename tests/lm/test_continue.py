"""Promises of replayed and continued runs, of runs read in pieces, and of what a run records."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import make_item
from weeklyai import config
from weeklyai.errors import UserError
from weeklyai.lm import batches, checkpoint, corpus, guard, loop, train
from weeklyai.lm.batches import Batches, encode
from weeklyai.lm.corpus import Corpus
from weeklyai.lm.plan import Plan
from weeklyai.lm.tokenizer import Tokenizer

PLAN = Plan(
    vocabulary=400, layers=1, width=32, heads=1, context=32, rows=4, seed=5,
    tokens=30 * 128, seconds=0.0, epochs=0,
)  # fmt: skip
TIMED = replace(PLAN, tokens=0, seconds=1.5, epochs=10**6)
LAST_WEEK = corpus.build([make_item(n) for n in range(30)])
THIS_WEEK = corpus.build([make_item(n) for n in range(60)])


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def run(
    built: Corpus,
    folder: Path,
    plan: Plan = PLAN,
    start: Path | None = None,
    replay: Path | None = None,
) -> checkpoint.Run:
    return train.train(built, config.Train(), folder, plan=plan, start=start, replay=replay)


def test_a_run_in_seconds_can_be_repeated_to_the_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(LAST_WEEK, tmp_path / "first", TIMED)
    monkeypatch.setattr(guard, "CHECKPOINT_SECONDS", -1.0)  # other moments of checkpoints
    monkeypatch.setattr(loop, "MEASURE_SHARE", 9.0)  # and of measures

    def stop_halfway(now: train.Progress) -> None:
        if now.share > 0.5:
            raise KeyboardInterrupt

    again_in = partial(
        train.train, LAST_WEEK, config.Train(), tmp_path / "again", replay=tmp_path / "first"
    )
    with pytest.raises(KeyboardInterrupt):
        again_in(stop_halfway)
    again = again_in()

    assert (again.step, again.weights) == (first.step, first.weights)
    assert again.replayed == first.model_id
    assert checkpoint.read_schedule(tmp_path / "again", again) == checkpoint.read_schedule(
        tmp_path / "first", first
    )


def test_a_replay_wants_the_same_text_and_a_finished_run(tmp_path: Path) -> None:
    run(LAST_WEEK, tmp_path / "first")

    with pytest.raises(UserError, match="other text"):
        run(THIS_WEEK, tmp_path / "again", replay=tmp_path / "first")
    with pytest.raises(UserError, match="no finished model"):
        run(THIS_WEEK, tmp_path / "again", replay=tmp_path / "nothing")


def test_a_continued_run_begins_where_its_parent_ended(tmp_path: Path) -> None:
    parent = run(LAST_WEEK, tmp_path / "parent")
    child = run(THIS_WEEK, tmp_path / "child", start=tmp_path / "parent")
    again = run(THIS_WEEK, tmp_path / "again", start=tmp_path / "parent", replay=tmp_path / "child")

    assert (child.parent, child.tokenizer) == (parent.model_id, parent.tokenizer)
    assert (parent.until, child.until) == ("2024-W26", "2024-W27")  # the newest weeks read whole
    assert child.held_out[0][2] < 0.8 * parent.held_out[0][2]
    assert child.weights == again.weights != parent.weights


def test_a_replayed_continuation_wants_the_same_start(tmp_path: Path) -> None:
    run(LAST_WEEK, tmp_path / "parent")
    run(THIS_WEEK, tmp_path / "child", start=tmp_path / "parent")

    with pytest.raises(UserError, match="from the same start"):
        run(THIS_WEEK, tmp_path / "again", replay=tmp_path / "child")


def test_an_epoch_is_all_new_documents_and_as_much_of_the_older_ones() -> None:
    documents = THIS_WEEK.training
    new, older = documents[:6], documents[6:]
    tokenizer = Tokenizer.train((document.segments[0][1] for document in documents), 300)
    found = Batches(new, tokenizer, 1, 16, seed=3, older=older)
    epochs = [found._tokens(n).copy() for n in range(3)]

    for epoch in epochs:
        assert all(encode(document, tokenizer).tobytes() in epoch.tobytes() for document in new)
        assert len(epoch) == found.epoch_tokens == sum(found.lengths[:6]) * (1 + batches.REPLAY)
    assert not np.array_equal(epochs[0], epochs[1])
    assert np.array_equal(epochs[2], found._tokens(2))


def test_a_batch_read_in_pieces_gives_the_same_gradients(tmp_path: Path) -> None:
    whole = run(LAST_WEEK, tmp_path / "whole")
    run(LAST_WEEK, tmp_path / "pieces", replace(PLAN, micro_rows=3))  # 3 and 1 of 4 rows

    one, two = (checkpoint.load(tmp_path / name)[0] for name in ("whole", "pieces"))

    assert whole.step == 30
    for left, right in zip(one.parameters(), two.parameters(), strict=True):
        torch.testing.assert_close(left, right, rtol=0, atol=1e-3)


def test_a_run_records_its_curves_its_samples_and_its_mix(tmp_path: Path) -> None:
    found = run(THIS_WEEK, tmp_path)

    assert [tokens for tokens, _, _ in found.curve] == sorted({t for t, _, _ in found.curve})
    assert found.curve[-1][:1] == found.held_out[-1][:1] == [PLAN.tokens]
    assert found.held_out[-1][1] >= found.curve[-1][1] > 0
    assert len(found.held_out) == len(found.samples) == len(found.by_source) <= 12
    assert set(found.by_source[-1]["sources"]) <= {f"Example Times {n}" for n in range(4)}
    assert sum(row["documents"] for row in found.mix) == len(THIS_WEEK.training)
    assert checkpoint.read_run(tmp_path) == found


def test_the_seconds_left_shrink_to_none(tmp_path: Path) -> None:
    seen: list[train.Progress] = []
    train.train(LAST_WEEK, config.Train(), tmp_path, seen.append, plan=PLAN)

    assert seen[-1].left == 0
    assert seen[4].left > seen[-2].left > 0


def test_human_pairs_come_in_the_second_half_of_an_epoch_among_others() -> None:
    documents = [
        replace(document, human=n % 4 == 0) for n, document in enumerate(THIS_WEEK.training)
    ]
    texts = [" ".join(part for _, part in document.segments) for document in documents]
    tokenizer = Tokenizer.train(texts, 400)
    stream = Batches(documents, tokenizer, 4, 32, seed=5)._tokens(0).tolist()
    spelled = bytes(str(stream), "ascii")
    places = {
        human: [
            spelled.index(bytes(str(encode(document, tokenizer).tolist())[1:-1], "ascii"))
            for document in documents
            if document.human is human
        ]
        for human in (True, False)
    }

    assert min(places[True]) > 0.3 * len(spelled)
    assert max(places[False]) > min(places[True])
