"""Telling people what waits for them: before a limit, when it was missed, and their head (K7).

Decides who is told what, from the documents as they stand and from nothing else, so that however often this
runs, and whatever was down, everybody is told once: a notice is named by the document, its limit and its
kind. A limit that was missed while nobody looked is told as missed; a reminder that came too late is not made
up for. Never moves a document, and writes no name and no content of one.

Whoever may take the step that the limit is of is reminded and told; the heads of their departments are told
that it was missed, again and again until it is done. Where the head is the one who is late, that is told one
level up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.desk import checking, people, reading
from engine.desk.desk import Desk
from engine.identity import local_date, local_day, parse_utc, utc_text
from engine.lifecycle.advance import HEAD, options
from engine.lifecycle.deadlines import count_working_days, end_of_day, next_working_day
from engine.lifecycle.people import Actor
from engine.notice_ports import Notice
from engine.ports import ListView
from engine.projection import DESTROYED, DocumentRow

REMINDER, OVERDUE, ESCALATION = "reminder", "overdue", "escalation"
REMIND_BEFORE: Final = "notice.remind_working_days"
TELL_AGAIN: Final = "notice.again_working_days"
SYSTEM_SESSION: Final = "notice"
PAGE: Final = 200
KEPT: Final = timedelta(days=400)
_POSTS: Final = "codes/permission.json"
"""The table that says which department stands above which."""


@dataclass(frozen=True, slots=True)
class _Staff:
    """Everybody at work, as actors by pseudonym."""

    actors: Mapping[str, Actor]
    above: Mapping[str, str]
    day: str

    def heads_of(self, units: Iterable[str]) -> frozenset[str]:
        """Who heads one of these departments today."""
        wanted = frozenset(units)
        return frozenset(
            person
            for person, actor in self.actors.items()
            if any(one.role == HEAD and one.unit in wanted for one in actor.grants_on(self.day))
        )


def run(desk: Desk) -> int:
    """One round over every document with a limit that is near or past; how many notices were made."""
    now = desk.clock.now()
    settings, today = desk.settings.now(), local_day(now)
    horizon = local_date(now)
    for _ in range(settings.number(REMIND_BEFORE, today)):
        horizon = next_working_day(desk.calendar, horizon)
    staff, again = _staff(desk, today), settings.number(TELL_AGAIN, today)
    made: list[Notice] = []
    for row in _due_by(desk, utc_text(end_of_day(horizon.isoformat()))):
        made.extend(_about(desk, staff, row, now, again))
    return len(desk.notices.add(made))


def forget_old(desk: Desk) -> int:
    """Drop notices of long ago; how many."""
    return desk.notices.forget(utc_text(desk.clock.now() - KEPT))


def _staff(desk: Desk, day: str) -> _Staff:
    active = [one for one in desk.directory.all() if one.active]
    actors = {one.person: people.actor_of(one, SYSTEM_SESSION, SYSTEM_SESSION) for one in active}
    return _Staff(actors, desk.workshop.tables.get(_POSTS, {}).get("next_level", {}), day)


def _due_by(desk: Desk, moment: str) -> Iterator[DocumentRow]:
    """The documents whose limit ends by a moment (UTC text), earliest first."""
    place: str | None = None
    while True:
        page = desk.store.page(ListView(), place, PAGE)
        for row in page.rows:
            if not row["due_at"] or row["due_at"] > moment:
                return  # those without a limit come last
            if DESTROYED not in row["flags"]:
                yield row
        place = page.next
        if place is None:
            return


def _about(desk: Desk, staff: _Staff, row: DocumentRow, now: datetime, again: int) -> Iterator[Notice]:
    due = parse_utc(row["due_at"])
    # Who is concerned costs a look at everybody: asked only when there is something to tell.
    if now <= due:
        reminder = _key(row, REMINDER)
        if not desk.notices.has(reminder):
            yield from _notices(row, REMINDER, reminder, _concerned(desk, staff, row, now), now)
        return
    turn = count_working_days(desk.calendar, local_date(due), local_date(now)) // again
    overdue, escalation = _key(row, OVERDUE), f"{_key(row, ESCALATION)}:{turn}"
    if desk.notices.has(overdue) and desk.notices.has(escalation):
        return
    concerned = _concerned(desk, staff, row, now)
    yield from _notices(row, OVERDUE, overdue, concerned, now)
    yield from _notices(row, ESCALATION, escalation, _heads_over(staff, row, concerned), now)


def _concerned(desk: Desk, staff: _Staff, row: DocumentRow, now: datetime) -> Mapping[str, Actor]:
    """Who may take one of the steps that the limit is of."""
    form = desk.registry.by_digest(row["digest"])
    limited = [one for one in form.workflow.leaving(row["state"]) if one.due is not None]
    roles = {role for one in limited for role in one.by.roles}
    names = {one.name for one in limited}
    standing, found = reading.standing_of(row), {}
    for person, actor in staff.actors.items():
        if not roles.intersection(actor.roles(staff.day)):
            continue
        around = checking.surroundings(desk, actor, "", now, form, None, row)
        offered = options(form, standing, actor, around)
        if any(one.allowed for one in offered if one.transition.name in names):
            found[person] = actor
    return found


def _heads_over(staff: _Staff, row: DocumentRow, concerned: Mapping[str, Actor]) -> frozenset[str]:
    """The heads of those who are late; of the document's department where nobody is left to do it."""
    units = {actor.unit for actor in concerned.values()} or {row["unit"]}
    heads = staff.heads_of(units)
    if heads - concerned.keys():
        return heads - concerned.keys()
    return staff.heads_of(staff.above[unit] for unit in units if unit in staff.above)


def _key(row: DocumentRow, kind: str) -> str:
    """What makes a notice one: the same limit of the same task, in the same hands."""
    return f"{kind}:{row['doc']}:{row['state']}:{row['due_at']}:{row['claimed_by']}"


def _notices(
    row: DocumentRow, kind: str, key: str, persons: Iterable[str], now: datetime
) -> Iterator[Notice]:
    for person in sorted(persons):
        yield Notice(
            key=key, person=person, kind=kind, doc=row["doc"], doc_id=row["doc_id"], doc_no=row["doc_no"],
            digest=row["digest"], state=row["state"], due_at=row["due_at"], made_at=utc_text(now),
        )  # fmt: skip
