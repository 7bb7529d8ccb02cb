"""`weeklyai eval --pairs`: the drafter on pairs of a text and a person's summary, as tables and a page to read.

A pair is a JSON line with title, text and summary (also "source", the publisher), or one that the review page exported:
headline, source and the editor's text. What is no fair pair is left out and counted: less than eight words of summary or
four sentences of text, or a summary that is the text's own beginning.
"""

import gzip
import json
import os
import random
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from weeklyai import text
from weeklyai.config import Settings
from weeklyai.drafting import judge
from weeklyai.drafting.background import Background
from weeklyai.drafting.judge import Judge, Judged
from weeklyai.drafting.writer import Writer
from weeklyai.errors import UserError
from weeklyai.publish import examples
from weeklyai.publish.templates import environment
from weeklyai.records import FeedItem

EXAMPLES = 30
FEW, LARGEST = 20, 8  # pairs of a source, below which it has no column of its own; columns
MOST_LINE, MOST_TEXT, MOST_SUMMARY = 2_000_000, 40_000, 4_000  # characters
MOST_LINES = 200_000
SHOWN = (
    "lead-2",
    judge.TWO,
    judge.PUBLISHED,
    judge.PUBLISHED + judge.WITH_GPT,
)  # beside each example
MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
Row = dict[str, Any]


class Listener(Protocol):
    """Whoever wants to hear how far the measuring is."""

    def stage(self, name: str) -> None:
        """A part begins."""

    def share(self, done: float, line: str) -> None:
        """A part of a long task is done."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured: tables by title, and the pairs with their drafts."""

    tables: dict[str, list[Row]]
    judged: list[Judged]


def compare(settings: Settings, path: Path, model: str, most: int, listener: Listener) -> Report:
    """Judge at most `most` pairs of `path`, drawn with a fixed seed.

    Args:
        settings: the site: its rules of a blurb, its models.
        path: JSON lines, packed where the name ends in .gz.
        model: a run folder, the beginning of a stored model's id, "" for the current one if there is any, or "none".
        most: pairs.
        listener: told how it goes.

    Raises:
        UserError: the file cannot be read or holds no pair; no such model.
        WeeklyError: the model is damaged.
    """
    listener.stage("pairs")
    left_out: Counter[str] = Counter()
    found = list(pairs(records(path, left_out), left_out))
    if not found:
        raise UserError(f"{path} holds no usable pair: {_reasons(left_out)}")
    random.Random(29).shuffle(found)  # noqa: S311 -- a sample, not a secret
    chosen = found[:most]
    writer = load(settings, model)
    listener.stage(f"drafts of {len(chosen)} pairs, {'with' if writer else 'without'} a model")
    judging = Judge(Background.of(found), settings.post, writer)
    judged = []
    unrelated = [item.summary for item in (chosen[-1], *chosen[:-1])]
    # Most of the time is spent in matrix products, which let another thread run.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for one in pool.map(judging, chosen, unrelated):
            judged.append(one)
            listener.share(len(judged) / len(chosen), f"{len(judged)} of {len(chosen)} pairs")
    facts = {"file": path.name, "usable pairs": len(found), "judged": len(judged), "left out": _reasons(left_out),
             "model": writer.model_id if writer else "none"}  # fmt: skip
    return Report({"What was measured": [facts], **tables(judged)}, judged)


def load(settings: Settings, model: str) -> Writer | None:
    """Return the model that `model` names, as in `compare`, or None."""
    if model == "none":
        return None
    from weeklyai.lm.house import HouseWriter  # noqa: PLC0415 -- torch takes seconds to import
    from weeklyai.lm.models import Store  # noqa: PLC0415

    if (Path(model) / "checkpoint.json").is_file():
        return HouseWriter.load(Path(model))
    store = Store(settings.model)
    if not model and store.current_folder is None:
        return None
    return HouseWriter.load(store.find(model).folder)


# --- reading --------------------------------------------------------------------------------------------------------


def records(path: Path, left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file's lines; count the others.

    Raises:
        UserError: the file cannot be read.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8", errors="replace") as lines:
            for line in islice(iter(lambda: lines.readline(MOST_LINE), ""), MOST_LINES):
                try:
                    record = json.loads(line)
                except (ValueError, RecursionError):
                    record = None
                if isinstance(record, dict):
                    yield record
                else:
                    left_out["no JSON object"] += 1
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be read: {error}") from None


def pairs(found: Iterable[dict[str, Any]], left_out: Counter[str]) -> Iterator[FeedItem]:
    """Yield the fair pairs among records as items, each headline once; count the others by reason."""
    seen: set[str] = set()
    for record in found:
        item = as_item(record)
        reason = why_not(item)
        if item.title.lower() in seen:
            reason = reason or "a headline that was there before"
        seen.add(item.title.lower())
        if reason:
            left_out[reason] += 1
        else:
            yield item


def as_item(record: dict[str, Any]) -> FeedItem:
    """Return a record, or a pair that the review page exported, as an item with body and summary."""
    exported = "headline" in record
    names = ("headline", "source", "text", "publisher") if exported else ("title", "text", "summary", "source")  # fmt: skip
    title, body, summary, source = (one if isinstance(one := record.get(name), str) else "" for name in names)  # fmt: skip
    return FeedItem(
        id="0" * 16, feed_url="", source=text.shorten(text.clean(source), 60) or "?", title=text.clean(title[:500]),
        url="https://pairs.example/", published=MOMENT, date_guessed=True,
        summary=text.clean(summary[:MOST_SUMMARY]), body=text.clean_paragraphs(body[:MOST_TEXT]),
    )  # fmt: skip


def why_not(item: FeedItem) -> str:
    """Return why an item is no fair pair, or "": a summary that begins the text would make its copy look good."""
    if not (item.title and item.body and item.summary):
        return "without title, text or summary"
    if len(text.words(item.summary)) < 8:
        return "summary below 8 words"
    if item.body[:80].lower() == item.summary[:80].lower():
        return "summary is the text's beginning"
    return "" if len(text.sentences(item.body)) >= 4 else "text below 4 sentences"


def _reasons(left_out: Counter[str]) -> str:
    return ", ".join(f"{why} {count}" for why, count in left_out.most_common()) or "none"


# --- tables and page ------------------------------------------------------------------------------------------------


def tables(judged: Sequence[Judged]) -> dict[str, list[Row]]:
    """Return all tables: systems, differences, both by source, and why stories were held back."""
    found = {"Drafts against people's summaries": judge.table(judged), "Ours over its peers (95 % paired bootstrap)": judge.gains(judged)}  # fmt: skip
    parts = by_source(judged)
    if len(parts) > 1:
        found |= {
            "R1 by source": across(parts, lambda own: {(row["system"],): row["R1"] for row in judge.table(own)}, ("system",)),
            "R2 by source": across(parts, lambda own: {(row["system"],): row["R2"] for row in judge.table(own)}, ("system",)),
            "R1 of ours over its peers, by source": across(
                parts, lambda own: {(row["ours"], row["over"]): row["R1"] for row in judge.gains(own)}, ("ours", "over")
            ),
        }  # fmt: skip
    held = Counter(why.split(" (")[0] for one in judged for name, why in one.held.items() if name == judge.PUBLISHED)  # fmt: skip
    found["Held back without a model"] = [{"reason": why, "stories": count} for why, count in held.most_common(12)]  # fmt: skip
    return {title: rows for title, rows in found.items() if rows}


def by_source(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    """Return the pairs by publisher, the largest first; those of all small ones together at the end."""
    counts = Counter(one.item.source for one in judged)
    large = [name for name, count in counts.most_common(LARGEST) if count >= FEW]
    found = {f"{name} ({counts[name]})": [one for one in judged if one.item.source == name] for name in large}  # fmt: skip
    rest = [one for one in judged if one.item.source not in large]
    return found | ({f"all smaller ones ({len(rest)})": rest} if rest else {})


def across(
    parts: Mapping[str, Sequence[Judged]],
    of: Callable[[Sequence[Judged]], dict[tuple[str, ...], Any]],
    names: tuple[str, ...],
) -> list[Row]:
    """Return a row for each key of `of`, split into columns `names`, with its value in a column for each of `parts`."""
    found = {part: of(own) for part, own in parts.items()}
    keys = dict.fromkeys(key for own in found.values() for key in own)
    return [
        dict(zip(names, key, strict=True)) | {part: own.get(key, "") for part, own in found.items()}
        for key in keys
    ]


def write(report: Report, settings: Settings, target: Path) -> None:
    """Write the page: the tables, and random examples side by side."""
    chosen = random.Random(31).sample(report.judged, min(EXAMPLES, len(report.judged)))  # noqa: S311 -- a sample
    shown = [
        examples.Example(
            one.item.title, one.item.source, one.item.summary,
            [(name, one.drafts.get(name) or f"held back: {one.held[name]}", _figures(one, name))
             for name in SHOWN if name in one.drafts or name in one.held],
        )
        for one in chosen
    ]  # fmt: skip
    examples.write(report.tables, shown, target, environment(settings.folder), settings.site.title)


def _figures(one: Judged, name: str) -> str:
    found = one.scores.get(name)
    if not found:
        return ""
    strange = f", {found.unsupported} unsupported" if found.unsupported else ""
    return f"R1 {found.r1:.0f}, R2 {found.r2:.0f}, {found.words} words{strange}"
