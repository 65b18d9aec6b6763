"""Overseeing who read what: the access log for those who keep watch over it, and for nobody else (C.2, O16).

Decides what a reading rested on: a task in hand, an approved query, an emergency order, nothing at all, or
that it was refused. Looking into the log is a reading of its own and is logged. Never opens a document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.desk import grounds, reading
from engine.desk.desk import Desk
from engine.errors import NotAllowed
from engine.identity import is_document_id, local_day, parse_utc, utc_text
from engine.lifecycle.people import Actor
from engine.ports import Access

OVERSEERS: Final = frozenset({"audit_admin"})
LOG: Final = "access_log"
MOST_SCANNED: Final = 5_000

TASK: Final = "task"
APPROVAL: Final = "approval"
EMERGENCY: Final = "emergency"
REFUSED: Final = grounds.REFUSED
NOTHING: Final = "nothing"
KINDS: Final = (TASK, APPROVAL, EMERGENCY, NOTHING, REFUSED)
WITHOUT: Final = frozenset({EMERGENCY, NOTHING})
"""What took place without a task in hand and without an approved query."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader of the log looks for; "" is everything. Days are YYYY-MM-DD in Asia/Shanghai, inclusive.

    `person` is a staff number, `document` a document id or official number, `kinds` a choice of KINDS.
    """

    person: str = ""
    document: str = ""
    first: str = ""
    last: str = ""
    purpose: str = ""
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """One reading. `docs` are the official numbers of the documents it names, as far as they still exist;
    `digest` is the form version of the document that was read."""

    number: int
    access: Access
    kind: str
    staff_no: str
    name: str
    docs: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of the log, newest first; `before` goes on behind it, None at its end."""

    lines: tuple[Line, ...]
    before: int | None


def kind_of(access: Access) -> str:
    """What a reading rested on."""
    if access.purpose == grounds.REFUSED:
        return REFUSED
    if access.basis.startswith(f"{grounds.QUERY}:"):
        return APPROVAL
    if access.basis.startswith("breakglass:"):
        return EMERGENCY
    return TASK if access.basis else NOTHING


def page(desk: Desk, actor: Actor, wanted: Wanted, before: int | None = None, limit: int = 50) -> Lines:
    """One page of the log, at most `limit` lines and MOST_SCANNED entries looked at.

    Raises NotAllowed("access_log") for whoever does not oversee it; Broken where its chain does not hold.
    """
    if not may_oversee(desk, actor):
        raise NotAllowed("access_log")
    if before is None:
        now = desk.clock.now()
        role = next(one for one in actor.roles(local_day(now)) if one in OVERSEERS)
        desk.access.write(Access(utc_text(now), actor.person, role, "", (LOG,), LOG, f"role:{role}"))
    row = _named(desk, wanted.document)
    account = desk.directory.by_staff_no(wanted.person) if wanted.person else None
    if (wanted.document and not row) or (wanted.person and account is None):
        return Lines((), None)
    person = account.person if account is not None else ""
    found: list[Line] = []
    for scanned, (number, access) in enumerate(desk.access.newest(before), 1):
        day = local_day(parse_utc(access.at))
        if wanted.first and day < wanted.first:
            return Lines(tuple(found), None)
        if _fits(access, day, wanted, person, row):
            found.append(_line(desk, number, access))
        if len(found) == limit or scanned == MOST_SCANNED:
            return Lines(tuple(found), number if number > 1 else None)
    return Lines(tuple(found), None)


def may_oversee(desk: Desk, actor: Actor) -> bool:
    """Whether somebody keeps watch over the log today."""
    return bool(OVERSEERS.intersection(actor.roles(local_day(desk.clock.now()))))


def _fits(access: Access, day: str, wanted: Wanted, person: str, doc: str) -> bool:
    return (
        (not wanted.last or day <= wanted.last)
        and (not person or access.person == person)
        and (not doc or access.doc == doc or doc in access.what)
        and (not wanted.purpose or access.purpose == wanted.purpose)
        and (not wanted.kinds or kind_of(access) in wanted.kinds)
    )


def _named(desk: Desk, number: str) -> str:
    """The document that somebody names by its id or official number; "" for none."""
    row = (desk.store.by_doc_id(number) or desk.store.by_doc_no(number)) if number else None
    return row["doc"] if row is not None else ""


def _line(desk: Desk, number: int, access: Access) -> Line:
    account = desk.directory.by_person(access.person)
    named = [desk.store.get(doc) for doc in dict.fromkeys((access.doc, *access.what)) if is_document_id(doc)]
    rows = [row for row in named if row is not None]
    return Line(
        number=number,
        access=access,
        kind=kind_of(access),
        staff_no=account.staff_no if account is not None else access.person,
        name=reading.name_of(desk, access.person),
        docs=tuple(row["doc_no"] for row in rows),
        digest=next((row["digest"] for row in rows if row["doc"] == access.doc), ""),
    )
