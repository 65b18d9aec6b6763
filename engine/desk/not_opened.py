"""Telling people that a document which opens by itself could not be opened (R4.5.2a, R6.9.1).

Decides who is told and that it is told once for each form, period and department: whoever may open such a
document by hand, the heads of the department, and those one level up. A period is so never missed in silence.
Opens nothing and holds no name.
"""

from __future__ import annotations

from engine.desk import people
from engine.desk.desk import Desk
from engine.identity import local_day, utc_text
from engine.lifecycle.advance import HEAD
from engine.lifecycle.deadlines import end_of_day
from engine.lifecycle.people import Actor
from engine.lifecycle.periods import bounds
from engine.notice_ports import NOT_OPENED, Notice
from engine.registry.compiled import CompiledForm

_POSTS = "codes/permission.json"
"""The table that says which department stands above which."""


def tell(desk: Desk, form: CompiledForm, period: str, unit: str) -> int:
    """Keep a notice for everybody concerned, unless there is one; how many are new."""
    key = f"{NOT_OPENED}:{form.form}:{period}:{unit}"
    if desk.notices.has(key):
        return 0
    now = desk.clock.now()
    due = utc_text(end_of_day(bounds(period)[1]))
    made = [
        Notice(
            key=key, person=actor.person, kind=NOT_OPENED, doc="", doc_id=period, doc_no=period,
            digest=form.digest, state=unit, due_at=due, made_at=utc_text(now),
        )
        for actor in _concerned(desk, form, unit, local_day(now))
    ]  # fmt: skip
    return len(desk.notices.add(made))


def _concerned(desk: Desk, form: CompiledForm, unit: str, day: str) -> list[Actor]:
    workflow = form.workflow
    by_hand = {role for one in workflow.leaving(workflow.initial) for role in one.by.roles}
    above = desk.workshop.tables.get(_POSTS, {}).get("next_level", {}).get(unit, unit)
    active = (people.actor_of(one, NOT_OPENED, NOT_OPENED) for one in desk.directory.all() if one.active)
    return [
        actor
        for actor in active
        if any(
            one.role in by_hand or (one.role == HEAD and one.unit in (unit, above))
            for one in actor.grants_on(day)
        )
    ]
