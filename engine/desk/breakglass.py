"""Opening documents in an emergency, by nobody's usual right: two people, a time limit, all of it on record.

Decides the order, which nobody can take a step out of (trust.md §2.4):
 1 one person logs the intent: why, which documents, for how long
 2 a second person, with another key, consents by an event of their own within the hour
 3 only then, only those documents, only those two people, only until the time is over; each opening is an
   event of its own, signed by whoever opens, besides its line in the access log
 4 somebody else reviews within seven days; what is not reviewed stays on the list
An order is named by the log indexes of its events: what it allows is read from the log each time, never from
a table that somebody could write to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.desk import events, people, reading
from engine.desk.desk import Desk
from engine.desk.events import NewEvent
from engine.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from engine.identity import base32, local_day, parse_utc, utc_text
from engine.lifecycle.people import Actor, Grant
from engine.ports import Access
from engine.record import Record
from engine.trust import identifiers
from engine.trust.envelope import EVENT

INTENT, CONSENT, REVIEW = "breakglass.intent", "breakglass.consent", "breakglass.review"
OPEN = "breakglass.open"
REQUESTERS = frozenset({"security_admin", "audit_admin", "system_admin", "department_head"})
"""The roles whose holders may ask for it, and may review it."""

REASONS = ("staff_unavailable", "court_order", "disaster", "complaint", "audit")
CONSENT_WITHIN = timedelta(hours=1)
REVIEW_WITHIN = timedelta(days=7)
LONGEST_HOURS = 24
MOST_DOCUMENTS = 50
_MARK = b'"breakglass.'


@dataclass(frozen=True, slots=True)
class Order:
    """An order to open: its intent, and its consent once there is one. Indexes are of the log."""

    intent: int
    consent: int | None
    reason: str
    documents: tuple[str, ...]
    people: tuple[str, ...]
    until: str
    review_due: str


def request(
    desk: Desk, actor: Actor, reason: str, documents: tuple[str, ...], hours: int, unlock: str | None
) -> Order:
    """Step 1. `reason` is one of `REASONS`, `hours` counts from the consent.

    Raises Invalid, NotAllowed (`breakglass.role`), NotFound for a document that is none, NeedsUnlock.
    """
    problems = [
        problem
        for problem, holds in (
            (Problem("/reason", "breakglass.reason"), reason in REASONS),
            (
                Problem("/documents", "breakglass.documents", {"most": MOST_DOCUMENTS}),
                0 < len(set(documents)) == len(documents) <= MOST_DOCUMENTS,
            ),
            (Problem("/hours", "breakglass.hours", {"most": LONGEST_HOURS}), 1 <= hours <= LONGEST_HOURS),
        )
        if not holds
    ]
    if problems:
        raise Invalid("breakglass", problems=problems)
    for doc in documents:
        reading.row_of(desk, doc)
    body = {"reason": reason, "documents": sorted(documents), "hours": hours}
    with desk.journal.sequencing():
        actor = people.as_of_now(desk, actor)
        index = desk.journal.next_index
        new = _event(desk, actor, base32(desk.randomness.bytes(16)), 1, "", INTENT, body)
        ticket = events.append(desk, new, unlock, _done)
    ticket.wait()
    return order_of(desk, index)


def consent(desk: Desk, actor: Actor, intent: int, unlock: str | None) -> Order:
    """Step 2. Raises NotAllowed (`breakglass.same_person`), Conflict (`breakglass.late`), NotFound."""
    with desk.journal.sequencing():
        actor = people.as_of_now(desk, actor)
        said, head = _read(desk, intent, INTENT)
        now = desk.clock.now()
        if actor.person == said["actor"]["person"] or _key_of(desk, actor) == said["actor"]["key"]:
            raise NotAllowed("breakglass.same_person")
        if now > parse_utc(said["time"]) + CONSENT_WITHIN:
            raise Conflict("breakglass.late")
        if _later(desk, intent, CONSENT) is not None:
            raise Conflict("breakglass.consented")
        body = {
            "intent": intent,
            "until": utc_text(now + timedelta(hours=said["body"]["hours"])),
            "review_due": utc_text(now + REVIEW_WITHIN),
        }
        # Waited for inside: the next question whether there is a consent sees only what is durable.
        events.append(desk, _event(desk, actor, said["doc"], 2, head, CONSENT, body), unlock, _done).wait()
    return order_of(desk, intent)


def open_document(desk: Desk, actor: Actor, intent: int, doc: str, unlock: str | None) -> Mapping[str, Any]:
    """Step 3: the answers in clear; the opening stands in the log and the access log before they are read.

    Raises NotAllowed (`breakglass.not_ordered` for another person or document, `breakglass.over`, or
    `breakglass.no_consent`), NeedsUnlock.
    """
    order, now = order_of(desk, intent), desk.clock.now()
    actor = people.as_of_now(desk, actor)
    if order.consent is None:
        raise NotAllowed("breakglass.no_consent")
    if actor.person not in order.people or doc not in order.documents:
        raise NotAllowed("breakglass.not_ordered")
    if utc_text(now) >= order.until:
        raise NotAllowed("breakglass.over")
    role = _grant_of(desk, actor).role
    row = reading.row_of(desk, doc)
    with desk.journal.sequencing():
        name, body = base32(desk.randomness.bytes(16)), {"intent": intent, "document": doc}
        ticket = events.append(desk, _event(desk, actor, name, 1, "", OPEN, body), unlock, _done)
    ticket.wait()
    basis = f"breakglass:{intent}"
    desk.access.write(Access(utc_text(now), actor.person, role, doc, ("*",), "breakglass", basis))
    return reading.answers_of(desk, row)


def review(desk: Desk, actor: Actor, intent: int, finding: str, unlock: str | None) -> None:
    """Step 4: somebody who did not ask judges it; `finding` is `justified` or `unjustified`.

    Raises Invalid, NotAllowed (`breakglass.same_person`), Conflict (`breakglass.reviewed`), NotFound.
    """
    if finding not in ("justified", "unjustified"):
        raise Invalid("breakglass", problems=[Problem("/finding", "breakglass.finding")])
    with desk.journal.sequencing():
        actor = people.as_of_now(desk, actor)
        order = order_of(desk, intent)
        if order.consent is None:
            raise NotFound("breakglass.no_consent")
        if actor.person in order.people:
            raise NotAllowed("breakglass.same_person")
        if _later(desk, intent, REVIEW) is not None:
            raise Conflict("breakglass.reviewed")
        said, head = _read(desk, order.consent, CONSENT)
        body = {"intent": intent, "finding": finding}
        events.append(desk, _event(desk, actor, said["doc"], 3, head, REVIEW, body), unlock, _done).wait()


def opened_under(desk: Desk, intent: int) -> tuple[Access, ...]:
    """Every opening under an order as the access log has it; reads that log whole."""
    return tuple(one for one in desk.access.entries() if one.basis == f"breakglass:{intent}")


def order_of(desk: Desk, intent: int) -> Order:
    """The order as the log has it. Raises NotFound for an index that is no intent."""
    said, _ = _read(desk, intent, INTENT)
    place = _later(desk, intent, CONSENT)
    consented = _read(desk, place, CONSENT)[0] if place is not None else None
    asked = (said["actor"]["person"],)
    return Order(
        intent=intent,
        consent=place,
        reason=said["body"]["reason"],
        documents=tuple(said["body"]["documents"]),
        people=asked if consented is None else (*asked, consented["actor"]["person"]),
        until="" if consented is None else consented["body"]["until"],
        review_due="" if consented is None else consented["body"]["review_due"],
    )


def is_about(record: Record) -> bool:
    """Whether a record may be of an order; asked of its bytes, since nearly all are not."""
    return record.envelope.payload_type == EVENT and _MARK in record.envelope.payload


def may_take_part(actor: Actor, day: str) -> bool:
    """Whether somebody may ask, consent or review on a day (YYYY-MM-DD)."""
    return any(one.role in REQUESTERS for one in actor.grants_on(day))


def _later(desk: Desk, intent: int, kind: str) -> int | None:
    """The index of an order's event of a kind, after its intent."""
    doc = desk.journal.read(intent).statement()["doc"]
    for record in desk.journal.scan(intent + 1):
        if is_about(record):
            said = record.statement()
            if said["type"] == kind and said["doc"] == doc:
                return record.index
    return None


def _read(desk: Desk, index: int, kind: str) -> tuple[Mapping[str, Any], str]:
    """The statement of an event of this kind and its event id."""
    record = desk.journal.read(index)
    if record.envelope.payload_type != EVENT or record.statement()["type"] != kind:
        raise NotFound("breakglass.not_found")
    return record.statement(), identifiers.event_id(record.envelope.pae())


def _event(
    desk: Desk, actor: Actor, doc: str, seq: int, prev: str, kind: str, body: Mapping[str, Any]
) -> NewEvent:
    grant = _grant_of(desk, actor)
    return NewEvent(
        doc=doc, seq=seq, prev=prev, type=kind, actor=actor, role=grant.role, grant=grant, body=body
    )


def _grant_of(desk: Desk, actor: Actor) -> Grant:
    day = local_day(desk.clock.now())
    found = next((one for one in actor.grants_on(day) if one.role in REQUESTERS), None)
    if found is None:
        raise NotAllowed("breakglass.role")
    return found


def _key_of(desk: Desk, actor: Actor) -> str:
    account = desk.directory.by_person(actor.person)
    return identifiers.kid(bytes.fromhex(account.public_key)) if account is not None else ""


def _done(_written: events.Written, _committed: object) -> None:
    return None
