"""Names over takes: nobody is quoted without an approval of that very text."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from weeklyai import files
from weeklyai.config import Member, Settings
from weeklyai.dates import Week
from weeklyai.drafting import evidence
from weeklyai.errors import UserError
from weeklyai.places import Places
from weeklyai.publish import parse
from weeklyai.records import Blurb, Issue


def approve(settings: Settings, week: Week, name: str, now: datetime) -> list[str]:
    """Record `name`'s approval of each take under that name in the draft; return a line for each.

    Raises:
        UserError: no such team member, no draft, or no take under that name.
    """
    places = Places(settings, week)
    member = next((member for member in settings.team if member.name == name), None)
    if member is None:
        known = ", ".join(member.name for member in settings.team) or "nobody yet"
        raise UserError(f"{name!r} is not in the [[team]] of weeklyai.toml (there: {known})")
    if not places.draft.exists():
        raise UserError(f"there is no draft of {week}: run 'weeklyai draft --week {week}'")
    issue = parse.parse(places.draft.read_text(encoding="utf-8"))
    own = [item for item in issue.news if item.person == name]
    if not own:
        raise UserError(
            f"no take in {places.draft} stands under the name of {name}: edit the draft first, "
            f'[{name}]({member.url}): "..."'
        )
    record = files.read_json(places.draft_record)
    for item in own:
        evidence.approve(record, item.url, name, now, item.take)
    files.write_json(places.draft_record, record)
    return [f"{name} approved: {item.headline}" for item in own]


def proposed(team: Sequence[Member], blurbs: Sequence[Blurb]) -> list[Blurb]:
    """Return the blurbs, each that fits a member's topics with the reason "proposed to ..."; the desk signs until approved.

    A topic in the headline counts more than one in the take; among equals comes who has fewer stories so far.
    """
    found = []
    given: Counter[str] = Counter()
    for blurb in blurbs:
        story = blurb.story
        fits = [
            (3 * _says(story.lead.title, topic) + _says(blurb.text, topic), -given[member.name], -n, topic)
            for n, member in enumerate(team)
            for topic in member.topics
        ]  # fmt: skip
        points, _, place, topic = max(fits, default=(0, 0, 0, ""))
        if points:
            name = team[-place].name
            given[name] += 1
            reasons = (*story.reasons, f"proposed to {name} ({topic})")
            blurb = replace(blurb, story=replace(story, reasons=reasons))  # noqa: PLW2901
        found.append(blurb)
    return found


def _says(passage: str, topic: str) -> int:
    """Count how often a topic stands in a passage, as whole words, in the singular or plural."""
    form = rf"(?<!\w){re.escape(topic.strip().removesuffix('s'))}s?(?!\w)"
    return len(re.findall(form, passage, re.IGNORECASE)) if topic.strip() else 0


def check_bylines(settings: Settings, issue: Issue, record: dict[str, Any]) -> None:
    """Refuse a take under a name that is neither the desk's nor that of a member who approved this very text."""
    site = settings.site
    members = {member.name: member.url for member in settings.team}
    for item in issue.news:
        if (item.person, item.profile_url) == (site.desk_name, site.desk_url):
            continue
        if members.get(item.person) != item.profile_url:
            raise UserError(
                f"the take on {item.headline!r} is signed by {item.person} <{item.profile_url}>, who is neither the "
                "desk nor in [[team]] of weeklyai.toml with that address: add the person, or sign it with the desk"
            )
        if not evidence.approved(record, item.url, item.person, item.take):
            raise UserError(
                f"{item.person} has not approved this text of the take on {item.headline!r}: "
                f"run 'weeklyai draft --week {issue.week} --approve \"{item.person}\"' as that person, or sign it with the desk"
            )
