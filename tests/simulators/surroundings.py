"""Time, chance and working days as a test wants them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256


class FixedClock:
    """A clock that moves only when told."""

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now or datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, **duration: float) -> None:
        """Move by `timedelta(**duration)`."""
        self._now += timedelta(**duration)

    def set(self, now: datetime) -> None:
        self._now = now


class SeededRandomness:
    """The same bytes on every run of a test; never twice the same."""

    def __init__(self, seed: bytes = b"a test") -> None:
        self._seed, self._count = seed, 0

    def bytes(self, count: int) -> bytes:
        made = b""
        while len(made) < count:
            self._count += 1
            made += sha256(self._seed + self._count.to_bytes(8, "big")).digest()
        return made[:count]


class WeekdayCalendar:
    """Monday to Friday, with named holidays and named make-up days."""

    def __init__(self, holidays: Iterable[date] = (), make_up_days: Iterable[date] = ()) -> None:
        self._holidays, self._make_up_days = frozenset(holidays), frozenset(make_up_days)

    def is_working_day(self, day: date) -> bool:
        return day in self._make_up_days or (day.weekday() < 5 and day not in self._holidays)
