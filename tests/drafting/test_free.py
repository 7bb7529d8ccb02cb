"""Promises of the free writer: what it lets through says what the source says, and else the source's sentence stands."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from weeklyai import config
from weeklyai.drafting import draft, final, free
from weeklyai.drafting.background import Background
from weeklyai.drafting.writer import NoWriter
from weeklyai.records import Blurb, FeedItem, Sentence, Story

POST = config.Post(min_stories=2, aim_words=5)
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
    written = free.write(ITEM, [SENTENCE], [[sample]], Sampler())

    assert written.sentences == (SENTENCE,)
    assert written.counts[f"refused by {gate}"] == 1


def test_a_near_copy_passes_with_its_gates_as_evidence() -> None:
    near = "Nimbus has released version 4.0 of its database, which may run queries twice as fast."
    shorter = "Nimbus released version 4.0 of its database, which may run queries twice as fast."

    (kept,) = free.write(ITEM, [SENTENCE], [[near]], Sampler()).sentences
    (written,) = free.write(ITEM, [SENTENCE], [[near, shorter]], Sampler()).sentences

    assert kept is SENTENCE
    assert written.text == shorter
    assert (written.kind, written.source_text) == ("written", FIRST)
    assert dict(written.gates)["novel3"] <= free.NOVEL3_MOST


def test_without_a_model_every_sentence_stands() -> None:
    one = dataclasses.replace(SENTENCE, note="word for word")

    assert free.write(ITEM, [one], [[]], NoWriter()).sentences == (one,)


def released(sentence: str) -> str:
    return sentence.replace("has released", "released")


@pytest.mark.parametrize("free_writer", [False, True])
def test_what_the_model_writes_is_published_only_where_the_site_asks_for_it(
    items: list[FeedItem], free_writer: bool
) -> None:
    item = dataclasses.replace(items[0], body=f"{FIRST} {items[0].body}", title="Nimbus 4.0, a new database")  # fmt: skip
    writer = Sampler(released(FIRST))
    drafted = draft.draft_issue(
        [item], Background.of([item]), writer, POST, 1, free_writer=free_writer
    )
    sentences = [one for blurb in drafted.blurbs for one in blurb.sentences]

    assert FIRST in [one.source_text for one in sentences]
    assert {one.text for one in sentences if one.kind == "written"} == ({released(FIRST)} if free_writer else set())  # fmt: skip


def test_the_last_look_holds_a_written_sentence_against_its_source_again() -> None:
    lie = dataclasses.replace(SENTENCE, kind="written", text=FIRST.replace("4.0", "5.0"))
    blurb = Blurb(Story(ITEM, (), 0.0, ()), (lie,))

    assert "unsupported" in final.final_look(blurb, dataclasses.replace(POST, min_words=5))
