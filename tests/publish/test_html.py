import base64
import dataclasses
import re
from pathlib import Path

import pytest

from tests.publish.test_post import CASES, ENVIRONMENT, ISSUE
from weeklyai.errors import UserError
from weeklyai.publish import post, templates
from weeklyai.publish.html import preview


def test_preview_is_one_page_that_needs_nothing_else() -> None:
    page = preview(ISSUE, ENVIRONMENT, "Letter & Co")
    assert page.startswith("<!DOCTYPE html>")
    assert "<title>Week #41 2030 - Queues: C++ &amp; C# | Letter &amp; Co</title>" in page
    assert ">11 October 2030</time>" in page
    assert "<script" not in page
    sources = re.findall(r'src="([^"]*)"', page)
    assert len(sources) == 2
    assert all(source.startswith("data:image/png;base64,iVBOR") for source in sources)
    assert '<p class="part"><strong>Introduction</strong></p>' in page
    assert page.count("<ol>") == 2


def test_preview_of_a_posts_text_is_the_preview_of_its_issue() -> None:
    assert preview(post.render(ISSUE, ENVIRONMENT), ENVIRONMENT, "x") == preview(
        ISSUE, ENVIRONMENT, "x"
    )


def test_preview_nests_lists_of_three_spaces() -> None:
    page = preview((CASES / "by-hand.md").read_text(encoding="utf-8"), ENVIRONMENT, "x")
    assert re.search(r"<ol>\s*<li>.*<ol>", page, re.DOTALL)


def test_preview_shows_the_sites_own_icon(tmp_path: Path) -> None:
    (tmp_path / "assets/images").mkdir(parents=True)
    (tmp_path / "assets/images/memo16.png").write_bytes(b"own")
    page = preview(ISSUE, templates.environment(tmp_path), "x")
    assert f'src="data:image/png;base64,{base64.b64encode(b"own").decode()}"' in page


def test_preview_of_a_post_by_hand_is_sanitised() -> None:
    evil = """<script>alert(1)</script>

<img src="https://spy.example/pixel.png" onerror="alert(1)">

[a](javascript:alert(1)) [b](data:text/html,x) <b onclick="x()" style="x">bold</b>

<iframe src="https://evil.example"></iframe>
"""
    page = preview(post.render(ISSUE, ENVIRONMENT) + evil, ENVIRONMENT, "x")
    for word in (
        "<script",
        "onerror",
        "onclick",
        "javascript:",
        "data:text",
        "<iframe",
        "spy.example",
        "alert(1)<",
    ):
        assert word not in page


def test_titles_are_escaped_in_the_page() -> None:
    issue = dataclasses.replace(ISSUE, feature=None, topic='"<x> & {{ y }}"')
    assert "<x>" not in preview(issue, ENVIRONMENT, "<b>")


def test_preview_of_anything_else_is_refused() -> None:
    with pytest.raises(UserError, match="front matter"):
        preview("# hello", ENVIRONMENT, "x")


def test_preview_shows_the_evidence_below_its_take() -> None:
    news = ISSUE.news[0]
    said = {"text": "The maker is fast.", "kind": "attributed", "note": "from <b>", "source": "Wire", "source_index": 2,
            "source_text": "The maker, a firm, is fast.", "span": [3, 9], "gates": {"names_lost": 0.0}}  # fmt: skip
    page = preview(ISSUE, ENVIRONMENT, "x", {"items": [{"url": news.url, "sentences": [said]}]})
    shown = page.partition("<details>")[2].partition("</details>")[0]
    assert page.count("<details>") == 1
    assert page.index("Ada [guest]") > page.index("</details>")
    for part in ("Evidence: 1 sentence from Wire", "attributed, from sentence 3 of Wire, characters 3 to 9",
                 "<q>The maker, a firm, is fast.</q>", "names lost 0", "from &lt;b&gt;"):  # fmt: skip
        assert part in shown
    assert preview(ISSUE, ENVIRONMENT, "x", {}) == preview(ISSUE, ENVIRONMENT, "x")
