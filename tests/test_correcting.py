"""Promises of a correction: dated and kept on record, under the same address, safe to kill, and approved like any text."""

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.site import NOW, WEEK, small_site, snapshot
from tests.test_weekly import ADA, drafted, sign
from weeklyai import config, correcting, files, signing, weekly
from weeklyai.dates import Week
from weeklyai.errors import UserError
from weeklyai.places import Places, sha256
from weeklyai.publish import parse
from weeklyai.watch import Nobody

LATER = datetime(2024, 7, 21, 18, tzinfo=UTC)  # the 22nd in the site's zone
NOTE = "Nimbus needed 4 months"
PRINTED = "Corrected on 22 July 2024: Nimbus needed 4 months."


@contextmanager
def published(folder: Path, *, more: str = "") -> Iterator[Places]:
    """A site whose week is published."""
    with small_site(folder, more=more) as (settings, _):
        places = drafted(settings)
        weekly.publish(settings, places.week, Nobody())
        yield places


def correct(places: Places, note: str = NOTE) -> None:
    correcting.correct(places.settings, places.week, note, LATER)


def publish(places: Places) -> weekly.Outcome:
    """Publish as the command does."""
    ready = correcting.ready(places.settings, places.week)
    return weekly.publish(places.settings, places.week, Nobody(), rebuild=ready)


def edit(places: Places, old: str, new: str) -> None:
    text = places.draft.read_text(encoding="utf-8")
    assert old in text or new in text
    places.draft.write_text(text.replace(old, new), encoding="utf-8")


def post_of(places: Places) -> Path:
    assert places.post
    return places.post


def test_a_corrected_post_stands_under_the_same_address_with_a_dated_note(tmp_path: Path) -> None:
    with published(tmp_path) as places:
        path, before = post_of(places), post_of(places).read_text()
        correct(places)
        assert path.read_text() == before  # online until the corrected one replaces it
        edit(places, "picks the week", "chooses the week")
        outcome = publish(places)

    text = path.read_text()
    assert outcome.post == path
    assert outcome.changed
    assert "chooses the week" in text
    assert text.index(f"\n*{PRINTED}*\n") < text.index("\n*The news blurbs were drafted")
    assert parse.parse(text).corrections == (PRINTED,)
    assert PRINTED in outcome.preview.read_text()
    assert not list((tmp_path / "_drafts").glob("week*"))
    assert len(list((tmp_path / "_posts").glob("*.md"))) == 1


def test_the_evidence_keeps_both_versions(tmp_path: Path) -> None:
    with published(tmp_path) as places:
        before = post_of(places).read_text()
        old = parse.parse(before).news[0]
        correct(places)
        edit(places, old.take, "The company needed 4 months.")
        publish(places)
        record = files.read_json(places.record(post_of(places)))

    (entry,) = record["corrections"]
    assert (entry["when"], entry["note"]) == (LATER.isoformat(), PRINTED)
    assert entry["post_sha256"] == sha256(before)
    assert entry["items"][0]["take"] == old.take
    assert record["items"][0]["take"] == "The company needed 4 months."
    assert record["items"][0]["edited"]


def test_a_second_correction_stands_below_the_first(tmp_path: Path) -> None:
    with published(tmp_path) as places:
        correct(places)
        # An item added by hand has no source in the archive; it must not stand in the way of the next correction.
        own = '![memo](/assets/images/memo16.png) *[Ours](https://own.example/)*\n\n[The news desk](https://small.example/about/): "Hm."\n\n'
        edit(places, f"*{PRINTED}*", f"{own}*{PRINTED}*")
        publish(places)
        correct(places, "It was 5!")
        publish(places)
        record = files.read_json(places.record(post_of(places)))
        issue = parse.parse(post_of(places).read_text())

    assert issue.corrections == (PRINTED, "Corrected on 22 July 2024: It was 5!")
    assert issue.news[-1].headline == "Ours"
    assert [entry["note"] for entry in record["corrections"]] == list(issue.corrections)


def test_while_it_is_open_another_note_replaces_the_first_and_edits_stay(tmp_path: Path) -> None:
    with published(tmp_path) as places:
        correct(places, "Something.")
        edit(places, "picks the week", "chooses the week")
        correct(places)
        once = snapshot(tmp_path)
        correct(places)
        assert snapshot(tmp_path) == once
        publish(places)

    text = post_of(places).read_text()
    assert parse.parse(text).corrections == (PRINTED,)
    assert "chooses the week" in text


def test_an_approval_holds_for_an_unchanged_take_and_is_void_for_a_changed_one(
    tmp_path: Path,
) -> None:
    with small_site(tmp_path, more=ADA) as (settings, _):
        places = drafted(settings)
        sign(places, "Ada Brown", "https://small.example/ada", "I tried it, and it works.")
        signing.approve(settings, places.week, "Ada Brown", NOW)
        weekly.publish(settings, places.week, Nobody())

        correct(places)
        publish(places)
        correct(places, "It fails.")
        edit(places, "and it works", "and it fails")
        before = post_of(places).read_bytes()
        with pytest.raises(UserError, match="Ada Brown has not approved this text"):
            publish(places)
        assert post_of(places).read_bytes() == before
        signing.approve(settings, places.week, "Ada Brown", LATER)
        publish(places)

    assert "and it fails" in post_of(places).read_text()


@pytest.mark.parametrize(
    "note",
    [
        "<script>alert(1)</script> {{ site.title }} {% raw %}",
        "*a* __b__ [c](javascript:d) ![e](f)\n\n---\n## Tech News",
        "x\u202ey | z",
        "ends* with a \\",
    ],
)
def test_a_note_is_text_whatever_it_holds(tmp_path: Path, note: str) -> None:
    with published(tmp_path) as places:
        correct(places, note)
        outcome = publish(places)

    text = outcome.post.read_text()
    issue = parse.parse(text)
    assert len(issue.corrections) == 1
    assert issue.closing
    assert "{{" not in text
    assert "{%" not in text
    assert "<script" not in outcome.preview.read_text()
    assert "\u202e" not in text


def test_an_open_correction_is_neither_drafted_over_nor_published_by_a_build(
    tmp_path: Path,
) -> None:
    with published(tmp_path) as places:
        correct(places)
        before = snapshot(tmp_path)
        with pytest.raises(UserError, match="was edited since it was drafted"):
            weekly.draft(places.settings, places.week, Nobody())
        weekly.build(places.settings, WEEK, NOW, Nobody())

    assert snapshot(tmp_path) == before


def test_what_cannot_be_corrected_is_said_in_one_sentence(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, _):
        places = drafted(settings)
        with pytest.raises(UserError, match="is not published, so there is nothing to correct"):
            correct(places)
        weekly.publish(settings, places.week, Nobody())
        with pytest.raises(UserError, match="note is empty"):
            correct(places, " \u200b\n")
        weekly.draft(settings, places.week, Nobody())
        with pytest.raises(UserError, match="and no correction: publish it with --rebuild"):
            correct(places)
        places.draft.unlink()
        places.record(post_of(places)).unlink()
        with pytest.raises(UserError, match="was not drafted here, so correct it by hand"):
            correct(places)


def test_a_draft_that_lost_its_note_or_its_date_is_not_published(tmp_path: Path) -> None:
    with published(tmp_path) as places:
        correct(places)
        edit(places, f"*{PRINTED}*\n\n", "")
        with pytest.raises(UserError, match="has lost its note"):
            publish(places)
        correct(places)
        edit(places, "date:   2024-07-12", "date:   2024-07-13")
        with pytest.raises(UserError, match="put the date back as it was"):
            publish(places)
        edit(places, "date:   2024-07-13", "date:   2024-07-12")
        publish(places)

    assert parse.parse(post_of(places).read_text()).corrections == (PRINTED,)


def test_a_template_that_prints_no_corrections_is_named(tmp_path: Path) -> None:
    with published(tmp_path) as places:
        template = Path(__file__).parent.parent / "templates" / "post.md.j2"
        own = template.read_text().replace("in issue.corrections %}", "in () %}")
        (tmp_path / "templates" / "post.md.j2").write_text(own)
        with pytest.raises(UserError, match="does not print corrections"):
            correct(places)

    assert not places.draft.exists()


# --- kills --------------------------------------------------------------------------------------------------------


def die_at(step: int, act: Callable[[Places], object], folder: Path) -> None:
    """Run `act` and end the process, without any clean-up, just before the `step`-th rename or removal in the site."""
    left = step

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in ("os.rename", "os.remove") and str(folder) in str(arguments[0]):
            left -= 1
            if left == 0:
                os._exit(9)

    places = Places(config.load(folder), Week.parse(WEEK))
    sys.addaudithook(hook)
    act(places)
    os._exit(0)


def kept(folder: Path) -> dict[str, bytes]:
    """The site's files but what a killed write left beside them."""
    return {name: data for name, data in snapshot(folder).items() if not name.endswith(".new")}


@pytest.mark.parametrize("act", [correct, publish])
def test_a_correction_killed_at_any_step_is_completed_by_the_next_run(
    tmp_path: Path, act: Callable[[Places], object]
) -> None:
    ends, codes = [], []
    for step in range(1, 30):
        with published(tmp_path / str(step)) as places:
            if act is publish:
                correct(places)
            child = multiprocessing.get_context("fork").Process(
                target=die_at, args=(step, act, tmp_path / str(step))
            )
            child.start()
            child.join()
            codes.append(child.exitcode)
            assert places.post
            act(places)
            if act is correct:
                publish(places)
            ends.append(kept(tmp_path / str(step)))
        if codes[-1] == 0:
            break

    assert codes[-1] == 0
    assert len(codes) > 3
    assert all(end == ends[-1] for end in ends)
    assert any(PRINTED.encode() in data for data in ends[-1].values())
