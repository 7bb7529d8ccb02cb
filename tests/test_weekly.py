"""Promises of the weekly build: whole, repeatable, safe to kill, and nothing published that nobody approved."""

import multiprocessing
import os
import signal
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import torch

from tests.feeds import server
from tests.site import NOW, WEEK, small_site, snapshot
from weeklyai import config, files, signing, weekly, weeks
from weeklyai.dates import Week
from weeklyai.errors import UserError, WeeklyError
from weeklyai.feeds.archive import Archive
from weeklyai.places import Places
from weeklyai.publish import parse
from weeklyai.records import FeedItem
from weeklyai.watch import Nobody

ADA = '\n[[team]]\nname = "Ada Brown"\nurl = "https://small.example/ada"\ntopics = ["compilers"]\n'


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


class Listener(Nobody):
    """A watcher that remembers what it was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.stages: list[str] = []

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)

    def stage(self, name: str) -> None:
        self.stages.append(name)


def build(settings: config.Settings, **options: bool) -> weekly.Outcome:
    """Build the small site's week."""
    return weekly.build(settings, WEEK, NOW, Nobody(), **options)


def test_one_build_publishes_a_week(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, _):
        outcome = build(settings)

    issue = parse.parse(outcome.post.read_text(encoding="utf-8"))
    record = files.read_json(tmp_path / "evidence" / f"{outcome.post.stem}.json")
    assert outcome.post.name == "2024-07-12-week-28-2024.md"
    assert issue.date.isoformat() == "2024-07-12T20:00:00+07:00"
    assert len(issue.news) >= settings.post.min_stories
    assert {item.person for item in issue.news} == {"The news desk"}
    assert "model" in issue.drafted_by
    assert "language model" in issue.closing
    assert [item["take"] for item in record["items"]] == [item.take for item in issue.news]
    assert all(
        sentence["source_text"] for item in record["items"] for sentence in item["sentences"]
    )
    assert outcome.preview.read_text(encoding="utf-8").count("<html") == 1
    assert not list((tmp_path / "_drafts").glob("*.md"))
    assert list(outcome.seconds) == ["fetch", "train", "draft", "publish"]


def test_two_builds_of_one_snapshot_are_equal_to_the_byte(tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        with small_site(tmp_path / name) as (settings, _):
            build(settings)
        made.append(snapshot(tmp_path / name))

    assert made[0] == made[1]


def test_a_second_build_changes_nothing_and_a_rebuild_makes_the_same(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, site):
        build(settings)
        before, asked = snapshot(tmp_path), len(site.requests)

        again = build(settings)
        assert not again.changed
        assert len(site.requests) == asked
        assert snapshot(tmp_path) == before

        assert build(settings, rebuild=True).changed
        assert snapshot(tmp_path) == before


def test_all_feeds_failing_writes_no_post_and_leaves_last_weeks(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, site):
        weekly.build(settings, "2024-W27", NOW, Nobody())
        before = snapshot(tmp_path)
        site.scripts.update(dict.fromkeys(site.scripts, server.status(500)))

        with pytest.raises(WeeklyError, match=r"all 4 feeds failed .* no post was written"):
            build(settings)

    assert snapshot(tmp_path) == before


def test_one_dead_feed_does_not_stop_the_issue(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, site):
        site.scripts["/2"] = server.status(404)
        outcome = build(settings)

    assert outcome.facts["feeds"] == "4 (1 failed)"


def _build_in_child(folder: str) -> None:
    torch.set_num_threads(1)
    build(config.load(Path(folder)))


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.3, 0.8, 1.3, 1.8])
def test_a_build_killed_at_any_moment_is_completed_by_the_next(
    tmp_path: Path, after: float
) -> None:
    with small_site(tmp_path / "whole") as (settings, _):
        build(settings)
    with small_site(tmp_path / "killed") as (settings, _):
        child = multiprocessing.get_context("fork").Process(
            target=_build_in_child, args=(str(settings.folder),)
        )
        child.start()
        time.sleep(after)
        if child.pid and child.is_alive():
            os.kill(child.pid, signal.SIGKILL)
        child.join()
        build(settings)

    assert snapshot(tmp_path / "killed") == snapshot(tmp_path / "whole")


@pytest.mark.parametrize("stage", ["train", "draft", "publish"])
def test_a_build_that_dies_between_stages_is_completed_by_the_next(
    tmp_path: Path, stage: str
) -> None:
    class Killer(Nobody):
        def stage(self, name: str) -> None:
            if name == stage:
                raise KeyboardInterrupt

    with small_site(tmp_path / "whole") as (settings, _):
        build(settings)
    with small_site(tmp_path / "killed") as (settings, _):
        with pytest.raises(KeyboardInterrupt):
            weekly.build(settings, WEEK, NOW, Killer())
        build(settings)

    assert snapshot(tmp_path / "killed") == snapshot(tmp_path / "whole")


def drafted(settings: config.Settings) -> Places:
    """Fetch and draft the small site's week without a model."""
    weekly.fetch(settings, NOW, Nobody())
    weekly.draft(settings, Week.parse(WEEK), Nobody())
    return Places(settings, Week.parse(WEEK))


def sign(places: Places, name: str, url: str, take: str) -> None:
    """Put the first take of a draft under a name, with a text of its own."""
    text = places.draft.read_text(encoding="utf-8")
    before, _, rest = text.partition("[The news desk](")
    places.draft.write_text(
        f'{before}[{name}]({url}): "{take}"\n{rest[rest.index(chr(10)) :]}', encoding="utf-8"
    )


def test_an_edited_draft_is_not_drafted_over(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, _):
        places = drafted(settings)
        places.draft.write_text(places.draft.read_text().replace("Small", "Small"))
        weekly.draft(settings, places.week, Nobody())  # unchanged: drafted anew
        text = places.draft.read_text().replace("picks the week", "chooses the week")
        places.draft.write_text(text)

        with pytest.raises(UserError, match="was edited since it was drafted"):
            weekly.draft(settings, places.week, Nobody())
        outcome = build(settings)

    assert "chooses the week" in outcome.post.read_text()


def test_a_persons_take_needs_that_persons_approval_of_that_text(tmp_path: Path) -> None:
    take = "I tried it on an old telephone, and it works."
    with small_site(tmp_path, more=ADA) as (settings, _):
        places = drafted(settings)
        sign(places, "Ada Brown", "https://small.example/ada", take)

        with pytest.raises(UserError, match="Ada Brown has not approved this text"):
            weekly.publish(settings, places.week, Nobody())
        signing.approve(settings, places.week, "Ada Brown", NOW)
        text = places.draft.read_text()
        places.draft.write_text(text.replace("it works", "it fails"))
        with pytest.raises(UserError, match="has not approved this text"):
            weekly.publish(settings, places.week, Nobody())
        places.draft.write_text(text)
        outcome = weekly.publish(settings, places.week, Nobody())

    (approval,) = files.read_json(places.record(outcome.post))["approvals"]
    assert f'[Ada Brown](https://small.example/ada): "{take}"' in outcome.post.read_text()
    assert (approval["person"], approval["when"], approval["text"]) == (
        "Ada Brown",
        NOW.isoformat(),
        take,
    )


def test_a_stranger_can_neither_sign_nor_approve(tmp_path: Path) -> None:
    with small_site(tmp_path, more=ADA) as (settings, _):
        places = drafted(settings)
        with pytest.raises(UserError, match=r"no take in .* stands under the name of Ada Brown"):
            signing.approve(settings, places.week, "Ada Brown", NOW)
        sign(places, "Bob Grey", "https://small.example/bob", "Nothing to say.")
        with pytest.raises(
            UserError, match=r"signed by Bob Grey .* neither the desk nor in \[\[team\]\]"
        ):
            weekly.publish(settings, places.week, Nobody())
        with pytest.raises(UserError, match=r"'Bob Grey' is not in the \[\[team\]\]"):
            signing.approve(settings, places.week, "Bob Grey", NOW)


def test_an_edit_that_says_more_than_its_source_is_pointed_out(tmp_path: Path) -> None:
    listener = Listener()
    with small_site(tmp_path) as (settings, _):
        places = drafted(settings)
        sign(
            places,
            "The news desk",
            "https://small.example/about/",
            "Bought by Microsoft for 700 dollars.",
        )
        weekly.publish(settings, places.week, listener)

    (note,) = listener.notes
    assert "says what its source does not" in note
    assert "Microsoft" in note
    assert "700" in note


@pytest.mark.parametrize(
    ("week", "message"),
    [
        ("2024-W29", "lies ahead of the clock .* allow it with --ahead"),
        (
            "2020-W02",
            r"2020-W02 has 0 stories that can be published, of 0 items between 2020-01-03",
        ),
        ("2024-W99", "is not an ISO week"),
    ],
)
def test_a_week_that_cannot_be_built_is_one_sentence(
    tmp_path: Path, week: str, message: str
) -> None:
    with small_site(tmp_path) as (settings, _):
        weekly.fetch(settings, NOW, Nobody())
        with pytest.raises(UserError, match=message):
            weekly.draft(settings, weeks.resolve_week(settings, week, NOW), Nobody())


def test_the_latest_week_is_the_newest_with_enough_news(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, _):
        with pytest.raises(UserError, match="no week in the archive has 4 stories"):
            weeks.resolve_week(settings, "latest", NOW)
        weekly.fetch(settings, NOW, Nobody())

        assert str(weeks.resolve_week(settings, "latest", NOW)) == WEEK
        assert str(weeks.resolve_week(settings, "current", NOW)) == WEEK
        assert str(weeks.resolve_week(settings, "2024-W40", NOW, ahead=True)) == "2024-W40"


def test_publishing_without_a_draft_says_what_to_run(tmp_path: Path) -> None:
    with (
        small_site(tmp_path) as (settings, _),
        pytest.raises(UserError, match="weeklyai draft --week 2024-W28"),
    ):
        weekly.publish(settings, Week.parse(WEEK), Nobody())


def test_the_editors_feature_heads_the_issue(tmp_path: Path) -> None:
    feature = (
        "## Small Compilers\n\n**TL;DR:**\n\nThey are small.\n\n__Introduction__\n\nOnce.\n\n__How__\n\nThus.\n\n"
        "__Conclusion__\n\nSo.\n"
    )
    with small_site(tmp_path) as (settings, _):
        (tmp_path / "features" / f"{WEEK}-compilers.md").write_text(feature)
        weekly.fetch(settings, NOW, Nobody())
        weekly.draft(settings, Week.parse(WEEK), Nobody())

    assert (
        'title:  "Week #28 2024 - Small Compilers"'
        in (tmp_path / "_drafts" / "week-28-2024.md").read_text()
    )


def test_a_misspelt_name_in_a_template_keeps_the_old_draft(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, _):
        places = drafted(settings)
        before = places.draft.read_bytes()
        (tmp_path / "templates" / "post.md.j2").write_text("{{ front_matter }}\n{{ isue.topic }}\n")

        with pytest.raises(UserError, match=r"post\.md\.j2, line 2: 'isue' is undefined"):
            weekly.draft(settings, places.week, Nobody())

    assert places.draft.read_bytes() == before


def test_a_rebuild_never_loses_what_a_person_wrote(tmp_path: Path) -> None:
    with small_site(tmp_path, more=ADA) as (settings, _):
        places = drafted(settings)
        sign(places, "Ada Brown", "https://small.example/ada", "I tried it.")
        signing.approve(settings, places.week, "Ada Brown", NOW)
        weekly.publish(settings, places.week, Nobody())
        before = snapshot(tmp_path)

        with pytest.raises(UserError, match="a rebuild would lose them"):
            build(settings, rebuild=True)

    assert snapshot(tmp_path) == before


def test_a_week_without_news_costs_no_training(tmp_path: Path) -> None:
    listener = Listener()
    with small_site(tmp_path) as (settings, _), pytest.raises(UserError, match="has 0 stories"):
        weekly.build(settings, "2020-W02", NOW, listener)

    assert listener.stages == ["fetch"]


def test_a_feature_that_came_after_the_draft_is_not_lost_in_silence(tmp_path: Path) -> None:
    feature = "## Small\n\n**TL;DR:**\n\nA.\n\n__Introduction__\n\nB.\n\n__How__\n\nC.\n\n__Conclusion__\n\nD.\n"
    with small_site(tmp_path) as (settings, _):
        places = drafted(settings)
        (tmp_path / "features" / f"{WEEK}.md").write_text(feature)

        with pytest.raises(UserError, match="the draft was made before it"):
            weekly.publish(settings, places.week, Nobody())


# --- a story is told once -----------------------------------------------------------------------------------------

BEFORE = Week.parse("2024-W27")
THIS = Week.parse(WEEK)
SEQUEL = (
    "A court in Lyon stopped the sale of the software on Monday after a complaint by Veltraum GmbH. The judge, Irene Faber, "
    "set a fine of 900 euros a day. Lawyers for both sides will meet again in October, the court said. Nobody expects a deal."
)


def told(settings: config.Settings) -> FeedItem:
    """Publish the week before without a model and return the item of its first story."""
    weekly.fetch(settings, NOW, Nobody())
    weekly.draft(settings, BEFORE, Nobody())
    post = weekly.publish(settings, BEFORE, Nobody()).post
    first = files.read_json(Places(settings, BEFORE).record(post))["items"][0]["item"]
    with Archive(settings.archive) as archive:
        return next(item for item in archive.all_items(NOW) if item.id == first)


def again(settings: config.Settings, item: FeedItem, **changes: object) -> FeedItem:
    """Put a copy of `item` by another publisher, a week later, into the archive."""
    values: dict[str, object] = {
        "id": "c0ffee" + "0" * 10, "source": "Second Hand", "url": "https://second.example/hand",
        "published": item.published + timedelta(days=7), **changes,
    }  # fmt: skip
    copy = replace(item, **values)  # type: ignore[arg-type]
    with Archive(settings.archive) as archive:
        archive.add([copy], NOW)
    return copy


def news(settings: config.Settings, week: Week = THIS) -> weeks.News:
    with Archive(settings.archive) as archive:
        return weeks.news_of(archive, settings, week)


def test_a_story_that_was_told_does_not_come_back(tmp_path: Path) -> None:
    listener = Listener()
    with small_site(tmp_path) as (settings, _):
        copy = again(settings, old := told(settings), title=f"{told_title(settings)} - Second Hand")
        weekly.draft(settings, THIS, listener)
        record = files.read_json(Places(settings, THIS).draft_record)

    assert f"published in {BEFORE} already: {copy.title}" in listener.notes
    assert copy.url not in {item["url"] for item in record["items"]}
    assert old.id not in {item["item"] for item in record["items"]}


def told_title(settings: config.Settings) -> str:
    (path,) = (settings.folder / "evidence").glob("*.json")
    return str(files.read_json(path)["items"][0]["headline"])


@pytest.mark.parametrize(
    ("title", "more", "is_update"),
    [
        ("{}", "", False),
        ("{} (Wire)", " The text ran in our evening edition.", False),
        ("Update: {}", "", True),
        ("{} [Corrected]", "", True),
        ("{}", f"\n\n{SEQUEL}", True),
    ],
)
def test_a_told_story_comes_back_only_where_it_has_changed(
    tmp_path: Path, title: str, more: str, is_update: bool
) -> None:
    with small_site(tmp_path) as (settings, _):
        old = told(settings)
        copy = again(settings, old, title=title.format(old.title), body=old.body + more)
        found = news(settings)
        # The tenth and last story of an issue is not promised to it, so there is room for all.
        wide = replace(settings, post=replace(settings.post, max_stories=40, max_per_source=40))
        weekly.draft(wide, THIS, Nobody())
        stories = files.read_json(Places(settings, THIS).draft_record)["items"]

    reasons = [
        item["reasons"]
        for item in stories
        if copy.url in {item["url"], *(one["url"] for one in item["also_reported_by"])}
    ]
    assert (copy.id in found.updates) == is_update
    assert (copy in [item for item, _ in found.told]) != is_update
    assert ([f"update of a story in {BEFORE}" in one for one in reasons] == [True]) == is_update


def test_a_second_copy_of_an_update_that_was_told_does_not_come_back(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, _):
        old = told(settings)
        (path,) = (tmp_path / "evidence").glob("*.json")
        record = files.read_json(path)
        record["items"][0]["headline"] = f"Update: {old.title}"
        files.write_json(path, record)
        copy = again(settings, old, title=f"Update: {old.title}")

        assert copy in [item for item, _ in news(settings).told]


def test_an_issue_is_hindered_neither_by_itself_nor_by_later_ones(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, _):
        old = told(settings)
        again(settings, old, title=f"Update: {old.title}")
        weekly.draft(settings, THIS, Nobody())
        weekly.publish(settings, THIS, Nobody())
        before = snapshot(tmp_path)
        for week in (BEFORE, THIS):
            weekly.draft(settings, week, Nobody())
            weekly.publish(settings, week, Nobody(), rebuild=True)

        assert news(settings, BEFORE).told == []
        assert snapshot(tmp_path) == before


def test_only_the_last_eight_issues_are_looked_at(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, _):
        copy = again(settings, told(settings))
        (evidence,) = (tmp_path / "evidence").glob("*.json")
        (post,) = (tmp_path / "_posts").glob("*.md")
        found = []
        for number in range(26, 17, -1):
            later = f"2024-01-01-week-{number}-2024"
            found.append([item for item, _ in news(settings).told])
            post = post.rename(post.with_name(f"{later}.md"))
            evidence = evidence.rename(evidence.with_name(f"{later}.json"))
            (tmp_path / "_posts" / f"2024-01-01-week-{number + 1}-2024.md").touch()

        assert found == [[copy]] * 8 + [[]]


def test_a_story_added_by_hand_is_known_by_its_take(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, _):
        old = told(settings)
        (path,) = (tmp_path / "evidence").glob("*.json")
        record = files.read_json(path)
        record["items"] = [{"headline": old.title, "url": old.url, "byline": "", "take": old.body, "edited": True, "sentences": []}]  # fmt: skip
        files.write_json(path, record)

        assert [again(settings, old)] == [item for item, _ in news(settings).told]


def test_broken_evidence_of_an_earlier_issue_is_one_sentence(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, _):
        told(settings)
        (path,) = (tmp_path / "evidence").glob("*.json")
        for broken in ("{", "[]", '{"items": [{}]}'):
            path.write_text(broken)
            with pytest.raises(UserError, match=r"the evidence .* cannot be read"):
                news(settings)
        path.unlink()
        assert news(settings).told == []
