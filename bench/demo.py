"""The demo build by stage, and beside it the only cheaper way to a post: the same build without training.

Run: python bench/demo.py. `make demo` must have been run once; this repeats its build in a copy of build/demo/ with a
loopback server of its own. The last line is JSON: ratio = 180 s, the promised limit, over our whole build.
"""

import json
import shutil
import tempfile
import threading
import time
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from weeklyai import config, weekly
from weeklyai.dates import Week
from weeklyai.feeds import opml
from weeklyai.feeds.opml import Subscription
from weeklyai.publish import scaffold
from weeklyai.watch import Nobody

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 180.0  # seconds, after installation, on two cores
WEEK = "2024-W29"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def make_site(folder: Path, address: str) -> config.Settings:
    """Return the settings of a fresh demo site whose feeds are at `address`."""
    scaffold.init(
        folder, title="Bench", url="https://weeklyai.example", timezone="Asia/Bangkok", feeds=False
    )
    shutil.copy(ROOT / "samples" / "weeklyai.toml", folder)
    shutil.copytree(ROOT / "features", folder / "features", dirs_exist_ok=True)
    names = sorted(path.name for path in (ROOT / "samples" / "feeds").iterdir())
    opml.write(folder / "feeds.opml", [Subscription(f"{address}/{name}") for name in names])
    return config.load(folder)


def main() -> None:
    """Measure and print."""
    handler = partial(Quiet, directory=str(ROOT / "samples" / "feeds"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        settings = make_site(Path(folder) / "ours", address)
        outcome = weekly.build(settings, WEEK, now, Nobody())
        plain = make_site(Path(folder) / "plain", address)
        began = time.monotonic()
        weekly.fetch(plain, now, Nobody())
        weekly.draft(plain, Week.parse(WEEK), Nobody())
        weekly.publish(plain, Week.parse(WEEK), Nobody())
        without = time.monotonic() - began
    server.shutdown()
    for stage, seconds in outcome.seconds.items():
        print(f"{stage:10} {seconds:8.2f} s")
    total = sum(outcome.seconds.values())
    print(f"{'whole':10} {total:8.2f} s   (without a model: {without:.2f} s)")
    row = {"name": "demo build", "ours": round(total, 2), "peer": LIMIT, "ratio": round(LIMIT / total, 2), "goal": 1.0,
           "unit": "s", "stages": outcome.seconds, "without_model": round(without, 2)}  # fmt: skip
    print(json.dumps(row))


if __name__ == "__main__":
    main()
