"""Destroying a document's content lawfully: two approvals, one event of the platform, then nothing is left.

Decides who may approve and what has to go: key wraps, index bits and list summary, staged uploads with their
keys, blobs that no other document shares, drafts of corrections, the rows' file on the disk, and on some
legal bases the drafts about the same person (`engine.desk.same_person`). The chain stays whole, and a
verifier answers "lawfully destroyed at index N" (docs/format.md "What happened afterwards").

 1  Two people approve on the same legal basis, each by a signed event in the document's own chain.
 2  The platform logs `shred`, which names both events and the digests of the wraps before and after.
 3  What can be destroyed is overwritten. A crash between 2 and 3 is finished by `settle`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.desk import events, people, reading, retention, same_person
from engine.desk.desk import Desk, Ticket
from engine.desk.events import NewEvent
from engine.errors import Conflict, NotAllowed
from engine.identity import local_day
from engine.lifecycle.people import Actor, Grant
from engine.projection import DESTROYED, DocumentRow
from engine.trust.chain import CONSENT, CONSENTS_NEEDED, SHRED
from engine.trust.identifiers import kid
from engine.trust.statement import SYSTEM_ROLE, FormRef
from engine.trust.wrap import wrap_set_digest


def approve(desk: Desk, actor: Actor, doc: str, basis: str, expected_head: str, unlock: str | None) -> bool:
    """Approve; whether this was the second approval, upon which the content is gone when this returns.

    `basis` is a code of the law that asks for it, such as `PIPL-47-1`. Raises `NotFound`, `NotAllowed`
    (`shred.role`, `shred.approved_already`), `Conflict` (`document.destroyed`, `document.changed`,
    `shred.old_record`, `shred.other_basis`), `NeedsUnlock`, `Unavailable`.
    """
    with desk.journal.sequencing():
        actor = people.as_of_now(desk, actor)
        row, _ = reading.readable_row(desk, actor, doc)
        grant = _grant_of(desk, actor)
        _check(desk, row, actor, basis, expected_head)
        ticket = events.append(desk, _event(row, CONSENT, actor, grant, {"basis": basis}), unlock, _event_of)
        consents = _consents(desk, reading.row_of(desk, doc))
        is_second = len(consents) >= CONSENTS_NEEDED
        last = _destroy(desk, reading.row_of(desk, doc), basis, list(consents)) if is_second else ticket
    last.wait()
    if is_second:
        erase(desk, reading.row_of(desk, doc))
    return is_second


def _check(desk: Desk, row: DocumentRow, actor: Actor, basis: str, expected_head: str) -> None:
    if DESTROYED in row["flags"]:
        raise Conflict("document.destroyed")
    if expected_head != row["head"]:
        raise Conflict("document.changed", state=row["state"], head=row["head"])
    check_erasable(desk, row)
    _check_person(desk, row, actor, basis)
    retention.check_destructible(desk, row, basis)


def check_erasable(desk: Desk, row: DocumentRow) -> None:
    """Refuse a document whose wraps stand in the journal, which nothing can be taken from."""
    if any(desk.journal.read(index).kept_at() is None for _, index in row["contents"]):
        raise Conflict("shred.old_record")


def _check_person(desk: Desk, row: DocumentRow, actor: Actor, basis: str) -> None:
    """Two persons, two keys, one basis."""
    account = desk.directory.by_person(actor.person)
    key = kid(bytes.fromhex(account.public_key)) if account is not None else ""
    for said in _consents(desk, row).values():
        if actor.person == said["person"] or key == said["key"]:
            raise NotAllowed("shred.approved_already")
        if said["basis"] != basis:
            raise Conflict("shred.other_basis", basis=said["basis"])


def consent_once(
    desk: Desk, row: DocumentRow, actor: Actor, role: str, grant: Grant | None, basis: str, unlock: str | None
) -> None:
    """Append this person's consent inside the critical section, unless it stands already.

    Raises `NotAllowed("shred.approved_already")` where another person's consent was given by the same key,
    `Conflict("shred.other_basis")`.
    """
    if actor.person not in {said["person"] for said in _consents(desk, row).values()}:
        _check_person(desk, row, actor, basis)
        said = replace(_event(row, CONSENT, actor, grant, {"basis": basis}), role=role)
        events.append(desk, said, unlock, _event_of)


def destroy_consented(desk: Desk, row: DocumentRow, basis: str) -> None:
    """Append the destruction that two consents allow, inside the critical section; `erase` comes after it.

    Raises `Conflict("shred.one_consent")` where fewer than two persons have consented.
    """
    approvals = list(_consents(desk, row))
    if len(approvals) < CONSENTS_NEEDED:
        raise Conflict("shred.one_consent")
    _destroy(desk, row, basis, approvals)


def _consents(desk: Desk, row: DocumentRow) -> dict[str, Mapping[str, str]]:
    """The approvals that stand: {event: person, key and basis}."""
    found: dict[str, Mapping[str, str]] = {}
    for step in row["steps"]:
        if step["transition"] == CONSENT:
            said = desk.journal.read(step["index"]).statement()
            found[step["event"]] = {**said["actor"], "basis": said["body"]["basis"]}
    return found


def _destroy(desk: Desk, row: DocumentRow, basis: str, approvals: list[str]) -> Ticket[str]:
    wraps = [each for place in _places(desk, row) if (one := desk.erasable.read(place)) for each in one.wraps]
    body: dict[str, object] = {
        "approvals": approvals,
        "basis": basis,
        "wraps_before": wrap_set_digest(wraps),
        "wraps_after": wrap_set_digest(()),
    }
    new = _event(row, SHRED, people.system_actor(desk), None, body)
    return events.append(desk, new, None, _event_of)


def _event(
    row: DocumentRow, kind: str, actor: Actor, grant: Grant | None, body: dict[str, object]
) -> NewEvent:
    return NewEvent(
        doc=row["doc"],
        seq=row["seq"] + 1,
        prev=row["head"],
        type=kind,
        actor=actor,
        role=SYSTEM_ROLE if grant is None else grant.role,
        grant=grant,
        form=FormRef(row["form"], row["version"], row["digest"]),
        source=row["state"],
        target=row["state"],
        body=body,
    )


def _event_of(written: events.Written, _committed: object) -> str:
    return written.event


def _grant_of(desk: Desk, actor: Actor) -> Grant:
    found = next(iter(_approving(desk, actor)), None)
    if found is None:
        raise NotAllowed("shred.role")
    return found


def may_approve(desk: Desk, actor: Actor) -> bool:
    """Whether the actor holds one of the roles that the agency lets approve."""
    return bool(_approving(desk, actor))


def _approving(desk: Desk, actor: Actor) -> list[Grant]:
    day = local_day(desk.clock.now())
    return [one for one in actor.grants_on(day) if one.role in desk.agency.shred_roles]


def _places(desk: Desk, row: DocumentRow) -> list[int]:
    found = (desk.journal.read(index).kept_at() for _, index in row["contents"])
    return [place for place in found if place is not None]


def erase(desk: Desk, row: DocumentRow) -> None:
    """Overwrite and remove everything of a destroyed document that could still say something.

    Drafts first: they are found by what the document says, which nobody can read afterwards.
    """
    staged: frozenset[str] = frozenset()
    if _basis(desk, row) in same_person.ABOUT_THE_PERSON:
        staged = same_person.discard(desk, same_person.drafts_about(desk, row).same)
    with desk.journal.sequencing():
        desk.erasable.replace(dict.fromkeys(_places(desk, row)))
    records = [desk.journal.read(index).statement() for _, index in row["contents"]]
    blobs = staged | {one["ct"] for said in records for one in said["attachments"]}
    if blobs:
        shared = _blobs_of_others(desk, row["doc"])
        desk.blobs.forget(blobs, shared.__contains__)
    for account in desk.directory.all():
        for draft in desk.drafts.of_person(account.person):
            if draft.doc == row["doc"]:
                desk.drafts.discard(draft.id)
    desk.store.save()


def _basis(desk: Desk, row: DocumentRow) -> str:
    """The legal basis that the destruction itself names; "" for a document that was not destroyed."""
    index = next((one["index"] for one in row["steps"] if one["transition"] == SHRED), None)
    return str(desk.journal.read(index).statement()["body"]["basis"]) if index is not None else ""


def _blobs_of_others(desk: Desk, doc: str) -> set[str]:
    said = (record.statement() for record in desk.journal.scan())
    return {one["ct"] for each in said if each.get("doc") != doc for one in each.get("attachments", ())}


def settle(desk: Desk, rows: Iterable[DocumentRow] | None = None) -> int:
    """Finish destructions that a crash interrupted; how many there were."""
    left = [
        row
        for row in (desk.store.rows() if rows is None else rows)
        if DESTROYED in row["flags"] and any(desk.erasable.read(place) for place in _places(desk, row))
    ]
    for row in left:
        erase(desk, row)
    return len(left)
