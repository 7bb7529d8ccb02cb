"""A run folder: tokenizer as text, weights, optimiser and schedule as safetensors, all else as JSON. Never pickle.

`checkpoint.json` is written last and names the tensor files it belongs to with their SHA-256, so a kill at any moment
leaves the old checkpoint or the new one, never a mixture. The checkpoint before it stays, as `checkpoint-before.json`
with its own tensor files, and is used where the newest turns out to be damaged.
"""

import copy
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from weeklyai import files
from weeklyai.errors import UserError, WeeklyError
from weeklyai.lm import smollm2
from weeklyai.lm.llama import LlamaConfig
from weeklyai.lm.model import GPT, ModelConfig
from weeklyai.lm.run import Run
from weeklyai.lm.schedule import Schedule
from weeklyai.lm.tokenizer import Tokenizer

__all__ = ["DamagedError", "Run", "State", "begin", "last_good", "load", "load_tokenizer", "read_run", "read_schedule", "save", "save_tokenizer", "take_back"]  # fmt: skip

FORMAT = 3
_JSON = "checkpoint.json"
_BEFORE = "checkpoint-before.json"
_TOKENIZER = "tokenizer.tiktoken"
_KINDS = ("weights", "optimizer", "schedule")


class DamagedError(WeeklyError):
    """A file of a run folder is not what was written there, or of another format."""

    def __init__(self, path: Path, why: str) -> None:
        self.what = f"checkpoint {path} cannot be used ({why})"
        super().__init__(f"{self.what}: train again with 'weeklyai train --fresh'")


@dataclass(slots=True)
class State:
    """All that the steps change: the run's record, the model's shape, and tensors by name."""

    run: Run
    shape: ModelConfig
    weights: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    schedule: Schedule

    @classmethod
    def of(
        cls,
        run: Run,
        model: GPT,
        optimizers: Sequence[torch.optim.Optimizer],
        schedule: Schedule,
    ) -> "State":
        """Return a copy of a run's state, which later steps leave alone; of the schedule, only what they add is new."""
        optimizer = {
            f"{n}.{index}.{key}": value.clone()
            for n, one in enumerate(optimizers)
            for index, values in one.state_dict()["state"].items()
            for key, value in values.items()
        }
        weights = {
            name: value.clone(memory_format=torch.contiguous_format)
            for name, value in model.state_dict().items()
        }
        return cls(copy.deepcopy(run), model.config, weights, optimizer, schedule)

    def put(self, model: GPT, optimizers: Sequence[torch.optim.Optimizer]) -> None:
        """Set `model` and `optimizers` to this state, which stays as it is."""
        model.load_state_dict(self.weights)
        for n, optimizer in enumerate(optimizers):
            state: dict[int, dict[str, Tensor]] = {}
            for name, value in self.optimizer.items():
                owner, index, key = name.split(".")
                if int(owner) == n:
                    # Without a copy the optimiser would go on working in this very tensor.
                    state.setdefault(int(index), {})[key] = value.clone()
            optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


# --- writing ------------------------------------------------------------------------------------------------------


def save(folder: Path, state: State) -> None:
    """Write a checkpoint to `folder`, and set the hashes of its files in `state.run`; the newest there becomes the one before.

    Raises:
        OSError: it could not be written; what was there stays as it was.
    """
    run = state.run
    try:
        run.weights = _save_tensors(folder, "weights", state.weights)
        run.optimizer = _save_tensors(folder, "optimizer", state.optimizer)
        run.schedule = _save_tensors(folder, "schedule", {
            name: torch.tensor(values, dtype=torch.float64) for name, values in asdict(state.schedule.upto(run.step)).items()
        })  # fmt: skip
        if (folder / _JSON).exists():
            files.write_bytes(folder / _BEFORE, (folder / _JSON).read_bytes())
        value = {"format": FORMAT, "model": asdict(state.shape), **run.as_json()}
        files.write_json(folder / _JSON, value)
    finally:
        _sweep(folder)


def save_tokenizer(folder: Path, tokenizer: Tokenizer) -> None:
    """Write the tokenizer of a new run to `folder`."""
    tokenizer.save(folder / _TOKENIZER)


def _tensor_file(folder: Path, kind: str, digest: str) -> Path:
    return folder / f"{kind}-{digest[:12]}.safetensors"


def _save_tensors(folder: Path, kind: str, tensors: dict[str, Tensor]) -> str:
    """Write `tensors` under a name that carries their SHA-256; return it."""
    try:
        with files.replacing(folder / f"{kind}.safetensors") as new:
            save_file(tensors, new)
            digest = _sha256(new)
    except SafetensorError as error:
        raise OSError(str(error)) from None
    (folder / f"{kind}.safetensors").replace(_tensor_file(folder, kind, digest))
    return digest


def _sweep(folder: Path) -> None:
    """Remove tensor files that neither checkpoint names, and what a kill left half written."""
    keep: set[Path] = set()
    for name in (_JSON, _BEFORE):
        try:
            run = read_run(folder, name)
        except WeeklyError:
            continue
        keep |= {_tensor_file(folder, kind, getattr(run, kind)) for kind in _KINDS if run}
    for old in {*folder.glob("*.safetensors"), *folder.glob(".*.new"), *folder.glob(".tmp*")} - keep:  # fmt: skip
        old.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- reading ------------------------------------------------------------------------------------------------------


def read_run(folder: Path, name: str = _JSON) -> Run | None:
    """Return the run stored in `folder`, or None where there is none.

    Raises:
        WeeklyError: the file is damaged or of another format.
    """
    found = _read(folder / name)
    return found and found[0]


def _read(path: Path) -> tuple[Run, ModelConfig] | None:
    try:
        stored = files.read_json(path)
        shape, written = stored.pop("model"), stored.pop("format")
        if written != FORMAT:
            raise ValueError(f"it has format {written}, this version reads {FORMAT}")
        return Run(**stored), (LlamaConfig if "kv_heads" in shape else ModelConfig)(**shape)
    except FileNotFoundError:
        return None
    except (UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedError(path, str(error)) from None


def load(folder: Path) -> tuple[GPT, Tokenizer, Run]:
    """Return model, tokenizer and run of `folder`.

    Raises:
        WeeklyError: there is no model, or a file is damaged.
        UserError: the tokenizer is not the one it was trained with.
    """
    found = _read(folder / _JSON)
    if found is None:
        raise WeeklyError(f"there is no model in {folder}: run 'weeklyai train'")
    run, shape = found
    tokenizer = load_tokenizer(folder, run.tokenizer)
    path = _tensor_file(folder, "weights", run.weights)
    model = begin(shape, run.plan)
    try:
        model.load_state_dict(_load_tensors(path, run.weights))
    except (RuntimeError, TypeError, ValueError) as error:
        raise DamagedError(path, str(error).splitlines()[0]) from None
    return model, tokenizer, run


def begin(shape: ModelConfig, plan: dict[str, Any]) -> GPT:
    """Return the model that a run of `plan` begins with: new weights, or its base with an adapter that does nothing yet.

    Raises:
        WeeklyError: the base is not installed, or damaged.
    """
    if plan.get("base") == smollm2.NAME:
        return smollm2.load(smollm2.RANK, plan["seed"], plan["dtype"])[0]
    return GPT(shape, plan["seed"])


def load_tokenizer(folder: Path, wanted: str = "") -> Tokenizer:
    """Return the tokenizer of `folder`.

    Raises:
        WeeklyError: the file is missing or damaged.
        UserError: its hash is not the `wanted` one.
    """
    path = folder / _TOKENIZER
    tokenizer = smollm2.tokenizer() if smollm2.names_itself(path) else Tokenizer.load(path)
    if wanted and tokenizer.hash != wanted:
        raise UserError(
            f"the model in {folder} was trained with tokenizer {wanted}, but {_TOKENIZER} beside it is "
            f"{tokenizer.hash}: restore that file, or train again with 'weeklyai train --fresh'"
        )
    return tokenizer


def read_schedule(folder: Path, run: Run) -> Schedule:
    """Return the schedule that `run` in `folder` took.

    Raises:
        WeeklyError: the file is missing or damaged.
    """
    return _schedule(_load_tensors(_tensor_file(folder, "schedule", run.schedule), run.schedule))


def _schedule(tensors: dict[str, Tensor]) -> Schedule:
    return Schedule(**{name: values.tolist() for name, values in tensors.items()})


def last_good(folder: Path, fits: Callable[[Run], bool]) -> tuple[State, str] | None:
    """Return the newest checkpoint of `folder` whose every file is whole, or None where none is stored that `fits`.

    The second value is "", or where that is not the newest one, what is wrong with the newest; then call `take_back`.

    Raises:
        DamagedError: there is a checkpoint, but none is whole.
    """
    trouble: DamagedError | None = None
    for name in (_JSON, _BEFORE):
        try:
            found = _read(folder / name)
            if found:
                run, shape = found
                return (_load_state(folder, run, shape), trouble.what if trouble else "") if fits(run) else None  # fmt: skip
        except DamagedError as error:
            trouble = trouble or error
    if trouble:
        raise trouble
    return None


def take_back(folder: Path) -> None:
    """Make the checkpoint before the newest one, so that the next one does not push the only good one out."""
    files.write_bytes(folder / _JSON, (folder / _BEFORE).read_bytes())


def _load_state(folder: Path, run: Run, shape: ModelConfig) -> State:
    """Read and check every file; a finished run may have come from elsewhere with its weights alone."""
    found: dict[str, dict[str, Tensor]] = {
        kind: _load_tensors(_tensor_file(folder, kind, getattr(run, kind)), getattr(run, kind))
        for kind in (_KINDS[:1] if run.finished else _KINDS)
    }
    schedule = Schedule() if run.finished else _schedule(found["schedule"])
    return State(run, shape, found["weights"], found.get("optimizer", {}), schedule)


def _load_tensors(path: Path, digest: str) -> dict[str, Any]:
    try:
        if _sha256(path) != digest:
            raise DamagedError(path, "its checksum is not the recorded one")
        return dict(load_file(path))
    except (OSError, SafetensorError) as error:
        raise DamagedError(path, str(error)) from None
