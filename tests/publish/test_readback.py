"""What is written comes back from HTML word for word: through python-markdown, and through real Jekyll."""

import os
import shutil
import subprocess
from pathlib import Path

import markdown
import pytest

from tests.publish import readback
from weeklyai.publish import frontmatter, post, scaffold, templates
from weeklyai.publish.html import preview

EXTENSIONS: tuple[list[str], ...] = (
    [],
    ["smarty", "sane_lists"],
    ["extra", "sane_lists", "smarty", "toc", "admonition"],
)
STRICT = "strict_front_matter: true\nliquid: {error_mode: strict, strict_filters: true}\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    scaffold.init(
        folder / "letter", title="Letter", url="https://letter.example", timezone="UTC", feeds=False
    )
    return folder / "letter"


@pytest.mark.parametrize("extensions", EXTENSIONS, ids=["plain", "smart", "extra"])
def test_hostile_issues_read_back_from_python_markdown(site: Path, extensions: list[str]) -> None:
    environment = templates.environment(site)
    for seed in range(30):
        issue = readback.hostile_issue(seed, 1)
        body = frontmatter.load(post.render(issue, environment))[1]
        page = readback.Page(markdown.markdown(body, extensions=extensions))
        assert page.texts == readback.expected(issue), f"seed {seed}"
        assert set(page.links) <= readback.ADDRESSES
        assert page.tags <= {"p", "h2", "a", "em", "strong", "code", "ul", "ol", "li", "img"}


def test_hostile_issues_read_back_from_the_preview(site: Path) -> None:
    environment = templates.environment(site)
    for seed in range(30, 50):
        issue = readback.hostile_issue(seed, 1)
        main = preview(issue, environment, "Letter").partition("<main>")[2].partition("</main>")[0]
        assert readback.Page(main).texts == readback.expected(issue), f"seed {seed}"


@pytest.mark.skipif(shutil.which("jekyll") is None, reason="jekyll is not installed")
def test_hostile_issues_read_back_from_real_jekyll(site: Path, tmp_path: Path) -> None:
    environment = templates.environment(site)
    issues = [readback.hostile_issue(seed, 4) for seed in range(100, 108)]
    for number, issue in enumerate(issues):
        name = f"2024-07-19-issue-{number}.md"
        (site / "_posts" / name).write_text(post.render(issue, environment), encoding="utf-8")
    (tmp_path / "strict.yml").write_text(STRICT)
    done = subprocess.run(
        ["jekyll", "build", "-s", str(site), "-d", str(tmp_path / "out"), "--disable-disk-cache",
         "--config", f"{site / '_config.yml'},{tmp_path / 'strict.yml'}"],
        capture_output=True, text=True, check=False, timeout=100, env={**os.environ, "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for number, issue in enumerate(issues):
        html = (tmp_path / f"out/2024/07/19/issue-{number}.html").read_text(encoding="utf-8")
        page = readback.Page(html, inside="post-content")
        assert page.texts == readback.expected(issue), f"issue {number}"
        assert set(page.links) == readback.ADDRESSES
        assert page.tags <= {"div", "p", "h2", "h3", "h4", "a", "em", "strong", "code", "ul", "ol", "li", "img"}  # fmt: skip
        heading = readback.Page(html, inside="post-title").texts
        assert heading == [readback.plain_typography(post.title(issue))]
