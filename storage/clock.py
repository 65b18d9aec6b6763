"""The clock of the machine, in UTC.

Decides nothing about deadlines or dates for people; never used in engine or forms, which are given a time.
"""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Behind the Clock port."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        return datetime.now(UTC)
