"""Options that several commands share, and what becomes of their values."""

import dataclasses
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from weeklyai import config
from weeklyai.dates import parse_moment

clock = click.option(
    "--now",
    "now",
    metavar="MOMENT",
    help="Pretend this is the clock, e.g. 2024-07-19T20:00:00+07:00.",
)
ahead = click.option(
    "--ahead", is_flag=True, help="Allow a week whose moment of publication lies ahead."
)


def week_option(default: str) -> Callable[[Any], Any]:
    """Return the --week option with its default."""
    return click.option("--week", default=default, show_default=True, metavar="WEEK",
                        help="current, latest (the newest with enough news), or an ISO week: 2024-W29.")  # fmt: skip


def week_is_default() -> bool:
    """Say whether the running command was given no --week."""
    default = click.core.ParameterSource.DEFAULT
    return click.get_current_context().get_parameter_source("week") == default


def moment(text: str | None) -> datetime:
    """Return the clock to build by, in UTC."""
    return parse_moment(text) if text else datetime.now(UTC).replace(microsecond=0)


def with_size(settings: config.Settings, size: str | None) -> config.Settings:
    """Return `settings` with the model's size said on the command line: "auto", or layers and width, as in 4x256."""
    if size is None:
        return settings
    found = re.fullmatch(r"(\d{1,2})x(\d{2,4})", "0x00" if size == "auto" else size)
    if not found or int(found[2]) % 32 or (int(found[1]) == 0) != (int(found[2]) == 0):
        raise click.BadParameter(
            f"{size}: must be auto, or layers x width such as 4x256, the width a multiple of 32",
            param_hint="--size",
        )
    changed = dataclasses.replace(settings.train, layers=int(found[1]), width=int(found[2]))
    return dataclasses.replace(settings, train=changed)


def with_training(
    settings: config.Settings, budget: str | None, tokens: int | None
) -> config.Settings:
    """Return `settings` with the training length said on the command line."""
    if budget and tokens:
        raise click.UsageError("--budget and --tokens exclude one another: give one of them")
    if budget:
        try:
            config.parse_duration(budget)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--budget") from None
        changed = dataclasses.replace(settings.train, budget=budget, tokens=0)
    elif tokens:
        changed = dataclasses.replace(settings.train, tokens=tokens)
    else:
        return settings
    return dataclasses.replace(settings, train=changed)


def how_long(command: Callable[..., None]) -> Callable[..., None]:
    """Add --budget and --tokens, as `with_training` takes them."""
    tokens = click.option("--tokens", type=click.IntRange(1), help="How many tokens to train on, exactly; repeats to the bit.")  # fmt: skip
    budget = click.option("--budget", metavar="TIME", help="How long to train, e.g. 45s, 10m, 2h.")
    return budget(tokens(command))


def show_facts(facts: dict[str, Any], *, as_json: bool) -> None:
    """Print a command's figures, for people or as JSON."""
    from weeklyai import screen

    if as_json:
        screen.say(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        screen.table(facts)
