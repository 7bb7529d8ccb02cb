"""One web page as an item, for a story that an editor adds by its address.

Under the same rules as feeds and full text: private addresses are refused, robots.txt is kept, the page is read in a process
that can be killed. The date is that of reading, and marked as guessed, so that the item is news of no week by itself.
"""

from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit

from weeklyai import config, text
from weeklyai.errors import UserError
from weeklyai.feeds import fulltext, health, pages
from weeklyai.feeds.identity import canonical, identity
from weeklyai.feeds.workers import Parsers
from weeklyai.records import FeedItem

HEAD = 300_000  # bytes of a page in which its title is looked for
MOST_TITLE = 300
PAGE = "page:"  # in place of a feed's address
WHY = {"robots": "the site's robots.txt forbids it", "not-html": "it is no HTML page"}


class _Head(HTMLParser):
    """Collects a page's title and what it says of itself (the Open Graph protocol's og:title and og:site_name)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        name = values.get("property", "")
        if tag == "meta" and name in ("og:title", "og:site_name"):
            self.found.setdefault(name, values.get("content", ""))
        self.inside = tag == "title" and "title" not in self.found

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found["title"] = data
            self.inside = False


def read(address: str, settings: config.Feeds, now: datetime) -> FeedItem:
    """Return the item at `address`.

    Raises:
        UserError: it is no address, the page cannot be had, or there is no article in it.
    """
    url = canonical(address, address)
    plain = address.strip()
    if (
        url is None
        or not plain.lower().startswith(("http://", "https://"))
        or len(plain.split()) > 1
    ):
        raise UserError(f"{address!r} is no address: write one that begins with https://")
    if not fulltext.available():
        raise UserError("reading pages wants trafilatura: pip install 'weeklyai[fulltext]'")
    page = pages.get([url], settings)[0]
    if page.reason:
        raise UserError(
            f"{url} cannot be read: {WHY.get(page.reason) or health.explain(page.reason)}"
        )
    with Parsers(workers=1) as parsers:
        body = parsers.page(page.body).result()
    head = _Head()
    head.feed(page.body[:HEAD].decode("utf-8", "replace"))
    title = text.clean(head.found.get("og:title") or head.found.get("title", ""))
    if not body or not title:
        raise UserError(f"{url} holds no article with a title and a text that can be read")
    host = urlsplit(url).hostname or ""
    source = text.clean(head.found.get("og:site_name", "")) or host.removeprefix("www.")
    return FeedItem(
        id=identity(url, "", "", None, ""), feed_url=f"{PAGE}{host}", source=text.shorten(source, 100),
        title=text.shorten(title, MOST_TITLE), url=url, published=now, date_guessed=True, summary="", body=body,
    )  # fmt: skip
