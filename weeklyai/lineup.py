"""Which stories an issue holds, in which order, and which take stands for each: the deeds that change the line-up."""

import dataclasses

from weeklyai import parts
from weeklyai.deeds import DEEDS, Bench, changed, current, deed, entry_of, now
from weeklyai.drafting import evidence
from weeklyai.errors import UserError
from weeklyai.notebook import Record
from weeklyai.publish import compose
from weeklyai.records import Blurb, FeedItem, Issue, NewsItem
from weeklyai.review.desk import ByHandError
from weeklyai.text import shorten

__all__ = ["DEEDS"]  # all of the page's actions, those of `weeklyai.deeds` among them


@deed
def move(desk: Bench, key: str, before: str = "", by: str = "") -> str:
    """Put a story before another one ("" for the end), or `by` so many places up or down."""
    draft = desk.manuscript.read()
    item = desk.item(key, draft)
    news = [one for one in current(desk).news if one != item]
    if by in ("-1", "1"):
        place = current(desk).news.index(item) + int(by)
        place = min(max(place, 0), len(news))
    else:
        place = news.index(desk.item(before, draft)) if before and before != key else len(news)
    news.insert(place, item)
    desk.manuscript.change("moving a story", lambda issue, _: dataclasses.replace(issue, news=tuple(news)), ["order"])  # fmt: skip
    return f"now number {place + 1} of {len(news)}"


@deed
def drop(desk: Bench, key: str, was: str) -> str:
    """Take a story out of the issue; its evidence stays in the record until the issue is published."""
    item = desk.item(key, desk.manuscript.read())
    if item.take != was:
        raise UserError("this take was changed meanwhile: look at it again before you drop it")
    desk.manuscript.change(
        f"dropping “{item.headline}”",
        lambda issue, _: parts.write(issue, parts.STORY + item.url, ""),
        [parts.STORY + item.url],
    )
    return f"dropped: {item.headline} (undo brings it back)"


@deed
def replace(desk: Bench, key: str, was: str, choice: str) -> str:
    """Put another take on the same story in its place; the name over it is the desk's again."""
    item, blurbs = desk.takes(key)
    if item.take != was:
        raise UserError("this take was changed meanwhile: look at it again")
    if choice not in blurbs:
        raise UserError("this take is not on offer any more")
    news = _news(desk, blurbs[choice])
    if news.url != item.url and parts.story(current(desk), news.url):
        raise UserError("that report is in the issue already")

    def put(issue: Issue, record: Record) -> Issue:
        record["items"] = [one for one in record["items"] if one["url"] != news.url]
        record["items"].append(evidence.item_of(blurbs[choice], news))
        return changed(issue, item, **dataclasses.asdict(news))

    desk.manuscript.change(f"another take on “{item.headline}”", put, [parts.STORY + item.url, parts.STORY + news.url])  # fmt: skip
    return "another take stands there now"


@deed
def another(desk: Bench, key: str, was: str) -> str:
    """Put the next take on offer in a story's place, round and round."""
    item, blurbs = desk.takes(key)
    texts = [blurb.text for blurb in blurbs.values()]
    place = texts.index(item.take) + 1 if item.take in texts else 0
    names = list(blurbs)
    if len(set(texts) - {item.take}) == 0:
        raise UserError("no other take on this story passes the gates: write one by hand")
    return replace(desk, key, was, names[place % len(names)])


@deed
def add(desk: Bench, item: str = "", address: str = "", headline: str = "", take: str = "") -> str:
    """Add a story at the end: an item of the archive, or a web page; without a take, the best that passes the gates."""
    source = _source(desk, item, address, by_hand=bool(headline.strip() and take.strip()))
    url = str(source.url) if source else address.strip()
    if parts.story(current(desk), url):
        raise UserError("this story is in the issue already")
    site = desk.settings.site
    if take.strip():
        news = NewsItem(headline.strip() or (source.title if source else ""), url, site.desk_name, site.desk_url, take)  # fmt: skip
        entry: Record = {**entry_of({"items": []}, news), "item": source.id if source else "", "also_reported_by": [],
                         "source": source.source if source else "", "reasons": ["added by the editor"]}  # fmt: skip
    else:
        blurbs = desk.newsroom.takes_on(source) if source else []
        if not blurbs:
            raise ByHandError(
                "no take on this item passes the gates: write one by hand", _offer(source, address)
            )
        news = _news(desk, blurbs[0])
        entry = evidence.item_of(blurbs[0], news)

    def put(issue: Issue, record: Record) -> Issue:
        record["items"] = [*(one for one in record["items"] if one["url"] != news.url), entry]
        return dataclasses.replace(issue, news=(*issue.news, news))

    desk.manuscript.change(f"adding “{news.headline}”", put, [parts.STORY + news.url])
    return f"added at the end: {news.headline}"


def _source(desk: Bench, item: str, address: str, *, by_hand: bool) -> FeedItem | None:
    """Return the item to add, or None for a page that cannot be read where a person writes everything."""
    if item:
        return desk.newsroom.by_id(item)
    if not address.strip():
        raise UserError("name a web address")
    try:
        return desk.newsroom.by_address(address.strip(), now())
    except UserError as error:
        if by_hand:
            return None
        raise ByHandError(f"{error}; you can write headline and take by hand", _offer(None, address)) from None  # fmt: skip


def _offer(source: FeedItem | None, address: str) -> dict[str, str]:
    return {
        "item": source.id if source else "", "address": str(source.url) if source else address.strip(),
        "headline": source.title if source else "", "text": shorten(source.text, 4_000) if source else "",
    }  # fmt: skip


def _news(desk: Bench, blurb: Blurb) -> NewsItem:
    site = desk.settings.site
    return compose.news_item(blurb, site.desk_name, site.desk_url)
