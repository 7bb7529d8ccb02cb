"""Every hostile feed of tests/feeds/fifty.py in one round with good ones: what came of each, in how many seconds, in how much memory.

Run: python -m bench.hostile (from the repository's root). The round runs in a process of its own; memory is the most that it
and its workers held at one moment (resident, looked at every 5 ms, Linux only). The last line is JSON; ratio = 400 MB over that.
"""

import contextlib
import json
import multiprocessing
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.feeds import fifty, server
from weeklyai import config
from weeklyai.feeds import poll
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.opml import Subscription

LIMIT = 400.0  # MB
PAGE = os.sysconf("SC_PAGE_SIZE") / 1e6
CASES = (*fifty.TRANSPORT, *fifty.CONTENT)
SETTINGS = config.Feeds(allow_private=True, deadline_seconds=5)
Result = tuple[list[tuple[str, str, str, int, float]], float]


def one_round(urls: list[str], answers: "multiprocessing.Queue[Result]") -> None:
    """Poll `urls` and put what came of each, the seconds, and the peak memory in MB."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, Archive(Path(folder) / "a.sqlite") as archive:
        fared = poll.poll(archive, [Subscription(url) for url in urls], SETTINGS, datetime.now(UTC))
    rows = [(f.state, f.reason, " ".join(f.notes), f.found, f.seconds) for f in fared]
    answers.put((rows, time.monotonic() - began))


def resident(parent: int) -> float:
    """Return the resident memory in MB of a process and its children."""
    found = 0.0
    pids = [str(parent)]
    for thread in Path(f"/proc/{parent}/task").glob(
        "*"
    ):  # each lists the processes that it started
        with contextlib.suppress(OSError):
            pids += (thread / "children").read_text().split()
    for pid in pids:
        with contextlib.suppress(OSError):  # it has just ended
            found += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    return found


def main() -> None:
    """Measure and print."""
    scripts = {f"/{n}": case.answer for n, case in enumerate(CASES)}
    good = {f"/good{n}": server.page(fifty.rss(fifty.plain_items(20, 1000 * n))) for n in range(1, 11)}  # fmt: skip
    answers: multiprocessing.Queue[Result] = multiprocessing.get_context("spawn").Queue()
    with server.serve({**scripts, **fifty.MORE, **good}) as site:
        urls = [site.url(path) for path in (*scripts, *good)]
        child = multiprocessing.get_context("spawn").Process(target=one_round, args=(urls, answers))
        child.start()
        peak = 0.0
        while answers.empty():
            peak = max(peak, resident(child.pid or 0))
            time.sleep(0.005)
        rows, seconds = answers.get()
        child.join()
    names = [f"{case.number:>2} {case.name}" for case in CASES] + ["   a good feed"] * len(good)
    print(f"{'case':<62}{'state':<26}{'reason':<20}{'items':>6}{'fetch s':>9}  notes")
    for name, (state, reason, notes, found, fetch) in zip(names, rows, strict=True):
        print(f"{name:<62}{state:<26}{reason:<20}{found:>6}{fetch:>9.2f}  {notes}")
    print(f"{len(rows)} feeds in {seconds:.1f} s; peak {peak:.0f} MB, its workers' included")
    print(json.dumps({"name": "hostile feeds, memory", "ours": round(peak), "peer": LIMIT, "ratio": round(LIMIT / peak, 2),
                      "goal": 1.0, "unit": "MB", "seconds": round(seconds, 1)}))  # fmt: skip


if __name__ == "__main__":
    main()
