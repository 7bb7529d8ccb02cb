"""Bulk text into the archive and out of it, as JSON lines (`weeklyai.feeds.jsonl`).

An import commits a few thousand items at a time, and with them, in the same transaction, how far the file was read: one
that was killed goes on behind the last committed line and ends with the archive that it would have had anyway.
"""

import gzip
import json
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from weeklyai import files
from weeklyai.errors import UserError
from weeklyai.feeds import jsonl
from weeklyai.feeds.archive import Archive, content
from weeklyai.feeds.identity import identity
from weeklyai.records import FeedItem

BATCH_ITEMS, BATCH_CHARACTERS = 5_000, 8_000_000  # of one transaction, whichever is reached first
SHOWN = 20  # bad lines told of one by one
_SNIFFED = 20  # lines that show whether a file is JSON lines at all
_DAMAGE = (OSError, EOFError, zlib.error)
OnBatch = Callable[[float, str], None]


@dataclass(slots=True)
class Imported:
    """What became of one file.

    Attributes:
        file: as it was named.
        start: lines that an earlier run had done.
        lines: lines read by this run.
        new: items stored.
        same_id: records of an item that is there: its address, or title and text where it has none.
        same_text: records of another address whose text is there, word for word.
        bad: lines that are no record.
        faults: the first of them, by number and with the reason.
        damage: why the file could not be read to its end, or "".
        known: the whole file had been read before, so nothing was done.
        seconds: wall time.
    """

    file: str
    start: int = 0
    lines: int = 0
    new: int = 0
    same_id: int = 0
    same_text: int = 0
    bad: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)
    damage: str = ""
    known: bool = False
    seconds: float = 0.0

    @property
    def useful(self) -> bool:
        """Say whether anything of the file is in the archive, from now or before."""
        return bool(self.new or self.same_id or self.same_text or self.start or self.known)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def import_files(
    archive: Archive,
    paths: Sequence[Path],
    now: datetime,
    on_batch: OnBatch = lambda _, __: None,
    *,
    again: bool = False,
) -> list[Imported]:
    """Read the files, and those of the folders, among `paths` into the archive; return what became of each.

    Args:
        archive: where to.
        paths: .jsonl or .jsonl.gz files, or folders of such; packed or not is seen from their first bytes.
        now: when the items were first seen.
        on_batch: told the share of all bytes done, and a line about it.
        again: read files that were read before.

    Raises:
        UserError: there is no such file, or it is something else; nothing was read then.
    """
    chosen = list(dict.fromkeys(file for path in paths for file in _expanded(path)))
    for path in chosen:
        _sniff(path)
    total = sum(path.stat().st_size for path in chosen) or 1
    found, before = [], 0
    for path in chosen:
        one = _Import(archive, path, now)
        one.run(lambda at, line: on_batch((before + at) / total, line), again=again)  # noqa: B023 -- called at once
        found.append(one.done)
        before += path.stat().st_size
    return found


class _Import:
    """The import of one file."""

    def __init__(self, archive: Archive, path: Path, now: datetime) -> None:
        self.archive, self.path, self.now = archive, path, now
        self.done = Imported(str(path))
        self.batch: list[tuple[FeedItem, bool]] = []  # with whether it brings its id along
        stat = path.stat()
        self.key = str(path.resolve()), stat.st_size, stat.st_mtime_ns

    def run(self, on_batch: Callable[[int, str], None], *, again: bool) -> None:
        """Read the file from where the last run stopped."""
        began, done = time.monotonic(), self.done
        query = "SELECT lines, finished FROM imports WHERE (path, size, changed) = (?, ?, ?)"
        row = None if again else self.archive.db.execute(query, self.key).fetchone()
        done.start, done.known = (row[0], bool(row[1])) if row else (0, False)
        if done.known:
            return
        with self.path.open("rb") as file:
            try:
                self._read(file, on_batch)
            except _DAMAGE as error:
                done.damage = f"cannot be read beyond line {done.start + done.lines}: {error}"
        self._commit(finished=not done.damage)
        done.seconds = round(time.monotonic() - began, 2)

    def _read(self, file: BinaryIO, on_batch: Callable[[int, str], None]) -> None:
        done, characters = self.done, 0
        for number, line in jsonl.lines(file):
            if number <= done.start:
                continue
            done.lines += 1
            if line is not None and not line.strip():
                continue
            try:
                fields = jsonl.record(line)
                item = jsonl.to_item(fields, _stem(self.path), self.now)
            except jsonl.BadRecord as fault:
                done.bad += 1
                if len(done.faults) < SHOWN:
                    done.faults.append((number, str(fault)))
                continue
            self.batch.append((item, bool(fields.get("id"))))
            characters += len(item.text)
            if len(self.batch) >= BATCH_ITEMS or characters >= BATCH_CHARACTERS:
                self._commit(finished=False)
                characters = 0
                on_batch(file.tell(), f"{self.path.name}: {number:,} lines, {done.new:,} new items")

    def _commit(self, *, finished: bool) -> None:
        """Store the batch and how far the file was read; a file that gave nothing is forgotten."""
        done = self.done
        with self.archive.writing():
            # By date, so that what is read together, the items of a week, lies together on the disk.
            for item, exported in sorted(self.batch, key=lambda pair: pair[0].published):
                self._store(item, exported=exported)
            if done.useful:
                self.archive.db.execute(
                    "INSERT OR REPLACE INTO imports (path, size, changed, lines, finished) VALUES (?, ?, ?, ?, ?)",
                    (*self.key, done.start + done.lines, finished),
                )
        self.batch.clear()

    def _store(self, item: FeedItem, *, exported: bool) -> None:
        """Store one item unless it is there, the first of several; what an archive held apart stays apart."""
        ask, twin = self.archive.db.execute, "SELECT 1 FROM items WHERE content = ?"
        row = ask("SELECT title FROM items WHERE id = ?", (item.id,)).fetchone()
        if row and item.url and row[0] != item.title and not exported:
            # Parts of one page share its address (a digest cut into sections): each is an item under its own title.
            item = replace(item, id=identity(None, item.url, item.title, None, ""))
            row = ask("SELECT title FROM items WHERE id = ?", (item.id,)).fetchone()
        if row:
            self.done.same_id += 1
        elif not exported and ask(twin, (content(item),)).fetchone():
            self.done.same_text += 1
        else:
            self.archive.insert([item], self.now)
            self.done.new += 1


def _expanded(path: Path) -> list[Path]:
    """Return a file, or the JSON lines files of a folder by name."""
    if path.is_dir():
        inside = sorted([*path.glob("*.jsonl"), *path.glob("*.jsonl.gz")])
        if not inside:
            raise UserError(f"{path} holds no .jsonl or .jsonl.gz file")
        return inside
    if not path.is_file():
        raise UserError(
            f"{path} is no file: name JSON lines (.jsonl, .jsonl.gz) or a folder of them"
        )
    return [path]


def _sniff(path: Path) -> None:
    """Refuse what is not JSON lines at all: a file of which no early line is an object.

    Raises:
        UserError: it is another kind of file, or cannot be opened.
    """
    reason = ""
    try:
        with path.open("rb") as file:
            for number, line in islice(jsonl.lines(file), _SNIFFED):
                try:
                    jsonl.record(line)
                except jsonl.BadRecord as fault:
                    reason = reason or (f"line {number} {fault}" if line and line.strip() else "")
                else:
                    return
    except EOFError:
        return  # cut short: whatever is whole is read, and the rest told of
    except _DAMAGE as error:
        reason = reason or str(error)
    if reason:
        raise UserError(f"{path} is not JSON lines, one object a line: {reason}")


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".jsonl")


def export_file(
    archive: Archive, path: Path, items: Iterable[FeedItem], on_batch: OnBatch = lambda _, __: None
) -> int:
    """Write `items` of `archive` to a new file of JSON lines, packed where its name ends in .gz; return how many.

    The file is there whole or not at all; equal items give equal bytes.

    Raises:
        UserError: the file exists, or cannot be written.
    """
    if path.exists():
        raise UserError(f"{path} exists already: choose another name or remove it")
    total, number = archive.counts().items or 1, 0
    try:
        with files.replacing(path) as new, new.open("wb") as raw:
            packed = gzip.GzipFile("", "wb", 6, raw, mtime=0) if path.suffix == ".gz" else None
            for number, item in enumerate(items, 1):
                line = json.dumps(jsonl.to_record(item), ensure_ascii=False) + "\n"
                (packed or raw).write(line.encode())
                if number % 1_000 == 0:
                    on_batch(number / total, f"{number:,} items")
            if packed:
                packed.close()
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from None
    return number
