"""The weekly build, top to bottom: fetch, train, draft, publish.

Each step reads what the one before left on disk and replaces its own files in one step, so a build that was killed at
any point is simply run again. A week whose post exists is finished: nothing is done to it without `rebuild`.
"""

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from weeklyai import __version__, correcting, featuring, feedreport, files, pairs, training
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.drafting import evidence
from weeklyai.drafting.draft import Drafted, draft_issue
from weeklyai.drafting.extract import Background
from weeklyai.drafting.writer import NoWriter, Writer
from weeklyai.errors import UserError, WeeklyError
from weeklyai.feeds import opml
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.health import FeedHealth, as_json
from weeklyai.feeds.poll import poll_site
from weeklyai.linkcheck import draft_checked
from weeklyai.places import Places, sha256, was_edited
from weeklyai.publish import beside, html, normal, parse, post
from weeklyai.publish.compose import closing, compose
from weeklyai.publish.templates import environment
from weeklyai.records import Feature, Issue
from weeklyai.signing import check_bylines, proposed
from weeklyai.watch import Watcher
from weeklyai.weeks import news_of, resolve_week


@dataclass(slots=True)
class Outcome:
    """What a build did, for the table at its end.

    Attributes:
        week: the issue's week.
        post: the published post.
        preview: its HTML preview.
        changed: False when the week had been published before and nothing was done.
        facts: named figures in the order of the table.
        feeds: how each feed fared.
        seconds: wall time by stage.
    """

    week: Week
    post: Path
    preview: Path
    changed: bool = True
    facts: dict[str, Any] = field(default_factory=dict)
    feeds: list[FeedHealth] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as JSON values."""
        return {
            "week": str(self.week), "changed": self.changed, "post": str(self.post), "preview": str(self.preview),
            "facts": self.facts, "seconds": self.seconds, "feeds": as_json(self.feeds),
        }  # fmt: skip


def build(  # noqa: PLR0913 -- each is an option of the command
    settings: Settings,
    week_name: str,
    now: datetime,
    watcher: Watcher,
    *,
    rebuild: bool = False,
    ahead: bool = False,
    fresh: bool = False,
) -> Outcome:
    """Build and publish one week: what a scheduler calls.

    Args:
        settings: the site.
        week_name: "current" (the newest whose moment of publication has come), "latest" (the newest with enough news
            in the archive), or an ISO week such as "2024-W29".
        now: the build's clock.
        watcher: told about everything.
        rebuild: make a published week anew.
        ahead: allow a moment of publication that lies after `now`.
        fresh: train new weights, also where a run could go on.

    Raises:
        UserError: the week is not one, lies ahead, or has too little news.
        WeeklyError: every feed failed; nothing was written.
    """
    clock = _Clock(watcher)
    if week_name != "latest" and not rebuild:
        done = published(settings, resolve_week(settings, week_name, now, ahead=ahead))
        if done:
            return done
    with clock("fetch"):
        health = fetch(settings, now, watcher)
    week = resolve_week(settings, week_name, now, ahead=ahead)
    done = published(settings, week)
    if done and not rebuild:
        return done
    if done:
        _refuse_to_lose(settings, week)
    _preflight(settings, week)
    with clock("train"):
        facts = training.train(settings, week, watcher, fresh=fresh)
    with clock("draft"):
        drafted = draft(settings, week, watcher, keep_edited=True)
    with clock("publish"):
        outcome = publish(settings, week, watcher, rebuild=rebuild)
    outcome.facts = {**feedreport.facts(settings, health), **facts, **drafted}
    outcome.feeds = health
    outcome.seconds = clock.seconds
    return outcome


class _Clock:
    """Wall seconds by stage, and a word to the watcher when one begins."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        self.watcher.stage(stage)
        began = time.monotonic()
        yield
        self.seconds[stage] = round(time.monotonic() - began, 2)


def published(settings: Settings, week: Week) -> Outcome | None:
    """Return the outcome of a week that is published already, or None."""
    places = Places(settings, week)
    if places.post is None:
        return None
    return Outcome(week, places.post, places.preview(places.post), changed=False)


# --- the steps; training has a module of its own -----------------------------------------------------------------------------------------------


def fetch(settings: Settings, now: datetime, watcher: Watcher) -> list[FeedHealth]:
    """Poll every feed into the archive.

    Raises:
        UserError: the feed list is empty.
        WeeklyError: every feed failed.
    """
    health = poll_site(settings, now, watcher.feed)
    for sentence in opml.read_list(settings.opml)[1]:
        watcher.note(f"left out of {settings.opml.name}: {sentence}")
    feedreport.write_page(settings, health, now)
    failed = [feed for feed in health if feed.status in ("failed", "gone")]
    if len(failed) == len(health):
        raise WeeklyError(
            f"all {len(health)} feeds failed ({failed[0].url}: {failed[0].reason}); no post was written. "
            "Look at 'weeklyai feeds check', then run the build again"
        )
    return health


def draft(
    settings: Settings,
    week: Week,
    watcher: Watcher,
    *,
    overwrite: bool = False,
    keep_edited: bool = False,
    topic: str = "",
) -> dict[str, Any]:
    """Choose the week's stories, draft and check them, and write the draft with its evidence.

    Args:
        settings: the site.
        week: the issue.
        watcher: told which stories are held back, and why.
        overwrite: draft anew over a draft that a person has edited.
        keep_edited: leave such a draft as it is, without an error.
        topic: of the feature article, or "" for the week's strongest theme.

    Returns:
        The facts for the table.

    Raises:
        UserError: the draft was edited, or the week has too few stories.
    """
    places = Places(settings, week)
    if was_edited(places) and not overwrite:
        if keep_edited:
            watcher.note(f"{places.draft} was edited; it is published as it stands")
            return dict(files.read_json(places.draft_record)["facts"])
        raise UserError(
            f"{places.draft} was edited since it was drafted: publish it with 'weeklyai publish', "
            "or lose the edits with --overwrite"
        )
    with Archive(settings.archive) as archive:
        news = news_of(archive, settings, week)
        background = Background.of(archive.all_items(settings.site.publish_time.window(week)[1]))
        featured = featuring.feature_of(settings, week, archive, topic)
    for line in (*news.notes(), *featured.notes):
        watcher.note(line)
    writer = load_writer(settings, watcher)
    drafted = draft_checked(
        news.items,
        settings.feeds,
        lambda items: draft_issue(
            items,
            background,
            writer,
            settings.post,
            settings.train.seed,
            free_writer=settings.draft.writer == "free",
        ),
    )
    explained = [news.explained(blurb) for blurb in drafted.blurbs]
    drafted.blurbs = proposed(settings.team, explained)
    for title, reason in drafted.held:
        watcher.note(f"held back: {title} ({reason})")
    issue, text = _render(settings, week, drafted, writer, len(news.items), featured.feature)
    facts = drafted.facts() | featured.facts()
    record = evidence.record(
        str(week),
        drafted.blurbs,
        issue,
        writer.model_id,
        passed_over=drafted.passed_over,
        unusable=drafted.unusable,
    )
    if featured.record:
        record["feature"] = featured.record
    record |= {"facts": facts, "held": drafted.held, "draft_sha256": sha256(text)}
    # The record first: a draft without its record cannot be published, a record without its draft does no harm.
    files.write_json(places.draft_record, record)
    files.write_text(places.draft, text)
    return facts


def publish(settings: Settings, week: Week, watcher: Watcher, *, rebuild: bool = False) -> Outcome:
    """Turn the draft of `week` into its post, preview and evidence; the post is written last.

    Raises:
        UserError: there is no draft, it breaks the post's form, or a person's name stands over a text that this
            person has not approved.
    """
    places = Places(settings, week)
    rebuild = correcting.ready(settings, week) or rebuild
    if not rebuild and (done := published(settings, week)):
        return done
    if not places.draft.exists() or not places.draft_record.exists():
        raise UserError(
            f"there is no draft of {week} in {places.draft.parent}: run 'weeklyai draft --week {week}'"
        )
    text = places.draft.read_text(encoding="utf-8")
    record = files.read_json(places.draft_record)
    issue = parse.parse(text)
    normal.check(issue)
    if featuring.own_file(settings, week) and issue.feature is None:
        raise UserError(
            f"features/ holds an article for {week}, but the draft was made before it: put it into the draft by hand, "
            f"or draft again with 'weeklyai draft --week {week}' (--overwrite if the draft was edited)"
        )
    check_bylines(settings, issue, record)
    with Archive(settings.archive) as archive:
        sources = archive.sources(evidence.item_ids(record))
    for line in (*evidence.edits(record, issue, sources), *featuring.edits(record, issue)):
        watcher.note(line)
    edited = sum(bool(item.get("edited")) for item in record["items"])
    issue = dataclasses.replace(issue, closing=closing(issue.closing, edited, len(issue.news)))
    pairs.keep(settings, issue, record, sources)
    target = settings.folder / "_posts" / post.file_name(issue)
    outcome = Outcome(week, target, places.preview(target))
    view = environment(settings.folder)
    rendered = post.render(issue, view)
    old = places.post
    files.write_json(places.record(target), record)
    files.write_text(outcome.preview, html.preview(issue, view, settings.site.title, record))
    beside.write(issue, settings, view)
    files.write_text(target, rendered)
    if old and old != target:  # publish_at was changed since: the week must not stand twice
        old.unlink()
    places.draft.unlink()
    places.draft_record.unlink()
    return outcome


# --- helpers of the steps -----------------------------------------------------------------------------------------


def _render(
    settings: Settings,
    week: Week,
    drafted: Drafted,
    writer: Writer,
    num_items: int,
    feature: Feature | None,
) -> tuple[Issue, str]:
    """Return the issue of `drafted` and its post's text.

    Raises:
        UserError: too few stories, or a broken template or feature.
    """
    if len(drafted.blurbs) < settings.post.min_stories:
        start, end = settings.site.publish_time.window(week)
        raise UserError(
            f"{week} has {len(drafted.blurbs)} stories that can be published, of {num_items} items between "
            f"{start:%Y-%m-%d %H:%M} and {end:%Y-%m-%d %H:%M} UTC; at least {settings.post.min_stories} are needed. "
            "Run 'weeklyai fetch', take another week with --week, or lower [post] min_stories"
        )
    composed = compose(
        week,
        settings.site.publish_time.in_week(week),
        list(drafted.blurbs),
        feature,
        settings,
        f"weeklyai {__version__}"
        + (f", model {writer.model_id}" if writer.model_id else ", no model"),
    )
    issue = normal.normal(composed)
    text = post.render(issue, environment(settings.folder))
    return issue, text


def load_writer(settings: Settings, watcher: Watcher) -> Writer:
    """Return the site's model as a writer, or `NoWriter` where there is none."""
    from weeklyai.lm import models, smollm2  # noqa: PLC0415 -- torch takes seconds to import
    from weeklyai.lm.house import HouseWriter  # noqa: PLC0415

    store = models.Store(settings.model)
    if store.mended:
        watcher.note(store.mended)
    folder = store.current_folder
    if folder is None and settings.train.base == smollm2.NAME:
        if not (trouble := smollm2.trouble()):
            return HouseWriter(*smollm2.load(), smollm2.NAME)
        watcher.note(trouble)
    if folder is None:
        watcher.note(
            "there is no model yet, so sentences are chosen without one; 'weeklyai train' makes one"
        )
        return NoWriter()
    return HouseWriter.load(folder)


def _refuse_to_lose(settings: Settings, week: Week) -> None:
    """Refuse to rebuild over a post whose evidence holds a person's edits or approvals."""
    places = Places(settings, week)
    path = places.record(places.post) if places.post else None
    record = files.read_json(path) if path and path.exists() else {}
    if (
        record.get("approvals")
        or record.get("corrections")
        or any(item.get("edited") for item in record.get("items", []))
    ):
        raise UserError(
            f"{places.post} holds takes that a person edited, approved or corrected, and a rebuild would lose them: "
            f"move it and {path} away first if that is what you want"
        )


def _preflight(settings: Settings, week: Week) -> None:
    """Draft without a model, into nothing: a week without news or a broken template should not cost a training run."""
    if was_edited(Places(settings, week)):
        return
    with Archive(settings.archive) as archive:
        items = news_of(archive, settings, week).items
    drafted = draft_issue(
        items, Background.of(items), NoWriter(), settings.post, settings.train.seed
    )
    feature = featuring.own(settings, week)
    _render(settings, week, drafted, NoWriter(), len(items), feature)
