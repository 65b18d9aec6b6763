"""Limits in working days and hours, counted as the law counts them.

Decides when a limit ends and how much of it is left. Never knows holidays: the calendar is passed in.
Civil Code art. 201: the day of the beginning is not counted. Art. 203: where there are business hours the
last day ends when business stops. Server time decides (domain.md K7); days are those of Asia/Shanghai,
which has had no summer time since 1991, so a fixed offset is exact.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final, Protocol

from engine.errors import Broken

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
END_OF_BUSINESS: Final = time(17, 30)
# A calendar that calls no day a working day for this long is a broken calendar, not a long holiday.
LONGEST_BREAK: Final = 60


class Calendar(Protocol):
    """The State Council calendar: make-up Saturdays and Sundays are working days, holidays are not."""

    def is_working_day(self, day: date) -> bool: ...


def due_at(
    calendar: Calendar, start: datetime, *, working_days: int | None = None, hours: int | None = None
) -> datetime:
    """The end of a limit that begins at `start` (aware); UTC.

    Exactly one is given: `working_days` (the end of business on that working day) or `hours` (clock hours).
    """
    if (working_days is None) == (hours is None):
        raise ValueError("a limit has either working_days or hours")
    if hours is not None:
        return (start + timedelta(hours=hours)).astimezone(UTC)
    day = start.astimezone(SHANGHAI).date()
    for _ in range(working_days or 0):
        day = next_working_day(calendar, day)
    return datetime.combine(day, END_OF_BUSINESS, SHANGHAI).astimezone(UTC)


def end_of_day(day: str) -> datetime:
    """The end of business on a day (YYYY-MM-DD), UTC."""
    return datetime.combine(date.fromisoformat(day), END_OF_BUSINESS, SHANGHAI).astimezone(UTC)


def next_working_day(calendar: Calendar, day: date) -> date:
    """The first working day after `day`."""
    for ahead in range(1, LONGEST_BREAK + 1):
        candidate = day + timedelta(days=ahead)
        if calendar.is_working_day(candidate):
            return candidate
    raise Broken("calendar.no_working_day", after=day.isoformat())


def remaining(calendar: Calendar, now: datetime, due: datetime) -> int:
    """Working days left until `due`: 0 on the last day, negative once it is missed (at least −1)."""
    today, last = now.astimezone(SHANGHAI).date(), due.astimezone(SHANGHAI).date()
    if now <= due:
        return count_working_days(calendar, today, last)
    return -max(1, count_working_days(calendar, last, today))


def count_working_days(calendar: Calendar, after: date, through: date) -> int:
    """How many working days lie after `after`, up to and including `through`."""
    return sum(
        calendar.is_working_day(after + timedelta(days=ahead))
        for ahead in range(1, (through - after).days + 1)
    )
