"""What the review page shows, and the desk that answers it.

The room knows no file, archive or gate: whoever opens it hands over a `Desk` that does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from weeklyai.errors import UserError
from weeklyai.records import Issue


@dataclass(frozen=True, slots=True)
class Finding:
    """A name or number that the source does not hold.

    Attributes:
        start: its first character in the take.
        end: behind its last.
        text: as written.
        reason: for people.
        note: why an editor lets it stand, or "".
    """

    start: int
    end: int
    text: str
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A story in the list.

    Attributes:
        key: names the story in addresses; made from its link.
        headline: of the take.
        url: where it leads.
        source: its publisher.
        also: further publishers and their links.
        reasons: why the story was chosen.
        person: whose name stands over it.
        signed: "desk", "approved" or "waiting" (for that person's approval).
        accepted: the editor has accepted this very text.
        edited: it is not what was drafted.
        open: findings without a note.
        jot: there is text in an editor's window that is not in the draft.
    """

    key: str
    headline: str
    url: str
    source: str
    also: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    person: str
    signed: Literal["desk", "approved", "waiting"]
    accepted: bool
    edited: bool
    open: int
    jot: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """A sentence of a take: its kind, what was done, and each gate's name, value and whether it was passed."""

    text: str
    kind: str
    note: str
    gates: tuple[tuple[str, float, bool], ...]
    place: int | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the right column shows of one story.

    Attributes:
        card: the story.
        take: its text.
        proofs: sentence by sentence.
        source: paragraphs of runs (text, mark); a mark is "", "sentence" or "word".
        source_title: the source's own headline.
        findings: in the take as it stands.
        approvals: who approved which text and when.
        jot: text that was typed and not kept yet, or "".
        jot_was: the take when that typing began.
    """

    card: Card
    take: str
    proofs: tuple[Proof, ...]
    source: tuple[tuple[tuple[str, str], ...], ...]
    source_title: str
    findings: tuple[Finding, ...]
    approvals: tuple[tuple[str, str, str], ...]
    jot: str = ""
    jot_was: str = ""


@dataclass(frozen=True, slots=True)
class Clash:
    """Two versions of one part of the draft: the page's, kept in a file of its own, and the one in the draft."""

    name: str
    what: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Point:
    """Something left to do: about which story ("" for none), what, and whether it stands in the way of publishing."""

    key: str
    text: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole page but the evidence.

    Attributes:
        version: a word that changes whenever anything here does.
        title: of the post, "Week #29 2024 - Topic".
        path: of the draft.
        issue: as the draft has it, or None where it cannot be read.
        cards: one for each of `issue.news`.
        tldr: the TL;DR as Markdown, or "".
        feature: the article as Markdown, or "".
        clashes: to be settled.
        points: what is still to be done before the issue may go out.
        fault: why the draft cannot be read, or "".
        team: who may sign.
        undo: what the undo key takes back, or "".
        published: the post, once there is one.
        jots: what was typed in dialogs and not kept, and what stood there when the typing began, by field.
    """

    version: str
    title: str
    path: str
    issue: Issue | None
    cards: tuple[Card, ...] = ()
    tldr: str = ""
    feature: str = ""
    clashes: tuple[Clash, ...] = ()
    points: tuple[Point, ...] = ()
    fault: str = ""
    team: tuple[str, ...] = ()
    undo: str = ""
    published: str = ""
    jots: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """Another take that may stand in a story's place; `current` is the one that stands there."""

    id: str
    headline: str
    source: str
    take: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Reject:
    """A story that was not chosen, and why."""

    id: str
    title: str
    url: str
    source: str
    reasons: tuple[str, ...]


class ClashError(UserError):
    """The part to be changed is not as the page saw it; the page's version was kept beside the draft."""


class ByHandError(UserError):
    """No take on an item passes the gates, so a person has to write it.

    Args:
        sentence: for people.
        item: what "add" wants back with the take: id, headline, link.
    """

    def __init__(self, sentence: str, item: dict[str, str]) -> None:
        super().__init__(sentence)
        self.item = item


class Desk(Protocol):
    """Reads and changes one week's draft; each method may be called from any thread."""

    name: str

    def version(self) -> str:
        """Return the word that changes whenever draft, evidence, notes or conflicts do."""

    def look(self) -> Sheet:
        """Return what the page shows."""

    def evidence(self, key: str) -> Evidence:
        """Return the evidence of one story."""

    def check(self, key: str, text: str, was: str) -> tuple[Finding, ...]:
        """Return what `text` says that the story's source does not, and keep `text` until it is kept or discarded."""

    def jot(self, name: str, text: str, was: str) -> None:
        """Keep what is being typed in a field of a dialog, until it is `was` or nothing."""

    def choices(self, key: str) -> tuple[Choice, ...]:
        """Return other takes on a story, the present one first."""

    def rejects(self) -> tuple[Reject, ...]:
        """Return the week's stories that were not chosen, best first."""

    def act(self, name: str, values: dict[str, Any]) -> str:
        """Do one thing to the draft and return a sentence about it.

        Raises:
            UserError: it cannot be done; nothing was changed.
        """

    def mail(self) -> tuple[str, str]:
        """Return the HTML and the text of the e-mail edition."""
