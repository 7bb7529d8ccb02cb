"""The larger base beside llama.cpp on the same weights, and what adapting it to a site's text is worth.

    python -m bench.smollm2 check FOLDER                       # token ids, next tokens, hostile bytes
    python -m bench.smollm2 speed [--threads N] [--seconds N]  # decoding, one stream and 16 of them
    python -m bench.smollm2 bits FOLDER [--most BYTES]         # the texts that docs/base-model.md measures on
    python -m bench.smollm2 adapt FOLDER --out DIR [--minutes N] [--first 2026-W13] [--weeks 2]

`check` and `speed` want `pip install xllamacpp`. FOLDER holds JSON-lines files of records, as for bench/weeks.py. `check` takes
1,000 sentences evenly from all of them for the ids, and for the next token 500 positions, 100 of each text, 5 to 104 tokens in:
the likeliest token after each, ours of one pass over the text and decoded token by token, llama.cpp's by asking for one.
`speed` decodes 80 tokens after 32, without a stop, by turns in one process; best and median of the turns; with --threads 1 the
clock is the process's own time on the processor, so that figures hold on a busy machine too; llama.cpp's streams are as many
requests at once to as many slots. `bits` measures on the texts of docs/base-model.md, beside our own base. `adapt` trains on all text
before each week and measures on that week: the base as it is, on plain text and in our layout, and after. Last line: JSON.
"""

import argparse
import json
import math
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench import base_card, weeks
from bench.llamacpp import Peer
from weeklyai import config, text
from weeklyai.dates import Week
from weeklyai.feeds import jsonl
from weeklyai.lm import adapt, base, checkpoint, corpus, evaluate, smollm2
from weeklyai.lm.corpus import Document
from weeklyai.lm.llama import Llama, LlamaDecoder
from weeklyai.lm.model import GPT
from weeklyai.lm.sample import Sampling, generate_all, read_prompts
from weeklyai.lm.train import Progress, train

HOSTILE = (
    "control \x00\x01\x04\x06\x13\x14\x16\x1d\x7f bytes", "planes \U00040000 \U000bffff \U000f0000 \U0010ffff",
    "lone \ud800 surrogate", "<|im_end|><|endoftext|><|im_start|>system", "\u202e\ufeff\u200b\r\n\t  42", "é" * 40 + "\U0001d518",
    " " * 200 + "7", "\n" * 50, "a" * 3000, "'S 'LL don't 3.14159 1,000,000",
)  # fmt: skip
PROMPT, STREAMS, LENGTH = 32, 16, 104
PERIOD = (
    datetime(2026, 3, 2, tzinfo=UTC),
    datetime(2026, 4, 27, tzinfo=UTC),
)  # of docs/base-model.md


def texts(folder: Path) -> Iterator[str]:
    """Yield the bodies of the records, of each file about as many."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        found: list[str] = []
        with path.open("rb") as file:
            for number, (_, line) in enumerate(jsonl.lines(file)):
                if number % 7 == 0:
                    record = json.loads(line or b"{}")
                    found.append(str(record.get("text") or record.get("summary") or ""))
                if len(found) >= 200:
                    break
        yield from found


# --- correctness ----------------------------------------------------------------------------------------------------


def check(folder: Path, number: int, positions: int) -> dict[str, Any]:
    """Return how far ids and next tokens agree, with products in float32 and in bfloat16."""
    bodies = list(texts(folder))
    random.Random(1).shuffle(bodies)  # noqa: S311 -- a sample
    sentences = [one for body in bodies for one in text.sentences(body[:2000])[:4]]
    tokenizer = smollm2.tokenizer()
    peer = Peer(smollm2.verified(), threads=1)  # two would wait for each other on a busy machine
    chosen = sentences[:number]
    unlike = [one for one in chosen if tokenizer.encode(one) != peer.ids(one)]
    back = sum(tokenizer.decode(tokenizer.encode(one)) == one for one in chosen)
    read: list[
        tuple[list[int], list[int]]
    ] = []  # tokens, and the likeliest one after each prefix of more than four
    for ids in (tokenizer.encode(body)[:LENGTH] for body in bodies[::-1]):
        if sum(len(wanted) for _, wanted in read) >= positions:
            break
        if len(ids) == LENGTH:
            read.append((ids, [peer.next(ids[: at + 1]) for at in range(4, len(ids))]))
    return {
        "sentences": len(chosen), "ids identical": len(chosen) - len(unlike), "unlike": unlike[:3], "decoded back": back,
        "hostile strings encoded": sum(bool(tokenizer.encode(one)) for one in HOSTILE), "of": len(HOSTILE),
        "positions": sum(len(wanted) for _, wanted in read),
        **{kind: _agreement(smollm2.load(dtype=kind)[0], read, fed=kind == "bfloat16") for kind in ("float32", "bfloat16")},
    }  # fmt: skip


def _agreement(
    model: Llama, read: Sequence[tuple[list[int], list[int]]], *, fed: bool
) -> dict[str, float]:
    """Return shares of the positions at which our likeliest token is theirs; `fed`: also where it comes of decoding."""
    hits: dict[str, list[bool]] = defaultdict(list)
    for ids, wanted in read:
        with torch.inference_mode():
            two = model(torch.tensor([ids]))[0].topk(2).indices.tolist()[4:]
        hits["same"] += [ours[0] == one for ours, one in zip(two, wanted, strict=True)]
        hits["among our two"] += [one in ours for ours, one in zip(two, wanted, strict=True)]
        for name, copies in (("decoded alone", 1), ("decoded in a batch", 8)) if fed else ():
            found = _fed(model, ids, copies)[4:]
            hits[name] += [ours == one for ours, one in zip(found, wanted, strict=True)]
    return {name: round(statistics.fmean(own), 4) for name, own in hits.items()}


@torch.inference_mode()
def _fed(model: Llama, ids: Sequence[int], copies: int) -> list[int]:
    """Return the likeliest token after each of `ids`, fed one by one to `copies` equal streams."""
    cache, states = read_prompts(model, [ids[:1]])
    found = [int((states @ model.embedding.weight.T).argmax())]
    decoder = LlamaDecoder(model, cache, copies, len(ids))
    steps = (decoder.step(torch.full((copies,), token)) for token in ids[1:])
    return [*found, *(int(logits[-1].argmax()) for logits in steps)]


# --- speed ----------------------------------------------------------------------------------------------------------


def speed(threads: int, seconds: float, new: int) -> dict[str, Any]:
    """Return tokens a second of both sides and their ratios."""
    torch.set_num_threads(threads)
    model, _ = smollm2.load()
    chance = random.Random(2)  # noqa: S311 -- a sample
    prompts = [[chance.randrange(100, 40_000) for _ in range(PROMPT)] for _ in range(STREAMS)]
    now = time.process_time if threads == 1 else time.perf_counter
    found: dict[str, Any] = {"clock": "processor" if threads == 1 else "wall"}
    with ThreadPoolExecutor(STREAMS) as pool:
        for streams in (1, STREAMS):
            peer = Peer(smollm2.verified(), threads, streams)
            jobs: dict[str, Callable[[], int]] = {
                "ours": partial(_decode, model, prompts[:streams], new),
                "llama.cpp": partial(peer.decode, prompts[:streams], new, pool),
            }  # fmt: skip
            rates = _turns(jobs, now, seconds)
            found[f"{streams} streams"] = {
                **{name: {"best": round(max(own), 1), "median": round(statistics.median(own), 1), "turns": len(own)} for name, own in rates.items()},
                "ratio of the best": round(max(rates["ours"]) / max(rates["llama.cpp"]), 3),
                "ratio of the medians": round(statistics.median(rates["ours"]) / statistics.median(rates["llama.cpp"]), 3),
            }  # fmt: skip
            del peer, jobs
    return found


def _decode(model: Llama, prompts: Sequence[Sequence[int]], new: int) -> int:
    dials = Sampling(count=1, max_new=new, stop=())
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


# --- bits per byte ---------------------------------------------------------------------------------------------------


def bits(folder: Path, most: int) -> dict[str, Any]:
    """Return bits per byte of the texts of docs/base-model.md, as they are and in our layout, which it does not know."""
    model, tokenizer = smollm2.load()
    rows: dict[str, Any] = {}
    for group, whole in base_card.held_out(folder, *PERIOD).items():
        held = evaluate.within_limit(whole, most)
        laid_out = evaluate.bits_per_byte(model, tokenizer, held)["all"]
        rows[group] = {
            "bytes": sum(one.num_bytes for one in held),
            "as text": as_text(model, tokenizer, held),
            "in our layout": laid_out,
            "the base that comes along": evaluate.bits_per_byte(*base.load()[:2], held)["all"],
        }
        print(group, rows[group], file=sys.stderr, flush=True)
    return rows


def as_text(model: GPT, tokenizer: smollm2.SmolTokenizer, held: Sequence[Document]) -> float:
    """Return bits per byte of plain paragraphs, without our control tokens."""
    bare = ["\n\n".join(part for _, part in one.segments) for one in held]
    ids = [np.array([tokenizer.control["end"], *tokenizer.encode(one)], np.int32) for one in bare]
    nats = sum(float(one.sum()) for one in evaluate.token_nats(model, ids))
    return round(nats / math.log(2) / sum(one.num_bytes for one in held), 4)


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
        folder = arguments.out / str(Week.of(border + timedelta(days=1)))
        run = train(built, settings, folder, _tell)
        held = evaluate.within_limit(corpus.once(built.held_out), adapt.MEASURED)
        model, tokenizer = smollm2.load()
        rows[folder.name] = {
            "documents": len(held), "training items": known.num_items, "before, as text": as_text(model, tokenizer, held),
            "before, after": [evaluate.bits_per_byte(one, tokenizer, held)["all"] for one in (model, checkpoint.load(folder)[0])],
            "while training": run.held_out, "tokens": run.tokens, "seconds": round(run.seconds), "processor": round(time.process_time()),
            "adapter bytes": next(folder.glob("weights-*")).stat().st_size, "samples": [one["text"] for one in run.samples],
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
    parser.add_argument("what", choices=("check", "speed", "bits", "adapt"))
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--positions", type=int, default=500)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--new", type=int, default=80, help="tokens decoded after each prompt")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--since", default="2026-W01")
    parser.add_argument("--first", default="2026-W13")
    parser.add_argument("--weeks", type=int, default=2)
    parser.add_argument("--most", type=int, default=400_000)
    parser.add_argument("--groups", nargs="+", default=["rss_articles"])
    arguments = parser.parse_args()
    if arguments.what != "speed" and arguments.folder is None:
        parser.error(f"{arguments.what} wants a folder of records")
    if arguments.what == "adapt" and arguments.out is None:
        parser.error("adapt wants --out DIR")
    if arguments.what == "check":
        found = check(arguments.folder, arguments.sentences, arguments.positions)
    elif arguments.what == "bits":
        found = bits(arguments.folder, arguments.most)
    elif arguments.what == "speed":
        found = speed(arguments.threads, arguments.seconds, arguments.new)
    else:
        found = adapted(arguments)
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
