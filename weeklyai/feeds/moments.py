"""Dates of feeds, where there is one way only to read them: RFC 822 with a four-digit year, and the W3C's profile of ISO 8601.

Whoever writes a date otherwise leaves it to feedparser, which knows a dozen habits more.
"""

import re
from datetime import UTC, datetime, timedelta

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
# Hours from Greenwich (RFC 822, section 5.1), as feedparser takes them. It does not know UTC, but no name is Greenwich, too.
_ZONES = {
    "gmt": 0, "ut": 0, "utc": 0, "z": 0,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_RFC822 = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?([0-9]{1,2})\s+(" + "|".join(_MONTHS) + r")[a-z]*\s+([0-9]{4})\s+"
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s+(?:([+-])([0-9]{2}):?([0-9]{2})|([a-z]{1,3}))",
    re.ASCII,
)  # fmt: skip
# After "+05" feedparser reads minutes only behind a colon; so those without one must be 00.
_W3C = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[t ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?\s?(?:z|([+-])([0-9]{2}):?((?<=:)[0-9]{2}|00))?)?",
    re.ASCII,
)


def moment(written: str) -> datetime | None:
    """Return the date, aware, in UTC, to the second; None where it is not certain how to read it."""
    low = written.lower()
    try:
        if found := _W3C.fullmatch(low):
            year, month, day, hour, minute, second, sign, hours, minutes = found.groups("0")
            away = timedelta(hours=int(hours), minutes=int(minutes))
        elif found := _RFC822.fullmatch(low):
            day, name, year, hour, minute, second, sign, hours, minutes, zone = found.groups("0")
            month = str(_MONTHS.index(name) + 1)
            away = timedelta(hours=int(hours), minutes=int(minutes))
            if zone != "0":
                away = timedelta(hours=_ZONES[zone])
        else:
            return None
        there = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC)  # fmt: skip
        return there + away if sign == "-" else there - away
    except (KeyError, ValueError, OverflowError):
        return None
