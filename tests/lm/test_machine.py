"""Promises of the probe: it always comes to a decision, gives back what it changed, and says it in one line."""

import json

import pytest
import torch

from weeklyai.lm import machine
from weeklyai.lm.machine import compile_layers, fitting_dtype, flops_per_token, precision
from weeklyai.lm.model import GPT, ModelConfig

CPU = torch.device("cpu")
CONFIG = ModelConfig(vocabulary=64, layers=2, width=32, heads=2, context=16)
TOKENS = torch.randint(64, (2, 17), generator=torch.Generator().manual_seed(3))


def test_the_probe_says_what_the_machine_can_do() -> None:
    found = machine.probe(quick=True, device=CPU)

    assert (found.device, found.threads) == ("cpu", torch.get_num_threads())
    assert 0 < found.available <= found.memory
    assert found.gflops > 0
    assert all(rate > 0 for rate in found.rates.values())
    assert "2048x768x3072" in found.rates
    assert found.dtype in {"float32", "bfloat16"}


def test_a_machine_is_json_and_one_line() -> None:
    found = machine.Machine(
        device="cpu", name="Example 9", cores=4, threads=2, torch="2.11.0", memory=8_000_000_000, available=5_500_000_000,
        gflops=1234.5, rates={"2048x128x512": 99.0}, dtype="float32", why="bfloat16 products run at 0.05 of its speed",
    )  # fmt: skip

    stored = json.loads(json.dumps(found.as_json()))

    assert stored["memory_gb"] == 8.0
    assert stored["rates"] == {"2048x128x512": 99.0}
    assert found.sentence() == (
        "cpu Example 9: 4 cores, 2 threads, 5.5 of 8.0 GB free, 1,234 GFLOP/s; "
        "float32: bfloat16 products run at 0.05 of its speed"
    )


def test_a_machine_whose_bfloat16_fails_trains_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> float:
        raise RuntimeError("no such instruction\nand a long tale")

    monkeypatch.setattr(machine, "_small_step", lambda: fails)

    dtype, why = fitting_dtype(CPU)

    assert dtype == "float32"
    assert why.startswith("bfloat16")


@pytest.mark.parametrize(
    ("gain", "dtype"), [(0.05, "float32"), (1.0, "float32"), (1.7, "bfloat16")]
)
def test_bfloat16_is_taken_where_a_training_step_gains(
    gain: float, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_gain", lambda work: gain)

    assert fitting_dtype(CPU)[0] == dtype


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_precision_lasts_as_long_as_its_block(dtype: str) -> None:
    with precision(CPU, dtype):
        inside = torch.is_autocast_enabled("cpu")

    assert inside == (dtype == "bfloat16")
    assert not torch.is_autocast_enabled("cpu")


def test_bfloat16_products_stay_close_and_weights_stay_float32() -> None:
    model = GPT(CONFIG)
    with precision(CPU, "bfloat16"):
        loss = model.loss(TOKENS)
    loss.backward()  # type: ignore[no-untyped-call]

    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert {p.grad.dtype for p in model.parameters() if p.grad is not None} == {torch.float32}
    torch.testing.assert_close(loss, GPT(CONFIG).loss(TOKENS), rtol=1e-2, atol=1e-2)


def test_flops_count_the_tied_embedding_once_and_attention() -> None:
    parameters = GPT(CONFIG).num_parameters

    assert flops_per_token(CONFIG) == 6 * parameters + 12 * 2 * 32 * 16


def test_a_model_that_cannot_be_compiled_runs_without_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuses(graph: object, inputs: object) -> None:
        raise RuntimeError("no compiler here")

    monkeypatch.setattr(torch, "compile", lambda *_, **__: refuses)
    model = GPT(CONFIG)

    why = compile_layers(model, TOKENS, "float32")

    assert "torch.compile failed" in why
    torch.testing.assert_close(model.loss(TOKENS), GPT(CONFIG).loss(TOKENS))
    assert all(p.grad is None for p in model.parameters())
