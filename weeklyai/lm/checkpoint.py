"""A model folder: tokenizer as text, weights and optimiser as safetensors, everything else as JSON. Never pickle.

`checkpoint.json` is written last and names the tensor files it belongs to with their SHA-256, so a kill at any moment
leaves the old checkpoint or the new one, never a mixture.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from weeklyai import files
from weeklyai.errors import UserError, WeeklyError
from weeklyai.lm.model import GPT, ModelConfig
from weeklyai.lm.tokenizer import Tokenizer

FORMAT = 2
_JSON = "checkpoint.json"
_TOKENIZER = "tokenizer.tiktoken"


@dataclass(slots=True)
class Run:
    """Where a training run stands.

    Attributes:
        plan: the run's plan as JSON.
        corpus: hash of its corpus.
        tokenizer: hash of its tokenizer.
        threads: torch threads; sums may differ in the last bit with another number.
        vocabulary: token types.
        parameters: weights of the model.
        parent: id of the model whose weights it began with, or "".
        until: newest ISO week that it trained on.
        step: steps done.
        tokens: training tokens seen.
        seconds: spent training, over all sittings.
        progress: 0 ... 1.
        finished: the rate has been lowered to its end.
        curve: [tokens, mean training loss in nats per token since the last point].
        held_out: [tokens, held-out bits per byte over all weeks].
        by_week: held-out bits per byte of the finished model by ISO week.
        weights: SHA-256 of the weights file.
        optimizer: SHA-256 of the optimiser file.
    """

    plan: dict[str, Any]
    corpus: str
    tokenizer: str
    threads: int
    vocabulary: int
    parameters: int
    parent: str = ""
    until: str = ""
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    progress: float = 0.0
    finished: bool = False
    curve: list[list[float]] = field(default_factory=list)
    held_out: list[list[float]] = field(default_factory=list)
    by_week: dict[str, float] = field(default_factory=dict)
    weights: str = ""
    optimizer: str = ""

    @property
    def stopped_early(self) -> bool:
        """A run in seconds that ended because it had read its corpus often enough."""
        return (
            self.finished
            and not self.plan["tokens"]
            and self.seconds < 0.98 * float(self.plan["seconds"])
        )

    @property
    def model_id(self) -> str:
        """12 hex digits that name these weights with this tokenizer."""
        return hashlib.sha256(f"{self.weights}{self.tokenizer}".encode()).hexdigest()[:12]


def save(folder: Path, model: GPT, optimizers: Sequence[torch.optim.Optimizer], run: Run) -> None:
    """Write a checkpoint to `folder` and set `run.weights` and `run.optimizer`; older tensor files go."""
    tensors = {name: value.contiguous() for name, value in model.state_dict().items()}
    state = {
        f"{n}.{index}.{key}": value
        for n, optimizer in enumerate(optimizers)
        for index, values in optimizer.state_dict()["state"].items()
        for key, value in values.items()
    }
    run.weights = _save_tensors(folder, "weights", tensors)
    run.optimizer = _save_tensors(folder, "optimizer", state)
    files.write_json(
        folder / _JSON, {"format": FORMAT, "model": asdict(model.config), **asdict(run)}
    )
    keep = {
        _tensor_file(folder, "weights", run.weights),
        _tensor_file(folder, "optimizer", run.optimizer),
    }
    for old in set(folder.glob("*.safetensors")) - keep:
        old.unlink()


def _tensor_file(folder: Path, kind: str, digest: str) -> Path:
    return folder / f"{kind}-{digest[:12]}.safetensors"


def _save_tensors(folder: Path, kind: str, tensors: dict[str, torch.Tensor]) -> str:
    """Write `tensors` under a name that carries their SHA-256; return it."""
    with files.replacing(folder / f"{kind}.safetensors") as new:
        save_file(tensors, new)
        digest = _sha256(new)
    (folder / f"{kind}.safetensors").replace(_tensor_file(folder, kind, digest))
    return digest


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_run(folder: Path) -> Run | None:
    """Return the run stored in `folder`, or None where there is none.

    Raises:
        WeeklyError: the file is damaged or of another format.
    """
    try:
        stored = files.read_json(folder / _JSON)
        stored.pop("model")
        if stored.pop("format") != FORMAT:
            raise ValueError("another format")
        return Run(**stored)
    except FileNotFoundError:
        return None
    except (
        json.JSONDecodeError,
        UnicodeDecodeError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:
        raise _unusable(folder / _JSON, str(error)) from None


def load(folder: Path) -> tuple[GPT, Tokenizer, Run]:
    """Return model, tokenizer and run of `folder`.

    Raises:
        WeeklyError: there is no model, or a file is damaged.
        UserError: the tokenizer is not the one it was trained with.
    """
    run = read_run(folder)
    if run is None:
        raise WeeklyError(f"there is no model in {folder}: run 'weeklyai train'")
    tokenizer = Tokenizer.load(folder / _TOKENIZER)
    if tokenizer.hash != run.tokenizer:
        raise UserError(
            f"the model in {folder} was trained with tokenizer {run.tokenizer}, but {_TOKENIZER} beside it is "
            f"{tokenizer.hash}: restore that file, or train again with 'weeklyai train --fresh'"
        )
    path = _tensor_file(folder, "weights", run.weights)
    try:
        model = GPT(ModelConfig(**files.read_json(folder / _JSON)["model"]))
        model.load_state_dict(_load_tensors(path, run.weights))
    except (RuntimeError, TypeError, ValueError) as error:
        raise _unusable(path, str(error).splitlines()[0]) from None
    return model, tokenizer, run


def load_optimizers(folder: Path, run: Run, optimizers: Sequence[torch.optim.Optimizer]) -> None:
    """Put the stored optimiser state of `folder` into `optimizers`."""
    tensors = _load_tensors(_tensor_file(folder, "optimizer", run.optimizer), run.optimizer)
    for n, optimizer in enumerate(optimizers):
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in tensors.items():
            owner, index, key = name.split(".")
            if int(owner) == n:
                state.setdefault(int(index), {})[key] = value
        optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def save_tokenizer(folder: Path, tokenizer: Tokenizer) -> None:
    """Write the tokenizer of a new run to `folder`."""
    tokenizer.save(folder / _TOKENIZER)


def load_tokenizer(folder: Path) -> Tokenizer:
    """Return the tokenizer of `folder`."""
    return Tokenizer.load(folder / _TOKENIZER)


def _load_tensors(path: Path, digest: str) -> dict[str, torch.Tensor]:
    try:
        if _sha256(path) != digest:
            raise _unusable(path, "its checksum is not the recorded one")
        return dict(load_file(path))
    except (OSError, SafetensorError) as error:
        raise _unusable(path, str(error)) from None


def _unusable(path: Path, why: str) -> WeeklyError:
    return WeeklyError(
        f"checkpoint {path} cannot be used ({why}): train again with 'weeklyai train --fresh'"
    )
