"""Week after week: what a model that goes on from last week's is worth on the week that nobody has seen yet.

    python bench/weeks.py FOLDER --out DIR                  # eight weeks from 2026-W10, five minutes of training each
    python bench/weeks.py FOLDER --out DIR --minutes 0.2 --weeks 2 --rows scratch frozen    # a dry run

FOLDER holds JSON-lines files of dated records (title, url, published, source, summary, text, licence), named by group:
`arxiv-01.jsonl.gz`. Text that a language model has written is left out: it is no news. For each week N:

- continued: last week's continued model trains on week N - 1 and on replay; the first goes on from the frozen one;
- from_base: the same, but the first goes on from the base model that comes with weeklyai, on all text before week N;
- scratch: a new model trains as long on all text before week N;
- frozen: the model made before the first week's training, which is two weeks older than the first held-out text;
- base: the base as it is shipped, which has read nothing of these weeks;
- unigram, kn5: token frequencies and 5-gram modified Kneser-Ney over the tokens of `scratch`, read all text before week N;
- zstd, xz: highest levels, after reading the same.

All in bits per byte of the same documents: those of week N that begin with their title, evenly picked where they are more
than `--most` bytes, without those that a run that goes on chooses its average with its parent by. Texts that stand in earlier weeks too are not among them; nor, unless asked for, is the group
rss_articles, whose scraped pages carry the same menus and lists week after week, so that packers win there. Finished models and rows are kept in DIR, so a
run that was stopped goes on. The last line is one JSON object.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from weeklyai import config, files
from weeklyai.dates import Week
from weeklyai.feeds import jsonl
from weeklyai.lm import averaging, base, baselines, checkpoint, corpus, evaluate
from weeklyai.lm.corpus import Corpus, Document
from weeklyai.lm.models import Store
from weeklyai.lm.train import Progress, train
from weeklyai.records import FeedItem

GROUPS = ("arxiv", "blogs", "linkblurbs")
WRITTEN_BY_MODELS = ("daily-ai-papers", "*LLM-written*")
ROWS = ("continued", "from_base", "scratch", "frozen", "base", "unigram", "kn5", "zstd", "xz")
CHAINS = {"continued": "frozen", "from_base": "base"}  # where each begins


def monday(week: Week, later: int = 0) -> datetime:
    """Return the first moment of the week that is `later` weeks after `week`."""
    day = date.fromisocalendar(week.year, week.number, 1) + timedelta(weeks=later)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def read(folder: Path, groups: Sequence[str], begin: datetime, end: datetime) -> list[FeedItem]:
    """Return the items of `groups` whose dates are known and lie in [begin, end)."""
    found: list[FeedItem] = []
    for path in sorted(folder.iterdir()):
        group = path.name.partition("-")[0]
        if group not in groups:
            continue
        with path.open("rb") as file:
            for _, line in jsonl.lines(file):
                try:
                    found.append(jsonl.to_item(jsonl.record(line), group, end))
                except jsonl.BadRecord:
                    continue
    return [item for item in found if begin <= item.published < end and not item.date_guessed]


class Weeks:
    """One run over the weeks."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.out: Path = arguments.out
        self.rows: list[str] = arguments.rows
        self.most: int = arguments.most
        self.first = Week.parse(arguments.first)
        self.number: int = arguments.weeks
        self.rules = config.Train(
            budget=f"{60 * arguments.minutes:g}s",
            layers=arguments.layers,
            width=arguments.width,
            exclude_sources=WRITTEN_BY_MODELS,
        )
        begin, end = monday(Week.parse(arguments.since)), monday(self.first, self.number)
        self.items = read(arguments.folder, arguments.groups, begin, end)

    def corpus(self, later: int) -> Corpus:
        """Return all text up to the week that is `later` after the first; it is held out."""
        end, border = monday(self.first, later + 1), monday(self.first, later)
        built = corpus.build([one for one in self.items if one.published < end], self.rules)
        if built.border != border:
            raise SystemExit(
                f"too little text before {border:%Y-%m-%d}: begin with --since earlier"
            )
        return built

    def model(self, name: str, built: Corpus, parent: Path | None = None) -> Path:
        """Return the folder of a model trained on `built`, from `parent` on where there is one."""
        folder = self.out / name
        extra: dict[str, Any] = {"start": parent} if parent else {}
        run = train(built, self.rules, folder, _shown(name), **extra)
        print(
            f"\r{name}: {run.tokens:,} tokens in {run.seconds:.0f} s, {run.parameters:,} parameters"
        )
        return folder

    def folder(self, name: str) -> Path:
        """Return the run folder of a model; the base is unpacked once."""
        if name != "base":
            return self.out / name
        store = Store(self.out / "base")
        return store.current_folder or store.folder / base.install(store, monday(self.first))

    def week(self, later: int, built: Corpus) -> dict[str, Any]:
        """Train and measure for one week."""
        name = str(Week.of(built.border))
        found: dict[str, Any] = {"week": name}
        for chain in [one for one in CHAINS if one in self.rows]:
            last = f"{chain}-{Week.of(monday(self.first, later - 1))}"
            self.model(f"{chain}-{name}", built, self.folder(last if later else CHAINS[chain]))
        if {"scratch", "unigram", "kn5"} & set(self.rows):
            self.model(f"scratch-{name}", built)
        # What runs choose their average by is not measured on.
        seen = {one.named[0] for one in evaluate.within_limit(evaluate.within_limit(built.held_out), averaging.BYTES)}  # fmt: skip
        unseen = [one for one in corpus.once(built.held_out) if one.named[0] not in seen]
        held_out = evaluate.within_limit(unseen, self.most)
        found["documents"], found["bytes"] = len(held_out), sum(one.num_bytes for one in held_out)
        for row in self.rows:
            found[row] = self.measure(row, name, built, held_out)
        return {**found, "leaks": built.leaks.as_json(), "left out": dict(built.left_out)}

    def measure(
        self, row: str, name: str, built: Corpus, held_out: Sequence[Document]
    ) -> float | None:
        """Return the bits per byte of one row."""
        if row in {"zstd", "xz"}:
            packed = {"zstd": baselines.zstd_bits_per_byte, "xz": baselines.lzma_bits_per_byte}
            return packed[row](built.training, held_out)
        of = f"{row if row in CHAINS else 'scratch'}-{name}"
        of = row if row in CHAINS.values() else of
        model, tokenizer, _ = checkpoint.load(self.folder(of))
        if row in {"unigram", "kn5"}:
            counted = {
                "unigram": baselines.unigram_bits_per_byte,
                "kn5": baselines.five_gram_bits_per_byte,
            }
            return counted[row](built.training, held_out, tokenizer)["all"]
        return evaluate.bits_per_byte(model, tokenizer, held_out)["all"]

    def go(self) -> list[dict[str, Any]]:
        """Return the rows of all weeks; those of an earlier sitting are read."""
        path = self.out / "weeks.json"
        done: list[dict[str, Any]] = files.read_json(path)["weeks"] if path.exists() else []
        if {"continued", "frozen"} & set(self.rows):
            self.model("frozen", self.corpus(-1))
        for later in range(len(done), self.number):
            done.append(self.week(later, self.corpus(later)))
            files.write_json(path, {"weeks": done})
            print(line(done[-1], self.rows))
        return done


def _shown(name: str) -> Callable[[Progress], None]:
    def show(progress: Progress) -> None:
        print(f"\r{name} {progress.share:4.0%} {progress.loss:.3f}", end="", flush=True)

    return show


def line(week: dict[str, Any], rows: Sequence[str]) -> str:
    """Return a row of the table."""
    cells = ["-" if week.get(row) is None else f"{week[row]:.4f}" for row in rows]
    return f"| {week['week']} | {week['bytes'] / 1000:,.0f} | {' | '.join(cells)} |"


def main() -> None:
    """Run the weeks and print the table."""
    usual = config.Train()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="where models and rows are kept")
    parser.add_argument("--minutes", type=float, default=5.0, help="of training for each model")
    parser.add_argument("--first", default="2026-W10", help="the first held-out week")
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--since", default="2025-W40", help="the oldest week of text")
    parser.add_argument("--groups", nargs="+", default=GROUPS)
    parser.add_argument("--rows", nargs="+", default=ROWS, choices=ROWS)
    parser.add_argument("--most", type=int, default=500_000, help="bytes of a week to measure on")
    parser.add_argument("--layers", type=int, default=usual.layers)
    parser.add_argument("--width", type=int, default=usual.width)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    weeks = Weeks(arguments).go()
    print(f"\n| week | kB | {' | '.join(arguments.rows)} |\n|{'---|' * (len(arguments.rows) + 2)}")
    for week in weeks:
        print(line(week, arguments.rows))
    print(json.dumps({"minutes": arguments.minutes, "weeks": weeks}))


if __name__ == "__main__":
    main()
