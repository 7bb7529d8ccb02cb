"""Attempts to get at the page from outside it: another name for us, another page, another address, hostile feed text."""

import json
import re
import socket
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.review.place import Client, draft_text, keys, make_desk, make_site, serving, story_item
from weeklyai.config import Settings
from weeklyai.errors import UserError
from weeklyai.review.server import Server

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)> \"'{{ 7*7 }}{% raw %} software cranes"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    first = story_item(0, title=f"OpenAI GPT agents run harbour cranes {EVIL}", source=EVIL)
    return make_site(tmp_path_factory.mktemp("safety") / "site", 4, items=(first,))


@pytest.fixture(scope="module")
def client(site: Settings) -> Iterator[Client]:
    with serving(make_desk(site)) as server:
        yield Client(server)


@pytest.fixture
def deed(client: Client, site: Settings) -> Iterator[dict[str, object]]:
    """A deed that would change the draft; it must stay as it is."""
    before = draft_text(site)
    yield {"action": "move", "key": keys(make_desk(site))[0], "by": "1"}
    assert draft_text(site) == before


def test_only_the_loopback_address_listens(client: Client) -> None:
    assert client.server.socket.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["evil.example:PORT", "127.0.0.1.evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "[::1]:PORT",
                                  "127.0.0.1:PORT.", "127.0.0.1:PORT@evil.example", ""])  # fmt: skip
def test_a_name_rebound_to_us_gets_nothing(client: Client, deed: dict[str, object], host: str) -> None:  # fmt: skip
    host = host.replace("PORT", str(client.server.port))
    for body in (None, deed):
        status, _, text = client.ask("", body, Host=host) if body is None else client.ask("act", body, Host=host, Origin=f"http://{host}")  # fmt: skip
        assert status in (400, 421)
        assert "Small" not in text


def test_localhost_is_a_name_of_ours(client: Client) -> None:
    assert client.ask("", Host=f"localhost:{client.server.port}")[0] == 200


def test_two_host_headers_are_one_too_many(client: Client) -> None:
    port, token = client.server.port, client.server.token
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(f"GET /{token}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode())  # fmt: skip
        assert b" 200 " not in raw.recv(64)


@pytest.mark.parametrize("path", ["/", "/x/", "/TOKEN", "//TOKEN/", "/TOKENx/", "/static/review.js", "/x/../TOKEN/", "/%00/", "/é/"])  # fmt: skip
def test_without_the_token_there_is_nothing(client: Client, path: str) -> None:
    path = path.replace("TOKEN", client.server.token).replace("é", "%C3%A9")
    assert client.ask(path)[0] == 404


def test_tokens_are_long_and_never_the_same(site: Settings) -> None:
    servers = [Server(make_desk(site), 0) for _ in range(3)]
    tokens = {server.token for server in servers}
    for server in servers:
        server.socket.close()
    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 32


@pytest.mark.parametrize("origin", ["", "null", "http://evil.example", "https://127.0.0.1:PORT", "http://127.0.0.1:1", "http://127.0.0.1:PORT.evil.example",
                                    "http://localhost:PORT"])  # fmt: skip
def test_a_post_from_another_page_changes_nothing(client: Client, deed: dict[str, object], origin: str) -> None:  # fmt: skip
    status, _, _ = client.ask("act", deed, Origin=origin.replace("PORT", str(client.server.port)))
    assert status == 403


@pytest.mark.parametrize("site_header", ["cross-site", "same-site", "none"])
def test_a_browser_that_says_cross_site_is_refused(client: Client, deed: dict[str, object], site_header: str) -> None:  # fmt: skip
    assert client.ask("act", deed, Sec_Fetch_Site=site_header)[0] == 403


def test_no_other_page_may_load_ours_not_even_as_an_image_or_script(client: Client) -> None:
    for path in ("", "static/review.js", "parts", "mail"):
        assert client.ask(path, Sec_Fetch_Site="cross-site")[0] == 403
        assert client.ask(path, Sec_Fetch_Site="same-origin")[0] == 200


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-8"])  # fmt: skip
def test_what_a_plain_form_can_send_is_refused(client: Client, deed: dict[str, object], kind: str) -> None:  # fmt: skip
    assert client.ask("act", deed, Content_Type=kind)[0] == 415


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_nothing_but_a_post_acts(client: Client, deed: dict[str, object], method: str) -> None:
    assert client.ask("act", deed, method=method)[0] == 405


def test_no_answer_lets_another_origin_read_it(client: Client) -> None:
    _, headers, _ = client.ask("parts", Origin="http://evil.example")
    assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("body", ["[]", "{", '"x"', "[" * 50_000, "1" * 5_000])
def test_a_body_that_is_no_object_is_a_sentence(client: Client, body: str) -> None:
    status, _, text = client.ask("act", body)
    assert (status, "error" in json.loads(text)) == (400, True)


def test_a_body_of_more_than_a_megabyte_is_refused_whatever_its_length_says(client: Client) -> None:
    assert client.ask("act", "x" * ((1 << 20) + 1))[0] == 413
    port, token = client.server.port, client.server.token
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(f"POST /{token}/act HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
                    "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())  # fmt: skip
        assert b" 413 " in raw.recv(64)


@pytest.mark.parametrize("values", [
    {"action": "__class__"}, {"action": "publish", "extra": "x"}, {"action": "edit"}, {"action": "move", "key": ["x"]},
    {"action": "edit", "key": "KEY", "field": "url", "was": "x", "text": "javascript:alert(1)"},
    {"action": "assign", "key": "KEY", "person": "Mallory"}, {"action": "settle", "name": "../../weeklyai.toml", "ours": False},
    {"action": "add", "address": "javascript:alert(1)"}, {"action": "add", "address": "file:///etc/passwd"},
    {"action": "add", "address": "http://127.0.0.1:1/"}, {"action": "replace", "key": "KEY", "was": "x", "choice": "x"},
])  # fmt: skip
def test_a_wrong_deed_is_a_sentence_and_changes_nothing(client: Client, site: Settings, deed: dict[str, object], values: dict[str, object]) -> None:  # fmt: skip
    values = {name: deed["key"] if value == "KEY" else value for name, value in values.items()}
    status, _, text = client.ask("act", values)
    assert status == 400
    assert json.loads(text)["error"]
    assert (site.folder / "weeklyai.toml").exists()


@pytest.mark.parametrize("name", ["..%2fapp.py", "../app.py", "%2e%2e/app.py", "review.js/../../app.py", "review.js%00", "pages", ""])  # fmt: skip
def test_only_our_own_static_files_are_served(client: Client, name: str) -> None:
    status, _, text = client.ask(f"static/{name}")
    assert status == 404
    assert "import" not in text


class _Tags(HTMLParser):
    """Collects what would run or load in a page, our own module aside."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def of(cls, page: str) -> list[str]:
        reader = cls()
        reader.feed(page)
        return reader.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        bad = [name for name in values if name.startswith("on")]
        if bad or (tag == "script" and values != {"type": "module", "src": "static/review.js"}):
            self.found.append(f"{tag} {values}")
        if tag == "img" and values.get("src") != "static/memo.svg":
            self.found.append(f"{tag} {values}")


def test_feed_text_is_text_everywhere(client: Client, site: Settings) -> None:
    evil = next(card for card in make_desk(site).look().cards if "<script>" in card.headline)
    parts = json.loads(client.ask(f"parts?key={evil.key}")[2])
    checked = client.ask("check", {"key": evil.key, "text": EVIL})[2]
    client.act("discard", key=evil.key)
    pages = [*parts["elements"].values(), checked]
    pages += [client.ask(path)[2] for path in ("", f"evidence/{evil.key}", f"choices/{evil.key}", "rejects", "mail")]  # fmt: skip

    for page in pages:
        assert _Tags.of(page) == []
    assert sum("&lt;script&gt;" in page for page in pages) >= 6


def test_every_answer_carries_a_policy_that_lets_only_our_own_files_run(client: Client) -> None:
    for path in ("", "parts", "version", "static/review.css", "nowhere", "/"):
        headers = client.ask(path)[1]
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))  # fmt: skip
        assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"  # fmt: skip
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["require-trusted-types-for"] == "'script'"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


def test_the_email_is_shown_without_an_origin_and_without_scripts(client: Client) -> None:
    policy = client.ask("mail")[1]["content-security-policy"]
    assert "sandbox allow-popups" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "allow-same-origin" not in policy


def test_a_taken_port_is_one_sentence(client: Client, site: Settings) -> None:
    with pytest.raises(UserError, match="name another one with --port"):
        Server(make_desk(site), client.server.port)


def test_our_pages_hold_no_inline_script_style_or_foreign_address() -> None:
    folder = Path(__file__).parents[2] / "weeklyai" / "review"
    for path in [*(folder / "pages").iterdir(), *(folder / "static").iterdir()]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"""(?:src|href)=["'](?:https?:|//)|@import|url\(|\sstyle=|\son\w+="|\|\s*safe""", text
        ), path
        assert "eval(" not in text
        assert text.count("innerHTML") == (1 if path.name == "net.js" else 0)
