"""What the review page remembers of one draft, on disk at once: words typed and not kept, what it wrote, steps to undo.

All of it lies in .weeklyai/review/, so a killed server starts again where it was.
"""

import dataclasses
import hashlib
import json
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weeklyai import files

MOST_UNDONE = 50
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Jot:
    """Words typed and not kept yet, and what stood in the draft when their typing began."""

    text: str
    was: str


@dataclass(frozen=True, slots=True)
class Step:
    """What undo needs: the file and the record before a change, and the hash of the text that it ended in."""

    what: str
    text: str
    record: Record
    after: str

    def fits(self, text: str) -> bool:
        """Say whether the draft is as the change left it, or as it was before: a kill may have come in between."""
        return self.after == sha256(text) or self.text == text


def sha256(text: str) -> str:
    """Return the hash by which a step knows a text."""
    return hashlib.sha256(text.encode()).hexdigest()


class Notebook:
    """The memory of one draft's review. Every method may be called from any thread.

    Args:
        folder: of the site's review notes.
        name: of the draft.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.json"
        self.undo = folder / f"{name}.undo"
        self.lock = threading.RLock()
        self._last: tuple[tuple[str, int], Step] | None = None

    def recall(self) -> Record:
        """Return the memory: `jots` (typed, not kept), `mine` (written by the page), `was` (what stood there before) and `clashes`."""
        empty: Record = {"jots": {}, "mine": {}, "was": {}, "clashes": {}}
        try:
            return {**empty, **files.read_json(self.path)}
        except (OSError, ValueError):
            return empty

    def write(self, memory: Record) -> None:
        """Replace the memory."""
        files.write_json(self.path, memory)

    def forget(self) -> None:
        """Forget all: the draft is published."""
        self.path.unlink(missing_ok=True)
        shutil.rmtree(self.undo, ignore_errors=True)

    # --- what was typed and not kept yet ----------------------------------------------------------------------------

    def jots(self) -> dict[str, Jot]:
        """Return what was typed and not kept, by the name of the field."""
        found = self.recall()["jots"].items()
        # A notebook of an earlier version holds the words alone.
        return {name: Jot(one, "") if isinstance(one, str) else Jot(**one) for name, one in found}

    def jot(self, name: str, jot: Jot | None) -> None:
        """Keep what is being typed in a field, or forget it (None)."""
        with self.lock:
            memory = self.recall()
            value = dataclasses.asdict(jot) if jot else None
            if memory["jots"].get(name) == value:
                return
            memory["jots"].pop(name, None)
            if value:
                memory["jots"][name] = value
            self.write(memory)

    # --- steps to undo ----------------------------------------------------------------------------------------------

    def push(self, step: Step) -> None:
        """Remember a step; the oldest of more than fifty goes."""
        with self.lock:
            known = self._steps()
            number = int(known[-1].stem) + 1 if known else 1
            for old in known[: max(0, len(known) + 1 - MOST_UNDONE)]:
                old.unlink(missing_ok=True)
            path = self.undo / f"{number:06}.json"
            files.write_text(path, json.dumps(_plain(step), ensure_ascii=False))
            self._last = (_mark(path), step)

    def last(self) -> Step | None:
        """Return the newest step, or None."""
        with self.lock:
            known = self._steps()
            if not known:
                return None
            mark = _mark(known[-1])
            if self._last is None or self._last[0] != mark:
                try:
                    self._last = (mark, Step(**files.read_json(known[-1])))
                except (ValueError, TypeError):
                    return None
            return self._last[1]

    def pop(self) -> None:
        """Forget the newest step."""
        with self.lock:
            for path in self._steps()[-1:]:
                path.unlink(missing_ok=True)

    def _steps(self) -> list[Path]:
        return sorted(self.undo.glob("[0-9]*.json"))


def _mark(path: Path) -> tuple[str, int]:
    return path.name, path.stat().st_mtime_ns


def _plain(step: Step) -> Record:
    # dataclasses.asdict would copy the whole record.
    return {"what": step.what, "text": step.text, "record": step.record, "after": step.after}
