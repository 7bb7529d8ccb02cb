from pathlib import Path

import pytest

from tests.publish.test_post import ISSUE
from weeklyai.errors import UserError
from weeklyai.publish import post, templates


def own(folder: Path, text: str) -> None:
    (folder / "templates").mkdir(exist_ok=True)
    (folder / "templates/post.md.j2").write_text(text, encoding="utf-8")


def test_a_sites_template_takes_the_place_of_the_default(tmp_path: Path) -> None:
    own(tmp_path, "{{ front_matter }}\n\n\n\n\nonly {{ issue.topic | span }}   \n")
    text = post.render(ISSUE, templates.environment(tmp_path))
    assert text.endswith("---\n\nonly Queues: C++ &amp; C#\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ front_matter }}\n\n{{ isue.topic }}", r"post\.md\.j2, line 3: 'isue' is undefined"),
        ("\n{{ issue.topick }}", r"post\.md\.j2, line 2: .*topick"),
        ("{% if %}", r"post\.md\.j2, line 1: "),
        ("\n{{ issue.topic | spam }}", r"post\.md\.j2, line 2: .*'spam'"),
        ("{% include 'gone.md.j2' %}", r"template gone\.md\.j2 is missing"),
        ("\n\n{{ issue.topic + 1 }}", r"post\.md\.j2, line 3: "),
        ("{% for item in issue.news %}\n{{ item.headlin }}{% endfor %}", r"line 2: .*headlin"),
    ],
)
def test_a_broken_template_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    own(tmp_path, text)
    with pytest.raises(UserError, match=words):
        post.render(ISSUE, templates.environment(tmp_path))


def test_no_template_begins_like_a_jekyll_page() -> None:
    found = [path for path in templates.packaged().rglob("*") if path.is_file()]
    assert len(found) > 10
    # Jekyll makes no page of what lies in a folder with an underscore.
    open_ones = [path for path in found if not path.parent.name.startswith("_")]
    assert not [path for path in open_ones if path.read_bytes().startswith(b"---")]
