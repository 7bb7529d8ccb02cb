"""Promises about near-duplicates: what is one text, what is not, and that no flood makes it slow or blind."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weeklyai import duplicates

TITLE = "Nimbus buys chip maker Karst for 40 million dollars"
FIRST = "Nimbus has agreed to take over the chip maker Karst for 40 million dollars, both companies said on Monday."
TEXT = (
    f"{FIRST} Karst makes small processors for hearing aids and for watches, and it employs sixty people in a former mill.\n\n"
    "The buyer wants to keep the mill and to double the number of engineers within two years. Karst was founded by three "
    "students, who met at a workshop on analogue circuits and built their first processor in a garage.\n\n"
    "Regulators still have to agree. Shares of Nimbus fell slightly after the announcement, while suppliers gained."
)
OTHER = (
    "Orchid Labs has opened its compiler to everyone under a free licence. The compiler turns small programs into code for "
    "microcontrollers, and hobbyists had asked for its sources for years. A mailing list and a tracker are open already."
)
NOTE = (
    "This article first ran in our evening briefing, which goes out to readers on every working day. Write to the editors "
    "with hints, corrections and questions."
)


def are_one(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return duplicates.groups([one, ("Orchid Labs opens its compiler", OTHER), other]) == [0, 1, 0]


@pytest.mark.parametrize(
    ("title", "body"),
    [
        (TITLE, TEXT),
        (f"{TITLE} - Reuters", TEXT),
        (f"Breaking: {TITLE}", TEXT),
        ("Karst, a maker of chips, goes to Nimbus", TEXT),
        ("A quiet week in the industry ends with a deal", TEXT),
        (TITLE, TEXT.partition("\n\n")[0]),
        (TITLE, FIRST),
        (TITLE, f"{NOTE}\n\n{TEXT}"),
        (TITLE, f"{TEXT}\n\n{NOTE}"),
        (TITLE, TEXT.replace("40", "45").replace("sixty", "seventy").replace("two", "three")),
        (TITLE.upper(), TEXT.upper()),
        (TITLE, TEXT.replace(", ", "&#44; ").replace("-", "—")),
        (TITLE, TEXT.replace("small ", "tiny ").replace("slightly ", "").replace("wants to", "plans to").replace("three ", "some ")),
    ],
)  # fmt: skip
def test_a_rewrite_is_found(title: str, body: str) -> None:
    assert are_one((TITLE, TEXT), (title, body))
    assert are_one((title, body), (TITLE, TEXT))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Orchid 5.2.1 released", TEXT), ("Orchid 5.2.2 released", TEXT.replace("mill", "barn"))),
        (("Orchid 5 is out", TEXT), ("Orchid 6 is out", TEXT.replace("mill", "barn"))),
        (("Bulletin QSB-041", TEXT), ("Bulletin QSB-042", TEXT.replace("mill", "barn"))),
        (
            ("Chip letter, part two", TEXT),
            ("Chip letter, part three", TEXT.replace("mill", "barn")),
        ),
        (("Chip letter, May", TEXT), ("Chip letter, June", TEXT.replace("mill", "barn"))),
        (
            ("Storm Ada: guidance for sites", "Guidance after Ada. " + TEXT),
            ("Storm Bob: guidance for sites", "Guidance after Bob. " + TEXT),
        ),
        ((TITLE, TEXT), (TITLE, OTHER)),
        (("Open thread", ""), ("Open thread", "")),
        (("", ""), ("", "")),
    ],
)
def test_items_of_a_series_and_other_texts_stay_apart(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert not are_one(one, other)


def test_figures_that_count_do_not_make_another_text() -> None:
    assert are_one((TITLE, TEXT), (TITLE.replace("40", "45"), TEXT.replace("40", "45")))


def test_a_cut_text_does_not_bring_two_texts_together() -> None:
    opening = "Every Monday the desk collects what readers sent in during the week before."
    long = [("Letters to the desk", f"{opening} {text}") for text in (TEXT, OTHER)]

    assert duplicates.groups([*long, ("Letters to the desk", opening)]) == [0, 1, 0]


def test_under_any_title_a_series_of_one_text_is_one() -> None:
    series = [(f"Orchid 5.{n} is out", TEXT.replace("mill", f"mill {n}")) for n in range(5)]

    assert len(set(duplicates.groups(series))) == 5
    assert len(set(duplicates.groups(series, any_title=True))) == 1
    assert duplicates.groups([("One", "It is so."), ("Two", "It is so.")], any_title=True) == [0, 0]


def test_likeness_without_titles_rests_on_the_text() -> None:
    assert duplicates.groups([("", TEXT), ("", TEXT.replace("mill", "barn")), ("", OTHER)]) == [
        0,
        0,
        2,
    ]


def sentences(number: int, count: int, chance: random.Random) -> str:
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    words = ["".join(chance.choices(syllables, k=3)) + str(number % 7) for _ in range(count * 9)]
    return " ".join(" ".join(words[n : n + 9]).capitalize() + "." for n in range(0, len(words), 9))


def test_ten_thousand_variations_of_one_text_are_one() -> None:
    chance = random.Random(1)
    words = TEXT.split()
    flood = [
        (f"Offer {n}", " ".join(w if chance.random() > 0.03 else f"x{n}" for w in words))
        for n in range(10_000)
    ]

    assert len(set(duplicates.groups(flood, any_title=True))) <= 10
    assert len(set(duplicates.groups([(TITLE, TEXT)] * 10_000))) == 1


def test_a_sentence_in_ten_thousand_items_joins_none_of_them() -> None:
    chance = random.Random(2)
    items = [(sentences(n, 1, chance), f"{FIRST} {sentences(n, 3, chance)}") for n in range(10_000)]

    assert len(set(duplicates.groups(items))) == len(items)


def test_a_rewrite_is_found_among_items_that_share_a_long_sentence() -> None:
    chance = random.Random(3)
    items = [(sentences(n, 1, chance), f"{sentences(n, 4, chance)} {FIRST}") for n in range(2_000)]
    copy = (f"{items[900][0]} - Wire", items[900][1].split(". ", 1)[1])

    found = duplicates.groups([*items, copy])
    assert found[-1] == 900
    assert len(set(found)) == len(items)


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=300)), max_size=12))
def test_any_text_is_taken_and_every_group_is_named_by_its_first(
    texts: list[tuple[str, str]],
) -> None:
    found = duplicates.groups(texts)

    assert len(found) == len(texts)
    assert all(first <= number and found[first] == first for number, first in enumerate(found))


def test_fresh_sentences_are_those_without_a_near_twin() -> None:
    new = "A court in Lyon has stopped the sale."

    assert duplicates.fresh(TEXT.replace("slightly", "a little"), TEXT) == []
    assert duplicates.fresh(f"{TEXT} {new}", TEXT) == [new]
    assert duplicates.fresh(new, "") == [new]
