"""The commands about a whole site: its schedule and state, the pages in a browser, its templates."""

import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from weeklyai import config
from weeklyai.cli_feeds import as_json, in_site
from weeklyai.dates import parse_moment

remote_option = click.option(
    "--remote", default="origin", show_default=True, help="The git remote, by name or address."
)


@click.group()
def state() -> None:
    """Keep archive and model on the branch "state" of the site's repository.

    For builds on machines that forget, such as GitHub's. What is saved is as public as the repository: it holds the text
    of feed items.
    """


@state.command("save")
@click.option("--text", type=click.IntRange(1, 1000), default=64, show_default=True, metavar="MB",
              help="Keep the text of the newest items up to so much; older ones keep headline, link and date.")  # fmt: skip
@remote_option
@in_site
def state_save(folder: Path, text: int, remote: str) -> None:
    """Replace the branch by one commit of archive and model.

    \b
    Example:
      weeklyai fetch && weeklyai state save
    """  # noqa: D301 -- \b tells click to keep the lines
    from weeklyai import screen
    from weeklyai import state as keeping
    from weeklyai.git import Repository

    settings = config.load(folder)
    kept = keeping.save(settings, Repository(folder, remote), text=text)
    screen.say(f"saved {kept.items} items ({kept.megabytes} MB packed, {kept.pruned} without their text) as {kept.commit[:12]}")  # fmt: skip
    if kept.model:
        screen.say(f"model {kept.model} is left behind: {kept.left}" if kept.left else f"with model {kept.model}")  # fmt: skip


@state.command("load")
@remote_option
@in_site
def state_load(folder: Path, remote: str) -> None:
    """Bring archive and model from the branch; an archive at hand only gains what it lacks.

    \b
    Example:
      weeklyai state load && weeklyai build
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai import state as keeping
    from weeklyai.git import Repository

    kept = keeping.load(config.load(folder), Repository(folder, remote))
    screen.say(
        f"loaded {kept.items} items of {kept.commit[:12]}"
        + (f", model {kept.model}" if kept.model else ", no model")
        if kept.commit
        else f"the remote has no branch {keeping.BRANCH} yet: this begins with what the feeds hold now"
    )


@click.command()
@click.option("--week", default="", metavar="WEEK", help="Ask for this week only, e.g. 2024-W29.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE",
              help="Also append week= and state= to FILE, as GitHub's steps hand on values.")  # fmt: skip
@click.option("--now", metavar="MOMENT", help="Pretend this is the clock, e.g. 2024-07-19T20:00:00+07:00.")  # fmt: skip
@remote_option
@as_json
@in_site
def due(
    folder: Path, week: str, output: Path | None, now: str | None, remote: str, as_json: bool
) -> None:
    """Say which week wants an issue: new (to be built), proposed (its branch is there) or published.

    \b
    Example:
      weeklyai due --json
    """  # noqa: D301
    from weeklyai import proposing, screen
    from weeklyai.git import Repository

    clock = parse_moment(now) if now else datetime.now(UTC)
    found = proposing.due(config.load(folder), Repository(folder, remote), week, clock)
    if output:
        with output.open("a", encoding="utf-8") as file:
            file.write(f"week={found.week}\nstate={found.state}\n")
    values = {"week": str(found.week), "state": found.state}
    screen.say(json.dumps(values) if as_json else f"{found.week} is {found.state}")


@click.command()
@click.option(
    "--week", default="current", show_default=True, metavar="WEEK", help="The issue, e.g. 2024-W29."
)
@click.option("--build", "built", type=click.Path(path_type=Path), metavar="FILE",
              help="What 'weeklyai build --json' printed: its table and the feeds' health join the text.")  # fmt: skip
@remote_option
@in_site
def propose(folder: Path, week: str, built: Path | None, remote: str) -> None:
    """Push a week's post (or its draft) as the branch issue/WEEK and print the pull request's text.

    Your own branch, index and files stay as they are; a branch that the remote has already is left alone.

    \b
    Examples:
      weeklyai build --json > build.json && weeklyai propose --week 2024-W29 --build build.json > body.md
      gh pr create --head issue/2024-W29 --title "Issue 2024-W29" --body-file body.md
    """  # noqa: D301
    from weeklyai import proposing, weeks
    from weeklyai.git import Repository

    settings = config.load(folder)
    chosen = weeks.resolve_week(settings, week, datetime.now(UTC), ahead=True)
    done = proposing.propose(settings, Repository(folder, remote), chosen, _json_object(built))
    if not done.branch:
        click.echo(f"{chosen} is part of what is checked out already; nothing was proposed", err=True)  # fmt: skip
        return
    said = "pushed" if done.created else "is there already and was left alone"
    click.echo(f"{done.branch} {said}: {done.title}", err=True)
    click.echo(done.body, nl=False)


def _json_object(path: Path | None) -> dict[str, Any]:
    """Return the object in a JSON file, or {} where none is named."""
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"{path} cannot be read ({error})", param_hint="--build") from None
    if not isinstance(found, dict):
        raise click.BadParameter(f"{path} holds no JSON object", param_hint="--build")
    return found


@click.command()
@click.option("--systemd", is_flag=True, help="A service and a timer.")
@click.option("--cron", is_flag=True, help="Two lines for a crontab.")
@click.option("--github", is_flag=True, help="The workflow for GitHub Actions, its clock set anew.")
@in_site
def schedule(folder: Path, systemd: bool, cron: bool, github: bool) -> None:
    """Print what makes a machine build this site every week, and how to install it.

    \b
    Examples:
      weeklyai schedule --systemd
      weeklyai schedule --github > .github/workflows/weekly.yml
    """  # noqa: D301
    from weeklyai import scheduling, screen

    settings = config.load(folder)
    if systemd + cron + github != 1:
        raise click.UsageError("say which one: --systemd, --cron or --github")
    if systemd:
        text = scheduling.systemd(settings, getpass.getuser())
    elif cron:
        text = scheduling.cron(settings, datetime.now().astimezone())
    else:
        text = scheduling.github(settings)
    screen.say(text.rstrip("\n"))


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=4000, show_default=True, help="0 takes any free one.")  # fmt: skip
@click.option("--plain", is_flag=True, help="The built-in preview, even where Jekyll is installed.")
@in_site
def serve(folder: Path, port: int, plain: bool) -> None:
    """Show drafts and posts in a browser of this machine, loaded again at each change.

    Builds the site with Jekyll where that is installed, drafts included; else shows the built-in preview.

    \b
    Example:
      weeklyai serve --port 8000
    """  # noqa: D301
    from weeklyai import serving

    serving.serve(config.load(folder), port, _say_now, plain=plain)


@click.command()
@click.option(
    "--week",
    default="",
    metavar="WEEK",
    help="The issue, e.g. 2024-W29 (default: the newest draft).",
)
@click.option("--port", type=click.IntRange(0, 65535), default=4010, show_default=True, help="0 takes any free one.")  # fmt: skip
@click.option("--open", "opened", is_flag=True, help="Open it in your browser.")
@click.option(
    "--ahead", is_flag=True, help="Allow publishing a week whose moment of publication lies ahead."
)
@click.option("--export-pairs", type=click.Path(path_type=Path), metavar="FILE",
              help="Write what editors made of which source to FILE as JSON lines, and end.")  # fmt: skip
@in_site
def review(
    folder: Path, week: str, port: int, opened: bool, ahead: bool, export_pairs: Path | None
) -> None:
    """Review a draft in a browser of this machine: each sentence beside the words that support it.

    Accept, edit, choose, reorder, sign and publish, all by keyboard ("?" lists the keys). The draft in _drafts/ stays the
    truth: a text editor may change it at the same time. The address holds a secret; nobody else can open the page.

    \b
    Examples:
      weeklyai draft && weeklyai review --open
      weeklyai review --week 2024-W29 --port 0
      weeklyai review --export-pairs pairs.jsonl
    """  # noqa: D301
    from weeklyai import pairs, reviewing, weeks

    settings = config.load(folder)
    if export_pairs:
        _say_now(f"{pairs.export(settings, export_pairs)} pairs in {export_pairs}")
        return
    chosen = weeks.drafted_week(settings, week)
    reviewing.review(settings, chosen, port, _say_now, ahead=ahead, browser=opened)


def _say_now(line: str) -> None:
    """Print a line at once, also into a pipe."""
    click.echo(line)
    sys.stdout.flush()


@click.group()
def templates() -> None:
    """List the templates, and copy some into the site to change them."""


@templates.command("list")
@as_json
@in_site
def templates_list(folder: Path, as_json: bool) -> None:
    """List each template: whose it is (weeklyai's, or the site's own in its place) and what it is for."""
    from dataclasses import asdict

    from weeklyai import screen
    from weeklyai.publish import templates as own

    found = own.listed(folder)
    if as_json:
        screen.say(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    else:
        screen.columns(["template", "whose", "for"], [[one.name, one.whose, one.purpose] for one in found])  # fmt: skip


@templates.command("copy")
@click.argument("names", nargs=-1, required=True)
@in_site
def templates_copy(folder: Path, names: tuple[str, ...]) -> None:
    """Copy the packaged templates NAMES into the site's templates/; never overwrites a file.

    \b
    Example:
      weeklyai templates copy post.md.j2
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.publish import templates as own

    config.load(folder)  # copying into a folder that is no site would be lost there
    for path in own.copy(folder, names):
        screen.say(f"wrote {path}")
