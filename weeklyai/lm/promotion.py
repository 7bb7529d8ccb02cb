"""Whether a newly trained model may draft: both it and the current one are measured on the same held-out text."""

from collections.abc import Sequence
from datetime import datetime

from weeklyai.errors import WeeklyError
from weeklyai.lm import checkpoint
from weeklyai.lm.corpus import Document
from weeklyai.lm.decisions import Decision, Kind
from weeklyai.lm.evaluate import bits_per_byte, within_limit
from weeklyai.lm.models import Store
from weeklyai.lm.run import Run

# A new model may be worse by this share of the old one's bits per byte: so little cannot be told from the choice of
# held-out text, and the new one knows the newer weeks.
TOLERANCE = 0.005


def settle(
    store: Store, run: Run, held_out: Sequence[Document], week: str, now: datetime
) -> Decision:
    """Decide, once for each run, whether it becomes the current model of `store`, and write that down.

    Args:
        store: the models; `run` is filed there.
        run: the new model.
        held_out: text that neither model has read.
        week: the issue that it was trained for.
        now: the clock.

    Raises:
        WeeklyError: the new model's files are damaged.
    """
    earlier = store.decision_on(run.model_id)
    if earlier:
        return earlier
    documents = within_limit(held_out) if held_out else []
    ours = _measured(store, run.model_id, documents)
    theirs, trouble = None, ""
    before = store.current
    if before and before != run.model_id:
        try:
            theirs = _measured(store, before, documents)
        except WeeklyError as error:
            trouble = str(error)
    kind, reason = _judged(store, run, ours, theirs, trouble)
    decision = Decision(
        kind=kind, model=run.model_id, before=before, date=now.isoformat(timespec="seconds"), week=week,
        bits_per_byte=ours, bits_per_byte_before=theirs, reason=reason,
    )  # fmt: skip
    store.decide(decision)
    return decision


def _measured(store: Store, model_id: str, documents: Sequence[Document]) -> float | None:
    """Return bits per byte of a model, or None where there is nothing to measure on."""
    model, tokenizer, _ = checkpoint.load(store.folder / model_id)
    return bits_per_byte(model, tokenizer, documents)["all"] if documents else None


def _judged(
    store: Store, run: Run, ours: float | None, theirs: float | None, trouble: str
) -> tuple[Kind, str]:
    before = store.current
    if not before or before == run.model_id:
        return "promoted", "it is the first"
    if trouble:
        return "promoted", f"the model before it is damaged: {trouble}"
    until = _until(store, before)
    if until > run.until:
        return (
            "refused",
            f"{before} has read up to {until}, this one up to {run.until}, so no text is new to both",
        )
    if ours is None or theirs is None:
        return "refused", "there is no held-out text to compare the two on"
    figures = f"{ours:.4f} bits per byte on held-out text, {before} has {theirs:.4f}"
    if ours <= theirs * (1 + TOLERANCE):
        return "promoted", figures
    return "refused", figures


def _until(store: Store, model_id: str) -> str:
    """Return the newest week that a stored model has read, or "" where its record does not say."""
    run = checkpoint.read_run(store.folder / model_id)
    return run.until if run else ""
