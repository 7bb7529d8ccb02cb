"""Promises about an issue put together from blurbs."""

from tests.conftest import make_item
from weeklyai.publish import compose


def test_a_description_holds_the_headlines_that_fit() -> None:
    line = compose.description("Compilers", ["One opens", "Two closes", "x" * 200])

    assert line == "Compilers: One opens; Two closes"
    assert len(compose.description("w " * 300, [])) <= 160


def test_a_headline_names_its_publisher_once() -> None:
    item = make_item(1, title="Karst opens up", source="The Wire")
    assert compose.headline(item) == "Karst opens up | The Wire"
    assert compose.headline(make_item(1, title="Karst opens up - The Wire", source="The Wire")) == "Karst opens up - The Wire"  # fmt: skip
    long = make_item(1, title="word " * 100, source="The Wire " * 30)
    assert len(compose.headline(long)) <= compose.MAX_HEADLINE
