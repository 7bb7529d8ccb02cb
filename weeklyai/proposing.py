"""A week's issue as a branch to be reviewed: which week is due, and the branch `issue/2024-W29` that holds it.

The branch is one commit on top of what is checked out. Its message is the title and body of the pull request, so that a
request that could not be opened is opened later from the branch alone. A branch that is there is never changed: an
editor may be at work in it.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from weeklyai import files, pullrequest
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.errors import UserError
from weeklyai.feeds.archive import Archive
from weeklyai.git import Repository
from weeklyai.places import Places
from weeklyai.publish import frontmatter
from weeklyai.weeks import news_of, resolve_week

MISSED = 3  # weeks before the current one that are made up for
# Where a build leaves what a site shows; of the first three only the week's own files are proposed.
OF_THE_WEEK = ("_posts", "_drafts", "evidence")
OF_THE_SITE = ("assets", "tags")

State = Literal["new", "proposed", "published"]


@dataclass(frozen=True, slots=True)
class Due:
    """A week and how far it has come: nothing yet, a branch on the remote, a post in what is checked out."""

    week: Week
    state: State


@dataclass(frozen=True, slots=True)
class Proposed:
    """A branch on the remote.

    Attributes:
        branch: its name, or "" where there was nothing to propose.
        title: of the pull request.
        body: of the pull request.
        created: False when the branch was there before.
    """

    branch: str
    title: str = ""
    body: str = ""
    created: bool = False


def branch_of(week: Week) -> str:
    """Return the name of the week's branch."""
    return f"issue/{week}"


def due(settings: Settings, repository: Repository, name: str, now: datetime) -> Due:
    """Return the week that wants an issue: the named one, else the current one, else the newest that was missed.

    A week was missed when an older one has come out, no branch proposes it, and the archive holds enough items of it.
    A new site has missed nothing.

    Args:
        settings: the site.
        repository: of the site.
        name: a week as `weeklyai build` takes it, or "" to choose.
        now: the clock.

    Raises:
        UserError: no such week, or it lies ahead.
        WeeklyError: the remote cannot be reached.
    """
    repository.top()
    week = resolve_week(settings, name or "current", now)
    first = Due(week, _state(repository, week))
    if name or first.state == "new":
        return first
    missed: list[Week] = []
    for _ in range(MISSED):
        week = Week.of(settings.site.publish_time.in_week(week) - timedelta(days=7))
        if _state(repository, week) != "new":
            break
        missed.append(week)
    else:  # nothing came out for as long as we look back: a new site, or one that slept
        return first
    return next((Due(one, "new") for one in missed if _has_news(settings, one)), first)


def propose(
    settings: Settings, repository: Repository, week: Week, built: Mapping[str, Any]
) -> Proposed:
    """Push the week's post (or its draft) as its branch, unless the remote has that branch.

    Args:
        settings: the site.
        repository: of the site.
        week: the issue.
        built: what `weeklyai build --json` printed, or {}.

    Raises:
        UserError: there is neither post nor draft.
        WeeklyError: git fails.
    """
    top, branch = repository.top(), branch_of(week)
    if repository.tip(branch):
        return _there(repository, branch)
    places = Places(settings, week)
    text = places.post or places.draft
    if not text.exists():
        raise UserError(
            f"{week} has neither post nor draft to propose: run 'weeklyai build --week {week}'"
        )
    tree = _tree(Repository(top, repository.remote), settings.folder, week)
    if tree == repository.run("rev-parse", "HEAD^{tree}").strip():
        return Proposed("")
    evidence = places.record(places.post) if places.post else places.draft_record
    record = files.read_json(evidence) if evidence.exists() else {}
    body = pullrequest.body(record, built, published=places.post is not None)
    matter, _ = frontmatter.load(text.read_text(encoding="utf-8"), str(text))
    title = pullrequest.title(week, matter.title, published=places.post is not None)
    head = repository.run("rev-parse", "HEAD").strip()
    commit = repository.commit(tree, f"{title}\n\n{body}", head)
    if repository.push(commit, branch, expected=""):
        return Proposed(branch, title, body, created=True)
    return _there(repository, branch)  # somebody was quicker


def _state(repository: Repository, week: Week) -> State:
    """Say how far a week has come; a post that no commit holds does not count."""
    posts = repository.run("ls-tree", "-z", "--name-only", "HEAD", "_posts/").split("\0")
    if any(name.endswith(f"-{week.slug}.md") for name in posts):
        return "published"
    return "proposed" if repository.tip(branch_of(week)) else "new"


def _has_news(settings: Settings, week: Week) -> bool:
    if not settings.archive.exists():
        return False
    with Archive(settings.archive) as archive:
        return len(news_of(archive, settings, week).items) >= settings.post.min_stories


def _there(repository: Repository, branch: str) -> Proposed:
    """Return a branch that is there, with the title and body that its last commit carries."""
    message = repository.run("log", "-1", "--format=%B", repository.fetch(branch))
    title, _, body = message.partition("\n")
    return Proposed(branch, title, body.strip() + "\n")


def _tree(repository: Repository, site: Path, week: Week) -> str:
    """Return the tree of what is checked out with the week's files as they lie in the folder.

    An index of our own is filled, so a person's staged changes neither come along nor get lost.
    """
    prefix = Path(site).resolve().relative_to(repository.folder.resolve()).as_posix()
    places = [Path(prefix, name).as_posix() for name in (*OF_THE_WEEK, *OF_THE_SITE)]
    with tempfile.TemporaryDirectory() as folder:
        index = str(Path(folder, "index"))
        repository.run("read-tree", "HEAD", GIT_INDEX_FILE=index)
        words = ("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *places)  # fmt: skip
        rows = repository.run(*words, GIT_INDEX_FILE=index).split("\0")
        changed = [row[3:] for row in rows if row and _belongs(row[3:], prefix, week)]
        data = "\0".join(changed).encode("utf-8", "surrogateescape")
        repository.run("update-index", "-z", "--add", "--remove", "--stdin", data=data, GIT_INDEX_FILE=index)  # fmt: skip
        return repository.run("write-tree", GIT_INDEX_FILE=index).strip()


def _belongs(path: str, prefix: str, week: Week) -> bool:
    """Say whether a changed file (named from the repository's top) is part of the week's issue."""
    inner = Path(path).relative_to(prefix)
    own = inner.stem == week.slug or inner.stem.endswith(f"-{week.slug}")
    return own or inner.parts[0] not in OF_THE_WEEK
