"""The commands about feeds: `weeklyai feeds ...` and `weeklyai fetch`."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weeklyai import config

if TYPE_CHECKING:
    from weeklyai.feeds.health import FeedHealth

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
in_site = click.pass_obj


@click.group()
def feeds() -> None:
    """Keep the feed list (feeds.opml)."""


@feeds.command("add")
@click.argument("addresses", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask before adding (a script is never asked).")
@in_site
def feeds_add(folder: Path, addresses: tuple[str, ...], yes: bool) -> None:
    """Add feeds by their own ADDRESS or by their site's (the feed is looked up in the page).

    The newest titles of each are shown first. A feed that is listed already and was given up as gone is asked again.

    \b
    Example:
      weeklyai feeds add https://blog.rust-lang.org/feed.xml https://simonwillison.net/
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.feeds import discover, listing, opml

    settings = config.load(folder)
    for address in addresses:
        opml.check_address(address, "feeds add")
    found = discover.find(addresses, settings.feeds)
    for one in found:
        screen.found_feed(one)
    good = [one for one in found if one.url]
    if good and not yes and sys.stdin.isatty() and sys.stdout.isatty():
        click.confirm(
            "Add?" if len(good) == 1 else f"Add these {len(good)}?", default=True, abort=True
        )
    for line in listing.add(settings, found):
        screen.say(line)
    if not good:
        sys.exit(1)


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
    """Fetch every feed and show its health in a table; exit code 1 when one fails.

    \b
    Examples:
      weeklyai feeds check
      weeklyai feeds check --json | jq '.[] | select(.status == "failed") | .url'
    """  # noqa: D301
    found = _fetch(folder, as_json=as_json, table=True)
    if any(feed.status in ("failed", "gone") for feed in found):
        sys.exit(1)


@click.command()
@as_json
@in_site
def fetch(folder: Path, as_json: bool) -> None:
    """Poll all feeds into the archive; exit code 1 when every feed fails.

    \b
    Example:
      weeklyai fetch
    """  # noqa: D301
    found = _fetch(folder, as_json=as_json, table=False)
    if all(feed.status in ("failed", "gone") for feed in found):
        sys.exit(1)


def _fetch(folder: Path, *, as_json: bool, table: bool) -> "list[FeedHealth]":
    from weeklyai import feedreport, screen
    from weeklyai.feeds import health, poll

    settings = config.load(folder)
    now = datetime.now(UTC)
    with screen.Screen(quiet=as_json) as watcher:
        found = poll.poll_site(settings, now, watcher.feed)
    page = feedreport.write_page(settings, found, now)
    if as_json:
        screen.say(json.dumps(health.as_json(found), ensure_ascii=False, indent=2))
        return found
    if table:
        screen.health(found)
    screen.say(health.report(found))
    screen.say(f"as a page: {page}")
    return found
