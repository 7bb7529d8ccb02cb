import pytest
from hypothesis import given

from tests.publish import strategies
from weeklyai.publish import inline
from weeklyai.records import Inline, Span


@given(strategies.inlines)
def test_normal_form_is_final_and_survives_the_round_trip(words: Inline) -> None:
    once = inline.normal(words)
    assert inline.normal(once) == once
    assert inline.parse(inline.render(once)) == once


@pytest.mark.parametrize(
    ("given_spans", "normal"),
    [
        ((Span("a"), Span("b")), (Span("ab"),)),
        ((Span(" a "), Span(" b ", "strong"), Span("c")), (Span("a "), Span("b", "strong"), Span(" c"))),
        ((Span("a", "strong"), Span("b", "emphasis")), (Span("a", "strong"), Span("b"))),
        ((Span("a", "code"), Span("b", "code")), (Span("ab", "code"),)),
        ((Span("{{ x }}", "code"),), (Span("{{ x }}"),)),
        ((Span(" ", "link", "https://a.example"),), ()),
        ((Span("x", "link", "https://a.example/("),), (Span("x", "link", "https://a.example/%28"),)),
    ],
)  # fmt: skip
def test_normal(given_spans: Inline, normal: Inline) -> None:
    assert inline.normal(given_spans) == normal


def test_exclamation_mark_before_a_link_makes_no_image() -> None:
    words = (Span("Look!"), Span("here", "link", "https://a.example"))
    assert inline.render(words) == "Look\\![here](https://a.example)"


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("_a_ and __b__ in snake_case_name", (Span("a", "emphasis"), Span(" and "), Span("b", "strong"), Span(" in snake_case_name"))),
        ("***both***", (Span("both", "strong"),)),
        ("2 * 3 * 4", (Span("2 * 3 * 4"),)),
        ("**see [a](https://a.example/b_(c)) now**", (
            Span("see", "strong"), Span(" "), Span("a", "link", "https://a.example/b_%28c%29"), Span(" "), Span("now", "strong"),
        )),
        ("at <https://a.example>", (Span("at "), Span("https://a.example", "link", "https://a.example"))),
        ("`a|b` \\*x\\* &lt;T&gt;", (Span("a|b *x* <T>"),)),
        ("a\\", (Span("a\\"),)),
    ],
)  # fmt: skip
def test_parse_reads_what_people_write(markdown: str, words: Inline) -> None:
    assert inline.parse(markdown) == words


def test_parse_refuses_a_link_that_is_not_absolute() -> None:
    with pytest.raises(ValueError, match="must be absolute"):
        inline.parse("[x](/about)")
