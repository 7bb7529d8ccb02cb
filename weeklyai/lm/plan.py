"""What one training run will do: shapes, batch, seed, and its end in tokens or seconds."""

from dataclasses import asdict, dataclass
from typing import Any

from weeklyai import config
from weeklyai.errors import UserError
from weeklyai.lm.corpus import Corpus
from weeklyai.lm.model import ModelConfig
from weeklyai.lm.tokenizer import fitting_vocabulary

CONTEXT = 256  # tokens; a news item of 200 words fits one row at the small vocabularies used here
ROWS = 8
MIN_TRAINING_BYTES = 2_000
# A run in seconds also ends after this many passes over its corpus: held-out loss of 44 and of 101 sample items
# rises after the sixth, and a long budget on few feeds would learn them by heart (docs/log.md).
MAX_EPOCHS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One training run.

    Each step reads `rows` rows of `context` tokens, `micro_rows` of them at a time (0: all at once). The run ends after
    `tokens` where that is not 0 (exact), else after `seconds` or `epochs`, whichever comes first.

    Two runs with equal plans over an equal corpus, both in tokens, end in the same weights on one machine.
    """

    vocabulary: int
    layers: int
    width: int
    heads: int
    context: int
    rows: int
    seed: int
    tokens: int
    seconds: float
    epochs: int
    micro_rows: int = 0

    def model(self, vocabulary: int) -> ModelConfig:
        """Return the model's shape for the vocabulary that the tokenizer really reached."""
        return ModelConfig(
            vocabulary=vocabulary,
            layers=self.layers,
            width=self.width,
            heads=self.heads,
            context=self.context,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return asdict(self)


def make_plan(corpus: Corpus, settings: config.Train) -> Plan:
    """Fit a plan to `corpus`.

    Raises:
        UserError: the corpus is too small to learn anything from, or the width cannot be split into heads.
    """
    num_bytes = sum(document.num_bytes for document in corpus.training)
    if num_bytes < MIN_TRAINING_BYTES or not corpus.training:
        raise UserError(
            f"the archive holds {num_bytes:,} bytes of training text; a GPT needs at least {MIN_TRAINING_BYTES:,}: "
            "add feeds with 'weeklyai feeds add' and run 'weeklyai fetch'"
        )
    if settings.width % 32:
        raise UserError(f"[train] width = {settings.width}: must be a multiple of 32")
    return Plan(
        # Each item stands in the corpus twice, in two layouts: its text counts once.
        vocabulary=settings.vocabulary or fitting_vocabulary(num_bytes // 2),
        layers=settings.layers,
        width=settings.width,
        heads=settings.width // 32,
        context=CONTEXT,
        rows=ROWS,
        seed=settings.seed,
        tokens=settings.tokens,
        seconds=0.0 if settings.tokens else settings.budget_seconds,
        epochs=0 if settings.tokens else MAX_EPOCHS,
    )
