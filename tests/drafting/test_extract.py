"""Promises about which sentences may stand in a blurb."""

from collections.abc import Sequence

import pytest

from tests.conftest import make_item
from weeklyai.drafting import extract, selector
from weeklyai.drafting.extract import Background
from weeklyai.drafting.writer import COLUMNS, NoWriter

TITLE = "Karst opens its compiler"
WORDS = (15, 35, 100)


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Karst has opened the source of its compiler to everyone.", None),
        ("The United States (US) tested the compiler on the I-90 bridge data.", None),
        (
            '"A compiler is never finished, and ours is no exception," said Ada Brown of Karst.',
            None,
        ),
        ("Too short to say.", "length"),
        ("we begin with a small letter and go on for a while.", "form"),
        ("The post Compilers at Karst appeared first on the Karst blog today.", "boilerplate"),
        ("Sign up for a weekly letter about compilers and their authors today.", "boilerplate"),
        ("See the code at https://karst.example/code for all the details of it.", "debris"),
        ("Who would have thought that a compiler could be this fast?", "question or exclamation"),
        ("We have opened the source of the compiler to everyone today.", "first person"),
        ("The team told us that the compiler is open to everyone now.", "first person"),
        ("Learn how the compiler was opened to everyone at Karst last week.", "call to the reader"),
        (
            'The source is open, and "this is a great day for all compilers".',
            "quote without speaker",
        ),
        ("Karst opens its own compiler, and its compiler opens Karst.", "echo of the headline"),
        ("THIS IS THE BEST COMPILER THAT KARST EVER MADE.", "shouting"),
    ],
)
def test_what_does_not_belong_in_a_blurb_is_named(sentence: str, reason: str | None) -> None:
    assert extract.why_not(sentence, TITLE) == reason


def test_a_dangling_sentence_only_follows_its_antecedent() -> None:
    item = make_item(
        2,
        title="Karst compiler",
        body=(
            "Karst has opened the source of its fast compiler to everyone. It was written in eleven years by "
            "three people. Tern Systems tested the compiler on old machines before. This compiler is a Karst "
            "compiler in the Karst compiler tradition of compilers."
        ),
    )

    chosen = extract.choose(item, Background.of([item]), NoWriter(), (15, 60, 100)) or []
    indices = [one.index for one in chosen]

    assert indices[0] == 0
    assert all(n - 1 in indices for n in indices if n in {1, 3})


def test_sentences_keep_their_order_and_stay_within_the_length() -> None:
    for number in range(12):
        item = make_item(number)
        chosen = extract.choose(item, Background.of([item]), NoWriter(), WORDS) or []
        total = sum(len(one.text.split()) for one in chosen)

        assert [one.index for one in chosen] == sorted(one.index for one in chosen)
        assert WORDS[0] <= total <= WORDS[2]


def test_an_item_without_clean_sentences_carries_no_blurb() -> None:
    item = make_item(1, body="Read more. Sign up! We did it. Who knows?", summary="")

    assert extract.choose(item, Background.of([item]), NoWriter(), WORDS) is None


def test_a_one_line_summary_gets_its_full_stop() -> None:
    line = "Karst has opened the source of its compiler to all developers on Monday this week"

    assert extract.with_stop(line) == f"{line}."
    assert extract.with_stop("A small guide to the northern compiler group") == (
        "A small guide to the northern compiler group"
    )


class TitleParrot(NoWriter):
    """A writer that likes one sentence above all."""

    model_id = "parrot"

    def __init__(self, liked: str) -> None:
        self.liked = liked

    def columns(self, title: str, body: str, sentences: Sequence[str]) -> dict[str, list[float]]:
        weights = selector.shipped(model=True).second
        return {
            name: [weights[f"model: {name}"] * (self.liked in one) for one in sentences]
            for name in COLUMNS
        }


def test_the_writers_score_moves_the_choice() -> None:
    body = (
        "Karst has released a compiler for the small computers of northern schools. "
        "Orchid farmers harvest wheat in the northern valley every single autumn. "
        "Tern farmers harvest barley in the southern valley every single spring."
    )
    item = make_item(1, title="Karst compiler", body=body)
    background = Background.of([item])

    plain = extract.choose(item, background, NoWriter(), (10, 11, 100)) or []
    moved = extract.choose(item, background, TitleParrot("barley"), (10, 11, 100)) or []

    assert [one.index for one in plain] == [0, 1]
    assert [one.index for one in moved] == [0, 2]
