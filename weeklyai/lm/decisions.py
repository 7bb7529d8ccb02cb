"""Which model is the current one, and every decision on models: the file `current.json` of a store."""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from weeklyai import files
from weeklyai.errors import WeeklyError

FORMAT = 1
ID = re.compile(r"[0-9a-f]{12}")

Kind = Literal["promoted", "refused", "chosen", "rolled back", "taken over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What became of a model.

    Attributes:
        kind: "promoted" and "refused" by measure, "chosen" and "rolled back" by a person, "taken over" from a folder of
            an older version or from another machine.
        model: the model decided on; but for a refused one, it drafts from then on.
        before: the model that drafted until then, or "".
        date: when, ISO 8601.
        week: the issue that it was trained for, or "".
        bits_per_byte: of `model` on held-out text, where it was measured.
        bits_per_byte_before: of `before` on the same text.
        reason: a sentence for people.
    """

    kind: Kind
    model: str
    before: str = ""
    date: str
    week: str = ""
    bits_per_byte: float | None = None
    bits_per_byte_before: float | None = None
    reason: str


def read(card: Path) -> tuple[str, list[Decision]]:
    """Return the current model's id, "" for none, and the history."""
    try:
        stored = files.read_json(card)
        if stored["format"] != FORMAT or not ID.fullmatch(stored["model"]):
            raise ValueError("it was written by another version")
        return stored["model"], [Decision(**one) for one in stored["history"]]
    except FileNotFoundError:
        return "", []
    except (UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise WeeklyError(
            f"{card} cannot be used ({error}): 'weeklyai models list' shows the models, "
            "'weeklyai models promote ID' writes it anew"
        ) from None


def add(card: Path, decision: Decision) -> None:
    """Add `decision` to the file `card`, in one step; a damaged one is written anew."""
    try:
        current, history = read(card)
    except WeeklyError:
        current, history = "", []
    value = {
        "format": FORMAT,
        "model": current if decision.kind == "refused" else decision.model,
        "history": [asdict(one) for one in [*history, decision]],
    }
    files.write_json(card, value)
