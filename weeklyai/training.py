"""The training step of a week: from last week's model where there is one, and promoted only if it is not worse."""

import dataclasses
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from weeklyai.config import Settings, Train
from weeklyai.dates import Week
from weeklyai.errors import WeeklyError
from weeklyai.feeds.archive import Archive
from weeklyai.publish import report
from weeklyai.publish.templates import environment
from weeklyai.watch import Nobody, Training, Watcher

if TYPE_CHECKING:
    from weeklyai.lm.corpus import Corpus
    from weeklyai.lm.decisions import Decision
    from weeklyai.lm.distributed import Group
    from weeklyai.lm.loop import Progress
    from weeklyai.lm.models import Store
    from weeklyai.lm.run import Run


def train(
    settings: Settings, week: Week, watcher: Watcher, *, fresh: bool = False
) -> dict[str, Any]:
    """Train on all items up to the moment of publication of `week`, and settle which model drafts.

    A run goes on from the current model, unless that is damaged or `[train]` asks for another shape. What was trained
    already, on the same text by the same plan, is not trained again.

    Args:
        settings: the site.
        week: the issue.
        watcher: told how training goes and what was decided.
        fresh: begin with new weights, also where a run could go on.

    Returns:
        The facts for the table; under torchrun none in all processes but the first.

    Raises:
        UserError: the archive holds too little text.
        WeeklyError: the run in progress is damaged.
    """
    from weeklyai.lm.distributed import joined  # noqa: PLC0415 -- torch takes seconds to import

    with joined() as group:
        return _train(settings, week, watcher if group.first else Nobody(), group, fresh=fresh)


def _train(
    settings: Settings, week: Week, watcher: Watcher, group: "Group", *, fresh: bool
) -> dict[str, Any]:
    """Do what `train` says; of several processes the first alone writes to the store, and has facts."""
    from weeklyai.lm import corpus, models, promotion  # noqa: PLC0415

    settings = _with_base(settings, watcher)
    end = settings.site.publish_time.window(week)[1]
    if group.first:
        _prepare(settings, watcher, fresh=fresh)
    group.wait()
    store = models.Store(settings.model)
    with Archive(settings.archive) as archive:
        built = corpus.build(archive.all_items(end), settings.train, store.border)
    run = _run(settings, store, built, watcher, group, fresh=fresh)
    if not group.first:
        return {}
    if run.stopped_early:
        watcher.note(
            "training stopped before its budget: more passes over so few items would learn them by heart"
        )
    for event in run.events:
        watcher.note(event)
    decision = promotion.settle(store, run, built.held_out, str(week), datetime.now(UTC))
    if store.current != run.model_id:
        watcher.note(
            f"model {store.current} stays, {run.model_id} is not promoted: {decision.reason}"
        )
    _report(settings, built, run)
    return _facts(built, run, decision, store.current)


def _with_base(settings: Settings, watcher: Watcher) -> Settings:
    """Return the settings, with the base that comes along where the larger one cannot be used, which is told."""
    from weeklyai.lm import smollm2  # noqa: PLC0415

    if settings.train.base != smollm2.NAME or not (trouble := smollm2.trouble()):
        return settings
    watcher.note(f"training begins with weeklyai's own base: {trouble}")
    return dataclasses.replace(settings, train=dataclasses.replace(settings.train, base="weeklyai"))


def _prepare(settings: Settings, watcher: Watcher, *, fresh: bool) -> None:
    """Put the store in order, and the base into an empty one."""
    from weeklyai.lm import models  # noqa: PLC0415

    store = models.Store(settings.model)
    if store.mended:
        watcher.note(store.mended)
    if not fresh:
        _take_base(settings.train, store, watcher)


def _take_base(wanted: Train, store: "Store", watcher: Watcher) -> None:
    """Make the base that comes with weeklyai the first model of a site that has none, unless another shape is asked for."""
    from weeklyai.lm import base  # noqa: PLC0415

    if not wanted.base or store.current:
        return
    try:
        if _fits(wanted, base.record(base.SHIPPED)):
            number = base.install(store, datetime.now(UTC), base.SHIPPED)
            watcher.note(
                f"the site has no model yet: training begins with weeklyai's own base, {number}"
            )
    except (WeeklyError, OSError) as error:
        watcher.note(f"training begins with new weights: {error}")


def repeat(
    settings: Settings, week: Week, watcher: Watcher, model_id: str, *, guess: bool = False
) -> dict[str, Any]:
    """Train the stored model `model_id` again by the schedule that it took; return the facts, with whether it is the same.

    Args:
        settings: the site's.
        week: whose archive it was trained on.
        watcher: sees the steps.
        model_id: the model, or how its id begins.
        guess: where the text up to `week` is another one, try the week that was the newest in the model's record.

    Raises:
        UserError: there is no such model, or the archive up to `week` is not what it was trained on.
    """
    from weeklyai.lm import checkpoint, corpus, models  # noqa: PLC0415
    from weeklyai.lm.train import train as run_training  # noqa: PLC0415

    store = models.Store(settings.model)
    stored = store.find(model_id)
    first = checkpoint.read_run(stored.folder)
    border = datetime.fromisoformat(first.border) if first and first.border else None
    weeks = [week, *([Week.of(border)] if guess and border else [])]
    with Archive(settings.archive) as archive:
        for one in weeks:
            end = settings.site.publish_time.window(one)[1]
            built = corpus.build(archive.all_items(end), settings.train, border)
            if first and built.hash == first.corpus:
                break
    start = store.folder / first.parent if first and first.parent else None
    folder = store.folder / "replay"
    run = run_training(
        built,
        settings.train,
        folder,
        _shown(watcher),
        on_begin=_told(watcher),
        start=start,
        replay=stored.folder,
    )
    shutil.rmtree(folder)  # the model is in the store already
    return {
        "replayed": stored.model_id,
        "steps": run.step,
        "tokens": run.tokens,
        "model": run.model_id,
        "same weights": run.model_id == stored.model_id,
    }


BUDGETS = ("1m", "3m", "10m", "30m", "1h", "3h", "8h", "24h")


def plans(
    settings: Settings, week: Week, budgets: Sequence[str], watcher: Watcher
) -> dict[str, Any]:
    """Return what each of `budgets` will buy on this machine with the archive up to `week`, for new weights.

    Raises:
        UserError: the archive holds too little text, or the size does not fit into memory.
    """
    from weeklyai.lm import corpus, machine  # noqa: PLC0415
    from weeklyai.lm.plan import make_plan  # noqa: PLC0415

    watcher.stage("reading the archive")
    end = settings.site.publish_time.window(week)[1]
    with Archive(settings.archive) as archive:
        built = corpus.build(archive.all_items(end), settings.train)
    watcher.stage("measuring the machine")
    rows = []
    for budget in budgets:
        asked = dataclasses.replace(settings.train, budget=budget, tokens=0)
        plan, choice = make_plan(built, asked)
        rows.append({
            "budget": budget, "layers": plan.layers, "width": plan.width, "vocabulary": plan.vocabulary,
            "parameters": choice.parameters, "tokens": choice.tokens, "passes": choice.passes,
            "seconds": min(choice.seconds, asked.budget_seconds), "bits per byte": "not foretold" if plan.base else choice.bits_per_byte,
        })  # fmt: skip
    num_bytes = sum(document.num_bytes for document in built.training)
    return {
        "machine": machine.probe(quick=True).sentence(),
        "archive": f"{built.num_items:,} items, {num_bytes / 1e6:.1f} MB of training text in two layouts",
        "start": _begins_with(settings),
        "plans": rows,
    }


def _begins_with(settings: Settings) -> str:
    """Return a sentence on the weights that the next run begins with."""
    from weeklyai.lm import base, checkpoint, models, smollm2  # noqa: PLC0415

    store, larger = models.Store(settings.model), settings.train.base == smollm2.NAME
    try:
        folder = store.current_folder
        run = checkpoint.read_run(folder) if folder else None
        name = f"model {store.current}"
        if larger and (run is None or not _fits(settings.train, run)):
            return (
                smollm2.trouble()
                or f"the next run trains an adapter for {smollm2.NAME}, whose own weights stay as they are"
            )
        if run is None and settings.train.base:
            run, name = base.record(base.SHIPPED), "the base model"
    except WeeklyError as error:
        return f"the next run begins with new weights: {error}"
    if run is None or not _fits(settings.train, run):
        return "the next run begins with new weights"
    size = f"{run.plan['layers']} layers of width {run.plan['width']}"
    return f"the next run goes on from {name} and keeps its size, {size}; '--fresh' begins with new weights, as below"


def _report(settings: Settings, built: "Corpus", run: "Run") -> None:
    """Write preview/model.html: how the run went, what leaked, and what its samples learned by heart."""
    from weeklyai.lm import copies, corpus  # noqa: PLC0415

    known = [document.named for document in corpus.once(built.training)]
    found = copies.longest([sample["text"] for sample in run.samples], known)
    page = run.as_json() | {"copies": copies.as_json(found)}
    target = settings.folder / "preview" / "model.html"
    report.write(page, target, environment(settings.folder), settings.site.title)


def _run(
    settings: Settings,
    store: "Store",
    built: "Corpus",
    watcher: Watcher,
    group: "Group",
    *,
    fresh: bool,
) -> "Run":
    """Return the finished run, filed in the store: one found there, or a new one."""
    from weeklyai.lm.train import train as run_training  # noqa: PLC0415

    current = None if fresh else _usable(settings.train, store, watcher)
    found = None if fresh else _found(settings.train, store, built, current)
    if found:
        return found

    start = store.current_folder if current else None
    run = run_training(
        built,
        settings.train,
        store.training,
        _shown(watcher),
        on_begin=_told(watcher),
        fresh=fresh,
        start=start,
    )
    group.wait()  # the others read the run's record before it is moved
    return store.file() if group.first else run


def _shown(watcher: Watcher) -> Callable[["Progress"], None]:
    def show(progress: "Progress") -> None:
        told = (progress.share, progress.tokens, progress.loss, progress.rate, progress.held_out)
        watcher.training(Training(*told, ceiling=progress.ceiling, left=progress.left))

    return show


def _told(watcher: Watcher) -> Callable[["Run"], None]:
    def tell(run: "Run") -> None:
        # What has happened to a run that goes on: a damaged checkpoint, say, and the step of the one before it.
        for sentence in filter(None, (run.ground(), run.intention(), *run.events[-2:])):
            watcher.note(sentence)

    return tell


def _usable(wanted: Train, store: "Store", watcher: Watcher) -> "Run | None":
    """Return the current model's run if training may go on from it; else say why not, unless there is none."""
    from weeklyai.lm import checkpoint, models  # noqa: PLC0415

    folder = store.current_folder
    if folder is None:
        return None
    trouble = models.trouble(folder)
    if trouble:
        watcher.note(f"training begins with new weights: {trouble}")
        return None
    run = checkpoint.read_run(folder)
    if run and not _fits(wanted, run):
        watcher.note(
            f"training begins with new weights: [train] asks for another shape than {run.model_id} has"
        )
        return None
    return run


def _fits(wanted: Train, run: "Run") -> bool:
    """Say whether a run has the base or the shape that the settings name; what they leave open (0) fits."""
    larger = wanted.base if wanted.base == "smollm2" else ""
    if run.plan.get("base", "") != larger:
        return False
    if larger:
        return True
    asked = {"vocabulary": wanted.vocabulary, "layers": wanted.layers, "width": wanted.width}
    return all(not size or run.plan[name] == size for name, size in asked.items())


def _found(wanted: Train, store: "Store", built: "Corpus", current: "Run | None") -> "Run | None":
    """Return the stored run that did on `built` what is asked for now: the current one, or one that went on from it.

    An older week than the current model has read to finds that one too: nothing that is new to it could be held out.
    """
    from weeklyai.lm import models  # noqa: PLC0415
    from weeklyai.lm.plan import asked  # noqa: PLC0415

    if current and current.until and not built.held_out:
        return current
    origin = current.model_id if current else ""
    for one in store.models():
        run = one.run
        if run is None or run.corpus != built.hash or not _fits(wanted, run):
            continue
        if (
            run.plan["asked"] == asked(wanted)
            and origin in {run.model_id, run.parent}
            and not models.trouble(one.folder)
        ):
            return run
    return None


def _facts(built: "Corpus", run: "Run", decision: "Decision", current: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "items in the corpus": built.num_items,
        "left out of the corpus": "; ".join(f"{n:,} {why}" for why, n in built.left_out.items())
        or "none",
        "held out": f"{len(built.held_out) // 2:,} items since {built.border:%Y-%m-%d %H:%M}"
        if built.held_out
        else "none",
        "vocabulary": run.vocabulary,
        "parameters": run.parameters,
        "tokens": run.tokens,
        "trained for": f"{run.seconds:,.1f} s",
        "held-out bits per byte": f"{run.held_out[0][-1]:.3f} -> {run.held_out[-1][-1]:.3f}",
    }
    if run.parent:
        facts["went on from"] = run.parent
        facts["kept of what was learned"] = f"{run.averaged:.0%}, averaged with {run.parent}"
    if decision.before:
        facts["promotion"] = f"{run.model_id} {decision.kind}: {decision.reason}"
    return {**facts, "model": current, "how it learnt": "preview/model.html"}
