"""One event, from what a use case decided to a promise of the journal. The single place that appends.

Steps, inside the journal's critical section:
 1 take the next index and the last checkpoint (the anchor every signer repeats)
 2 build the statement: no personal information, only commitments, digests, ids
 3 the person signs it, then the platform attests it (policy evaluated, received at)
 4 make the leaf and hand the record to the journal
 5 project it, so that the next check sees it
Whatever fails before step 4 leaves no trace; after step 4 the journal answers for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine import projection
from engine.desk.desk import Desk, Receipt, Ticket
from engine.errors import Unavailable
from engine.identity import utc_text
from engine.lifecycle.people import Actor, Grant
from engine.ports import Committed
from engine.record import Erasable, Record, StoredPart
from engine.trust import envelope as dsse
from engine.trust import identifiers, tlogproof
from engine.trust.statement import ActorRef, AttachmentRef, FormRef, PartRef, Statement, build
from engine.trust.wrap import Wrap

T = TypeVar("T")

PURPOSE = {"basis": "PIPL-13-3", "code": "benefit-administration"}
NO_FORM = FormRef("none", "0.0.0", "0" * 64)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What a use case has decided; everything but time, place in the log, keys and signatures."""

    doc: str
    seq: int
    prev: str
    type: str
    actor: Actor
    role: str
    grant: Grant | None = None
    form: FormRef = NO_FORM
    source: str = ""
    target: str = ""
    transition: str = ""
    header: Mapping[str, Any] = field(default_factory=dict)
    part_refs: tuple[PartRef, ...] = ()
    parts: tuple[StoredPart, ...] = ()
    wraps: tuple[Wrap, ...] = ()
    attachments: tuple[AttachmentRef, ...] = ()
    saw: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    side: Mapping[str, Any] = field(default_factory=dict)
    purpose: Mapping[str, str] = field(default_factory=lambda: PURPOSE)


@dataclass(frozen=True, slots=True)
class Written:
    """The record that was handed to the journal and its event id."""

    record: Record
    event: str


def check_writable(desk: Desk) -> None:
    """Refuse before any work when the journal takes nothing: `Unavailable("journal.read_only", reason)`."""
    reason = desk.journal.read_only
    if reason is not None:
        raise Unavailable("journal.read_only", reason=reason)


def append(
    desk: Desk, new: NewEvent, unlock: str | None, finish: Callable[[Written, Committed], T]
) -> Ticket[T]:
    """Sign and append one event; call it inside `desk.journal.sequencing()`.

    `unlock` is the vault's token for the actor's key; a system actor signs as the platform alone.
    Raises `NeedsUnlock`, `Unavailable`.
    """
    check_writable(desk)
    moment = utc_text(desk.clock.now())
    # 1
    index = desk.journal.next_index
    size, root, _ = desk.journal.checkpoint()
    # 2
    statement = Statement(
        origin=desk.agency.origin,
        agency=desk.agency.code,
        doc=new.doc,
        seq=new.seq,
        prev=new.prev,
        type=new.type,
        form=new.form,
        source=new.source,
        target=new.target,
        transition=new.transition,
        actor=_actor_ref(desk, new),
        auth=_authentication(new.actor),
        purpose=new.purpose,
        header=new.header,
        parts=new.part_refs,
        attachments=new.attachments,
        saw=new.saw,
        anchor={"size": size, "root": root.hex()} if size else {},
        time=moment,
        nonce=desk.randomness.bytes(16).hex(),
        body=new.body,
    )
    payload = build(statement)
    # 3
    signed = identifiers.pae(dsse.EVENT, payload)
    if new.actor.is_system:
        signatures: tuple[dsse.Signature, ...] = (desk.vault.sign_platform(signed),)
    else:
        signatures = desk.vault.sign_event(unlock, new.actor.person, signed)
    # 4
    side, kept = _set_apart(desk, new)
    record = Record(index, dsse.Envelope(dsse.EVENT, payload, signatures), moment, new.parts, (), side)
    written = Written(record, identifiers.event_id(signed))
    future = desk.journal.append(record, lambda committed: finish(written, committed))
    # 5
    before = desk.store.get(new.doc) if new.seq > 1 else None
    desk.store.apply(index, projection.project(before, record, written.event, record.statement(), kept))
    return Ticket(future)


def _set_apart(desk: Desk, new: NewEvent) -> tuple[Mapping[str, Any], Erasable | None]:
    """The record's side, and what can be destroyed, which the side names by place and digest only."""
    if not new.wraps and "blind" not in new.side:
        return new.side, None
    side = dict(new.side)
    kept = Erasable(new.doc, new.wraps, side.pop("blind", {}), side.pop("summary", ""))
    side["kept"] = list(desk.erasable.add(kept))
    return side, kept


def _actor_ref(desk: Desk, new: NewEvent) -> ActorRef:
    """The actor as signed: the unit is that of the grant that allowed the act."""
    unit, grant = (new.grant.unit, new.grant.id) if new.grant is not None else (new.actor.unit, "")
    return ActorRef(new.actor.person, new.role, unit, _key_id(desk, new.actor), grant)


def _key_id(desk: Desk, actor: Actor) -> str:
    if actor.is_system:
        key: bytes = desk.vault.public_keys()["platform"]
        return identifiers.kid(key)
    account = desk.directory.by_person(actor.person)
    return identifiers.kid(bytes.fromhex(account.public_key)) if account else identifiers.kid(b"")


def _authentication(actor: Actor) -> Mapping[str, str]:
    return {"method": actor.method, "session": actor.session, "tier": "S0"} if actor.session else {}


def receipt(
    written: Written, committed: Committed, statement: Mapping[str, Any], row: Mapping[str, Any]
) -> Receipt:
    """The receipt of an event of a document, once the journal has committed it."""
    return Receipt(
        doc=statement["doc"],
        doc_id=row["doc_id"],
        doc_no=row["doc_no"],
        form=statement["form"]["id"],
        version=statement["form"]["version"],
        seq=statement["seq"],
        transition=statement["transition"],
        state=statement["to"],
        revision=row["revision"],
        event=written.event,
        index=committed.index,
        received_at=written.record.received_at,
        due_at=written.record.side.get("due_at", ""),
        proof=tlogproof.encode(committed.index, committed.proof, committed.checkpoint),
        checkpoint=committed.checkpoint,
    )
