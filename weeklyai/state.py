"""Archive and model, kept on a branch of the site's repository: for builds on machines that forget.

A cache may be dropped any day; a branch stays. It is an orphan that is replaced by one new commit each time, so the
repository does not grow with its history. What it holds is as public as the repository: the text of feed items.
"""

import json
import lzma
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from weeklyai import __version__, files
from weeklyai.config import Settings
from weeklyai.errors import WeeklyError
from weeklyai.feeds.archive import Archive
from weeklyai.git import Repository

BRANCH = "state"
TEXT_MEGABYTES = 64  # of the newest items' text; older ones keep headline, link and date
FORMAT = 1
TRIES = 3
PRESET = 1  # of xz; 6 packs a fifth smaller and takes ten times as long
MAX_FILE = 95_000_000  # bytes; GitHub takes no file over 100 MB
MAX_ARCHIVE = 4_000_000_000  # bytes unpacked; what claims to be more is no archive of ours
_ARCHIVE, _CARD, _README = "archive.sqlite.xz", "state.json", "README.md"
_MODEL = re.compile(
    r"checkpoint\.json|current\.json|tokenizer\.tiktoken|(weights|schedule)-[0-9a-f]{12}\.safetensors"
)
_WORDS = """This branch is written by `weeklyai state save`, as one commit that replaces the one before. It holds the
archive of feed items and the trained model. Delete it to begin anew.
"""
_TOO_LONG = """
UPDATE items SET summary = '', body = '' WHERE summary || body != '' AND id IN (
    SELECT id FROM (
        SELECT id, sum(length(summary) + length(body)) OVER (ORDER BY published DESC, id) AS total FROM items
    ) WHERE total > ?
)
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was saved or loaded.

    Attributes:
        commit: on the branch, or "" where there is none.
        items: in the archive.
        pruned: of these, how many lost their text to the limit just now.
        megabytes: of the packed archive.
        model: id of the current model, or "" where there is none.
        left: why that model is not on the branch, or "".
    """

    commit: str
    items: int = 0
    pruned: int = 0
    megabytes: float = 0.0
    model: str = ""
    left: str = ""


def save(settings: Settings, repository: Repository, *, text: int = TEXT_MEGABYTES) -> Kept:
    """Replace the branch by one commit of archive and model; what another run saved meanwhile is taken in first.

    Args:
        settings: the site.
        repository: of the site.
        text: how many megabytes of text the branch may hold, before packing.

    Raises:
        WeeklyError: there is no archive, it is too large, or the remote cannot be reached or changed.
    """
    if not settings.archive.exists():
        raise WeeklyError(f"{settings.archive} is missing, so there is nothing to save: run 'weeklyai fetch'")  # fmt: skip
    for _ in range(TRIES):
        tip = repository.tip(BRANCH)
        if tip and tip != _known(settings):
            load(settings, repository)
        kept = _commit(settings, repository, text)
        if repository.push(kept.commit, BRANCH, tip):
            files.write_json(_marker(settings), {"commit": kept.commit})
            return kept
    raise WeeklyError(
        f"the branch {BRANCH} was changed by another run each time: let that one finish, then run 'weeklyai state save' again"
    )


def load(settings: Settings, repository: Repository) -> Kept:
    """Bring the branch's archive and model here; an archive that is here already only gains what it lacks.

    Raises:
        WeeklyError: the branch holds something else, or the remote cannot be reached. Nothing was changed then.
    """
    if not repository.tip(BRANCH):
        return Kept("")
    commit = repository.fetch(BRANCH)
    names = set(repository.run("ls-tree", "-r", "-z", "--name-only", commit).split("\0"))
    with _workshop(settings) as folder:
        try:
            _check_card(repository, commit, folder)
            found = _unpack(repository, commit, folder)
            with Archive(found) as archive:
                _index(archive.db, "rebuild")
        except (lzma.LZMAError, EOFError, ValueError, WeeklyError, sqlite3.Error) as error:
            raise WeeklyError(
                f"the branch {BRANCH} of {repository.remote} cannot be used ({error}): update weeklyai, or begin anew "
                f"with 'git push {repository.remote} --delete {BRANCH}'"
            ) from None
        if settings.archive.exists():
            _merge(found, settings.archive)
        else:
            for rest in (
                "-wal",
                "-shm",
            ):  # of an archive that is gone: SQLite would play it into the new one
                settings.archive.with_name(settings.archive.name + rest).unlink(missing_ok=True)
            found.replace(settings.archive)
        model = _load_model(settings, repository, commit, names)
    files.write_json(_marker(settings), {"commit": commit})
    with Archive(settings.archive) as archive:
        return Kept(commit, archive.counts().items, model=model)


def _known(settings: Settings) -> str:
    """Return the commit that this folder's state last was, or ""."""
    path = _marker(settings)
    return str(files.read_json(path).get("commit", "")) if path.exists() else ""


def _marker(settings: Settings) -> Path:
    return settings.state / "branch.json"


@contextmanager
def _workshop(settings: Settings) -> Iterator[Path]:
    """Yield a folder on the archive's own file system, so that a finished file is moved in one step."""
    settings.state.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.state, prefix="state-") as folder:
        yield Path(folder)


# --- to the branch ------------------------------------------------------------------------------------------------


def _commit(settings: Settings, repository: Repository, text: int) -> Kept:
    """Return what was packed; its commit has no parent and no branch names it yet."""
    with _workshop(settings) as folder:
        items, pruned = _copy(settings.archive, folder / "archive.sqlite", text * 1_000_000)
        packed = folder / _ARCHIVE
        with (folder / "archive.sqlite").open("rb") as raw, lzma.open(packed, "wb", preset=PRESET) as out:  # fmt: skip
            shutil.copyfileobj(raw, out, 1 << 20)
        size = packed.stat().st_size
        if size > MAX_FILE:
            raise WeeklyError(f"the packed archive has {size / 1e6:.0f} MB, which GitHub refuses: keep less with --text (now {text})")  # fmt: skip
        card = {"format": FORMAT, "weeklyai": __version__, "items": items, "saved": datetime.now(UTC).isoformat(timespec="seconds")}  # fmt: skip
        (folder / _CARD).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
        (folder / _README).write_text(_WORDS, encoding="utf-8")
        model, found, left = _model_files(settings)
        tree = _tree(repository, {name: folder / name for name in (_ARCHIVE, _CARD, _README)}, found)  # fmt: skip
    commit = repository.commit(tree, f"Archive of {items} items")
    return Kept(commit, items, pruned, round(size / 1e6, 2), model, left)


def _copy(archive: Path, target: Path, limit: int) -> tuple[int, int]:
    """Write a compact copy of the archive, without index and without text beyond `limit` characters.

    Returns:
        Items, and how many of them lost their text.
    """
    with Archive(archive) as source:
        source.db.execute("VACUUM INTO ?", (str(target),))
    db = sqlite3.connect(target)
    try:
        db.execute("PRAGMA journal_mode = DELETE")
        pruned = db.execute(_TOO_LONG, (limit,)).rowcount
        _index(db, "delete-all")
        db.commit()
        db.execute("VACUUM")
        return db.execute("SELECT count(*) FROM items").fetchone()[0], pruned
    finally:
        db.close()


def _index(db: sqlite3.Connection, what: str) -> None:
    """Empty or rebuild the full-text indexes: half of the archive, and made from the rest in a moment."""
    tables = db.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'").fetchall()  # fmt: skip
    with db:
        for (name,) in tables:
            db.execute(f'INSERT INTO "{name}" ("{name}") VALUES (?)', (what,))  # noqa: S608 -- names of our schema


def _model_files(settings: Settings) -> tuple[str, dict[str, Path], str]:
    """Return the current model's id, its files, and why it is left behind; a run in progress always is."""
    from weeklyai.lm import models  # noqa: PLC0415 -- torch takes seconds to import

    store = models.Store(settings.model)
    folder = store.current_folder
    if folder is None:
        return "", {}, ""
    if trouble := models.trouble(folder):
        return store.current, {}, trouble
    found = {path.name: path for path in folder.iterdir() if _MODEL.fullmatch(path.name)}
    largest = max(path.stat().st_size for path in found.values())
    if largest > MAX_FILE:
        return store.current, {}, f"its weights have {largest / 1e6:.0f} MB, and GitHub takes no file over 100 MB"  # fmt: skip
    return store.current, found | {models.CARD: store.folder / models.CARD}, ""


def _tree(repository: Repository, top: dict[str, Path], model: dict[str, Path]) -> str:
    """Store the files and return their tree."""

    def lines(paths: dict[str, Path]) -> list[str]:
        return [
            f"100644 blob {repository.run('hash-object', '-w', '--no-filters', '--', str(path.resolve())).strip()}\t{name}"
            for name, path in sorted(paths.items())
        ]

    rows = lines(top)
    if model:
        inner = repository.run("mktree", data="\n".join(lines(model)).encode()).strip()
        rows.append(f"040000 tree {inner}\tmodel")
    return repository.run("mktree", data="\n".join(rows).encode()).strip()


# --- from the branch ----------------------------------------------------------------------------------------------


def _check_card(repository: Repository, commit: str, folder: Path) -> None:
    repository.copy_blob(f"{commit}:{_CARD}", folder / _CARD)
    card: Any = files.read_json(folder / _CARD)
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise ValueError(f"{_CARD} is not of format {FORMAT}; a newer weeklyai may have written it")


def _unpack(repository: Repository, commit: str, folder: Path) -> Path:
    repository.copy_blob(f"{commit}:{_ARCHIVE}", folder / _ARCHIVE)
    target, size = folder / "archive.sqlite", 0
    with lzma.open(folder / _ARCHIVE) as packed, target.open("wb") as out:
        while chunk := packed.read(1 << 20):
            size += len(chunk)
            if size > MAX_ARCHIVE:
                raise ValueError(f"{_ARCHIVE} unpacks to more than {MAX_ARCHIVE} bytes")
            out.write(chunk)
    return target


def _merge(theirs: Path, ours: Path) -> None:
    """Add to `ours` the items it lacks, and of each feed's states keep the younger."""
    with Archive(theirs) as other, Archive(ours) as archive:
        known = {row[0] for row in archive.db.execute("SELECT id FROM items")}
        everything = other.all_items(datetime.max.replace(tzinfo=UTC))
        archive.add([item for item in everything if item.id not in known], datetime.now(UTC))
        archive.db.execute("ATTACH ? AS theirs", (str(theirs),))
        with archive.db:
            archive.db.execute(
                "INSERT OR REPLACE INTO feeds SELECT * FROM theirs.feeds AS new WHERE coalesce(new.last_fetched, 0) > "
                "coalesce((SELECT last_fetched FROM feeds AS old WHERE old.url = new.url), -1)"
            )
        archive.db.execute("DETACH theirs")


def _load_model(settings: Settings, repository: Repository, commit: str, names: set[str]) -> str:
    """Put the branch's model where there is none here; its record last, which makes it one. Return the current one's id."""
    from weeklyai.lm import models  # noqa: PLC0415 -- torch takes seconds to import

    store = models.Store(settings.model)
    folder = store.current_folder
    if folder and folder.exists():
        return store.current
    found = [name.removeprefix("model/") for name in names if name.startswith("model/")]
    for name in sorted(filter(_MODEL.fullmatch, found), key=lambda name: name == "checkpoint.json"):
        with files.replacing(settings.model / models.TAKEN / name) as new:
            repository.copy_blob(f"{commit}:model/{name}", new)
    return models.Store(settings.model).current
