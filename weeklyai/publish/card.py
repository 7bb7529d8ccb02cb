"""An issue -> the picture that a shared link shows (Open Graph, https://ogp.me): its title and three headlines.

The letters come from the one font that Pillow carries inside itself, so that a site needs no font file. That font knows
hardly more than ASCII: other Latin letters lose their accents, emoji go, and a text that would lose words is not drawn.
"""

import bisect
import functools
import io
import re
import unicodedata

from PIL import Image, ImageDraw, ImageFont

from weeklyai.publish import post
from weeklyai.publish.plain import tidy
from weeklyai.records import Issue

# The light palette of preview.html.j2.
INK, QUIET, PAPER, LINE, LINK = "#1d2125", "#5b6470", "#fdfdfc", "#dfe3e8", "#0b57a4"
WIDTH, HEIGHT, MARGIN = 1200, 630, 72  # pixels, as all that follow
HEADLINES, SMALL = 3, 31  # how many; their letters' size
_INDENT, _GAP, _FOOT = (
    34,
    16,
    56,
)  # from a headline's square to its text; between headlines; below them
_LEADING = 1.25  # from baseline to baseline, in sizes
_LONGEST = 400  # characters: more never fit, and measuring takes its time
# fmt: off
_SPELLED = str.maketrans({
    "–": "-", "—": "-", "―": "-", "−": "-", "‐": "-", "‑": "-", "•": "·", "×": "x", "→": "->", "≥": ">=", "≤": "<=", "≈": "~",  # noqa: RUF001
    "„": "“", "‚": "‘", "′": "'", "″": '"', "€": "EUR ", "£": "GBP ", "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE",  # noqa: RUF001
    "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "þ": "th", "Þ": "Th", "ð": "d", "µ": "u",  # noqa: RUF001
})
# fmt: on
_SILENT = {"Mn", "Me", "Cf"}  # marks and joiners: they take no room of their own
_SAYING = {
    "Lu",
    "Ll",
    "Lt",
    "Lm",
    "Lo",
    "Nd",
    "Nl",
    "No",
    "Sc",
    "Sm",
}  # letters, figures, money, maths


def path(issue: Issue) -> str:
    """Return where the card of `issue` lies in the site's folder."""
    return f"assets/images/cards/{issue.week.slug}.png"


def alt(issue: Issue) -> str:
    """Return the card in words: the post's title and the headlines on it, each in full."""
    shown = [headline for headline, _ in _headlines(issue)]
    title = tidy(post.title(issue))
    return f"{title}. In this issue: {'; '.join(shown)}" if shown else title


def draw(issue: Issue, site_title: str) -> bytes:
    """Return the card as a PNG of 1200 x 630 pixels; the same issue and title give the same bytes."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, WIDTH, 11), fill=LINK)
    if name := drawable(site_title):
        _write(pen, (MARGIN, 88), wrap(name, 30, WIDTH - 2 * MARGIN, 1), 30, QUIET)
        pen.line((MARGIN, 112, WIDTH - MARGIN, 112), fill=LINE, width=2)
    _news(pen, issue, _title(pen, issue))
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def drawable(text: str) -> str:
    """Return `text` in letters that the font has, or "" where words, figures or signs of money would be lost.

    >>> drawable("Müller’s “naïve” idea 🎉, for €5 – done")
    'Muller’s “naive” idea, for EUR 5 - done'
    >>> drawable("機械学習")
    ''
    """
    made = ""
    for character in tidy(text)[:_LONGEST].translate(_SPELLED):
        kind = unicodedata.category(character)
        parts = character if _has_glyph(character) else _simpler(character)
        if not parts and kind in _SAYING:
            return ""
        made += parts or ("" if kind in _SILENT else " ")
    return re.sub(r" +(?=[,.;:!?)])", "", " ".join(made.split()))


def wrap(text: str, size: int, width: int, most: int) -> list[str]:
    """Return `text` in at most `most` lines of `width` pixels, with "…" at the end where something went."""
    lines: list[str] = []
    while text:
        end = _fitting(text, size, width)
        if end < len(text) and len(lines) + 1 == most:
            end = _fitting(text, size, width - _font(size).getlength("…"))
            return [*lines, text[:end].rstrip(" ,;:-") + "…"]
        lines.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return lines


def _title(pen: ImageDraw.ImageDraw, issue: Issue) -> int:
    """Draw the week and the topic, and return the y below which the headlines may begin."""
    week, topic = f"Week #{issue.week.number} {issue.week.year}", drawable(issue.topic)
    if not topic:
        return _write(pen, (MARGIN, 270), [week], 80, INK)
    _write(pen, (MARGIN, 172), [week], 36, LINK)
    for size, most in ((80, 1), (60, 2), (50, 2)):
        lines = wrap(topic, size, WIDTH - 2 * MARGIN, most)
        if not lines[-1].endswith("…"):
            break
    return _write(pen, (MARGIN, 192 + size), lines, size, INK)


def _news(pen: ImageDraw.ImageDraw, issue: Issue, top: int) -> None:
    """Draw the headlines at the foot of the card, of two lines each where the room below `top` allows it."""
    texts = [text for _, text in _headlines(issue)] or [f"News stories: {len(issue.news)}"]
    for most in (2, 1):
        wrapped = [wrap(text, SMALL, WIDTH - 2 * MARGIN - _INDENT, most) for text in texts]
        heights = [round(SMALL * _LEADING) * len(lines) + _GAP for lines in wrapped]
        y = HEIGHT - _FOOT + _GAP - sum(heights)
        if y >= top:
            break
    for lines, height in zip(wrapped, heights, strict=True):
        pen.rectangle((MARGIN, y + 14, MARGIN + 9, y + 23), fill=LINK)
        _write(pen, (MARGIN + _INDENT, y + 30), lines, SMALL, INK)
        y += height


def _headlines(issue: Issue) -> list[tuple[str, str]]:
    """Return the first headlines that can be drawn, each as it stands and as it is drawn."""
    both = ((tidy(item.headline), drawable(item.headline)) for item in issue.news)
    return [(headline, drawn) for headline, drawn in both if drawn][:HEADLINES]


def _write(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], lines: list[str], size: int, colour: str
) -> int:
    """Write `lines`, the first one's baseline at `at`, and return the y at which a next one could begin."""
    x, y = at
    for line in lines:
        pen.text((x, y), line, font=_font(size), fill=colour, anchor="ls")
        y += round(size * _LEADING)
    return y


def _fitting(text: str, size: int, width: float) -> int:
    """Return how many characters of `text` fit into `width` pixels, at a word's end unless half the line stays empty."""
    lengths = range(1, len(text) + 1)
    fits = bisect.bisect(lengths, width, key=lambda end: _font(size).getlength(text[:end]))
    space = text.rfind(" ", 0, fits + 1)
    return space if fits < len(text) and space > fits / 2 else max(fits, 1)


def _simpler(character: str) -> str:
    """Return what `character` stands for, its accents left out, or "" where the font lacks that or it says less."""
    if unicodedata.category(character) in {"No", "Sm"}:
        return ""  # 10² is not 102, and ≠ is not =
    parts = unicodedata.normalize("NFKD", character)
    bare = "".join(part for part in parts if unicodedata.category(part) not in _SILENT)
    return bare if all(map(_has_glyph, bare)) else ""


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("this Pillow was built without FreeType")
    return font


@functools.cache
def _has_glyph(character: str) -> bool:
    """Tell whether the font draws `character` as itself, not as its box for what it lacks."""

    def drawn(given: str) -> tuple[float, bytes]:
        return _font(30).getlength(given), bytes(_font(30).getmask(given))

    return character == " " or drawn(character) != drawn("\U0010ffff")
