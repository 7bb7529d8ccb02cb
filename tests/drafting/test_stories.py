"""Stories: what becomes one, what is gathered into it, and in what order."""

import random
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import make_item
from weeklyai.drafting import select
from weeklyai.records import FeedItem

START = datetime(2024, 7, 12, 13, tzinfo=UTC)
BODY = (
    "Nimbus has agreed to take over the chip maker Karst for 40 million dollars, both companies said on Monday. "
    "Karst makes small processors for hearing aids and for watches, and it employs sixty people in a former mill."
)


def report(number: int, hours: int, source: str, title: str, body: str = BODY) -> FeedItem:
    return make_item(
        number,
        source=source,
        title=title,
        body=body,
        summary="",
        published=START + timedelta(hours=hours),
        url=f"https://{number}.example/",
    )


DEAL = [
    report(1001, 0, "Times", "Nimbus buys chip maker Karst for 40 million dollars"),
    report(
        1002, 5, "Wire", "Chip maker Karst goes to Nimbus for 40 million dollars",
        "Chip maker Karst goes to Nimbus, which pays 40 million dollars for it, as the two firms told investors. "
        "The mill where its sixty workers solder tiny processors stays open, and so does the shop beside the river.",
    ),
    report(
        1003, 9, "Post", "Nimbus takes over chip maker Karst",
        "With the chip maker Karst, Nimbus takes over a specialist for hearing aids. The price of 40 million dollars is "
        "twice what analysts had thought, and the founders, who met as students, leave the board at the end of summer.",
    ),
]  # fmt: skip


def test_reports_of_one_event_become_one_story_with_all_its_sources() -> None:
    stories = select.rank(DEAL)
    assert len(stories) == 1
    assert set(stories[0].sources) == {"Times", "Wire", "Post"}
    assert any("3 sources" in reason for reason in stories[0].reasons)


def test_a_report_of_the_same_words_ten_days_later_is_another_story() -> None:
    late = report(
        4, 240, "Later", "Nimbus buys chip maker Karst for 40 million dollars", BODY + " Again."
    )
    assert len(select.rank([*DEAL, late])) == 2


def test_events_do_not_chain_into_one_another(items: list[FeedItem]) -> None:
    # The invented items share subjects and makers pairwise, so single links would join them all.
    assert len(select.rank(items)) > len(items) / 4


def test_more_sources_rank_higher() -> None:
    alone = report(1009, 3, "Alone", "Tern buys chip maker Brook for 30 million dollars",
                   BODY.replace("Nimbus", "Tern").replace("Karst", "Brook").replace("hearing aids", "toys"))  # fmt: skip
    assert select.rank([alone, *DEAL])[0].lead in DEAL


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"url": None}, "no link"),
        ({"body": "Too short to say much.", "summary": ""}, "too little text"),
        ({"title": "Hello"}, "no headline"),
        ({"body": "Die neue Fassung des Programms ist da und läuft schneller als zuvor auf allen Geräten der Firma Karst, "
                  "die das Modell trainiert und zum freien Gebrauch bereit stellt. " * 4}, "not English prose"),
        ({"body": "最新的大型语言模型在多项测试中表现优异。" * 30}, "not English prose"),
        ({"body": "vector rust-lang tokio serde axum polars tauri deno bun ripgrep helix zed ruff uv " * 6}, "not English prose"),
    ],
)  # fmt: skip
def test_what_cannot_become_a_story_is_refused_with_its_reason(
    changes: dict[str, object], reason: str
) -> None:
    bad = make_item(7, **changes)
    refused = select.rejected([*DEAL, bad])
    assert [item for item, _ in refused] == [bad]
    assert refused[0][1] in (reason, "too little text")  # a script without spaces has few words
    assert all(bad is not story.lead for story in select.rank([*DEAL, bad]))


COPIES = [
    report(1004, 2, "Copycat", DEAL[0].title),
    report(1005, 3, "Gazette", "A mill changes hands in the middle of summer", BODY + " Nobody will move, they said."),
    report(1006, 120, "Ticker", f"{DEAL[0].title} - Times", BODY.partition(". ")[0] + "."),
]  # fmt: skip


def test_the_same_text_by_other_publishers_is_named_but_no_second_source() -> None:
    (alone,), (story,) = select.rank(DEAL[:1]), select.rank([DEAL[0], *COPIES])

    assert select.rejected([DEAL[0], *COPIES]) == []
    assert set(story.sources) == {"Times", "Copycat", "Gazette", "Ticker"}
    assert "3 more with the same text" in story.reasons
    assert not any("sources" in reason for reason in story.reasons)
    assert story.score == pytest.approx(
        alone.score, abs=0.25
    )  # no more than its age and its length


def test_copies_add_no_source_to_a_story_of_many() -> None:
    (story,) = select.rank([*DEAL, *COPIES])

    assert "3 sources" in story.reasons
    assert "3 more with the same text" in story.reasons
    assert len(story.others) == 5


def test_of_one_publishers_copies_the_fullest_is_kept() -> None:
    short = report(1010, 0, "Wire", DEAL[0].title, BODY.partition(". ")[0] + ".")
    full = report(1011, 6, "Wire", DEAL[0].title)

    assert select.rejected([short, full]) == [
        (short, "the same text as another item of its source")
    ]
    assert select.rank([short, full])[0].lead == full


def test_ten_thousand_copies_of_one_publisher_are_one_item(items: list[FeedItem]) -> None:
    flood = [
        report(n, n % 100, "Flood", f"Karst offer {n} for you", f"{BODY} {n}")
        for n in range(10_000)
    ]
    stories = select.rank([*flood, *DEAL, *items])

    assert (
        len(select.rank([*DEAL, *items])) <= len(stories) <= len(select.rank([*DEAL, *items])) + 3
    )


@pytest.mark.parametrize(
    "title",
    [
        "This week in chips: Karst and Nimbus", "10 best tips for chip makers", "Karst is hiring chip makers",
        "289: Karst and the chip makers", "How to build a chip at home", "Sponsored: chips by Karst",
        "Karst is proud to present award-winning chips", "Is Karst a good chip maker?", "Chip Times - Issue No. 208",
    ],
)  # fmt: skip
def test_lists_digests_adverts_and_greetings_sink(title: str) -> None:
    plain = report(1005, 1, "Plain", "Karst starts chip factory")
    weak = report(1006, 1, "Weak", title, BODY.replace("40", "41"))
    score = {story.lead.id: story.score for item in (plain, weak) for story in select.rank([item])}
    assert score[weak.id] < score[plain.id]


def test_research_abstracts_sink() -> None:
    plain = report(1005, 1, "Plain", "A chip for Karst")
    paper = make_item(
        5, **{**{f: getattr(plain, f) for f in plain.__slots__}, "source": "arXiv cs.AI"}
    )
    assert select.rank([paper])[0].score < select.rank([plain])[0].score


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_items_changes_nothing(chance: random.Random) -> None:
    items = [make_item(n) for n in range(24)] + DEAL
    mixed = items[:]
    chance.shuffle(mixed)
    assert select.rank(mixed) == select.rank(items)


def test_every_usable_item_is_in_exactly_one_story(items: list[FeedItem]) -> None:
    told = [item.id for story in select.rank(items) for item in (story.lead, *story.others)]
    usable = {item.id for item in items} - {item.id for item, _ in select.rejected(items)}
    assert len(told) == len(set(told))
    assert set(told) == usable


def test_nothing_comes_of_nothing() -> None:
    assert select.rank([]) == []
    assert select.rejected([]) == []


@pytest.mark.slow
def test_a_week_of_ten_thousand_items_is_ranked_in_seconds() -> None:
    chance = random.Random(5)
    words = [
        f"{a}{b}{c}"
        for a in "bdfgklmnprst"
        for b in "aeiou"
        for c in ("ran", "lop", "tis", "vek", "mun")
    ]
    items = []
    for n in range(10_000):
        told = " ".join(f"the {chance.choice(words)}{chance.choice(words)} of a" for _ in range(14))
        title = " ".join(chance.choice(words) for _ in range(6))
        items.append(
            report(n, n % 160, f"Source {n % 50}", f"The {title} model", f"A model is {told} chip.")
        )
    started = time.perf_counter()
    assert len(select.rank(items)) > 1_000
    assert time.perf_counter() - started < 40
