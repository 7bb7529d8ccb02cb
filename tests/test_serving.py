"""Promises of `weeklyai serve`, asked by a real client: this machine only, no way out of the site, reload at a change."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from weeklyai import config, serving
from weeklyai.config import Settings
from weeklyai.errors import UserError
from weeklyai.pages import JekyllSite, Page, Pages, Previews
from weeklyai.publish import samples, scaffold

DRAFT = samples.fill_all(Path("/nowhere"))["post.md.j2"]
jekyll = pytest.mark.skipif(not shutil.which("jekyll"), reason="Jekyll is not installed")
Answer = tuple[int, dict[str, str], str]


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    folder = tmp_path / "site"
    scaffold.init(folder, title="Letter & Co", url="https://letter.example")
    (folder / "_drafts" / "week-29-2024.md").write_text(DRAFT, encoding="utf-8")
    (tmp_path / "secret.md").write_text("the secret")
    return config.load(folder)


@contextlib.contextmanager
def served(pages: Pages) -> Iterator[Callable[..., Answer]]:
    """Serve `pages` and yield a client: path (sent as it is) and headers in, status, headers and text out."""
    server = serving.Server(pages, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def ask(path: str, method: str = "GET", **headers: str) -> Answer:
        client = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        with contextlib.closing(client):
            client.putrequest(method, path, skip_host=True)
            for name, value in {"Host": f"127.0.0.1:{server.server_port}", **headers}.items():
                client.putheader(name, value.replace("PORT", str(server.server_port)))
            client.endheaders()
            reply = client.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read().decode("utf-8", "replace")

    try:
        yield ask
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        pages.close()


def test_the_front_page_lists_drafts_and_posts(site: Settings) -> None:
    (site.folder / "_posts" / "2024-07-12-week-28-2024.md").write_text(DRAFT)
    with served(Previews(site)) as ask:
        status, headers, text = ask("/")

    assert status == 200
    assert "<h1>Letter &amp; Co</h1>" in text
    links = re.findall(r'href="(/[^"]*)"', text)
    assert links == ["/_drafts/week-29-2024.html", "/_posts/2024-07-12-week-28-2024.html"]
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_draft_is_shown_under_a_strict_policy_that_lets_one_script_run(site: Settings) -> None:
    with served(Previews(site)) as ask:
        status, headers, text = ask("/_drafts/week-29-2024.html")
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))  # fmt: skip

    assert status == 200
    assert "Headline 1" in text
    assert "http-equiv" not in text  # a second policy in the page would forbid the script
    assert re.findall(r"<script>(.*?)</script>", text) == [serving.SCRIPT]
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == serving.SCRIPT_HASH
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_the_files_on_disk_hold_no_script(site: Settings) -> None:
    with served(Previews(site)) as ask:
        ask("/_drafts/week-29-2024.html")
    made = (site.folder / "preview").rglob("*.html")
    assert not [path for path in made if "<script" in path.read_text()]


@pytest.mark.parametrize("change", ["draft", "template", "new post"])
def test_the_version_changes_with_what_is_shown_and_only_then(site: Settings, change: str) -> None:
    with served(Previews(site)) as ask:
        first, again = ask(serving.VERSION_PATH)[2], ask(serving.VERSION_PATH)[2]
        if change == "draft":
            (site.folder / "_drafts" / "week-29-2024.md").write_text(DRAFT + "\nmore\n")
        elif change == "template":
            (site.folder / "templates" / "preview.html.j2").write_text("x")
        else:
            (site.folder / "_posts" / "2024-07-12-week-28-2024.md").write_text(DRAFT)
        after = ask(serving.VERSION_PATH)[2]

    assert first == again != after


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:PORT", "", "[::1]:PORT"]
)  # fmt: skip
def test_a_host_that_is_not_this_machine_gets_nothing(site: Settings, host: str) -> None:
    with served(Previews(site)) as ask:
        for path in ("/", "/_drafts/week-29-2024.html", serving.VERSION_PATH):
            status, _, text = ask(path, Host=host)
            assert (status, "Letter" in text, "Headline" in text) == (421, False, False)
        assert ask("/", Host="localhost:PORT")[0] == 200


ESCAPES = (
    "/../secret.md", "/_drafts/../../secret.html", "/%2e%2e/secret.md", "/_drafts/..%2f..%2fsecret.md", "/_drafts/%2e%2e%2fweeklyai.toml",
    "//secret.md", "/_drafts//week-29-2024.html", "/_drafts/week-29-2024.html%00", "/weeklyai.toml", "/.git/config", "/.weeklyai/archive.sqlite",
    "/..\\secret.md", "/%5c..%5csecret.md", "/_drafts/linked.html", "/_posts/folder/x.html", "/%ff", "http://127.0.0.1/../secret.md", "*", "secret.md",
)  # fmt: skip


@pytest.mark.parametrize("path", ESCAPES)
def test_no_path_leads_out_of_drafts_and_posts(site: Settings, path: str) -> None:
    (site.folder / "_drafts" / "linked.md").symlink_to(site.folder.parent / "secret.md")
    (site.folder / "_posts" / "folder").symlink_to(site.folder.parent)
    with served(Previews(site)) as ask:
        status, _, text = ask(path)

    assert status in (400, 404)
    assert "secret" not in text
    assert "[site]" not in text


def test_what_cannot_be_shown_is_said_in_the_page_as_text(site: Settings) -> None:
    (site.folder / "_drafts" / "week-30-2024.md").write_text("no <b>front</b> matter")
    (site.folder / "_drafts" / "week-31-2024.md").write_bytes(b"\xff")
    (site.folder / "_drafts" / "week-32-2024.md").write_text("---\nx <script>\n---\n")
    with served(Previews(site)) as ask:
        answers = [ask(f"/_drafts/week-{n}-2024.html") for n in (30, 31, 32)]

    assert [status for status, _, _ in answers] == [500, 500, 500]
    assert "must begin with front matter" in answers[0][2]
    assert "x &lt;script&gt;" in answers[2][2]


def test_a_head_request_has_no_body_and_others_are_not_answered(site: Settings) -> None:
    with served(Previews(site)) as ask:
        assert (ask("/", method="HEAD")[0], ask("/", method="HEAD")[2]) == (200, "")
        assert ask("/", method="POST")[0] == 501


def test_it_listens_on_the_loopback_address_alone(site: Settings) -> None:
    server = serving.Server(Previews(site), 0)
    assert server.socket.getsockname()[0] == "127.0.0.1"
    server.server_close()


def test_a_port_that_is_taken_is_one_sentence(site: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UserError, match=r"port \d+ cannot be had \(.*\): name another"):
            serving.Server(Previews(site), taken.getsockname()[1])


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("default-src 'self'", ["script-src 'self' 'sha256-", "connect-src 'self' 'self'"]),
        ("script-src 'none'; connect-src 'none'", ["script-src 'sha256-", "connect-src 'self'"]),
        ("img-src data:", ["script-src * 'sha256-", "img-src data:"]),
        ("default-src &#39;none&#39;; base-uri 'self'", ["default-src 'none'", "base-uri 'self'"]),
    ],
)
def test_a_pages_own_policy_is_widened_by_the_script_and_no_more(policy: str, words: list[str]) -> None:  # fmt: skip
    page = f'<meta http-equiv="Content-Security-Policy" content="{policy}"><body>x</body>'.encode()
    text, sent = serving.with_reload(page)

    assert all(word in sent for word in words), sent
    assert text.startswith(b"<body>x<script>")
    assert text.endswith(b"</script></body>")


# --- through Jekyll -------------------------------------------------------------------------------------------------


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; pytest's own limit ends a wait in vain."""
    while not holds():
        time.sleep(0.05)


@jekyll
def test_jekyll_shows_the_draft_and_builds_again_at_each_change(site: Settings) -> None:
    said: list[str] = []
    with (site.folder / "_config.yml").open("a") as settings:
        settings.write(
            "\nbaseurl: /letter\n"
        )  # where it will be served; here it is served at the root
    with served(serving.choose(site, said.append)) as ask:
        status, headers, text = ask("/")
        found = re.search(r'href="(/\d{4}/[^"]*week-29-2024\.html)"', text)
        assert found
        post = ask(found[1])[2]
        before = ask(serving.VERSION_PATH)[2]
        draft = site.folder / "_drafts" / "week-29-2024.md"
        draft.write_text(DRAFT.replace("Headline 1", "Headline anew"), encoding="utf-8")
        until(lambda: ask(serving.VERSION_PATH)[2] != before)
        after = ask(found[1])[2]
        (site.folder / "index.md").write_text("---\nlayout: [\n---\n")
        until(lambda: len(said) == 2)
        kept = ask(found[1])[2]

    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert said[0].startswith("built by Jekyll")
    assert "Headline 1" in post
    assert serving.SCRIPT in post
    assert "Headline anew" in after
    assert "Jekyll cannot build the site" in said[1]
    assert kept == after
    assert not (site.folder / "_site").exists()


@jekyll
def test_jekylls_pages_lead_nowhere_else(site: Settings) -> None:
    pages = JekyllSite(site.folder, lambda _: None)
    root = Path(pages.root)
    (root / "link.txt").symlink_to(site.folder.parent / "secret.md")
    (root / "up").symlink_to(site.folder.parent)
    (root / "looped").mkdir()
    (root / "looped" / "index.html").symlink_to(site.folder.parent / "secret.md")
    (root / "404.html").unlink(missing_ok=True)
    (root / "404.html").symlink_to(site.folder.parent / "secret.md")
    with served(pages) as ask:
        for path in (*ESCAPES, "/link.txt", "/up/secret.md", "/up/", "/looped/"):
            status, _, text = ask(path)
            assert (status in (400, 404), "the secret" in text) == (True, False), path
        assert ask("/about")[1]["Location"] == "/about/"
        assert ask("/about/")[0] == 200
        assert ask("/assets/")[0] == 404  # no listing of a folder
        assert ask("/assets/images/memo16.png")[1]["Content-Type"] == "image/png"


def test_a_site_that_jekyll_cannot_build_is_shown_by_the_preview(site: Settings) -> None:
    (site.folder / "index.md").write_text("---\nlayout: [\n---\n")
    said: list[str] = []
    pages = serving.choose(site, said.append)
    pages.close()

    assert isinstance(pages, Previews)
    assert "built-in preview" in said[0]


# --- the command ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("--plain",), pytest.param((), marks=jekyll)], ids=str)
def test_ctrl_c_ends_the_command_with_exit_code_0(site: Settings, words: tuple[str, ...]) -> None:
    # A shell's background job, as this test run may be, has Ctrl-C switched off, and its children with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "-m", "weeklyai", "--site", str(site.folder), "serve", "--port", "0", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )  # fmt: skip
    assert process.stdout
    which, address = process.stdout.readline(), process.stdout.readline()
    port = int(re.findall(r"127\.0\.0\.1:(\d+)/", address)[0])
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as client:
        client.request("GET", "/")
        reply = client.getresponse()
        reply.read()
        status = reply.status
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=30)

    assert status == 200
    assert ("built-in" in which) is bool(words)
    assert (process.returncode, errors) == (0, "")
    assert out == "ended\n"


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
def test_a_browser_runs_the_script_and_loads_a_changed_draft_again(site: Settings, tmp_path: Path) -> None:  # fmt: skip
    asked: list[str] = []

    class Watched(Previews):
        def get(self, segments: list[str]) -> Page:
            asked.append("/".join(segments))
            return super().get(segments)

        def version(self) -> str:
            asked.append("version")
            return super().version()

    pages = Watched(site)
    server = serving.Server(pages, 0)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    browser = subprocess.Popen(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
         f"--user-data-dir={tmp_path / 'profile'}", f"{server.address}_drafts/week-29-2024.html"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: asked.count("version") > 1)
        before = asked.count("_drafts/week-29-2024.html")
        (site.folder / "_drafts" / "week-29-2024.md").write_text(DRAFT + "\nmore\n")
        until(lambda: asked.count("_drafts/week-29-2024.html") > before)
    finally:
        browser.terminate()
        browser.wait(timeout=20)
        server.shutdown()
        server.server_close()
    assert before == 1
