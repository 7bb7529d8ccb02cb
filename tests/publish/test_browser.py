"""The preview in a real browser: readable on a telephone and on a desk, also when a headline is one endless word."""

import dataclasses
import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.publish.test_post import ENVIRONMENT, ISSUE
from weeklyai.publish.html import preview

CHROMIUM = shutil.which("chromium") or ""
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
# The page has no script and forbids any; the test lifts that and appends one that reports what the browser laid out.
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
REPORT = (
    "<script>document.title = [document.documentElement.scrollWidth, innerWidth, document.images.length, "
    "[...document.images].every(i => i.naturalWidth == 16), document.body.innerText.length].join(' ')</script>"
)


def seen(page: str, folder: Path, width: int) -> list[str]:
    """Return scroll width, window width, images, whether all are drawn, and characters of text."""
    path = folder / "page.html"
    assert POLICY.search(page)
    path.write_text(POLICY.sub("", page) + REPORT, encoding="utf-8")
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900", "--dump-dom", path.as_uri()],
        capture_output=True, text=True, check=True, timeout=90,
    )  # fmt: skip
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert title, done.stdout[:500]
    return html.unescape(title[1]).split()


@pytest.mark.slow
@pytest.mark.parametrize("width", [500, 1280])  # headless Chromium makes no window under 500 pixels
def test_nothing_sticks_out_of_the_window(tmp_path: Path, width: int) -> None:
    long = dataclasses.replace(ISSUE.news[0], headline="W" * 300)
    page = preview(dataclasses.replace(ISSUE, news=(long, *ISSUE.news[1:])), ENVIRONMENT, "Letter")

    scroll, window, images, drawn, characters = seen(page, tmp_path, width)

    assert int(scroll) <= int(window)
    assert (int(images), drawn) == (len(ISSUE.news), "true")
    assert int(characters) > 500
