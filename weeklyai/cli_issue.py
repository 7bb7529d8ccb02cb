"""The commands about whole issues: `weeklyai email`, `correct`, `topics` and `import-post`."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from weeklyai import config
from weeklyai.cli_feeds import as_json, in_site
from weeklyai.cli_options import ahead, week_is_default, week_option
from weeklyai.dates import parse_moment


def _clock(now: str | None) -> datetime:
    return parse_moment(now) if now else datetime.now(UTC).replace(microsecond=0)


@click.command()
@click.option("--week", default="current", show_default=True, metavar="WEEK",
              help="current, latest (the newest with enough news), or an ISO week: 2024-W29.")  # fmt: skip
@click.pass_obj
def email(folder: Path, week: str) -> None:
    """Write the e-mail edition of a published or drafted week to email/; nothing is sent.

    Without --week it is the newest draft's, else the current week's.
    The .eml file holds text and HTML and fetches nothing. Who sends it adds the recipients.

    \b
    Example:
      weeklyai email --week 2024-W29
    """  # noqa: D301
    from weeklyai import mailing, screen, weeks

    settings = config.load(folder)
    drafted = week_is_default() and any((folder / "_drafts").glob("week-*.md"))
    chosen = (
        weeks.drafted_week(settings, "")
        if drafted
        else weeks.resolve_week(settings, week, _clock(None), ahead=True)
    )
    mail = mailing.write(settings, chosen)
    screen.say(f"email    {mail.path}")
    screen.say(
        f"bytes    {mail.whole:,} in all, {mail.html:,} of HTML, {mail.text:,} of plain text"
    )
    if mail.clipped:
        screen.say(
            "         large mail services cut off so long a message: lower [post] max_stories"
        )


@click.command()
@click.argument("week")
@click.option(
    "--note", required=True, metavar="TEXT", help="What was wrong, in a sentence for readers."
)
@click.option("--now", metavar="MOMENT", help="Pretend this is the clock.")
@click.pass_obj
def correct(folder: Path, week: str, note: str, now: str | None) -> None:
    """Reopen the published issue of WEEK as a draft that carries a dated correction.

    The post stays online. Edit the draft, then publish it: it replaces the post under the same address. Run again with
    another note to reword it; to give up, delete the draft.

    \b
    Example:
      weeklyai correct 2024-W29 --note "The price is 15 cents, not 15 dollars."
      $EDITOR _drafts/week-29-2024.md && weeklyai publish --week 2024-W29
    """  # noqa: D301
    from weeklyai import correcting, screen, weeks

    settings, moment = config.load(folder), _clock(now)
    chosen = weeks.resolve_week(settings, week, moment, ahead=True)
    screen.say(f"draft    {correcting.correct(settings, chosen, note, moment)}")
    screen.say(f"next: edit it, then 'weeklyai publish --week {chosen}'")


@click.command()
@click.argument("names", metavar="[TOPIC]...", nargs=-1)
@week_option("current")
@click.option("--limit", type=click.IntRange(1, 50), default=8, show_default=True, help="Topics at most.")  # fmt: skip
@ahead
@as_json
@in_site
def topics(
    folder: Path, names: tuple[str, ...], week: str, limit: int, ahead: bool, as_json: bool
) -> None:
    """List topics for a feature article: the week's themes, or each TOPIC, with what the archive holds on them.

    The numbers count passages: what it is, why it matters, how it works, what it is used for, where its limits are, and
    news. 'weeklyai draft --topic TOPIC' makes the article.

    \b
    Examples:
      weeklyai topics --week 2024-W29
      weeklyai topics "Mixture of Experts" "AI Agents" --json
    """  # noqa: D301
    from weeklyai import screen, subjects, weeks
    from weeklyai.feeds.archive import Archive

    settings = config.load(folder)
    chosen = weeks.resolve_week(settings, week, _clock(None), ahead=ahead)
    with Archive(settings.archive) as store:
        found = (
            [subjects.look_up(store, settings, chosen, name) for name in names]
            or subjects.suggested(store, settings, chosen, limit)
        )  # fmt: skip
    rows = [one.as_json() for one in found]
    if as_json:
        screen.say(json.dumps(rows, ensure_ascii=False, indent=2))
    elif rows:
        screen.columns(list(rows[0]), [list(row.values()) for row in rows])
    else:
        screen.say(f"the items of {chosen} share no theme")


@click.command("import-post")
@click.argument("sources", metavar="FILE...", nargs=-1, required=True,
                type=click.Path(path_type=Path))  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would change.")
@click.pass_obj
def import_post(folder: Path, sources: tuple[Path, ...], dry_run: bool) -> None:
    """Bring posts of an existing newsletter into _posts/ in the normal form; exit code 1 when one cannot be read.

    Nothing is overwritten and the files stay as they are. What cannot be read is named by file and line.

    \b
    Example:
      weeklyai import-post --dry-run ../old-letter/_posts/*.md
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.publish import moving, templates

    settings = config.load(folder)
    failed = False
    made = templates.environment(settings.folder)
    for moved in moving.move(sources, settings.folder, made, dry_run=dry_run):
        for fault in moved.faults:
            click.echo(f"weeklyai: {fault}", err=True)
        failed = failed or bool(moved.faults)
        if moved.target:
            screen.say(f"{moved.source} -> {moved.target}")
        for note in moved.notes:
            screen.say(f"  {note}")
        if dry_run and moved.diff:
            screen.say(moved.diff)
    if failed:
        sys.exit(1)
