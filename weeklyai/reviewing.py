"""`weeklyai review`: the desk behind the review page. Looks into every room for it; changes go through the manuscript."""

import contextlib
import dataclasses
import email
import email.policy
import hashlib
import json
import re
import webbrowser
from collections.abc import Callable
from typing import Any

from weeklyai import deeds, lineup, parts
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.drafting import evidence, support
from weeklyai.errors import UserError
from weeklyai.manuscript import Draft, Manuscript
from weeklyai.newsroom import Newsroom
from weeklyai.notebook import Jot
from weeklyai.pages import fingerprint
from weeklyai.publish import compose, post
from weeklyai.publish import email as edition
from weeklyai.records import Blurb, Issue, NewsItem
from weeklyai.review.desk import Card, Choice, Clash, Evidence, Finding, Point, Proof, Reject, Sheet
from weeklyai.review.server import Server
from weeklyai.watch import Nobody
from weeklyai.weekly import load_writer

# Where a dialog asks for words, by the page's names for its fields; takes have an editor of their own.
_FIELD = re.compile(r"title|description|tldr|feature|(?:headline|note|add) .{1,2200}", re.DOTALL)
_NAMES = {"title": "the title", "description": "the description", "tldr": "the TL;DR", "feature": "the feature"}  # fmt: skip


def add_by_address(settings: Settings, week: Week, address: str) -> str:
    """Put the story at a web address at the end of a week's draft; return a line for a person.

    Raises:
        UserError: there is no draft, the page cannot be read, or no take on it passes the gates.
    """
    return lineup.add(ReviewDesk(settings, week), address=address)


def review(
    settings: Settings,
    week: Week,
    port: int,
    say: Callable[[str], None],
    *,
    ahead: bool,
    browser: bool,
) -> None:
    """Serve the page until Ctrl-C; `browser` opens it.

    Raises:
        UserError: the port is taken or not allowed.
    """
    server = Server(ReviewDesk(settings, week, ahead=ahead), port)
    say(f"{server.address}\nonly this machine can open it; Ctrl-C ends it, and loses nothing")
    if browser:
        webbrowser.open(server.address)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    say("ended")


def key_of(url: str) -> str:
    """Return the key that names a story in the page's addresses."""
    return hashlib.sha256(url.encode()).hexdigest()[:12]


def _edited(item: NewsItem, entry: dict[str, Any]) -> bool:
    """Say whether a person wrote the take, or changed it since it was drafted."""
    return item.take != " ".join(one["text"] for one in entry["sentences"])


class ReviewDesk:
    """The desk of one week's draft.

    Args:
        settings: the site.
        week: whose draft it is.
        ahead: allow publishing before the week's moment of publication.
    """

    def __init__(self, settings: Settings, week: Week, *, ahead: bool = False) -> None:
        self.settings, self.week, self.ahead = settings, week, ahead
        self.name = settings.site.title
        self.manuscript = Manuscript(settings, week)
        self.newsroom = Newsroom(settings, week, lambda: load_writer(settings, Nobody()))
        self._doubts: dict[tuple[str, str], tuple[Finding, ...]] = {}

    # --- what the page shows ----------------------------------------------------------------------------------------

    def version(self) -> str:
        """Return the word that changes whenever draft, evidence, notes or conflicts do."""
        places = self.manuscript.places
        kept = sorted(places.draft.parent.glob(f"{places.draft.stem}-conflict-*.md"))
        return fingerprint([places.draft, places.draft_record, self.manuscript.notes.path, *kept])

    def look(self) -> Sheet:
        """Return what the page shows."""
        version, places = self.version(), self.manuscript.places
        path = str(places.draft.relative_to(self.settings.folder))
        if not places.draft.exists():
            published = places.post
            fault = "" if published else f"there is no draft {path} any more"
            return Sheet(
                version,
                str(self.week),
                path,
                None,
                fault=fault,
                published=str(published.relative_to(self.settings.folder)) if published else "",
            )
        draft = self.manuscript.read()
        clashes = self._clashes(draft)
        if draft.issue is None:
            return Sheet(version, str(self.week), path, None, clashes=clashes, fault=draft.fault)
        cards = tuple(self._card(item, draft) for item in draft.issue.news)
        view, step = self.manuscript.view, self.manuscript.notes.last()
        return Sheet(
            version=version, title=post.title(draft.issue), path=path, issue=self._as_published(draft.issue, draft), cards=cards,
            tldr=parts.read(draft.issue, "tldr", view), feature=parts.read(draft.issue, "feature", view), clashes=clashes,
            points=self.points(cards, clashes), team=tuple(member.name for member in self.settings.team),
            undo=step.what if step and step.fits(draft.text) else "", jots=self._typed(),
        )  # fmt: skip

    def _as_published(self, issue: Issue, draft: Draft) -> Issue:
        """Return the issue with the closing line that publishing gives it."""
        edited = sum(_edited(item, deeds.entry_of(draft.record, item)) for item in issue.news)
        closing = compose.closing(issue.closing, edited, len(issue.news))
        return dataclasses.replace(issue, closing=closing)

    def points(self, cards: tuple[Card, ...], clashes: tuple[Clash, ...]) -> tuple[Point, ...]:
        """Return what is left to do, first what stands in the way of publishing."""
        found = [
            Point("", f"{one.what} has two versions: choose one", blocks=True) for one in clashes
        ]
        for card in cards:
            if card.open:
                found.append(Point(card.key, f"{card.headline}: {card.open} unsupported; change it, or say why it stands", blocks=True))  # fmt: skip
            if card.signed == "waiting":
                found.append(Point(card.key, f"{card.headline}: {card.person} has not approved this text", blocks=True))  # fmt: skip
        found += [Point(card.key, f"{card.headline}: text typed and not kept", blocks=False) for card in cards if card.jot]  # fmt: skip
        found += [Point("", f"{_NAMES[name]}: text typed and not kept", blocks=False) for name in self._typed() if name in _NAMES]  # fmt: skip
        found += [Point(card.key, f"{card.headline}: not accepted yet", blocks=False) for card in cards if not card.accepted]  # fmt: skip
        return tuple(found)

    def _clashes(self, draft: Draft) -> tuple[Clash, ...]:
        found = []
        for name, one in self.manuscript.clashes().items():
            if not one["part"] or draft.issue is None:
                found.append(Clash(name, "the whole draft", "", ""))
                continue
            what, ours = parts.shown(one["part"], one["value"])
            now, theirs = parts.shown(one["part"], parts.read(draft.issue, one["part"], self.manuscript.view))  # fmt: skip
            found.append(Clash(name, now if now != "a story" else what, ours, theirs))
        return tuple(found)

    def _card(self, item: NewsItem, draft: Draft) -> Card:
        entry = deeds.entry_of(draft.record, item)
        site = self.settings.site
        signed = "desk" if (item.person, item.profile_url) == (site.desk_name, site.desk_url) else "waiting"  # fmt: skip
        if signed == "waiting" and evidence.approved(
            draft.record, item.url, item.person, item.take
        ):
            signed = "approved"
        return Card(
            key=key_of(item.url), headline=item.headline, url=item.url, source=entry.get("source", ""),
            also=tuple((one["source"], one["url"] or "") for one in entry.get("also_reported_by", ())),
            reasons=tuple(entry.get("reasons", ())), person=item.person, signed=signed,  # type: ignore[arg-type]
            accepted=entry.get("accepted", {}).get("take") == item.take, edited=_edited(item, entry),
            open=len({one.text for one in self._findings(item.take, entry) if not one.note}),
            jot=self._jot(item) is not None,
        )  # fmt: skip

    def _jot(self, item: NewsItem) -> Jot | None:
        typed = self.manuscript.notes.jots().get(parts.STORY + item.url)
        return typed if typed and typed.text != item.take else None

    def _typed(self) -> dict[str, tuple[str, str]]:
        """Return what was typed in dialogs and not kept, with what stood there when the typing began."""
        jots = self.manuscript.notes.jots()
        return {name: (one.text, one.was) for name, one in jots.items() if _FIELD.fullmatch(name)}

    def evidence(self, key: str) -> Evidence:
        """Return the evidence of one story."""
        draft = self.manuscript.read()
        item = self.item(key, draft)
        entry = deeds.entry_of(draft.record, item)
        source = self.newsroom.item_of(entry)
        title, text = (source.title, source.text) if source else ("", "")
        known = entry["sentences"]
        if not text:
            text = " ".join(one["source_text"] for one in known)
            known = [{**one, "source_index": n} for n, one in enumerate(known)]
        found, jot = support.supports(item.take, known, title, text), self._jot(item)
        approvals = [one for one in draft.record["approvals"] if one["url"] == item.url]
        return Evidence(
            card=self._card(item, draft), take=item.take, source_title=title,
            jot=jot.text if jot else "", jot_was=jot.was if jot else "",
            proofs=tuple(Proof(one.text, one.kind, one.note, one.gates, one.index) for one in found),
            source=tuple(map(tuple, support.marked(text, found))), findings=self._findings(item.take, entry),
            approvals=tuple((one["person"], one["when"], one["text"]) for one in approvals),
        )  # fmt: skip

    def check(self, key: str, text: str, was: str) -> tuple[Finding, ...]:
        """Return what `text` says that the story's source does not, and keep `text` until it is kept or discarded."""
        draft = self.manuscript.read()
        item = self.item(key, draft)
        new = text.strip() and text != item.take
        self.manuscript.notes.jot(parts.STORY + item.url, Jot(text, was) if new else None)
        return self._findings(text, deeds.entry_of(draft.record, item))

    def jot(self, name: str, text: str, was: str) -> None:
        """Keep what is being typed in a field of a dialog; what stood there before is no news."""
        if not _FIELD.fullmatch(name):
            raise UserError("there is no such field")
        new = text.strip() and text != was
        self.manuscript.notes.jot(name, Jot(text, was) if new else None)

    def _findings(self, take: str, entry: dict[str, Any]) -> tuple[Finding, ...]:
        notes = {one["text"]: one["note"] for one in entry.get("overruled", ())}
        memo = (take, json.dumps([entry["url"], entry.get("item"), notes]))
        if memo not in self._doubts:
            item = self.newsroom.item_of(entry)
            drawn = self.newsroom.drawn_from(entry)
            source = (
                "\n\n".join(f"{one.source}. {one.title}. {one.text}" for one in drawn)
                if item
                else ""
            )
            others = {
                one.source: f"{one.title}. {one.text}" for one in self.newsroom.others_of(entry)
            }
            found = support.doubts(take, source, others) if source else []
            if len(self._doubts) > 2_000:
                self._doubts.clear()
            self._doubts[memo] = tuple(Finding(d.start, d.end, d.text, d.reason, notes.get(d.text, "")) for d in found)  # fmt: skip
        return self._doubts[memo]

    def item(self, key: str, draft: Draft) -> NewsItem:
        """Return the story with this key.

        Raises:
            UserError: the draft has none.
        """
        news = draft.issue.news if draft.issue else ()
        found = next((item for item in news if key_of(item.url) == key), None)
        if found is None:
            raise UserError("this story is not in the draft any more")
        return found

    # --- other takes, other stories ---------------------------------------------------------------------------------

    def takes(self, key: str) -> tuple[NewsItem, dict[str, Blurb]]:
        """Return a story and the takes that pass the gates, each under a name of its own."""
        draft = self.manuscript.read()
        item = self.item(key, draft)
        blurbs = self.newsroom.takes(deeds.entry_of(draft.record, item))
        return item, {key_of(f"{blurb.story.lead.url} {blurb.text}"): blurb for blurb in blurbs}

    def choices(self, key: str) -> tuple[Choice, ...]:
        """Return other takes on a story, the present one first."""
        item, blurbs = self.takes(key)
        now = Choice("", item.headline, "", item.take, current=True)
        others = (
            Choice(name, blurb.story.lead.title, blurb.story.lead.source, blurb.text)
            for name, blurb in blurbs.items()
            if blurb.text != item.take
        )
        return (now, *others)

    def rejects(self) -> tuple[Reject, ...]:
        """Return the week's stories that were not chosen, best first."""
        draft = self.manuscript.read()
        shown = {item.url for item in draft.issue.news} if draft.issue else set()
        used = {entry.get("item", "") for entry in draft.record["items"] if entry["url"] in shown}
        return tuple(
            Reject(one.story.lead.id, one.story.lead.title, one.story.lead.url or "", one.story.lead.source, one.reasons)
            for one in self.newsroom.left(used)
        )  # fmt: skip

    # --- acting -----------------------------------------------------------------------------------------------------

    def act(self, name: str, values: dict[str, Any]) -> str:
        """Do one thing to the draft and return a sentence about it; see `weeklyai.deeds` and `weeklyai.lineup`.

        Raises:
            UserError: it cannot be done; nothing was changed.
        """
        if any(not isinstance(value, str | bool) for value in values.values()):
            raise UserError("texts were expected")
        deed = lineup.DEEDS.get(name)
        if deed is None:
            raise UserError(f"there is no action {name!r}")
        with self.manuscript.lock:
            try:
                return deed(self, **values)
            except TypeError as error:
                raise UserError(f"{name}: {error}") from None

    def mail(self) -> tuple[str, str]:
        """Return the HTML and the text of the e-mail edition."""
        draft = self.manuscript.read()
        if draft.issue is None:
            raise UserError(draft.fault)
        issue = self._as_published(draft.issue, draft)
        data = edition.message(issue, self.settings, self.manuscript.view)
        message = email.message_from_bytes(data, policy=email.policy.default)
        bodies = (message.get_body((kind,)) for kind in ("html", "plain"))
        html, text = (str(body.get_content()) if body else "" for body in bodies)
        return html, text
