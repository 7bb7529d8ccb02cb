"""Weeks, windows and the moment of publication.

A week is an ISO 8601 week ("2024-W29"); the ISO year may differ from the calendar year from 29 December to 3 January.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from weeklyai.errors import UserError

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO 8601 week, for example `Week(2024, 29)`.

    Raises:
        ValueError: when that year has no such week.
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        date.fromisocalendar(self.year, self.number, 1)

    @classmethod
    def parse(cls, text: str) -> "Week":
        """Read "2024-W29" (also "2024-29", "2024w29")."""
        found = re.fullmatch(r"(\d{4})-?[wW]?(\d{1,2})", text.strip())
        try:
            if found:
                return cls(int(found[1]), int(found[2]))
        except ValueError:
            pass
        raise UserError(f"week {text!r} is not an ISO week: write it like 2024-W29")

    @classmethod
    def of(cls, moment: date) -> "Week":
        """Return the ISO week that `moment` lies in, by its own calendar date."""
        year, number, _ = moment.isocalendar()
        return cls(year, number)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"

    @property
    def slug(self) -> str:
        """The week in file names and addresses: "week-29-2024" (number unpadded, ISO year)."""
        return f"week-{self.number}-{self.year}"


@dataclass(frozen=True, slots=True)
class PublishTime:
    """The weekly moment of publication in the site's zone, for example Friday 20:00 Asia/Bangkok."""

    weekday: int  # ISO: Monday is 1, Sunday 7
    hour: int
    minute: int
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> "PublishTime":
        """Read "Friday 20:00" (names may be cut to three letters).

        Raises:
            ValueError: on anything else.
        """
        found = re.fullmatch(r"([A-Za-z]{3,9})\s+([01]?\d|2[0-3]):([0-5]\d)", text.strip())
        day = [n for n, name in enumerate(DAYS, 1) if found and name.startswith(found[1].lower())]
        if not found or not day:
            raise ValueError(f"{text!r} is not a weekday and time such as 'Friday 20:00'")
        return cls(day[0], int(found[2]), int(found[3]), zone)

    def in_week(self, week: Week) -> datetime:
        """Return the moment of publication in `week`, with the zone's offset on that day."""
        day = date.fromisocalendar(week.year, week.number, self.weekday)
        return datetime(day.year, day.month, day.day, self.hour, self.minute, tzinfo=self.zone)

    def latest(self, now: datetime) -> Week:
        """Return the newest week whose moment of publication is not after `now`."""
        week = Week.of(now.astimezone(self.zone))
        if self.in_week(week) <= now:
            return week
        return Week.of(self.in_week(week) - timedelta(days=7))

    def window(self, week: Week) -> tuple[datetime, datetime]:
        """Return the issue's window in UTC: the seven days (start, end] up to publication."""
        end = self.in_week(week).astimezone(UTC)
        return end - timedelta(days=7), end


def day_in_words(moment: date) -> str:
    """Return "19 July 2024", in English on every machine."""
    months = "January February March April May June July August September October November December"
    return f"{moment.day} {months.split()[moment.month - 1]} {moment.year}"


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 moment with its offset.

    Raises:
        UserError: when it is no such moment or has no offset.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UserError(
            f"{text!r} is not a moment like 2024-07-19T20:00:00+07:00 (with its offset)"
        )
    return moment
