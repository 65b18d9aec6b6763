"""What is submitted: example 1 of the entry form, each time for another invented person.

Decides names and numbers only. The region code of every id number is an unassigned one.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

import schemas
from engine.identity import SHANGHAI

FORM = "info_entry"
FILES = 5
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DAYS = 14_000
_FIRST_BIRTH = date(1925, 1, 1)


def id_number(number: int) -> str:
    """The id number of the n-th invented person (a woman): 14,000 birthdays × 500 women a day."""
    day = _FIRST_BIRTH + timedelta(days=number % _DAYS)
    first = f"310199{day:%Y%m%d}{number // _DAYS * 2:03d}"
    rest = sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11
    return first + "10X98765432"[rest]


def scan(place: int) -> bytes:
    """The n-th attachment: a small one-page PDF."""
    return b"%%PDF-1.4\n%% page %d of the benchmark\n%%%%EOF\n" % place


class Answers:
    """Answers about numbered people, collected half an hour before they were made."""

    def __init__(self, digests: list[str]) -> None:
        folder = schemas.root().joinpath(FORM, "1.0.0", "examples")
        self._plain = json.loads(folder.joinpath("ok-1-first-assessment.json").read_bytes())["data"]
        local = datetime.now(UTC).astimezone(SHANGHAI).replace(microsecond=0)
        self._plain["entry"]["collected_at"] = (local - timedelta(minutes=28)).isoformat()
        self._plain["consent"]["notice_at"] = (local - timedelta(minutes=30)).isoformat()
        year, month = (int(part) for part in self._plain["health"]["onset_month"].split("-"))
        self._plain["health"]["duration_months"] = (local.year - year) * 12 + local.month - month
        for listed, digest in zip(self._plain["files"], digests, strict=True):
            listed["sha256"] = digest
        self._bytes = orjson.dumps(self._plain)  # a copy by reading is ten times as quick

    def about(self, number: int) -> dict[str, Any]:
        """The answers about one person."""
        answers: dict[str, Any] = orjson.loads(self._bytes)
        insured = answers["insured"]
        insured["id_no"] = identity = id_number(number)
        insured["birth_date"] = f"{identity[6:10]}-{identity[10:12]}-{identity[12:14]}"
        answers["insurance"]["psn_no"] = f"3100000000000{number:07d}"
        return answers
