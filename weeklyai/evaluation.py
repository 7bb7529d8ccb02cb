"""The figures of a site: its model on held-out items, its drafter on its feeds' own summaries, beside baselines.

A baseline row always stands beside ours. The drafter is measured on items whose feed carries both a text and a summary
of its own, the summary being the reference; ROUGE sees likeness, not truth, so read the drafts too.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from weeklyai import text
from weeklyai.config import Settings
from weeklyai.drafting import extract
from weeklyai.drafting.extract import Background
from weeklyai.drafting.rouge import paired_bootstrap, rouge
from weeklyai.drafting.writer import NoWriter, Writer
from weeklyai.errors import UserError
from weeklyai.feeds.archive import Archive
from weeklyai.records import FeedItem

MAX_PAIRS = 400
Row = dict[str, Any]


class Listener(Protocol):
    """Whoever wants to hear how far the measuring is."""

    def stage(self, name: str) -> None:
        """A part begins."""


def evaluate(settings: Settings, listener: Listener) -> dict[str, list[Row]]:
    """Return tables of figures by title.

    Raises:
        WeeklyError: there is no model, or it is damaged.
        UserError: the archive is empty.
    """
    from weeklyai.lm import checkpoint  # noqa: PLC0415 -- torch takes seconds to import
    from weeklyai.lm.house import HouseWriter  # noqa: PLC0415

    _, _, run = checkpoint.load(settings.model)
    with Archive(settings.archive) as archive:
        _, newest = archive.span(archive.latest())
        items = archive.all_items(newest) if newest else []
    if not items:
        raise UserError("the archive is empty: run 'weeklyai fetch'")
    listener.stage("language model on held-out items")
    language = language_rows(settings, items)
    listener.stage("sentence choice on the feeds' own summaries")
    drafts = draft_rows(items, HouseWriter.load(settings.model))
    shape = [{"model": run.model_id, "parameters": run.parameters, "vocabulary": run.vocabulary, "tokens": run.tokens,
              "seconds": round(run.seconds, 1)}]  # fmt: skip
    return {"Model": shape, "Held-out bits per byte by week (lower is better)": language,
            "Two-sentence extracts against the feeds' own summaries": drafts}  # fmt: skip


def language_rows(settings: Settings, items: Sequence[FeedItem]) -> list[Row]:
    """Return bits per byte by week of the model, of its first state, and of two baselines."""
    from weeklyai.lm import checkpoint, corpus  # noqa: PLC0415 -- torch takes seconds to import
    from weeklyai.lm import evaluate as measure  # noqa: PLC0415
    from weeklyai.lm.model import GPT  # noqa: PLC0415

    model, tokenizer, run = checkpoint.load(settings.model)
    built = corpus.build(items)
    held_out = measure.within_limit(built.held_out)
    if not held_out:
        raise UserError("too few items to hold any out: fetch more feeds, then train again")
    ours = measure.bits_per_byte(model, tokenizer, held_out)
    untrained = measure.bits_per_byte(GPT(model.config, run.plan["seed"]), tokenizer, held_out)
    unigram = measure.unigram_bits_per_byte(built.training, held_out, tokenizer)
    lzma = measure.lzma_bits_per_byte(built.training, held_out)
    return [
        {"week": week, "items": sum(str(d.week) == week or week == "all" for d in held_out) // 2, "GPT": ours[week],
         "untrained": untrained[week], "token frequencies": unigram[week], "LZMA": lzma if week == "all" else ""}
        for week in ours
    ]  # fmt: skip


def draft_rows(items: Sequence[FeedItem], writer: Writer, most: int = MAX_PAIRS) -> list[Row]:
    """Return R1 and R2 of each way to choose two sentences, with the difference to the first two."""
    pairs = [
        (item, item.summary)
        for item in items
        if item.body and len(text.words(item.summary)) >= 8 and item.summary[:80] not in item.body
    ][-most:]
    background = Background.of(items)
    systems: dict[str, Callable[[FeedItem], list[str]]] = {
        "first two sentences": lambda item: text.sentences(item.body)[:2],
        "headline alone": lambda item: [item.title],
        "ours": lambda item: extracted(item, background, NoWriter()),
        "ours + GPT": lambda item: extracted(item, background, writer),
    }
    scores = {
        name: [
            (rouge(" ".join(system(item)), wanted, 1), rouge(" ".join(system(item)), wanted, 2))
            for item, wanted in pairs
        ]
        for name, system in systems.items()
    }
    base = [one for one, _ in scores["first two sentences"]]
    rows = []
    for name, found in scores.items():
        gain, low, high = paired_bootstrap([one for one, _ in found], base)
        rows.append({
            "system": name, "pairs": len(found), "R1": _mean([one for one, _ in found]),
            "R2": _mean([two for _, two in found]), "R1 over the first two": f"{gain:+.1f} [{low:.1f}, {high:.1f}]",
        })  # fmt: skip
    return rows


def extracted(item: FeedItem, background: Background, writer: Writer) -> list[str]:
    """Return the two sentences that a blurb on `item` would hold, its first two where none are clean."""
    chosen = extract.choose(item, background, writer, (1, 1, 100))
    return [one.text for one in chosen] if chosen else text.sentences(item.body)[:2]


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / max(1, len(values)), 1)
