"""A week's draft over real parts, made without the network: items in an archive, a draft, a team, a server on loopback."""

import contextlib
import http.client
import json
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import make_item
from tests.site import NOW
from weeklyai import config, weekly
from weeklyai.config import Settings
from weeklyai.dates import Week
from weeklyai.drafting.writer import NoWriter
from weeklyai.feeds.archive import Archive
from weeklyai.publish import scaffold
from weeklyai.records import FeedItem
from weeklyai.review.server import Server
from weeklyai.reviewing import ReviewDesk
from weeklyai.watch import Nobody

WEEK = Week(2024, 28)
TEAM = """
[[team]]
name = "Ada Lovelace"
url = "https://people.example/ada"
"""
OWN = ("Harbour cranes", "City trams", "Weather balloons", "School kitchens", "Night trains", "Paper mills", "Bee keepers",
       "River ferries", "Salt mines", "Bridge builders", "Tea growers", "Clock makers", "Fire lookouts", "Glass blowers")  # fmt: skip


def story_item(number: int, **changes: object) -> FeedItem:
    """Return an item that is a story of its own: beyond the known names, its very words are made up."""
    made = iter(_words(number))
    who = OWN[number] if number < len(OWN) else f"{next(made).title()} {next(made)}s"
    one, two = who.lower().split()
    plan, report, phone, shift = ("program", "report", "telephone", "shift") if number < len(OWN) else (next(made) for _ in range(4))  # fmt: skip
    values: dict[str, object] = {
        "source": f"Paper {number}",
        "feed_url": f"https://paper{number}.example/rss",
        "url": f"https://paper{number}.example/{number}",
        "title": f"{who} get open-source software for their {plan}",
        "summary": "",
        "body": (
            f"{who} in Kelmouth{number} use open-source software for their {plan} since {number % 20 + 3} July. "
            f"The {plan} of the {one} saves {number + 11} percent of the {two} budget, a {report} by Quorvale{number} says. "
            f"Every {two} crew reads the {plan} of the {one} on a {phone} before the {shift} begins. "
            f"Quorvale{number} wants to publish the {one} {report} for other towns in the autumn."
        ),
    }
    return make_item(number, published=NOW.replace(day=8 + number % 4), **{**values, **changes})


def _words(number: int) -> list[str]:
    """Return a dozen made-up words that no other number has."""
    rng = random.Random(number)
    return ["".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(4)) for _ in range(12)]  # fmt: skip


def make_site(folder: Path, stories: int = 10, *, more: str = TEAM, items: tuple[FeedItem, ...] = ()) -> Settings:  # fmt: skip
    """Return a site whose archive holds four items more than the issue has stories, drafted without a model."""
    scaffold.init(folder, title="Small", url="https://small.example", timezone="Asia/Bangkok", feeds=False)  # fmt: skip
    path = folder / config.FILE_NAME
    text = path.read_text(encoding="utf-8").replace("check_links = true", "check_links = false")
    path.write_text(text.replace("max_stories = 10", f"max_stories = {stories}") + more, encoding="utf-8")  # fmt: skip
    settings = config.load(folder)
    with Archive(settings.archive) as archive:
        archive.add([*map(story_item, range(stories + 4)), *items], NOW)
    weekly.draft(settings, WEEK, Nobody())
    return settings


def make_desk(settings: Settings) -> ReviewDesk:
    """Return a desk over the site's draft that needs no model."""
    desk = ReviewDesk(settings, WEEK)
    desk.newsroom.load_writer = NoWriter
    return desk


def keys(desk: ReviewDesk) -> list[str]:
    """Return the stories' keys in the issue's order."""
    return [card.key for card in desk.look().cards]


def draft_text(settings: Settings) -> str:
    """Return the draft as it lies there."""
    return (settings.folder / "_drafts" / f"{WEEK.slug}.md").read_text(encoding="utf-8")


def rewrite(settings: Settings, old: str, new: str) -> None:
    """Change the draft as a text editor would."""
    path = settings.folder / "_drafts" / f"{WEEK.slug}.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@dataclass
class Client:
    """Asks a running server, with whatever headers."""

    server: Server

    def ask(self, path: str, body: object = None, method: str = "", **headers: str) -> tuple[int, dict[str, str], str]:  # fmt: skip
        """Return status, headers and text; `path` begins behind the token, or with "/"."""
        port = self.server.port
        target = path if path.startswith("/") else f"/{self.server.token}/{path}"
        data = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()  # fmt: skip
        sent = {"Host": f"127.0.0.1:{port}"}
        if data is not None:
            sent |= {"Origin": f"http://127.0.0.1:{port}", "Content-Type": "application/json", "Content-Length": str(len(data))}  # fmt: skip
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        with contextlib.closing(client):
            client.putrequest(method or ("POST" if data is not None else "GET"), target, skip_host=True)  # fmt: skip
            for name, value in sent.items():
                if value:
                    client.putheader(name, value)
            try:
                client.endheaders(data)
                reply = client.getresponse()
                return reply.status, dict(reply.getheaders()), reply.read().decode("utf-8", "replace")  # fmt: skip
            except (ConnectionResetError, BrokenPipeError):
                # A server that refuses a request may hang up before it has read its body (RFC 9112, 9.6).
                return 400, {}, ""

    def act(self, action: str, **values: Any) -> Any:
        """Do one thing and return the answer's JSON."""
        return json.loads(self.ask("act", {"action": action, **values})[2])


@contextlib.contextmanager
def serving(desk: ReviewDesk) -> Iterator[Server]:
    """Serve `desk` for as long as the block lasts."""
    server = Server(desk, 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.server.started:
            time.sleep(0.01)
        yield server
    finally:
        server.stop()
        thread.join(timeout=20)


class Running:
    """`weeklyai review` in a process of its own."""

    def __init__(self, site: Settings, port: int = 0) -> None:
        command = [sys.executable, "-m", "weeklyai", "--site", str(site.folder), "review", "--week", str(WEEK), "--port", str(port)]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        address = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/(.+)/\n", self.process.stdout.readline())
        assert address
        self.port, self.token = int(address[1]), address[2]
        self.address = address[0].strip()

    def post(self, path: str, **values: object) -> int:
        """Send one POST and return its status.

        Raises:
            OSError, http.client.HTTPException: the server is gone.
        """
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(client):
            headers = {"Origin": f"http://127.0.0.1:{self.port}", "Content-Type": "application/json"}  # fmt: skip
            client.request("POST", f"/{self.token}/{path}", json.dumps(values), headers)
            reply = client.getresponse()
            reply.read()
            return reply.status

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=30)
        if self.process.stdout:
            self.process.stdout.close()


@contextlib.contextmanager
def running(site: Settings, port: int = 0) -> Iterator[Running]:
    server = Running(site, port)
    try:
        yield server
    finally:
        server.kill()
