"""`Issue` -> the Markdown of its Jekyll post. The way back is `weeklyai.publish.parse`."""

import re

import jinja2

from weeklyai.publish import templates
from weeklyai.publish.frontmatter import FrontMatter, dump
from weeklyai.publish.normal import check, normal
from weeklyai.records import Issue

TEMPLATE = "post.md.j2"
CARD = "/assets/images/cards/{}.png"  # the picture that social networks show beside the link


def render(issue: Issue, environment: jinja2.Environment) -> str:
    """Return the post of `issue`: UTF-8 text with one line end at its end, the same for the same issue.

    Args:
        issue: any issue that `normal.check` passes; it is brought into normal form first.
        environment: from `templates.environment`, so that a site's own template is used.

    Raises:
        UserError: the format cannot hold the issue, or the site's template is broken.
    """
    check(issue)
    issue = normal(issue)
    matter = FrontMatter(
        title=title(issue),
        date=issue.date,
        description=issue.description,
        drafted_by=issue.drafted_by,
        tags=issue.tags,
        image=CARD.format(issue.week.slug) if issue.drafted_by else "",
    )
    text = templates.fill(environment, TEMPLATE, issue=issue, front_matter=dump(matter))
    # Blank lines are Jinja's to litter and ours to tidy: that keeps the template readable.
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"


def title(issue: Issue) -> str:
    """Return the post's title, "Week #29 2024 - Topic"."""
    return f"Week #{issue.week.number} {issue.week.year} - {issue.topic}"


def file_name(issue: Issue) -> str:
    """Return the name of the post's file, "2024-07-19-week-29-2024.md": the day is that of the date's own offset."""
    return f"{issue.date.date().isoformat()}-{issue.week.slug}.md"
