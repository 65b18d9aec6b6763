"""Check digits and dates of the numbers that stand on Chinese forms (domain.md B.8).

Decides whether a number can be real. Never demands a current region: abolished regions stay valid, so only
the two province digits of an id number are ever compared. No function raises for any string.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import re2
from stdnum import luhn
from stdnum.cn import ric, uscc

# GB/T 2260: 31 mainland provinces, Taiwan, Hong Kong, Macao; 83 stands in residence permits of Taiwan people.
PROVINCES: Final = frozenset(
    ["11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83"]
)
CENTURY_DAY: Final = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_ID_NO = re2.compile(
    "^[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]$"
)
_USCC = re2.compile("^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$")
_DOC_ID = re2.compile("^LTCI-(?:ENT|UPD|QRY|QRS|INS|FBK|RCT|PRV|RVN|OPN)-([0-9]{6})-([0-9]{8})-([0-9]{6})-([0-9])$")
_DATE = re2.compile(f"^{CENTURY_DAY}$")
_WEIGHTS_11714: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ALPHABET_11714: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def parse_date(text: str) -> date | None:
    """The day written YYYY-MM-DD, or None when there is no such day."""
    if not _DATE.search(text):
        return None
    try:
        return date(int(text[:4]), int(text[5:7]), int(text[8:10]))
    except ValueError:
        return None


def id_no_birth(number: str) -> str | None:
    """The birth date in an 18-digit resident id number (GB 11643), YYYY-MM-DD; None when there is none."""
    if not _ID_NO.search(number):
        return None
    text = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    return text if parse_date(text) else None


def id_no_sex(number: str) -> str | None:
    """GB/T 2261.1 from the 17th digit: odd "1" male, even "2" female."""
    if not _ID_NO.search(number):
        return None
    return "1" if int(number[16]) % 2 else "2"


def is_id_no(number: str) -> bool:
    """GB 11643: shape, a real date, the check digit. The region is not looked up."""
    return id_no_birth(number) is not None and ric.calc_check_digit(number) == number[17]


def is_known_province(code: str) -> bool:
    """True when the first two digits name a province of GB/T 2260."""
    return code[:2] in PROVINCES


def org_code_check_digit(body: str) -> str:
    """GB 11714: the check character of the first eight characters of an organization code."""
    total = sum(_ALPHABET_11714.index(char) * weight for char, weight in zip(body, _WEIGHTS_11714, strict=True))
    rest = 11 - total % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def is_uscc(number: str) -> bool:
    """GB 32100: shape, its check character, and that of the organization code inside it (GB 11714)."""
    if not _USCC.search(number):
        return False
    return bool(
        uscc.calc_check_digit(number[:17]) == number[17] and org_code_check_digit(number[8:16]) == number[16]
    )


def is_luhn(number: str) -> bool:
    """The Luhn check of a personal bank card."""
    return number.isascii() and number.isdigit() and bool(luhn.checksum(number) == 0)


def is_doc_id(number: str) -> bool:
    """A document id (domain.md B.9): shape, and Luhn over region, day and serial."""
    found = _DOC_ID.search(number)
    if not found:
        return False
    region, day, serial, check = found.groups()
    return is_luhn(region + day + serial + check)


def has_identity_number(text: str) -> bool:
    """True when free text carries an id number, a bank card or a mobile number (domain.md K9).

    Spaces and dashes between digits do not hide a number; check digits keep false alarms rare.
    """
    return any(_is_personal(run) for run in _digit_runs(text))


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
