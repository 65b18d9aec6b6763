"""Limits in working days over the holidays of 2026, with their make-up days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Broken
from engine.lifecycle.deadlines import SHANGHAI, Calendar, due_at, remaining
from tests.engine.lifecycle.people_of import WeekCalendar


def between(first: date, last: date) -> frozenset[date]:
    return frozenset(first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


# General Office of the State Council, arrangement of the holidays of 2026.
SIMULATED = WeekCalendar(
    holidays=between(date(2026, 2, 15), date(2026, 2, 23)) | between(date(2026, 10, 1), date(2026, 10, 7)),
    make_up=frozenset({date(2026, 2, 14), date(2026, 2, 28), date(2026, 9, 20), date(2026, 10, 10)}),
)


class Published:
    """The calendar of the chinesecalendar package."""

    def is_working_day(self, day: date) -> bool:
        return bool(chinese_calendar.is_workday(day))


CALENDARS = [pytest.param(SIMULATED, id="simulated"), pytest.param(Published(), id="chinesecalendar")]


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize("calendar", CALENDARS)
@pytest.mark.parametrize(
    ("start", "limit", "end"),
    [
        ("2026-11-20 10:00", 1, "2026-11-23 17:30"),  # Friday to Monday
        ("2026-11-21 10:00", 1, "2026-11-23 17:30"),  # begun on a Saturday
        ("2026-11-23 23:59", 3, "2026-11-26 17:30"),  # the day of the beginning is not counted
        ("2026-02-13 10:00", 1, "2026-02-14 17:30"),  # the Saturday before Spring Festival is made up
        ("2026-02-13 10:00", 3, "2026-02-25 17:30"),  # across Spring Festival
        ("2026-02-27 10:00", 1, "2026-02-28 17:30"),  # the Saturday after it is made up
        ("2026-09-30 16:00", 1, "2026-10-08 17:30"),  # across National Day
        ("2026-09-30 16:00", 3, "2026-10-10 17:30"),  # and its Saturday made up
    ],
)
def test_a_limit_ends_with_business_on_its_last_working_day(
    calendar: Calendar, start: str, limit: int, end: str
) -> None:
    due = due_at(calendar, shanghai(start), working_days=limit)
    assert due == shanghai(end)
    assert due.tzinfo == UTC


def test_a_limit_in_hours_runs_by_the_clock() -> None:
    assert due_at(SIMULATED, shanghai("2026-02-14 16:00"), hours=4) == shanghai("2026-02-14 20:00")


def test_a_day_is_that_of_shanghai_whatever_zone_the_moment_is_told_in() -> None:
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # Monday 00:30 in Shanghai
    assert due_at(SIMULATED, late, working_days=1) == shanghai("2026-11-24 17:30")


@pytest.mark.parametrize("calendar", CALENDARS)
@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-09-30 09:00", 3),
        ("2026-10-05 12:00", 3),
        ("2026-10-09 12:00", 1),
        ("2026-10-10 17:30", 0),
        ("2026-10-10 17:31", -1),
        ("2026-10-11 09:00", -1),
        ("2026-10-13 09:00", -2),
    ],
)
def test_what_is_left_counts_down_to_nought_and_then_below(calendar: Calendar, now: str, left: int) -> None:
    assert remaining(calendar, shanghai(now), shanghai("2026-10-10 17:30")) == left


def test_a_limit_is_either_days_or_hours() -> None:
    for given_limits in ({}, {"working_days": 1, "hours": 1}):
        with pytest.raises(ValueError, match="either"):
            due_at(SIMULATED, shanghai("2026-11-23 09:00"), **given_limits)


def test_a_calendar_without_working_days_is_broken_and_no_endless_loop() -> None:
    never = WeekCalendar(holidays=between(date(2026, 1, 1), date(2027, 12, 31)))
    with pytest.raises(Broken) as broken:
        due_at(never, shanghai("2026-11-23 09:00"), working_days=1)
    assert broken.value.code == "calendar.no_working_day"


@given(st.datetimes(datetime(2026, 1, 5), datetime(2026, 12, 1)), st.integers(1, 20))
def test_a_limit_just_begun_has_all_of_its_days_left(start: datetime, limit: int) -> None:
    begun = start.replace(tzinfo=SHANGHAI)
    assert remaining(SIMULATED, begun, due_at(SIMULATED, begun, working_days=limit)) == limit
