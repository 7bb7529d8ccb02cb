"""Settings from a site's weeklyai.toml: frozen, checked all at once, every error named in one go.

Each table of the file is one dataclass here, each key one field with its default. A wrong file raises one `UserError`
that lists every fault as "[table] key: what is wrong, what is allowed".
"""

import dataclasses
import re
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from weeklyai.dates import PublishTime
from weeklyai.errors import UserError

FILE_NAME = "weeklyai.toml"


def between(low: float, high: float) -> dict[str, tuple[float, float]]:
    """Field metadata: the allowed range, both ends included."""
    return {"range": (low, high)}


def web_address() -> dict[str, bool]:
    """Field metadata: the value is an absolute http(s) address."""
    return {"url": True}


def patterns() -> dict[str, bool]:
    """Field metadata: each string of the list is a name in which * and ? may stand for others."""
    return {"patterns": True}


def optional(form: str, what: str) -> dict[str, Any]:
    """Field metadata: the value is empty or wholly matches the pattern `form`; errors say that it must be `what`."""
    return {"optional": True, "form": (form, what)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """[site]: whose newsletter this is and when it comes out."""

    title: str
    url: str = field(metadata=web_address())
    timezone: str = "UTC"
    publish_at: str = "Friday 20:00"
    desk_name: str = "The news desk"
    desk_url: str = field(metadata=web_address())

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def publish_time(self) -> PublishTime:
        """The weekly moment of publication."""
        return PublishTime.parse(self.publish_at, self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """[post]: the constants of the publication and the size of an issue."""

    pulse: str = "Current Tech Pulse: Our Team's Take:"
    intro: str = (
        "In 'Current Tech Pulse: Our Team's Take', our desk picks the week's technology news "
        "and sums up each story from its source."
    )
    closing: str = (
        "The news blurbs were drafted by a language model from the linked sources and checked sentence by sentence "
        "against them; mistakes may remain."
    )
    topic: str = "The Week in Technology"
    max_stories: int = field(default=10, metadata=between(2, 60))
    min_stories: int = field(default=4, metadata=between(2, 60))
    max_per_source: int = field(default=3, metadata=between(1, 60))
    min_words: int = field(default=15, metadata=between(5, 200))
    aim_words: int = field(default=35, metadata=between(5, 200))
    max_words: int = field(default=100, metadata=between(20, 300))
    # Words of headlines or openings: topics come first (none: language models and technology), blocked ones never come,
    # and where must-haves are named a story holds one of them.
    topics: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    must_have: tuple[str, ...] = ()
    # Publishers, or addresses of their feeds, whose stories come earlier or later.
    trusted: tuple[str, ...] = field(default=(), metadata=patterns())
    doubted: tuple[str, ...] = field(default=(), metadata=patterns())
    # From one source at most so many sentences, or more as long as they hold no more than so many words.
    max_copied_sentences: int = field(default=2, metadata=between(1, 60))
    max_copied_words: int = field(default=50, metadata=between(0, 300))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """[draft]: who writes the sentences."""

    # "rules": the source's sentences, shortened where that is safe; "free": also what the model writes, where it passes.
    writer: str = field(default="rules", metadata=optional("rules|free", '"rules" or "free"'))


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """[feature]: the article above the news, in weeks without a file of the editor's."""

    draft: bool = True  # from the archive, where that carries one
    use_next: bool = False  # else take the next file of features/, before its week


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """[feeds]: how feeds are fetched, and what is refused."""

    opml: str = "feeds.opml"
    allow_private: bool = False
    connections: int = field(default=16, metadata=between(1, 16))
    deadline_seconds: float = field(default=20.0, metadata=between(0.1, 600))
    max_megabytes: float = field(default=10.0, metadata=between(0.001, 1000))
    max_items: int = field(default=500, metadata=between(1, 100_000))
    max_per_week: int = field(default=100, metadata=between(1, 100_000))
    full_text: tuple[
        str, ...
    ] = ()  # addresses of feeds whose items are to be read from their pages
    check_links: bool = True
    contact: str = field(default="", metadata={"optional": True})  # an address told to servers


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """[train]: how much to train each week. `tokens` (exact) wins over `budget` (time) when it is not 0."""

    budget: str = "10m"
    tokens: int = field(default=0, metadata=between(0, 10**12))
    vocabulary: int = field(default=0, metadata=between(0, 65_536))  # 0: fitted to the corpus
    layers: int = field(
        default=0, metadata=between(0, 64)
    )  # 0: fitted to budget and machine, with width
    width: int = field(default=0, metadata=between(0, 4096))
    dtype: str = field(  # empty: what this machine is faster at
        default="", metadata=optional("float32|bfloat16", "float32, bfloat16 or empty")
    )
    base: str = field(  # what a site's first run begins with; empty: new weights
        default="weeklyai", metadata=optional("weeklyai|smollm2", "weeklyai, smollm2 or empty")
    )
    seed: int = field(default=29, metadata=between(0, 2**31))
    exclude_sources: tuple[str, ...] = field(default=(), metadata=patterns())  # or feed addresses
    exclude_licences: tuple[str, ...] = field(default=(), metadata=patterns())
    require_licence: bool = False  # an item that states none is not trained on

    @property
    def budget_seconds(self) -> float:
        """The time budget in seconds."""
        return parse_duration(self.budget)


# What may stand in a header as it is: ASCII, no white space, no angle brackets, and short enough for one line (RFC 5322).
_NAME = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_LOCAL = r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*"
_MAILBOX = rf"(?a:(?=.{{3,254}}\Z){_LOCAL}@{_NAME})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """[email]: the e-mail edition. A sender or list name that is not said follows from the site's host."""

    from_address: str = field(
        default="", metadata=optional(_MAILBOX, "an address like news@example.org")
    )
    list_id: str = field(
        default="",
        metadata=optional(rf"(?=.{{3,254}}\Z){_NAME}\.{_NAME}", "a name like news.example.org"),
    )
    unsubscribe_mail: str = field(
        default="", metadata=optional(_MAILBOX, "an address like leave@example.org")
    )
    unsubscribe_url: str = field(
        default="",
        metadata=optional(r"https://[!-;=?-~]{1,900}", "an address that begins with https://"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """[review]: the review page."""

    keep_pairs: bool = (
        True  # sources and what editors made of them, on this machine, for later training
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """[[team]]: a person whose name may stand over a take, once that person approved its text."""

    name: str
    url: str = field(metadata=web_address())
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """[[feed]]: what is special about one feed of the list."""

    url: str = field(metadata=web_address())
    full_text: bool = (
        False  # read its items from their pages, where the feed carries only a line or two
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A whole weeklyai.toml and the folder it stands in."""

    folder: Path
    site: Site
    post: Post = Post()
    draft: Draft = Draft()
    feature: Article = Article()
    feeds: Feeds = Feeds()
    train: Train = Train()
    email: Email = Email()
    review: Review = Review()
    team: tuple[Member, ...] = ()
    feed: tuple[Feed, ...] = ()

    @property
    def state(self) -> Path:
        """The folder of archive, model and caches; safe to delete, costly to remake."""
        return self.folder / ".weeklyai"

    @property
    def archive(self) -> Path:
        """The item archive."""
        return self.state / "archive.sqlite"

    @property
    def model(self) -> Path:
        """The model folder."""
        return self.state / "model"

    @property
    def opml(self) -> Path:
        """The feed list."""
        return self.folder / self.feeds.opml


LISTS: dict[str, type] = {"team": Member, "feed": Feed}  # tables that may stand several times


def parse_duration(text: str) -> float:
    """Return the seconds in "45s", "10m" or "2h".

    Raises:
        ValueError: on anything else, and outside one second to a week.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh])", text.strip())
    seconds = float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]] if found else 0.0
    if not 1 <= seconds <= 7 * 24 * 3600:
        raise ValueError(
            f"{text!r} is not a duration such as 45s, 10m or 2h (one second to seven days)"
        )
    return seconds


def load(folder: Path) -> Settings:
    """Read and check `folder`/weeklyai.toml.

    Raises:
        UserError: the file is missing, is not TOML, or holds faults; the message lists them all.
    """
    path = folder / FILE_NAME
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"{path} is missing: run this inside a site, name one with --site, or make one with 'weeklyai init DIR'"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not valid TOML: {error}") from None
    faults: list[str] = []
    known = {
        "site": Site,
        "post": Post,
        "draft": Draft,
        "feature": Article,
        "feeds": Feeds,
        "train": Train,
        "email": Email,
        "review": Review,
    }
    faults.extend(
        f"[{name}]: no such table; known are {', '.join([*known, *LISTS])}"
        for name in table
        if name not in {*known, *LISTS}
    )
    values = {
        name: _read(f"[{name}]", kind, table.get(name, {}), faults) for name, kind in known.items()
    }
    lists: dict[str, Any] = {
        name: _read_all(name, kind, table.get(name, []), faults) for name, kind in LISTS.items()
    }
    _check_together(values, faults)
    if faults:
        raise UserError(f"{path} has {len(faults)} fault(s):\n  " + "\n  ".join(faults))
    return Settings(folder=folder, **values, **lists)


def _read_all(name: str, kind: type, tables: Any, faults: list[str]) -> tuple[Any, ...]:
    """Return a `kind` for each of the [[name]] tables."""
    if not isinstance(tables, list):
        faults.append(f"[{name}]: write each as its own [[{name}]] table")
        return ()
    return tuple(_read(f"[[{name}]]", kind, table, faults) for table in tables)


def _read(where: str, kind: type, table: Any, faults: list[str]) -> Any:
    """Return `kind(**table)`, or None after noting what is wrong in `faults`."""
    if not isinstance(table, dict):
        faults.append(f"{where}: must be a table")
        return None
    fields = {f.name: f for f in dataclasses.fields(kind)}
    hints = typing.get_type_hints(kind)
    before = len(faults)
    faults.extend(
        f"{where} {key}: no such setting; known are {', '.join(fields)}"
        for key in table
        if key not in fields
    )
    values: dict[str, Any] = {}
    for name, spec in fields.items():
        if name in table:
            values[name] = _value(
                f"{where} {name}", table[name], hints[name], spec.metadata, faults
            )
        elif spec.default is dataclasses.MISSING:
            faults.append(f"{where} {name}: is missing and has no default")
    return kind(**values) if len(faults) == before else None


def _value(
    where: str, value: Any, hint: Any, rules: types.MappingProxyType[Any, Any], faults: list[str]
) -> Any:
    """Return `value` as `hint` wants it, noting in `faults` what is wrong with it."""
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if hint == tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            faults.append(f"{where} = {value!r}: must be a list of strings")
            return ()
        if "patterns" in rules:
            faults.extend(
                f"{where}: {part!r} names {'everything' if part.strip() else 'nothing'}; write names, "
                "in which * and ? stand for any characters and for one"
                for part in value
                if not part.strip(" *")
            )
        return tuple(value)
    if type(value) is not hint:
        faults.append(f"{where} = {value!r}: must be of type {hint.__name__}")
    elif "range" in rules and not rules["range"][0] <= value <= rules["range"][1]:
        faults.append(f"{where} = {value!r}: allowed is {rules['range'][0]} to {rules['range'][1]}")
    elif "url" in rules and (
        urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname
    ):
        faults.append(
            f"{where} = {value!r}: must be an address that begins with http:// or https://"
        )
    elif "form" in rules and value and not re.fullmatch(rules["form"][0], value):
        faults.append(f"{where} = {value!r}: must be {rules['form'][1]}")
    elif hint is str and not value.strip() and "optional" not in rules:
        faults.append(f"{where}: must not be empty")
    return value


def _check_together(values: dict[str, Any], faults: list[str]) -> None:
    """Note the faults that need more than one field to see, or a library to judge."""
    site, post, train = values["site"], values["post"], values["train"]
    if site is not None:
        try:
            site.zone  # noqa: B018 -- reading it is the check
            site.publish_time  # noqa: B018
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            name = "timezone" if isinstance(error, ZoneInfoNotFoundError) else "publish_at"
            faults.append(
                f"[site] {name}: {error}; write for example 'Asia/Bangkok' and 'Friday 20:00'"
            )
    if post is not None:
        for low, high in (
            ("min_stories", "max_stories"),
            ("min_words", "aim_words"),
            ("aim_words", "max_words"),
        ):
            if getattr(post, low) > getattr(post, high):
                faults.append(
                    f"[post] {low} = {getattr(post, low)}: must not exceed {high} = {getattr(post, high)}"
                )
    if train is not None:
        try:
            train.budget_seconds  # noqa: B018
        except ValueError as error:
            faults.append(f"[train] budget: {error}")
