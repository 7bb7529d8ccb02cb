"""Promises of the free writer: what it lets through says what the source says, and else the source's sentence stands."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from weeklyai.drafting import free
from weeklyai.drafting.writer import NoWriter
from weeklyai.records import FeedItem, Sentence

FIRST = "Nimbus has released version 4.0 of its database, which may run queries twice as fast."
SECOND = "The company Orbit sells support for it in Norway and Spain."
ITEM = FeedItem("a" * 16, "", "Paper", "A new database", "https://p.example/", datetime(2024, 7, 1, tzinfo=UTC), False, "",
                f"{FIRST} {SECOND}")  # fmt: skip
SENTENCE = Sentence(FIRST, "copied", ITEM.id, 0, FIRST, (), "")


class Sampler(NoWriter):
    """Samples what it is given."""

    model_id = "fake"

    def __init__(self, *samples: str) -> None:
        self.samples = list(samples)

    def rewrites(self, wanted: Sequence[tuple[str, str, int]], count: int) -> list[list[str]]:
        return [self.samples for _ in wanted]


@pytest.mark.parametrize(
    ("sample", "gate"),
    [
        ("Nimbus has released version 5.0 of its database, which may run queries twice as fast.", "unsupported"),
        ("Orbit has released version 4.0 of its database, which may run queries twice as fast.", "unsupported"),
        ("Nimbus has released version 4.0 of its database, which will run queries twice as fast.", "pivots_changed"),
        ("Nimbus has not released version 4.0 of its database, which may run queries twice as fast.", "pivots_changed"),
        ("Nimbus has released version 4.0 of its wonderful database, which may run queries twice as fast.", "in_window"),
        ("Nimbus has released version 4.0 of its database, which may run", "form"),
        ("The database of Nimbus may run fast queries twice.", "novel3"),
        ("", "form"),
    ],
)  # fmt: skip
def test_a_sample_that_says_something_else_is_refused(sample: str, gate: str) -> None:
    written = free.write(ITEM, [SENTENCE], Sampler(sample), 1)

    assert written.sentences == (SENTENCE,)
    assert written.counts[f"refused by {gate}"] == 1


def test_a_near_copy_passes_with_its_gates_as_evidence() -> None:
    near = "Nimbus has released version 4.0 of its database, which may run queries twice as fast."
    shorter = "Nimbus released version 4.0 of its database, which may run queries twice as fast."

    (kept,) = free.write(ITEM, [SENTENCE], Sampler(near), 1).sentences
    (written,) = free.write(ITEM, [SENTENCE], Sampler(near, shorter), 1).sentences

    assert kept is SENTENCE
    assert written.text == shorter
    assert (written.kind, written.source_text) == ("rewritten", FIRST)
    assert dict(written.gates)["novel3"] <= free.NOVEL3_MOST


def test_without_a_model_every_sentence_stands() -> None:
    one = dataclasses.replace(SENTENCE, note="word for word")

    assert free.write(ITEM, [one], NoWriter(), 1).sentences == (one,)
