"""The commands about training a model and judging it: `weeklyai train`, `plan` and `eval`."""

import json
from pathlib import Path

import click

from weeklyai import config
from weeklyai.cli_feeds import as_json, in_site
from weeklyai.cli_options import (
    clock,
    how_long,
    moment,
    show_facts,
    week_is_default,
    week_option,
    with_size,
    with_training,
)


@click.command()
@week_option("current")
@how_long
@click.option(
    "--fresh",
    is_flag=True,
    help="Begin with new weights, whatever is at hand; it drafts only if it is not worse.",
)
@click.option(
    "--size",
    metavar="LxW",
    help="Layers x width, e.g. 4x256, instead of [train]; auto: what fits best.",
)
@click.option(
    "--replay", metavar="ID", help="Repeat the run of a stored model, step by step, to the bit."
)
@clock
@as_json
@in_site
def train(
    folder: Path,
    week: str,
    budget: str | None,
    tokens: int | None,
    fresh: bool,
    size: str | None,
    replay: str | None,
    now: str | None,
    as_json: bool,
) -> None:
    """Train on the archive up to a week, from the model at hand; an interrupted run goes on where it was.

    The new model drafts from then on if it is not worse on text that neither has read; 'weeklyai models' tells of all.

    \b
    Examples:
      weeklyai train --budget 10m
      weeklyai train --tokens 500000 --fresh
      weeklyai train --size 6x384 --budget 2h
      weeklyai train --replay 3f2a
    """  # noqa: D301
    from weeklyai import screen, training, weeks

    if replay and (budget or tokens or size or fresh):
        raise click.UsageError(
            "--replay repeats a run as it was: give no other length, size or start"
        )
    settings = with_size(with_training(config.load(folder), budget, tokens), size)
    chosen = weeks.resolve_week(settings, week, moment(now), ahead=True)
    with screen.Screen(quiet=as_json) as watcher:
        if replay:
            facts = training.repeat(settings, chosen, watcher, replay, guess=week_is_default())
        else:
            facts = training.train(settings, chosen, watcher, fresh=fresh)
    if facts:  # under torchrun the first process alone has some
        show_facts(facts, as_json=as_json)


@click.command()
@week_option("current")
@click.option("--budget", metavar="TIME", help="Show this budget alone, e.g. 10m.")
@clock
@as_json
@in_site
def plan(folder: Path, week: str, budget: str | None, now: str | None, as_json: bool) -> None:
    """Measure this machine and say what a training budget will buy: size, tokens, bits per byte. Trains nothing.

    The bits per byte follow from a law fitted on technology news; your text's level may differ, the order of sizes less.

    \b
    Examples:
      weeklyai plan
      weeklyai plan --budget 10m --json
    """  # noqa: D301
    from weeklyai import screen, training, weeks

    settings = with_training(config.load(folder), budget, None)
    chosen = weeks.resolve_week(settings, week, moment(now), ahead=True)
    budgets = [settings.train.budget] if budget else training.BUDGETS
    with screen.Screen(quiet=as_json) as watcher:
        found = training.plans(settings, chosen, budgets, watcher)
    if as_json:
        screen.say(json.dumps(found, ensure_ascii=False, indent=2))
        return
    screen.say(found["machine"])
    screen.say(found["archive"])
    screen.say(found["start"])
    rows = [
        [f"{value:,}" if isinstance(value, int) else value for value in row.values()]
        for row in found["plans"]
    ]
    screen.columns(list(found["plans"][0]), rows)


@click.command("eval")
@click.option("--pairs", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="Judge drafts on JSON lines (.jsonl, .jsonl.gz) of title, text and summary instead.")  # fmt: skip
@click.option("--model", metavar="RUN", default="",
              help="With --pairs: a run folder, a model's id, or none.  [default: the current model, if any]")  # fmt: skip
@click.option("--most", type=click.IntRange(1), default=500, show_default=True, help="Pairs that are drawn.")  # fmt: skip
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Where the page with tables and 30 examples goes.  [default: preview/eval.html]")  # fmt: skip
@as_json
@in_site
def evaluate(
    folder: Path, path: Path | None, model: str, most: int, page: Path | None, as_json: bool
) -> None:
    """Measure the model on held-out items and the drafter on the archive's own summaries, beside baselines.

    With --pairs: every way to draft against people's summaries, with and without the model, as tables and as a page.

    \b
    Examples:
      weeklyai eval
      weeklyai eval --pairs pairs.jsonl.gz --model none
      weeklyai review --export-pairs mine.jsonl && weeklyai eval --pairs mine.jsonl
    """  # noqa: D301
    from weeklyai import comparing, evaluation, screen

    settings = config.load(folder)
    target = page or folder / "preview" / "eval.html"
    with screen.Screen(quiet=as_json) as watcher:
        if path:
            compared = comparing.compare(settings, path, model, most, watcher)
            comparing.write(compared, settings, target)
            report = compared.tables
        else:
            report = evaluation.evaluate(settings, watcher)
    if as_json:
        screen.say(json.dumps(report, indent=2))
        return
    for title, rows in report.items():
        screen.say(f"\n{title}")
        screen.columns(list(rows[0]), [list(row.values()) for row in rows])
    if path:
        screen.say(f"\nwrote {target}")
