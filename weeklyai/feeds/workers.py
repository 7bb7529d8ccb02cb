"""Parsing in processes of their own: a feed that would take for ever, or all memory, costs one worker, not the run.

A worker is `python -m weeklyai.feeds.workers`: jobs come in on its standard input, answers go out on its standard
output, one JSON line each (a job's line is followed by the feed's bytes). It is a plain child process and not one of
`multiprocessing`, so that nothing is unpickled and nobody's main module is imported twice.
"""

import contextlib
import json
import os
import queue
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO, TypeVar

from weeklyai.feeds.parse import ParsedFeed, parse
from weeklyai.records import FeedItem

Answer = TypeVar("Answer")

SECONDS = 10.0  # for one feed; the largest of 254 real ones takes under two
MEMORY = 2 << 30  # bytes of address space of one worker
MOST_WORKERS = 4


class Worker:
    """One child process, started at its first job and again after a death. For one thread at a time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.child: subprocess.Popen[bytes] | None = None

    def parse(
        self, body: bytes, feed_url: str, fetched_at: datetime, most: int, content_type: str
    ) -> ParsedFeed:
        """Do what `parse.parse` does; reason "parse-timeout" or "parse-failed" where the worker died of it."""
        job = {
            "task": "feed", "feed_url": feed_url, "fetched_at": fetched_at.isoformat(), "most": most,
            "content_type": content_type,
        }  # fmt: skip
        answer = self._ask(job, body)
        return ParsedFeed("", (), answer) if isinstance(answer, str) else _feed(answer)

    def page(self, body: bytes) -> str:
        """Do what `fulltext.extract` does; "" where the worker died of it."""
        answer = self._ask({"task": "page"}, body)
        return "" if isinstance(answer, str) else str(answer["text"])

    def _ask(self, job: dict[str, Any], body: bytes) -> dict[str, Any] | str:
        """Return the worker's answer, or the reason code of its death."""
        job = {**job, "size": len(body), "seconds": self.seconds}
        try:
            self.child = self.child or _start()
            _stream(self.child.stdin).write(json.dumps(job).encode() + b"\n" + body)
            _stream(self.child.stdin).flush()
            answer: dict[str, Any] = json.loads(_stream(self.child.stdout).readline())
        except (OSError, ValueError):  # no answer: the pipe broke, or an empty line is no JSON
            died_of = self.stop()
            return "parse-timeout" if died_of == -signal.SIGALRM else "parse-failed"
        return answer

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

    def submit(
        self, body: bytes, feed_url: str, fetched_at: datetime, most: int, content_type: str = ""
    ) -> Future[ParsedFeed]:
        """Return what will be the parsed feed; the arguments are those of `parse.parse`."""
        return self.threads.submit(self._with_worker, Worker.parse, body, feed_url, fetched_at, most, content_type)  # fmt: skip

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


def _feed(answer: dict[str, Any]) -> ParsedFeed:
    items = (
        FeedItem(**{**item, "published": datetime.fromisoformat(item["published"])})
        for item in answer["items"]
    )
    return ParsedFeed(answer["title"], tuple(items), answer["reason"])


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


def _parsed(job: dict[str, Any], body: bytes) -> dict[str, Any]:
    moment = datetime.fromisoformat(job["fetched_at"])
    return asdict(parse(body, job["feed_url"], moment, job["most"], job["content_type"]))


def _page(body: bytes) -> dict[str, Any]:
    from weeklyai.feeds import fulltext  # noqa: PLC0415 -- takes a second to import, and few workers need it

    return {"text": fulltext.extract(body)}


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
