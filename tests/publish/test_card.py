import dataclasses
import doctest
import io
from pathlib import Path

import pytest
from PIL import Image, ImageFont

from tests.publish.test_post import ISSUE
from weeklyai.publish import card
from weeklyai.publish.parse import parse
from weeklyai.publish.templates import packaged
from weeklyai.records import Issue

DEMO = Path(__file__).parents[2] / "_posts/2024-07-19-week-29-2024.md"


def issue_of(*headlines: str, topic: str = "Self-Supervised Learning") -> Issue:
    news = tuple(dataclasses.replace(ISSUE.news[0], headline=text) for text in headlines)
    return dataclasses.replace(ISSUE, feature=None, topic=topic, news=news)


HOSTILE = {
    "demo": parse(DEMO.read_text(encoding="utf-8")),
    "long headlines": issue_of(*["never comes to its point " * 8] * 5, topic="on and on " * 30),
    "endless words": issue_of("W" * 200, "i" * 9000, "a " + "ß" * 200, topic="M" * 200),
    "emoji": issue_of("🚀 Up 🎉🎉", "👩‍💻👨‍👩‍👧", "⚠️", topic="🤖"),
    "other scripts": issue_of("大模型发布", "ИИ в России", "ذكاء", topic="機械学習の週"),
    "one headline": issue_of("Alone"),
    "empty": issue_of("", " ", topic=""),
}


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


@pytest.mark.parametrize("name", HOSTILE)
def test_any_issue_gives_a_small_picture_of_the_promised_size(name: str) -> None:
    png = card.draw(HOSTILE[name], "The Newsletter of Endless Names " * 9)
    assert png.startswith(b"\x89PNG")
    assert opened(png).size == (1200, 630)
    assert len(png) < 120_000


@pytest.mark.parametrize("name", HOSTILE)
def test_margins_stay_empty(name: str) -> None:
    picture = opened(card.draw(HOSTILE[name], "W" * 300))
    left, right = card.MARGIN - 2, card.WIDTH - card.MARGIN + 2
    for box in ((0, 12, left, 630), (right, 12, 1200, 630), (0, 600, 1200, 630)):
        assert picture.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]), (253, 253, 252))]  # fmt: skip


def test_same_issue_gives_the_same_bytes() -> None:
    assert card.draw(HOSTILE["demo"], "Letter") == card.draw(HOSTILE["demo"], "Letter")
    assert card.draw(HOSTILE["demo"], "Letter") != card.draw(HOSTILE["demo"], "Other")


def test_a_lone_surrogate_and_markup_are_only_text() -> None:
    assert card.draw(issue_of("\ud800<b>{{ x }}</b>\x00", "\u202eevil"), "\x1b[0m")


def test_colours_are_those_of_the_preview() -> None:
    page = (packaged() / "preview.html.j2").read_text(encoding="utf-8")
    for name in ("ink", "quiet", "paper", "line", "link"):
        assert f"--{name}: {getattr(card, name.upper())};" in page


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Müller’s café – “naïve”", "Muller’s cafe - “naive”"),
        ("Łódź, Ærø & Þór", "Lodz, AEro & Thor"),
        ("Costs €12, not £3", "Costs EUR 12, not GBP 3"),
        ("Launch 🚀, then rest 😴.", "Launch, then rest."),
        ("👩‍💻 at work", "at work"),
        ("ＦＵＬＬ　ｗｉｄｔｈ １２", "FULL width 12"),  # noqa: RUF001
        ("Cafe\u0301", "Cafe"),
    ],
)
def test_letters_that_the_font_lacks_are_spelled_with_those_it_has(text: str, drawn: str) -> None:
    assert card.drawable(text) == drawn


@pytest.mark.parametrize("text", ["OpenAI 发布 GPT", "ИИ", "10² chips", "5½ years", "₹500 crore", "½", "a ≠ b", ""])  # fmt: skip
def test_a_text_that_would_say_something_else_is_not_drawn(text: str) -> None:
    assert card.drawable(text) == ""


def test_everything_drawn_is_in_the_font() -> None:
    font = ImageFont.load_default(size=30)
    box = bytes(font.getmask("\U0010ffff"))
    drawn = {
        character
        for code in range(0x20, 0x3000)
        for character in card.drawable(chr(code))
        if character != " "
    }
    assert len(drawn) > 95
    assert not [character for character in drawn if bytes(font.getmask(character)) == box]


def test_headlines_that_cannot_be_drawn_make_room_for_the_next() -> None:
    issue = issue_of("大模型发布", "One", "ИИ", "Two 🎉", "Three", "Four", topic="機械学習")
    assert card.alt(issue).endswith(" - 機械学習. In this issue: One; Two 🎉; Three")
    same = issue_of("One", "Two", "Three", topic="")
    assert card.draw(issue, "x") == card.draw(same, "x")


def test_alternative_text_of_an_issue_without_drawable_headlines_is_its_title() -> None:
    assert card.alt(issue_of("大模型", topic="Chips")) == "Week #41 2030 - Chips"


def test_lines_keep_to_their_width_and_number() -> None:
    font = ImageFont.load_default(size=40)
    text = (
        "Some words and anextraordinarilylongwordthatnoline can hold, then some more of them " * 3
    )
    lines = card.wrap(text.strip(), 40, 400, 4)
    assert len(lines) == 4
    assert all(font.getlength(line) <= 400 for line in lines)
    assert lines[-1].endswith("…")
    assert card.wrap("all of it", 40, 400, 2) == ["all of it"]
    assert card.wrap("", 40, 400, 2) == []


def test_a_card_lies_under_the_name_of_its_week() -> None:
    assert card.path(HOSTILE["demo"]) == "assets/images/cards/week-29-2024.png"


def test_examples_in_the_module_hold() -> None:
    assert doctest.testmod(card).failed == 0
