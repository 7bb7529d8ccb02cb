from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.publish import strategies
from weeklyai.errors import UserError
from weeklyai.publish.frontmatter import FrontMatter, dump, load, safe
from weeklyai.publish.plain import tidy


@given(
    strategies.texts,
    strategies.dates,
    strategies.texts,
    strategies.texts,
    st.lists(strategies.texts, min_size=1, max_size=3),
)
def test_yaml_and_our_own_reader_agree(
    title: str, date: datetime, description: str, by: str, tags: list[str]
) -> None:
    title, description, tags = safe(title), safe(description), list(map(safe, tags))
    matter = FrontMatter(title, date, description, by, tuple(tags), "/assets/card.png")
    text = dump(matter)
    assert text.startswith('---\nlayout: post\ntitle:  "')
    assert text.isascii() or "\\u" not in text.replace("\\\\", "")
    read = yaml.safe_load(text.removeprefix("---\n").removesuffix("---"))
    assert list(read) == [
        "layout", "title", "date", "description", "drafted_by", "tags", "image",
    ]  # fmt: skip
    assert (read["title"], read["description"], read["drafted_by"]) == (title, description, by)
    assert (read["tags"], read["image"]) == (tags, "/assets/card.png")
    # PyYAML takes an offset without a colon for text; Jekyll's YAML does not (the build with Jekyll checks the address).
    assert datetime.strptime(read["date"], "%Y-%m-%d %H:%M:%S %z") == date
    assert load(text + "\n\nbody\n")[0] == matter


def test_empty_keys_are_left_out_and_lines_keep_their_numbers() -> None:
    text = dump(FrontMatter("Week #1 2030 - x", datetime(2030, 1, 4, tzinfo=UTC)))
    assert text.split("\n")[-2] == "date:   2030-01-04 00:00:00 +0000"
    body = load(text + "\n\nx\n")[1]
    assert body.split("\n")[text.count("\n") + 2] == "x"


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ('"a \\"b\\" \\ud83d\\ude80"', 'a "b" 🚀'),
        ("'it''s'", "it's"),
        ("plain #1 text # a comment", "plain"),
        ("plain#1", "plain#1"),
    ],
)
def test_values_are_read_as_yaml_reads_them(value: str, title: str) -> None:
    assert load(f"---\ntitle: {value}\ndate: 2030-01-04 00:00:00 Z\n---\n")[0].title == title


@pytest.mark.parametrize(
    ("lines", "tags"),
    [
        ("tags: []", ()),
        ("tags:", ()),
        ('tags: ["C #1", "é"]', ("C #1", "é")),
        ("tags: [open source, 'C', \"D\"]", ("open source", "C", "D")),
        ("tags: chips llm", ("chips", "llm")),
        ("tags:\n  - open source\n- C", ("open source", "C")),
        ("categories:\n- x", ()),
    ],
)
def test_tags_are_read_as_jekyll_reads_them(lines: str, tags: tuple[str, ...]) -> None:
    text = f"---\ntitle: x\n{lines}\ndate: 2030-01-04 00:00:00 Z\n---\n"
    assert load(text)[0].tags == tags


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no front matter", "must begin with front matter"),
        ("---\ntitle: x\n", "must begin with front matter"),
        ("---\ntitle: x\n---\n", "has no date"),
        ("---\ntitle: #1\ndate: 2030-01-04 00:00:00 Z\n---\n", "has no title"),
        ('---\ntitle: "x\n---\n', "line 2: .* is not a closed double-quoted text"),
        ("---\ntitle: x\ndate: 2030-13-45 00:00:00 +0000\n---\n", "date '2030-13-45"),
        ("---\ntitle: x\ndate: 2030-01-04 00:00:00\n---\n", "is not of the form"),
    ],
)
def test_faults_are_named(text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        load(text)


@given(st.datetimes().filter(lambda date: bool(date.microsecond)))
def test_only_whole_seconds_with_an_offset_are_written(date: datetime) -> None:
    for wrong in (date, date.replace(tzinfo=UTC)):
        with pytest.raises(ValueError, match="whole seconds"):
            dump(FrontMatter("x", wrong))


def test_safe_text_stays_as_it_is_when_made_safe_again() -> None:
    for text in ("ï<< word", "Vec<T> <script>", "â<€", "plain"):
        assert safe(safe(text)) == safe(text) == tidy(safe(text))
