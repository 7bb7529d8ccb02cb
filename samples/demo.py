"""`make demo`: one whole weekly build over the sample feeds, into build/demo/.

A loopback HTTP server hands out samples/feeds/; the site is made by `weeklyai init`, and then the very commands of the
README run in it. Everything is made anew each time, so two demos end in the same post.
"""

import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "build" / "demo"
TYPES = {".xml": "application/xml", ".json": "application/feed+json"}


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    extensions_map = TYPES

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def weeklyai(*words: str) -> None:
    """Run a weeklyai command in the demo site; end the demo where it fails."""
    print(f"$ weeklyai {' '.join(words)}", flush=True)
    done = subprocess.run([sys.executable, "-m", "weeklyai", *words], cwd=DEMO.parent, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(done.returncode)


def main() -> None:
    """Build the demo site and say where to look."""
    shutil.rmtree(DEMO, ignore_errors=True)
    DEMO.parent.mkdir(exist_ok=True)
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=str(ROOT / "samples" / "feeds"))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    weeklyai("init", "demo", "--title", "Weekly AI (demo)", "--url", "https://weeklyai.example",
             "--timezone", "Asia/Bangkok", "--no-feeds")  # fmt: skip
    shutil.copy(ROOT / "samples" / "weeklyai.toml", DEMO)
    shutil.copytree(ROOT / "features", DEMO / "features", dirs_exist_ok=True)
    names = sorted(path.name for path in (ROOT / "samples" / "feeds").iterdir())
    weeklyai(
        "--site",
        "demo",
        "feeds",
        "add",
        *(f"http://127.0.0.1:{server.server_port}/{name}" for name in names),
    )
    # At the moment of publication, so that the sample feeds are as fresh as feeds are then.
    weeklyai("--site", "demo", "build", "--week", "2024-W29", "--now", "2024-07-19T20:00:00+07:00")
    print("\nThe site is build/demo/ (a whole Jekyll site: 'jekyll serve' there shows it).")
    server.shutdown()


if __name__ == "__main__":
    main()
