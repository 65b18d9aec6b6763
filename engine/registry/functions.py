"""The functions that rules, guards and computed fields may call beyond standard CEL.

Decides arithmetic on whole numbers, dates and codes. No floats: money is counted in cents, ratios in
ten-thousandths. A value of the wrong shape raises ValueError with a fixed text, never with the value:
the message of a failed evaluation may reach a log.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from engine.lifecycle.deadlines import SHANGHAI
from engine.registry import numbers
from engine.registry.formats import parse_date_time

_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?")
_YEAR_MONTH = re.compile("[0-9]{4}-(0[1-9]|1[0-2])")

Table = Mapping[str, tuple[tuple[str, str], ...]]
"""code -> the days it is valid, as (from, to), both included, YYYY-MM-DD."""


def cents(amount: str) -> int:
    """Hundredths of a decimal string: "12.34" → 1234. More than two decimals is refused."""
    return _scaled(amount, 2)


def micro(amount: str) -> int:
    """Ten-thousandths of a decimal string: "0.9" → 9000."""
    return _scaled(amount, 4)


def _scaled(amount: str, places: int) -> int:
    if not isinstance(amount, str) or not _DECIMAL.fullmatch(amount):
        raise ValueError("not a decimal")
    whole, _, rest = amount.partition(".")
    if len(rest) > places:
        raise ValueError("too many decimals")
    value = int(whole.lstrip("-") + rest.ljust(places, "0"))
    return -value if amount.startswith("-") else value


def round_cents(amount: int, ratio: int) -> int:
    """cents × ten-thousandths, rounded half up (away from zero) to cents."""
    product = amount * ratio
    rounded = (abs(product) + 5_000) // 10_000
    return rounded if product >= 0 else -rounded


def _day(text: str) -> date:
    found = numbers.parse_date(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("not a date")
    return found


def days(start: str, end: str) -> int:
    """Days from `start` to `end` (end − start)."""
    return (_day(end) - _day(start)).days


def months(start: str, end: str) -> int:
    """Whole months from `start` to `end`, each YYYY-MM or YYYY-MM-DD; negative when `end` is earlier."""
    first, last = _month_and_day(start), _month_and_day(end)
    if last < first:
        return -_whole_months(last, first)
    return _whole_months(first, last)


def _whole_months(first: tuple[int, int], last: tuple[int, int]) -> int:
    return last[0] - first[0] - (1 if last[1] < first[1] else 0)


def _month_and_day(text: str) -> tuple[int, int]:
    if isinstance(text, str) and _YEAR_MONTH.fullmatch(text):
        return int(text[:4]) * 12 + int(text[5:7]), 1
    day = _day(text)
    return day.year * 12 + day.month, day.day


def add_months(start: str, count: int) -> str:
    """The same day `count` months later, or the last day of that month when it has none (YYYY-MM-DD)."""
    day = _day(start)
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not 1 <= year <= 9998:
        raise ValueError("beyond the calendar")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])).isoformat()


def age(birth: str, on: str) -> int:
    """Full years of age on a day; one born on 29 February is a year older on 1 March of common years."""
    born, day = _day(birth), _day(on)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _moment(text: str) -> datetime:
    found = parse_date_time(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("not a date and time")
    return found


def date_of(moment: str) -> str:
    """The day of a moment in Asia/Shanghai, YYYY-MM-DD."""
    return _moment(moment).astimezone(SHANGHAI).date().isoformat()


def distinct(values: Iterable[Any]) -> bool:
    """True when no value of the list occurs twice."""
    seen = list(values)
    return all(value not in seen[:place] for place, value in enumerate(seen))


def total(values: Iterable[int]) -> int:
    """The sum of whole numbers; booleans and anything else are refused."""
    out = 0
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("not a whole number")
        out += value
    return out


def _text(check: Callable[[str], Any]) -> Callable[[Any], Any]:
    def guarded(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("not a text")
        return check(value)

    return guarded


def size(value: Any) -> int:
    """Characters (code points) of a text, items of a list, keys of a map."""
    if not isinstance(value, (str, list, dict)):
        raise ValueError("not a text, a list or a map")
    return len(value)


# Stands for `size` in compiled expressions, see expressions.
SIZE: Final = "lens"

FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "id_no_ok": _text(numbers.is_id_no),
    "id_no_birth": _text(numbers.id_no_birth),
    "id_no_sex": _text(numbers.id_no_sex),
    "id_no_region": _text(numbers.id_no_region),
    "uscc_ok": _text(numbers.is_uscc),
    "luhn_ok": _text(numbers.is_luhn),
    "doc_id_ok": _text(numbers.is_doc_id),
    "has_identity_number": _text(numbers.has_identity_number),
    "province_known": _text(numbers.is_known_province),
    "cents": cents,
    "micro": micro,
    "round_cents": round_cents,
    "days": days,
    "months": months,
    "add_months": add_months,
    "age": age,
    "date_of": date_of,
    "time_of": _moment,
    "distinct": distinct,
    "sum": total,
    SIZE: size,
}
NAMES: Final = frozenset(FUNCTIONS) | {"in_table"}


def functions_for(tables: Mapping[str, Table]) -> dict[str, Callable[..., Any]]:
    """The functions of one form, with `in_table(name, code, on)` bound to its pinned code tables."""

    def in_table(name: str, code: str, on: str) -> bool:
        if name not in tables:
            raise ValueError("no such table")
        return any(first <= on <= last for first, last in tables[name].get(code, ()))

    return {**FUNCTIONS, "in_table": in_table}
