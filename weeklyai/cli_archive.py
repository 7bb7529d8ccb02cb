"""The commands about the archive: `weeklyai archive import`, `export`, `search` and `stats`."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weeklyai import config
from weeklyai.cli_feeds import as_json, in_site
from weeklyai.dates import parse_moment
from weeklyai.errors import UserError

if TYPE_CHECKING:
    from weeklyai.feeds.bulk import Imported

_SILENT = 2.0  # seconds; work that is done within them shows no progress


def _first(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """Return the moment of "2024-07-19T20:00:00+07:00", or the first of the day "2024-07-19" (in UTC)."""
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    try:
        return parse_moment(value)
    except UserError:
        raise click.BadParameter(
            f"{value!r} is neither a day like 2024-07-19 nor a moment with its offset"
        ) from None


def _last(context: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:
    """Return the moment, or the last of the day."""
    first = _first(context, parameter, value)
    whole_day = first and "T" not in str(value).upper() and " " not in str(value)
    return first + timedelta(days=1, seconds=-1) if first and whole_day else first


since = click.option("--since", callback=_first, metavar="DATE", help="The first day (2024-07-19) or moment.")  # fmt: skip
from_source = click.option("--source", default="", metavar="NAME", help="Of this publisher only.")


@click.group()
def archive() -> None:
    """Fill, search and count the archive of items."""


@archive.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option("--again", is_flag=True, help="Read files that were read before.")
@as_json
@in_site
def archive_import(folder: Path, files: tuple[Path, ...], again: bool, as_json: bool) -> None:
    """Add bulk text: each FILE is JSON lines (.jsonl, .jsonl.gz) or a folder of them.

    A line is an object with title, url, published, source, summary, text and licence, each a string or null. An item
    without a date, or with a bare year, is trained on but never news of a week. What is there already is skipped, and an
    import that was interrupted goes on where it was. Exit code 1 when nothing of any file could be used.

    \b
    Examples:
      weeklyai archive import posts.jsonl.gz
      weeklyai archive import ~/corpus --json
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.feeds import bulk
    from weeklyai.feeds.archive import Archive

    settings = config.load(folder)
    with screen.Screen(quiet=as_json) as watcher, Archive(settings.archive) as store:
        done = bulk.import_files(store, files, datetime.now(UTC), _patient(watcher.share), again=again)  # fmt: skip
    if as_json:
        screen.say(json.dumps([one.as_json() for one in done], ensure_ascii=False, indent=2))
    else:
        _show(done)
    if not any(one.useful for one in done):
        sys.exit(1)


@archive.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@since
@click.option("--until", callback=_last, metavar="DATE", help="The last day or moment.")
@from_source
@in_site
def archive_export(
    folder: Path, file: Path, since: datetime | None, until: datetime | None, source: str
) -> None:
    """Write items to a new FILE of JSON lines, packed if its name ends in .gz; 'archive import' reads it back.

    \b
    Examples:
      weeklyai archive export all.jsonl.gz
      weeklyai archive export july.jsonl --since 2024-07-01 --until 2024-07-31
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.feeds import bulk
    from weeklyai.feeds.archive import Archive

    span: dict[str, Any] = {"source": source}
    if since:
        span["start"] = since - timedelta(seconds=1)  # a span begins after its start
    if until:
        span["end"] = until
    with screen.Screen() as watcher, Archive(config.load(folder).archive) as store:
        number = bulk.export_file(store, file, store.each(**span), _patient(watcher.share))
    screen.say(f"wrote {number:,} items to {file}")


@archive.command("search")
@click.argument("words", nargs=-1)
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="Items at most.")  # fmt: skip
@since
@from_source
@as_json
@in_site
def archive_search(
    folder: Path, words: tuple[str, ...], limit: int, since: datetime | None, source: str, as_json: bool
) -> None:  # fmt: skip
    """Find the items that have all WORDS, the best first; words in one pair of quotes must stand in a row.

    \b
    Examples:
      weeklyai archive search browser engine --since 2024-01-01
      weeklyai archive search "language model" --source "Example Times" --json
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.feeds import search
    from weeklyai.feeds.archive import Archive

    with Archive(config.load(folder).archive) as store:
        hits = search.search(store, words, limit, since, source)
    if as_json:
        screen.say(json.dumps([hit.as_json() for hit in hits], ensure_ascii=False, indent=2))
        return
    for hit in hits:
        screen.say(f"{hit.date or 'no date':10}  {hit.source}: {hit.title}")
        screen.say(f"            {hit.url or 'no address'}")
        screen.say(f"            {hit.snippet}")
    if not hits:
        screen.say("nothing was found")


@archive.command("stats")
@as_json
@in_site
def archive_stats(folder: Path, as_json: bool) -> None:
    """Count the archive's items: by source, year and licence, with their dates and characters.

    \b
    Example:
      weeklyai archive stats --json
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.feeds import search
    from weeklyai.feeds.archive import Archive

    with Archive(config.load(folder).archive) as store:
        found = search.stats(store)
    if as_json:
        screen.say(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
        return
    screen.table(
        {
            "items": f"{found.total.items:,}",
            "dates": f"{found.total.oldest or 'none'} to {found.total.newest or 'none'}",
            "characters": f"{found.total.characters:,}",
            "feeds": found.feeds,
            "sources": f"{len(found.sources):,}",
            "on disk": f"{found.bytes / 1e6:,.1f} MB",
        }
    )
    for head, groups, most in (
        ("source", found.sources, 20), ("year", found.years, 200), ("licence", found.licences, 20),
    ):  # fmt: skip
        rows = [
            [name or "not known", group.items, group.characters, group.oldest, group.newest]
            for name, group in list(groups.items())[:most]
        ]
        screen.say()
        screen.columns([head, "items", "characters", "oldest", "newest"], rows)
        if len(groups) > most:
            screen.say(f"and {len(groups) - most:,} more")


def _show(done: "Sequence[Imported]") -> None:
    """Print what became of each file, its bad lines below."""
    from weeklyai import screen

    head = ["file", "lines", "new", "there already", "same text", "bad", "seconds"]
    rows = [
        [Path(one.file).name, one.lines, one.new, one.same_id, one.same_text, one.bad, one.seconds]
        for one in done
    ]
    screen.columns(head, rows)
    for one in done:
        if one.known:
            screen.say(f"{one.file}: was read before; --again reads it anew")
        elif one.start:
            screen.say(f"{one.file}: went on behind line {one.start:,}")
        for number, reason in one.faults:
            screen.say(f"{one.file}:{number}: {reason}")
        if one.bad > len(one.faults):
            screen.say(f"{one.file}: {one.bad - len(one.faults):,} more bad lines")
        if one.damage:
            screen.say(f"{one.file}: {one.damage}")


def _patient(show: Callable[[float, str], None]) -> Callable[[float, str], None]:
    """Return `show` as it is after two seconds, and before that as nothing."""
    began = time.monotonic()
    return lambda share, line: show(share, line) if time.monotonic() - began > _SILENT else None
