"""Promises about an issue put together from blurbs."""

from weeklyai.publish import compose


def test_a_description_holds_the_headlines_that_fit() -> None:
    line = compose.description("Compilers", ["One opens", "Two closes", "x" * 200])

    assert line == "Compilers: One opens; Two closes"
    assert len(compose.description("w " * 300, [])) <= 160
