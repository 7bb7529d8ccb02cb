"""What the GPT makes of a text's sentences: log-probabilities of the layouts that it was trained on, as columns.

log p(title | sentence): how much of the headline a sentence tells; log p(sentence | title): how much the headline leads
to expect it; log p(blurb | body): whether it stands where a summary stood in training. Each is given per token, and as the
gain over the same words without what they follow, so that a plain sentence is no better than a telling one.
"""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F

from weeklyai.lm.model import GPT, Cache
from weeklyai.lm.sample import SCORED, log_probs, read_prompts
from weeklyai.lm.tokenizer import Tokenizer

MAX_TITLE, MAX_SENTENCE = 40, 64  # tokens that are scored
Tokens = list[int]


def layout(control: Mapping[str, int], *parts: tuple[str, Sequence[int]], due: str) -> Tokens:
    """Return the tokens of a document's segments, each behind its control token, up to where `due` begins."""
    return [token for name, own in parts for token in (control[name], *own)] + [control[due]]


def columns(
    model: GPT, tokenizer: Tokenizer, title: str, body: str, sentences: Sequence[str]
) -> dict[str, list[float]]:
    """Return a value in nats per token for each of `sentences`, by the column's name.

    Args:
        model: left in its evaluation mode.
        tokenizer: of the model.
        title: the headline; where it is empty the columns that need it are 0.
        body: the text; of one too long for the context, its beginning.
        sentences: of the text.
    """
    if not sentences:
        return {}
    control = tokenizer.control
    head = tokenizer.encode(title)[:MAX_TITLE]
    own = [tokenizer.encode(one)[:MAX_SENTENCE] or [control["end"]] for one in sentences]
    told = [layout(control, ("body", one), due="title") for one in own]
    alone = [control["title"]]
    heads = log_probs(model, [alone, *told], [head] * (len(told) + 1)) if head else [0.0] * (len(told) + 1)  # fmt: skip
    first = after(model, [control["body"]], own)
    expected = after(model, layout(control, ("title", head), due="body"), own)
    most = model.config.context - MAX_SENTENCE - MAX_TITLE - 4
    text = tokenizer.encode(body[: 8 * most])[
        :most
    ]  # a token holds less than 8 letters nearly always
    summed = after(model, layout(control, ("title", head), ("body", text), due="blurb"), own)
    opened = after(model, [control["blurb"]], own)
    sizes = [len(one) for one in own]
    return {
        "headline after it": [(one - heads[0]) / max(1, len(head)) for one in heads[1:]],
        "it after the headline": _per_token(expected, first, sizes),
        "it as the blurb": _per_token(summed, [0.0] * len(own), sizes),
        "it as the blurb, text known": _per_token(summed, opened, sizes),
    }


def headline(model: GPT, tokenizer: Tokenizer, title: str, texts: Sequence[str]) -> list[float]:
    """Return log p(title | text) for each of `texts`, in nats per token of the title; 0 where there is no title."""
    head = tokenizer.encode(title)[:MAX_TITLE]
    if not head:
        return [0.0] * len(texts)
    told = [layout(tokenizer.control, ("body", tokenizer.encode(one)), due="title") for one in texts]  # fmt: skip
    return [nats / len(head) for nats in log_probs(model, told, [head] * len(told))]


def stops(model: GPT, tokenizer: Tokenizer, sentences: Sequence[str]) -> list[float]:
    """Return for each of `sentences` log p(its last mark | the words before it), in nats: low where it breaks off."""
    bare = [one.rstrip("\"'”’)]") or "." for one in sentences]
    before = [layout(tokenizer.control, ("body", tokenizer.encode(one[:-1])), due="body")[:-1] for one in bare]  # fmt: skip
    return log_probs(model, before, [tokenizer.encode(one[-1]) for one in bare])


def _per_token(
    scores: Sequence[float], without: Sequence[float], sizes: Sequence[int]
) -> list[float]:
    return [(a - b) / size for a, b, size in zip(scores, without, sizes, strict=True)]


@torch.inference_mode()
def after(model: GPT, prefix: Sequence[int], tails: Sequence[Sequence[int]]) -> list[float]:
    """Return the log-probability in nats of each of `tails` after one and the same `prefix`, which is read once.

    Raises:
        ValueError: a tail is empty, or the prefix and the longest tail do not fit the context.
    """
    if not tails:
        return []
    if not all(tails):
        raise ValueError("a tail is empty")
    model.eval()
    read, last = read_prompts(model, [prefix])
    device = model.embedding.weight.device
    found = [0.0] * len(tails)
    order = sorted(range(len(tails)), key=lambda n: (len(tails[n]), n))
    rows = max(1, SCORED // (len(prefix) + max(map(len, tails))))
    for start in range(0, len(order), rows):
        chosen = order[start : start + rows]
        longest = max(len(tails[n]) for n in chosen)
        padded = [[*tails[n], *[0] * (longest - len(tails[n]))] for n in chosen]
        batch = torch.tensor(padded, device=device)
        cache = Cache(model.config, len(chosen), len(prefix) + longest, device)
        cache.store[..., : len(prefix), :] = read.store[..., : len(prefix), :]
        cache.length = len(prefix)
        states = last.expand(len(chosen), -1)[:, None]
        if longest > 1:
            states = torch.cat([states, model.hidden(batch[:, :-1], cache)], dim=1)
        sizes = torch.tensor([len(tails[n]) for n in chosen], device=device)
        real = torch.arange(longest, device=device) < sizes[:, None]
        nats = F.cross_entropy(F.linear(states[real], model.embedding.weight), batch[real], reduction="none")  # fmt: skip
        sums = torch.zeros(len(chosen), device=device).index_add_(0, real.nonzero()[:, 0], nats)
        for n, value in zip(chosen, sums.tolist(), strict=True):
            found[n] = -value
    return found
