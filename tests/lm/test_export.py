"""Promises of the export: transformers makes the same choices and cuts text into the same tokens."""

import random
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.lm.runs import small_corpus, train_run
from weeklyai.errors import UserError
from weeklyai.lm import checkpoint, export
from weeklyai.lm.tokenizer import CONTROL

ODD = (
    "Zażółć gęślą jaźń", "naïve café e\u0301", "日本語のテキスト、です。", "العربية ١٢٣٤٥", "हिन्दी क्षि", "👩‍👩‍👧 🇹🇭 😀😀", "a\u00a0b\u2028c\u3000d\u0085e",
    "'S 's 'LL '\u017f 've it'S", "\r\n\r\n \n\t x", "   ", "a" * 50, "aaaaaaa aaa  aaaa", "--------- ==== ....", "12345 1 22 333",
    "<|end|><|body|>", "\x00\x01\x7f", "\ufeff\u200b\u00ad", "ﬁﬀ ß ẞ İ \u0131 Ǆ", "\U0001d56c\U0001d587 𐍈 𒀀", "x²½Ⅷ",
)  # fmt: skip


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trained run in `run` and its export in `hf`."""
    folder = tmp_path_factory.mktemp("export")
    train_run(folder / "run", steps=6)
    export.export(folder / "run", folder / "hf")
    return folder


@pytest.fixture(scope="module")
def transformers(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "HF_HOME", str(tmp_path_factory.mktemp("hf"))
        )  # where it copies modelling code to
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield pytest.importorskip("transformers")


def load(transformers: Any, folder: Path) -> tuple[Any, Any]:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True)
    return tokenizer, model.eval()


@pytest.mark.filterwarnings("ignore")
def test_transformers_makes_the_same_choices_at_500_positions(
    exported: Path, transformers: Any
) -> None:
    ours, tokenizer, _ = checkpoint.load(exported / "run")
    theirs = load(transformers, exported / "hf")[1]
    text = " ".join(part for one in small_corpus().held_out for _, part in one.segments)
    tokens = torch.tensor(tokenizer.encode(text)[:500]).view(2, 250)
    with torch.no_grad():
        wanted, found = ours.eval()(tokens), theirs(tokens).logits

    assert torch.equal(found.argmax(-1), wanted.argmax(-1))
    assert (found - wanted).abs().max() < 1e-4
    assert float(theirs(tokens, labels=tokens).loss) > 0


@pytest.mark.filterwarnings("ignore")
def test_its_cache_and_its_padding_change_nothing(exported: Path, transformers: Any) -> None:
    tokenizer, model = load(transformers, exported / "hf")
    prompt = torch.tensor([tokenizer.encode("The company has released a database today.")])
    plain = model.generate(prompt, max_new_tokens=12, do_sample=False, use_cache=False)
    pad = torch.full((1, 3), tokenizer.pad_token_id)
    mask = torch.cat([torch.zeros_like(pad), torch.ones_like(prompt)], dim=1)
    padded = model.generate(
        torch.cat([pad, prompt], dim=1), attention_mask=mask, max_new_tokens=12, do_sample=False
    )

    assert torch.equal(model.generate(prompt, max_new_tokens=12, do_sample=False), plain)
    assert torch.equal(padded[:, 3:], plain)


@pytest.mark.filterwarnings("ignore")
def test_its_tokenizer_cuts_text_as_ours_does(exported: Path, transformers: Any) -> None:
    ours = checkpoint.load(exported / "run")[1]
    theirs = load(transformers, exported / "hf")[0]
    chance = random.Random(7)
    known = [part for one in small_corpus().training for _, part in one.segments][:100]
    mixed = ["".join(chance.choices("".join(ODD), k=30)) for _ in range(100)]

    for text in (*ODD, *known, *mixed):
        assert theirs.encode(text) == ours.encode(text), text
        assert theirs.decode(theirs.encode(text)) == text
    assert {name: theirs.convert_tokens_to_ids(f"<|{name}|>") for name in CONTROL} == ours.control


@pytest.mark.filterwarnings("ignore")
def test_the_example_in_its_readme_runs(
    exported: Path, transformers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(exported)
    text = (exported / "hf" / "README.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(text.partition("```python\n")[2].partition("```")[0], names)

    assert names["made"].shape[1] > len(names["prompt"])


def test_each_merge_makes_the_token_of_its_place(exported: Path) -> None:
    ranks = checkpoint.load(exported / "run")[1].ranks
    made = [ranks.index(ranks[left] + ranks[right]) for left, right in export.merges(ranks)]

    assert made == sorted(made)
    assert set(made) == set(range(256, len(ranks)))


def test_nothing_is_overwritten(exported: Path, tmp_path: Path) -> None:
    (tmp_path / "hf").mkdir()

    with pytest.raises(UserError, match="exists already"):
        export.export(exported / "run", tmp_path / "hf")
    assert list(tmp_path.iterdir()) == [tmp_path / "hf"]
