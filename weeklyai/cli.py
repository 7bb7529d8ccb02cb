"""The command line: arguments in, one call, output and exit code; no logic.

Exit codes: 0 done (also when there was nothing to do), 1 something failed, 2 the user's mistake, 130 interrupted.
"""

import json
import sys
from pathlib import Path
from typing import Any

import click

from weeklyai import __version__, config
from weeklyai.cli_archive import archive
from weeklyai.cli_feeds import as_json, feeds, fetch, in_site
from weeklyai.cli_issue import correct, email, import_post, topics
from weeklyai.cli_model import evaluate, plan, train
from weeklyai.cli_models import models
from weeklyai.cli_options import (
    ahead,
    clock,
    how_long,
    moment,
    show_facts,
    week_is_default,
    week_option,
    with_training,
)
from weeklyai.cli_site import due, propose, review, schedule, serve, state, templates
from weeklyai.errors import WeeklyError


def main() -> None:
    """Run the command line; a `WeeklyError` becomes its one sentence and its exit code."""
    try:
        program(standalone_mode=False)
    except WeeklyError as error:
        click.echo(f"weeklyai: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            sys.stderr.close()  # the reader of our output (head, less) has gone
            return
        # A full disk, a folder that may not be written: files are replaced whole, so what was good is still there.
        click.echo(
            f"weeklyai: {error.strerror or error}: {error.filename or 'see above'}", err=True
        )
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        click.echo(
            "weeklyai: interrupted; what was finished is kept: run it again, without --fresh, to go on",
            err=True,
        )
        sys.exit(130)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  weeklyai init my-letter && cd my-letter
  weeklyai feeds add https://simonwillison.net/
  weeklyai build                     the whole week: fetch, train, draft, publish
  weeklyai draft && $EDITOR _drafts/*.md && weeklyai publish
""",
)
@click.version_option(__version__, prog_name="weeklyai")
@click.option("--site", "folder", type=click.Path(path_type=Path), default=Path(), metavar="DIR",
              help="The site's folder (default: this one).")  # fmt: skip
@click.pass_context
def program(context: click.Context, folder: Path) -> None:
    """A weekly technology newsletter, drafted on your machine by a small GPT trained on your feeds."""
    context.obj = folder


@program.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--title", default="My Weekly", show_default=True, help="The newsletter's name.")
@click.option(
    "--url", default="https://example.org", show_default=True, help="Where the site will be served."
)
@click.option(
    "--timezone", default="UTC", show_default=True, help="The site's time zone, e.g. Asia/Bangkok."
)
@click.option(
    "--no-feeds", is_flag=True, help="Start with an empty feed list instead of the recommended one."
)
def init(folder: Path, title: str, url: str, timezone: str, no_feeds: bool) -> None:
    """Make a new site in FOLDER with a list of recommended feeds; never overwrites a file.

    \b
    Examples:
      weeklyai init my-letter --title "Team Letter" --url https://letter.example --timezone Europe/Berlin
      weeklyai init my-letter --no-feeds && weeklyai --site my-letter feeds import mine.opml
    """  # noqa: D301 -- \b tells click to keep the lines
    from weeklyai import screen
    from weeklyai.feeds import opml
    from weeklyai.publish import scaffold

    for path in scaffold.init(folder, title=title, url=url, timezone=timezone, feeds=not no_feeds):
        screen.say(f"wrote {path}")
    listed = opml.read(folder / "feeds.opml")
    topics = len({feed.folder for feed in listed})
    if listed:
        screen.say(f"{len(listed)} feeds in {topics} topics: 'weeklyai feeds list' shows them")
    first = "" if listed else "'weeklyai feeds add ADDRESS' and "
    screen.say(f"next: cd {folder}, then {first}'weeklyai build'")
    screen.say(
        "to let GitHub build it every week: docs/publishing.md of weeklyai, 'weeklyai schedule --help'"
    )


@program.command()
@week_option("current")
@click.option("--topic", default="", metavar="TOPIC", help="What the feature article is about.")
@click.option("--overwrite", is_flag=True, help="Draft anew over a draft that was edited.")
@click.option(
    "--approve",
    metavar="NAME",
    help="Record NAME's approval of the takes under that name in the draft.",
)
@click.option("--add", metavar="ADDRESS", multiple=True,
              help="Put the story at a web address into the draft, from the archive or else read from its page.")  # fmt: skip
@clock
@ahead
@as_json
@in_site
def draft(
    folder: Path,
    week: str,
    topic: str,
    overwrite: bool,
    approve: str | None,
    add: tuple[str, ...],
    now: str | None,
    ahead: bool,
    as_json: bool,
) -> None:
    """Choose stories, draft and check them; writes _drafts/week-NN-YYYY.md and its evidence beside it.

    To put a team member's name over a take: edit the draft (name, profile address, text), then let that person run
    'weeklyai draft --approve NAME'. A later edit of the text voids the approval.

    The feature article is your file in features/, else one put together from the archive: on the week's strongest theme or
    on --topic ('weeklyai topics' lists what the archive can carry).

    --approve and --add work on the newest draft, unless --week names another.

    \b
    Examples:
      weeklyai draft --add https://blog.example/a-story
      weeklyai draft --week 2024-W29
      weeklyai draft --topic "Self-Supervised Learning"
      weeklyai draft --approve "Ada Lovelace"
    """  # noqa: D301
    from weeklyai import reviewing, screen, signing, weekly, weeks

    settings = config.load(folder)
    if approve or add:
        chosen = weeks.drafted_week(settings, "" if week_is_default() else week)
        for address in add:
            screen.say(reviewing.add_by_address(settings, chosen, address))
        for line in signing.approve(settings, chosen, approve, moment(None)) if approve else ():
            screen.say(line)
        return
    chosen = weeks.resolve_week(settings, week, moment(now), ahead=ahead)
    with screen.Screen(quiet=as_json) as watcher:
        facts = weekly.draft(settings, chosen, watcher, overwrite=overwrite, topic=topic)
    show_facts(facts, as_json=as_json)


@program.command()
@week_option("current")
@click.option("--rebuild", is_flag=True, help="Replace a week that is published already.")
@clock
@ahead
@in_site
def publish(folder: Path, week: str, rebuild: bool, now: str | None, ahead: bool) -> None:
    """Turn the draft into _posts/ and an HTML preview; an open correction replaces its post."""
    from weeklyai import screen, weekly, weeks

    settings = config.load(folder)
    chosen = weeks.resolve_week(settings, week, moment(now), ahead=ahead)
    with screen.Screen() as watcher:
        outcome = weekly.publish(settings, chosen, watcher, rebuild=rebuild)
    _paths(outcome)


@program.command()
@week_option("current")
@how_long
@click.option("--fresh", is_flag=True, help="Train new weights, also where a run could go on.")
@click.option("--rebuild", is_flag=True, help="Make a published week anew.")
@clock
@ahead
@as_json
@in_site
def build(
    folder: Path, week: str, budget: str | None, tokens: int | None, fresh: bool, rebuild: bool,
    now: str | None, ahead: bool, as_json: bool,
) -> None:  # fmt: skip
    """Fetch, train, draft and publish a week, unattended. Safe to run twice, late, or after a kill.

    \b
    Examples:
      weeklyai build                             the newest week whose moment has come
      weeklyai build --week latest --budget 5m   the newest week with enough news
      weeklyai build --week 2024-W29 --rebuild
    """  # noqa: D301
    from weeklyai import screen, weekly

    settings = with_training(config.load(folder), budget, tokens)
    with screen.Screen(quiet=as_json) as watcher:
        outcome = weekly.build(
            settings, week, moment(now), watcher, rebuild=rebuild, ahead=ahead, fresh=fresh
        )
    if as_json:
        screen.say(json.dumps(outcome.as_json(), ensure_ascii=False, indent=2))
        return
    if outcome.changed:
        screen.say()
        seconds = "  ".join(f"{stage} {taken:.1f}" for stage, taken in outcome.seconds.items())
        screen.table({**outcome.facts, "seconds by stage": seconds}, title=f"Week {outcome.week}")
        screen.remarks(outcome.feeds)
    else:
        screen.say(
            f"{outcome.week} is published already; nothing was changed (--rebuild makes it anew)"
        )
    _paths(outcome)


@program.command()
@as_json
@in_site
def doctor(folder: Path, as_json: bool) -> None:
    """Say what is installed, configured, stale or broken, and how to mend it; exit code 1 when something is broken."""
    from weeklyai import doctor as checkup
    from weeklyai import screen

    findings = checkup.examine(folder, moment(None))
    if as_json:
        screen.say(
            json.dumps([finding.as_json() for finding in findings], ensure_ascii=False, indent=2)
        )
    else:
        screen.columns(["", "what", "finding"], [[f.state, f.what, f.sentence] for f in findings])
    if any(finding.state == "broken" for finding in findings):
        sys.exit(1)


def _paths(outcome: Any) -> None:
    from weeklyai import screen

    screen.say(f"post     {outcome.post}")
    screen.say(f"preview  {outcome.preview}")


program.add_command(archive)
program.add_command(feeds)
program.add_command(fetch)
program.add_command(email)
program.add_command(evaluate)
program.add_command(models)
program.add_command(plan)
program.add_command(train)
program.add_command(correct)
program.add_command(import_post)
program.add_command(state)
program.add_command(due)
program.add_command(propose)
program.add_command(review)
program.add_command(schedule)
program.add_command(serve)
program.add_command(templates)
program.add_command(topics)
