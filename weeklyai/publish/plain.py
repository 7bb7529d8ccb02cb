"""Plain text as a post may hold it: cleaned, and without mojibake.

Goes one step further than `weeklyai.text.clean`: UTF-8 that somebody read as Windows-1252 and saved again
("â€™" for "’") is mended. Only the unmistakable forms are touched: a capital A with tilde followed by a closing
quotation mark may well be Portuguese.
"""

import re

from weeklyai.text import clean

# What the bytes 0x80-0xBF look like once read as Windows-1252 (five of them are unassigned there and stay as they are).
_TAIL = (
    "["
    + re.escape(
        "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xC0))
    )
    + "]"
)
_MOJIBAKE = re.compile(f"[ÂÃ][\u00a0-\u00bf]|[âï]{_TAIL}{{2}}|ð{_TAIL}{{3}}")


def tidy(text: str) -> str:
    r"""Return `text` as one cleaned line without mojibake; a second pass changes nothing.

    >>> tidy("  Itâ€™s\n here ")
    'It’s here'
    """
    # What a repair brings to light may itself want cleaning (a mangled zero-width space), and dropping a character may
    # bring a letter and its accent together: so until nothing changes. Every pass but the last shortens the text.
    while (better := _MOJIBAKE.sub(_repaired, clean(text))) != text:
        text = better
    return text


def _repaired(found: re.Match[str]) -> str:
    """Return the character that was meant, or the match itself when its bytes are no UTF-8."""
    raw = b"".join(
        character.encode("cp1252", "ignore") or character.encode("latin-1")
        for character in found[0]
    )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return found[0]
