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

NEWS = (
    ("Orchid opens its database for schools", "Orchid has opened its database for small computers in schools.",
     "Teachers who tested the database for two months reported no lost records."),
    ("Nimbus ships a compiler without garbage collection", "Nimbus has shipped a compiler that frees memory at fixed points.",
     "Programs built with the compiler start in a third of the time that Nimbus measured before."),
    ("Tern brings its browser to old telephones", "Tern has brought its browser to telephones that are ten years old.",
     "Pages without video load in two seconds on such a telephone, the company says."),
    ("Karst publishes 40,000 hours of bird songs as open data", "Karst has published 40,000 hours of bird songs as open data.",
     "The recordings carry labels for species, place and weather, and researchers may use them freely."),
    ("Heron language model reads maps aloud", "Heron has presented a language model that describes maps to blind walkers.",
     "The model runs on the walker's own telephone and needs no network after the first start."),
    ("Wren chip sorts letters at half the power", "Wren has designed a chip that sorts letters at half the power of its rival.",
     "Post offices in three northern towns will test the chip from September on."),
)  # fmt: skip
FEED = json.dumps({
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Tiny Times",
    "items": [
        {"id": str(n), "url": f"https://tiny.example/{n}", "title": title, "content_text": f"{lead} {more}",
         "date_published": f"2024-07-{8 + n % 4:02}T0{n}:00:00Z"}
        for n, (title, lead, more) in enumerate(NEWS, 1)
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
        subprocess.run([*command, "init", str(site), "--no-feeds", "--title", "Tiny"], check=True)  # noqa: S603
        settings = site / "weeklyai.toml"
        text = settings.read_text(encoding="utf-8").replace(
            "allow_private = false", "allow_private = true"
        )
        settings.write_text(
            text.replace("max_per_source = 3", "max_per_source = 9").replace(
                "check_links = true", "check_links = false"
            ),
            encoding="utf-8",
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
