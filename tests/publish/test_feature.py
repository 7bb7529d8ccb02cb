from pathlib import Path

import pytest

from weeklyai.errors import UserError
from weeklyai.publish.parse import parse_feature
from weeklyai.records import NumberedItem, Numbers, Paragraph, Span, Subheading

GOOD = """## Locks

**TL;DR:**

One at a time.

__Introduction__

A lock *guards*.

__Kinds__

**Spin**

1. **Fast:** Wait and see:

    1. Try.

    2. Retry.

**All bold.** [1](https://a.example/1)

__Conclusion__

Lock late.
"""


def test_reads_an_editors_feature() -> None:
    feature = parse_feature(GOOD, "features/2030-W01.md")
    assert feature.topic == "Locks"
    assert feature.tldr == (Span("One at a time."),)
    assert feature.sections[1].blocks == (
        Subheading("Spin"),
        Numbers(
            (NumberedItem((Span("Wait and see:"),), "Fast", ((Span("Try."),), (Span("Retry."),))),)
        ),
        Paragraph((Span("All bold.", "strong"),), ("https://a.example/1",)),
    )


@pytest.mark.parametrize(
    "path",
    sorted((Path(__file__).parents[2] / "features").glob("2*.md")),
    ids=lambda path: path.stem,
)
def test_the_projects_own_features_are_readable(path: Path) -> None:
    assert parse_feature(path.read_text(encoding="utf-8"), str(path)).sections


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("## Locks", "# Locks", "line 1: '# Locks' has no place here; allowed are"),
        ("## Locks", "Locks", "line 1: 'Locks': a feature begins with '## '"),
        ("**TL;DR:**", "Summary", "line 3: 'Summary': '\\*\\*TL;DR:\\*\\*' should stand alone"),
        ("One at a time.", "", "the paragraph of the TL;DR"),
        ("A lock", "### Deep\n\nA lock", "line 9: '### Deep' has no place here"),
        ("A lock", "> A lock", "line 9: '> A lock"),
        ("A lock", "```\ncode\n```\n\nA lock", "line 9: '```"),
        ("A lock", "<div>\n\nA lock", "line 9: '<div>'"),
        ("A lock", "| a | b |\n\nA lock", "line 9"),
        ("A lock", "    code\n\nA lock", "line 9: 'code'"),
        ("A lock", "---\n\nA lock", "line 9: '---'"),
        ("A lock", "![x](https://a.example/y.png)\n\nA lock", "line 9: .*an image has no place"),
        ("A lock", "    1. deep\n\nA lock", "line 9: .*a deeper list must stand below"),
        ("A lock", "A [lock](/about)", "line 9: .*must be absolute"),
        ("    1. Try.", "    * Try.", "has no place here"),
        ("__Conclusion__", "## More", "line 23: 'More': only one '## ' heading"),
        ("__Conclusion__", "__End__", "its sections must be __Introduction__"),
        ("__Introduction__\n", "", "text belongs to a section"),
    ],
)
def test_what_is_not_allowed_is_named_with_file_and_line(old: str, new: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(UserError, match=words) as caught:
        parse_feature(GOOD.replace(old, new, 1), "features/x.md")
    assert str(caught.value).startswith("features/x.md")


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(UserError, match=r"features/x\.md, at its end: a feature begins"):
        parse_feature("\n", "features/x.md")
