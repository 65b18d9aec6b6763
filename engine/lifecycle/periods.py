"""Periods as forms name them: a year `2026`, a half `2026-H1`, a quarter `2026-Q2`, a month `2026-05`.

Decides their first and last days. Knows no calendar of working days.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

MONTHS_IN_A_QUARTER: Final = 3
MONTHS_IN_A_HALF: Final = 6


def quarter_of(day: date) -> str:
    """`2026-Q1` for any day of January to March 2026."""
    return f"{day.year}-Q{(day.month - 1) // MONTHS_IN_A_QUARTER + 1}"


def period_of(every: str, day: date) -> str:
    """The month, quarter or half (`every`) that a day lies in."""
    if every == "month":
        return f"{day.year}-{day.month:02}"
    return quarter_of(day) if every == "quarter" else f"{day.year}-H{(day.month - 1) // MONTHS_IN_A_HALF + 1}"


def every_of(months: int) -> str:
    """The name of a period of so many months."""
    return {MONTHS_IN_A_QUARTER: "quarter", MONTHS_IN_A_HALF: "half"}.get(months, "month")


def months_of(every: str) -> int:
    """How many months a period of that name has."""
    return {"quarter": MONTHS_IN_A_QUARTER, "half": MONTHS_IN_A_HALF}.get(every, 1)


def bounds(period: str) -> tuple[str, str]:
    """First and last day of `2026`, `2026-H1`, `2026-Q2` or `2026-05`, as YYYY-MM-DD."""
    year, _, part = period.partition("-")
    if not part:
        first, months = 1, 12
    elif part[0] == "H":
        first, months = (int(part[1]) - 1) * MONTHS_IN_A_HALF + 1, MONTHS_IN_A_HALF
    elif part[0] == "Q":
        first, months = (int(part[1]) - 1) * MONTHS_IN_A_QUARTER + 1, MONTHS_IN_A_QUARTER
    else:
        first, months = int(part), 1
    after = int(year) * 12 + first - 1 + months
    end = date(after // 12, after % 12 + 1, 1) - timedelta(days=1)
    return f"{year}-{first:02}-01", end.isoformat()
