"""The house GPT as a text writer: scores sentences and headlines, and samples rewrites.

It offers what `weeklyai.drafting.writer.Writer` asks for, in plain text; the rooms never import each other.
"""

from collections.abc import Sequence
from pathlib import Path

from weeklyai.lm import checkpoint, score
from weeklyai.lm.model import GPT
from weeklyai.lm.sample import Sampling, generate_all, log_probs, one_thread
from weeklyai.lm.tokenizer import Tokenizer

MAX_TITLE = 60  # tokens of a headline that are scored
MAX_NEW = 96


class HouseWriter:
    """A trained GPT with its tokenizer."""

    def __init__(self, model: GPT, tokenizer: Tokenizer, model_id: str) -> None:
        self.model, self.tokenizer, self.model_id = model, tokenizer, model_id

    @classmethod
    def load(cls, folder: Path) -> "HouseWriter":
        """Load the model of `folder`; the errors are those of `checkpoint.load`."""
        model, tokenizer, run = checkpoint.load(folder)
        return cls(model, tokenizer, run.model_id)

    def continuation(self, context: str, texts: Sequence[str]) -> list[float]:
        """Return for each of `texts` its mean log-probability per byte, in nats, as the blurb of the body `context`."""
        control = self.tokenizer.control
        prefix = [control["body"], *self.tokenizer.encode(context), control["blurb"]]
        tails = [[*self.tokenizer.encode(text), control["end"]] for text in texts]
        scores = log_probs(self.model, [prefix] * len(tails), tails)
        return [
            score / max(1, len(text.encode())) for score, text in zip(scores, texts, strict=True)
        ]

    def columns(self, title: str, body: str, sentences: Sequence[str]) -> dict[str, list[float]]:
        """Return what the model makes of each sentence, by column: see `weeklyai.lm.score`."""
        with one_thread():
            return score.columns(self.model, self.tokenizer, title, body, sentences)

    def headline(self, title: str, texts: Sequence[str]) -> list[float]:
        """Return for each of `texts` the log-probability of the headline behind it, in nats per token."""
        with one_thread():
            return score.headline(self.model, self.tokenizer, title, texts)

    def stops(self, sentences: Sequence[str]) -> list[float]:
        """Return for each of `sentences` the log-probability of its last mark, in nats."""
        with one_thread():
            return score.stops(self.model, self.tokenizer, sentences)

    def rewrites(self, wanted: Sequence[tuple[str, str, int]], count: int) -> list[list[str]]:
        """Return `count` sampled blurbs for each of `wanted`: title, the one sentence of the body, seed."""
        dials = Sampling(
            count=count, max_new=MAX_NEW, stop=frozenset(self.tokenizer.control.values())
        )
        prompts = [self._prompt(title, sentence) for title, sentence, _ in wanted]
        found = generate_all(self.model, prompts, [seed for *_, seed in wanted], dials)
        return [
            [self.tokenizer.decode(row).replace("\ufffd", "").strip() for row in rows]
            for rows in found
        ]

    def _prompt(self, title: str, sentence: str) -> list[int]:
        """Return the tokens after which a blurb of a document with this title and body is due."""
        control = self.tokenizer.control
        prompt = [
            control["title"],
            *self.tokenizer.encode(title)[:MAX_TITLE],
            control["body"],
            *self.tokenizer.encode(sentence),
        ]
        return [*prompt[: self.model.config.context - MAX_NEW - 1], control["blurb"]]
