"""Promises of parsing in workers: the same items as here, and a feed that kills its worker harms no other."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.feeds import server
from weeklyai import config
from weeklyai.feeds import parse, poll, workers
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.opml import Subscription
from weeklyai.feeds.parse import ParsedFeed
from weeklyai.feeds.workers import Parsers, Worker

CASES = Path(__file__).parent / "cases"
GOOD = (CASES / "good-rss2.xml").read_bytes()
URL = "https://feeds.example/rss"
NOW = datetime(2024, 7, 20, 1, 2, 3, 456789, tzinfo=UTC)
LONG = b"<rss version='2.0'><channel>" + b"<item><title>x</title></item>" * 300_000
ODD = '<rss version="2.0"><channel><title>T</title><item><title>Zwölf\u2028\n"é" 🦀</title></item></channel></rss>'


@pytest.fixture
def worker() -> Iterator[Worker]:
    """One worker with time enough for anything but `LONG`."""
    worker = Worker(seconds=2)
    yield worker
    worker.stop()


@pytest.mark.parametrize(
    "body",
    [*(path.read_bytes() for path in sorted(CASES.glob("good-*"))), ODD.encode(), b"", b"\n\n{}"],
)
def test_a_worker_reads_what_the_parser_reads(worker: Worker, body: bytes) -> None:
    assert worker.parse(body, URL, NOW, 500, "") == parse.parse(body, URL, NOW, 500)


def test_a_feed_without_end_costs_its_own_time_only(worker: Worker) -> None:
    assert worker.parse(LONG, URL, NOW, 500, "") == ParsedFeed("", (), "parse-timeout")
    assert len(worker.parse(GOOD, URL, NOW, 500, "").items) == 2


def test_a_worker_that_died_is_replaced(worker: Worker) -> None:
    worker.parse(GOOD, URL, NOW, 500, "")
    assert worker.child is not None
    worker.child.kill()
    worker.child.wait()

    assert worker.parse(GOOD, URL, NOW, 500, "") == ParsedFeed("", (), "parse-failed")
    assert len(worker.parse(GOOD, URL, NOW, 500, "").items) == 2


@pytest.mark.parametrize("body", [GOOD, LONG], ids=["small", "larger than a pipe"])
def test_a_stopped_worker_hangs_nobody(
    worker: Worker, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A stopped process gets no alarm: what lies beyond it must end the wait, for the job's end and for the answer.
    monkeypatch.setattr(workers, "GRACE", 0.1)
    worker.parse(GOOD, URL, NOW, 500, "")
    assert worker.child is not None
    worker.seconds = 0.1
    os.kill(worker.child.pid, signal.SIGSTOP)
    assert worker.parse(body, URL, NOW, 500, "") == ParsedFeed("", (), "parse-timeout")

    worker.seconds = 2
    assert len(worker.parse(GOOD, URL, NOW, 500, "").items) == 2


def test_a_pool_with_a_stopped_worker_ends() -> None:
    with Parsers(workers=1) as parsers:
        parsers.submit(GOOD, URL, NOW, 500).result()
        child = parsers.workers[0].child
        assert child is not None
        os.kill(child.pid, signal.SIGSTOP)

    assert child.returncode == -signal.SIGKILL


def test_notes_come_over_from_a_worker(worker: Worker) -> None:
    items = "<item><title>One</title></item><item><title>Two</title></item>"
    body = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()

    assert worker.parse(body, URL, NOW, 1, "").notes == ("date-guessed", "item-cap")


def test_no_worker_outlives_its_pool() -> None:
    with Parsers(workers=2) as parsers:
        found = [parsers.submit(GOOD, URL, NOW, 500) for _ in range(6)]
        assert [len(feed.result().items) for feed in found] == [2] * 6
        children = [worker.child for worker in parsers.workers if worker.child]

    assert children
    assert all(child.returncode == 0 for child in children)


def test_parsing_one_feed_never_uses_up_the_deadline_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The bad feed is parsed for longer than the deadline, and the good one is still under way meanwhile.
    monkeypatch.setattr(poll, "Parsers", lambda: Parsers(seconds=3, workers=2))
    settings = config.Feeds(allow_private=True, deadline_seconds=2)
    scripts = {"/bad": server.page(LONG), "/good": server.late(GOOD, 1.0)}
    with server.serve(scripts) as site, Archive(tmp_path / "a.sqlite") as archive:
        feeds = [Subscription(site.url(path)) for path in scripts]
        found = poll.poll(archive, feeds, settings, NOW)

    assert [(feed.reason, feed.found) for feed in found] == [("parse-timeout", 0), ("", 2)]
    assert found[1].newest == datetime(2024, 7, 19, 9, 30, tzinfo=UTC)
