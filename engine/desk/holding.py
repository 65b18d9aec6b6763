"""What an update keeps from happening to its target: until it is decided, and a while after it is applied.

Decides from lists alone whether something is held (the facets of updates stand in clear) and refuses an
update that would write what is held. Never opens a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from engine.desk import update_targets
from engine.desk.desk import Desk
from engine.desk.update_targets import NEW, PATH
from engine.errors import NotFound, Problem
from engine.identity import local_day, parse_utc, utc_text
from engine.lifecycle import tasks
from engine.lifecycle.deadlines import due_at
from engine.lifecycle.updates import Given, Hold, Updates
from engine.lifecycle.workflow import APPLY_UPDATE
from engine.ports import ListView
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import look

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Held:
    """A hold that is in force. `until` is "" while the update `by` is not decided."""

    hold: Hold
    by: DocumentRow
    form: CompiledForm
    until: str


def holds_on(desk: Desk, row: DocumentRow) -> tuple[Held, ...]:
    """Everything that updates keep from happening to this document now, each hold and update once."""
    now, found = desk.clock.now(), []
    for name in desk.registry.forms():
        try:
            form = desk.registry.in_force(name, date.fromisoformat(local_day(now)))
        except NotFound:
            continue
        rules = form.workflow.updates
        if rules is None or rules.form != row["form"]:
            continue
        for hold in rules.holds:
            for by in _updates(desk, form, rules, row["doc_id"], hold):
                held = _held(desk, hold, by, now)
                if held is not None:
                    found.append(held)
    return tuple(found)


def judge(desk: Desk, rules: Updates, row: DocumentRow, answers: Mapping[str, Any]) -> Iterator[Problem]:
    """What an update would write into its target though it is held, by another update or by itself."""
    stopped = [(place, one) for place, one in update_targets.changes_of(rules, answers) if _stops(rules, one)]
    if not stopped:
        return
    own = [hold for hold in rules.holds if says(answers, hold.given)]
    held = holds_on(desk, row)
    for place, one in stopped:
        at = update_targets.place_of(rules, place, NEW)
        if any(_writes(one, hold.stops) for hold in own):
            yield Problem(at, "update.held_by_itself")
            continue
        first = next((each for each in held if _writes(one, each.hold.stops)), None)
        if first is not None:
            until = local_day(parse_utc(first.until)) if first.until else ""
            code = "update.held_until" if until else "update.held"
            yield Problem(at, code, {"by": first.by["doc_no"], "until": until})


def says(answers: Mapping[str, Any], given: Given) -> bool:
    """Whether answers say one of the values at every pointer; yes and no as `true` and `false`."""
    return all(_plain(look(answers, at)) in values for at, values in given.items())


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else ""


def _updates(
    desk: Desk, form: CompiledForm, rules: Updates, doc_id: str, hold: Hold
) -> Iterator[DocumentRow]:
    """The updates of a document that are under way or applied and say what the hold names."""
    applied = {one.target for one in form.workflow.transitions.values() if APPLY_UPDATE in one.does}
    states = tuple(sorted({*tasks.unsettled(form.workflow), *applied}))
    view = ListView((form.form,), states, facets=((rules.doc_id, doc_id),), order="recent")
    place: str | None = None
    while True:
        page = desk.store.page(view, place, PAGE)
        yield from (row for row in page.rows if _shows(row, hold.given))
        place = page.next
        if place is None:
            return


def _shows(row: DocumentRow, given: Given) -> bool:
    return all(_plain(row["facets"].get(at)) in values for at, values in given.items())


def _held(desk: Desk, hold: Hold, by: DocumentRow, now: datetime) -> Held | None:
    form = desk.registry.by_digest(by["digest"])
    names = {one.name for one in form.workflow.transitions.values() if APPLY_UPDATE in one.does}
    step = next((one for one in reversed(by["steps"]) if one["transition"] in names), None)
    if step is None:
        return Held(hold, by, form, "")
    until = due_at(desk.calendar, parse_utc(step["at"]), working_days=hold.working_days)
    return Held(hold, by, form, utc_text(until)) if now < until else None


def _stops(rules: Updates, change: Mapping[str, Any]) -> bool:
    return any(_writes(change, hold.stops) for hold in rules.holds)


def _writes(change: Mapping[str, Any], stops: Given) -> bool:
    return str(change.get(NEW, "")) in stops.get(str(change[PATH]), ())
