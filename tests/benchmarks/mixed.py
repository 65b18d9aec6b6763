"""An agency with thousands of documents of every form: the demo's, real entries, and rows made after them.

Decides the mixture. The demo's documents and the entries are signed, sealed and in the journal, so that they
can be opened; what only stands in lists is a row of the projection after one of them, in another state, of
another day, with a summary sealed for it and index bits of its own.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

from engine.desk import attaching, submitting
from engine.desk.desk import Desk
from engine.desk.lookups import SUMMARY
from engine.identity import parse_utc, utc_text
from engine.ports import Access, ListView
from engine.projection import Changes, DocumentRow
from engine.trust import identifiers
from storage.projection import TinyStore
from tests.benchmarks.agency import CLERK, at_work
from tests.benchmarks.material import FILES, FORM, Answers, scan
from web.assemble import is_agency, open_desk
from web.demo.seed import seed

SHARES: Final[Mapping[str, float]] = {
    FORM: 0.60, "info_update": 0.20, "info_query": 0.08, "query_result": 0.07, "opinion": 0.02,
}  # fmt: skip
"""Of so many documents; the other forms share the rest: an agency has few inspections under way."""
OPEN: Final = 0.15
DAYS: Final = 300
NAMED: Final = ("doc", "doc_id", "doc_no")
READ_BEFORE: Final = 2
"""Entries in the access log for each document."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """What the folder holds: the documents that can be opened, and how many there are by form."""

    real: tuple[str, ...]
    by_form: Mapping[str, int]


def make(data: Path, documents: int, entries: int, now: datetime | None = None) -> Mixed:
    """Fill an empty folder with so many documents, of which so many are entries that can be opened."""
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    if not is_agency(data):
        seed(data, moment)
    opened = open_desk(data)
    try:
        desk = opened.desk
        first = [row["doc"] for row in desk.store.rows()]
        _enter(desk, entries)
        entered = [row for row in desk.store.rows() if row["doc"] not in first]
        made = _Maker(desk, moment)
        made.spread(entered)
        made.repeat([row for doc in first if (row := desk.store.get(doc)) is not None], documents)
        _read(desk, [row["doc"] for row in entered], documents * READ_BEFORE)
        return Mixed((*first, *(row["doc"] for row in entered)), count_by_form(desk))
    finally:
        opened.close()


def count_by_form(desk: Desk) -> dict[str, int]:
    """How many documents there are of each form."""
    return {form: desk.store.count(ListView(forms=(form,))) for form in desk.registry.forms()}


def _enter(desk: Desk, many: int) -> None:
    """So many people entered through the desk."""
    clerk, unlock = at_work(desk, CLERK)
    digests = [attaching.attach(desk, clerk, scan(n), "application/pdf").sha256 for n in range(FILES)]
    answers = Answers(digests)
    for start in range(0, many, 256):
        promised = [
            submitting.submit(
                desk, clerk, submitting.Submission(FORM, answers.about(n), f"mixed-{n}"), unlock
            ).future
            for n in range(start, min(start + 256, many))
        ]
        for one in promised:
            one.result(60)


def _read(desk: Desk, docs: list[str], many: int) -> None:
    """An access log as long as reviewing all of them makes it."""
    clerk, _ = at_work(desk, CLERK)
    for n in range(many if docs else 0):
        doc = docs[n % len(docs)]
        at = utc_text(desk.clock.now())
        desk.access.write(Access(at, clerk.person, "acceptance_clerk", doc, ("P1",), "open", "mine"))


class _Maker:
    """Rows after rows: the same choice in every run."""

    def __init__(self, desk: Desk, now: datetime) -> None:
        self._desk, self._now = desk, now
        self._chance = random.Random(10_000)
        self._store = cast(TinyStore, desk.store)
        self._made = 0

    def spread(self, rows: list[DocumentRow]) -> None:
        """Leave real documents in every state, filed on many days."""
        for row in rows:
            self._put({**row, **self._moved(row)})

    def repeat(self, patterns: list[DocumentRow], wanted: int) -> None:
        """Rows after patterns until there are so many documents, each form with its share."""
        by_form: dict[str, list[DocumentRow]] = {}
        for row in patterns:
            by_form.setdefault(row["form"], []).append(row)
        rest = (1 - sum(SHARES.values())) / max(1, len(by_form.keys() - SHARES.keys()))
        for form, rows in by_form.items():
            missing = int(SHARES.get(form, rest) * wanted) - self._desk.store.count(ListView(forms=(form,)))
            for n in range(missing):
                self._put(self._another(rows[n % len(rows)]))

    def _another(self, row: DocumentRow) -> Mapping[str, Any]:
        self._made += 1
        doc = identifiers.doc_id(self._chance.randbytes(16))
        vault, sealed = self._desk.vault, bytes.fromhex(row["summary"])
        shown = vault.open_note(SUMMARY, sealed, row["doc"].encode()) if sealed else b""
        number = f"{self._made:06d}"
        return {
            **row,
            **self._moved(row),
            "doc": doc,
            "doc_id": re.sub(r"-\d{6}-", f"-{900_000 + self._made}-", row["doc_id"], count=1),
            "doc_no": re.sub(r"\d+(?=\D*\Z)", number, row["doc_no"], count=1),
            "summary": vault.seal_note(SUMMARY, shown, doc.encode()).hex() if shown else "",
            "blind": {name: self._bits(len(bits)) for name, bits in row["blind"].items()},
        }

    def _bits(self, digits: int) -> str:
        return self._chance.randbytes(digits).hex()[:digits]

    def _moved(self, row: DocumentRow) -> dict[str, Any]:
        """Another state and other days, as much open as an agency has."""
        states = self._desk.registry.by_digest(row["digest"]).workflow
        names = [one for one in states.states if one != states.initial]
        waits = [one for one in names if any(t.due for t in states.leaving(one))]
        settled = [one for one in names if one not in waits] or names
        is_open = bool(waits) and self._chance.random() < OPEN
        days, minutes = self._chance.randrange(20 if is_open else DAYS), self._chance.randrange(500)
        back = timedelta(days=days, minutes=minutes)

        def earlier(text: str) -> str:
            return utc_text(parse_utc(text) - back) if text else text

        due = utc_text(self._now + timedelta(days=self._chance.randrange(-2, 20))) if is_open else ""
        return {
            "state": self._chance.choice(waits if is_open else settled),
            "submitted_at": earlier(row["submitted_at"]),
            "created_at": earlier(row["created_at"]),
            "state_since": earlier(row["state_since"]),
            "due_at": due,
            "steps": [{**one, "at": earlier(one["at"])} for one in row["steps"]],
        }

    def _put(self, row: Mapping[str, Any]) -> None:
        # The row stands at the newest record, as if that had brought it about.
        index = self._store.size - 1
        self._store._size = index
        self._store.apply(index, Changes(row=cast(DocumentRow, dict(row))))
