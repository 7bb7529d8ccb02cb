"""The dials of adapting the larger base to a site: an adapter of low rank beside frozen weights (LoRA, Hu et al. 2021)."""

import torch

from weeklyai.lm.llama import Llama

BASE = "smollm2"
VOCABULARY, LAYERS, WIDTH, HEADS, PARAMETERS = 49_152, 30, 576, 9, 134_515_008
# Rows of a step, and of them at once: 2 keep the peak at about 3 GB.
CONTEXT, ROWS, MICRO_ROWS = 512, 4, 2
MAX_EPOCHS = 3
MEASURED = 25_000  # bytes of held-out text measured each time: half a minute on two cores
SHARE = 0.3  # of the machine's best rate that the steps reach, to tell how much a budget reads
RATE, SPECIAL_RATE = 1e-3, 1e-3  # AdamW's peaks: on the adapter, on the rows of the special tokens


def make_optimizers(model: Llama) -> list[torch.optim.Optimizer]:
    """Return AdamW for the adapter; each group keeps its peak rate as "peak"."""
    special = [model.special]
    adapter = [one for one in model.parameters() if one is not model.special]
    optimizer = torch.optim.AdamW(
        [{"params": adapter, "lr": RATE}, {"params": special, "lr": SPECIAL_RATE}],
        betas=(0.9, 0.95),
        weight_decay=0.0,
        fused=True,
    )
    for group in optimizer.param_groups:
        group["peak"] = group["lr"]
    return [optimizer]
