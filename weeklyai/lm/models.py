"""The store of models: each finished run in a folder of its own, one of them promoted, and how it came to that.

`training/` is the run folder of the run in progress. A finished one is moved to `<model id>/` without its optimiser's
files, since a run that goes on from it starts a new one. `current.json` names the promoted model and keeps every
decision. Each change is one rename, of a folder or of `current.json`, so a kill between any two leaves a store that the
next command goes on with.
"""

import contextlib
import shutil
from datetime import UTC, datetime
from pathlib import Path

from weeklyai import files
from weeklyai.errors import UserError, WeeklyError
from weeklyai.lm import checkpoint, decisions
from weeklyai.lm.decisions import Decision
from weeklyai.lm.run import Run
from weeklyai.lm.stored import RUN, Stored, read, trouble

__all__ = ["CARD", "TAKEN", "Store", "Stored", "current", "trouble"]

CARD = "current.json"
TAKEN = (
    "taken-over"  # where a model from elsewhere is put, its record last; the next `Store` files it
)
_GONE, _UNREADABLE = "gone-", "unreadable"
_KEPT = ("weights", "schedule")  # tensor files that a finished run is of use with
_NONE = "there is no model yet: 'weeklyai train' or 'weeklyai build' makes one"


class Store:
    """The models of one site.

    Args:
        folder: of the store. What an older version left there, or a kill, is put in order at once.

    Attributes:
        mended: a sentence for people where `current.json` was damaged or named a model that is gone, else "".
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.training = folder / "training"
        self.mended = ""
        self._take_over()
        self._mend()

    # --- reading ---

    @property
    def history(self) -> list[Decision]:
        """Every decision, the oldest first.

        Raises:
            WeeklyError: `current.json` is damaged.
        """
        return decisions.read(self.folder / CARD)[1]

    @property
    def current(self) -> str:
        """The id of the promoted model, or ""; the errors are those of `history`."""
        return decisions.read(self.folder / CARD)[0]

    @property
    def current_folder(self) -> Path | None:
        """The run folder of the promoted model, or None where there is none yet; whether it is whole is not looked at."""
        current = self.current
        return self.folder / current if current else None

    @property
    def border(self) -> datetime | None:
        """The moment from which on the promoted model has read nothing, or None where that is not known."""
        folder = self.current_folder
        with contextlib.suppress(WeeklyError, ValueError):
            run = checkpoint.read_run(folder) if folder else None
            return datetime.fromisoformat(run.border) if run else None
        return None

    @property
    def predecessor(self) -> str:
        """The id of the model that the current one took over from, or "" where that is gone."""
        current, history = decisions.read(self.folder / CARD)
        found = (one.before for one in reversed(history) if one.model == current and one.kind in {"promoted", "chosen"})  # fmt: skip
        before = next(found, "")
        return before if before and (self.folder / before / RUN).exists() else ""

    def models(self) -> list[Stored]:
        """Return the finished runs, the newest first."""
        if not self.folder.is_dir():
            return []
        found = [read(path) for path in self.folder.iterdir() if decisions.ID.fullmatch(path.name) and path.is_dir()]  # fmt: skip
        return sorted(found, key=lambda one: (one.filed, one.model_id), reverse=True)

    def find(self, name: str) -> Stored:
        """Return the model whose id is or begins with `name`; "" is the current one.

        Raises:
            UserError: there is none, or more than one.
            WeeklyError: there is no model at all.
        """
        name = name.strip().lower() or self.current
        known = self.models()
        if not known or not name:
            raise WeeklyError(_NONE)
        found = [one for one in known if one.model_id.startswith(name)]
        if not found:
            raise UserError(f"no model's id begins with {name!r}: 'weeklyai models list' shows them")  # fmt: skip
        if len(found) > 1:
            ids = ", ".join(sorted(one.model_id for one in found))
            raise UserError(
                f"{len(found)} models' ids begin with {name!r}: {ids}; write more of it"
            )
        return found[0]

    def decision_on(self, model_id: str) -> Decision | None:
        """Return the latest decision that a model had a part in."""
        concerned = (one for one in reversed(self.history) if model_id in {one.model, one.before})
        return next(concerned, None)

    def state_of(self, one: Stored) -> str:
        """Return one word on a model: damaged, current, before (it), refused, earlier, or unused."""
        if one.trouble:
            return "damaged"
        if one.model_id == self.current:
            return "current"
        if one.model_id == self.predecessor:
            return "before"
        kinds = {each.kind for each in self.history if each.model == one.model_id}
        return "earlier" if kinds - {"refused"} else "refused" if kinds else "unused"

    # --- changing ---

    def file(self) -> Run:
        """Move the finished run in `training/` to its own folder and return it.

        Raises:
            WeeklyError: there is no finished run, or its record is damaged.
        """
        return self.admit(self.training)

    def admit(self, folder: Path) -> Run:
        """Move the finished run in `folder`, which lies in the store, to its own place; the errors are those of `file`."""
        run = checkpoint.read_run(folder)
        if run is None or not run.finished:
            raise WeeklyError(f"there is no finished run in {folder}: run 'weeklyai train'")
        keep = {RUN, "tokenizer.tiktoken"}
        keep |= {f"{kind}-{getattr(run, kind, '')[:12]}.safetensors" for kind in _KEPT}
        for path in folder.iterdir():
            if path.name not in keep and (path.suffix == ".safetensors" or path.name == "checkpoint-before.json"):  # fmt: skip
                path.unlink()
        target = self.folder / run.model_id
        if target.exists() and not trouble(target):  # the same weights, made once more
            self._remove(folder)
            return run
        if target.exists():
            self._remove(target)
        folder.replace(target)
        return run

    def decide(self, decision: Decision) -> None:
        """Add `decision` to the history; unless the model is refused, it is the current one from now on."""
        decisions.add(self.folder / CARD, decision)

    def choose(self, name: str, date: str) -> Decision:
        """Make the model whose id begins with `name` the current one, because a person says so.

        Raises:
            UserError: there is no such model, or more than one, or it is the current one already.
            WeeklyError: there is no model at all, or the model is damaged.
        """
        one = self.find(name) if name.strip() else None
        if one is None:
            raise UserError("say which model: 'weeklyai models list' shows them")
        if why := trouble(one.folder):
            raise WeeklyError(why)
        before = self.current
        if before == one.model_id:
            raise UserError(f"{before} is the current model already")
        decision = Decision(kind="chosen", model=one.model_id, before=before, date=date, reason="chosen by a person")  # fmt: skip
        self.decide(decision)
        return decision

    def rollback(self, date: str) -> Decision:
        """Make the predecessor the current model again.

        Raises:
            UserError: there is none.
        """
        current, before = self.current, self.predecessor
        if not current:
            raise WeeklyError(_NONE)
        if not before:
            raise UserError(
                f"no model before {current} is left to go back to: 'weeklyai models list' shows those at hand"
            )
        reason = f"rolled back from {current} by a person"
        decision = Decision(kind="rolled back", model=before, before=current, date=date, reason=reason)  # fmt: skip
        self.decide(decision)
        return decision

    def prune(self, keep: int) -> list[Stored]:
        """Remove all models but the current one, its predecessor and the `keep` newest whole ones; return the removed."""
        known = self.models()
        whole = [one.model_id for one in known if not one.trouble]
        kept = {self.current, self.predecessor, *whole[:keep]}
        gone = [one for one in known if one.model_id not in kept]
        for one in gone:
            self._remove(one.folder)
        return gone

    # --- inside ---

    def _remove(self, folder: Path) -> None:
        """Remove a folder: first from sight by one rename, then from the disk."""
        gone = folder.with_name(f"{_GONE}{folder.name}")
        shutil.rmtree(gone, ignore_errors=True)
        folder.replace(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def _take_over(self) -> None:
        """Sweep up what a kill left, and file a model that lies in the store's own folder, as older versions wrote it."""
        for path in self.folder.glob(f"{_GONE}*"):
            shutil.rmtree(path, ignore_errors=True)
        taken = self.folder / TAKEN
        if (self.folder / RUN).exists():
            taken.mkdir(exist_ok=True)
            loose = [path for path in self.folder.iterdir() if path.is_file() and path.name != CARD]
            for path in sorted(
                loose, key=lambda path: path.name == RUN
            ):  # the record last: it makes a model
                path.replace(taken / path.name)
        try:
            run = checkpoint.read_run(taken)
        except WeeklyError:  # of a format that is read no more: set aside, and training begins anew
            shutil.rmtree(self.folder / _UNREADABLE, ignore_errors=True)
            taken.replace(self.folder / _UNREADABLE)
            return
        if run and run.finished:
            self._adopt(taken, run)
        elif run and self.training.exists():
            self._remove(taken)
        elif run:
            taken.replace(self.training)

    def _mend(self) -> None:
        """Let the newest whole model draft where `current.json` is damaged, and set aside, or names one that is gone."""
        try:
            current = self.current
            if not current or (self.folder / current / RUN).exists():
                return
            why = f"{CARD} named model {current}, which is gone"
        except WeeklyError:
            why = f"{CARD} was damaged"
        sound = next((one.model_id for one in self.models() if not trouble(one.folder)), "")
        aside = self.folder / f"{CARD}.damaged"
        (self.folder / CARD).replace(aside)
        why += f" (kept as {aside.name})"
        self.mended = f"{why}: " + (f"{sound}, the newest whole model, drafts from now on" if sound else "no whole model is left")  # fmt: skip
        if sound:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            self.decide(Decision(kind="taken over", model=sound, date=now, reason=why))

    def _adopt(self, taken: Path, run: Run) -> None:
        """File a run that came from elsewhere, with its own history if it brings one; promote it where none is current.

        The decision is written first: a model that `current.json` names and that is not in its place yet is still in
        `taken`, and the next call moves it there.
        """
        card = taken / CARD
        if not self._settled(run.model_id):
            try:
                brought = decisions.read(card)
            except WeeklyError:
                brought = ("", [])
            if brought[0] == run.model_id:
                files.write_bytes(self.folder / CARD, card.read_bytes())
            else:
                now = datetime.now(UTC).isoformat(timespec="seconds")
                self.decide(Decision(kind="taken over", model=run.model_id, date=now, reason="it was there before the store"))  # fmt: skip
        card.unlink(missing_ok=True)
        self.admit(taken)

    def _settled(self, model_id: str) -> bool:
        """Say whether a model is current and in its place, or is the one that is about to be put there."""
        try:
            current = self.current
        except WeeklyError:
            return False
        return bool(current) and (current == model_id or (self.folder / current / RUN).exists())


def current(folder: Path) -> Path:
    """Return the run folder of the promoted model of the store in `folder`.

    Raises:
        WeeklyError: there is none.
    """
    found = Store(folder).current_folder
    if found is None:
        raise WeeklyError(f"there is no model in {folder}: run 'weeklyai train'")
    return found
