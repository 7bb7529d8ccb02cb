"""The check-up: what is installed, configured, stale or broken, and how to mend it."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from weeklyai import config
from weeklyai.config import Settings
from weeklyai.errors import WeeklyError
from weeklyai.feeds import opml
from weeklyai.feeds.archive import Archive
from weeklyai.publish import samples, templates

State = Literal["ok", "note", "broken"]
STALE = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the check-up."""

    state: State
    what: str
    sentence: str

    def as_json(self) -> dict[str, str]:
        """Return the finding as JSON values."""
        return asdict(self)


def examine(folder: Path, now: datetime) -> list[Finding]:
    """Return the findings for the site in `folder`, the installation first; never raises for what it examines."""
    findings = list(_installation())
    try:
        settings = config.load(folder)
    except WeeklyError as error:
        return [*findings, Finding("broken", "settings", str(error))]
    findings.append(Finding("ok", "settings", f"{folder / config.FILE_NAME} is valid"))
    checks: tuple[tuple[str, Callable[[Settings, datetime], Iterator[Finding]]], ...] = (
        ("feeds", _feeds), ("archive", _archive), ("model", _model), ("templates", _templates), ("site", _site),
    )  # fmt: skip
    for what, check in checks:
        try:
            findings.extend(check(settings, now))
        except WeeklyError as error:
            findings.append(Finding("broken", what, str(error)))
    return findings


def _installation() -> Iterator[Finding]:
    names = ("weeklyai", "torch", "tiktoken", "feedparser", "httpx", "jinja2", "markdown")
    yield Finding("ok", "installed", ", ".join(f"{name} {version(name)}" for name in names))
    if shutil.which("jekyll"):
        yield Finding("ok", "jekyll", "is installed")
    else:
        yield Finding(
            "note",
            "jekyll",
            "is not installed: posts are written, but this machine cannot build the site",
        )


def _feeds(settings: Settings, _: datetime) -> Iterator[Finding]:
    found = opml.read(settings.opml)
    if found:
        yield Finding("ok", "feeds", f"{len(found)} in {settings.opml}")
    else:
        yield Finding(
            "broken",
            "feeds",
            f"{settings.opml} lists none: add some with 'weeklyai feeds add ADDRESS'",
        )


def _archive(settings: Settings, now: datetime) -> Iterator[Finding]:
    if not settings.archive.exists():
        yield Finding("note", "archive", "is empty: run 'weeklyai fetch'")
        return
    with Archive(settings.archive) as archive:
        health, counts = archive.feeds.all(), archive.counts()
    fetched = max((feed.last_fetched for feed in health if feed.last_fetched), default=None)
    yield Finding(
        "ok", "archive", f"{counts.items} items of {counts.feeds} feeds in {settings.archive}"
    )
    if fetched is None or now - fetched > STALE:
        yield Finding(
            "note", "archive", f"was last fetched {fetched or 'never'}: run 'weeklyai fetch'"
        )
    for feed in health:
        if feed.failures:
            yield Finding(
                "note",
                "feed",
                f"{feed.url} failed {feed.failures} time(s) running: {feed.last_reason}",
            )


def _model(settings: Settings, _: datetime) -> Iterator[Finding]:
    from weeklyai.lm import checkpoint, models  # noqa: PLC0415 -- torch takes seconds to import

    store = models.Store(settings.model)
    if store.mended:
        yield Finding("note", "model", store.mended)
    folder = store.current_folder
    if folder is None:
        yield Finding(
            "note", "model", "there is none yet: 'weeklyai train' or 'weeklyai build' makes one"
        )
    elif trouble := models.trouble(folder):
        back = f"'weeklyai models rollback' goes back to {store.predecessor}, " if store.predecessor else ""  # fmt: skip
        yield Finding("broken", "model", f"{store.current}: {trouble.partition(': ')[0]}: {back}'weeklyai build' trains a new one")  # fmt: skip
    else:
        model, _tokenizer, run = checkpoint.load(folder)
        yield Finding("ok", "model", f"{run.model_id}, {model.num_parameters:,} parameters, {run.by_week['all']:.3f} bits/byte")  # fmt: skip
    for one in store.models():
        if one.trouble:
            yield Finding("note", "model", f"{one.trouble.partition(': ')[0]}: remove {one.folder}, or 'weeklyai models prune'")  # fmt: skip
    started = checkpoint.read_run(store.training)
    if started:
        yield Finding("note", "training", f"a run stands at {started.progress:.0%}: 'weeklyai train' goes on with it")  # fmt: skip


def _templates(settings: Settings, _: datetime) -> Iterator[Finding]:
    samples.fill_all(settings.folder)
    own = [one.name for one in templates.listed(settings.folder) if one.whose != "weeklyai"]
    shown = ", ".join(own) or "none of its own, the defaults are used"
    yield Finding("ok", "templates", f"filled with a sample: {shown}")


def _site(settings: Settings, _: datetime) -> Iterator[Finding]:
    path = settings.folder / "_config.yml"
    found = (
        re.search(
            r"^timezone:\s*[\"']?([^\"'\s#]+)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
        if path.exists()
        else None
    )
    if not path.exists():
        yield Finding(
            "note",
            "_config.yml",
            "is missing: Jekyll will build with its defaults, in the wrong time zone",
        )
    elif not found or found[1] != settings.site.timezone:
        yield Finding(
            "broken", "_config.yml",
            f"timezone is {found[1] if found else 'unset'}, weeklyai.toml says {settings.site.timezone}: make them equal, "
            "or posts near midnight land under another day",
        )  # fmt: skip
    else:
        yield Finding("ok", "_config.yml", f"timezone is {found[1]}, as in weeklyai.toml")
    memo = settings.folder / "assets" / "images" / "memo16.png"
    if not memo.exists():
        yield Finding(
            "broken",
            "assets",
            f"{memo} is missing, and every news entry shows it: copy it from a new site ('weeklyai init')",
        )
