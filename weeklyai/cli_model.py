"""The commands about models: `weeklyai train`, `eval` and `models ...`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weeklyai import config
from weeklyai.cli_feeds import as_json, in_site
from weeklyai.cli_options import (
    clock,
    how_long,
    moment,
    show_facts,
    week_option,
    with_size,
    with_training,
)

if TYPE_CHECKING:
    from weeklyai.lm.models import Store, Stored


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

    settings = with_size(with_training(config.load(folder), budget, tokens), size)
    chosen = weeks.resolve_week(settings, week, moment(now), ahead=True)
    with screen.Screen(quiet=as_json) as watcher:
        if replay:
            facts = training.repeat(settings, chosen, watcher, replay)
        else:
            facts = training.train(settings, chosen, watcher, fresh=fresh)
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
    screen.columns(list(found["plans"][0]), [list(row.values()) for row in found["plans"]])


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


@click.group()
def models() -> None:
    """See the trained models, say which one drafts, remove or export them."""


@models.command("list")
@as_json
@in_site
def models_list(folder: Path, as_json: bool) -> None:
    """List the models, the newest first, and what became of each.

    \b
    Examples:
      weeklyai models list
      weeklyai models list --json
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.lm.models import Store

    store = Store(config.load(folder).model)
    rows = [_row(store, one) for one in store.models()]
    if as_json:
        screen.say(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    if rows:
        shown = [["" if value is None else value for value in row.values()] for row in rows]
        screen.columns([name.replace("_", " ") for name in rows[0]], shown)
    else:
        screen.say("there is no model yet: 'weeklyai train' or 'weeklyai build' makes one")
    if store.training.exists():
        screen.say("a run is in progress: 'weeklyai train' goes on with it")


@models.command("show")
@click.argument("model_id", metavar="[ID]", default="")
@as_json
@in_site
def models_show(folder: Path, model_id: str, as_json: bool) -> None:
    """Show one model and every decision on it: the one whose id begins with ID, or the current one.

    \b
    Examples:
      weeklyai models show
      weeklyai models show 3f2a --json
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.lm.models import Store

    store = Store(config.load(folder).model)
    one = store.find(model_id)
    value: dict[str, Any] = {**_row(store, one), "folder": str(one.folder), "trouble": one.trouble}
    if one.run:
        value |= {"plan": one.run.plan, "corpus": one.run.corpus, "by_week": one.run.by_week}
    said = [each for each in store.history if one.model_id in {each.model, each.before}]
    if as_json:
        said_json = [{name: getattr(each, name) for name in each.__slots__} for each in said]
        screen.say(json.dumps({**value, "decisions": said_json}, ensure_ascii=False, indent=2))
        return
    screen.table(
        {
            name.replace("_", " "): _plain(part)
            for name, part in value.items()
            if part is not None and part != ""
        }
    )
    for each in said:
        screen.say(f"{each.date[:10]}  {each.model} {each.kind}: {each.reason}")


@models.command("promote")
@click.argument("model_id", metavar="ID")
@in_site
def models_promote(folder: Path, model_id: str) -> None:
    """Let the model whose id begins with ID draft from now on, whatever was measured.

    \b
    Example:
      weeklyai models promote 3f2a
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.lm.models import Store

    chosen = Store(config.load(folder).model).choose(model_id, _now())
    screen.say(f"{chosen.model} drafts from now on" + (f", {chosen.before} did before" if chosen.before else ""))  # fmt: skip


@models.command("rollback")
@in_site
def models_rollback(folder: Path) -> None:
    """Go back to the model that the current one took over from.

    \b
    Example:
      weeklyai models rollback
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.lm.models import Store

    done = Store(config.load(folder).model).rollback(_now())
    screen.say(f"{done.model} drafts from now on, {done.before} did before")


@models.command("prune")
@click.option("--keep", type=click.IntRange(0, 1000), default=3, show_default=True, metavar="N",
              help="Keep the N newest, beside the current model and the one before it.")  # fmt: skip
@as_json
@in_site
def models_prune(folder: Path, keep: int, as_json: bool) -> None:
    """Remove old models; the current one and the one that 'rollback' goes back to always stay.

    \b
    Examples:
      weeklyai models prune
      weeklyai models prune --keep 0
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.lm.models import Store

    gone = Store(config.load(folder).model).prune(keep)
    freed = sum(one.num_bytes for one in gone)
    if as_json:
        screen.say(
            json.dumps({"removed": [one.model_id for one in gone], "bytes": freed}, indent=2)
        )
    else:
        screen.say(f"removed {len(gone)} model(s), {freed:,} bytes freed")


@models.command("export")
@click.argument("target", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--model", "model_id", default="", metavar="ID", help="Which model (default: the current one).")  # fmt: skip
@in_site
def models_export(folder: Path, target: Path, model_id: str) -> None:
    """Write a model to a new folder DIR that Hugging Face transformers loads.

    It holds the modelling code too, so it is loaded with trust_remote_code=True. Its README.md shows how.

    \b
    Examples:
      weeklyai models export exported
      weeklyai models export exported --model 3f2a
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.lm import export
    from weeklyai.lm.models import Store

    one = Store(config.load(folder).model).find(model_id)
    export.export(one.folder, target)
    screen.say(f"wrote model {one.model_id} to {target}")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _row(store: "Store", one: "Stored") -> dict[str, Any]:
    """Return the line of a model; what its record does not say is None."""
    run = one.run
    return {
        "id": one.model_id,
        "state": store.state_of(one),
        "until": run and (run.until or None),
        "tokens": run and run.tokens,
        "parameters": run and run.parameters,
        "bits_per_byte": run and run.by_week.get("all"),
        "went_on_from": run and (run.parent or None),
        "bytes": one.num_bytes,
    }


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name} {part}" for name, part in value.items())
    return str(value)
