"""Promises about weeks and moments of publication."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weeklyai.dates import PublishTime, Week, parse_moment
from weeklyai.errors import UserError

ZONES = ("Asia/Bangkok", "America/New_York", "Pacific/Auckland", "UTC", "Asia/Kathmandu")
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 28))


@given(DAYS)
def test_a_week_is_the_iso_week_also_at_the_edge_of_the_year(day: date) -> None:
    week = Week.of(day)

    assert (week.year, week.number) == day.isocalendar()[:2]
    assert Week.parse(str(week)) == week


@pytest.mark.parametrize(
    ("day", "name", "slug"),
    [
        (date(2024, 7, 19), "2024-W29", "week-29-2024"),
        (date(2024, 12, 30), "2025-W01", "week-1-2025"),
        (date(2027, 1, 1), "2026-W53", "week-53-2026"),
    ],
)
def test_names_of_weeks(day: date, name: str, slug: str) -> None:
    assert (str(Week.of(day)), Week.of(day).slug) == (name, slug)


@pytest.mark.parametrize("text", ["2024-W54", "2025-W53", "2024", "W29", "29", "", "2024-W0", "x"])
def test_what_is_no_week_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UserError, match="is not an ISO week: write it like 2024-W29"):
        Week.parse(text)


@given(st.datetimes(datetime(1990, 1, 8), datetime(2090, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001
def test_the_latest_week_is_published_and_its_successor_is_not(naive: datetime, zone: str) -> None:
    now = naive.replace(tzinfo=UTC)
    moment = PublishTime.parse("Friday 20:00", ZoneInfo(zone))
    week = moment.latest(now)
    start, end = moment.window(week)

    assert end <= now < end + timedelta(days=7, hours=2)
    assert end - start == timedelta(days=7)
    assert moment.in_week(week).isocalendar()[:2] == (week.year, week.number)


def test_the_offset_is_the_zones_own_on_that_day() -> None:
    moment = PublishTime.parse("fri 20:00", ZoneInfo("America/New_York"))

    assert moment.in_week(Week(2024, 29)).isoformat() == "2024-07-19T20:00:00-04:00"
    assert moment.in_week(Week(2024, 3)).isoformat() == "2024-01-19T20:00:00-05:00"


@pytest.mark.parametrize("text", ["Friday", "Freitag 20:00", "Fri 25:00", "f 1:00", "20:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Friday 20:00"):
        PublishTime.parse(text, ZoneInfo("UTC"))


@pytest.mark.parametrize("text", ["2024-07-19T20:00:00", "yesterday", "2024-13-01T00:00:00Z"])
def test_a_clock_needs_an_offset(text: str) -> None:
    with pytest.raises(UserError, match="with its offset"):
        parse_moment(text)
