"""The larger base beside llama.cpp on the same weights, and what adapting it to a site's text is worth.

    python bench/smollm2.py check FOLDER                       # token ids, next tokens, hostile bytes
    python bench/smollm2.py speed [--threads N] [--seconds N]  # decoding, one stream and 16 of them
    python bench/smollm2.py adapt FOLDER --out DIR [--minutes N] [--first 2026-W13] [--weeks 2]

`check` and `speed` want `pip install xllamacpp` (MIT), whose server answers on 127.0.0.1. FOLDER holds JSON-lines files of
records, as for bench/weeks.py. `check` takes 1,000 sentences evenly from all of them for the ids, and 500 positions of others
for the next token: of one text after another the likeliest token after each prefix, ours from one pass over the text, ours
decoded token by token, llama.cpp's by asking for one token. `speed` decodes 80 tokens after 32, without a stop, by turns in
one process; best and median of the turns; with --threads 1 the clock is the process's own time on the processor, so that
figures hold on a busy machine too. llama.cpp's streams are as many requests at once to as many slots. `adapt` trains on
all text before each week and measures on that week, for each: the base as it is, after, and the parameters trained. Last line: JSON.
"""

import argparse
import json
import random
import statistics
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch

from bench import weeks
from weeklyai import config, text
from weeklyai.dates import Week
from weeklyai.feeds import jsonl
from weeklyai.lm import adapt, checkpoint, corpus, evaluate, smollm2
from weeklyai.lm.llama import Llama, LlamaDecoder
from weeklyai.lm.plan import make_plan
from weeklyai.lm.sample import Sampling, generate_all, read_prompts
from weeklyai.lm.train import Progress, train

HOSTILE = (
    "control \x00\x01\x04\x06\x13\x14\x16\x1d\x7f bytes", "planes \U00040000 \U000bffff \U000f0000 \U0010ffff",
    "lone \ud800 surrogate", "<|im_end|><|endoftext|><|im_start|>system", "\u202e\ufeff\u200b\r\n\t  42", "é" * 40 + "𝔘𝔫𝔦",
    " " * 200 + "7", "\n" * 50, "a" * 3000, "'S 'LL don't 3.14159 1,000,000",
)  # fmt: skip
NEW, PROMPT, STREAMS = 80, 32, 16


class Peer:
    """llama.cpp, in this process.

    Args:
        threads: of its own.
        slots: requests that it works on at once.
    """

    def __init__(self, threads: int, slots: int = 1) -> None:
        import xllamacpp  # type: ignore[import-not-found,unused-ignore]

        params = xllamacpp.CommonParams()
        params.model.path = str(smollm2.verified())
        params.n_parallel, params.n_ctx = slots, slots * smollm2.CONTEXT
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        self.server = xllamacpp.Server(params)

    def ids(self, content: str) -> list[int]:
        body = {"content": content, "add_special": False, "parse_special": False}
        request = urllib.request.Request(  # noqa: S310 -- its own server on this machine
            f"{self.server.listening_address}/tokenize", json.dumps(body).encode(), {"Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return list(json.load(answer)["tokens"])

    def next(self, prompt: Sequence[int]) -> list[int]:
        """Return the two likeliest tokens."""
        asked = {
            "prompt": list(prompt),
            "n_predict": 1,
            "temperature": 0,
            "n_probs": 2,
            "cache_prompt": True,
        }
        found = self.server.handle_completions(asked)["choices"][0]["logprobs"]["content"][0]
        return [one["id"] for one in found["top_logprobs"]]

    def decode(self, prompts: Sequence[Sequence[int]], pool: ThreadPoolExecutor) -> int:
        """Decode NEW tokens after each prompt, all at once; return how many there are."""

        def one(prompt: Sequence[int]) -> int:
            asked = {"prompt": list(prompt), "n_predict": NEW, "ignore_eos": True, "temperature": 0.7, "top_p": 0.9,
                     "cache_prompt": False, "seed": 1}  # fmt: skip
            return int(self.server.handle_completions(asked)["usage"]["completion_tokens"])

        return sum(pool.map(one, prompts))


def texts(folder: Path) -> Iterator[str]:
    """Yield the bodies of the records, of each file about as many."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        found: list[str] = []
        with path.open("rb") as file:
            for number, (_, line) in enumerate(jsonl.lines(file)):
                if number % 7 == 0:
                    record = json.loads(line)
                    found.append(str(record.get("text") or record.get("summary") or ""))
                if len(found) >= 200:
                    break
        yield from found


# --- correctness ----------------------------------------------------------------------------------------------------


def check(folder: Path) -> dict[str, Any]:
    """Return how far ids and next tokens agree."""
    sentences = [one for body in texts(folder) for one in text.sentences(body[:2000])[:4]]
    random.Random(1).shuffle(sentences)
    model, tokenizer = smollm2.load()
    peer = Peer(threads=2)
    chosen = sentences[:1000]
    unlike = [one for one in chosen if tokenizer.encode(one) != peer.ids(one)]
    stripped = {one: tokenizer.encode(one) for one in HOSTILE}
    back = sum(tokenizer.decode(tokenizer.encode(one)) == one for one in chosen)
    return {
        "sentences": len(chosen), "ids identical": len(chosen) - len(unlike), "unlike": unlike[:3], "decoded back": back,
        "hostile strings encoded": len(stripped), **_agreement(model, tokenizer, peer, sentences[1000:]),
    }  # fmt: skip


def _agreement(
    model: Llama, tokenizer: smollm2.SmolTokenizer, peer: Peer, sentences: Sequence[str]
) -> dict[str, Any]:
    counts = {
        "positions": 0,
        "same": 0,
        "within our two": 0,
        "same, decoded": 0,
        "same, decoded in a batch": 0,
    }
    for sentence in sentences:
        ids = tokenizer.encode(sentence)[:40]
        if len(ids) < 12:
            continue
        with torch.inference_mode():
            ours = model(torch.tensor([ids]))[0].topk(2).indices.tolist()
        one, batch = (_fed(model, ids, copies) for copies in (1, 8))
        for at in range(4, len(ids)):
            wanted = peer.next(ids[: at + 1])[0]
            counts["positions"] += 1
            counts["same"] += ours[at][0] == wanted
            counts["within our two"] += wanted in ours[at]
            counts["same, decoded"] += one[at] == wanted
            counts["same, decoded in a batch"] += batch[at] == wanted
        if counts["positions"] >= 500:
            break
    shares = {
        name: round(count / counts["positions"], 4)
        for name, count in counts.items()
        if name != "positions"
    }
    return {"positions": counts["positions"], **shares}


@torch.inference_mode()
def _fed(model: Llama, ids: Sequence[int], copies: int) -> list[int]:
    """Return the likeliest token after each of `ids`, fed one by one to `copies` equal streams."""
    cache, states = read_prompts(model, [ids[:1]])
    found = [int((states @ model.embedding.weight.T).argmax())]
    decoder = LlamaDecoder(model, cache, copies, len(ids))
    for token in ids[1:]:
        found.append(int(decoder.step(torch.full((copies,), token))[-1].argmax()))
    return found


# --- speed ----------------------------------------------------------------------------------------------------------


def speed(threads: int, seconds: float) -> dict[str, Any]:
    """Return tokens a second of both sides and their ratios."""
    torch.set_num_threads(threads)
    model, _ = smollm2.load()
    chance = random.Random(2)
    prompts = [[chance.randrange(100, 40_000) for _ in range(PROMPT)] for _ in range(STREAMS)]
    now = time.process_time if threads == 1 else time.perf_counter
    found: dict[str, Any] = {"clock": "processor" if threads == 1 else "wall"}
    with ThreadPoolExecutor(STREAMS) as pool:
        for streams in (1, STREAMS):
            peer = Peer(threads, streams)
            jobs: dict[str, Callable[[], int]] = {
                "ours": lambda n=streams: _decode(model, prompts[:n]),
                "llama.cpp": lambda n=streams, p=peer: p.decode(prompts[:n], pool),
            }  # fmt: skip
            rates = _turns(jobs, now, seconds)
            found[f"{streams} streams"] = {
                **{name: {"best": round(max(own), 1), "median": round(statistics.median(own), 1), "turns": len(own)} for name, own in rates.items()},
                "ratio of the best": round(max(rates["ours"]) / max(rates["llama.cpp"]), 3),
                "ratio of the medians": round(statistics.median(rates["ours"]) / statistics.median(rates["llama.cpp"]), 3),
            }  # fmt: skip
            del peer, jobs
    return found


def _decode(model: Llama, prompts: Sequence[Sequence[int]]) -> int:
    dials = Sampling(count=1, max_new=NEW, stop=())
    return sum(
        len(row)
        for rows in generate_all(model, prompts, range(len(prompts)), dials)
        for row in rows
    )


def _turns(
    jobs: dict[str, Callable[[], int]], now: Callable[[], float], seconds: float
) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    until = time.monotonic() + seconds
    while time.monotonic() < until or len(rates["ours"]) < 3:
        for name, job in jobs.items():
            began = now()
            count = job()
            rates[name].append(count / (now() - began))
    return rates


# --- adapting -------------------------------------------------------------------------------------------------------


def adapted(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return bits per byte of the next week before and after adapting, week by week."""
    first = Week.parse(arguments.first)
    begin, end = weeks.monday(Week.parse(arguments.since)), weeks.monday(first, arguments.weeks)
    items = weeks.read(arguments.folder, arguments.groups, begin, end)
    settings = config.Train(
        base=adapt.BASE,
        budget=f"{60 * arguments.minutes:g}s",
        exclude_sources=weeks.WRITTEN_BY_MODELS,
    )
    rows = {}
    for later in range(arguments.weeks):
        border, after = weeks.monday(first, later), weeks.monday(first, later + 1)
        built = corpus.build([one for one in items if one.published < after], settings, border)
        known = corpus.build([one for one in items if one.published < border], settings)
        built = replace(built, training=(*known.training, *known.held_out), border=border)
        unseen = evaluate.within_limit(corpus.once(built.held_out), arguments.most)
        plan, _ = make_plan(built, settings)
        base = checkpoint.begin(plan.model(plan.vocabulary), plan.as_json())
        tokenizer = smollm2.tokenizer()
        before = evaluate.bits_per_byte(base, tokenizer, unseen)["all"]
        folder = arguments.out / str(Week.of(border + timedelta(days=1)))
        run = train(built, settings, folder, _tell, plan=plan)
        model, _, _ = checkpoint.load(folder)
        rows[folder.name] = {
            "bytes": sum(one.num_bytes for one in unseen), "documents": len(unseen), "training items": known.num_items,
            "before": before, "after": evaluate.bits_per_byte(model, tokenizer, unseen)["all"],
            "tokens": run.tokens, "seconds": round(run.seconds), "trained parameters": sum(one.numel() for one in model.parameters()),
            "adapter bytes": next(folder.glob("weights-*")).stat().st_size, "sample": run.samples[-1]["text"],
        }  # fmt: skip
        print(folder.name, rows[folder.name], file=sys.stderr, flush=True)
    return rows


def _tell(progress: Progress) -> None:
    print(f"{progress.share:.1%} {progress.tokens:,} tokens, loss {progress.loss:.3f}, {progress.rate:,.0f} tokens/s, "
          f"held out {progress.held_out:.4f}, {progress.left:.0f} s left", file=sys.stderr, flush=True)  # fmt: skip


def main() -> None:
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("check", "speed", "adapt"))
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--since", default="2026-W01")
    parser.add_argument("--first", default="2026-W13")
    parser.add_argument("--weeks", type=int, default=2)
    parser.add_argument("--most", type=int, default=200_000)
    parser.add_argument("--groups", nargs="+", default=["rss_articles"])
    arguments = parser.parse_args()
    if arguments.what != "speed" and arguments.folder is None:
        parser.error(f"{arguments.what} wants a folder of records")
    if arguments.what == "adapt" and arguments.out is None:
        parser.error("adapt wants --out DIR")
    if arguments.what == "check":
        found = check(arguments.folder)
    elif arguments.what == "speed":
        found = speed(arguments.threads, arguments.seconds)
    else:
        found = adapted(arguments)
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
