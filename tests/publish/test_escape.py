import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.publish import strategies
from weeklyai.publish import escape
from weeklyai.publish.plain import tidy


@given(strategies.texts)
def test_unescape_undoes_every_escape(text: str) -> None:
    for escaped in (escape.span(text), escape.line_start(text), escape.heading(text)):
        assert escape.unescape(escaped) == text
        assert not set(escaped) & set("{}<>|~$^]")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        (r"\{% if", r"\\&#123;% if"),
        ("[Foo ]: bar](u)", r"\[Foo &#93;: bar&#93;(u)"),
        ("AT&amp;T", "AT&amp;amp;T"),
        ("**kwargs `x` a_b", r"\*\*kwargs \`x\` a\_b"),
        ("a - b. (c) # d: e! 'f' \"g\"", "a - b. (c) # d: e! 'f' \"g\""),
    ],
)
def test_span_escapes_what_means_something_inside_a_line(text: str, escaped: str) -> None:
    assert escape.span(text) == escaped


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("# x", r"\# x"),
        ("+ x", r"\+ x"),
        ("- x", r"\- x"),
        ("!!! x", r"\!!! x"),
        ("2024. x", r"2024\. x"),
        ("3.5 x", "3.5 x"),
        (": x", "&#58; x"),
        ("=== x", "&#61;== x"),
        ("x # - +", "x # - +"),
    ],
)
def test_line_start_escapes_what_begins_a_block(text: str, escaped: str) -> None:
    assert escape.line_start(text) == escaped


def test_heading_keeps_number_signs_at_its_end() -> None:
    assert escape.heading("C# or F##") == r"C# or F\#\#"


def test_unescape_leaves_a_backslash_before_a_letter() -> None:
    assert escape.unescape(r"C:\new\*dir &nbsp;&unknown; &#x41;") == "C:\\new*dir \xa0&unknown; A"


@pytest.mark.parametrize(
    ("address", "escaped"),
    [
        ("https://a.example/b(c)[d]{e}|f'g\"<h>\\i^j`k*l", None),
        ("https://a.example/50%", "https://a.example/50%25"),
        ("https://a.example/50%2", "https://a.example/50%252"),
        ("https://a.example/%7Bx", "https://a.example/%7Bx"),
        ("https://bücher.example/ä?q=ü#é", "https://xn--bcher-kva.example/%C3%A4?q=%C3%BC#%C3%A9"),
        ("http://a.example:8080?x=1&y=2;z,@!$+~", "http://a.example:8080?x=1&y=2;z,@!$+~"),
        ("HTTPS://A.example/{{ x }}".replace(" ", ""), "https://A.example/%7B%7Bx%7D%7D"),
    ],
)
def test_url_percent_encodes(address: str, escaped: str | None) -> None:
    found = escape.url(address)
    assert escaped is None or found == escaped
    assert not set(found) & set("()[]{}|'\"<>\\^`* ")
    assert escape.url(found) == found


@pytest.mark.parametrize(
    "address",
    [
        *"""javascript:alert(1) JaVaScRiPt:x data:text/html,x /about //host/x mailto:a@b ftp://a.example https://
        https:///x https://user@host.example/ https://user:pw@host.example/ https://[::1]/ https://a{{x}}.example/
        https://a.example:x/ https://a\\@b.example/ https://-/ https://..""".split(),
        "",
        "https://a.example/b c",
        "https://a.example/\n",
        " https://a.example",
        "https://a.example/\u2028",
        "https://a\x00.example",
        "https://a.example/\ud800",
    ],
)
def test_url_refuses(address: str) -> None:
    with pytest.raises(ValueError, match=r"address|netloc"):
        escape.url(address)


@given(strategies.addresses)
def test_url_is_idempotent(address: str) -> None:
    assert escape.url(escape.url(address)) == escape.url(address)


@given(st.text())
def test_tidy_is_idempotent(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("cafÃ© â€” itâ€™s", "caf\u00e9 \u2014 it\u2019s"),
        ("ðŸš€", "🚀"),
        ("e\u200b\u0301", "\u00e9"),
        ("â€\u2039x", "x"),
        ("IRMÃ” CAFÉ” â€", "IRMÃ” CAFÉ” â€"),
    ],
)
def test_tidy_repairs_unmistakable_mojibake_only(text: str, tidied: str) -> None:
    assert tidy(text) == tidied
