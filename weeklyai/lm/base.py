"""The base model that comes with weeklyai: where a site's first training run starts, so that it knows English already.

It lies in `shipped/` beside this module as three files: base.json (shape, record and SHA-256 of the other two),
weights.safetensors and tokenizer.tiktoken. Matrices are stored as int8 with one float32 scale a row (symmetric, to the nearest;
LLM.int8(), Dettmers et al. 2022, does so with vectors), which takes a quarter of the room. docs/base-model.md is its card.
"""

import hashlib
import json
import shutil
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from weeklyai import files
from weeklyai.errors import WeeklyError
from weeklyai.lm import checkpoint
from weeklyai.lm.decisions import Decision
from weeklyai.lm.model import GPT, ModelConfig
from weeklyai.lm.models import Store
from weeklyai.lm.run import Run
from weeklyai.lm.schedule import Schedule
from weeklyai.lm.tokenizer import Tokenizer

SHIPPED = Path(__file__).with_name("shipped")
FORMAT = 1
REASON = "the base model that comes with weeklyai"
_CARD, _WEIGHTS, _TOKENIZER = "base.json", "weights.safetensors", "tokenizer.tiktoken"
_SCALE = ".scale"


class BaseError(WeeklyError):
    """The base is missing or damaged; the message names the file."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the base model cannot be used: {what}; installing weeklyai again brings it back"
        )


def pack(source: Path, target: Path = SHIPPED) -> None:
    """Store the finished run in `source` as a base in the folder `target`.

    Raises:
        WeeklyError: the run's files are missing or damaged.
    """
    model, tokenizer, run = checkpoint.load(source)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    save_file(_packed(model.state_dict()), target / _WEIGHTS)
    tokenizer.save(target / _TOKENIZER)
    card = {
        "format": FORMAT,
        "model": asdict(model.config),
        "read_until": run.border,
        "run": run.as_json(),
        "sha256": {name: _sha256(target / name) for name in (_WEIGHTS, _TOKENIZER)},
    }
    files.write_text(target / _CARD, json.dumps(card, indent=1) + "\n")


def load(folder: Path = SHIPPED) -> tuple[GPT, Tokenizer, Run]:
    """Return the base's model in float32, its tokenizer, and the record of the run that made it.

    Raises:
        BaseError: a file is missing, or not what was written there.
    """
    card = _card(folder)
    for name, wanted in card["sha256"].items():
        try:
            found = _sha256(folder / name)
        except OSError as error:
            raise BaseError(f"{folder / name}: {error.strerror}") from None  # fmt: skip
        if found != wanted:
            raise BaseError(f"{folder / name} is not what was installed (its SHA-256 differs)")  # fmt: skip
    try:
        model = GPT(ModelConfig(**card["model"]))
        model.load_state_dict(_unpacked(load_file(folder / _WEIGHTS)))
        run = Run(**card["run"])
    except (SafetensorError, RuntimeError, TypeError, ValueError) as error:
        raise BaseError(f"{folder}: {error}") from None
    return model, Tokenizer.load(folder / _TOKENIZER), run


def record(folder: Path = SHIPPED) -> Run:
    """Return the record of the run that made the base; its other files are not looked at.

    Raises:
        BaseError: the card is missing or damaged.
    """
    try:
        return Run(**_card(folder)["run"])
    except TypeError as error:
        raise BaseError(f"{folder / _CARD}: {error}") from None


def trouble(folder: Path = SHIPPED) -> str:
    """Return what is wrong with the base in `folder`, or ""."""
    try:
        load(folder)
    except WeeklyError as error:
        return str(error)
    return ""


def read_until(folder: Path = SHIPPED) -> datetime:
    """Return the moment from which on the base has read nothing.

    Raises:
        BaseError: its card is missing or damaged.
    """
    return datetime.fromisoformat(_card(folder)["read_until"])


def install(store: Store, now: datetime, folder: Path = SHIPPED) -> str:
    """Make the base the current model of `store` and return its id there.

    Its record there knows of no week and no border: all of the site's text is new to it.

    Raises:
        BaseError: a file is missing, or not what was written there.
        OSError: the store cannot be written to.
    """
    model, tokenizer, run = load(folder)
    run = replace(run, until="", border="", parent="", replayed="", finished=True)
    place = store.folder / "base"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    checkpoint.save_tokenizer(place, tokenizer)
    checkpoint.save(place, checkpoint.State.of(run, model, [], Schedule()))
    installed = store.admit(place)
    store.decide(Decision(kind="taken over", model=installed.model_id, date=now.isoformat(timespec="seconds"), reason=REASON))  # fmt: skip
    return installed.model_id


def _card(folder: Path) -> dict[str, Any]:
    path = folder / _CARD
    try:
        card = files.read_json(path)
        if card["format"] != FORMAT:
            raise ValueError(f"it has format {card['format']}, this version reads {FORMAT}")
        datetime.fromisoformat(card["read_until"])
    except OSError as error:
        raise BaseError(f"{path}: {error.strerror}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise BaseError(f"{path}: {error}") from None
    return dict(card)


def _packed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return int8 matrices and their scales; what is no matrix stays as it is."""
    found: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if weight.ndim != 2:
            found[name] = weight.contiguous()
            continue
        scale = weight.abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / 127
        found[name] = (weight / scale).round().to(torch.int8)
        found[name + _SCALE] = scale.squeeze(1).contiguous()
    return found


def _unpacked(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return float32 weights."""
    return {
        name: value.float() * stored[name + _SCALE][:, None]
        if name + _SCALE in stored
        else value.float()
        for name, value in stored.items()
        if not name.endswith(_SCALE)
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
