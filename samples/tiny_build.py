"""A tiny weekly build with nothing but an installed weeklyai: `python samples/tiny_build.py`, in any folder.

CI runs it in a clean environment with the built wheel. It makes a site in a temporary folder, serves one small feed from
the loopback address, and builds a week of it.
"""

import json
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MAKERS = ("Orchid", "Nimbus", "Tern", "Karst", "Heron", "Wren")
BODY = (
    "{maker} has released version {n} of its database for small computers in schools. "
    "The {maker} database now starts twice as fast on machines with little memory. "
    "Teachers who tested the {maker} database for two months reported no lost records."
)
FEED = json.dumps({
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Tiny Times",
    "items": [
        {"id": str(n), "url": f"https://tiny.example/{n}", "title": f"{maker} releases database version {n}",
         "content_text": BODY.format(maker=maker, n=n), "date_published": f"2024-07-{8 + n % 4:02}T0{n}:00:00Z"}
        for n, maker in enumerate(MAKERS, 2)
    ],
}).encode()  # fmt: skip


class Feed(BaseHTTPRequestHandler):
    """Answers every path with the feed."""

    def do_GET(self) -> None:
        """Send it."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(FEED)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def main() -> None:
    """Build, and end with an error code where a step fails."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "tiny"
        command = [sys.executable, "-m", "weeklyai"]
        subprocess.run([*command, "init", str(site), "--title", "Tiny"], check=True)  # noqa: S603
        settings = site / "weeklyai.toml"
        text = settings.read_text(encoding="utf-8").replace(
            "allow_private = false", "allow_private = true"
        )
        settings.write_text(
            text.replace("max_per_source = 2", "max_per_source = 9"), encoding="utf-8"
        )
        address = f"http://127.0.0.1:{server.server_port}/feed.json"
        for words in (
            ["feeds", "add", address],
            ["build", "--week", "2024-W28", "--tokens", "4096"],
            ["doctor"],
        ):
            subprocess.run([*command, "--site", str(site), *words], check=True)  # noqa: S603
        (post,) = (site / "_posts").glob("*.md")
        print(post.read_text(encoding="utf-8"))
    server.shutdown()


if __name__ == "__main__":
    main()
