"""The parts of an issue that are changed one at a time, each as one string that can be compared and put back.

A part is named "topic", "description", "tldr", "feature", "order" (of the stories), or "story " and its link.
"""

import dataclasses
import difflib
import json
from collections.abc import Sequence
from typing import Any

from weeklyai.errors import UserError
from weeklyai.publish import inline, parse, post
from weeklyai.publish.normal import NEWS, feature, news_item, normal
from weeklyai.publish.plain import tidy
from weeklyai.records import Issue, NewsItem
from weeklyai.text import shorten

STORY = "story "
MOST_DESCRIPTION = 160
View = Any  # what `publish.templates.environment` makes; jinja2 is not known here


def read(issue: Issue, name: str, view: View) -> str:
    """Return a part of `issue`, or "" where there is no such part."""
    if name.startswith(STORY):
        found = story(issue, name.removeprefix(STORY))
        return json.dumps(dataclasses.astuple(found), ensure_ascii=False) if found else ""
    match name:
        case "topic":
            return issue.topic
        case "description":
            return issue.description
        case "order":
            return "\n".join(item.url for item in issue.news)
        case "tldr":
            return inline.render(issue.feature.tldr) if issue.feature else ""
        case "feature":
            return _feature_markdown(issue, view)
        case _:
            raise UserError(f"an issue has no part {name!r}")


def write(issue: Issue, name: str, value: str) -> Issue:
    """Return `issue` with a part as `value` says; an empty story or feature is taken out.

    Raises:
        UserError: the value cannot stand there.
    """
    if name.startswith(STORY):
        return _with_story(issue, name.removeprefix(STORY), value)
    match name:
        case "topic":
            return with_topic(issue, value)
        case "description":
            return dataclasses.replace(issue, description=tidy(value))
        case "order":
            places = {url: n for n, url in enumerate(value.split("\n"))}
            last = len(places)
            news = sorted(issue.news, key=lambda item: places.get(item.url, last))
            return dataclasses.replace(issue, news=tuple(news))
        case "tldr":
            return _with_tldr(issue, value)
        case "feature":
            return _with_feature(issue, value)
        case _:
            raise UserError(f"an issue has no part {name!r}")


def same(name: str, ours: str, theirs: str) -> bool:
    """Say whether two versions of a part are one; orders are compared over the stories that both hold."""
    if name != "order":
        return ours == theirs
    left, right = ours.split("\n"), theirs.split("\n")
    return [url for url in left if url in right] == [url for url in right if url in left]


def goes_on(name: str, theirs: str, ours: str, before: Sequence[str]) -> bool:
    """Say whether `theirs` was made from our version of a part, and not from what stood there `before` it.

    An older copy has one of the earlier versions, or is more like one of them than like ours.
    """
    if any(same(name, theirs, one) for one in before):
        return False

    def alike(one: str) -> float:
        return difflib.SequenceMatcher(None, theirs.split(), one.split(), autojunk=False).ratio()

    return bool(before) and all(alike(ours) > alike(one) for one in before)


def shown(name: str, value: str) -> tuple[str, str]:
    """Return what a part is called and what its value says, for people."""
    if not name.startswith(STORY):
        return {"tldr": "the TL;DR", "order": "the order of the stories"}.get(
            name, f"the {name}"
        ), value
    if not value:
        return "a story", "(not in the issue)"
    headline, _, person, _, take, *_ = json.loads(value)
    return f"the story “{headline}”", f"{headline}\n{person}: {take}"


def story(issue: Issue, url: str) -> NewsItem | None:
    """Return the story with this link, or None."""
    return next((item for item in issue.news if item.url == url), None)


def with_topic(issue: Issue, topic: str) -> Issue:
    """Return `issue` under another topic: in its title, over its feature, and at the head of its description."""
    topic = tidy(topic)
    if not topic:
        raise UserError("a title cannot be empty")
    description = issue.description
    if description.startswith(issue.topic):
        description = shorten(topic + description.removeprefix(issue.topic), MOST_DESCRIPTION)
    changed = dataclasses.replace(issue.feature, topic=topic) if issue.feature else None
    return normal(dataclasses.replace(issue, topic=topic, description=description, feature=changed))


def _with_story(issue: Issue, url: str, value: str) -> Issue:
    """Put a story in its old place, or at the end; take it out where `value` is empty."""
    if not value:
        return dataclasses.replace(issue, news=tuple(i for i in issue.news if i.url != url))
    item = news_item(NewsItem(*json.loads(value)))
    if story(issue, url) is None:
        return dataclasses.replace(issue, news=(*issue.news, item))
    return dataclasses.replace(issue, news=tuple(item if i.url == url else i for i in issue.news))


def _with_tldr(issue: Issue, value: str) -> Issue:
    if issue.feature is None:
        raise UserError("this issue has no feature, so it has no TL;DR")
    try:
        words = inline.parse(" ".join(value.split()))
    except ValueError as error:
        raise UserError(f"the TL;DR: {error}") from None
    return dataclasses.replace(
        issue, feature=feature(dataclasses.replace(issue.feature, tldr=words))
    )


def _with_feature(issue: Issue, value: str) -> Issue:
    if not value.strip():
        return dataclasses.replace(issue, feature=None)
    found = feature(parse.parse_feature(value, "the feature"))
    return dataclasses.replace(with_topic(issue, found.topic), feature=found)


def _feature_markdown(issue: Issue, view: View) -> str:
    """Return the part of the post above the news."""
    if issue.feature is None:
        return ""
    body = post.render(issue, view).split("\n---\n", 1)[1]
    return body.split(f"\n## {NEWS}\n", 1)[0].strip() + "\n"
