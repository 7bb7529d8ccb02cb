"""The draft's file is the truth, and nothing that anybody wrote is lost: page, second tab, text editor, killed server."""

import os
from pathlib import Path

import pytest

from tests.review.place import draft_text, keys, make_desk, make_site, rewrite
from weeklyai import files
from weeklyai.config import Settings
from weeklyai.errors import UserError
from weeklyai.notebook import Notebook, Step
from weeklyai.places import Places, was_edited
from weeklyai.review.desk import ClashError
from weeklyai.reviewing import ReviewDesk


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return make_site(tmp_path / "site", 4)


@pytest.fixture
def desk(site: Settings) -> ReviewDesk:
    return make_desk(site)


def test_an_edit_on_the_page_appears_in_the_file_and_one_in_the_file_on_the_page(site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    first, second, *_ = keys(desk)
    take, other = desk.evidence(first).take, desk.evidence(second).take

    desk.act("edit", {"key": first, "field": "take", "was": take, "text": "From the page."})
    before = desk.version()
    rewrite(site, other, "From the text editor.")

    assert "From the page." in draft_text(site)
    assert desk.version() != before
    assert desk.evidence(second).take == "From the text editor."
    assert desk.evidence(first).take == "From the page."
    assert desk.look().clashes == ()


def test_changes_of_different_stories_from_page_and_file_are_both_kept(site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    first, second, *_ = keys(desk)
    take, other = desk.evidence(first).take, desk.evidence(second).take
    rewrite(site, other, "From the text editor.")  # the page has not seen it yet

    desk.act("edit", {"key": first, "field": "take", "was": take, "text": "From the page."})

    assert [desk.evidence(key).take for key in (first, second)] == ["From the page.", "From the text editor."]  # fmt: skip


def test_a_take_changed_in_both_is_a_conflict_that_keeps_both(site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    key = keys(desk)[0]
    take = desk.evidence(key).take
    rewrite(site, take, "From the text editor.")

    with pytest.raises(ClashError, match="conflict-1"):
        desk.act("edit", {"key": key, "field": "take", "was": take, "text": "From the page."})

    (clash,) = desk.look().clashes
    assert "From the page." in clash.ours
    assert "From the text editor." in clash.theirs
    assert "From the page." in (site.folder / "_drafts" / clash.name).read_text()
    assert "From the text editor." in draft_text(site)


@pytest.mark.parametrize("ours", [True, False])
def test_a_conflict_ends_with_the_version_that_is_chosen(site: Settings, desk: ReviewDesk, ours: bool) -> None:  # fmt: skip
    key = keys(desk)[0]
    take = desk.evidence(key).take
    rewrite(site, take, "From the text editor.")
    with pytest.raises(ClashError):
        desk.act("edit", {"key": key, "field": "take", "was": take, "text": "From the page."})

    desk.act("settle", {"name": desk.look().clashes[0].name, "ours": ours})

    assert desk.evidence(key).take == ("From the page." if ours else "From the text editor.")
    assert desk.look().clashes == ()
    assert list((site.folder / "_drafts").glob("*conflict*")) == []


def test_an_older_copy_saved_over_a_page_edit_is_seen_and_the_edit_kept(site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    key = keys(desk)[0]
    old = draft_text(site)
    take = desk.evidence(key).take
    desk.act("edit", {"key": key, "field": "take", "was": take, "text": "From the page."})
    later = make_desk(site)  # the server was killed and started again in between

    (site.folder / "_drafts" / "week-28-2024.md").write_text(old, encoding="utf-8")

    (clash,) = later.look().clashes
    assert "From the page." in clash.ours
    assert take in clash.theirs
    later.act("settle", {"name": clash.name, "ours": True})
    assert later.evidence(key).take == "From the page."


def test_a_text_editor_that_goes_on_from_the_pages_version_makes_no_conflict(site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    key, path = keys(desk)[0], site.folder / "_drafts" / "week-28-2024.md"
    for said in ("A first take from the page.", "A second take, longer, from the page."):
        desk.act(
            "edit", {"key": key, "field": "take", "was": desk.evidence(key).take, "text": said}
        )
        desk.look()
    path.write_text(draft_text(site).replace("longer, from", "longer, kept from"), encoding="utf-8")

    assert desk.look().clashes == ()
    assert desk.evidence(key).take == "A second take, longer, kept from the page."
    path.write_text(
        draft_text(site).replace("longer, kept", "longer, still kept"), encoding="utf-8"
    )
    assert desk.look().clashes == ()


def test_an_older_copy_with_a_change_of_its_own_is_still_a_conflict(site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    key, old = keys(desk)[0], draft_text(site)
    take = desk.evidence(key).take
    desk.act(
        "edit", {"key": key, "field": "take", "was": take, "text": "From the page, in other words."}
    )
    changed = old.replace(take, f"Indeed {take}")
    (site.folder / "_drafts" / "week-28-2024.md").write_text(changed, encoding="utf-8")

    (clash,) = desk.look().clashes
    assert "From the page" in clash.ours


def test_a_story_dropped_on_the_page_and_brought_back_by_an_older_copy_is_a_conflict(site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    old, key = draft_text(site), keys(desk)[0]
    desk.act("drop", {"key": key, "was": desk.evidence(key).take})
    (site.folder / "_drafts" / "week-28-2024.md").write_text(old, encoding="utf-8")

    (clash,) = desk.look().clashes
    assert clash.ours == "(not in the issue)"


def test_what_another_program_saves_at_the_very_moment_of_a_write_is_kept(site: Settings, desk: ReviewDesk, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    key = keys(desk)[0]
    path = site.folder / "_drafts" / "week-28-2024.md"
    take = desk.evidence(key).take
    plain = os.link

    def link(source: Path, target: Path) -> None:
        path.write_text(draft_text(site).replace(take, "Saved in between."), encoding="utf-8")
        plain(source, target)

    monkeypatch.setattr(os, "link", link)
    desk.act("edit", {"key": key, "field": "take", "was": take, "text": "From the page."})

    (clash,) = desk.look().clashes
    assert "Saved in between." in (path.parent / clash.name).read_text()
    assert "From the page." in draft_text(site)


def test_what_is_typed_is_kept_by_each_check_until_it_is_kept_or_discarded(site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    key = keys(desk)[0]
    take = desk.evidence(key).take
    desk.check(key, "Half a sent", take)

    assert make_desk(site).evidence(key).jot == "Half a sent"
    assert desk.evidence(key).take == take
    desk.act("edit", {"key": key, "field": "take", "was": take, "text": "Half a sentence more."})
    assert (
        desk.evidence(key).jot == "Half a sent"
    )  # typed in another window, as this one did not send it
    desk.act("discard", {"key": key})
    assert make_desk(site).evidence(key).jot == ""


def test_a_draft_that_cannot_be_read_is_shown_as_such_and_left_alone(site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    key = keys(desk)[0]
    take = desk.evidence(key).take
    rewrite(site, "## Tech News", "### Tech News")
    broken = draft_text(site)

    assert "line" in desk.look().fault
    with pytest.raises(UserError):
        desk.act("edit", {"key": key, "field": "take", "was": take, "text": "x"})
    assert draft_text(site) == broken


def test_undo_goes_back_step_by_step_to_the_byte(site: Settings, desk: ReviewDesk) -> None:
    before, key = draft_text(site), keys(desk)[0]
    take = desk.evidence(key).take
    desk.act("edit", {"key": key, "field": "take", "was": take, "text": "From the page."})
    desk.act("drop", {"key": key, "was": "From the page."})
    desk.act("accept", {"key": keys(desk)[0], "take": desk.evidence(keys(desk)[0]).take})

    for _ in range(3):
        desk.act("undo", {})

    assert draft_text(site) == before
    assert not any(card.accepted for card in desk.look().cards)
    with pytest.raises(UserError, match="nothing to undo"):
        desk.act("undo", {})


def test_a_reviewed_draft_is_not_drafted_over_even_if_only_its_record_changed(site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    key = keys(desk)[0]
    assert not was_edited(Places(site, desk.week))
    desk.act("accept", {"key": key, "take": desk.evidence(key).take})
    assert was_edited(Places(site, desk.week))


def test_an_acceptance_holds_for_one_text_only(site: Settings, desk: ReviewDesk) -> None:
    key = keys(desk)[0]
    take = desk.evidence(key).take
    desk.act("accept", {"key": key, "take": take})
    assert desk.look().cards[0].accepted

    rewrite(site, take, f"{take} And more.")

    assert not desk.look().cards[0].accepted
    record = files.read_json(site.folder / "_drafts" / "week-28-2024.json")
    assert record["items"][0]["accepted"]["take"] == take


def test_undo_goes_on_after_a_restart_and_is_offered_only_where_it_fits(site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    before, (first, second, *_) = draft_text(site), keys(desk)
    desk.act("edit", {"key": first, "field": "take", "was": desk.evidence(first).take, "text": "From the page."})  # fmt: skip
    desk.act("drop", {"key": second, "was": desk.evidence(second).take})

    later = make_desk(site)
    assert later.look().undo.startswith("dropping")
    later.act("undo", {})
    assert keys(later)[1] == second
    make_desk(site).act("undo", {})
    assert draft_text(site) == before

    desk.act("edit", {"key": first, "field": "take", "was": desk.evidence(first).take, "text": "From the page."})  # fmt: skip
    rewrite(site, "From the page.", "From the text editor.")
    assert make_desk(site).look().undo == ""


def test_no_more_than_fifty_steps_are_remembered(tmp_path: Path) -> None:
    notes = Notebook(tmp_path, "week")
    for n in range(55):
        notes.push(Step(str(n), "", {}, ""))
    again = Notebook(tmp_path, "week")
    undone = []
    while step := again.last():
        undone.append(int(step.what))
        again.pop()
    assert undone == list(range(54, 4, -1))


@pytest.mark.parametrize("name", ["title", "description", "tldr", "feature", "headline KEY", "note KEY Zorblatt", "add https://x.example/ take"])  # fmt: skip
def test_what_is_typed_in_any_dialog_is_kept_until_it_is_kept_or_discarded(site: Settings, desk: ReviewDesk, name: str) -> None:  # fmt: skip
    name = name.replace("KEY", keys(desk)[0])
    before = draft_text(site)
    desk.jot(name, "Half a sent", "as it was")

    assert make_desk(site).look().jots == {name: ("Half a sent", "as it was")}
    assert draft_text(site) == before
    desk.jot(name, "as it was", "as it was")
    assert make_desk(site).look().jots == {}


def test_words_typed_under_an_earlier_version_are_still_there(site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    key = keys(desk)[0]
    url = desk.evidence(key).card.url
    files.write_json(desk.manuscript.notes.path, {"jots": {f"story {url}": "Half a sent"}})
    assert make_desk(site).evidence(key).jot == "Half a sent"


def test_only_the_pages_own_fields_are_kept(desk: ReviewDesk) -> None:
    with pytest.raises(UserError, match="no such field"):
        desk.jot("story https://x.example/", "text", "")


def test_a_take_typed_before_the_file_changed_is_a_conflict_when_it_is_kept_after_a_restart(site: Settings, desk: ReviewDesk) -> None:  # fmt: skip
    key = keys(desk)[0]
    take = desk.evidence(key).take
    desk.check(key, "Typed on the page.", take)
    rewrite(site, take, "From the text editor.")

    later = make_desk(site)
    shown = later.evidence(key)
    assert (shown.jot, shown.jot_was) == ("Typed on the page.", take)
    with pytest.raises(ClashError):
        later.act("edit", {"key": key, "field": "take", "was": shown.jot_was, "text": shown.jot})
    (clash,) = later.look().clashes
    assert "Typed on the page." in clash.ours
    assert "From the text editor." in clash.theirs


def test_publishing_forgets_what_the_page_remembered(site: Settings, desk: ReviewDesk) -> None:
    key = keys(desk)[0]
    desk.act("accept", {"key": key, "take": desk.evidence(key).take})
    desk.act("publish", {})
    assert list((site.state / "review").iterdir()) == []
