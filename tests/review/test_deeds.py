"""What an editor can do on the page, each deed against the file and the evidence it leaves."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.feeds import server as feeds_server
from tests.review.place import (
    WEEK,
    Client,
    draft_text,
    keys,
    make_desk,
    make_site,
    serving,
    story_item,
)
from tests.site import NOW
from weeklyai import config, deeds, files, pairs, weeks
from weeklyai.cli import program
from weeklyai.config import Settings
from weeklyai.errors import UserError
from weeklyai.feeds import fulltext
from weeklyai.feeds.archive import Archive
from weeklyai.publish import compose
from weeklyai.review.desk import ByHandError
from weeklyai.reviewing import ReviewDesk


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return make_site(tmp_path / "site", 4)


@pytest.fixture
def desk(site: Settings) -> ReviewDesk:
    return make_desk(site)


def record(site: Settings) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = files.read_json(site.folder / "_drafts" / f"{WEEK.slug}.json")  # fmt: skip
    return found


def edit(desk: ReviewDesk, key: str, text: str, field: str = "take") -> None:
    shown = desk.evidence(key)
    was = shown.take if field == "take" else shown.card.headline
    desk.act("edit", {"key": key, "field": field, "was": was, "text": text})


def test_each_sentence_shows_its_kind_its_gates_and_its_words_in_the_source(desk: ReviewDesk) -> None:  # fmt: skip
    shown = desk.evidence(keys(desk)[0])

    assert [proof.kind for proof in shown.proofs] == ["copied"] * len(shown.proofs)
    assert all(gate[2] for proof in shown.proofs for gate in proof.gates)
    marked = "".join(words for paragraph in shown.source for words, mark in paragraph if mark == "word")  # fmt: skip
    assert all(proof.text.rstrip(".").replace(" ", "") in marked.replace(" ", "") for proof in shown.proofs)  # fmt: skip
    assert any(mark == "" for paragraph in shown.source for _, mark in paragraph)


def test_an_edited_sentence_is_held_against_the_nearest_one_and_one_from_nowhere_is_by_hand(desk: ReviewDesk) -> None:  # fmt: skip
    key = keys(desk)[0]
    first = desk.evidence(key).proofs[0].text
    edit(desk, key, f"{first.replace('open-source software', 'software')} Zebras enjoy quiet mornings near lakes.")  # fmt: skip

    edited, foreign = desk.evidence(key).proofs
    assert (edited.kind, edited.place) == ("edited", desk.evidence(key).proofs[0].place)
    assert ("not_a_deletion", 0.0, True) in edited.gates
    assert (foreign.kind, foreign.place) == ("by hand", None)


def test_an_unsupported_word_is_found_where_it_stands_and_a_note_lets_it_stand(desk: ReviewDesk, site: Settings) -> None:  # fmt: skip
    key = keys(desk)[0]
    text = "Zorblatt runs on open-source software for 99 dollars."
    found = desk.check(key, text, desk.evidence(key).take)
    assert [text[one.start : one.end] for one in found] == ["Zorblatt", "99 dollars"]
    edit(desk, key, text)
    assert desk.look().cards[0].open == 2

    with pytest.raises(UserError, match="say why"):
        desk.act("overrule", {"key": key, "text": "Zorblatt", "note": " "})
    desk.act("overrule", {"key": key, "text": "Zorblatt", "note": "by telephone"})

    assert desk.look().cards[0].open == 1
    assert [one.note for one in desk.evidence(key).findings] == ["by telephone", ""]
    with pytest.raises(UserError, match="1 unsupported"):
        desk.act("publish", {})
    desk.act("overrule", {"key": key, "text": "99 dollars", "note": "the price list"})
    desk.act("publish", {})
    (evidence,) = (site.folder / "evidence").glob("*.json")
    assert "by telephone" in evidence.read_text()


def test_another_take_brings_its_own_evidence_and_the_round_ends_where_it_began(desk: ReviewDesk) -> None:  # fmt: skip
    key = keys(desk)[0]
    first = desk.evidence(key).take
    offered = {choice.take for choice in desk.choices(key)}
    seen = [first]
    while len(seen) <= len(offered):
        desk.act("another", {"key": key, "was": seen[-1]})
        seen.append(desk.evidence(key).take)
        assert {proof.kind for proof in desk.evidence(key).proofs} == {"copied"}
    assert set(seen) == offered
    assert len(offered) > 2


def test_stories_move_to_a_place_and_by_one(desk: ReviewDesk) -> None:
    one, two, three, four = keys(desk)
    desk.act("move", {"key": four, "before": two})
    assert keys(desk) == [one, four, two, three]
    desk.act("move", {"key": one, "before": ""})
    assert keys(desk) == [four, two, three, one]
    desk.act("move", {"key": three, "by": "-1"})
    assert keys(desk) == [four, three, two, one]
    desk.act("move", {"key": four, "by": "-1"})
    assert keys(desk) == [four, three, two, one]


def test_a_rejected_story_joins_with_its_evidence_and_leaves_the_list(desk: ReviewDesk, site: Settings) -> None:  # fmt: skip
    offered = desk.rejects()
    assert all(reject.reasons for reject in offered)
    desk.act("add", {"item": offered[0].id})

    shown = desk.evidence(keys(desk)[-1])
    assert shown.card.headline == f"{offered[0].title} | {offered[0].source}"
    assert {proof.kind for proof in shown.proofs} == {"copied"}
    assert offered[0].id not in {reject.id for reject in desk.rejects()}
    with pytest.raises(UserError, match="in the issue already"):
        desk.act("add", {"item": offered[0].id})


def test_where_no_take_passes_the_gates_a_person_writes_it(desk: ReviewDesk, site: Settings) -> None:  # fmt: skip
    poor = story_item(40, title="Short words on OpenAI", body="Read more here: http://x.example", summary="")  # fmt: skip
    with Archive(site.archive) as archive:
        archive.add([poor], NOW)
    with pytest.raises(ByHandError) as refused:
        desk.act("add", {"item": poor.id})
    assert refused.value.item["headline"] == poor.title

    desk.act("add", {"item": poor.id, "headline": "By hand", "take": "A take by hand."})
    assert desk.evidence(keys(desk)[-1]).take == "A take by hand."


@pytest.fixture
def page() -> Iterator[str]:
    body = "".join(f"<p>The lighthouse of Quern burns with {n} lamps since the storm, the keeper of the tower says today.</p>" for n in range(3, 12))  # fmt: skip
    html = f"<html><head><title>Quern lighthouse gets new lamps</title></head><body><article><h1>Lamps</h1>{body}</article></body></html>"
    with feeds_server.serve({"/story": feeds_server.page(html.encode(), **{"Content-Type": "text/html"})}) as served:  # fmt: skip
        yield served.url("/story")


@pytest.mark.skipif(not fulltext.available(), reason="trafilatura is not installed")
def test_a_story_is_added_by_its_web_address_and_stays_news_of_no_week(tmp_path: Path, page: str) -> None:  # fmt: skip
    site = make_site(tmp_path / "site", 4)
    path = site.folder / config.FILE_NAME
    path.write_text(path.read_text().replace("allow_private = false", "allow_private = true"))
    desk = make_desk(config.load(site.folder))
    before = len(desk.rejects())

    desk.act("add", {"address": page})

    shown = desk.evidence(keys(desk)[-1])
    assert shown.card.headline == "Quern lighthouse gets new lamps | 127.0.0.1"
    assert "lighthouse of Quern" in shown.take
    assert len(desk.rejects()) == before


def test_an_address_inside_the_network_is_not_read(desk: ReviewDesk) -> None:
    with pytest.raises(ByHandError, match=r"cannot be read|trafilatura"):
        desk.act("add", {"address": "http://127.0.0.1:1/x"})
    desk.act("add", {"address": "https://elsewhere.example/x", "headline": "A headline", "take": "A take."})  # fmt: skip
    assert desk.evidence(keys(desk)[-1]).source == ()


def test_a_name_over_a_take_waits_for_an_approval_of_that_very_text(desk: ReviewDesk, site: Settings) -> None:  # fmt: skip
    key = keys(desk)[0]
    take = desk.evidence(key).take
    desk.act("assign", {"key": key, "person": "Ada Lovelace"})
    assert desk.look().cards[0].signed == "waiting"
    with pytest.raises(UserError, match="has not approved"):
        desk.act("publish", {})
    desk.act("approve", {"key": key, "person": "Ada Lovelace", "take": take})

    (entry,) = record(site)["approvals"]
    assert (entry["person"], entry["text"]) == ("Ada Lovelace", take)
    assert str(entry["when"]).startswith("20")
    assert desk.look().cards[0].signed == "approved"
    edit(desk, key, take + " More.")
    assert desk.look().cards[0].signed == "waiting"
    desk.act("assign", {"key": key, "person": ""})
    assert desk.look().cards[0].signed == "desk"


def test_title_description_feature_and_tldr_are_edited_and_the_title_follows_the_feature(desk: ReviewDesk, site: Settings) -> None:  # fmt: skip
    feature = "## Ropes\n\n**TL;DR:**\n\nRopes hold.\n\n__Introduction__\n\nA rope.\n\n__Knots__\n\n* One\n\n__Conclusion__\n\nEnd.\n"
    desk.act("feature", {"was": "", "text": feature})
    sheet = desk.look()
    assert sheet.title.endswith("- Ropes")
    desk.act("tldr", {"was": sheet.tldr, "text": "Ropes **hold** well."})
    desk.act("title", {"was": "Ropes", "text": "Ropes & Knots"})
    issue = desk.look().issue
    assert issue
    wanted = "Ropes, knots, and a week of open-source planning in towns."
    desk.act("description", {"was": issue.description, "text": wanted})

    text = draft_text(site)
    assert "## Ropes &amp; Knots" in text
    assert "Ropes **hold** well." in text
    assert "a week of open-source planning" in text
    with pytest.raises(UserError, match="line"):
        desk.act("feature", {"was": desk.look().feature, "text": "## X\n\nno tldr\n"})
    assert draft_text(site) == text


def test_a_published_issue_leaves_pairs_of_source_and_text_and_they_export(desk: ReviewDesk, site: Settings, tmp_path: Path) -> None:  # fmt: skip
    first, second, *_ = keys(desk)
    desk.act("accept", {"key": first, "take": desk.evidence(first).take})
    drafted = desk.evidence(second).take
    edit(desk, second, drafted.split(". ")[0].rstrip(".") + ".")
    desk.act("publish", {})

    assert pairs.export(site, tmp_path / "pairs.jsonl") == 2
    one, two = map(json.loads, (tmp_path / "pairs.jsonl").read_text().splitlines())
    assert (one["how"], one["text"]) == ("accepted", one["drafted"])
    assert (two["how"], two["drafted"]) == ("edited", drafted)
    assert two["text"] in two["drafted"]
    assert two["drafted"].split(". ")[0] in two["source"]
    assert {"week", "url", "publisher", "headline", "source", "drafted", "text", "how"} == set(one)


def test_a_site_that_opts_out_keeps_no_pairs(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", 4)
    path = site.folder / config.FILE_NAME
    path.write_text(path.read_text().replace("keep_pairs = true", "keep_pairs = false"))
    site = config.load(site.folder)
    desk = make_desk(site)
    desk.act("accept", {"key": keys(desk)[0], "take": desk.evidence(keys(desk)[0]).take})
    desk.act("publish", {})
    with pytest.raises(UserError, match="keep_pairs is false"):
        pairs.export(site, tmp_path / "pairs.jsonl")
    assert not (site.state / "pairs").exists()


def test_a_week_that_lies_ahead_is_not_published_unless_allowed(desk: ReviewDesk, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(deeds, "now", lambda: NOW.replace(day=9))
    with pytest.raises(UserError, match="ahead of the clock"):
        desk.act("publish", {})
    desk.ahead = True
    assert desk.act("publish", {}).startswith("published: _posts/")
    assert desk.look().published.endswith("week-28-2024.md")
    with pytest.raises(UserError, match="published already"):
        desk.act("publish", {})


def test_without_a_draft_the_command_says_so_in_a_sentence(tmp_path: Path, site: Settings) -> None:
    assert str(weeks.drafted_week(site, "")) == "2024-W28"
    with pytest.raises(UserError, match="run 'weeklyai draft --week 2024-W27'"):
        weeks.drafted_week(site, "2024-W27")
    for path in (site.folder / "_drafts").glob("week-*"):
        path.unlink()
    with pytest.raises(UserError, match="run 'weeklyai draft'"):
        weeks.drafted_week(site, "")
    done = CliRunner().invoke(program, ["--site", str(site.folder), "review"])
    assert isinstance(done.exception, UserError)


def test_the_help_shows_examples() -> None:
    done = CliRunner().invoke(program, ["review", "--help"])
    assert "weeklyai review --week 2024-W29 --port 0" in done.output
    assert "--export-pairs" in done.output


def test_the_closing_line_counts_the_takes_that_an_editor_wrote(desk: ReviewDesk, site: Settings) -> None:  # fmt: skip
    issue = desk.look().issue
    assert issue
    assert "by an editor" not in issue.closing
    edit(desk, keys(desk)[0], "Open-source software runs the harbour cranes.")

    wanted = "mistakes may remain. 1 of the 4 takes is by an editor, without that check."
    shown = desk.look().issue
    assert shown
    assert shown.closing.endswith(wanted)
    assert "without that check" in desk.mail()[1].replace("\n", " ")
    assert "by an editor" not in draft_text(site)
    desk.act("publish", {})
    (published,) = (site.folder / "_posts").glob("*.md")
    assert wanted in published.read_text()


def test_a_closing_line_is_counted_anew_and_without_a_check_promises_none() -> None:
    once = compose.closing("A model wrote this.", 2, 10)
    assert once == "A model wrote this. 2 of the 10 takes are by an editor."
    assert compose.closing(once, 3, 9) == "A model wrote this. 3 of the 9 takes are by an editor."
    assert compose.closing(once, 0, 9) == "A model wrote this."


def test_other_takes_and_other_stories_are_worked_out_once(desk: ReviewDesk, site: Settings, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    key = keys(desk)[0]
    choices, rejects = desk.choices(key), desk.rejects()
    monkeypatch.setattr(desk.newsroom, "maker", None)
    monkeypatch.setattr(desk.newsroom, "_rank", None)

    assert desk.choices(key) == choices
    assert desk.rejects() == rejects
    monkeypatch.undo()
    with Archive(site.archive) as archive:
        archive.add([story_item(41)], NOW)
    assert len(desk.rejects()) == len(rejects) + 1


def test_half_a_surrogate_pair_is_refused_with_a_sentence(desk: ReviewDesk) -> None:
    with serving(desk) as server:
        status, _, text = Client(server).ask("jot", '{"name": "title", "text": "\\ud800", "was": ""}')  # fmt: skip
    assert status == 400
    assert "JSON" in text
