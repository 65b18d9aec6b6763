"""Check digits and dates of the numbers that stand on Chinese forms (domain.md B.8).

Decides whether a number can be real. Never demands a current region: abolished regions stay valid, so only
the two province digits of an id number are ever compared. No function raises for any string.
"""

from __future__ import annotations

import re
from datetime import date
from operator import mul
from typing import Final

from stdnum import luhn
from stdnum.cn import uscc

# GB/T 2260: 31 mainland provinces, Taiwan, Hong Kong, Macao; 83 stands in residence permits of Taiwan people.
PROVINCES: Final = frozenset(
    f"{code}"
    for code in (
        *(11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46),
        *(50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83),
    )
)
# From the year 1000, so that no time zone can carry a moment out of the calendar.
CENTURY_DAY: Final = "[1-9][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
# These few are ours, fixed and without nested repeats, so the standard library's engine is safe and quicker.
_ID_NO = re.compile(
    "[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]"
)
_USCC = re.compile("[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
# The kind is the form's own word (x-header): a new form needs no new release.
_DOC_ID_SHAPE: Final = "LTCI-[A-Z]{3}-([0-9]{6})-([0-9]{8})-([0-9]{6})-([0-9])"
_DOC_ID = re.compile(_DOC_ID_SHAPE)
_DATE = re.compile(CENTURY_DAY)
# Fewer than this cannot be part of a number of a person; most remarks end here.
_SEVEN_DIGITS = re.compile("(?:[0-9０-９][ 　-]?){7}")
_WEIGHTS_11643: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_WEIGHTS_11714: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ALPHABET_11714: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def parse_date(text: str) -> date | None:
    """The day written YYYY-MM-DD, or None when there is no such day."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date(int(text[:4]), int(text[5:7]), int(text[8:10]))
    except ValueError:
        return None


def id_no_birth(number: str) -> str | None:
    """The birth date in an 18-digit resident id number (GB 11643), YYYY-MM-DD; None when there is none."""
    if not _ID_NO.fullmatch(number):
        return None
    text = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    return text if parse_date(text) else None


def id_no_sex(number: str) -> str | None:
    """GB/T 2261.1 from the 17th digit: odd "1" male, even "2" female."""
    if not _ID_NO.fullmatch(number):
        return None
    return "1" if int(number[16]) % 2 else "2"


def id_no_region(number: str) -> str | None:
    """The region of first registration, the first six digits (GB 11643); it may be abolished since."""
    return number[:6] if _ID_NO.fullmatch(number) else None


def is_id_no(number: str) -> bool:
    """GB 11643: shape, a real date, the check digit. The region is not looked up."""
    if id_no_birth(number) is None:
        return False
    return "10X98765432"[sum(map(mul, map(int, number[:17]), _WEIGHTS_11643)) % 11] == number[17]


def is_known_province(code: str) -> bool:
    """True when the first two digits name a province of GB/T 2260."""
    return code[:2] in PROVINCES


def org_code_check_digit(body: str) -> str:
    """GB 11714: the check character of the first eight characters of an organization code."""
    rest = 11 - sum(map(mul, map(_ALPHABET_11714.index, body), _WEIGHTS_11714)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def is_uscc(number: str) -> bool:
    """GB 32100: shape, its check character, and that of the organization code inside it (GB 11714)."""
    if not _USCC.fullmatch(number):
        return False
    return bool(
        uscc.calc_check_digit(number[:17]) == number[17] and org_code_check_digit(number[8:16]) == number[16]
    )


def is_luhn(number: str) -> bool:
    """The Luhn check of a personal bank card."""
    return number.isascii() and number.isdigit() and bool(luhn.checksum(number) == 0)


def is_doc_id(number: str) -> bool:
    """A document id (domain.md B.9): shape, and Luhn over region, day and serial."""
    found = _DOC_ID.fullmatch(number)
    if not found:
        return False
    region, day, serial, check = found.groups()
    return is_luhn(region + day + serial + check)


def has_identity_number(text: str) -> bool:
    """True when free text carries an id number, a bank card or a mobile number (domain.md K9).

    Spaces and dashes between digits do not hide a number; check digits keep false alarms rare. Document ids
    are not numbers of a person and are passed over.
    """
    if not _SEVEN_DIGITS.search(text):
        return False
    return any(_is_personal(run) for run in _digit_runs(_DOC_ID.sub("", text)))


def _digit_runs(text: str) -> list[str]:
    """Runs of 11 and more digits (full-width too), joined over single spaces and dashes; a last X is kept."""
    runs: list[str] = []
    current = ""
    gap = False
    for char in text:
        value = ord(char) - 0xFEE0 if "０" <= char <= "９" else ord(char)
        if 48 <= value <= 57:
            current += chr(value)
            gap = False
        elif char in "xXｘＸ" and len(current) == 17:
            runs.append(current + "X")
            current = ""
        elif char in " -　" and current and not gap:
            gap = True
        else:
            runs.append(current)
            current, gap = "", False
    runs.append(current)
    return [run for run in runs if len(run) >= 11]


def _is_personal(run: str) -> bool:
    """True when a run is, or hides at its begin or end, a number of a person."""
    if is_id_no(run[:18]) or is_id_no(run[-18:]):
        return True
    if 16 <= len(run) <= 19 and is_luhn(run):
        return True
    return len(run) == 11 and run[0] == "1" and run[1] in "3456789"
