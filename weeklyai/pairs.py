"""What editors made of the sources: (source, editor's text) pairs of published takes, for later training to learn from.

Only takes that a person accepted or changed are kept, one JSON line each, in .weeklyai/pairs/ on this machine: the sources'
text belongs to their authors, so it goes into no post, no evidence and no repository. `[review] keep_pairs = false` keeps none.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weeklyai import files
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.errors import UserError
from weeklyai.records import Issue

FOLDER = "pairs"


def keep(
    settings: Settings, issue: Issue, record: Mapping[str, Any], sources: Mapping[str, str]
) -> int:
    """Keep the pairs of an issue that is being published, in place of those kept of it before; return how many.

    Args:
        settings: the site; it may opt out.
        issue: its takes are the editor's texts.
        record: the evidence, which says what was drafted, accepted and edited.
        sources: headline and text of the source items, by item id.
    """
    if not settings.review.keep_pairs:
        return 0
    takes = {item.url: item for item in issue.news}
    lines = []
    for entry in record["items"]:
        news = takes.get(entry["url"])
        source = sources.get(entry.get("item", "")) or " ".join(
            one["source_text"] for one in entry["sentences"]
        )
        how = _how(entry, news.take) if news else ""
        if news and source and how:
            lines.append({
                "week": str(issue.week), "url": news.url, "publisher": entry.get("source", ""), "headline": news.headline,
                "source": source, "drafted": " ".join(one["text"] for one in entry["sentences"]), "text": news.take, "how": how,
            })  # fmt: skip
    if lines:
        files.write_text(_path(settings, issue.week), "".join(map(_line, lines)))
    return len(lines)


def _how(entry: Mapping[str, Any], take: str) -> str:
    """Return "edited" or "accepted", or "" where no person had a hand in the take."""
    if take != " ".join(one["text"] for one in entry["sentences"]):
        return "edited"
    return "accepted" if entry.get("accepted", {}).get("take") == take else ""


def _line(pair: Mapping[str, str]) -> str:
    return json.dumps(pair, ensure_ascii=False) + "\n"


def _path(settings: Settings, week: Week) -> Path:
    return settings.state / FOLDER / f"{week}.jsonl"


def export(settings: Settings, target: Path) -> int:
    """Write every pair that is kept to `target` as JSON lines, oldest week first; return how many.

    Raises:
        UserError: there is none.
    """
    kept = sorted((settings.state / FOLDER).glob("*.jsonl"))
    text = "".join(path.read_text(encoding="utf-8") for path in kept)
    if not text:
        raise UserError(
            "no pairs are kept yet: they are, once an issue with accepted or edited takes is published"
            + ("" if settings.review.keep_pairs else " ([review] keep_pairs is false)")
        )
    files.write_text(target, text)
    return text.count("\n")
