"""A server killed with SIGKILL in the middle of its work loses nothing: the draft, the words typed, the steps to undo."""

import contextlib
import http.client
import threading
import time
from pathlib import Path

import pytest

from tests.review.place import WEEK, Running, draft_text, keys, make_desk, make_site, running
from weeklyai import files
from weeklyai.config import Settings
from weeklyai.publish import parse

pytestmark = pytest.mark.slow
ROUNDS = 6


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return make_site(tmp_path / "site", 4)


class Writer(threading.Thread):
    """Edits one take and types in another as fast as the server answers, until it is gone."""

    def __init__(self, server: Running, edited: str, typed: str, was: str, began: str) -> None:
        super().__init__()
        self.server, self.edited, self.typed, self.began = server, edited, typed, began
        self.sent = self.kept = was
        self.jotted = [began, began]  # acknowledged, sent

    def run(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            for number in range(10_000):
                self.jotted[1] = f"Half a sentence number {number} and"
                assert self.server.post("check", key=self.typed, text=self.jotted[1], was=self.began) == 200  # fmt: skip
                self.jotted[0] = self.jotted[1]
                self.sent = f"The editor's text number {number} " + " ".join(["stands here."] * 40)
                assert self.server.post("act", action="edit", key=self.edited, field="take", was=self.kept, text=self.sent) == 200  # fmt: skip
                self.kept = self.sent


def test_killed_in_the_middle_of_writing_it_loses_nothing_that_it_said_it_kept(site: Settings) -> None:  # fmt: skip
    first, second, *_ = keys(make_desk(site))
    began = make_desk(site).evidence(second).take
    for n in range(ROUNDS):
        was = make_desk(site).evidence(first).take
        with running(site) as server:
            writer = Writer(server, first, second, was, began)
            writer.start()
            while writer.kept == was and writer.is_alive():
                time.sleep(0.005)
            time.sleep(0.037 * n)  # at another place of the work each time
            server.kill()
            writer.join(timeout=60)

        issue = parse.parse(draft_text(site))
        files.read_json(site.folder / "_drafts" / f"{WEEK.slug}.json")
        desk = make_desk(site)
        sheet = desk.look()
        found = {issue.news[0].take, *(clash.ours.partition(": ")[2] for clash in sheet.clashes)}
        assert {writer.kept.strip(), writer.sent.strip()} & {text.strip() for text in found}
        assert issue.news[0].take.strip() in (writer.kept.strip(), writer.sent.strip())
        assert desk.evidence(second).jot in writer.jotted
        assert sheet.undo.startswith("edit of")
        for clash in sheet.clashes:
            desk.act("settle", {"name": clash.name, "ours": False})


def test_what_was_put_aside_when_the_kill_came_is_sorted_at_the_next_start(site: Settings) -> None:
    path = site.folder / "_drafts" / f"{WEEK.slug}.md"
    aside = path.with_name(f".{path.name}.before")
    before, key = draft_text(site), keys(make_desk(site))[0]
    desk = make_desk(site)
    desk.act("edit", {"key": key, "field": "take", "was": desk.evidence(key).take, "text": "From the page."})  # fmt: skip

    aside.write_text(before, encoding="utf-8")
    assert make_desk(site).look().clashes == ()
    assert not aside.exists()
    aside.write_text(before.replace("Tech News", "Tech News") + "\n<!-- saved by another program -->\n", encoding="utf-8")  # fmt: skip
    (clash,) = make_desk(site).look().clashes
    assert "saved by another program" in (path.parent / clash.name).read_text(encoding="utf-8")
