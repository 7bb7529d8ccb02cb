"""What the reviewer of an issue reads: the body of its pull request, as GitHub's Markdown.

Headlines and takes come from feeds, so each text is escaped for Markdown and HTML, and nothing in it may call a person
(`@name`), link or close another issue (`fixes #3`), or skip a workflow (`[skip ci]`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from weeklyai.dates import Week
from weeklyai.publish import escape
from weeklyai.publish.plain import tidy
from weeklyai.text import shorten

MAX_BODY = 60_000  # characters; GitHub takes 65,536
MAX_TITLE = 200
MAX_ROWS = 50  # of one list
_JOINER = "\u2060"  # unseen, breaks no line, and ends what GitHub would take for a name or a number
_CALLS = re.compile(r"[@#]|\bGH-(?=\d)", re.IGNORECASE)
_HEAD = {
    True: "Merging this publishes the issue. To change a take, edit its file in this branch first; to let the week pass, "
    "close this and keep the branch.",
    False: "This is a draft: edit it in this branch, merge it, then run `weeklyai publish`.",
}


def body(record: Mapping[str, Any], built: Mapping[str, Any], *, published: bool) -> str:
    """Return the body: the build's table, each take with its evidence, what was held back, feeds that want a look.

    Args:
        record: the evidence of the issue.
        built: what `weeklyai build --json` printed, or {}.
        published: the branch holds a post, not a draft.
    """
    facts = built.get("facts") or record.get("facts") or {}
    seconds = "  ".join(f"{stage} {taken}" for stage, taken in (built.get("seconds") or {}).items())
    parts = [
        _HEAD[published],
        _table({**facts, **({"seconds by stage": seconds} if seconds else {})}),
        _list("Takes", [_take(item) for item in record.get("items", ())], cap=len(record.get("items", ()))),
        _list("Held back", [f"{_text(title)}: {_text(reason)}" for title, reason in record.get("held", ())]),
        _list("Feeds that want a look", _feeds(built.get("feeds") or ())),
    ]  # fmt: skip
    return _cut("\n\n".join(part.rstrip() for part in parts if part) + "\n")


def title(week: Week, post_title: str, *, published: bool) -> str:
    """Return the request's title, without the post's own "Week #29", which GitHub would take for issue 29."""
    topic = post_title.partition(" - ")[2] or post_title
    words = _CALLS.sub(lambda found: found[0] + _JOINER, shorten(topic, MAX_TITLE))
    return f"{'Issue' if published else 'Draft'} {week}: {words}"


def _text(value: object) -> str:
    """Return `value` as text that is nothing but text."""
    return escape.span(_CALLS.sub(lambda found: found[0] + _JOINER, tidy(str(value))))


def _link(words: object, url: object) -> str:
    """Return a link, or its words where the address is none."""
    try:
        return f"[{_text(words)}]({escape.url(str(url))})"
    except ValueError:
        return _text(words)


def _table(facts: Mapping[str, Any]) -> str:
    if not facts:
        return ""
    rows = [f"| {_text(name)} | {_text(value)} |" for name, value in facts.items()]
    return "\n".join(["| the build | |", "|---|---|", *rows])


def _list(title: str, lines: Sequence[str], cap: int = MAX_ROWS) -> str:
    if not lines:
        return ""
    rest = [f"* and {len(lines) - cap} more"] if len(lines) > cap else []
    rows = [f"* {line}" for line in lines[:cap]]
    return "\n".join([f"### {title} ({len(lines)})", "", *rows, *rest])


def _take(item: Mapping[str, Any]) -> str:
    """Return a take's line, its text below, and the source sentence of whatever was rewritten."""
    kinds = [sentence["kind"] for sentence in item.get("sentences", ())]
    rewritten = kinds.count("rewritten") + kinds.count("written")
    said = (
        f"{kinds.count('copied')} copied, {rewritten} rewritten"
        if kinds
        else "by hand, no evidence"
    )
    said += f", {kinds.count('quoted')} quoted" * ("quoted" in kinds)
    said += f", {kinds.count('attributed')} from another report" * ("attributed" in kinds)
    lines = [
        f"{_link(item['headline'], item['url'])} ({_text(item.get('source', ''))}): {said}",
        f"  > {_text(item['take'])}",
    ]
    lines += [
        f"  > was: {_text(sentence['source_text'])}"
        for sentence in item.get("sentences", ())
        if sentence["kind"] != "copied"
    ]
    return "\n".join([lines[0], "", "\n  >\n".join(lines[1:]), ""])


def _feeds(feeds: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a line for each remark of `weeklyai.feeds.health.report`, failed feeds first."""
    grave = {"failed": 0, "gone": 1}
    ordered = sorted(feeds, key=lambda feed: grave.get(feed["status"], 2))
    return [
        f"{_text(feed['state'])}: {_link(shorten(feed['title'] or feed['url'], 100), feed['url'])} {_text(sentence)}"
        for feed in ordered
        for sentence in feed["advice"]
    ]


def _cut(text: str) -> str:
    """Return `text`, ended at a line where GitHub would refuse the whole."""
    if len(text) <= MAX_BODY:
        return text
    return text[: text.rindex("\n", 0, MAX_BODY)] + "\n\nToo long for GitHub: the rest is left out.\n"  # fmt: skip
