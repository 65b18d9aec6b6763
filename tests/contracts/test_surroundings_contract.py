"""What every clock, source of chance and calendar promises."""

from __future__ import annotations

from datetime import UTC, date

import pytest

from engine.ports import Calendar, Clock, Randomness
from storage.calendar import StateCouncilCalendar
from storage.clock import SystemClock
from storage.randomness import SystemRandomness
from tests.simulators.surroundings import FixedClock, SeededRandomness, WeekdayCalendar

NATIONAL_DAY, MAKE_UP_SUNDAY = date(2026, 10, 1), date(2026, 9, 20)


@pytest.mark.parametrize("clock", [FixedClock(), SystemClock()], ids=["FixedClock", "SystemClock"])
def test_a_clock_speaks_utc_and_does_not_go_back(clock: Clock) -> None:
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC and first <= second


@pytest.mark.parametrize("source", [SeededRandomness(), SystemRandomness()], ids=["seeded", "system"])
def test_chance_gives_as_many_bytes_as_asked_and_never_the_same(source: Randomness) -> None:
    assert [len(source.bytes(count)) for count in (0, 1, 16, 100)] == [0, 1, 16, 100]
    assert len({source.bytes(16) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "calendar",
    [WeekdayCalendar([NATIONAL_DAY], [MAKE_UP_SUNDAY]), StateCouncilCalendar()],
    ids=["WeekdayCalendar", "StateCouncilCalendar"],
)
def test_offices_work_on_weekdays_and_make_up_days_and_rest_on_holidays(calendar: Calendar) -> None:
    days = (date(2026, 11, 23), date(2026, 11, 22), NATIONAL_DAY, MAKE_UP_SUNDAY)
    assert [calendar.is_working_day(day) for day in days] == [True, False, False, True]


def test_a_year_without_a_notice_counts_weekdays_and_is_named() -> None:
    calendar = StateCouncilCalendar()
    assert [calendar.is_working_day(date(2031, 1, day)) for day in (1, 4, 6)] == [True, False, True]
    assert calendar.years_without_notice == {2031}
