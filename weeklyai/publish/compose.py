"""Blurbs and a feature -> an `Issue`, before it becomes text."""

import re
from datetime import datetime

from weeklyai import config, text
from weeklyai.dates import Week
from weeklyai.publish import tags
from weeklyai.records import Blurb, Feature, FeedItem, Issue, NewsItem

MAX_HEADLINE = (
    200  # a longer one overflows the page; feeds hold headlines of thousands of characters
)
_BY_EDITOR = re.compile(r" \d+ of the \d+ takes (?:is|are) by an editor[^.]*\.$")


def compose(
    week: Week,
    date: datetime,
    blurbs: list[Blurb],
    feature: Feature | None,
    settings: config.Settings,
    drafted_by: str,
) -> Issue:
    """Return the issue of `week`, every take signed by the newsletter's desk."""
    site, post = settings.site, settings.post
    topic = feature.topic if feature else post.topic
    titles = [blurb.story.lead.title for blurb in blurbs]
    return Issue(
        week=week,
        topic=topic,
        date=date.replace(microsecond=0),
        description=description(
            f"{topic}, and the week's technology news" if feature else topic,
            titles,
        ),
        drafted_by=drafted_by,
        feature=feature,
        pulse=post.pulse,
        intro=post.intro,
        news=tuple(news_item(blurb, site.desk_name, site.desk_url) for blurb in blurbs),
        closing=post.closing,
        tags=tags.choose(
            feature.topic if feature else "",
            [(title, blurb.text) for title, blurb in zip(titles, blurbs, strict=True)],
        ),
    )


def closing(line: str, edited: int, takes: int) -> str:
    """Return a closing line that says how many of the takes a person wrote: what it says of the model's holds for the others."""
    own = _BY_EDITOR.sub("", line)
    if not edited:
        return own
    be = "is" if edited == 1 else "are"
    unlike = ", without that check" if "check" in own else ""
    return f"{own} {edited} of the {takes} takes {be} by an editor{unlike}."


def news_item(blurb: Blurb, person: str, profile_url: str) -> NewsItem:
    """Return the post's entry for one blurb under somebody's name; every report that it draws on is named and linked."""
    lead = blurb.story.lead
    return NewsItem(
        headline=headline(lead),
        url=lead.url or "",
        person=person,
        profile_url=profile_url,
        take=blurb.text,
        also=tuple((item.source, item.url) for item in blurb.others if item.url),
    )


def headline(item: FeedItem) -> str:
    """Return an item's headline and, behind a bar, its publisher, unless the headline names it already."""
    source = text.shorten(item.source, MAX_HEADLINE // 4)
    named = not source or source.lower() in item.title.lower()
    behind = "" if named else f" | {source}"
    return text.shorten(item.title, MAX_HEADLINE - len(behind)) + behind


def description(line: str, headlines: list[str]) -> str:
    """Return at most 160 characters for search results: the opening `line`, then as many headlines as fit."""
    for n, headline in enumerate(headlines):
        longer = f"{line}{'; ' if n else ': '}{headline}"
        if len(longer) > 160:
            break
        line = longer
    return text.shorten(line, 160)
