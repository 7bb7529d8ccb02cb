"""What an editor can do to a draft on the review page, one function each; their names are the page's actions.

Each gets the desk and the page's values, changes draft and record through the manuscript, and returns a sentence for the
editor. A change of text says what the page saw (`was`): where the draft says something else by now, the page's version is
kept in a file beside the draft and nothing is written over.
"""

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from weeklyai import parts, weekly
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.drafting import evidence
from weeklyai.errors import UserError
from weeklyai.manuscript import Draft, Manuscript
from weeklyai.newsroom import Newsroom
from weeklyai.notebook import Record
from weeklyai.records import Blurb, Issue, NewsItem
from weeklyai.review.desk import ClashError, Sheet
from weeklyai.watch import Nobody
from weeklyai.weeks import resolve_week


class Bench(Protocol):
    """What the deeds need of the desk."""

    settings: Settings
    week: Week
    ahead: bool
    manuscript: Manuscript
    newsroom: Newsroom

    def item(self, key: str, draft: Draft) -> NewsItem:
        """Return the story with this key."""

    def takes(self, key: str) -> tuple[NewsItem, dict[str, Blurb]]:
        """Return a story and the takes on offer, by their names."""

    def look(self) -> Sheet:
        """Return what the page shows."""


Deed = Callable[..., str]
DEEDS: dict[str, Deed] = {}


def deed(made: Deed) -> Deed:
    """Make a function one of the page's actions, under its own name."""
    DEEDS[made.__name__] = made
    return made


def entry_of(record: Record, item: NewsItem) -> Record:
    """Return the record's entry about a story, or a fresh one for a story that was written into the file by hand."""
    found = next((entry for entry in record["items"] if entry["url"] == item.url), None)
    return found if found is not None else {"headline": item.headline, "url": item.url, "item": "", "byline": item.person,
                                            "take": item.take, "edited": True, "sentences": []}  # fmt: skip


def _entry_in(record: Record, item: NewsItem) -> Record:
    """Return the record's entry about a story, put into the record where it is missing."""
    found = entry_of(record, item)
    if not any(entry is found for entry in record["items"]):
        record["items"].append(found)
    return found


def changed(issue: Issue, item: NewsItem, **fields: Any) -> Issue:
    """Return `issue` with other values in one story."""
    changed = dataclasses.replace(item, **fields)
    return dataclasses.replace(
        issue, news=tuple(changed if one == item else one for one in issue.news)
    )


# --- texts --------------------------------------------------------------------------------------------------------


@deed
def edit(desk: Bench, key: str, field: str, was: str, text: str, sent: str = "") -> str:
    """Change a story's take or headline; `sent` is what this window had the server keep while it was typed."""
    if field not in ("take", "headline"):
        raise UserError(f"a story has no {field!r} to edit")
    item = desk.item(key, desk.manuscript.read())
    name, there = parts.STORY + item.url, getattr(item, field)
    fields: dict[str, Any] = {field: text}
    if not text.strip():
        raise UserError(f"a {field} cannot be empty: drop the story if it should go")
    if there not in (was, text):
        value = json.dumps(dataclasses.astuple(dataclasses.replace(item, **fields)), ensure_ascii=False)  # fmt: skip
        _forget(desk, name, text, sent)  # the file beside the draft has it
        _clash(desk, name, value, f"this {field}")
    desk.manuscript.change(f"edit of “{item.headline}”", lambda issue, _: changed(issue, item, **fields), [name])  # fmt: skip
    if field == "take":
        _forget(desk, name, text, sent)
    return f"{field} kept"


def _forget(desk: Bench, name: str, *texts: str) -> None:
    """Forget what was typed where it is kept now; what another window typed stays."""
    jot = desk.manuscript.notes.jots().get(name)
    if jot and jot.text in texts:
        desk.manuscript.notes.jot(name, None)


@deed
def title(desk: Bench, was: str, text: str) -> str:
    """Change the issue's topic, which its title ends with."""
    return _part(desk, "topic", was, text)


@deed
def description(desk: Bench, was: str, text: str) -> str:
    """Change the description for search results."""
    return _part(desk, "description", was, text)


@deed
def tldr(desk: Bench, was: str, text: str) -> str:
    """Change the feature's TL;DR."""
    return _part(desk, "tldr", was, text)


@deed
def feature(desk: Bench, was: str, text: str) -> str:
    """Change the feature article, as Markdown."""
    return _part(desk, "feature", was, text)


def _part(desk: Bench, name: str, was: str, text: str) -> str:
    issue = current(desk)
    there = parts.read(issue, name, desk.manuscript.view)
    # Browsers end lines as they like; what the page saw went through one.
    if there.split() != was.split() and there.split() != text.split():
        _clash(desk, name, text, parts.shown(name, "")[0])
    desk.manuscript.change(parts.shown(name, "")[0], lambda found, _: parts.write(found, name, text), [name])  # fmt: skip
    return f"{parts.shown(name, '')[0].removeprefix('the ')} kept"


def current(desk: Bench) -> Issue:
    """Return the issue as the draft has it now.

    Raises:
        UserError: it cannot be read.
    """
    draft = desk.manuscript.read()
    if draft.issue is None:
        raise UserError(f"{draft.fault}; mend the file first")
    return draft.issue


def _clash(desk: Bench, name: str, value: str, what: str) -> None:
    kept = desk.manuscript.clash(name, value)
    raise ClashError(f"{what} was changed elsewhere meanwhile; nothing is lost: your version is in {kept.parent.name}/{kept.name}")  # fmt: skip


@deed
def discard(desk: Bench, key: str) -> str:
    """Forget what was typed about a story and not kept."""
    desk.manuscript.notes.jot(parts.STORY + desk.item(key, desk.manuscript.read()).url, None)
    return "discarded"


# --- judging ------------------------------------------------------------------------------------------------------


@deed
def accept(desk: Bench, key: str, take: str, *, on: bool = True) -> str:
    """Accept exactly this text of a story, or take that back."""
    item = desk.item(key, desk.manuscript.read())
    if item.take != take:
        raise UserError("this take was changed meanwhile: look at it again")

    def note(issue: Issue, record: Record) -> Issue:
        entry = _entry_in(record, item)
        entry.pop("accepted", None)
        if on:
            entry["accepted"] = {"when": now().isoformat(), "take": take}
        return issue

    desk.manuscript.change(f"accepting “{item.headline}”", note)
    return "accepted" if on else "not accepted any more"


@deed
def overrule(desk: Bench, key: str, text: str, note: str) -> str:
    """Let a name or number stand that the source does not hold, with the reason; an empty one takes that back."""
    item = desk.item(key, desk.manuscript.read())

    def noted(issue: Issue, record: Record) -> Issue:
        entry = _entry_in(record, item)
        kept = [one for one in entry.get("overruled", ()) if one["text"] != text]
        if not note.strip() and len(kept) == len(entry.get("overruled", ())):
            raise UserError("say why it may stand: the reason goes into the evidence")
        if note.strip():
            kept.append({"text": text, "note": note.strip(), "when": now().isoformat()})
        entry["overruled"] = kept
        return issue

    desk.manuscript.change(f"note on “{text}”", noted)
    return "noted" if note.strip() else "note removed"


@deed
def assign(desk: Bench, key: str, person: str) -> str:
    """Put a team member's name over a take, or ("") the desk's; it is published once that person approved it."""
    item = desk.item(key, desk.manuscript.read())
    site = desk.settings.site
    members = {member.name: member.url for member in desk.settings.team}
    members[""] = site.desk_url
    if person not in members:
        raise UserError(f"{person!r} is not in the [[team]] of weeklyai.toml")
    name = person or site.desk_name
    desk.manuscript.change(
        f"signature of “{item.headline}”",
        lambda issue, _: changed(issue, item, person=name, profile_url=members[person]),
        [parts.STORY + item.url],
    )
    return f"signed by {name}" + (", who has to approve this text" if person else "")


@deed
def approve(desk: Bench, key: str, person: str, take: str) -> str:
    """Record that the person whose name stands over a take approved exactly this text."""
    item = desk.item(key, desk.manuscript.read())
    if (item.person, item.take) != (person, take):
        raise UserError("name or text were changed meanwhile: look at it again")
    if person not in {member.name for member in desk.settings.team}:
        raise UserError(f"{person!r} is not in the [[team]] of weeklyai.toml")

    def noted(issue: Issue, record: Record) -> Issue:
        evidence.approve(record, item.url, person, now(), take)
        return issue

    desk.manuscript.change(f"approval of “{item.headline}”", noted)
    return f"{person} approved this text"


# --- the whole ------------------------------------------------------------------------------------------------------


@deed
def settle(desk: Bench, name: str, *, ours: bool) -> str:
    """End a conflict with the page's version, or with the file's."""
    desk.manuscript.settle(name, ours=ours)
    return "your version stands in the draft now" if ours else "the draft stays as it is"


@deed
def undo(desk: Bench) -> str:
    """Take the last change back."""
    return f"undone: {desk.manuscript.undo()}"


@deed
def publish(desk: Bench) -> str:
    """Publish the issue, unless something stands in the way."""
    in_the_way = [point.text for point in desk.look().points if point.blocks]
    if in_the_way:
        raise UserError("; ".join(in_the_way))
    week = resolve_week(desk.settings, str(desk.week), now(), ahead=desk.ahead)
    outcome = weekly.publish(desk.settings, week, Nobody())
    if not outcome.changed:
        raise UserError(f"{week} is published already: 'weeklyai publish --week {week} --rebuild' replaces the post")  # fmt: skip
    desk.manuscript.notes.forget()
    return f"published: {outcome.post.relative_to(desk.settings.folder)}"


def now() -> datetime:
    """Return the clock, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
