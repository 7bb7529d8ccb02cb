"""The base model's making, but for the training itself: choosing its text, and storing what was trained.

    python -m bench.base text CORPUS_FOLDER OUT [--before 2026-02-23]
    python -m bench.base pack SITE      # the site's current model becomes weeklyai/lm/shipped/

docs/base-model.md has all commands in their order. CORPUS_FOLDER holds JSON-lines files of records (title, url, published, source, summary, text, licence), named by group, as
`blogs-01.jsonl.gz`. Written to OUT:

- training.jsonl: records of the groups arxiv, blogs and lctt whose stated licence permits the use, dated before `--before`;
- pairs.jsonl: those of them that carry a person's summary and fall into the quarter kept back, by a hash of their address;
- counts.json: records, characters and pairs by group, source and licence, and how many were left out and why.

Nothing that a language model wrote is taken, and no text without a date: it could be newer than the weeks to be judged.
"""

import argparse
import gzip
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from weeklyai import config
from weeklyai.lm import base, models

GROUPS = ("arxiv", "blogs", "lctt")
LICENCES = ("CC0*", "CC-BY-4.0*", "CC-BY-SA-4.0*", "Public domain*", "MIT*", "Apache-2.0*", "BSD*", "MPL-2.0*")  # fmt: skip
WRITTEN_BY_MODELS = "*LLM-written*"
KEPT_BACK_IN = 4  # one pair in so many is not trained on
_DAY = re.compile(r"/(20\d\d)[/-](\d\d)[/-](\d\d)")


def records(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield group and record of every line."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        group = path.name.partition("-")[0]
        if group in GROUPS:
            with gzip.open(path, "rt", encoding="utf-8") as file:
                yield from ((group, json.loads(line)) for line in file)


def reason(record: dict[str, Any], before: str) -> str:
    """Return why a record is not taken, or ""; a date that only its address tells is set."""
    licence = record["licence"] or ""
    if fnmatchcase(licence, WRITTEN_BY_MODELS):
        return "written by a language model"
    if not any(fnmatchcase(licence, pattern) for pattern in LICENCES):
        return f"licence: {licence or 'none stated'}"
    found = _DAY.search(record["url"] or "")
    if not record["published"] and found:
        record["published"] = "-".join(found.groups())
    if len(record["published"] or "") < 10:
        return "no date"
    return "" if record["published"][:10] < before else f"not before {before}"


def kept_back(record: dict[str, Any]) -> bool:
    """Say whether a record is a pair of the quarter that is not trained on."""
    if not (record["summary"] and record["text"]):
        return False
    digest = hashlib.sha256((record["url"] or record["title"]).encode()).digest()
    return digest[0] % KEPT_BACK_IN == 0


def write_text(folder: Path, out: Path, before: str) -> None:
    """Write the three files."""
    out.mkdir(parents=True, exist_ok=True)
    left_out: Counter[str] = Counter()
    taken: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    with (
        (out / "training.jsonl").open("w", encoding="utf-8") as training,
        (out / "pairs.jsonl").open("w", encoding="utf-8") as pairs,
    ):
        for group, record in records(folder):
            why = reason(record, before)
            if why:
                left_out[why] += 1
                continue
            back = kept_back(record)
            (pairs if back else training).write(json.dumps(record, ensure_ascii=False) + "\n")
            counts = taken[group, record["source"], record["licence"]]
            counts["kept back" if back else "records"] += 1
            if not back:
                counts["characters"] += len(record["text"] or "") + len(record["summary"] or "")
                counts["pairs"] += bool(record["text"] and record["summary"])
    rows = [{"group": group, "source": source, "licence": licence, **counts} for (group, source, licence), counts in taken.items()]  # fmt: skip
    found = {"before": before, "taken": rows, "left out": dict(left_out.most_common())}
    (out / "counts.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    total = sum((counts for counts in taken.values()), Counter[str]())
    print(json.dumps({"taken": dict(total), "left out": dict(left_out.most_common(12))}, indent=1))


def main() -> None:
    """Do what the first word says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    text = commands.add_parser("text")
    text.add_argument("folder", type=Path)
    text.add_argument("out", type=Path)
    text.add_argument("--before", default="2026-02-23", help="the first day that is left out")
    commands.add_parser("pack").add_argument("site", type=Path)
    options = parser.parse_args()
    if options.command == "text":
        write_text(options.folder, options.out, options.before)
    else:
        base.pack(models.current(config.load(options.site).model))


if __name__ == "__main__":
    main()
