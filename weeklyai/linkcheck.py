"""Drafting with a last look at the links: a story whose page is gone or turned makes room for the next one."""

from collections.abc import Callable, Sequence

from weeklyai import config
from weeklyai.drafting.draft import Drafted
from weeklyai.feeds import links
from weeklyai.records import FeedItem

ROUNDS = 3  # each brings in a few new stories, whose links want a look in turn


def draft_checked(
    items: Sequence[FeedItem],
    settings: config.Feeds,
    draft: Callable[[Sequence[FeedItem]], Drafted],
) -> Drafted:
    """Return `draft(items)`, drawn again without the items whose links do not hold.

    Args:
        items: the week's news.
        settings: the limits of the transport; `check_links` switches the look off.
        draft: makes blurbs of items.
    """
    if not settings.check_links:
        return draft(items)
    bad: dict[str, str] = {}
    looked: set[str] = set()
    drafted = draft(items)
    for _ in range(ROUNDS):
        used = [item for b in drafted.blurbs for item in (b.story.lead, *b.others)]
        linked = {str(item.url): item.feed_url for item in used}
        found = links.check({k: v for k, v in linked.items() if k not in looked}, settings)
        looked |= set(linked)
        if not found:
            break
        bad |= found
        drafted = draft([item for item in items if item.url not in bad])
    # Whoever comes in at the last round was not looked at: the issue rather has one story less.
    drafted.blurbs = [
        blurb
        for blurb in drafted.blurbs
        if {item.url for item in (blurb.story.lead, *blurb.others)} <= looked
    ]
    drafted.held += [(item.title, bad[item.url]) for item in items if item.url and item.url in bad]
    return drafted
