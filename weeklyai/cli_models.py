"""The commands about the store of models: `weeklyai models list`, `show`, `verify` and the rest."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weeklyai import config
from weeklyai.cli_feeds import as_json, in_site

if TYPE_CHECKING:
    from weeklyai.lm.models import Store, Stored


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

    store = _store(folder)
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

    store = _store(folder)
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

    chosen = _store(folder).choose(model_id, _now())
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

    done = _store(folder).rollback(_now())
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

    gone = _store(folder).prune(keep)
    freed = sum(one.num_bytes for one in gone)
    if as_json:
        screen.say(
            json.dumps({"removed": [one.model_id for one in gone], "bytes": freed}, indent=2)
        )
    else:
        screen.say(f"removed {len(gone)} model(s), {freed:,} bytes freed")


@models.command("verify")
@as_json
@in_site
def models_verify(folder: Path, as_json: bool) -> None:
    """Read every model at hand and the base that comes with weeklyai, and compare their hashes with their records.

    Exit code 1 where one is damaged; a build goes on without it and says so.

    \b
    Examples:
      weeklyai models verify
      weeklyai models verify --json
    """  # noqa: D301
    from weeklyai import screen
    from weeklyai.lm import base, models

    found = {"base": base.trouble(base.SHIPPED)}
    found |= {one.model_id: models.trouble(one.folder) for one in _store(folder).models()}
    if as_json:
        screen.say(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        screen.table({name: trouble or "whole" for name, trouble in found.items()})
    if any(found.values()):
        raise SystemExit(1)


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

    one = _store(folder).find(model_id)
    export.export(one.folder, target)
    screen.say(f"wrote model {one.model_id} to {target}")


def _store(folder: Path) -> "Store":
    """Return the site's store; what it had to mend is said."""
    from weeklyai.lm.models import Store

    store = Store(config.load(folder).model)
    if store.mended:
        click.echo(f"weeklyai: {store.mended}", err=True)
    return store


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
        "measured_on": run and (_weeks(run.by_week) or None),
        "went_on_from": run and (run.parent or None),
        "bytes": one.num_bytes,
    }


def _weeks(by_week: dict[str, float]) -> str:
    """Return the weeks whose text was held out: figures of two models compare where these are the same."""
    weeks = sorted(week for week in by_week if week != "all")
    return weeks[0] if len(weeks) == 1 else f"{weeks[0]} to {weeks[-1]}" if weeks else ""


def _plain(value: Any) -> str:
    """Return a figure, or figures with their names, those within one another in brackets; what is empty is left out."""
    if not isinstance(value, dict):
        return str(value)
    kept = {name: part for name, part in value.items() if part not in ("", 0)}
    return ", ".join(
        f"{name} ({_plain(part)})" if isinstance(part, dict) else f"{name} {part}"
        for name, part in kept.items()
    )
