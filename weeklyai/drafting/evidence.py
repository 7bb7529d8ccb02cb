"""The evidence record beside a draft: for each take its sentences, sources and gates, and who approved which text.

Plain JSON values, so that any tool can read it. A take is found again by its link, which an editor does not change.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from weeklyai import text
from weeklyai.drafting import checks
from weeklyai.records import Blurb, FeedItem, Issue, NewsItem, Sentence, Story

VERSION = 4  # of docs/evidence.md; 2 added source, url and span, 3 attributed, 4 quoted sentences
MOST_PASSED = 100  # stories not taken that a record keeps


def record(
    week: str,
    blurbs: Sequence[Blurb],
    issue: Issue,
    model_id: str,
    *,
    passed_over: Sequence[tuple[Story, str]] = (),
    unusable: Sequence[tuple[FeedItem, str]] = (),
) -> dict[str, Any]:
    """Return the record of a fresh draft; nothing is approved yet.

    Args:
        week: the issue's.
        blurbs: what was drafted, in the issue's order.
        issue: as drafted.
        model_id: of the writer, or "".
        passed_over: stories that were not taken, best first, each with the reason; the first hundred are kept.
        unusable: items that could not become a story, each with the reason; they are counted by it.
    """
    return {
        "version": VERSION,
        "week": week,
        "drafted_by": issue.drafted_by,
        "model": model_id,
        "items": [item_of(blurb, news) for blurb, news in zip(blurbs, issue.news, strict=True)],
        "approvals": [],
        "passed_over": [_passed(story, why) for story, why in passed_over[:MOST_PASSED]],
        "unusable": dict(Counter(why for _, why in unusable).most_common()),
    }


def _passed(story: Story, why: str) -> dict[str, Any]:
    lead = story.lead
    return {"headline": lead.title, "url": lead.url, "source": lead.source, "score": story.score,
            "reasons": list(story.reasons), "why_not": why}  # fmt: skip


def item_of(blurb: Blurb, news: NewsItem) -> dict[str, Any]:
    """Return the record of one take."""
    lead = blurb.story.lead
    return {
        "headline": news.headline,
        "url": news.url,
        "item": lead.id,
        "source": lead.source,
        "also_reported_by": [
            {"source": item.source, "url": item.url} for item in blurb.story.others
        ],
        "score": blurb.story.score,
        "reasons": list(blurb.story.reasons),
        "byline": news.person,
        "take": news.take,
        "sentences": [_sentence(sentence, blurb.story) for sentence in blurb.sentences],
    }


def _sentence(sentence: Sentence, story: Story) -> dict[str, Any]:
    item = next(one for one in (story.lead, *story.others) if one.id == sentence.item_id)
    return sentence_of(sentence, item)


def sentence_of(sentence: Sentence, item: FeedItem) -> dict[str, Any]:
    """Return the record of one published sentence, which `item` supports."""
    return {
        "text": sentence.text,
        "kind": sentence.kind,
        "note": sentence.note,
        "item": sentence.item_id,
        "source": item.source,
        "url": item.url,
        "source_index": sentence.source_index,
        "source_text": sentence.source_text,
        "span": _span(sentence, item),
        "gates": dict(sentence.gates),
    }


def _span(sentence: Sentence, item: FeedItem) -> list[int] | None:
    """Return where the source sentence starts and ends in the item's text, in characters, or None where a line is folded."""
    start = 0
    for n, one in enumerate(text.sentences(item.text)):
        place = item.text.find(one, start)
        if n == sentence.source_index:
            within = one.rfind(sentence.source_text.removesuffix("."))
            return [place + max(0, within), place + len(one)] if place >= 0 else None
        start = place + len(one) if place >= 0 else start
    return None


def item_ids(found: Mapping[str, Any]) -> set[str]:
    """Return the ids of the items that the record's takes and their sentences are drawn from."""
    takes = [one for entry in found["items"] for one in (entry, *entry.get("sentences", ()))]
    return {one["item"] for one in takes if one.get("item")}


def _source_of(item: Mapping[str, Any], sources: Mapping[str, str]) -> str | None:
    """Return headline and text of all reports that a take is drawn from, or None where none is at hand."""
    drawn = {
        one.get("item", ""): one.get("source", "") for one in (item, *item.get("sentences", ()))
    }
    return "\n\n".join(f"{who}. {sources[key]}" for key, who in drawn.items() if key in sources) or None  # fmt: skip


def approve(found: dict[str, Any], url: str, person: str, when: datetime, take: str) -> None:
    """Add `person`'s approval of exactly this `take` to the record."""
    found["approvals"].append(
        {"url": url, "person": person, "when": when.isoformat(), "text": take}
    )


def approved(found: dict[str, Any], url: str, person: str, take: str) -> bool:
    """Say whether `person` approved exactly this text; one changed letter voids it."""
    return any(
        (one["url"], one["person"], one["text"]) == (url, person, take)
        for one in found["approvals"]
    )


def edits(found: dict[str, Any], issue: Issue, sources: Mapping[str, str]) -> list[str]:
    """Note in the record what an editor changed since the draft.

    Args:
        found: the record, changed in place.
        issue: as edited.
        sources: headline and text of the source items, by item id.

    Returns:
        A line for each thing that a person should look at again.
    """
    drafted = {item["url"]: item for item in found["items"]}
    lines = []
    for news in issue.news:
        item = drafted.get(news.url)
        if item is None:
            found["items"].append({"headline": news.headline, "url": news.url, "byline": news.person,
                                   "take": news.take, "edited": True, "sentences": []})  # fmt: skip
            lines.append(f"added by hand, without evidence: {news.headline}")
            continue
        item["byline"] = news.person
        if item["take"] == news.take:
            continue
        item |= {"take": news.take, "edited": True}
        strange = checks.unsupported(news.take, _source_of(item, sources) or news.take)
        if strange:
            lines.append(
                f"edited take on {news.headline!r} says what its source does not: {', '.join(strange)}"
            )
    kept = {news.url for news in issue.news}
    found["dropped"] = [item["headline"] for item in found["items"] if item["url"] not in kept]
    found["items"] = [item for item in found["items"] if item["url"] in kept]
    return lines
