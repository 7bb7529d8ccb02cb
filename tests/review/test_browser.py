"""The page in a real browser: a whole review by keyboard, two tabs at once, nothing for axe-core to find."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.review.place import (
    WEEK,
    draft_text,
    keys,
    make_desk,
    make_site,
    rewrite,
    running,
    serving,
    story_item,
)
from weeklyai import files
from weeklyai.config import Settings
from weeklyai.reviewing import ReviewDesk

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright import sync_api as sync

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""
AXE = Path(__file__).parents[1] / "browser" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed"),
]
EVIL = "<img src=x onerror='document.title=1'><script>document.title=2</script> OpenAI GPT agents run harbour cranes"


@pytest.fixture(scope="module")
def browser() -> Iterator[sync.Browser]:
    with sync.sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
                  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )  # fmt: skip
        yield made
        made.close()


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return make_site(tmp_path / "site", 10, items=(story_item(0, title=EVIL),))


@pytest.fixture
def desk(site: Settings) -> ReviewDesk:
    return make_desk(site)


class Tab:
    """A tab that must not show an error of its own; everything is done by keyboard."""

    def __init__(self, browser: sync.Browser | sync.BrowserContext, address: str, **options: Any) -> None:  # fmt: skip
        if isinstance(browser, sync.Browser):
            browser = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.page = browser.new_page()
        self.page.set_default_timeout(30_000)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda said: self.faults.append(said.text) if "Content Security" in said.text else None)  # fmt: skip
        self.page.goto(address)
        self.page.wait_for_selector("body[data-ready]")

    def press(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)

    def says(self, words: str) -> None:
        """Wait until the status line says `words` and no dialog is open."""
        test = "words => document.getElementById('status').textContent.includes(words) && !document.querySelector('dialog[open]')"
        try:
            self.page.wait_for_function(test, arg=words)
        except sync.TimeoutError:
            raise AssertionError(f"no {words!r}, but {self.page.inner_text('#status')!r}") from None

    def shows(self, selector: str) -> None:
        self.page.wait_for_selector(selector)

    def gone(self, selector: str) -> None:
        self.page.wait_for_selector(selector, state="hidden")

    def fill(self, words: str) -> None:
        """Put words into the field that has the focus, in place of what is there."""
        self.press("Control+a")
        self.page.keyboard.insert_text(words)

    def count(self, selector: str) -> int:
        return int(self.page.locator(selector).count())

    def axe(self) -> list[str]:
        """Return axe-core's violations."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("async () => (await axe.run()).violations.flatMap(v => v.nodes.map(n => v.id + ' ' + n.html))")  # fmt: skip
        return [str(one) for one in found]


def edit_with_a_note(tab: Tab) -> None:
    """An unsupported name is underlined while it is typed, and stands with a note."""
    tab.press("e")
    tab.shows("#editor:not([hidden])")
    tab.fill("They use open-source software, Zorblatt says.")
    tab.shows("#mirror u >> text=Zorblatt")
    assert "this name is not in the source" in tab.page.inner_text("#reasons")
    tab.press("Control+Enter")
    tab.says("take kept")
    tab.press("P")
    tab.shows("#go[open]")
    assert not tab.page.locator("#go-ok").is_visible()
    tab.press("Escape")
    tab.press("o")
    tab.shows("#ask[open]")
    tab.page.keyboard.type("she said so on the telephone")
    tab.press("Enter")
    tab.says("noted")
    tab.press("a")
    tab.says("accepted")
    tab.shows("#list li.accepted")


def sign_and_approve(tab: Tab) -> None:
    """A person's name over a take, and that person's approval."""
    tab.press("s")
    tab.shows("#ask[open]")
    assert tab.page.inner_text("#ask-ok") == "Sign Ctrl Enter"
    tab.page.keyboard.type("Ada")
    tab.press("Control+Enter")
    tab.says("signed by Ada Lovelace")
    tab.press("p")
    tab.shows("#ask[open]")
    tab.page.keyboard.type("Ada Lovelace")
    tab.press("Enter")
    tab.says("approved this text")


def choose_rename_move_drop(tab: Tab) -> None:
    """Another take from the list, a headline, a place further up; another story goes."""
    tab.press("a", "c")
    tab.shows("#pane[open] [data-choice]")
    tab.press("ArrowDown", "Enter")
    tab.says("another take stands there now")
    tab.press("h")
    tab.shows("#ask[open]")
    assert tab.page.inner_text("#ask-ok") == "Keep Enter"
    tab.fill("A headline by hand for open-source planning")
    tab.press("Enter")
    tab.says("headline kept")
    tab.press("K")
    tab.says("now number 2 of 10")
    tab.press("j", "j", "d")
    tab.says("dropped")
    assert tab.count("#list li") == 9


def add_write_title_mail(tab: Tab) -> None:
    """A story from the rejected list, a take and a title by hand, the e-mail."""
    tab.press("r")
    tab.shows("#pane[open] [data-reject]")
    tab.press("ArrowDown", "ArrowDown", "Enter")
    tab.says("added at the end")
    tab.press("w")
    tab.shows("#editor:not([hidden])")
    tab.page.keyboard.insert_text("A take written by hand.")
    tab.press("Control+Enter")
    tab.says("take kept")
    tab.press("t")
    tab.shows("#ask[open]")
    tab.fill("Planning in Public")
    tab.press("Enter")
    tab.says("topic kept")
    tab.press("l")
    tab.says("has no TL;DR")
    tab.press("m")
    tab.shows("#pane[open] iframe")
    tab.press("Escape")
    tab.gone("#pane[open]")


def accept_and_publish(tab: Tab) -> None:
    """Every story accepted; the last is taken back and the issue published."""
    for _ in range(10):
        if tab.count("#list li.accepted") == 10:
            break
        tab.page.locator("#list li:not(.accepted) .story").first.focus()
        tab.press("Enter")
        before = tab.count("#list li.accepted")
        tab.press("a")
        tab.page.wait_for_function("n => document.querySelectorAll('#list li.accepted').length > n", arg=before)  # fmt: skip
    tab.press("u")
    tab.says("undone: accepting")
    tab.press("P")
    tab.shows("#go[open]")
    assert tab.page.locator("#go-ok").is_visible(), tab.page.inner_text("#left")
    tab.page.locator("#go-ok").focus()
    tab.press("Enter")
    tab.shows(".notice.good")
    if AXE.exists():
        assert tab.axe() == []


def test_a_whole_review_by_keyboard_ends_in_a_post_that_jekyll_builds(browser: sync.Browser, site: Settings, desk: ReviewDesk, tmp_path: Path) -> None:  # fmt: skip
    with serving(desk) as server:
        tab = Tab(browser, server.address)
        assert tab.count("#list li") == 10
        assert tab.page.title().endswith("- review")  # the feed's script did not run

        for step in (
            edit_with_a_note,
            sign_and_approve,
            choose_rename_move_drop,
            add_write_title_mail,
            accept_and_publish,
        ):
            step(tab)
        assert tab.faults == []

    post = next((site.folder / "_posts").glob("*-week-28-2024.md"))
    text = post.read_text(encoding="utf-8")
    record = files.read_json(site.folder / "evidence" / f"{post.stem}.json")
    assert "Week #28 2024 - Planning in Public" in text
    assert "[Ada Lovelace](https://people.example/ada)" in text
    assert "A take written by hand." in text
    assert "<script>" not in text
    assert record["approvals"][0]["person"] == "Ada Lovelace"
    assert [one["note"] for item in record["items"] for one in item.get("overruled", ())] == ["she said so on the telephone"]  # fmt: skip
    pairs = [json.loads(line) for line in (site.state / "pairs" / f"{WEEK}.jsonl").read_text().splitlines()]  # fmt: skip
    assert {pair["how"] for pair in pairs} == {"accepted", "edited"}
    if not shutil.which("jekyll"):
        pytest.skip("all but Jekyll's part has passed: jekyll is not installed")
    checker = os.environ.get("JEKYLL_CHECK")  # a site checker of one's own, called with the folder
    if checker:
        subprocess.run([checker, str(site.folder)], check=True, timeout=200)
    subprocess.run(["jekyll", "build", "--strict_front_matter", "--quiet", "-s", str(site.folder), "-d", str(tmp_path / "out")],
                   check=True, timeout=120, env={**os.environ, "LANG": "C.UTF-8"})  # fmt: skip
    page = (tmp_path / "out" / "2024" / "07" / "12" / "week-28-2024.html").read_text(encoding="utf-8")  # fmt: skip
    assert page.count("A take written by hand.") >= 1
    assert "<script>document.title" not in page


def test_a_story_is_dragged_to_its_place(browser: sync.Browser, desk: ReviewDesk) -> None:
    with serving(desk) as server:
        tab = Tab(browser, server.address)
        first, second, third, *_ = keys(desk)
        tab.page.drag_and_drop(f"li[data-key='{third}'] .grip", f"li[data-key='{first}']", target_position={"x": 60, "y": 4})  # fmt: skip
        tab.says("now number 1 of 10")
        assert keys(desk)[:3] == [third, first, second]


def test_two_tabs_and_a_text_editor_see_one_another_and_lose_nothing(browser: sync.Browser, site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    with serving(desk) as server:
        one, two = Tab(browser, server.address), Tab(browser, server.address)
        take = desk.evidence(keys(desk)[0]).take

        one.press("a")
        two.shows("#list li.accepted")  # without a reload

        for tab in (one, two):
            tab.press("1", "k", "k", "k", "e")
            tab.shows("#editor:not([hidden])")
        two.fill("From the second tab.")
        one.fill("From the first tab.")
        one.press("Control+Enter")
        one.says("take kept")
        two.press("Control+Enter")
        two.says("nothing is lost")
        two.shows(".clash")
        assert "From the first tab." in two.page.inner_text(".clash")
        assert "From the second tab." in two.page.inner_text(".clash")

        two.page.locator("#ours-1").focus()
        two.press("Enter")
        two.gone(".clash")
        one.shows("#item-" + keys(desk)[0] + " >> text=From the second tab.")

        rewrite(site, "From the second tab.", take)  # a text editor saves its older copy
        one.shows(".clash")
        assert one.faults == two.faults == []


def test_a_killed_server_and_a_closed_page_lose_no_typed_word(browser: sync.Browser, site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    with serving(desk) as server:
        tab = Tab(browser, server.address)
        tab.press("e")
        tab.shows("#editor:not([hidden])")
        tab.fill("Half a sentence that was never")
        tab.page.close()  # at once: no pause in which it could have been checked
        other = Tab(browser, server.address)
        other.shows("#list .badge >> text=not kept")
    with serving(make_desk(site)) as server:
        tab = Tab(browser, server.address)
        tab.press("e")
        tab.shows("#editor:not([hidden])")
        assert tab.page.input_value("#typed") == "Half a sentence that was never"
        assert "Half a sentence" not in draft_text(site)


def test_keys_pressed_while_other_takes_are_looked_for_change_nothing(browser: sync.Browser, site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    before = draft_text(site)
    with serving(desk) as server:
        tab = Tab(browser, server.address)
        tab.press("c", "n", "d")
        tab.shows("#pane[open]")
        tab.press("Escape")
        tab.press("?")
        tab.shows("#pane[open]")
        assert tab.page.evaluate("document.activeElement.dataset.do") == "shut"
        tab.press("Enter")
        tab.press("j")
    assert draft_text(site) == before


@pytest.mark.parametrize("key", ["t", "i", "h", "f"])
def test_words_typed_in_a_dialog_are_there_again_after_the_page_was_closed(browser: sync.Browser, site: Settings, desk: ReviewDesk, key: str) -> None:  # fmt: skip
    before = draft_text(site)
    with serving(desk) as server:
        tab = Tab(browser, server.address)
        tab.press(key)
        tab.shows("#ask[open]")
        tab.fill("Half a thought that was never")
        tab.page.close()  # at once
        other = Tab(browser, server.address)
        other.press(key)
        other.shows("#ask-discard:not([hidden])")
        assert other.page.input_value("#ask-text") == "Half a thought that was never"
        assert "did not keep it" in other.page.inner_text("#ask-before")
        other.page.locator("#ask-discard").focus()
        other.press("Enter")
        other.gone("#ask[open]")
        other.press(key)
        other.shows("#ask[open]")
        assert other.page.input_value("#ask-text") != "Half a thought that was never"
    assert draft_text(site) == before


def test_a_dialog_whose_text_was_changed_in_the_file_ends_in_one_conflict(browser: sync.Browser, site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    with serving(desk) as server:
        tab = Tab(browser, server.address)
        tab.press("h")
        tab.shows("#ask[open]")
        tab.fill("The page's headline")
        headline = desk.look().cards[0].headline
        desk.act("edit", {"key": keys(desk)[0], "field": "headline", "was": headline, "text": "The other's headline"})  # fmt: skip
        tab.press("Control+Enter")
        tab.gone("#ask[open]")
        tab.shows(".clash")
        assert "The page's headline" in tab.page.inner_text(".clash")
        assert "The other's headline" in tab.page.inner_text(".clash")
        assert len(list((site.folder / "_drafts").glob("*conflict*"))) == 1
        assert tab.faults == []


def test_words_typed_before_and_after_the_server_was_killed_are_all_there_again(browser: sync.Browser, site: Settings) -> None:  # fmt: skip
    home = browser.new_context()
    with running(site) as server:
        tab = Tab(home, server.address)
        tab.press("e")
        tab.shows("#editor:not([hidden])")
        tab.fill("")
        tab.page.keyboard.type("Typed before the kill, ", delay=40)
        server.kill()
        tab.page.keyboard.type("and typed after it.", delay=20)
        tab.page.wait_for_function(
            "() => document.getElementById('reasons').textContent.includes('held by this browser')"
        )
        tab.page.close()
    with running(site, server.port) as server:
        tab = Tab(home, server.address)
        tab.shows("#list .badge >> text=not kept")
        tab.press("e")
        tab.shows("#editor:not([hidden])")
        assert tab.page.input_value("#typed") == "Typed before the kill, and typed after it."
        tab.page.wait_for_function("() => localStorage.length === 0")
        tab.press("Control+Enter")
        tab.says("take kept")
    assert "Typed before the kill, and typed after it." in draft_text(site)


@pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not installed: npm --prefix tests/browser ci"
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_in_any_state_and_nothing_sticks_out(browser: sync.Browser, desk: ReviewDesk, width: int, scheme: str) -> None:  # fmt: skip
    with serving(desk) as server:
        tab = Tab(browser, server.address, viewport={"width": width, "height": 740}, color_scheme=scheme)  # fmt: skip
        found = [f"page: {fault}" for fault in tab.axe()]
        for key, selector in (("2", "#post"), ("3", "#proof"), ("?", "#pane[open]"), ("h", "#ask[open]"), ("s", "#ask[open]"),
                              ("P", "#go[open]"), ("r", "#pane[open] button"), ("c", "#pane[open] button"), ("e", "#editor:not([hidden])")):  # fmt: skip
            tab.press(key)
            tab.shows(selector)
            if key == "e":
                tab.page.keyboard.insert_text(" Zorblatt paid 99 dollars.")
                tab.shows("#mirror u")
            found += [f"{key}: {fault}" for fault in tab.axe()]
            assert tab.page.evaluate("document.documentElement.scrollWidth") <= width, key
            if "open" in selector:
                tab.press("Escape")
                tab.gone(selector)
        for key in keys(desk)[:2]:
            desk.manuscript.clash(f"story {desk.item(key, desk.manuscript.read()).url}", "")
        tab.shows(".clash:nth-of-type(2)")
        found += [f"conflicts: {fault}" for fault in tab.axe()]
        assert found == []
        assert tab.faults == []
