"""An issue -> one e-mail as a file, ready to hand to a mail program or a provider: text and HTML, nothing remote.

The message is put together here rather than by the standard library's `EmailMessage`, which folds a List-Unsubscribe
of over 78 characters into encoded words that no mail program reads, and draws a boundary by chance.

The forms are those of RFC 5322 (message), 2045-2047 (quoted-printable, parts, encoded words), 2369 and 2919 (list
headers) and 8058 (one click to leave).
"""

import hashlib
import quopri
import re
import textwrap
from email.header import Header
from email.utils import format_datetime, formataddr
from pathlib import Path
from urllib.parse import quote, urlsplit

import jinja2

from weeklyai import files
from weeklyai.config import Settings
from weeklyai.dates import day_in_words
from weeklyai.errors import UserError
from weeklyai.publish import escape, post, templates
from weeklyai.publish.normal import check, normal
from weeklyai.publish.plain import tidy
from weeklyai.records import Inline, Issue, Paragraph

HTML, TEXT = "email.html.j2", "email.txt.j2"
FOLDER = "email"
WIDTH = 72  # columns of the text part: a reply's "> " still fits into 76
CLIPPED = 90_000  # bytes of HTML; a little above, large mail services cut a message off


def write(issue: Issue, settings: Settings, environment: jinja2.Environment) -> Path:
    """Write the message of `issue` into the site's folder; return its path, "email/week-29-2024.eml".

    Raises:
        UserError: see `message`.
    """
    path = settings.folder / FOLDER / f"{issue.week.slug}.eml"
    files.write_bytes(path, message(issue, settings, environment))
    return path


def message(issue: Issue, settings: Settings, environment: jinja2.Environment) -> bytes:
    """Return the message of `issue`, lines ended by CRLF: the same bytes for the same issue, settings and templates.

    Raises:
        UserError: the post format cannot hold the issue, [site] url has no host to write from, or a template is broken.
    """
    check(issue)
    issue = normal(issue)
    site = _site(settings)
    values = {
        "issue": issue,
        "title": post.title(issue),
        "site_title": tidy(settings.site.title),
        "page": _page(issue, site),
        "date": day_in_words(issue.date),
        "leave": _ways_to_leave(settings),
    }
    # In this order links are numbered as they come, and all of them are known when the template lists them.
    links = _Links()
    plain = templates.fill(
        environment, TEXT, **values, links=links, wrap=_wrap, underlined=_underlined
    )
    parts = [
        _part("plain", re.sub(r"\n{3,}", "\n\n", re.sub(r" +\n", "\n", plain)).strip() + "\n"),
        _part("html", templates.fill(environment, HTML, **values).strip() + "\n"),
    ]
    # "=_" cannot stand in quoted-printable text, so no part can hold the boundary.
    boundary = "=_" + hashlib.sha256(b"".join(parts)).hexdigest()[:32]
    head = [*_headers(issue, settings, urlsplit(site).hostname or ""),
            f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"']  # fmt: skip
    between = f"\r\n--{boundary}\r\n".encode("ascii")
    end = f"\r\n--{boundary}--\r\n".encode("ascii")
    return "\r\n".join([*head, ""]).encode("ascii") + between + between.join(parts) + end


def _site(settings: Settings) -> str:
    """Return the site's address, percent-encoded, without a slash at its end."""
    try:
        return escape.url(settings.site.url).rstrip("/")
    except ValueError as error:
        raise UserError(
            f"[site] url: {error}; the e-mail's sender and links are made from it"
        ) from None


def _page(issue: Issue, site: str) -> str:
    """Return where Jekyll puts the post: its permalink is /:year/:month/:day/:title.html."""
    return f"{site}/{issue.date:%Y/%m/%d}/{issue.week.slug}.html"


# --- the head -----------------------------------------------------------------------------------------------------


def _headers(issue: Issue, settings: Settings, host: str) -> list[str]:
    """Return the header lines but the Content-Type, folded, without their line ends."""
    host, email = host.rstrip("."), settings.email
    name = tidy(settings.site.title) or host
    subject = post.title(issue)
    # A corrected issue is another message: under the same id, mail programs would drop it as seen (RFC 5322, 3.6.4).
    version = f".{len(issue.corrections)}" if issue.corrections else ""
    lines = [
        _named("From", name, email.from_address or f"newsletter@{host}"),
        _header("Subject", subject, "us-ascii" if _plain(subject) else "utf-8"),
        f"Date: {format_datetime(issue.date)}",
        f"Message-ID: <{issue.week.slug}{version}@{host}>",
        _named("List-Id", name, email.list_id or f"newsletter.{host}"),
    ]
    ways = [f"<{way}>" for way in _ways_to_leave(settings)]
    if ways:
        lines.append("List-Unsubscribe: " + ",\r\n ".join(ways))
    if email.unsubscribe_url:
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return [*lines, "Content-Language: en", "MIME-Version: 1.0"]


def _ways_to_leave(settings: Settings) -> list[str]:
    """Return the configured addresses that take a reader off the list, the one click first."""
    email = settings.email
    mail = f"mailto:{quote(email.unsubscribe_mail, safe='@')}?subject=unsubscribe"
    return [
        *([email.unsubscribe_url] if email.unsubscribe_url else []),
        *([mail] if email.unsubscribe_mail else []),
    ]


def _plain(text: str) -> bool:
    """Say whether `text` may stand in a header as it is, folded at its spaces."""
    return text.isascii() and "=?" not in text and all(len(word) < 70 for word in text.split(" "))


def _header(name: str, text: str, charset: str) -> str:
    """Return a header of running text, folded at spaces ("us-ascii") or in encoded words ("utf-8", RFC 2047)."""
    value = Header(text, charset, maxlinelen=76, header_name=name).encode(linesep="\r\n")
    return f"{name}: {value}"


def _named(header: str, name: str, address: str) -> str:
    """Return a header that holds a name and an address in angle brackets, which may want a line of their own."""
    if _plain(name) and len(name) < 60:
        said = f"{header}: {formataddr((name, address)).removesuffix(f' <{address}>')}"
    else:
        said = _header(header, name, "utf-8")
    short = len(said.split("\r\n")[-1]) + len(address) < 74
    return said + (" " if short else "\r\n ") + f"<{address}>"


# --- the parts ----------------------------------------------------------------------------------------------------


def _part(kind: str, text: str) -> bytes:
    """Return one part with its own head, in quoted-printable (RFC 2045): no line over 76 characters."""
    encoded = quopri.encodestring(text.encode("utf-8"))
    # Mail stores put a ">" before a "From " at a line's head; a soft break in the word keeps the text whole.
    encoded = re.sub(rb"^From ", b"Fr=\nom ", encoded, flags=re.MULTILINE)
    head = (
        f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    )
    return (head.encode("ascii") + encoded).replace(b"\n", b"\r\n")


class _Links:
    """The links of the text part: numbered where they stand, listed at its end."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def mark(self, address: str) -> str:
        """Return " [3]" with a no-break space; an address has one number, however often it comes."""
        return f"\u00a0[{self.numbers.setdefault(address, len(self.numbers) + 1)}]"

    def words(self, inline: Inline) -> str:
        """Return the words of `inline`, links followed by their numbers."""
        return "".join(
            span.text + self.mark(span.url) if span.style == "link" else span.text
            for span in inline
        )

    def named(self, sources: tuple[tuple[str, str], ...]) -> str:
        """Return the names of sources behind a take, each followed by its number."""
        return "".join(f" {name}{self.mark(address)}" for name, address in sources)

    def paragraph(self, block: Paragraph) -> str:
        """Return the words of a paragraph and the numbers of its sources."""
        return self.words(block.text) + "".join(map(self.mark, block.sources))


def _wrap(text: str, first: str = "", rest: str | None = None) -> str:
    """Return `text` wrapped; its first line begins with `first`, the others with `rest` (or as many spaces)."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    ).replace("\u00a0", " ")


def _underlined(text: str, mark: str) -> str:
    """Return `text` wrapped, with a line of `mark` below it."""
    wrapped = _wrap(text)
    return wrapped + "\n" + mark * min(WIDTH, max(map(len, wrapped.split("\n"))))
