"""The figures of docs/base-model.md: the shipped base beside counting and packing, on text newer than all that it has read.

    python -m bench.base_card SITE CORPUS_FOLDER [--begin 2026-03-02 --end 2026-04-27]

SITE is where the base was trained (docs/base-model.md has the commands), CORPUS_FOLDER holds the JSON-lines files. Printed, as JSON:
bits per byte by group of the corpus, evenly picked documents, once each, of the base as trained, of its stored form, of token
frequencies and of a 5-gram modified Kneser-Ney model of the base's own text, and of zstd and xz that have read the newest part
of it; seconds to load; the longest runs of words that sampled texts share with the training text.
"""

import argparse
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.weeks import GROUPS, read
from weeklyai import config
from weeklyai.dates import Week
from weeklyai.feeds.archive import Archive
from weeklyai.lm import base, baselines, checkpoint, copies, corpus, evaluate, models
from weeklyai.lm.corpus import Document
from weeklyai.lm.sample import Sampling, generate_all

MOST = 400_000  # bytes of a group
PACKED = 8_000_000  # bytes that the compressors read first
SAMPLES = 40


def held_out(folder: Path, begin: datetime, end: datetime) -> dict[str, list[Document]]:
    """Return documents of each group between two moments."""
    found = {}
    for group in (*GROUPS, "rss_articles"):
        items = [
            item
            for item in read(folder, [group], begin, end)
            if len(item.text.split()) >= corpus.MIN_WORDS
        ]
        found[group] = evaluate.within_limit([corpus.lay_out(item)[0] for item in items], MOST)
    return found


def trained_on(site: Path, week: str) -> list[Document]:
    """Return the base's training documents, each text once."""
    settings = config.load(site)
    end = settings.site.publish_time.window(Week.parse(week))[1]
    with Archive(settings.archive) as archive:
        built = corpus.build(archive.all_items(end), settings.train)
    return corpus.once(built.training)


def table(
    site: Path, training: Sequence[Document], groups: dict[str, list[Document]]
) -> dict[str, Any]:
    """Return bits per byte by row and group."""
    folder = models.current(config.load(site).model)
    model, tokenizer, _ = checkpoint.load(folder)
    stored = base.load()[0]
    newest = corpus.newest(training, PACKED)
    rows: dict[str, Any] = {
        "base as trained": lambda held: evaluate.bits_per_byte(model, tokenizer, held)["all"],
        "base as stored": lambda held: evaluate.bits_per_byte(stored, tokenizer, held)["all"],
        "token frequencies": lambda held: baselines.unigram_bits_per_byte(training, held, tokenizer)["all"],
        "5-gram Kneser-Ney": lambda held: baselines.five_gram_bits_per_byte(training, held, tokenizer)["all"],
        "zstd": lambda held: baselines.zstd_bits_per_byte(newest, held),
        "xz": lambda held: baselines.lzma_bits_per_byte(newest, held),
    }  # fmt: skip
    found: dict[str, Any] = {name: {} for name in rows}
    for name, measure in rows.items():
        for group, held in groups.items():
            found[name][group] = round(measure(held), 4)
        print(json.dumps({name: found[name]}), flush=True)
    return found


def copied(training: Sequence[Document], groups: dict[str, list[Document]]) -> dict[str, Any]:
    """Return what samples under unseen headlines share with the training text."""
    model, tokenizer, _ = base.load()
    headlines = [dict(one.segments)["title"] for held in groups.values() for one in held][::7][
        :SAMPLES
    ]
    control = tokenizer.control
    prompts = [
        [control["title"], *tokenizer.encode(one), control["source"], *tokenizer.encode("News"), control["body"]]
        for one in headlines
    ]  # fmt: skip
    dials = Sampling(count=1, max_new=80, stop={control["end"]})
    made = generate_all(model, prompts, range(len(prompts)), dials)
    texts = [tokenizer.decode(rows[0]) for rows in made]
    return copies.as_json(copies.longest(texts, [one.named for one in training]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("site", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--week", default="2026-W09", help="the week that the base was trained for")
    parser.add_argument("--begin", type=datetime.fromisoformat, default=datetime(2026, 3, 2, tzinfo=UTC))  # fmt: skip
    parser.add_argument("--end", type=datetime.fromisoformat, default=datetime(2026, 4, 27, tzinfo=UTC))  # fmt: skip
    options = parser.parse_args()
    began = time.perf_counter()
    base.load()
    seconds = time.perf_counter() - began
    groups = held_out(options.folder, options.begin, options.end)
    training = trained_on(options.site, options.week)
    sizes = {group: {"documents": len(held), "bytes": sum(one.num_bytes for one in held)} for group, held in groups.items()}  # fmt: skip
    print(json.dumps({"seconds to load": round(seconds, 2), "held out": sizes}), flush=True)
    print(json.dumps({"copies": copied(training, groups)}), flush=True)
    print(json.dumps(table(options.site, training, groups)))


if __name__ == "__main__":
    main()
