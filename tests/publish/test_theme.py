"""The theme through real Jekyll, under a baseurl: headings, addresses, topics, sizes, and what no reader should load."""

import dataclasses
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from datetime import timedelta
from pathlib import Path

import pytest

from tests.publish.test_post import ISSUE
from weeklyai.dates import Week
from weeklyai.publish import post, scaffold, tags, templates

pytestmark = pytest.mark.skipif(not shutil.which("jekyll"), reason="jekyll is not installed")
STRICT = "strict_front_matter: true\nliquid: {error_mode: strict, strict_filters: true}\n"
ATOM = "{http://www.w3.org/2005/Atom}"
POST = "2020/10/09/week-41-2020.html"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the built site of three issues, the last without a feature."""
    site = tmp_path_factory.mktemp("site")
    out = tmp_path_factory.mktemp("out")
    scaffold.init(site, title="Letter & Co", url="https://user.example/letter")
    date = ISSUE.date.replace(year=2020, month=10, day=9)
    for number in range(3):
        moment = date + timedelta(weeks=number)
        issue = dataclasses.replace(ISSUE, date=moment, week=Week.of(moment))
        if number == 2:
            issue = dataclasses.replace(issue, feature=None, tags=("Programming", "No page"))
        text = post.render(issue, templates.environment(site))
        (site / "_posts" / post.file_name(issue)).write_text(text, encoding="utf-8")
    (site / "tags").mkdir()
    for name, text in tags.pages(ISSUE.tags).items():
        (site / name).write_text(text, encoding="utf-8")
    (site / "strict.yml").write_text(STRICT)
    done = subprocess.run(
        ["jekyll", "build", "-s", str(site), "-d", str(out), "--disable-disk-cache",
         "--config", f"{site / '_config.yml'},{site / 'strict.yml'}"],
        capture_output=True, text=True, check=False, timeout=100,
        env={**os.environ, "LANG": "C.UTF-8", "JEKYLL_ENV": "production"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def read(built: Path, name: str) -> str:
    return (built / name).read_text(encoding="utf-8")


def test_bold_lines_become_headings_of_their_level(built: Path) -> None:
    found = re.findall(r"<h([1-6])[^>]*>(.*?)</h\1>", read(built, POST))
    assert [(int(level), re.sub("<.*?>", "", text).strip()) for level, text in found] == [
        (1, "Week #41 2020 - Queues: C++ &amp; C#"),
        (2, "Queues: C++ &amp; C#"),
        (3, "TL;DR:"),
        (3, "Introduction"),
        (3, "How __It__ Works"),
        (4, "Order"),
        (3, "Conclusion"),
        (2, "Tech News"),
        (3, "Current Tech Pulse: Our Team’s Take:"),
        (4, "Karst ships Vec&lt;T&gt; [beta] | Example Times"),
        (4, "Ein Name für alles"),
    ]


def test_the_topic_is_said_twice_but_seen_once(built: Path) -> None:
    assert '<h2 class="unseen" id="queues-c--c">' in read(built, POST)


def test_every_entry_of_the_contents_leads_somewhere(built: Path) -> None:
    html = read(built, POST)
    contents = html.partition('<details class="contents">')[2].partition("</details>")[0]
    targets = re.findall('href="#(.*?)"', contents)
    ids = re.findall(' id="(.*?)"', html)
    assert len(targets) == 6
    assert set(targets) <= set(ids)
    assert len(ids) == len(set(ids))


def test_pictures_are_found_under_a_baseurl_in_page_and_feed(built: Path) -> None:
    html = read(built, POST)
    assert set(re.findall(r'<img src="(.*?)"', html)) == {
        "/letter/assets/images/memo16.png",
        "/letter/assets/images/favicon.svg",
    }
    content = ET.parse(built / "feed.xml").getroot().findtext(f"{ATOM}entry/{ATOM}content") or ""
    address = "https://user.example/letter/assets/images/memo16.png"
    assert set(re.findall(r'<img src="(.*?)"', content)) == {address}
    assert "https://user.example/letter/assets/images/cards/week-41-2020.png" in html
    assert not re.findall(r'(?:href|src)="/(?!letter/)', html)


def test_issues_lead_to_their_neighbours_and_lists_to_all(built: Path) -> None:
    middle = read(built, "2020/10/16/week-42-2020.html")
    assert f'rel="prev" href="/letter/{POST}"' in middle
    assert 'rel="next" href="/letter/2020/10/23/week-43-2020.html"' in middle
    for page in ("index.html", "archive/index.html"):
        assert len(set(re.findall(r"/week-\d+-2020\.html", read(built, page)))) == 3


def test_a_topic_has_a_page_and_a_tag_without_one_is_no_link(built: Path) -> None:
    assert len(re.findall(r"week-\d+-2020\.html", read(built, "tags/programming/index.html"))) == 3
    assert len(re.findall(r"week-\d+-2020\.html", read(built, "tags/c-plus-plus-c-sharp/index.html"))) == 2  # fmt: skip
    last = read(built, "2020/10/23/week-43-2020.html")
    assert '<a href="/letter/tags/programming/">Programming</a>' in last
    assert "<li>No page</li>" in last


def test_pages_are_small_and_hold_no_script_but_the_search_engines_data(built: Path) -> None:
    pages = list(built.rglob("*.html"))
    assert len(pages) >= 9
    style = (built / "assets/css/style.css").stat().st_size
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert len(html.encode()) + style < 60_000
        assert set(re.findall("<script[^>]*>", html)) <= {'<script type="application/ld+json">'}
        assert html.count("<h1") == 1
        assert "script-src 'none'" in html
        assert '<html lang="en">' in html


def test_sources_of_the_newsletter_are_no_part_of_the_site(built: Path) -> None:
    top = {path.name for path in built.iterdir()}
    assert top <= {
        "2020", "404.html", "about", "archive", "assets", "feed.xml", "index.html", "robots.txt", "sitemap.xml", "strict.yml",
        "tags", "topics",
    }  # fmt: skip
