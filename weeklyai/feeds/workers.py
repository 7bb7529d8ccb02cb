"""Parsing in processes of their own: a feed that would take for ever, or all memory, costs one worker, not the run.

A worker is `python -m weeklyai.feeds.workers`: jobs come in on its standard input, answers go out on its standard
output, one JSON line each (a job's line is followed by the feed's bytes). It is a plain child process and not one of
`multiprocessing`, so that nothing is unpickled and nobody's main module is imported twice.

Two clocks watch a job. The worker's own alarm ends it after its time, also inside C code; where that alarm is lost, or the
worker is stopped, a timer here kills it a little later. So neither writing a job nor reading its answer can block for ever.
"""

import contextlib
import json
import os
import queue
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any, BinaryIO, TypeVar

from weeklyai.feeds.parse import ParsedFeed, parse
from weeklyai.records import FeedItem

Answer = TypeVar("Answer")

SECONDS = 10.0  # for one feed; the largest of 254 real ones takes under one
GRACE = 2.0  # more seconds until a worker whose alarm did not end it is killed
MEMORY = 2 << 30  # bytes of address space of one worker
MOST_WORKERS = 4
_FIELDS = [field.name for field in fields(FeedItem)]
_row = attrgetter(*_FIELDS)  # an item as JSON has its fields in this order
_DATE = _FIELDS.index("published")


class Worker:
    """One child process, started at its first job and again after a death. For one thread at a time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.child: subprocess.Popen[bytes] | None = None

    def parse(
        self,
        body: bytes,
        feed_url: str,
        fetched_at: datetime,
        most: int,
        content_type: str = "",
        base: str = "",
    ) -> ParsedFeed:
        """Do what `parse.parse` does; reason "parse-timeout" or "parse-failed" where the worker died of it."""
        job = {
            "task": "feed", "feed_url": feed_url, "fetched_at": fetched_at.isoformat(), "most": most,
            "content_type": content_type, "base": base,
        }  # fmt: skip
        answer = self._ask(job, body)
        return ParsedFeed("", (), answer) if isinstance(answer, str) else _feed(answer)

    def page(self, body: bytes) -> str:
        """Do what `fulltext.extract` does; "" where the worker died of it."""
        answer = self._ask({"task": "page"}, body)
        return "" if isinstance(answer, str) else str(answer[0])

    def _ask(self, job: dict[str, Any], body: bytes) -> list[Any] | str:
        """Return the worker's answer, or the reason code of its death."""
        job = {**job, "size": len(body), "seconds": self.seconds}
        killed = threading.Event()
        try:
            self.child = self.child or _start()
            parts = (json.dumps(job).encode() + b"\n", body)
            answer = _answer(self.child, parts, self.seconds + GRACE, killed)
        except OSError:  # no child could be started, or the pipe broke
            answer = b""
        if answer.endswith(b"\n") and not killed.is_set():
            found: list[Any] = json.loads(answer)
            return found
        late = self.stop() == -signal.SIGALRM or killed.is_set()
        return "parse-timeout" if late else "parse-failed"

    def stop(self) -> int | None:
        """End the child and return its exit status (None where there was no child)."""
        child, self.child = self.child, None
        if child is None:
            return None
        with contextlib.suppress(BrokenPipeError):  # a job may be left in the buffer
            _stream(child.stdin).close()
        try:
            status = child.wait(timeout=1)  # end of input ends an idle worker
        except subprocess.TimeoutExpired:
            child.kill()
            status = child.wait()
        _stream(child.stdout).close()
        return status


class Parsers:
    """A few workers and the threads that wait for them; use as a context manager.

    Args:
        seconds: wall-clock limit of one feed.
        workers: most child processes.
    """

    def __init__(self, seconds: float = SECONDS, workers: int | None = None) -> None:
        count = workers or min(MOST_WORKERS, os.cpu_count() or 1)
        self.workers = [Worker(seconds) for _ in range(count)]
        # Last in, first out: a worker that runs already is taken before one that must be started.
        self.idle: queue.LifoQueue[Worker] = queue.LifoQueue()
        for worker in self.workers:
            self.idle.put(worker)
        self.threads = ThreadPoolExecutor(count)

    def __enter__(self) -> "Parsers":
        return self

    def __exit__(self, *_: object) -> None:
        self.threads.shutdown(cancel_futures=True)
        for worker in self.workers:
            worker.stop()

    def submit(self, *job: Any) -> Future[ParsedFeed]:
        """Return what will be the parsed feed; the arguments are those of `parse.parse`."""
        return self.threads.submit(self._with_worker, Worker.parse, *job)

    def page(self, body: bytes) -> Future[str]:
        """Return what will be the main text of an HTML page."""
        return self.threads.submit(self._with_worker, Worker.page, body)

    def _with_worker(self, task: Callable[..., Answer], *job: Any) -> Answer:
        worker = self.idle.get()
        try:
            return task(worker, *job)
        finally:
            self.idle.put(worker)


def _start() -> "subprocess.Popen[bytes]":
    """Start a child that finds its modules where this process does, and none in the working directory (-P)."""
    path = os.pathsep.join(filter(None, sys.path))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "weeklyai.feeds.workers"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip


def _stream(pipe: Any) -> BinaryIO:
    """Return a pipe that was asked for, which the type of Popen leaves open."""
    return pipe  # type: ignore[no-any-return]


def _answer(
    child: "subprocess.Popen[bytes]",
    job: Sequence[bytes],
    seconds: float,
    killed: threading.Event,
) -> bytes:
    """Return the child's line on `job`; after `seconds` kill it and set `killed`.

    Raises:
        OSError: the child is dead.
    """

    def kill() -> None:
        killed.set()
        child.kill()

    guard = threading.Timer(seconds, kill)
    guard.start()
    try:
        for part in job:
            _stream(child.stdin).write(part)
        _stream(child.stdin).flush()
        return _stream(child.stdout).readline()
    finally:
        guard.cancel()
        guard.join()  # or it might kill the worker in the middle of the next job


def _feed(answer: list[Any]) -> ParsedFeed:
    title, rows, reason, notes = answer
    for row in rows:
        row[_DATE] = datetime.fromisoformat(row[_DATE])
    return ParsedFeed(title, tuple(FeedItem(*row) for row in rows), reason, tuple(notes))


def serve(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Answer jobs until their end. A job that lasts too long ends the process by SIGALRM, also inside C code."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    with contextlib.suppress(OSError, ValueError):  # not every system can limit it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    for line in jobs:
        job = json.loads(line)
        body = jobs.read(job["size"])
        signal.setitimer(signal.ITIMER_REAL, job["seconds"])
        answer = _page(body) if job["task"] == "page" else _parsed(job, body)
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.write(json.dumps(answer, default=datetime.isoformat).encode() + b"\n")
        answers.flush()


def _parsed(job: dict[str, Any], body: bytes) -> list[Any]:
    moment = datetime.fromisoformat(job["fetched_at"])
    feed = parse(body, job["feed_url"], moment, job["most"], job["content_type"], job["base"])
    return [feed.title, [_row(item) for item in feed.items], feed.reason, feed.notes]


def _page(body: bytes) -> list[Any]:
    from weeklyai.feeds import fulltext  # noqa: PLC0415 -- takes a second to import, and few workers need it

    return [fulltext.extract(body)]


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
