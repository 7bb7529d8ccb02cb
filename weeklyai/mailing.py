"""The e-mail edition of a week, published or still a draft."""

import email
import email.policy
from dataclasses import dataclass
from pathlib import Path

from weeklyai import files
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.errors import UserError
from weeklyai.places import Places
from weeklyai.publish import email as edition
from weeklyai.publish import parse
from weeklyai.publish.templates import environment
from weeklyai.signing import check_bylines


@dataclass(frozen=True, slots=True)
class Mail:
    """A written message and its sizes in bytes: the whole file, and both parts as a reader gets them."""

    path: Path
    whole: int
    html: int
    text: int

    @property
    def clipped(self) -> bool:
        """Whether the HTML part is so long that large mail services cut it off."""
        return self.html > edition.CLIPPED


def write(settings: Settings, week: Week) -> Mail:
    """Write the message of `week`: of its post, or else of its draft.

    Raises:
        UserError: the week has neither, it breaks the post's form, or a draft's take stands under the name of a person
            who has not approved it.
    """
    places = Places(settings, week)
    source = places.post or places.draft
    if not source.exists():
        raise UserError(
            f"{week} is neither published nor drafted: run 'weeklyai draft --week {week}'"
        )
    issue = parse.parse(source.read_text(encoding="utf-8"), str(source))
    if source == places.draft:
        record = files.read_json(places.draft_record) if places.draft_record.exists() else {}
        check_bylines(settings, issue, {"approvals": [], **record})
    path = edition.write(issue, settings, environment(settings.folder))
    data = path.read_bytes()
    message = email.message_from_bytes(data, policy=email.policy.default)
    html, text = (
        len(part.get_content().encode("utf-8"))
        for kind in ("html", "plain")
        if (part := message.get_body((kind,)))
    )
    return Mail(path, len(data), html, text)
