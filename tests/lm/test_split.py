"""Promises of the split by date, and of what may not enter."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import make_item
from tests.lm.test_corpus import story
from weeklyai import config
from weeklyai.dates import Week
from weeklyai.lm import corpus
from weeklyai.lm.corpus import Corpus, Document
from weeklyai.records import FeedItem

MONDAY = datetime(2024, 7, 15, tzinfo=UTC)


def dated(number: int, days: float, **changes: object) -> FeedItem:
    """Return an item with a text of its own, `days` after the Monday of 2024-W29."""
    return make_item(number, **{"title": f"Title {number}", "body": story(number), "summary": "",
                                "published": MONDAY + timedelta(days=days), **changes})  # fmt: skip


def weeks(number: int) -> list[FeedItem]:
    """Return six items a week over `number` weeks, the last of them 2024-W29."""
    return [dated(n, n % 6 - 7 * (n // 6)) for n in range(6 * number)]


def titles(documents: tuple[Document, ...]) -> set[str]:
    return {dict(document.segments)["title"] for document in documents}


def sides(built: Corpus) -> tuple[set[str], set[str]]:
    return titles(built.training), titles(built.held_out)


def test_the_newest_week_is_held_out_and_nothing_of_it_trained_on() -> None:
    built = corpus.build(weeks(5))

    assert titles(built.held_out) == {f"Title {n}" for n in range(6)}
    assert {document.week for document in built.held_out} == {Week(2024, 29)}
    assert max(document.week for document in built.training) == built.until == Week(2024, 28)
    assert built.border == MONDAY


def test_next_week_trains_on_what_was_held_out() -> None:
    items = weeks(5)
    built = corpus.build([*items, *(dated(100 + n, 7 + n / 2) for n in range(6))])

    assert titles(corpus.build(items).held_out) <= titles(built.training)
    assert built.until == Week(2024, 29)


def test_scarce_text_holds_out_its_newest_tenth() -> None:
    built = corpus.build([dated(n, n / 10) for n in range(40)])

    assert titles(built.held_out) == {f"Title {n}" for n in range(36, 40)}
    assert built.until == Week(2024, 28)  # the week of the border has not been trained on whole


def test_texts_of_one_moment_are_split_all_the_same() -> None:
    training, held_out = sides(corpus.build([dated(n, 0) for n in range(40)]))

    assert (len(training), len(held_out)) == (36, 4)


def test_undated_texts_are_trained_on() -> None:
    items = [*weeks(5), dated(200, 5, date_guessed=True)]

    assert "Title 200" in titles(corpus.build(items).training)


def test_an_archive_without_any_date_still_holds_texts_out() -> None:
    built = corpus.build([dated(n, 0, date_guessed=True) for n in range(40)])

    assert len(built.held_out) == 8


def test_a_text_that_comes_again_in_the_newest_week_is_not_measured() -> None:
    old = dated(7, -6)
    again = dated(300, 2, title="In other words", body=old.body + "\n\n" + story(999, 20))
    built = corpus.build([*weeks(5), again])
    seen = {part for document in built.training for _, part in document.segments}

    assert "In other words" not in titles(built.held_out)
    assert not any(story(999, 20)[:40] in part for part in seen)  # nor is its newer form trained on


def test_what_another_model_has_seen_is_not_held_out() -> None:
    border = MONDAY + timedelta(days=3)
    built = corpus.build(weeks(5), seen=border)

    assert titles(built.held_out) == {"Title 3", "Title 4", "Title 5"}
    assert built.border == border
    assert not corpus.build(weeks(5), seen=MONDAY + timedelta(days=9)).held_out


def test_a_held_out_text_that_was_mostly_seen_is_left_out_and_counted() -> None:
    sources = [dated(n, -6) for n in range(50, 60)]
    patched = " ".join(one.body[:300] for one in sources)  # no near-duplicate of any one of them
    built = corpus.build([*weeks(5), *sources, dated(400, 1, body=patched)])

    assert "Title 400" not in titles(built.held_out) | titles(built.training)
    assert list(built.left_out.values()) == [1]
    assert built.leaks.touched == 0


@pytest.mark.parametrize(
    ("rules", "kept", "reason"),
    [
        ({"exclude_sources": ("example times *",)}, 0, "source example times *"),
        ({"exclude_sources": ("Example Times",)}, 3, "source Example Times"),
        ({"exclude_sources": ("https://feed1.example/*",)}, 2, "source https://feed1.example/*"),
        ({"exclude_licences": ("*NC*",)}, 2, "licence *NC*"),
        ({"require_licence": True}, 2, "no licence stated"),
    ],
)
def test_excluded_sources_and_licences_are_left_out_and_counted(
    rules: dict[str, object], kept: int, reason: str
) -> None:
    items = [dated(0, -7, licence="CC-BY-NC-4.0"), dated(1, -7), dated(2, -7, licence="MIT")]
    built = corpus.build(items, config.Train(**rules))  # type: ignore[arg-type]

    assert built.num_items == kept
    assert built.left_out == {reason: len(items) - kept}


def test_brackets_in_a_name_stand_for_themselves() -> None:
    items = [dated(0, -7, source="News [by machine]"), dated(1, -7, source="News b")]
    built = corpus.build(items, config.Train(exclude_sources=("News [by machine]",)))

    assert built.num_items == 1


def test_a_document_knows_its_publisher() -> None:
    assert {one.source for one in corpus.lay_out(make_item(2))} == {"Example Times 2"}


def test_the_newest_documents_are_picked_by_bytes() -> None:
    training = corpus.build(weeks(5)).training
    picked = corpus.newest(training, sum(one.num_bytes for one in training) // 2)

    assert {str(one.week) for one in picked} <= {"2024-W27", "2024-W28"}
    assert picked == [one for one in training if one in picked]
