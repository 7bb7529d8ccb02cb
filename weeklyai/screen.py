"""What a person sees: live progress on the error stream, tables and paths on the output stream.

Where the error stream is not a terminal (a log file, a scheduler) progress comes as one line each tenth of the way.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from weeklyai.feeds.addresses import redacted
from weeklyai.feeds.discover import Found
from weeklyai.feeds.health import FeedHealth, report
from weeklyai.learning import Learning
from weeklyai.watch import Training


class Screen:
    """A watcher of builds for people; `with` ends the live line."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.errors = Console(stderr=True, highlight=False, quiet=quiet)
        self.live: Progress | None = None
        self.task: TaskID | None = None
        self.tenth = -1
        self.learning = Learning()

    def __enter__(self) -> "Screen":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        if self.live:
            self.live.stop()
        self.live, self.task, self.tenth = None, None, -1
        self.learning = Learning()

    def stage(self, name: str) -> None:
        """Say that a stage begins."""
        self._end()
        self.errors.print(f"[bold]{name}[/bold]")

    def note(self, sentence: str) -> None:
        """Say one sentence; it may hold feed text, so it is never read as markup."""
        self.errors.print(Text(f"  {sentence}"))

    def feed(self, done: int, total: int, health: FeedHealth) -> None:
        """Show how many feeds are done; name the failed ones."""
        if health.status == "failed":
            self.note(f"{health.url}: {health.reason}")
        self._progress(done / total, f"{done} of {total} feeds")

    def training(self, step: Training) -> None:
        """Show where training stands, on one line however narrow the screen is."""
        self.learning.add(step, time.monotonic())
        line = self.learning.line(self.errors.width - 2, plain=self.errors.options.ascii_only)
        self._progress(step.share, line, bar=False)

    def share(self, done: float, line: str) -> None:
        """Show how much of a long task is done."""
        self._progress(done, line)

    def _progress(self, share: float, line: str, *, bar: bool = True) -> None:
        """Show `line`; with `bar`, it stands between a bar of `share` and the time left, else it tells both itself."""
        if not self.errors.is_terminal:
            tenth = int(share * 10)
            if tenth > self.tenth:
                self.note(f"{share:4.0%}  {line}" if bar else line)
            self.tenth = max(tenth, self.tenth)
            return
        if self.live is None:
            text = TextColumn("{task.description}", markup=False)
            around = [TextColumn("  "), BarColumn(24), text, TimeRemainingColumn()]
            # A line without a bar is as wide as the screen: one column of indent, one between columns.
            self.live = Progress(*(around if bar else [TextColumn(" "), text]), console=self.errors)
            self.live.start()
            self.task = self.live.add_task(line, total=1.0)
        if self.task is not None:
            self.live.update(self.task, completed=share, description=line)


def table(rows: Mapping[str, Any], title: str = "") -> None:
    """Print name and value a row."""
    grid = Table(
        title=title or None,
        title_justify="left",
        show_header=False,
        box=None,
        padding=(0, 2),
        pad_edge=False,
    )
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in rows.items():
        grid.add_row(Text(name), Text(str(value)))
    _output().print(grid)


def columns(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table with a head line; numbers stand right."""
    grid = Table(box=None, padding=(0, 2), pad_edge=False)
    for n, name in enumerate(head):
        number = all(isinstance(row[n], int | float) for row in rows) and bool(rows)
        grid.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(str(cell)) for cell in row))
    _output().print(grid)


def health(feeds: Sequence[FeedHealth]) -> None:
    """Print a row a feed: its state, what it brought, and its newest date."""
    rows = [
        [feed.state, feed.title or feed.url, feed.found, feed.new,
         f"{feed.newest:%Y-%m-%d}" if feed.newest else "", feed.seconds]
        for feed in feeds
    ]  # fmt: skip
    columns(["state", "feed", "items", "new", "newest", "seconds"], rows)


def remarks(feeds: Sequence[FeedHealth]) -> None:
    """Print what a person should know or do about the feeds, if anything."""
    lines = report(feeds).splitlines()[1:]
    if lines:
        say("feeds that want a look (preview/feeds.html has them all):")
        say("\n".join(lines))


def found_feed(found: Found) -> None:
    """Print what an address led to, newest titles first."""
    if not found.url:
        return
    say(f"{found.title}  {redacted(found.url)}")
    for date, title in found.latest:
        say(f"  {date}  {title}")
    if found.others:
        say(f"  its page names others too: {', '.join(found.others[:3])}")


def say(line: str = "") -> None:
    """Print one line as it is."""
    sys.stdout.write(line + "\n")


def _output() -> Console:
    # Without a terminal rich would fold at 80 columns and break paths that scripts read.
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=160)
