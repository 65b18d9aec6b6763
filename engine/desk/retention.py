"""How long a document is kept, and what stands against destroying it (K6; domain A.2 O10, B.10).

Decides when the retention of a document is over: so many years of its class, from 1 January after the year in
which it was closed, or longer where an appraisal said so; and that a legal hold stops any destruction. Which
states close a document is said by the table of retention periods; a form that it does not know is closed in
its final states. Never destroys: engine.desk.shredding does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from engine.desk.desk import Desk
from engine.errors import Conflict, Problem
from engine.identity import local_day, parse_utc
from engine.lifecycle.keeping import Keeping
from engine.ports import ListView
from engine.projection import AMEND, DESTROYED, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import ABSENT, look

TABLE: Final = "codes/retention.json"
CONSENT_BASIS: Final = "consent"
LONGER: Final = "retention.kept_on_years"
"""The setting that says for how many more years an appraisal keeps a document."""
PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """How long a document is kept. Days are YYYY-MM-DD: `closed_on` is empty while its matter is open,
    `until` (the last day) also where it is kept for ever."""

    period: str
    closed_on: str
    until: str

    def is_over(self, today: str) -> bool:
        """Whether the time has come."""
        return "" < self.until < today


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands against destroying documents, read once for many: holds and prolongings by document id."""

    holds: Mapping[str, tuple[str, ...]]
    kept_on: Mapping[str, str]


def table_of(desk: Desk) -> Mapping[str, Any]:
    """The table of retention periods."""
    found: Mapping[str, Any] = desk.workshop.tables[TABLE]
    return found


def standing(desk: Desk) -> Standing:
    """All legal holds in force, and all documents that an appraisal keeps for longer."""
    holds: dict[str, tuple[str, ...]] = {}
    for row, keeping in _of_forms(desk):
        if keeping.holds is not None and row["state"] in keeping.holds.states:
            for doc_id in row["facets"].get(keeping.holds.documents, ()):
                holds[doc_id] = (*holds.get(doc_id, ()), row["doc_no"])
    kept_on, settings = dict[str, str](), desk.settings.now()
    for row, keeping in _of_forms(desk):
        listed = keeping.appraises
        if listed is not None and row["state"] in listed.settled:
            day = local_day(parse_utc(row["steps"][-1]["at"]))
            until = _last_day(day[:4], int(settings.number(LONGER, day)))
            for doc_id in row["facets"].get(listed.kept, ()):
                kept_on[doc_id] = max(kept_on.get(doc_id, ""), until)
    return Standing(holds, kept_on)


def kept(desk: Desk, row: DocumentRow, known: Standing | None = None) -> Kept:
    """How long a document is kept, as of now."""
    form, table = desk.registry.by_digest(row["digest"]), table_of(desk)
    period = str(form.header["retention_class"])
    closed, after = _closing(form, table)
    if row["state"] not in closed | after:
        return Kept(period, "", "")
    moments = [
        step["at"]
        for step in row["steps"]
        if step["target"] in closed and (step["source"] != step["target"] or step["transition"] == AMEND)
    ]
    if not moments:
        return Kept(period, "", "")
    day, years = local_day(parse_utc(moments[-1])), int(table["years"][period])
    if not years:
        return Kept(period, day, "")
    longer = (known or standing(desk)).kept_on.get(row["doc_id"], "")
    return Kept(period, day, max(_last_day(day[:4], years), longer))


_NOTHING_STANDS: Final = Standing({}, {})
_closed: dict[str, tuple[str, bool]] = {}
"""Whether a document is closed and not destroyed, as of its newest event, which stands before it."""


def count_closed(desk: Desk, form: str) -> int:
    """How many documents of a form are closed and not destroyed; looked at again after their next event."""
    found = 0
    for doc, head in desk.store.heads(ListView(forms=(form,))):
        known = _closed.get(doc)
        if known is None or known[0] != head:
            row = desk.store.get(doc)
            is_closed = row is not None and DESTROYED not in row["flags"]
            known = head, row is not None and is_closed and bool(kept(desk, row, _NOTHING_STANDS).closed_on)
            _closed[doc] = known
        found += known[1]
    return found


def check_destructible(desk: Desk, row: DocumentRow, basis: str, known: Standing | None = None) -> None:
    """Refuse what must not be destroyed on a legal basis now.

    A legal hold stops every destruction. While the retention runs, only what the law itself orders to be
    deleted goes (processed unlawfully, or another law), and what was kept by a consent that was withdrawn.
    Raises Conflict("retention.held", documents), Conflict("retention.running", until).
    """
    known = known or standing(desk)
    held = known.holds.get(row["doc_id"], ())
    if held:
        raise Conflict("retention.held", documents="、".join(held))
    table = table_of(desk)
    if basis in table["ordered_by_law"]:
        return
    if basis in table["consent_withdrawn"] and _legal_basis(desk, row) == CONSENT_BASIS:
        return
    found = kept(desk, row, known)
    if not found.is_over(local_day(desk.clock.now())):
        raise Conflict("retention.running", until=found.until or "—", period=found.period)


def _legal_basis(desk: Desk, row: DocumentRow) -> str:
    """The basis on which the newest revision says it is processed."""
    return str(desk.journal.read(row["contents"][-1][1]).statement()["header"].get("legal_basis", ""))


def _closing(form: CompiledForm, table: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """The states in which the matter is closed, and those that come after without opening it again."""
    said = table["forms"].get(form.form)
    if said is None:
        return frozenset(n for n, one in form.workflow.states.items() if one.is_final), frozenset()
    return frozenset(said["closed"]), frozenset(said["after"])


def _last_day(closed_in: str, years: int) -> str:
    """The last day of so many years from 1 January after the year of closing."""
    return date(int(closed_in) + years, 12, 31).isoformat()


def _of_forms(desk: Desk) -> Iterator[tuple[DocumentRow, Keeping]]:
    """Every document of a form that holds or appraises others, with what its own version says of that."""
    for name in desk.registry.forms():
        versions = desk.registry.versions(name)
        if any(one.workflow.keeping.holds or one.workflow.keeping.appraises for one in versions):
            for row in every(desk, name):
                yield row, desk.registry.by_digest(row["digest"]).workflow.keeping


def every(desk: Desk, *forms: str) -> Iterator[DocumentRow]:
    """Every document of some forms."""
    place: str | None = None
    while True:
        page = desk.store.page(ListView(forms=forms), place, PAGE)
        yield from page.rows
        place = page.next
        if place is None:
            return


def judge_hold(desk: Desk, form: CompiledForm, answers: Mapping[str, Any]) -> tuple[Problem, ...]:
    """What stops a hold from being proposed: it lists what is no document."""
    rules = form.workflow.keeping.holds
    listed = look(answers, rules.documents) if rules is not None else ABSENT
    if rules is None or not isinstance(listed, list):
        return ()
    return tuple(
        Problem(f"{rules.documents}/{place}", "hold.unknown_document")
        for place, doc_id in enumerate(listed)
        if desk.store.by_doc_id(str(doc_id)) is None
    )
