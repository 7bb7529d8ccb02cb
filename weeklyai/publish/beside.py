"""What a published post brings along: its e-mail edition, the picture of its shared links, and the pages of its topics."""

import jinja2

from weeklyai import files
from weeklyai.config import Settings
from weeklyai.publish import card, email, tags
from weeklyai.publish.normal import normal
from weeklyai.records import Issue


def write(issue: Issue, settings: Settings, environment: jinja2.Environment) -> None:
    """Write them into the site; a topic's page that is there stays as it is."""
    email.write(issue, settings, environment)
    files.write_bytes(settings.folder / card.path(issue), card.draw(issue, settings.site.title))
    for path, page in tags.pages(normal(issue).tags).items():
        if not (settings.folder / path).exists():
            files.write_text(settings.folder / path, page)
