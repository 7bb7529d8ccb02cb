"""A model as a folder that Hugging Face `transformers` loads: weights, modelling code, and a `tokenizers` tokenizer.

No class of transformers has this architecture, so the folder brings its own modelling code (`modeling_weeklyai.py`,
from the template beside this module), and is loaded with trust_remote_code=True. The tokenizer is the byte-level BPE of
`tokenizer.json`: tiktoken joins any two neighbours whose joint bytes are a token, so each way to split a token into two
is a merge, ordered by the token's rank.
"""

import importlib.resources
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from weeklyai import files
from weeklyai.errors import UserError
from weeklyai.lm import checkpoint
from weeklyai.lm.llama import Llama
from weeklyai.lm.model import ModelConfig
from weeklyai.lm.run import Run
from weeklyai.lm.tokenizer import CONTROL, PATTERN, Tokenizer

_CODE = "modeling_weeklyai.py"
_README = """# weeklyai model {model_id}

{parameters:,} weights, {vocabulary:,} token types, a context of {context} tokens, {bits} bits per byte on held-out text.

```python
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("{name}", trust_remote_code=True)
model = AutoModelForCausalLM.from_pretrained("{name}", trust_remote_code=True)
body = "A company has released a database."
control = tokenizer.convert_tokens_to_ids
prompt = [control("<|body|>"), *tokenizer.encode(body), control("<|title|>")]
made = model.generate(torch.tensor([prompt]), max_new_tokens=20, do_sample=False)
print(tokenizer.decode(made[0, len(prompt):]))
```

A document is a row of segments, each behind its control token: {control}. Text never yields a control
token, also where it spells one: put them in by id, as above. `modeling_weeklyai.py` is the model's code; read it before
you trust it.
"""


def export(source: Path, target: Path) -> None:
    """Write the finished run in `source` to the new folder `target`.

    Raises:
        UserError: `target` exists.
        WeeklyError: the run's files are missing or damaged.
    """
    if target.exists():
        raise UserError(
            f"{target} exists already: name a folder that does not, nothing is overwritten"
        )
    model, tokenizer, run = checkpoint.load(source)
    if isinstance(model, Llama):
        raise UserError(f"model {run.model_id} is an adapter for {run.plan['base']}, which is not exported: copy {source}")  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        tensors = {name: value.contiguous() for name, value in model.state_dict().items()}
        save_file(tensors, made / "model.safetensors", metadata={"format": "pt"})
        for name, value in _cards(tokenizer, model.config).items():
            files.write_json(made / name, value)
        code = importlib.resources.files("weeklyai.lm") / f"{_CODE}.in"
        files.write_text(made / _CODE, code.read_text(encoding="utf-8"))
        files.write_text(made / "README.md", _readme(target.name, run, model.config))
        made.chmod(0o755)
        made.replace(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _readme(name: str, run: Run, shape: ModelConfig) -> str:
    return _README.format(
        name=name, model_id=run.model_id, parameters=run.parameters, vocabulary=run.vocabulary, context=shape.context,
        bits=run.by_week.get("all", "unknown"), control=", ".join(f"`<|{each}|>`" for each in CONTROL),
    )  # fmt: skip


def _cards(tokenizer: Tokenizer, shape: ModelConfig) -> dict[str, Any]:
    """Return the JSON files by name."""
    end = tokenizer.control["end"]
    return {
        "config.json": {
            "model_type": "weeklyai",
            "architectures": ["WeeklyaiForCausalLM"],
            "auto_map": {
                "AutoConfig": "modeling_weeklyai.WeeklyaiConfig",
                "AutoModelForCausalLM": "modeling_weeklyai.WeeklyaiForCausalLM",
            },
            "vocab_size": shape.vocabulary,
            "num_hidden_layers": shape.layers,
            "hidden_size": shape.width,
            "num_attention_heads": shape.heads,
            "max_position_embeddings": shape.context,
            "rotary_base": 10_000.0,
            "tie_word_embeddings": True,
            "eos_token_id": end,
            "pad_token_id": end,
            "dtype": "float32",
        },
        "generation_config.json": {"eos_token_id": end, "pad_token_id": end},
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.context,
            "eos_token": "<|end|>",
            "pad_token": "<|end|>",
            "padding_side": "left",
            "split_special_tokens": True,  # a text that spells a control token is text
            "clean_up_tokenization_spaces": False,
        },
        "tokenizer.json": tokenizer_json(tokenizer),
    }  # fmt: skip


def tokenizer_json(tokenizer: Tokenizer) -> dict[str, Any]:
    """Return `tokenizer` in the format of the `tokenizers` library.

    Its regular expressions are Oniguruma's, which knows possessive quantifiers and the classes that the pattern uses.
    """
    names = _byte_names()
    words = ["".join(names[byte] for byte in token) for token in tokenizer.ranks]
    special = [
        {"id": number, "content": f"<|{name}|>", "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": True}
        for name, number in tokenizer.control.items()
    ]  # fmt: skip
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}  # fmt: skip
    split = {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False}  # fmt: skip
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, byte_level]},
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": True,
            "vocab": {word: rank for rank, word in enumerate(words)},
            "merges": [[words[left], words[right]] for left, right in merges(tokenizer.ranks)],
        },
    }  # fmt: skip


def merges(ranks: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of ranks that may be joined, the first to be joined first.

    Of the ways to split one token the one with the longest left part comes first: so do runs of one character grow.
    """
    known = {token: rank for rank, token in enumerate(ranks)}
    for rank, token in enumerate(ranks):
        if known[token] != rank:  # made twice, by two merges: tiktoken knows the later one
            continue
        for cut in range(len(token) - 1, 0, -1):
            left, right = known.get(token[:cut]), known.get(token[cut:])
            if left is not None and right is not None:
                yield left, right


def _byte_names() -> list[str]:
    """Return the printable character that stands for each byte in `tokenizers` files (Radford et al. 2019, GPT-2)."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]
