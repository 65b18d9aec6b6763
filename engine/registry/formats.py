"""The named formats of our forms (forms.md §2), asserted by both validators and hinted to browsers.

Decides shape only, plus the calendar for dates. Check digits of people's and organizations' numbers are
rules of the form with their own sentence (some lawful numbers fail them, domain.md B.8), not formats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from engine.registry import numbers

# Sources: domain.md C.4 "Named patterns"; ICD-10 Chinese clinical edition allows lower-case x as filler.
PATTERNS: Final[Mapping[str, str]] = {
    "id_no": "^[1-9][0-9]{5}(18|19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]$",
    "uscc": "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$",
    "bank_card": "^[0-9]{16,19}$",
    "mobile": "^1[3-9][0-9]{9}$",
    "phone": "^(1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,6})?)$",
    "region": "^[1-9][0-9]{5}$",
    "street": "^[1-9][0-9]{8}$",
    "icd10": "^[A-Z][0-9]{2}(\\.[0-9A-Zx]{1,7})?$",
    "staff_no": "^(YW|SH|LP|IT|XX|WB|PG)[0-9]{6}$",
    "account_no": "^(YW|SH|LP|IT|XX|WB|PG)[0-9]{6}(-[0-9]{1,3})?$",
    "psn_no": "^[0-9A-Z]{8,30}$",
    "year_month": "^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$",
    "period": "^20[0-9]{2}(-(0[1-9]|1[0-2])|-Q[1-4]|-H[12])?$",
    "semver": "^[0-9]+\\.[0-9]+\\.[0-9]+$",
    "hex64": "^[0-9a-f]{64}$",
    "rate": "^(1(\\.00)?|0(\\.[0-9]{1,4})?)$",
}
# RFC 3339 §5.6 date-time with a mandatory offset; upper case, no leap seconds.
DATE_TIME: Final = (
    f"{numbers.CENTURY_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{{1,9}})?"
    "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_DATE_TIME = re.compile(DATE_TIME)


def is_date(text: str) -> bool:
    """A real day, YYYY-MM-DD (RFC 3339 full-date)."""
    return numbers.parse_date(text) is not None


def is_date_time(text: str) -> bool:
    """A real moment with an offset, `2026-03-05T09:42:10+08:00`."""
    return parse_date_time(text) is not None


def parse_date_time(text: str) -> datetime | None:
    """The aware moment, or None. Fractions beyond microseconds are cut."""
    if not _DATE_TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _by_pattern(pattern: str) -> Callable[[str], bool]:
    # Fixed patterns of ours without nested repeats: the standard library's engine is safe and quicker.
    match = re.compile(pattern.removeprefix("^").removesuffix("$")).fullmatch
    return lambda text: match(text) is not None


_CHECKS: dict[str, Callable[[str], bool]] = {
    **{name: _by_pattern(pattern) for name, pattern in PATTERNS.items()},
    "doc_id": numbers.is_doc_id,
    "date": is_date,
    "date-time": is_date_time,
}


def _for_any_value(check: Callable[[str], bool]) -> Callable[[Any], bool]:
    """A format speaks about strings only; every other type passes (JSON Schema Validation §7)."""
    return lambda value: not isinstance(value, str) or check(value)


FORMATS: Final[Mapping[str, Callable[[Any], bool]]] = {
    name: _for_any_value(check) for name, check in _CHECKS.items()
}


# What the fast validator checks in place of a format, without calling back into Python: it knows the
# calendar itself and takes patterns. Held equal to FORMATS by a test.
NATIVE: Final[Mapping[str, Mapping[str, str]]] = {
    **{name: {"pattern": pattern} for name, pattern in PATTERNS.items()},
    "date": {"format": "date", "pattern": f"^(?:{numbers.CENTURY_DAY})$"},
    "date-time": {"format": "date-time", "pattern": f"^(?:{DATE_TIME})$"},
}


def holds(name: str, value: Any) -> bool:
    """True when `value` has the named format; an unknown name asserts nothing."""
    check = FORMATS.get(name)
    return check is None or check(value)
