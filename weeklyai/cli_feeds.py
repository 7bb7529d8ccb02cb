"""The commands about feeds: `weeklyai feeds ...` and `weeklyai fetch`."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from weeklyai import config

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
in_site = click.pass_obj


@click.group()
def feeds() -> None:
    """Keep the feed list (feeds.opml)."""


@feeds.command("add")
@click.argument("addresses", nargs=-1, required=True)
@in_site
def feeds_add(folder: Path, addresses: tuple[str, ...]) -> None:
    """Add feeds by their own ADDRESS or by their site's (the feed is looked up in the page).

    \b
    Example:
      weeklyai feeds add https://blog.rust-lang.org/feed.xml https://simonwillison.net/
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.feeds import listing

    settings = config.load(folder)
    for line in listing.add(settings, addresses):
        screen.say(line)


@feeds.command("list")
@as_json
@in_site
def feeds_list(folder: Path, as_json: bool) -> None:
    """List the feeds by folder."""
    from weeklyai import screen
    from weeklyai.feeds import listing

    rows = listing.rows(config.load(folder))
    if as_json:
        screen.say(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        screen.columns(
            ["folder", "title", "address"],
            [[" / ".join(row["folder"]), row["title"], row["url"]] for row in rows],
        )


@feeds.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@in_site
def feeds_import(folder: Path, file: Path) -> None:
    """Add the feeds of an OPML FILE."""
    from weeklyai import screen
    from weeklyai.feeds import listing

    for line in listing.import_file(config.load(folder), file):
        screen.say(line)


@feeds.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@in_site
def feeds_export(folder: Path, file: Path) -> None:
    """Write the feeds to an OPML FILE; an existing file is not overwritten."""
    from weeklyai import screen
    from weeklyai.feeds import listing

    screen.say(listing.export_file(config.load(folder), file))


@feeds.command("check")
@as_json
@in_site
def feeds_check(folder: Path, as_json: bool) -> None:
    """Fetch every feed and report its health; exit code 1 when one fails."""
    _fetch(folder, as_json=as_json, fail_on_any=True)


@click.command()
@as_json
@in_site
def fetch(folder: Path, as_json: bool) -> None:
    """Poll all feeds into the archive; exit code 1 when every feed fails."""
    _fetch(folder, as_json=as_json, fail_on_any=False)


def _fetch(folder: Path, *, as_json: bool, fail_on_any: bool) -> None:
    from weeklyai import screen
    from weeklyai.feeds import health, poll

    settings = config.load(folder)
    with screen.Screen(quiet=as_json) as watcher:
        found = poll.poll_site(settings, datetime.now(UTC), watcher.feed)
    screen.say(json.dumps(health.as_json(found), indent=2) if as_json else health.report(found))
    if any(feed.status == "failed" for feed in found) and fail_on_any:
        sys.exit(1)
