"""Promises of an issue's feature: the editor's file wins, else the archive carries one, else the issue goes without and says why."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.drafting.test_article import archive as passages_on_retrieval
from tests.feeds import server
from weeklyai import config, featuring, files, subjects
from weeklyai.cli import program
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.errors import UserError
from weeklyai.feeds.archive import Archive
from weeklyai.publish import inline, parse, templates
from weeklyai.publish import post as post_of
from weeklyai.records import Issue, NewsItem, Paragraph, Span

WEEK = Week(2024, 29)
TOPIC = "Retrieval-Augmented Generation"
OWN = """## Caches

{tldr}__Introduction__

A cache keeps answers near the asker so that the same question is not worked out twice. Memory is spent so that time is saved.

__How It Works__

Every cache throws its oldest or least wanted entries away once its memory is full. The choice of what goes decides how good it is.

__Conclusion__

Caches pay where questions repeat often and answers change seldom in the course of a day.
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    text = '[site]\ntitle = "T"\nurl = "https://t.example"\ndesk_url = "https://t.example/about"\n[feeds]\ncheck_links = false\n'
    (tmp_path / "weeklyai.toml").write_text(text, encoding="utf-8")
    (tmp_path / "features").mkdir()
    return config.load(tmp_path)


@pytest.fixture
def filled(settings: Settings) -> Settings:
    with Archive(settings.archive) as archive:
        archive.add(passages_on_retrieval(each=14), datetime(2024, 7, 1, tzinfo=UTC))
    return settings


def feature_of(settings: Settings, topic: str = "", week: Week = WEEK) -> featuring.Featured:
    with Archive(settings.archive) as archive:
        return featuring.feature_of(settings, week, archive, topic)


def issue(made: featuring.Featured) -> Issue:
    moment = datetime(2024, 7, 19, 20, tzinfo=UTC)
    news = tuple(
        NewsItem(f"Item {n}", f"https://n.example/{n}", "Desk", "https://n.example", "A take.")
        for n in range(2)
    )
    return Issue(WEEK, TOPIC, moment, "", "", made.feature, "Pulse:", "Intro.", news, "")


def test_a_source_whose_page_is_gone_lends_the_article_nothing(settings: Settings) -> None:
    made = passages_on_retrieval(each=14)
    alive = {f"/{n}": server.page(b"<p>Page.</p>") for n in range(len(made)) if n % 9}
    with server.serve(alive) as site:
        items = [
            replace(item, url=site.url(f"/{n}"), feed_url=site.url("/feed"))
            for n, item in enumerate(made)
        ]
        with Archive(settings.archive) as archive:
            archive.add(items, datetime(2024, 7, 1, tzinfo=UTC))
        looked_at = replace(settings, feeds=config.Feeds(allow_private=True, deadline_seconds=5))
        found = feature_of(looked_at, TOPIC)
        asked = {path for path, _ in site.requests}

    assert found.feature, found.notes
    used = {one["url"].removeprefix(site.url("")) for one in found.record["sentences"]}
    assert used <= set(alive)
    assert used <= asked
    assert asked - set(alive)


def test_the_editors_file_wins_over_a_topic_asked_for(filled: Settings) -> None:
    text = OWN.format(tldr="**TL;DR:**\n\nCaches trade memory for time.\n\n")
    (filled.folder / "features" / f"{WEEK}.md").write_text(text, encoding="utf-8")
    made = feature_of(filled, TOPIC)
    assert made.feature == parse.parse_feature(text, "x")
    assert made.record["origin"] == "file"
    assert any("--topic was not looked at" in note for note in made.notes)


def test_a_file_without_a_tldr_gets_one_from_its_own_sentences(settings: Settings) -> None:
    (settings.folder / "features" / f"{WEEK}.md").write_text(OWN.format(tldr=""), encoding="utf-8")
    made = feature_of(settings)
    assert made.feature
    said = inline.text_of(made.feature.tldr)
    assert all(sentence in OWN and sentence in said for sentence in made.record["tldr"])
    assert any("has no TL;DR" in note for note in made.notes)


def test_a_topic_asked_for_becomes_an_article_that_says_who_made_it(filled: Settings) -> None:
    made = feature_of(filled, TOPIC)
    assert made.feature, made.notes
    last = made.feature.sections[-1].blocks[-1]
    assert isinstance(last, Paragraph)
    assert featuring.SIGN in last.text[0].text
    assert made.record["origin"] == "drafted"
    assert all(one["url"] and one["source_text"] and one["gates"] for one in made.record["sentences"])  # fmt: skip
    assert len({one["section"] for one in made.record["sentences"]}) >= 5


def test_an_archive_that_cannot_carry_an_article_is_told_of_by_section(settings: Settings) -> None:
    with Archive(settings.archive) as archive:
        archive.add(passages_on_retrieval(each=2), datetime(2024, 7, 1, tzinfo=UTC))
    made = feature_of(settings, TOPIC)
    assert made.feature is None
    assert made.facts() == {"feature": "none"}
    assert "words by section: TL;DR" in made.notes[0]
    assert "definition 2" in made.notes[0]


def test_the_next_file_of_the_calendar_stands_in_where_the_settings_say_so(settings: Settings) -> None:  # fmt: skip
    text = OWN.format(tldr="**TL;DR:**\n\nCaches trade memory for time.\n\n")
    for name in ("2024-W28.md", "2024-W31.md", "2024-W40.md"):
        (settings.folder / "features" / name).write_text(text, encoding="utf-8")
    allowed = replace(settings, feature=config.Article(use_next=True))
    assert feature_of(settings).feature is None
    assert feature_of(allowed).record["file"] == "2024-W31.md"


def test_nothing_is_drafted_where_the_settings_forbid_it(filled: Settings) -> None:
    silent = replace(filled, feature=config.Article(draft=False))
    assert feature_of(silent) == featuring.Featured()


def test_items_from_after_the_issue_are_not_known_to_it(filled: Settings) -> None:
    early = Week(2023, 10)
    with Archive(filled.archive) as archive:
        assert subjects.look_up(archive, filled, early, TOPIC).items == 0
        assert subjects.look_up(archive, filled, WEEK, TOPIC).items > 60


def test_a_topic_without_letters_is_refused(settings: Settings) -> None:
    with pytest.raises(UserError, match="name it with letters"):
        feature_of(settings, "?!")


def test_an_editors_changes_to_a_drafted_article_are_noted(filled: Settings) -> None:
    made = feature_of(filled, TOPIC)
    assert made.feature
    assert featuring.edits({"feature": made.record}, issue(made)) == []
    assert made.record["edited"] is False
    first, *rest = made.feature.sections
    own = replace(first, blocks=(Paragraph((Span("This whole paragraph was written by hand."),)),))
    changed = replace(made, feature=replace(made.feature, sections=(own, *rest)))
    lines = featuring.edits({"feature": made.record}, issue(changed))
    assert lines == ["the feature says without evidence: This whole paragraph was written by hand."]
    assert made.record["dropped"]


def test_the_command_lists_topics_with_what_the_archive_holds(filled: Settings) -> None:
    found = CliRunner().invoke(
        program, ["--site", str(filled.folder), "topics", TOPIC, "--week", str(WEEK), "--json"]
    )
    (row,) = json.loads(found.output)
    assert row["topic"] == TOPIC
    assert (row["short"], row["items"]) == ("RAG", 70)
    assert min(row[part] for part in ("definition", "mechanism", "use", "limit")) > 0


def test_a_theme_of_the_week_is_drafted_and_not_again_within_half_a_year(filled: Settings) -> None:
    start = datetime(2024, 7, 15, tzinfo=UTC)
    fresh = [
        replace(item, id=f"f{n:015x}", url=f"https://b.example/{n}", published=start + timedelta(hours=n),
                title=f"Vendor{n} ships retrieval-augmented generation")
        for n, item in enumerate(passages_on_retrieval(("use",), each=5))
    ]  # fmt: skip
    with Archive(filled.archive) as archive:
        archive.add(fresh, start)
    made = feature_of(filled)
    assert made.feature, made.notes
    assert made.feature.topic == TOPIC
    assert made.record["theme"]["items"] >= 5
    post = issue(made)
    view = templates.environment(filled.folder)
    name = filled.folder / "_posts" / "2024-07-12-week-28-2024.md"
    text = post_of.render(replace(post, week=Week(2024, 28), topic=TOPIC), view)
    files.write_text(name, text)
    assert feature_of(filled).feature is None
    assert feature_of(filled, TOPIC).feature
