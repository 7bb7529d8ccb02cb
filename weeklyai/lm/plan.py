"""What one training run will do: shapes, batch, seed, and its end in tokens or seconds."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from weeklyai import config
from weeklyai.errors import UserError
from weeklyai.lm import adapt, dial, machine, memory
from weeklyai.lm.corpus import Corpus
from weeklyai.lm.dial import Choice
from weeklyai.lm.model import ModelConfig
from weeklyai.lm.tokenizer import fitting_vocabulary

MIN_TRAINING_BYTES = 2_000
# A run in seconds also ends after this many passes over its corpus: held-out loss of 44 and of 101 sample items
# rises after the sixth, and a long budget on few feeds would learn them by heart (docs/log.md).
MAX_EPOCHS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One training run.

    Each step reads `rows` rows of `context` tokens, `micro_rows` at a time (0: all at once), and computes in `dtype`. It ends
    after `tokens` where that is not 0 (exact), else after `seconds` or `epochs`, whichever comes first.

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
    dtype: str = "float32"
    embedding_rate: float = 0.02  # AdamW's peak on the embedding
    base: str = ""  # whose frozen weights an adapter is trained for
    asked: dict[str, Any] = field(default_factory=dict)  # the settings that it was made from

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


def make_plan(corpus: Corpus, settings: config.Train) -> tuple[Plan, Choice]:
    """Fit a plan to `corpus` and this machine; return it with what it should reach.

    Raises:
        UserError: the corpus is too small to learn anything from, the width cannot be split into heads, or the model
            does not fit into memory.
    """
    num_bytes = sum(document.num_bytes for document in corpus.training)
    if num_bytes < MIN_TRAINING_BYTES or not corpus.training:
        raise UserError(
            f"the archive holds {num_bytes:,} bytes of training text; a GPT needs at least {MIN_TRAINING_BYTES:,}: "
            "add feeds with 'weeklyai feeds add' and run 'weeklyai fetch'"
        )
    if settings.base == adapt.BASE:
        return _adapter_plan(settings)
    if settings.width % 32:
        raise UserError(f"[train] width = {settings.width}: must be a multiple of 32")
    # Each item stands in the corpus twice, in two layouts: its text counts once.
    vocabulary = settings.vocabulary or fitting_vocabulary(num_bytes // 2)
    device = machine.best_device()
    dtype = settings.dtype or machine.probe(quick=True).dtype
    different = round(num_bytes / bytes_per_token(vocabulary))
    choice = _choose(settings, vocabulary, different, dtype, device.type)
    shape = dial.shape(choice.layers, choice.width, vocabulary)
    rows = dial.rows(choice.tokens)
    plan = Plan(
        vocabulary=vocabulary,
        layers=choice.layers,
        width=choice.width,
        heads=shape.heads,
        context=shape.context,
        rows=rows,
        seed=settings.seed,
        tokens=settings.tokens,
        seconds=0.0 if settings.tokens else settings.budget_seconds,
        epochs=0 if settings.tokens else MAX_EPOCHS,
        micro_rows=memory.fit_rows(shape, rows, memory.device_memory(device)[1], device.type)
        % rows,
        dtype=dtype,
        embedding_rate=dial.embedding_rate(different),
        asked=asked(settings),
    )
    return plan, choice


def _adapter_plan(settings: config.Train) -> tuple[Plan, Choice]:
    """Return the plan of an adapter for the larger base, whose shape is given; how low it gets is not foretold."""
    device = machine.best_device()
    dtype = settings.dtype or machine.probe(quick=True).dtype
    rate = 1e9 * machine.probe(quick=True).gflops * adapt.SHARE / (4 * adapt.PARAMETERS)
    epochs = 0 if settings.tokens else adapt.MAX_EPOCHS
    seconds = settings.tokens / rate if settings.tokens else settings.budget_seconds
    plan = Plan(
        vocabulary=adapt.VOCABULARY,
        layers=adapt.LAYERS,
        width=adapt.WIDTH,
        heads=adapt.HEADS,
        context=adapt.CONTEXT,
        rows=adapt.ROWS,
        seed=settings.seed,
        tokens=settings.tokens,
        seconds=0.0 if settings.tokens else settings.budget_seconds,
        epochs=epochs,
        micro_rows=adapt.MICRO_ROWS if device.type == "cpu" else 0,
        dtype=dtype,
        base=settings.base,
        asked=asked(settings),
    )
    tokens = settings.tokens or round(rate * seconds)
    return plan, Choice(adapt.LAYERS, adapt.WIDTH, adapt.PARAMETERS, tokens, seconds, math.nan, 0.0)


def _choose(
    settings: config.Train, vocabulary: int, different: int, dtype: str, device: str
) -> Choice:
    """Return the size that the settings name, or that fits their budget best."""
    fixed = (settings.layers, settings.width) if settings.layers and settings.width else None
    if settings.tokens:
        size = fixed or dial.balanced(settings.tokens, vocabulary)
        return dial.promise(
            size,
            settings.tokens,
            different,
            vocabulary,
            dial.pace_of(size, vocabulary, dtype, device),
        )
    pace = (
        {fixed: dial.pace_of(fixed, vocabulary, dtype, device)}
        if fixed
        else dial.speeds(vocabulary, dtype, device)
    )
    return dial.choose(settings.budget_seconds, different, MAX_EPOCHS, vocabulary, pace)


def asked(settings: config.Train) -> dict[str, Any]:
    """Return what of the settings decides a plan: two runs that were asked for alike are one, however a probe fell out."""
    names = ("budget", "tokens", "vocabulary", "layers", "width", "dtype", "seed")
    found = {name: getattr(settings, name) for name in names}
    return found | {"base": adapt.BASE} if settings.base == adapt.BASE else found


def bytes_per_token(vocabulary: int) -> float:
    """Return about how many bytes of English a token stands for (measured at 2,048, 4,096 and 8,192 types)."""
    return 3.2 + 0.49 * math.log2(vocabulary / 2048)
