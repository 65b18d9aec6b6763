"""A document as it stood under one checkpoint of the log, and what its proof then rests on.

Decides which records, people and roots count at a size of the log, so that a paper once given can be given
again, byte for byte. Never asks what somebody was allowed to do then: whoever reads today needs today's
right, and what was lawfully destroyed since is gone from the old papers too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine import projection
from engine.desk import reading, sealing
from engine.desk.desk import Desk
from engine.errors import Conflict, NotFound
from engine.identity import utc_text
from engine.lifecycle.people import Actor
from engine.projection import DESTROYED, DocumentRow
from engine.registry.masks import mask
from engine.trust import canonical, checkpoint, identifiers, merkle, policy, root, snapshot, witness
from engine.trust.commitments import flatten, unflatten
from engine.trust.envelope import Envelope
from engine.trust.root import TrustRoot


@dataclass(frozen=True, slots=True)
class Moment:
    """One checkpoint: the first `size` records. `note` is signed, `trust` the trust.json of that time,
    `people` (log index, envelope JSON, entries JSON) the newest register among them. `at` is the time a paper
    says: now, or for an older checkpoint when its last record came in."""

    size: int
    note: str
    at: str
    trust: bytes
    people: tuple[int, bytes, bytes]
    is_past: bool = False


def newest(desk: Desk, indexes: Iterable[int]) -> Moment:
    """The newest cosigned checkpoint when it covers all of `indexes`, else the newest of ours alone (ADR 11).

    Only lines of witnesses that the trust root names are carried: a verifier knows no others. Raises NotFound
    for an index that is not durable yet.
    """
    people, trust = desk.trust.snapshots()[-1], desk.trust.root_chain()
    wanted, now = [people[0], *indexes], utc_text(desk.clock.now())
    note = desk.witnessed.newest()
    read = checkpoint.open(note) if note else None
    if read is not None and max(wanted) < read.size <= desk.journal.durable_size:
        top = root.walk(root.read_trust_file(trust))[-1]
        log_key, named = top.log_key(read.size), policy.parse(top.witness_policy).witnesses.values()
        proof = desk.journal.inclusion(wanted[0], read.size)
        leaf = desk.journal.leaf_hash(wanted[0])
        # A note kept from another history than this journal's would prove nothing.
        is_ours = merkle.verify_inclusion(leaf, wanted[0], read.size, proof, read.root)
        if log_key is not None and is_ours and checkpoint.cosignatures(read, named):
            carried = witness.carry(note, log_key, named)
            return Moment(read.size, desk.witnessed.settled(read.size, carried), now, trust, people)
    found = desk.journal.committed_together(wanted)[0]
    return Moment(found.size, found.checkpoint, now, trust, people)


def at(desk: Desk, size: int) -> Moment:
    """An older checkpoint. Raises NotFound: `checkpoint.not_found` where none was signed at that size,
    `checkpoint.not_witnessed` where the witnesses that were needed have not cosigned it."""
    held = [one for one in desk.trust.snapshots() if one[0] < size]
    if not held:
        raise NotFound("checkpoint.not_found", size=size)
    note = desk.witnessed.settled(size) or desk.journal.note(size)
    moment = desk.journal.read(size - 1).received_at
    chain = root.read_trust_file(desk.trust.root_chain())
    registered = snapshot.read(Envelope.from_json(canonical.parse(held[-1][1])).payload).root_version
    kept = [one for one in root.walk(chain) if one.version <= registered or one.issued_at < moment]
    if not _is_witnessed(kept[-1], note):
        raise NotFound("checkpoint.not_witnessed", size=size)
    return Moment(size, note, moment, root.trust_file(chain[: len(kept)]), held[-1], is_past=True)


def row_at(desk: Desk, row: DocumentRow, moment: Moment) -> DocumentRow:
    """The row as it was; of an older checkpoint NotFound when the document came later.

    What lets a document be found (index bits, the sealed line of a list) is left out of an older row.
    """
    if not moment.is_past:
        return row
    then: DocumentRow | None = None
    for step in row["steps"]:
        if step["index"] < moment.size:
            record = desk.journal.read(step["index"])
            event = identifiers.event_id(record.envelope.pae())
            then = projection.project(then, record, event, record.statement()).row
    if then is None:
        raise NotFound("document.not_found")
    return then


def open_document(desk: Desk, actor: Actor, doc: str, moment: Moment) -> reading.Opened:
    """The document as it stood, opened by today's right for a print.

    Masked is what today's form version masks, and what that of the time did. Raises NotFound, NotAllowed, and
    Conflict("print.destroyed") for an older print of a document whose content is gone.
    """
    today, _ = reading.readable_row(desk, actor, doc)
    row = row_at(desk, today, moment)
    if moment.is_past and DESTROYED in today["flags"]:
        raise Conflict("print.destroyed")
    opened = reading.open_document(desk, actor, doc, revision=row["revision"], purpose="print")
    if row["digest"] == opened.form.digest:
        return replace(opened, row=row)
    form, hidden, shown = desk.registry.by_digest(row["digest"]), set(opened.masked), []
    for path, value in flatten(opened.answers):
        info = form.field(path)
        is_sensitive = info is not None and info.sensitivity == "sensitive" and path not in hidden
        if info is not None and is_sensitive:
            if (info.seal or sealing.OTHER) in opened.rights.clear_classes:
                shown.append((path, value))
                continue
            hidden.add(path)
            value = mask(info.mask, value)
        shown.append((path, value))
    return replace(opened, row=row, form=form, answers=unflatten(shown), masked=frozenset(hidden))


def _is_witnessed(top: TrustRoot, note: str) -> bool:
    named = policy.parse(top.witness_policy)
    seen = checkpoint.cosignatures(checkpoint.open(note), named.witnesses.values())
    return policy.is_satisfied(named, [one.public_key for one in seen])
