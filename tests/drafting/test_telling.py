"""An opening has to tell the headline's news as far as the model can judge; a model that cannot has no say."""

from collections.abc import Sequence

from tests.conftest import make_item
from weeklyai import text
from weeklyai.drafting.telling import Telling
from weeklyai.drafting.writer import NoWriter
from weeklyai.records import Blurb, FeedItem, Sentence, Story

TITLE = "Acme opens a ferry line"


class Reader(NoWriter):
    """A model that finds a headline likelier by so many nats for each of its words that a text has."""

    model_id = "reader"

    def __init__(self, nats: float) -> None:
        self.nats = nats

    def headline(self, title: str, texts: Sequence[str]) -> list[float]:
        words = set(title.lower().split())
        return [self.nats * len(words & set(one.lower().split())) - 5.0 for one in texts]


def items(count: int = 8) -> list[FeedItem]:
    body = "On Monday Acme opens a ferry line for parcels between both harbours of the valley."
    return [make_item(n, title=TITLE, body=f"{TITLE} {body}") for n in range(count)]


NEWS = "On Monday Acme opens a ferry line."
BACKGROUND = "Boats have carried parcels since long ago."


def test_an_opening_with_the_news_passes_and_background_does_not() -> None:
    assert Telling.of(Reader(0.5), items()).tells(TITLE, [NEWS, BACKGROUND]) == [True, False]


def test_a_model_that_gains_nothing_from_the_sources_has_no_say() -> None:
    assert Telling.of(Reader(0.01), items()).tells(TITLE, [NEWS, BACKGROUND]) == [True, True]


def test_without_a_model_or_items_every_opening_passes() -> None:
    assert Telling.of(NoWriter(), items()).tells(TITLE, [BACKGROUND]) == [True]
    assert Telling.of(Reader(0.5), []).tells(TITLE, [BACKGROUND]) == [True]


def test_the_company_below_a_headline_that_names_it_is_understood() -> None:
    told = Telling.of(Reader(0.5), items())
    assert told.tells(TITLE, ["The US ferry company said it would carry parcels."]) == [True]


def test_the_scale_is_the_models_own() -> None:
    for nats in (0.3, 0.6, 3.0):
        assert Telling.of(Reader(nats), items()).tells(TITLE, [NEWS, BACKGROUND]) == [True, False]


def take(item: FeedItem, *sentences: str) -> Blurb:
    found = text.sentences(item.text)
    own = tuple(
        Sentence(one, "copied", item.id, found.index(one), one, (), "") for one in sentences
    )
    return Blurb(Story(item, (), 0.0, ()), own)


def test_a_take_beside_the_sentence_that_tells_the_news_is_weak() -> None:
    said = "A new ferry line opens for Acme on Monday."
    body = f"{BACKGROUND} Acme sails ferry boats today. {said} Parcels go by road as well."
    item = make_item(1, title=TITLE, body=body)
    for nats, weak in ((0.5, True), (0.01, False)):
        news = Telling.of(Reader(nats), [item, *items()])
        assert (
            news.weak(take(item, "Acme sails ferry boats today.", "Parcels go by road as well."))
            is weak
        )
        assert not news.weak(take(item, said))
