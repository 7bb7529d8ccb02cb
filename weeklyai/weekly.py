"""The weekly build, top to bottom: fetch, train, draft, publish.

Each step reads what the one before left on disk and replaces its own files in one step, so a build that was killed at
any point is simply run again. A week whose post exists is finished: nothing is done to it without `rebuild`.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from weeklyai import __version__, files
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.drafting import evidence
from weeklyai.drafting.draft import draft_issue
from weeklyai.drafting.extract import Background
from weeklyai.drafting.writer import NoWriter, Writer
from weeklyai.errors import UserError, WeeklyError
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.health import FeedHealth
from weeklyai.feeds.poll import poll_site
from weeklyai.publish import html, normal, parse, post
from weeklyai.publish.compose import compose
from weeklyai.publish.templates import environment
from weeklyai.records import Feature, FeedItem, Issue

# A week has enough news for a full issue with this many stories, which do not come from a handful of publishers alone.
ENOUGH_STORIES, ENOUGH_PUBLISHERS = 8, 6


class Watcher(Protocol):
    """Whoever wants to see a build go on: the command line, a test, nobody."""

    def stage(self, name: str) -> None:
        """A stage begins ("fetch", "train", "draft", "publish")."""

    def note(self, sentence: str) -> None:
        """Something a person should read."""

    def feed(self, done: int, total: int, health: FeedHealth) -> None:
        """One more feed is done."""

    def training(
        self, share: float, tokens: int, loss: float, rate: float, held_out: float
    ) -> None:
        """One more training step is done."""


class Nobody:
    """A watcher that looks away."""

    def stage(self, name: str) -> None:
        """Ignore it."""

    def note(self, sentence: str) -> None:
        """Ignore it."""

    def feed(self, done: int, total: int, health: FeedHealth) -> None:
        """Ignore it."""

    def training(
        self, share: float, tokens: int, loss: float, rate: float, held_out: float
    ) -> None:
        """Ignore it."""


@dataclass(slots=True)
class Outcome:
    """What a build did, for the table at its end.

    Attributes:
        week: the issue's week.
        post: the published post.
        preview: its HTML preview.
        changed: False when the week had been published before and nothing was done.
        facts: named figures in the order of the table.
        seconds: wall time by stage.
    """

    week: Week
    post: Path
    preview: Path
    changed: bool = True
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as JSON values."""
        return {
            "week": str(self.week), "changed": self.changed, "post": str(self.post), "preview": str(self.preview),
            "facts": self.facts, "seconds": self.seconds,
        }  # fmt: skip


def build(
    settings: Settings,
    week_name: str,
    now: datetime,
    watcher: Watcher,
    *,
    rebuild: bool = False,
    ahead: bool = False,
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
    with clock("train"):
        facts = train(settings, week, watcher)
    with clock("draft"):
        drafted = draft(settings, week, watcher, keep_edited=True)
    with clock("publish"):
        outcome = publish(settings, week, watcher, rebuild=rebuild)
    outcome.facts = {**feed_facts(settings, health), **facts, **drafted}
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


# --- weeks and places ---------------------------------------------------------------------------------------------


def resolve_week(settings: Settings, name: str, now: datetime, *, ahead: bool = False) -> Week:
    """Return the week meant by "current", "latest" or "2024-W29".

    Raises:
        UserError: no such week, one that lies ahead of `now`, or no week with enough news.
    """
    moment = settings.site.publish_time
    if name == "current":
        return moment.latest(now)
    if name == "latest":
        return _latest_with_news(settings, now)
    week = Week.parse(name)
    if moment.in_week(week) > now and not ahead:
        raise UserError(
            f"{week} comes out on {moment.in_week(week).isoformat()}, which lies ahead of the clock "
            f"({now.astimezone(settings.site.zone).isoformat(timespec='seconds')}): wait, or allow it with --ahead"
        )
    return week


def _latest_with_news(settings: Settings, now: datetime) -> Week:
    """Return the newest week with enough news for a full issue, else the newest with the least that is allowed."""
    moment = settings.site.publish_time
    fallback: Week | None = None
    with Archive(settings.archive) as archive:
        oldest, newest = archive.span(now)
        week = moment.latest(min(now, newest + timedelta(days=7))) if newest else None
        while week and oldest and moment.window(week)[1] >= oldest:
            news = _news(archive, settings, week)
            drafted = draft_issue(
                news, Background.of(news), NoWriter(), settings.post, settings.train.seed
            )
            stories, publishers = len(drafted.blurbs), len(drafted.publishers)
            if (
                stories >= min(ENOUGH_STORIES, settings.post.max_stories)
                and publishers >= ENOUGH_PUBLISHERS
            ):
                return week
            if stories >= settings.post.min_stories and not fallback:
                fallback = week
            week = Week.of(moment.in_week(week) - timedelta(days=7))
    if fallback is None:
        raise UserError(
            f"no week in the archive has {settings.post.min_stories} stories: add feeds with 'weeklyai feeds add', "
            "or lower [post] min_stories in weeklyai.toml"
        )
    return fallback


def _news(archive: Archive, settings: Settings, week: Week) -> list[FeedItem]:
    """Return the items of the issue's window; one with a guessed date may be of any week, so it is left out."""
    start, end = settings.site.publish_time.window(week)
    return [item for item in archive.items(start, end) if not item.date_guessed]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files of one week lie."""

    settings: Settings
    week: Week

    @property
    def draft(self) -> Path:
        """The draft that the editor reads and edits."""
        return self.settings.folder / "_drafts" / f"{self.week.slug}.md"

    @property
    def draft_record(self) -> Path:
        """The evidence beside the draft."""
        return self.draft.with_suffix(".json")

    @property
    def post(self) -> Path | None:
        """The published post, or None."""
        return next(
            iter(sorted((self.settings.folder / "_posts").glob(f"*-{self.week.slug}.md"))), None
        )

    def preview(self, post: Path) -> Path:
        """The HTML preview of a post."""
        return self.settings.folder / "preview" / f"{post.stem}.html"

    def record(self, post: Path) -> Path:
        """The evidence of a published post."""
        return self.settings.folder / "evidence" / f"{post.stem}.json"


def published(settings: Settings, week: Week) -> Outcome | None:
    """Return the outcome of a week that is published already, or None."""
    places = Places(settings, week)
    if places.post is None:
        return None
    return Outcome(week, places.post, places.preview(places.post), changed=False)


# --- the four steps -----------------------------------------------------------------------------------------------


def fetch(settings: Settings, now: datetime, watcher: Watcher) -> list[FeedHealth]:
    """Poll every feed into the archive.

    Raises:
        UserError: the feed list is empty.
        WeeklyError: every feed failed.
    """
    health = poll_site(settings, now, watcher.feed)
    failed = [feed for feed in health if feed.status == "failed"]
    if len(failed) == len(health):
        raise WeeklyError(
            f"all {len(health)} feeds failed ({failed[0].url}: {failed[0].reason}); no post was written. "
            "Look at 'weeklyai feeds check', then run the build again"
        )
    return health


def train(
    settings: Settings, week: Week, watcher: Watcher, *, fresh: bool = False
) -> dict[str, Any]:
    """Train on all items up to the moment of publication of `week`; return the facts for the table."""
    from weeklyai.lm import corpus  # noqa: PLC0415 -- torch takes seconds to import; fetching does without
    from weeklyai.lm.train import Progress  # noqa: PLC0415
    from weeklyai.lm.train import train as run_training  # noqa: PLC0415

    end = settings.site.publish_time.window(week)[1]
    with Archive(settings.archive) as archive:
        built = corpus.build(archive.all_items(end))

    def show(progress: Progress) -> None:
        watcher.training(
            progress.share, progress.tokens, progress.loss, progress.rate, progress.held_out
        )

    run = run_training(built, settings.train, settings.model, show, fresh=fresh)
    if run.stopped_early:
        watcher.note(
            "training stopped before its budget: more passes over so few items would learn them by heart"
        )
    return {
        "items in the corpus": built.num_items,
        "vocabulary": run.vocabulary,
        "parameters": run.parameters,
        "tokens": run.tokens,
        "held-out bits per byte": f"{run.held_out[0][1]:.3f} -> {run.held_out[-1][1]:.3f}",
        "model": run.model_id,
    }


def draft(
    settings: Settings,
    week: Week,
    watcher: Watcher,
    *,
    overwrite: bool = False,
    keep_edited: bool = False,
) -> dict[str, Any]:
    """Choose the week's stories, draft and check them, and write the draft with its evidence.

    Args:
        settings: the site.
        week: the issue.
        watcher: told which stories are held back, and why.
        overwrite: draft anew over a draft that a person has edited.
        keep_edited: leave such a draft as it is, without an error.

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
        items = _news(archive, settings, week)
        background = Background.of(archive.all_items(settings.site.publish_time.window(week)[1]))
    writer = _writer(settings, watcher)
    drafted = draft_issue(items, background, writer, settings.post, settings.train.seed)
    for title, reason in drafted.held:
        watcher.note(f"held back: {title} ({reason})")
    if len(drafted.blurbs) < settings.post.min_stories:
        start, end = settings.site.publish_time.window(week)
        raise UserError(
            f"{week} has {len(drafted.blurbs)} stories that can be published, of {len(items)} items between "
            f"{start:%Y-%m-%d %H:%M} and {end:%Y-%m-%d %H:%M} UTC; at least {settings.post.min_stories} are needed. "
            "Run 'weeklyai fetch', take another week with --week, or lower [post] min_stories"
        )
    composed = compose(
        week,
        settings.site.publish_time.in_week(week),
        list(drafted.blurbs),
        _feature(settings, week),
        settings,
        f"weeklyai {__version__}"
        + (f", model {writer.model_id}" if writer.model_id else ", no model"),
    )
    issue = normal.normal(composed)
    text = post.render(issue, environment(settings.folder))
    facts = drafted.facts()
    record = evidence.record(str(week), drafted.blurbs, issue, writer.model_id)
    record |= {"facts": facts, "draft_sha256": _sha256(text)}
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
    _check_bylines(settings, issue, record)
    with Archive(settings.archive) as archive:
        sources = archive.sources(item["item"] for item in record["items"])
    for line in evidence.edits(record, issue, sources):
        watcher.note(line)
    target = settings.folder / "_posts" / post.file_name(issue)
    outcome = Outcome(week, target, places.preview(target))
    view = environment(settings.folder)
    rendered = post.render(issue, view)
    old = places.post
    files.write_json(places.record(target), record)
    files.write_text(outcome.preview, html.preview(issue, view, settings.site.title))
    files.write_text(target, rendered)
    if old and old != target:  # publish_at was changed since: the week must not stand twice
        old.unlink()
    places.draft.unlink()
    places.draft_record.unlink()
    return outcome


def approve(settings: Settings, week: Week, name: str, now: datetime) -> list[str]:
    """Record `name`'s approval of each take under that name in the draft; return a line for each.

    Raises:
        UserError: no such team member, no draft, or no take under that name.
    """
    places = Places(settings, week)
    member = next((member for member in settings.team if member.name == name), None)
    if member is None:
        known = ", ".join(member.name for member in settings.team) or "nobody yet"
        raise UserError(f"{name!r} is not in the [[team]] of weeklyai.toml (there: {known})")
    if not places.draft.exists():
        raise UserError(f"there is no draft of {week}: run 'weeklyai draft --week {week}'")
    issue = parse.parse(places.draft.read_text(encoding="utf-8"))
    own = [item for item in issue.news if item.person == name]
    if not own:
        raise UserError(
            f"no take in {places.draft} stands under the name of {name}: edit the draft first, "
            f'[{name}]({member.url}): "..."'
        )
    record = files.read_json(places.draft_record)
    for item in own:
        evidence.approve(record, item.url, name, now, item.take)
    files.write_json(places.draft_record, record)
    return [f"{name} approved: {item.headline}" for item in own]


# --- helpers of the steps -----------------------------------------------------------------------------------------


def was_edited(places: Places) -> bool:
    """Say whether a draft lies there that is not, to the byte, what the machine wrote."""
    if not places.draft.exists():
        return False
    if not places.draft_record.exists():
        return True
    text = places.draft.read_text(encoding="utf-8")
    return bool(_sha256(text) != files.read_json(places.draft_record).get("draft_sha256"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _writer(settings: Settings, watcher: Watcher) -> Writer:
    from weeklyai.lm import checkpoint  # noqa: PLC0415 -- torch takes seconds to import
    from weeklyai.lm.house import HouseWriter  # noqa: PLC0415

    if checkpoint.read_run(settings.model) is None:
        watcher.note(
            "there is no model yet, so sentences are chosen without one; 'weeklyai train' makes one"
        )
        return NoWriter()
    return HouseWriter.load(settings.model)


def _feature(settings: Settings, week: Week) -> Feature | None:
    """Return the editor's feature of `week`: features/2024-W29.md or features/2024-W29-anything.md."""
    found = sorted((settings.folder / "features").glob(f"{week}*.md"))
    if not found:
        return None
    return parse.parse_feature(found[0].read_text(encoding="utf-8"), str(found[0]))


def _check_bylines(settings: Settings, issue: Issue, record: dict[str, Any]) -> None:
    """Refuse a take under a name that is neither the desk's nor that of a member who approved this very text."""
    site = settings.site
    members = {member.name: member.url for member in settings.team}
    for item in issue.news:
        if (item.person, item.profile_url) == (site.desk_name, site.desk_url):
            continue
        if members.get(item.person) != item.profile_url:
            raise UserError(
                f"the take on {item.headline!r} is signed by {item.person} <{item.profile_url}>, who is neither the "
                "desk nor in [[team]] of weeklyai.toml with that address: add the person, or sign it with the desk"
            )
        if not evidence.approved(record, item.url, item.person, item.take):
            raise UserError(
                f"{item.person} has not approved this text of the take on {item.headline!r}: "
                f"run 'weeklyai draft --week {issue.week} --approve \"{item.person}\"' as that person, or sign it with the desk"
            )


def feed_facts(settings: Settings, health: list[FeedHealth]) -> dict[str, Any]:
    """Return the table's rows about feeds and items."""
    failed = sum(feed.status == "failed" for feed in health)
    with Archive(settings.archive) as archive:
        total = archive.counts().items
    return {
        "feeds": f"{len(health)}" + (f" ({failed} failed)" if failed else ""),
        "items": f"{total} ({sum(feed.new for feed in health)} new)",
    }
