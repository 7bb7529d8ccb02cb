"""One line that tells how a training run goes: figures, the time left, and the loss so far as a row of blocks."""

import math

from weeklyai.watch import Training

_BLOCKS = "▁▂▃▄▅▆▇█"
_CELLS = 120  # parts of a run whose mean loss is kept; the row of blocks shows them in 6 to 24
_LEAST, _MOST = 6, 24


class Learning:
    """What has been seen of a run since the watcher began to look."""

    def __init__(self) -> None:
        self.step: Training | None = None
        self.began = (0.0, 0.0)  # clock and share at the first step seen
        self.now = 0.0
        self.sums = [0.0] * _CELLS
        self.counts = [0] * _CELLS

    def add(self, step: Training, now: float) -> None:
        """Take in one step at clock `now` (seconds)."""
        if self.step is None:
            self.began = now, step.share
        self.step, self.now = step, now
        if math.isfinite(step.loss):
            cell = min(_CELLS - 1, int(step.share * _CELLS))
            self.sums[cell] += step.loss
            self.counts[cell] += 1

    def line(self, width: int, *, plain: bool = False) -> str:
        """Return the line in at most `width` columns: what matters least goes first where there is no room.

        Args:
            width: columns; 20 at least.
            plain: only ASCII, so without the row of blocks.
        """
        step = self.step
        if step is None:
            return ""
        left = self._left(step)
        parts = [
            f"loss {step.loss:.2f}",
            f"{step.held_out:.2f} bits/byte",
            f"{left} left" if left else "",
            f"{_thousands(step.rate)} tok/s",
            f"{step.ceiling:.0%} of peak" if step.ceiling is not None else "",
            f"{_thousands(step.tokens)} tokens",
        ]
        kept = [part for part in parts if part]
        room = width - 6 - (0 if plain else _LEAST + 2)
        while kept and len("  ".join(kept)) > room:
            kept.pop()
        free = width - 6 - len("  ".join(kept)) - 2
        row = [] if plain else [self.blocks(max(1, min(_MOST, free)))]
        return "  ".join([f"{step.share:4.0%}", *row, *kept])

    def blocks(self, number: int) -> str:
        """Return the loss over the whole run in `number` characters: blocks so far, dots for what is to come."""
        size = _CELLS / number
        means: list[float | None] = []
        for n in range(number):
            cells = range(round(n * size), round((n + 1) * size))
            count = sum(self.counts[cell] for cell in cells)
            means.append(sum(self.sums[cell] for cell in cells) / count if count else None)
        known = [mean for mean in means if mean is not None]
        if not known:
            return "·" * number
        low, span = min(known), max(max(known) - min(known), 1e-9)
        last = max(n for n, mean in enumerate(means) if mean is not None)
        return "".join(
            ("·" if n > last else " ") if mean is None else _BLOCKS[round((mean - low) / span * 7)]
            for n, mean in enumerate(means)
        )

    def _left(self, step: Training) -> str:
        """Return the time left as 0:07, 12:05 or 3:20:00: as told, else at the pace so far; "" while that is not known."""
        seconds = step.left
        if seconds is None:
            done = step.share - self.began[1]
            if done <= 0:
                return ""
            seconds = (self.now - self.began[0]) / done * (1 - step.share)
        if not math.isfinite(seconds):
            return ""
        whole = max(0, round(seconds))
        hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _thousands(number: float) -> str:
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= size * 0.9995:
            return f"{number / size:.3g}{unit}"
    return f"{number:.0f}"
