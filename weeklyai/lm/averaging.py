"""Between a model and the one that it went on from: the average of their weights that reads new text best.

A run that begins with annealed weights and raises its rates again first loses some of what they knew; a short one does not
win it back. Somewhere on the line between the two models lies one that knows both (Wortsman et al. 2022, "Robust
fine-tuning of zero-shot models", who call it WiSE-FT). How far to go is asked of held-out text: all the way on text that is
new to the parent, a quarter of it where a few minutes could teach a well-read parent little.
"""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from weeklyai.lm.model import GPT

SHARES = (
    0.25,
    0.5,
    0.75,
)  # of the way from the parent to the new weights that are tried, beside all of it
BYTES = 60_000  # of held-out text that they are compared on: all read the same, so little noise is left between them


@torch.no_grad()
def settle(model: GPT, parent: Mapping[str, Tensor], measure: Callable[[GPT], float]) -> float:
    """Leave in `model` the best average of its weights with `parent`'s, and return the share of the way to its own.

    Args:
        model: the newly trained model.
        parent: state of the model that it went on from, of the same shape.
        measure: gives the bits per byte of a model on text that neither has read.
    """
    own = {name: weight.clone() for name, weight in model.state_dict().items()}
    found = {1.0: measure(model)}
    for share in SHARES:
        put(model, parent, own, share)
        found[share] = measure(model)
    sound = [share for share, bits in found.items() if math.isfinite(bits)]
    best = min(sound, key=lambda share: (found[share], -share), default=1.0)
    put(model, parent, own, best)
    return best


def put(model: GPT, parent: Mapping[str, Tensor], own: Mapping[str, Tensor], share: float) -> None:
    """Load into `model` the weights that lie at `share` of the way from `parent` to `own`."""
    mixed = {
        name: torch.lerp(parent[name].to(weight), weight, share) if share < 1 else weight
        for name, weight in own.items()
    }
    model.load_state_dict(mixed)
