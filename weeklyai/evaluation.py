"""The figures of a site: its model on held-out items, its drafter on its feeds' own summaries, beside baselines.

A baseline row always stands beside ours. The drafter is measured on items whose feed carries both a text and a summary
of its own, the summary being the reference; ROUGE sees likeness, not truth, so read the drafts too.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from weeklyai import text
from weeklyai.config import Settings
from weeklyai.drafting import extract
from weeklyai.drafting.extract import Background
from weeklyai.drafting.rouge import paired_bootstrap, rouge
from weeklyai.drafting.writer import NoWriter, Writer
from weeklyai.errors import UserError
from weeklyai.feeds.archive import Archive
from weeklyai.records import FeedItem

if TYPE_CHECKING:
    from weeklyai.lm.corpus import Corpus

MAX_PAIRS = 400
MAX_SAMPLES = 10  # held-out texts for which blurbs are sampled
WORST = 5  # rows of a table of examples
READ_BYTES = 10_000_000  # of training text, for the baselines; about a minute
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
    from weeklyai.lm import checkpoint, corpus, models  # noqa: PLC0415 -- torch takes seconds to import
    from weeklyai.lm.house import HouseWriter  # noqa: PLC0415

    folder = models.current(settings.model)
    _, _, run = checkpoint.load(folder)
    with Archive(settings.archive) as archive:
        _, newest = archive.span(archive.latest())
        items = archive.all_items(newest) if newest else []
    if not items:
        raise UserError("the archive is empty: run 'weeklyai fetch'")
    listener.stage("language model on held-out items")
    built = corpus.build(items, settings.train, models.Store(settings.model).border)
    if not built.held_out:
        raise UserError("too few items to hold any out: fetch more feeds, then train again")
    shape = [{"model": run.model_id, "parameters": run.parameters, "vocabulary": run.vocabulary, "tokens": run.tokens,
              "seconds": round(run.seconds, 1)}]  # fmt: skip
    tables = {"Model": shape, "Held-out bits per byte by week (lower is better)": language_rows(folder, built),
              "Held-out text that stands in the training text, by rows of 13 words": leak_rows(built)}  # fmt: skip
    writer = HouseWriter.load(folder)
    listener.stage("what the model has learned by heart")
    tables["Longest runs of words in sampled blurbs that stand in the training text"] = copy_rows(
        built, writer
    )
    listener.stage("sentence choice on the feeds' own summaries")
    tables["Two-sentence extracts against the feeds' own summaries"] = draft_rows(items, writer)
    return {title: rows for title, rows in tables.items() if rows}


def language_rows(folder: Path, built: "Corpus") -> list[Row]:
    """Return bits per byte by week of the model, of its first state, and of five baselines, all on the same text.

    Each held-out text counts once, in the layout that begins with its title. The baselines read the newest
    `READ_BYTES` of the training text, of which a small site has less.
    """
    from weeklyai.lm import baselines, checkpoint, corpus  # noqa: PLC0415
    from weeklyai.lm import evaluate as measure  # noqa: PLC0415

    model, tokenizer, run = checkpoint.load(folder)
    held_out = measure.within_limit(corpus.once(built.held_out))
    read = corpus.newest(built.training, READ_BYTES)
    columns: dict[str, dict[str, float]] = {
        "GPT": measure.bits_per_byte(model, tokenizer, held_out),
        "untrained": measure.bits_per_byte(
            checkpoint.begin(model.config, run.plan), tokenizer, held_out
        ),
        "5-gram Kneser-Ney": baselines.five_gram_bits_per_byte(read, held_out, tokenizer),
        "token frequencies": baselines.unigram_bits_per_byte(read, held_out, tokenizer),
        "xz": {"all": baselines.lzma_bits_per_byte(read, held_out)},
    }
    zstd = baselines.zstd_bits_per_byte(read, held_out)
    if zstd is not None:
        columns["zstd"] = {"all": zstd}
    return [
        {"week": week, "items": sum(str(d.week) == week or week == "all" for d in held_out),
         **{name: found.get(week, "") for name, found in columns.items()}}
        for week in columns["GPT"]
    ]  # fmt: skip


def leak_rows(built: "Corpus") -> list[Row]:
    """Return the whole of the held-out text, and the texts of which the most was seen in training."""
    leaks = built.leaks
    share = f"{leaks.seen / max(1, leaks.rows):.2%}"
    whole = {"held out": f"{leaks.touched} of {leaks.texts} items", "seen": share, "passage": "", "stands in": ""}  # fmt: skip
    return [whole] + [
        {"held out": text.shorten(one.name, 60), "seen": f"{one.share:.2%}", "passage": text.shorten(one.text, 100),
         "stands in": text.shorten(one.source, 60)}
        for one in leaks.worst
    ]  # fmt: skip


def copy_rows(built: "Corpus", writer: Writer, most: int = MAX_SAMPLES) -> list[Row]:
    """Return the longest runs that blurbs sampled for held-out texts share with the training text."""
    from weeklyai.lm import copies, corpus  # noqa: PLC0415

    chosen = corpus.once(built.held_out)
    wanted = [
        (parts["title"], sentence, number)
        for number, document in enumerate(chosen[:: max(1, len(chosen) // most)][:most])
        for parts in [dict(document.segments)]
        for sentence in text.sentences(parts["body"])[:1]
    ]
    samples = [sample for rows in writer.rewrites(wanted, 2) for sample in rows]
    known = [document.named for document in corpus.once(built.training)]
    found = sorted(copies.longest(samples, known), key=lambda one: -one.words)
    return [
        {"words": one.words, "of": len(text.words(samples[one.sample])), "stands in": text.shorten(one.source, 60),
         "run": text.shorten(one.text, 100) or f"none of {copies.SHORTEST} words or more in {len(found)} samples"}
        for place, one in enumerate(found[:WORST]) if one.words or not place
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
