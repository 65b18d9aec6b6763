"""What is counted of one document, folded from its row alone; and the book of it, kept up as events come.

Decides what counts as decided, returned, effective, corrected and waiting. Opens nothing: a fact holds
states, days and numbers, and no value of a sealed part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any, Final

from engine.desk.desk import Desk
from engine.identity import local_date, parse_utc
from engine.lifecycle.deadlines import count_working_days
from engine.lifecycle.measures import Meaning
from engine.projection import OVERDUE, DocumentRow
from engine.trust.envelope import EVENT

READ_ALL_AFTER: Final = 3_000
"""So many events behind, reading every row anew is quicker than reading the events."""
MOST_REMEMBERED: Final = 64
UNDECIDED: Final = -1
"""In place of a number of days."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One document as it is counted. `month` is that of its filing, `since` the day (local) on which it came
    to where it stands; `days` are the working days from filing to the first decision, UNDECIDED before;
    `filled` of the `asked` fields were there in its newest revision."""

    doc: str
    doc_id: str
    form: str
    digest: str
    unit: str
    region: str
    state: str
    created_by: str
    submitted_by: str
    collector: str
    claimed_by: str
    month: str
    filed_on: str
    since: date
    due_at: str
    missed: bool
    returned: bool
    effective: bool
    waits: bool
    days: int
    filled: int
    asked: int

    def has_missed(self, now: str) -> bool:
        """Whether it was late, or missed a limit by a moment (UTC text); once missed, it stays (K7)."""
        return self.missed or "" < self.due_at < now


def fact_of(
    row: DocumentRow, meaning: Meaning, final: frozenset[str], working_days: Callable[[date, date], int]
) -> Fact:
    """What is counted of a row. `final` are the states that its form version calls final, `working_days`
    counts those after a day up to another."""
    filed = _day(row["steps"][0]["at"])
    been = {one["target"] for one in row["steps"]}
    decided = next((one["at"] for one in row["steps"] if one["target"] in meaning.decided), "")
    filled, asked = row.get("filled") or (0, 0)
    return Fact(
        doc=row["doc"],
        doc_id=row["doc_id"],
        form=row["form"],
        digest=row["digest"],
        unit=row["unit"],
        region=row["region"],
        state=row["state"],
        created_by=row["created_by"],
        submitted_by=row["submitted_by"],
        collector=row["collector"],
        claimed_by=row["claimed_by"],
        month=f"{filed:%Y-%m}",
        filed_on=filed.isoformat(),
        since=_day(row["state_since"]),
        due_at=row["due_at"],
        missed=row["late"] or OVERDUE in row["flags"],
        returned=not been.isdisjoint(meaning.returned),
        effective=not been.isdisjoint(meaning.effective),
        waits=row["state"] not in meaning.settled and row["state"] not in final,
        days=working_days(filed, _day(decided)) if decided else UNDECIDED,
        filled=filled,
        asked=asked,
    )


@lru_cache(maxsize=8192)
def _day(moment: str) -> date:
    return local_date(parse_utc(moment))


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted for somebody, as of a size of the log and a day, and until the next limit passes."""

    size: int
    day: date
    until: str
    cells: Any

    def holds(self, size: int, day: date, moment: str) -> bool:
        """Whether counting again would give the same."""
        return (self.size, self.day) == (size, day) and not "" < self.until < moment


@dataclass(slots=True)
class Book:
    """The facts of every document, by document, as of a size of the log; reading on at the next question."""

    size: int = 0
    facts: dict[str, Fact] = field(default_factory=dict)
    corrected: dict[str, frozenset[str]] = field(default_factory=dict)
    counted: dict[Any, Counted] = field(default_factory=dict)
    _days: dict[tuple[date, date], int] = field(default_factory=dict)

    def read(self, desk: Desk) -> tuple[Fact, ...]:
        """Every fact as of now. Several threads may ask at once: what is held is replaced as a whole."""
        size = desk.store.size
        if size != self.size:
            self._read_on(desk, size)
        return tuple(self.facts.values())

    def remember(self, asks: Any, counted: Counted) -> None:
        """Keep what was counted for somebody; of many the oldest go."""
        kept = list(self.counted.items())[1 - MOST_REMEMBERED :]
        self.counted = {**dict(kept), asks: counted}

    def working_days(self, desk: Desk, first: date, last: date) -> int:
        """Working days after `first` up to `last`; each span is counted once."""
        known = self._days.get((first, last))
        if known is None:
            known = self._days[first, last] = count_working_days(desk.calendar, first, last)
        return known

    def is_corrected(self, fact: Fact) -> bool:
        """Whether another document put this one right."""
        return bool(self.corrected.get(fact.doc_id))

    def _read_on(self, desk: Desk, size: int) -> None:
        rows: Iterable[DocumentRow]
        facts: dict[str, Fact]
        corrected: dict[str, frozenset[str]]
        if not 0 < size - self.size <= READ_ALL_AFTER or self.size == 0:
            facts, corrected = {}, {}
            rows = desk.store.rows()
        else:
            facts, corrected = dict(self.facts), dict(self.corrected)
            docs = dict.fromkeys(_touched(desk, self.size, size))
            rows = [row for row in map(desk.store.get, docs) if row is not None]
        final: dict[str, frozenset[str]] = {}
        for row in rows:
            if row["digest"] not in final:
                states = desk.registry.by_digest(row["digest"]).workflow.states.values()
                final[row["digest"]] = frozenset(one.name for one in states if one.is_final)
            meaning = desk.measures.meaning(row["form"])
            days = partial(self.working_days, desk)
            facts[row["doc"]] = fact_of(row, meaning, final[row["digest"]], days)
            for target, is_wrong in _corrects(desk, row):
                others = corrected.get(target, frozenset()) - {row["doc"]}
                corrected[target] = others | {row["doc"]} if is_wrong else others
        self.facts, self.corrected, self.size = facts, corrected, size


def _corrects(desk: Desk, row: DocumentRow) -> Iterable[tuple[str, bool]]:
    """The id of the document that this one is about to put right, and whether it has done so by now."""
    for rules in (one.corrections for one in desk.measures.forms.values()):
        target = row["facets"].get(rules.target) if rules and rules.form == row["form"] else None
        if rules is not None and isinstance(target, str):
            done = row["state"] in rules.states and row["facets"].get(rules.reason) in rules.reasons
            yield target, done


def _touched(desk: Desk, first: int, end: int) -> Iterable[str]:
    for index in range(first, end):
        record = desk.journal.read(index)
        if record.envelope.payload_type == EVENT:
            yield str(record.statement()["doc"])
