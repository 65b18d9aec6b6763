"""Working days of the People's Republic by the yearly notices of the State Council.

Decides whether a day is a working day. Never decides a deadline: engine.lifecycle.deadlines does.
Years without a published notice count Monday to Friday, and the log says so once for each such year.
"""

from __future__ import annotations

import logging
from datetime import date
from functools import lru_cache

import chinese_calendar

_log = logging.getLogger(__name__)


class StateCouncilCalendar:
    """Behind the Calendar port; the table of days comes with the chinesecalendar package."""

    def __init__(self) -> None:
        self._is_working_day = lru_cache(maxsize=4096)(self._look_up)
        self._years_without_notice: set[int] = set()

    @property
    def years_without_notice(self) -> frozenset[int]:
        """Years asked for so far whose working days are only assumed."""
        return frozenset(self._years_without_notice)

    def knows(self, year: int) -> bool:
        """Whether the notice of a year is in the table of days."""
        try:
            chinese_calendar.is_workday(date(year, 12, 31))
        except NotImplementedError:
            return False
        return True

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on `day`: make-up Saturdays and Sundays do, public holidays do not."""
        return self._is_working_day(day)

    def _look_up(self, day: date) -> bool:
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            if day.year not in self._years_without_notice:
                self._years_without_notice.add(day.year)
                _log.warning("calendar.year_without_notice", extra={"year": day.year})
            return day.weekday() < 5
