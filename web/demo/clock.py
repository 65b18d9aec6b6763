"""A clock that stands still until it is moved: the demo's past is made with it.

Decides nothing. Only the seeding of the demo and tests use it; a running application has the system's clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta


class SettableClock:
    """Behind the Clock port."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """The moment it was set to."""
        return self._moment

    def set(self, moment: datetime) -> None:
        """Set it; never backwards, so that events keep their order."""
        self._moment = max(self._moment, moment)

    def move(self, step: timedelta) -> None:
        """Move it forwards."""
        self._moment += step
