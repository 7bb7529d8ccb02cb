"""Corrections: a published issue goes back to the editor, and says when and why once it is published again.

The post stays where it is until the corrected one replaces it under the same address. The evidence keeps what stood
there before: takes, the post's hash, when it was reopened, and the note.
"""

import dataclasses
from datetime import datetime
from pathlib import Path
from typing import Any

from weeklyai import files
from weeklyai.config import Settings
from weeklyai.dates import Week, day_in_words
from weeklyai.errors import UserError
from weeklyai.places import Places, sha256
from weeklyai.publish import parse, post
from weeklyai.publish.plain import tidy
from weeklyai.publish.templates import environment


def correct(settings: Settings, week: Week, note: str, now: datetime) -> Path:
    """Reopen the published issue of `week` and return its draft; while it is open, only change its note.

    Args:
        settings: the site.
        week: of a published issue.
        note: what was wrong, for readers; plain text.
        now: its day in the site's zone is the day of the correction.

    Raises:
        UserError: the week is not published, has no evidence, has a draft that is no correction, or the note is empty.
    """
    places = Places(settings, week)
    sentence = _sentence(note, now.astimezone(settings.site.zone))
    path, record, entry = _open(places) if is_open(places) else _reopened(places)
    issue = parse.parse(path.read_text(encoding="utf-8"), str(path))
    # Open already: the new note takes the old one's place, wherever the editor put it, and the edits stay.
    kept = tuple(one for one in issue.corrections if one != entry.get("note"))
    issue = dataclasses.replace(issue, corrections=(*kept, sentence))
    text = post.render(issue, environment(settings.folder))
    if sentence not in parse.parse(text).corrections:
        raise UserError(
            f"this site's templates/{post.TEMPLATE} does not print corrections: take the lines about "
            "issue.corrections over from the default template"
        )
    entry |= {"when": now.isoformat(), "note": sentence}
    record["corrections"] = [*record.get("corrections", []), entry]
    # The record first: `ready` lets no draft be published without the note that its record names.
    files.write_json(places.draft_record, record)
    files.write_text(places.draft, text)
    return places.draft


def is_open(places: Places) -> bool:
    """Say whether a draft lies there that corrects a published post."""
    if not (places.post and places.draft.exists() and places.draft_record.exists()):
        return False
    return bool(files.read_json(places.draft_record).get("corrections"))


def ready(settings: Settings, week: Week) -> bool:
    """Say whether a correction of `week` is open and may replace the post.

    Raises:
        UserError: the draft lost the correction's note, or would be published under another address.
    """
    places = Places(settings, week)
    if places.post is None or not is_open(places):
        if places.post and not places.draft.exists():
            places.draft_record.unlink(missing_ok=True)  # left by a kill; the evidence holds it all
        return False
    issue = parse.parse(places.draft.read_text(encoding="utf-8"), str(places.draft))
    note = files.read_json(places.draft_record)["corrections"][-1]["note"]
    if note not in issue.corrections:
        raise UserError(
            f"{places.draft} has lost its note {note!r}: run 'weeklyai correct {week} --note TEXT' to put one there"
        )
    if post.file_name(issue) != places.post.name:
        raise UserError(
            f"{places.draft} would be published as {post.file_name(issue)}, but its readers know {places.post.name}: "
            "put the date back as it was"
        )
    return True


def _sentence(note: str, day: datetime) -> str:
    """Return the note as it is printed, "Corrected on 22 July 2024: NOTE."."""
    said = tidy(note)
    if not said:
        raise UserError("the correction's note is empty: say with --note what was wrong")
    return tidy(
        f"Corrected on {day_in_words(day)}: {said}{'' if said.endswith(tuple('.!?…')) else '.'}"
    )


def _open(places: Places) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    """Return the open draft, its record, and the entry of the correction, taken out of it."""
    record = files.read_json(places.draft_record)
    return places.draft, record, record["corrections"].pop()


def _reopened(places: Places) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    """Return the published post, a copy of its evidence, and a new entry that holds what stands there now.

    Raises:
        UserError: there is no such post or no evidence of it, or a draft of the week is in the way.
    """
    path = places.post
    if path is None:
        raise UserError(f"{places.week} is not published, so there is nothing to correct")
    if places.draft.exists():
        raise UserError(
            f"{places.draft} is a draft of {places.week} and no correction: publish it with --rebuild, or move it away"
        )
    if not places.record(path).exists():
        raise UserError(
            f"there is no {places.record(path)}: {path} was not drafted here, so correct it by hand"
        )
    record = files.read_json(places.record(path))
    for item in record["items"]:
        item.setdefault("item", "")  # added by hand: it has no source in the archive
    entry = {
        "post_sha256": sha256(path.read_text(encoding="utf-8")),
        "items": record["items"],
        "dropped": record.get("dropped", []),
    }
    return path, record, entry
