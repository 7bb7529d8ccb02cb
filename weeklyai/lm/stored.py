"""One finished run in the store of models, and whether its files are whole."""

from dataclasses import dataclass
from pathlib import Path

from weeklyai.errors import WeeklyError
from weeklyai.lm import checkpoint
from weeklyai.lm.run import Run

RUN = "checkpoint.json"


@dataclass(frozen=True, slots=True)
class Stored:
    """A finished run in the store; `run` is None where its record cannot be read, and `trouble` says why."""

    model_id: str
    folder: Path
    run: Run | None
    trouble: str
    num_bytes: int
    filed: float


def trouble(folder: Path) -> str:
    """Return what is wrong with the finished run in `folder`, or "" where all its files are whole."""
    if not (folder / RUN).exists():
        return f"{folder} is missing"
    try:
        checkpoint.load(folder)
    except WeeklyError as error:
        return str(error)
    return ""


def read(folder: Path) -> Stored:
    """Return what lies in `folder`, with what is wrong with its record."""
    run, why = None, ""
    try:
        run = checkpoint.read_run(folder)
    except WeeklyError as error:
        why = str(error)
    if run is None and not why:
        why = f"{folder / RUN} is missing"
    sizes = [path.stat().st_size for path in folder.iterdir() if path.is_file()]
    card = folder / RUN
    return Stored(folder.name, folder, run, why, sum(sizes), (card if card.exists() else folder).stat().st_mtime)  # fmt: skip
