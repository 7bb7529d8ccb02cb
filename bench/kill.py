"""kill -9 at random moments of a training run: does the resumed run end in the same weights?

Run: python -m bench.kill [--moments 20] [--steps 200] [--seed 1]. A small model is trained once without trouble, then once for each moment:
killed there, and run again to its end. It writes a checkpoint every 16 steps, so many kills fall into the writing of one. A
line a moment; the last line is JSON: same = how many ended in the weights of the run that nobody killed.
"""

import argparse
import json
import os
import random
import signal
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

from tests.conftest import make_item
from weeklyai import config
from weeklyai.lm import checkpoint, corpus, guard, train
from weeklyai.lm.plan import Plan

PLAN = Plan(
    vocabulary=400, layers=1, width=32, heads=1, context=64, rows=4, seed=5,
    tokens=200 * 256, seconds=0.0, epochs=0,
)  # fmt: skip


def start(folder: Path, plan: Plan) -> tuple[int, int]:
    """Begin or go on with the run of `folder` in a process of its own; return its id, and a pipe with a byte a step."""
    steps, told = os.pipe()

    def tell(_: train.Progress) -> None:
        os.write(told, b".")

    child = os.fork()
    if child == 0:
        built = corpus.build([make_item(n) for n in range(40)])
        train.train(built, config.Train(), folder, tell, plan=plan)
        os._exit(0)
    os.close(told)
    return child, steps


def kill(folder: Path, plan: Plan, step: int, moment: float) -> None:
    """Begin the run of `folder` and kill it `moment` seconds after it has done `step` steps."""
    child, steps = start(folder, plan)
    for _ in range(step):
        os.read(steps, 1)
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(steps)


def finish(folder: Path, plan: Plan) -> str:
    """Run `folder` to its end; return the hash of its weights."""
    child, steps = start(folder, plan)
    while os.read(steps, 4096):
        pass
    os.close(steps)
    _, status = os.waitpid(child, 0)
    run = checkpoint.read_run(folder)
    return run.weights if run and run.finished and status == 0 else f"failed with status {status}"


def main() -> None:
    """Kill, resume, compare."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--moments", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--steps", type=int, default=200)
    given = options.parse_args()
    plan = replace(PLAN, tokens=given.steps * PLAN.rows * PLAN.context)
    chance = random.Random(given.seed)  # noqa: S311 -- moments, not secrets
    torch.set_num_threads(1)
    guard.CHECKPOINT_SECONDS = 0.0
    guard.CHECKPOINT_SHARE = 1e9
    with train.deterministic(torch.device("cpu")):
        pass  # torch loads half of itself at this; the children need not do so again
    same = 0
    with tempfile.TemporaryDirectory() as place:
        began = time.monotonic()
        whole = finish(Path(place) / "whole", plan)
        length = time.monotonic() - began
        print(f"whole run: {length:.1f} s, {given.steps} steps, weights {whole[:12]}", flush=True)
        for number in range(given.moments):
            folder = Path(place) / str(number)
            step, moment = (
                chance.randrange(given.steps),
                chance.uniform(0, 4 * length / given.steps),
            )
            kill(folder, plan, step, moment)
            run = checkpoint.read_run(folder)
            strays = len([*folder.glob(".*")]) if folder.exists() else 0
            weights = finish(folder, plan)
            same += weights == whole
            stood = f"step {run.step:3}" if run else "nothing "
            print(
                f"{number + 1:2}  killed {moment * 1000:5.1f} ms after step {step:3}, on disk: {stood}, {strays} half files; resumed, "
                f"{'same weights' if weights == whole else 'OTHER WEIGHTS'} {weights[:12]}",
                flush=True,
            )
    print(json.dumps({"moments": given.moments, "same": same}))


if __name__ == "__main__":
    main()
