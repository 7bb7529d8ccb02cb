"""Names over takes: nobody is quoted without an approval of that very text."""

from datetime import datetime
from typing import Any

from weeklyai import files
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.drafting import evidence
from weeklyai.errors import UserError
from weeklyai.places import Places
from weeklyai.publish import parse
from weeklyai.records import Issue


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
