"""Figures: rates by form, department and period, how long decisions take, and where documents wait.

Decides what is counted: only documents that may stand in the reader's lists, and each number is the count of
a list that the same reader can open (`select`). Opens nothing, and never counts a person.

Accuracy, completeness and timeliness are R1b's: 1 − documents put right for a data error ÷ documents
effective; fields filled ÷ fields asked for; documents that kept their limits ÷ documents filed. Medians and
p90 are by nearest rank: a number of working days that some document took.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from engine.desk.desk import Desk
from engine.desk.figures_facts import UNDECIDED, Book, Counted, Fact
from engine.identity import local_date, local_day, utc_text
from engine.lifecycle.people import Actor
from engine.lifecycle.periods import bounds
from engine.lifecycle.permissions import may_list
from engine.lifecycle.standing import Standing

ALL: Final = "all"
EFFECTIVE: Final = "effective"
CORRECTED: Final = "corrected"
MEASURED: Final = "measured"
GAPS: Final = "gaps"
MISSED: Final = "missed"
RETURNED: Final = "returned"
DECIDED: Final = "decided"
WAITS: Final = "waits"
LATE_NOW: Final = "late_now"
AGES: Final = (1, 3, 10)
"""How many working days a document has waited at most, age by age; the last age has no end."""
AGE_PARTS: Final = tuple(f"{WAITS}_{place}" for place in range(len(AGES) + 1))
PARTS: Final = (
    ALL, EFFECTIVE, CORRECTED, MEASURED, GAPS, MISSED, RETURNED, DECIDED, WAITS, LATE_NOW, *AGE_PARTS,
)  # fmt: skip
"""Which documents a number counts, of those filed in its period."""
MEDIAN: Final = 50
P90: Final = 90

Key = tuple[str, str, str, str]
"""Form, department, month of filing, state."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which documents are looked at: of these forms (empty: all), of a department, filed in a period."""

    forms: tuple[str, ...] = ()
    unit: str = ""
    period: str = ""
    state: str = ""

    def holds(self, fact: Fact) -> bool:
        """Whether a document is among them."""
        first, last = bounds(self.period) if self.period else ("", "")
        return (
            (not self.forms or fact.form in self.forms)
            and self.unit in ("", fact.unit)
            and self.state in ("", fact.state)
            and (not first or first <= fact.filed_on <= last)
        )


@dataclass(slots=True)
class Tally:
    """What was counted of some documents. `counts` are by part, `took` how many took so many working days."""

    counts: Counter[str] = field(default_factory=Counter)
    took: Counter[int] = field(default_factory=Counter)
    filled: int = 0
    asked: int = 0

    def add(self, other: Tally) -> None:
        """Take in what was counted of other documents."""
        self.counts.update(other.counts)
        self.took.update(other.took)
        self.filled += other.filled
        self.asked += other.asked

    def days(self, percent: int) -> int | None:
        """The working days within which so many of a hundred were decided; None where nothing was."""
        wanted, seen = -(-self.took.total() * percent // 100), 0
        for days, count in sorted(self.took.items()):
            seen += count
            if seen >= wanted:
                return days
        return None


@dataclass(frozen=True, slots=True)
class Counting:
    """Every document a reader may list, counted by form, department, month and state."""

    cells: Mapping[Key, Tally]

    def of(self, span: Span) -> Mapping[Key, Tally]:
        """The cells of a span; a period is whole months."""
        first, last = (one[:7] for one in bounds(span.period)) if span.period else ("", "")
        return {
            key: one
            for key, one in self.cells.items()
            if (not span.forms or key[0] in span.forms)
            and span.unit in ("", key[1])
            and (not first or first <= key[2] <= last)
            and span.state in ("", key[3])
        }

    def by(self, span: Span, key_of: Callable[[Key], tuple[str, ...]]) -> dict[tuple[str, ...], Tally]:
        """The span's documents in groups, in the order of the groups' names."""
        found: dict[tuple[str, ...], Tally] = {}
        for key, one in self.of(span).items():
            found.setdefault(key_of(key), Tally()).add(one)
        return dict(sorted(found.items()))

    def whole(self, span: Span) -> Tally:
        """All documents of the span together."""
        return self.by(span, lambda _: ()).get((), Tally())


NOTHING_COUNTED: Final = Counting({})
"""Where only names are asked for."""


def count(desk: Desk, book: Book, actor: Actor | None) -> Counting:
    """Count what a reader may list now; without a reader, every document of the agency."""
    now = desk.clock.now()
    moment, today = utc_text(now), local_date(now)
    size = desk.store.size  # before the facts are read: they may be newer, never older
    facts = book.read(desk)
    asks = None if actor is None else (actor.person, actor.grants_on(today.isoformat()))
    known = book.counted.get(asks)
    if known is not None and known.holds(size, today, moment):
        return Counting(known.cells)
    shown = visible(desk, facts, actor)
    cells = _cells(desk, book, shown, moment, today)
    limits = (one.due_at for one in shown if one.due_at >= moment)
    book.remember(asks, Counted(size, today, min(limits, default=""), cells))
    return Counting(cells)


def select(desk: Desk, book: Book, actor: Actor, span: Span, part: str) -> tuple[Fact, ...]:
    """The documents that a number counts: those of the span, of one of PARTS, that the reader may list;
    those that wait longest first."""
    now = desk.clock.now()
    moment, today = utc_text(now), local_date(now)
    found = [
        one
        for one in visible(desk, book.read(desk), actor)
        if span.holds(one) and part in _parts(desk, book, one, moment, today)
    ]
    return tuple(sorted(found, key=lambda one: (one.since, one.doc_id)))


def visible(desk: Desk, facts: Iterable[Fact], actor: Actor | None) -> list[Fact]:
    """The facts of the documents that may stand in somebody's lists; the right is asked once for alike."""
    if actor is None:
        return list(facts)
    person, day = actor.person, local_day(desk.clock.now())
    known: dict[tuple[object, ...], bool] = {}
    found = []
    for one in facts:
        key = (
            one.digest,
            one.state,
            one.unit,
            one.region,
            person in (one.created_by, one.submitted_by),
            person == one.collector,
            person == one.claimed_by,
        )
        may = known.get(key)
        if may is None:
            form = desk.registry.by_digest(one.digest)
            may = known[key] = may_list(form, _standing(one), actor, day)
        if may:
            found.append(one)
    return found


def _cells(
    desk: Desk, book: Book, facts: Iterable[Fact], moment: str, today: date
) -> dict[Key, Tally]:
    cells: dict[Key, Tally] = {}
    for one in facts:
        key = (one.form, one.unit, one.month, one.state)
        cell = cells.get(key)
        if cell is None:
            cell = cells[key] = Tally()
        for part in _parts(desk, book, one, moment, today):
            cell.counts[part] += 1
        if one.days != UNDECIDED:
            cell.took[one.days] += 1
        cell.filled += one.filled
        cell.asked += one.asked
    return cells


def _parts(desk: Desk, book: Book, one: Fact, moment: str, today: date) -> list[str]:
    """In which of PARTS a document is."""
    found = [ALL]
    if one.effective:
        found.append(EFFECTIVE)
        if book.is_corrected(one):
            found.append(CORRECTED)
    if one.asked:
        found.append(MEASURED)
        if one.filled < one.asked:
            found.append(GAPS)
    if one.returned:
        found.append(RETURNED)
    if one.days != UNDECIDED:
        found.append(DECIDED)
    missed = one.has_missed(moment)
    if missed:
        found.append(MISSED)
    if one.waits:
        found += [WAITS, AGE_PARTS[_age(desk, book, one, today)]]
        if missed:
            found.append(LATE_NOW)
    return found


def _age(desk: Desk, book: Book, one: Fact, today: date) -> int:
    waited = book.working_days(desk, one.since, today)
    return next((place for place, most in enumerate(AGES) if waited <= most), len(AGES))


def _standing(one: Fact) -> Standing:
    """As much of where a document stands as a right to list it asks for."""
    return Standing(
        doc=one.doc, doc_id=one.doc_id, doc_no="", form=one.form, version="", digest=one.digest,
        state=one.state, seq=0, head="", revision=0, region=one.region, unit=one.unit,
        created_by=one.created_by, submitted_by=one.submitted_by, collector=one.collector,
        claimed_by=one.claimed_by, created_at="", submitted_at="", steps=(),
    )  # fmt: skip

