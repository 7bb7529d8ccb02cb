"""What all tests share: one torch thread, and a small world of items made on the spot."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from weeklyai.records import FeedItem

os.environ.setdefault("OMP_NUM_THREADS", "1")

SUBJECTS = ("compiler", "database", "browser", "language model", "graphics chip", "text editor")
MAKERS = ("Orchid Labs", "Nimbus", "Tern Systems", "Blue Quill", "Karst")


def make_item(number: int, **changes: object) -> FeedItem:
    """Return an invented item; equal numbers give equal items."""
    subject, maker = SUBJECTS[number % len(SUBJECTS)], MAKERS[number % len(MAKERS)]
    values: dict[str, object] = {
        "id": f"{number:016x}",
        "feed_url": f"https://feed{number % 4}.example/rss",
        "source": f"Example Times {number % 4}",
        "title": f"{maker} releases version {number}.0 of its {subject}",
        "url": f"https://feed{number % 4}.example/{number}",
        "published": datetime(2024, 7, 1, tzinfo=UTC) + timedelta(hours=5 * number),
        "date_guessed": False,
        "summary": f"The {subject} of {maker} has reached version {number}.0."
        if number % 2
        else "",
        "body": (
            f"{maker} has released version {number}.0 of its {subject} after {number + 3} months of work. "
            f"The new version starts {number + 10} percent faster than the one before, the company says.\n\n"
            f"Developers who use the {subject} every day asked for better error messages. "
            f"Version {number}.0 answers with {number + 20} rewritten messages and a search page. "
            f"{maker} plans the next version of the {subject} for the autumn."
        ),
    }
    return FeedItem(**{**values, **changes})  # type: ignore[arg-type]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Fail a run that skipped anything, where WEEKLYAI_NO_SKIP says that everything is installed."""
    if os.environ.get("WEEKLYAI_NO_SKIP") and terminalreporter.stats.get("skipped"):
        pytest.exit("a test was skipped although WEEKLYAI_NO_SKIP is set", returncode=1)


@pytest.fixture
def items() -> list[FeedItem]:
    """Forty invented items over about eight days."""
    return [make_item(n) for n in range(40)]
