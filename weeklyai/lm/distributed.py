"""Several processes that train one model: data parallel, each with its own rows of every batch.

`torchrun --nproc-per-node 2 -m weeklyai train ...` sets the environment that is read here; without it there is one process
and nothing happens. Gradients are added up in one flat tensor a step (gloo on CPU, nccl on CUDA). All processes need the
same folder before their eyes; only the first writes to it, and only the first looks at a clock.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor

from weeklyai.errors import WeeklyError

TIMEOUT = 600.0  # seconds that one process waits for the others; a measure or a checkpoint of the first takes less


@dataclass(frozen=True, slots=True)
class Group:
    """The processes of one run, seen from one of them: number `rank` of `world`."""

    rank: int = 0
    world: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def first(self) -> bool:
        """Whether this process writes and reports."""
        return self.rank == 0

    def total(self, parameters: Iterable[Tensor], loss: Tensor) -> float:
        """Add up every process's gradients, in place, and losses; return the sum of the losses."""
        if self.world == 1:
            return loss.item()
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([loss.reshape(1), *(one.flatten() for one in gradients)])
        with _alive():
            dist.all_reduce(flat)
        parts = torch.split(flat, [1, *(one.numel() for one in gradients)])
        for one, part in zip(gradients, parts[1:], strict=True):
            one.copy_(part.view_as(one))
        return flat[0].item()

    def agree(self, value: float) -> float:
        """Return the first process's `value` in all of them."""
        if self.world == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64, device=self.device)
        with _alive():
            dist.broadcast(shared, src=0)
            return shared.item()

    def share(self, value: str) -> str:
        """Return the first process's `value` in all of them; it travels as UTF-8, never as a pickle."""
        if self.world == 1:
            return value
        size = int(self.agree(len(value.encode())))
        shared = torch.zeros(size, dtype=torch.uint8)
        if self.first:
            shared = torch.frombuffer(bytearray(value.encode()), dtype=torch.uint8)
        shared = shared.to(self.device)
        with _alive():
            dist.broadcast(shared, src=0)
        return bytes(shared.tolist()).decode()

    def wait(self) -> None:
        """Go on when all processes have come here."""
        if self.world > 1:
            with _alive():
                dist.barrier()


@contextmanager
def _alive() -> Iterator[None]:
    """Turn a broken connection or a timeout into a sentence."""
    try:
        yield
    except RuntimeError as error:
        raise WeeklyError(
            f"another process of this training run is gone ({str(error).splitlines()[0]}): start all of them again, "
            "and the run goes on from its last checkpoint"
        ) from None


def rank() -> int:
    """Return this process's number as torchrun gave it, 0 where there is only one."""
    return int(os.environ.get("RANK", "0"))


@contextmanager
def joined() -> Iterator[Group]:
    """Meet the other processes that torchrun started, as long as the block lasts; a block inside joins the outer one.

    Raises:
        WeeklyError: they do not come, or one is lost on the way.
    """
    cuda = torch.cuda.is_available()
    device = torch.device(f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if cuda else "cpu")
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Group(device=device)
        return
    if cuda:
        torch.cuda.set_device(device)
    if dist.is_initialized():
        yield Group(dist.get_rank(), world, device)
        return
    with _alive():
        dist.init_process_group("nccl" if cuda else "gloo", timeout=timedelta(seconds=TIMEOUT))
    try:
        yield Group(dist.get_rank(), world, device)
    finally:
        dist.destroy_process_group()
