"""Promises about templates: each that is shipped is rendered here, and each can be a site's own."""

from pathlib import Path

import pytest

from weeklyai.errors import UserError
from weeklyai.publish import samples, scaffold, templates

SHIPPED = sorted(one.name for one in templates.listed(Path("/nowhere")))


def test_every_shipped_template_has_a_sample() -> None:
    assert sorted(samples.FILLED) == SHIPPED


def test_every_shipped_template_says_what_it_is_for() -> None:
    assert all(one.purpose for one in templates.listed(Path("/nowhere")))


def test_every_template_of_a_new_site_is_filled_by_init(tmp_path: Path) -> None:
    root = templates.packaged() / "site"
    sources = {path.relative_to(root).as_posix() for path in root.rglob("*.j2")}
    made = scaffold.init(tmp_path, title="x", url="https://a.example")
    names = {path.relative_to(tmp_path).as_posix() for path in made}

    assert {scaffold._target(name) for name in sources} <= names


@pytest.mark.parametrize("name", SHIPPED)
def test_a_template_can_be_filled_copied_and_broken(tmp_path: Path, name: str) -> None:
    before = samples.fill_all(tmp_path)
    (path,) = templates.copy(tmp_path, [name])
    assert samples.fill_all(tmp_path) == before
    path.write_text(path.read_text(encoding="utf-8") + "\n{{ nothing.here }}\n", encoding="utf-8")
    line = path.read_text(encoding="utf-8").count("\n")

    with pytest.raises(UserError) as caught:
        samples.fill_all(tmp_path)
    assert (
        str(caught.value)
        == f"template {path}, line {line}: 'nothing' is undefined, in {{{{ nothing.here }}}}"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ issue.news | span }}", r"line 1: .*in \{\{ issue\.news \| span \}\}"),
        ("{{ issue.topic | address }}", r"line 1: .*white space.*in \{\{ issue\.topic \| address \}\}"),
        ("a {{ issue.topic }} b {{ issue.feature.x }}", r"line 1: .*'x', in a \{\{ issue\.topic \}\} b"),
        ("\n{{ 1 / 0 }}", r"line 2: division by zero, in \{\{ 1 / 0 \}\}"),
        ("{% include 'post.md.j2' %}", r"line 1: maximum recursion"),
        ("{% for x in issue.news.y %}{% endfor %}", r"line 1: .*'y', in \{% for x in issue\.news\.y %\}"),
        ("no front matter", r"template post\.md\.j2 makes a post that cannot be read back"),
    ],
)  # fmt: skip
def test_a_fault_names_template_line_and_field(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "post.md.j2").write_text(text)
    with pytest.raises(UserError, match=words) as caught:
        samples.fill_all(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_template_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "feeds.html.j2").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match=r"template feeds\.html\.j2 is not UTF-8"):
        samples.fill_all(tmp_path)


def test_the_list_tells_whose_each_template_is(tmp_path: Path) -> None:
    templates.copy(tmp_path, ["post.md.j2"])
    (tmp_path / "templates" / "part.j2").write_text("{# A part. Of mine. #}x")
    whose = {one.name: (one.whose, one.purpose) for one in templates.listed(tmp_path)}

    assert whose["post.md.j2"] == ("site", "The weekly post")
    assert whose["part.j2"] == ("site only", "A part")
    assert whose["preview.html.j2"][0] == "weeklyai"


def test_copying_never_overwrites_and_copies_all_or_none(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "post.md.j2").write_text("mine")
    with pytest.raises(UserError, match=r"post\.md\.j2 exists already; nothing was copied"):
        templates.copy(tmp_path, ["preview.html.j2", "post.md.j2"])
    with pytest.raises(UserError, match=r"there is no template '\.\./x'; there are email"):
        templates.copy(tmp_path, ["preview.html.j2", "../x"])

    assert [path.name for path in (tmp_path / "templates").iterdir()] == ["post.md.j2"]
    assert (tmp_path / "templates" / "post.md.j2").read_text() == "mine"
