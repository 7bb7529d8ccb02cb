"""Which of the week's items become stories, and in what order; every rank comes with its reasons.

Items that run one text and reports of one event are gathered (`clustering`), what is no story is left out (`kinds`), and
the stories are weighed and put in a varied order (`ranking`) by what the newsletter is about (`wishes`).
"""

from collections.abc import Sequence

from weeklyai.drafting.clustering import by_date, by_text, clusters
from weeklyai.drafting.kinds import unusable
from weeklyai.drafting.ranking import talk_of, varied, weighed
from weeklyai.drafting.wishes import ANYTHING, Wishes, on_topic
from weeklyai.records import FeedItem, Story

__all__ = ["ANYTHING", "Wishes", "by_text", "clusters", "on_topic", "rank", "rejected", "unusable"]


def rank(items: Sequence[FeedItem], wishes: Wishes = ANYTHING) -> list[Story]:
    """Return all stories of a week, best first; the order of `items` does not matter."""
    runs = {run[0].id: run for run in by_text([i for i in items if wishes.refused(i) is None])}
    if not runs:
        return []
    firsts = [run[0] for run in runs.values()]
    newest = max(item.published for run in runs.values() for item in run)
    talk = talk_of(firsts, wishes)
    groups = clusters(firsts)
    stories = [weighed([runs[one.id] for one in group], newest, talk, wishes) for group in groups]
    return varied(stories, talk)


def rejected(
    items: Sequence[FeedItem],
    wishes: Wishes = ANYTHING,
    stories: Sequence[Story] | None = None,
) -> list[tuple[FeedItem, str]]:
    """Return the items that cannot become a story, each with the reason, in order of publication.

    `stories` are those that `rank` made of the same items, where they are known already.
    """
    made = rank(items, wishes) if stories is None else stories
    kept = {item.id for story in made for item in (story.lead, *story.others)}
    left = [item for item in sorted(items, key=by_date) if item.id not in kept]
    twin = "the same text as another item of its source"
    return [(item, unusable(item) or wishes.refused(item) or twin) for item in left]
