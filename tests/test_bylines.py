"""Promises about names over takes: proposed by topic, signed by the desk until approved."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import make_item
from tests.review.place import TEAM, WEEK, draft_text, make_site, rewrite, story_item
from tests.site import NOW
from tests.test_cli import weeklyai
from weeklyai import reviewing, weekly
from weeklyai.config import Member, Settings
from weeklyai.drafting.writer import NoWriter
from weeklyai.errors import UserError
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.identity import identity
from weeklyai.places import Places
from weeklyai.records import Blurb, Story
from weeklyai.signing import proposed
from weeklyai.watch import Nobody, Watcher

ADA = Member(name="Ada Lovelace", url="https://people.example/ada", topics=("chips", "compilers"))
BOB = Member(name="Bob Noyce", url="https://people.example/bob", topics=("chip", "browsers"))


def blurb(title: str) -> Blurb:
    return Blurb(Story(make_item(1, title=title), (), 1.0, ("on topic",)), ())


def reasons(*titles: str, team: tuple[Member, ...] = (ADA, BOB)) -> list[str]:
    return [one.story.reasons[-1] for one in proposed(team, [blurb(title) for title in titles])]


def test_a_story_is_proposed_to_the_member_whose_topic_it_is() -> None:
    assert reasons("A new compiler for Karst", "Two browsers merge", "A village fair") == [
        "proposed to Ada Lovelace (compilers)",
        "proposed to Bob Noyce (browsers)",
        "on topic",
    ]


def test_members_with_one_topic_take_turns() -> None:
    assert reasons("Karst sells a chip", "Tern sells a chip") == [
        "proposed to Ada Lovelace (chips)",
        "proposed to Bob Noyce (chip)",
    ]


def test_a_topic_is_a_whole_word_and_an_empty_one_fits_nothing() -> None:
    odd = Member(name="Odd", url="https://people.example/odd", topics=("", "  ", "art", "c++"))
    assert reasons("Karst restarts its chip plant", team=(odd,)) == ["on topic"]
    assert reasons("A parser in C++ for Karst", team=(odd,)) == ["proposed to Odd (c++)"]
    assert reasons("Karst restarts", team=()) == ["on topic"]


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return make_site(tmp_path / "site", 4, more=TEAM + 'topics = ["software"]\n')


def test_a_proposal_stands_in_the_evidence_and_the_desk_signs(site: Settings) -> None:
    record = json.loads(Places(site, WEEK).draft_record.read_text())
    meant = {item["headline"]: item["reasons"][-1] for item in record["items"]}
    fitting = [title for title, why in meant.items() if why.startswith("proposed to Ada Lovelace")]
    assert fitting == [title for title in meant if "software" in title] != []
    assert {item["byline"] for item in record["items"]} == {site.site.desk_name}
    assert "Ada Lovelace" not in draft_text(site)


def test_approving_needs_no_week_while_a_draft_lies_there(site: Settings) -> None:
    rewrite(site, f"[{site.site.desk_name}]({site.site.desk_url})", "[Ada Lovelace](https://people.example/ada)")  # fmt: skip
    with pytest.raises(UserError, match="has not approved this text"):
        weekly.publish(site, WEEK, Nobody())
    done = weeklyai("draft", "--approve", "Ada Lovelace", site=site.folder)
    assert (done.returncode, done.stdout.count("Ada Lovelace approved: ")) == (0, 4), done.stderr


# --- a story by its address ---------------------------------------------------------------------------------------


@pytest.fixture
def unmodelled(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_model(_: Settings, __: Watcher) -> NoWriter:
        return NoWriter()

    monkeypatch.setattr(reviewing, "load_writer", no_model)


def test_a_story_of_the_archive_is_added_with_its_evidence_and_kept(
    site: Settings, unmodelled: None
) -> None:
    late = story_item(12)
    late = replace(late, id=identity(str(late.url), "", "", None, ""))
    with Archive(site.archive) as archive:
        archive.add([late], NOW)
    assert late.title in reviewing.add_by_address(site, WEEK, str(late.url))

    (entry,) = [one for one in json.loads(Places(site, WEEK).draft_record.read_text())["items"] if one["url"] == late.url]  # fmt: skip
    assert entry["sentences"]
    assert entry["byline"] == site.site.desk_name
    assert late.title in draft_text(site)
    with pytest.raises(UserError, match="already"):
        reviewing.add_by_address(site, WEEK, str(late.url))
    with pytest.raises(UserError, match="edited since"):  # drafting anew would lose it
        weekly.draft(site, WEEK, Nobody())


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("ftp://x.example/a", "is no address"),
        ("not an address", "is no address"),
        ("https://not an address", "is no address"),
        ("http://127.0.0.1:1/x", "cannot be read"),
    ],
)
def test_what_cannot_be_added_is_one_sentence(site: Settings, address: str, sentence: str) -> None:
    before = draft_text(site)
    done = weeklyai("draft", "--add", address, site=site.folder)
    assert done.returncode == 2
    assert sentence in done.stderr or "trafilatura" in done.stderr
    assert "Traceback" not in done.stderr
    assert draft_text(site) == before


def test_nothing_is_added_where_there_is_no_draft(tmp_path: Path) -> None:
    weeklyai("init", str(tmp_path))
    done = weeklyai("draft", "--add", "https://x.example/a", site=tmp_path)
    assert (done.returncode, "there is no draft" in done.stderr) == (2, True), done.stderr
