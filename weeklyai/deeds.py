"""What an editor can do to a draft on the review page, one function each; their names are the page's actions.

Each gets the desk and the page's values, changes draft and record through the manuscript, and returns a sentence for the
editor. A change of text says what the page saw (`was`): where the draft says something else by now, the page's version is
kept in a file beside the draft and nothing is written over.
"""

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from weeklyai import parts, weekly
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.drafting import evidence
from weeklyai.errors import UserError
from weeklyai.manuscript import Draft, Manuscript, Record
from weeklyai.newsroom import Newsroom
from weeklyai.publish import compose
from weeklyai.records import Blurb, FeedItem, Issue, NewsItem
from weeklyai.review.desk import ByHandError, ClashError, Sheet
from weeklyai.text import shorten
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


def _deed(made: Deed) -> Deed:
    DEEDS[made.__name__.strip("_")] = made
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


def _changed(issue: Issue, item: NewsItem, **fields: str) -> Issue:
    changed = dataclasses.replace(item, **fields)
    return dataclasses.replace(
        issue, news=tuple(changed if one == item else one for one in issue.news)
    )


# --- texts --------------------------------------------------------------------------------------------------------


@_deed
def edit(desk: Bench, key: str, field: str, was: str, text: str, sent: str = "") -> str:
    """Change a story's take or headline; `sent` is what this window had the server keep while it was typed."""
    if field not in ("take", "headline"):
        raise UserError(f"a story has no {field!r} to edit")
    item = desk.item(key, desk.manuscript.read())
    name, now = parts.STORY + item.url, getattr(item, field)
    if not text.strip():
        raise UserError(f"a {field} cannot be empty: drop the story if it should go")
    if now not in (was, text):
        value = json.dumps(dataclasses.astuple(dataclasses.replace(item, **{field: text})), ensure_ascii=False)  # fmt: skip
        _forget(desk, name, text, sent)  # the file beside the draft has it
        _clash(desk, name, value, f"this {field}")
    desk.manuscript.change(f"edit of “{item.headline}”", lambda issue, _: _changed(issue, item, **{field: text}), [name])  # fmt: skip
    if field == "take":
        _forget(desk, name, text, sent)
    return f"{field} kept"


def _forget(desk: Bench, name: str, *texts: str) -> None:
    """Forget what was typed where it is kept now; what another window typed stays."""
    if desk.manuscript.recall()["jots"].get(name) in texts:
        desk.manuscript.jot(name, None)


@_deed
def title(desk: Bench, was: str, text: str) -> str:
    """Change the issue's topic, which its title ends with."""
    return _part(desk, "topic", was, text)


@_deed
def description(desk: Bench, was: str, text: str) -> str:
    """Change the description for search results."""
    return _part(desk, "description", was, text)


@_deed
def tldr(desk: Bench, was: str, text: str) -> str:
    """Change the feature's TL;DR."""
    return _part(desk, "tldr", was, text)


@_deed
def feature(desk: Bench, was: str, text: str) -> str:
    """Change the feature article, as Markdown."""
    return _part(desk, "feature", was, text)


def _part(desk: Bench, name: str, was: str, text: str) -> str:
    issue = _issue(desk)
    now = parts.read(issue, name, desk.manuscript.view)
    # Browsers end lines as they like; what the page saw went through one.
    if now.split() != was.split() and now.split() != text.split():
        _clash(desk, name, text, parts.shown(name, "")[0])
    desk.manuscript.change(parts.shown(name, "")[0], lambda found, _: parts.write(found, name, text), [name])  # fmt: skip
    return f"{parts.shown(name, '')[0].removeprefix('the ')} kept"


def _issue(desk: Bench) -> Issue:
    draft = desk.manuscript.read()
    if draft.issue is None:
        raise UserError(f"{draft.fault}; mend the file first")
    return draft.issue


def _clash(desk: Bench, name: str, value: str, what: str) -> None:
    kept = desk.manuscript.clash(name, value)
    raise ClashError(f"{what} was changed elsewhere meanwhile; nothing is lost: your version is in {kept.parent.name}/{kept.name}")  # fmt: skip


@_deed
def discard(desk: Bench, key: str) -> str:
    """Forget what was typed about a story and not kept."""
    desk.manuscript.jot(parts.STORY + desk.item(key, desk.manuscript.read()).url, None)
    return "discarded"


# --- judging ------------------------------------------------------------------------------------------------------


@_deed
def accept(desk: Bench, key: str, take: str, *, on: bool = True) -> str:
    """Accept exactly this text of a story, or take that back."""
    item = desk.item(key, desk.manuscript.read())
    if item.take != take:
        raise UserError("this take was changed meanwhile: look at it again")

    def note(issue: Issue, record: Record) -> Issue:
        entry = _entry_in(record, item)
        entry.pop("accepted", None)
        if on:
            entry["accepted"] = {"when": _now().isoformat(), "take": take}
        return issue

    desk.manuscript.change(f"accepting “{item.headline}”", note)
    return "accepted" if on else "not accepted any more"


@_deed
def overrule(desk: Bench, key: str, text: str, note: str) -> str:
    """Let a name or number stand that the source does not hold, with the reason; an empty one takes that back."""
    item = desk.item(key, desk.manuscript.read())

    def noted(issue: Issue, record: Record) -> Issue:
        entry = _entry_in(record, item)
        kept = [one for one in entry.get("overruled", ()) if one["text"] != text]
        if note.strip():
            kept.append({"text": text, "note": note.strip(), "when": _now().isoformat()})
        entry["overruled"] = kept
        return issue

    desk.manuscript.change(f"note on “{text}”", noted)
    return "noted" if note.strip() else "note removed"


@_deed
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
        lambda issue, _: _changed(issue, item, person=name, profile_url=members[person]),
        [parts.STORY + item.url],
    )
    return f"signed by {name}" + (", who has to approve this text" if person else "")


@_deed
def approve(desk: Bench, key: str, person: str, take: str) -> str:
    """Record that the person whose name stands over a take approved exactly this text."""
    item = desk.item(key, desk.manuscript.read())
    if (item.person, item.take) != (person, take):
        raise UserError("name or text were changed meanwhile: look at it again")
    if person not in {member.name for member in desk.settings.team}:
        raise UserError(f"{person!r} is not in the [[team]] of weeklyai.toml")

    def noted(issue: Issue, record: Record) -> Issue:
        evidence.approve(record, item.url, person, _now(), take)
        return issue

    desk.manuscript.change(f"approval of “{item.headline}”", noted)
    return f"{person} approved this text"


# --- which stories, in which order ----------------------------------------------------------------------------------


@_deed
def move(desk: Bench, key: str, before: str = "", by: str = "") -> str:
    """Put a story before another one ("" for the end), or `by` so many places up or down."""
    draft = desk.manuscript.read()
    item = desk.item(key, draft)
    news = [one for one in _issue(desk).news if one != item]
    if by in ("-1", "1"):
        place = _issue(desk).news.index(item) + int(by)
        place = min(max(place, 0), len(news))
    else:
        place = news.index(desk.item(before, draft)) if before and before != key else len(news)
    news.insert(place, item)
    desk.manuscript.change("moving a story", lambda issue, _: dataclasses.replace(issue, news=tuple(news)), ["order"])  # fmt: skip
    return f"now number {place + 1} of {len(news)}"


@_deed
def drop(desk: Bench, key: str, was: str) -> str:
    """Take a story out of the issue; its evidence stays in the record until the issue is published."""
    item = desk.item(key, desk.manuscript.read())
    if item.take != was:
        raise UserError("this take was changed meanwhile: look at it again before you drop it")
    desk.manuscript.change(
        f"dropping “{item.headline}”",
        lambda issue, _: parts.write(issue, parts.STORY + item.url, ""),
        [parts.STORY + item.url],
    )
    return f"dropped: {item.headline} (undo brings it back)"


@_deed
def replace(desk: Bench, key: str, was: str, choice: str) -> str:
    """Put another take on the same story in its place; the name over it is the desk's again."""
    item, blurbs = desk.takes(key)
    if item.take != was:
        raise UserError("this take was changed meanwhile: look at it again")
    if choice not in blurbs:
        raise UserError("this take is not on offer any more")
    news = _news(desk, blurbs[choice])
    if news.url != item.url and parts.story(_issue(desk), news.url):
        raise UserError("that report is in the issue already")

    def put(issue: Issue, record: Record) -> Issue:
        record["items"] = [one for one in record["items"] if one["url"] != news.url]
        record["items"].append(evidence.item_of(blurbs[choice], news))
        return _changed(issue, item, **dataclasses.asdict(news))

    desk.manuscript.change(f"another take on “{item.headline}”", put, [parts.STORY + item.url, parts.STORY + news.url])  # fmt: skip
    return "another take stands there now"


@_deed
def another(desk: Bench, key: str, was: str) -> str:
    """Put the next take on offer in a story's place, round and round."""
    item, blurbs = desk.takes(key)
    texts = [blurb.text for blurb in blurbs.values()]
    place = texts.index(item.take) + 1 if item.take in texts else 0
    names = list(blurbs)
    if len(set(texts) - {item.take}) == 0:
        raise UserError("no other take on this story passes the gates: write one by hand")
    return replace(desk, key, was, names[place % len(names)])


@_deed
def add(desk: Bench, item: str = "", address: str = "", headline: str = "", take: str = "") -> str:
    """Add a story at the end: an item of the archive, or a web page; without a take, the best that passes the gates."""
    source = _source(desk, item, address, by_hand=bool(headline.strip() and take.strip()))
    url = str(source.url) if source else address.strip()
    if parts.story(_issue(desk), url):
        raise UserError("this story is in the issue already")
    site = desk.settings.site
    if take.strip():
        news = NewsItem(headline.strip() or (source.title if source else ""), url, site.desk_name, site.desk_url, take)  # fmt: skip
        entry: Record = {**entry_of({"items": []}, news), "item": source.id if source else "", "also_reported_by": [],
                         "source": source.source if source else "", "reasons": ["added by the editor"]}  # fmt: skip
    else:
        blurbs = desk.newsroom.takes_on(source) if source else []
        if not blurbs:
            raise ByHandError(
                "no take on this item passes the gates: write one by hand", _offer(source, address)
            )
        news = _news(desk, blurbs[0])
        entry = evidence.item_of(blurbs[0], news)

    def put(issue: Issue, record: Record) -> Issue:
        record["items"] = [*(one for one in record["items"] if one["url"] != news.url), entry]
        return dataclasses.replace(issue, news=(*issue.news, news))

    desk.manuscript.change(f"adding “{news.headline}”", put, [parts.STORY + news.url])
    return f"added at the end: {news.headline}"


def _source(desk: Bench, item: str, address: str, *, by_hand: bool) -> FeedItem | None:
    """Return the item to add, or None for a page that cannot be read where a person writes everything."""
    if item:
        return desk.newsroom.by_id(item)
    if not address.strip():
        raise UserError("name a web address")
    try:
        return desk.newsroom.by_address(address.strip(), _now())
    except UserError as error:
        if by_hand:
            return None
        raise ByHandError(f"{error}; you can write headline and take by hand", _offer(None, address)) from None  # fmt: skip


def _offer(source: FeedItem | None, address: str) -> dict[str, str]:
    return {
        "item": source.id if source else "", "address": str(source.url) if source else address.strip(),
        "headline": source.title if source else "", "text": shorten(source.text, 4_000) if source else "",
    }  # fmt: skip


def _news(desk: Bench, blurb: Blurb) -> NewsItem:
    site = desk.settings.site
    return compose.news_item(blurb, site.desk_name, site.desk_url)


# --- the whole ------------------------------------------------------------------------------------------------------


@_deed
def settle(desk: Bench, name: str, *, ours: bool) -> str:
    """End a conflict with the page's version, or with the file's."""
    desk.manuscript.settle(name, ours=ours)
    return "your version stands in the draft now" if ours else "the draft stays as it is"


@_deed
def undo(desk: Bench) -> str:
    """Take the last change back."""
    return f"undone: {desk.manuscript.undo()}"


@_deed
def publish(desk: Bench) -> str:
    """Publish the issue, unless something stands in the way."""
    in_the_way = [point.text for point in desk.look().points if point.blocks]
    if in_the_way:
        raise UserError("; ".join(in_the_way))
    week = resolve_week(desk.settings, str(desk.week), _now(), ahead=desk.ahead)
    outcome = weekly.publish(desk.settings, week, Nobody())
    if not outcome.changed:
        raise UserError(f"{week} is published already: 'weeklyai publish --week {week} --rebuild' replaces the post")  # fmt: skip
    desk.manuscript.memory.unlink(missing_ok=True)
    return f"published: {outcome.post.relative_to(desk.settings.folder)}"


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
