"""Promises of the whole drafting room: nothing false gets through, whatever the writer proposes."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tests.conftest import make_item
from weeklyai import config
from weeklyai.drafting import checks, evidence, rewrite
from weeklyai.drafting.draft import Drafted, draft_issue
from weeklyai.drafting.extract import Background
from weeklyai.drafting.rouge import paired_bootstrap, rouge
from weeklyai.drafting.writer import COLUMNS, NoWriter, Writer
from weeklyai.records import FeedItem

ALONE = config.Post(min_stories=0)
POST = config.Post(min_stories=6)  # which weak takes fill up to


class Liar:
    """A writer that scores everything at random and rewrites with invented facts."""

    model_id = "liar"

    def __init__(self) -> None:
        self.chance = random.Random(3)

    def columns(self, title: str, body: str, sentences: Sequence[str]) -> dict[str, list[float]]:
        return {name: [self.chance.gauss(0, 9) for _ in sentences] for name in COLUMNS}

    def continuation(self, context: str, texts: Sequence[str]) -> list[float]:
        return [float(n) for n, _ in enumerate(texts)]

    def headline(self, title: str, texts: Sequence[str]) -> list[float]:
        return [float(n) for n, _ in enumerate(texts)]  # the forms always beat the original

    def stops(self, sentences: Sequence[str]) -> list[float]:
        return [self.chance.gauss(0, 9) for _ in sentences]

    def rewrites(self, wanted: Sequence[tuple[str, str, int]], count: int) -> list[list[str]]:
        return [self.lies(sentence)[:count] for _, sentence, _ in wanted]

    def lies(self, sentence: str) -> list[str]:
        return [
            "Elon Musk bought it for 99 billion dollars.",
            sentence.replace("percent", "times"),
            sentence.replace("has ", "has not "),
            " ".join(sorted(sentence.split())),
            "{{ site.secrets }} <script>alert(1)</script>",
        ]


def drafted(items: list[FeedItem], writer: Writer) -> Drafted:
    return draft_issue(items, Background.of(items), writer, POST, seed=1)


@pytest.mark.parametrize("writer", [NoWriter(), Liar()])
def test_every_published_sentence_stands_on_its_source(
    items: list[FeedItem], writer: Writer
) -> None:
    texts = {item.id: item.text for item in items}
    blurbs = drafted(items, writer).blurbs

    assert len(blurbs) >= 6
    for blurb in blurbs:
        assert (
            checks.unsupported(blurb.text, f"{blurb.story.lead.title}. {blurb.story.lead.text}")
            == []
        )
        for sentence in blurb.sentences:
            assert checks.verbatim(sentence.source_text, texts[sentence.item_id])
            allowed = {
                form.text for form in rewrite.forms(sentence.source_text, blurb.story.lead.title)
            }
            assert sentence.text in {sentence.source_text, *allowed}


def test_the_same_items_in_any_order_give_the_same_blurbs(items: list[FeedItem]) -> None:
    shuffled = list(items)
    random.Random(1).shuffle(shuffled)

    assert drafted(shuffled, NoWriter()).blurbs == drafted(items, NoWriter()).blurbs


def test_no_publisher_has_more_takes_than_allowed(items: list[FeedItem]) -> None:
    sources = [blurb.story.lead.source for blurb in drafted(items, NoWriter()).blurbs]

    assert max(map(sources.count, sources)) <= POST.max_per_source


def test_background_is_no_take_on_a_paper_or_on_a_version() -> None:
    field = "Boats that find their way in fog have shown strong gains in planning on long rivers. "
    more = "Boats in fog often rely on maps of the rivers that were drawn by hand, many years ago, in the small offices of the valley. "
    own = "The proposed planner reads the fog from the sound of horns and draws a map of the whole river."
    paper = make_item(
        1, title="Planning for boats in fog", body=field + more, url="https://arxiv.org/abs/2407.1"
    )
    held = draft_issue([paper], Background.of([paper]), NoWriter(), ALONE, seed=1)
    assert [why for _, why in held.held] == ["its clean sentences do not tell what the paper does"]
    told = make_item(
        1, title="Planning for boats in fog", body=field + own, url="https://arxiv.org/abs/2407.1"
    )
    assert draft_issue([told], Background.of([told]), NoWriter(), ALONE, seed=1).blurbs
    later = "Heron 3.5 is to be released in the spring, with boats in fog and maps of the rivers in it. "
    release = make_item(2, title="Heron 3.4.1 released", body=later + more)
    held = draft_issue([release], Background.of([release]), NoWriter(), ALONE, seed=1)
    assert [why for _, why in held.held] == ["its clean sentences do not speak of 3.4.1"]


def test_without_a_model_nothing_is_rewritten_and_the_table_says_so(items: list[FeedItem]) -> None:
    facts = drafted(items, NoWriter()).facts()

    assert facts["copied / rewritten"] == "100% / 0%"
    assert "the GPT changed nothing" in facts["sentences chosen otherwise by the GPT"]


class Shortener(NoWriter):
    """A writer that prefers any shorter form."""

    model_id = "short"

    def headline(self, title: str, texts: Sequence[str]) -> list[float]:
        return [-float(len(text)) for text in texts]


def test_a_shorter_form_is_taken_with_its_gates_when_the_writer_likes_it() -> None:
    item = make_item(
        1,
        body="Orchid Labs has released the Heron editor (a tool for small screens) to all of its paying customers. "
        "The Heron editor runs on old telephones and on very small computers in schools and libraries. "
        "Orchid Labs wrote the Heron editor for people who have no desk to sit at.",
        title="Orchid Labs releases Heron editor",
    )
    (blurb,) = draft_issue([item], Background.of([item]), Shortener(), POST, 1).blurbs
    rewritten = [sentence for sentence in blurb.sentences if sentence.kind == "rewritten"]

    assert next(one.text for one in rewritten) == (
        "Orchid Labs has released the Heron editor to all of its paying customers."
    )
    assert dict(rewritten[0].gates)["novel3"] <= checks.NOVEL3_MOST
    assert "left out" in rewritten[0].note


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The firm really opened the code of its small editor today.", 1),
        ("However, the firm has opened the code of its small editor.", 1),
        ("The editor, which runs on old telephones and watches, is free for all schools.", 1),
        ("The editor, which Nimbus wrote in 2023, is free for all schools now.", 0),
        ("The editor, which does not run on telephones, is free for all schools.", 0),
        ("The price fell to 3 (per month) for all of the schools there.", 0),
        ("The firm not only really opened the code but gave it away.", 0),
        ("The plan costs foo() a lot of time in every single loop.", 0),
    ],
)
def test_only_parts_that_say_little_may_be_left_out(sentence: str, expected: int) -> None:
    assert len(rewrite.forms(sentence, "A headline")) == expected


def test_an_approval_holds_for_exactly_one_text() -> None:
    found: dict[str, object] = {"approvals": []}
    when = datetime(2024, 7, 19, tzinfo=UTC)

    evidence.approve(found, "https://a.example/", "Ada", when, "The text.")

    assert evidence.approved(found, "https://a.example/", "Ada", "The text.")
    assert not evidence.approved(found, "https://a.example/", "Ada", "The text!")
    assert not evidence.approved(found, "https://a.example/", "Bob", "The text.")
    assert not evidence.approved(found, "https://b.example/", "Ada", "The text.")


def test_rouge_counts_shared_stems() -> None:
    assert rouge("the cats sat", "the cat sat", 1) == 100
    assert rouge("a b c d", "a b x y", 2) == pytest.approx(100 / 3)
    assert rouge("", "x", 1) == 0


def test_the_bootstrap_sees_a_difference_and_none() -> None:
    assert paired_bootstrap([2.0] * 9, [1.0] * 9) == (1.0, 1.0, 1.0)
    _, low, high = paired_bootstrap([1.0, 3.0, 1.0, 3.0], [2.0] * 4)

    assert low <= 0 <= high
