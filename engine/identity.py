"""Names of things: small frozen types for identifiers, and how each is written.

Decides how identifiers are spelled and checked. Never makes one: randomness and counters are arguments.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NewType

FormId = NewType("FormId", str)
DocumentId = NewType("DocumentId", str)  # 26 characters, lower-case base32 of 128 random bits
PersonId = NewType("PersonId", str)  # "p_" + 16 characters, lower-case base32 of 80 random bits
Digest = NewType("Digest", str)  # 64 lower-case hexadecimal digits of SHA-256

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one offset all year since 1991; limits and dates for people count in it (domain O21)."""

_DOCUMENT = re.compile(r"[a-z2-7]{26}\Z")
_VERSION = re.compile(r"(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\Z")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A form version, `major.minor.patch` (forms.md §5); ordered by number, not by text."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def parse_version(text: str) -> Version | None:
    """The version a text names, or None when it names none."""
    found = _VERSION.match(text)
    return Version(int(found[1]), int(found[2]), int(found[3])) if found else None


def is_document_id(text: str) -> bool:
    """Whether a text is spelled like a document's technical id."""
    return _DOCUMENT.match(text) is not None


def names_a_document(value: object) -> bool:
    """Whether a value is spelled like a document's technical id or like the id people read."""
    return isinstance(value, str) and (value.startswith("LTCI-") or is_document_id(value))


def base32(data: bytes) -> str:
    """Lower-case base32 without padding (RFC 4648 §6)."""
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def utc_text(moment: datetime) -> str:
    """A moment as signed data writes it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def parse_utc(text: str) -> datetime:
    """The moment a `utc_text` names."""
    return datetime.fromisoformat(text)


def local_day(moment: datetime) -> str:
    """The calendar day in Asia/Shanghai, `YYYY-MM-DD`."""
    return moment.astimezone(SHANGHAI).date().isoformat()


def local_date(moment: datetime) -> date:
    """The calendar day in Asia/Shanghai, by which versions come into force."""
    return moment.astimezone(SHANGHAI).date()


def luhn_digit(digits: str) -> str:
    """The check digit that makes `digits` + it pass Luhn (ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str((10 - total % 10) % 10)


def document_number(kind: str, region: str, day: str, sequence: int) -> str:
    """The document id people read, `LTCI-<KIND>-<region6>-<yyyymmdd>-<seq6>-<luhn>` (domain B.9)."""
    body = f"{region}{day.replace('-', '')}{sequence:06d}"
    return f"LTCI-{kind}-{region}-{day.replace('-', '')}-{sequence:06d}-{luhn_digit(body)}"


def official_number(letter: str, year: str, number: int) -> str:
    """The official number 文号, `长护录〔2026〕123号`: six-corner brackets, no leading zero (domain B.9)."""
    return f"长护{letter}〔{year}〕{number}号"
