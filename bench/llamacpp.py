"""llama.cpp out of the wheel `xllamacpp` (MIT): the peer of bench/smollm2.py. Its server listens on 127.0.0.1."""

import json
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


class Peer:
    """llama.cpp, in this process.

    Args:
        model: a GGUF file.
        threads: of its own.
        slots: requests that it works on at once.
        context: tokens of each.
    """

    def __init__(self, model: Path, threads: int, slots: int = 1, context: int = 1024) -> None:
        import xllamacpp  # type: ignore[import-not-found,import-untyped,unused-ignore]

        params = xllamacpp.CommonParams()
        params.model.path = str(model)
        params.n_parallel, params.n_ctx = slots, slots * context
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        self.server = xllamacpp.Server(params)

    def ids(self, content: str) -> list[int]:
        """Return its tokens of `content`."""
        body = {"content": content, "add_special": False, "parse_special": False}
        request = urllib.request.Request(  # noqa: S310 -- its own server on this machine
            f"{self.server.listening_address}/tokenize", json.dumps(body).encode(), {"Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return list(json.load(answer)["tokens"])

    def next(self, prompt: Sequence[int]) -> int:
        """Return the likeliest token."""
        asked = {
            "prompt": list(prompt),
            "n_predict": 1,
            "temperature": 0,
            "n_probs": 1,
            "cache_prompt": True,
        }
        found = self.server.handle_completions(asked)["choices"][0]["logprobs"]["content"][0]
        return int(found["top_logprobs"][0]["id"])

    def decode(self, prompts: Sequence[Sequence[int]], count: int, pool: ThreadPoolExecutor) -> int:
        """Decode `count` tokens after each prompt, all at once; return how many there are."""

        def one(prompt: Sequence[int]) -> int:
            asked = {"prompt": list(prompt), "n_predict": count, "ignore_eos": True, "temperature": 0.7, "top_p": 0.9,
                     "cache_prompt": False, "seed": 1}  # fmt: skip
            return int(self.server.handle_completions(asked)["usage"]["completion_tokens"])

        return sum(pool.map(one, prompts))
