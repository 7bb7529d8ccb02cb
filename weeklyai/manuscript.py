"""One week's draft while several hands are at it: the review page in one or two tabs, a text editor, the command line.

The Markdown in _drafts/ is the truth. A change is made to the file as it lies there now, whoever wrote it last, and only
where the part to be changed still is what the page saw; else the page's version is kept in a file beside the draft and
both are shown. Nothing waits in memory: what was typed and not kept yet, and the steps to undo, lie in the notebook.
"""

import contextlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from weeklyai import files, parts
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.errors import UserError
from weeklyai.notebook import Notebook, Record, Step, sha256
from weeklyai.places import Places
from weeklyai.publish import normal, parse, post
from weeklyai.publish.templates import environment
from weeklyai.records import Issue

TOUCHED = "touched by a person"  # in place of the draft's hash: `places.was_edited` then says so
Edit = Callable[[Issue, Record], Issue]


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft as it lies there: its text, the issue in it (None where `fault` says why not), and its record."""

    text: str
    issue: Issue | None
    fault: str
    record: Record


class Manuscript:
    """The draft of one week. Every method may be called from any thread.

    Args:
        settings: the site.
        week: of the draft.
    """

    def __init__(self, settings: Settings, week: Week) -> None:
        self.places = Places(settings, week)
        self.path = self.places.draft
        self.notes = Notebook(settings.state / "review", week.slug)
        self.view = environment(settings.folder)
        self.lock = self.notes.lock
        self._parsed: tuple[str, Issue | None, str] = ("", None, "")
        self._seen = ""
        self._recover()

    # --- reading ----------------------------------------------------------------------------------------------------

    def read(self) -> Draft:
        """Return the draft, having looked whether another program wrote over a change of the page's.

        Raises:
            UserError: there is no draft.
        """
        with self.lock:
            draft = self._now()
            if draft.issue and draft.text != self._seen:
                self._notice(draft.issue)
                self._seen = draft.text
            return draft

    def _now(self) -> Draft:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise UserError(f"there is no draft {self.path}") from None
        except UnicodeDecodeError:
            return Draft("", None, f"{self.path} is not UTF-8 text", self._record())
        if self._parsed[0] != text:
            try:
                self._parsed = (text, parse.parse(text, str(self.path)), "")
            except UserError as error:
                self._parsed = (text, None, str(error))
        return Draft(text, self._parsed[1], self._parsed[2], self._record())

    def _record(self) -> Record:
        path = self.places.draft_record
        found: Record = files.read_json(path) if path.exists() else {"version": 1, "week": str(self.places.week), "items": []}  # fmt: skip
        found.setdefault("approvals", [])
        return found

    def _notice(self, issue: Issue) -> None:
        """Keep what the page wrote and the file no longer says, where a text editor saved an older copy; it may go on from ours."""
        memory = self.notes.recall()
        gone = {
            name: value
            for name, value in memory["mine"].items()
            if not parts.same(name, value, parts.read(issue, name, self.view))
        }
        for name, value in gone.items():
            del memory["mine"][name]
            before = memory["was"].pop(name, [])
            if not parts.goes_on(name, parts.read(issue, name, self.view), value, before):
                self._keep(memory, issue, name, value)
        if gone:
            self.notes.write(memory)

    # --- changing ---------------------------------------------------------------------------------------------------

    def change(self, what: str, edit: Edit, touched: Iterable[str] = ()) -> None:
        """Change draft and record.

        Args:
            what: it is, for the undo key.
            edit: makes the new issue of the present one, and changes the record in place.
            touched: the parts it changes.

        Raises:
            UserError: the draft cannot be read, or the post format has no place for the change; nothing is written then.
        """
        with self.lock:
            draft = self.read()
            if draft.issue is None:
                raise UserError(f"{draft.fault}; mend the file first")
            record = self._record()  # read anew: the step keeps the one from before
            issue = normal.normal(edit(draft.issue, record))
            record["draft_sha256"] = TOUCHED
            text = draft.text if issue == draft.issue else post.render(issue, self.view)
            self._parsed = (text, parse.parse(text, str(self.path)), "")
            if self._parsed[1] != issue:
                raise UserError(f"this site's templates/{post.TEMPLATE} does not print all of the issue: nothing was changed")  # fmt: skip
            # The step first, so that undo also mends what a kill leaves half done; then the record: a draft without its
            # record cannot be published, a record without its draft does no harm.
            self.notes.push(Step(what, draft.text, draft.record, sha256(text)))
            files.write_json(self.places.draft_record, record)
            if text != draft.text:
                self._remember(draft.issue, issue, touched)
                self._replace(draft.text, text)

    def _remember(self, before: Issue, issue: Issue, touched: Iterable[str]) -> None:
        """Note what the page wrote and what stood there, so that an older copy saved over it does not pass unseen."""
        memory = self.notes.recall()
        names = dict.fromkeys([*memory["mine"], *touched])
        memory["mine"] = mine = {name: parts.read(issue, name, self.view) for name in names}
        for name in names:
            stood = [*memory["was"].get(name, ()), parts.read(before, name, self.view)]
            memory["was"][name] = [one for one in dict.fromkeys(stood) if one != mine[name]]
        self.notes.write(memory)

    def _replace(self, before: str, text: str) -> None:
        """Put `text` in the draft's place; what another program saved since `before` was read is kept beside it."""
        aside = self._aside()
        with contextlib.suppress(OSError):  # a file system without hard links
            aside.unlink(missing_ok=True)
            os.link(self.path, aside)
        files.write_text(self.path, text)
        self._seen = text
        if aside.exists():
            self._sort(aside, before)

    def _aside(self) -> Path:
        return self.path.with_name(f".{self.path.name}.before")

    def _sort(self, aside: Path, before: str) -> None:
        """Remove what was put aside while the draft was written, or keep it where it is not what was read `before`."""
        if aside.read_bytes() == before.encode():
            aside.unlink()
            return
        memory = self.notes.recall()
        kept = self._free_name()
        aside.replace(kept)
        memory["clashes"][kept.name] = {"part": "", "value": ""}
        self.notes.write(memory)

    def _recover(self) -> None:
        """Sort what a server that was killed while it wrote had put aside."""
        aside = self._aside()
        if not aside.exists():
            return
        if self.path.exists() and aside.samefile(self.path):
            aside.unlink()
            return
        step = self.notes.last()
        self._sort(aside, step.text if step else "")

    def undo(self) -> str:
        """Take the last change back and say which it was.

        Raises:
            UserError: there is none, or another program wrote the draft since.
        """
        with self.lock:
            draft = self.read()
            step = self.notes.last()
            if step is None:
                raise UserError("there is nothing to undo")
            if not step.fits(draft.text):
                raise UserError(
                    "the file was changed by another program since, so this cannot be undone here"
                )
            issue = parse.parse(step.text, str(self.path))
            files.write_json(self.places.draft_record, {**step.record, "draft_sha256": TOUCHED})
            if step.text != draft.text:
                self._remember(draft.issue or issue, issue, ())
                self._replace(draft.text, step.text)
            self.notes.pop()
            return step.what

    # --- conflicts --------------------------------------------------------------------------------------------------

    def clash(self, name: str, value: str) -> Path:
        """Keep the page's version of a part, which the draft no longer is as the page saw it; return the file."""
        with self.lock:
            draft = self._now()
            memory = self.notes.recall()
            if draft.issue is None:
                raise UserError(f"{draft.fault}; mend the file first")
            kept = self._keep(memory, draft.issue, name, value)
            self.notes.write(memory)
            return kept

    def _keep(self, memory: Record, issue: Issue, name: str, value: str) -> Path:
        kept = self._free_name()
        changed = normal.normal(parts.write(issue, name, value))
        files.write_text(kept, post.render(changed, self.view))
        memory["clashes"][kept.name] = {"part": name, "value": value}
        return kept

    def _free_name(self) -> Path:
        numbers = range(1, 1000)
        names = (self.path.with_name(f"{self.path.stem}-conflict-{n}.md") for n in numbers)
        return next(path for path in names if not path.exists())

    def clashes(self) -> dict[str, Record]:
        """Return part and value of each version that is kept in a file of its own, by the file's name."""
        noted = self.notes.recall()["clashes"]
        there = sorted(self.path.parent.glob(f"{self.path.stem}-conflict-*.md"))
        return {path.name: noted.get(path.name, {"part": "", "value": ""}) for path in there}

    def settle(self, name: str, *, ours: bool) -> None:
        """End a conflict: the draft takes the page's version (`ours`) or stays as it is, and the kept file goes."""
        with self.lock:
            found = self.clashes().get(name)
            if found is None:
                raise UserError("this conflict is settled already")
            if ours and found["part"]:
                part, value = found["part"], found["value"]
                self.change("settling a conflict", lambda issue, _: parts.write(issue, part, value), [part])  # fmt: skip
            (self.path.parent / name).unlink(missing_ok=True)
            memory = self.notes.recall()
            memory["clashes"].pop(name, None)
            self.notes.write(memory)
