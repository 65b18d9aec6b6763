"""The leaf of the log for each kind of envelope that is logged.

Decides what a leaf says of an event, a trust snapshot or a trust root, always from the envelope itself.
Never takes a leaf that somebody offers.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.trust import identifiers, root, snapshot, statement
from engine.trust.envelope import EVENT, TRUST_ROOT, TRUST_SNAPSHOT, Envelope, Signature, refuse

ROOT_DOC = "trust.root"


def leaf_of(envelope: Envelope, received_at: str) -> bytes:
    """The leaf bytes of a logged envelope; `Invalid` when its payload is not what its type says."""
    if envelope.payload_type == EVENT:
        one = statement.read(envelope.payload)
        place = (one.doc, one.seq, one.type)
    elif envelope.payload_type == TRUST_SNAPSHOT:
        place = (snapshot.LOG_DOC, snapshot.read(envelope.payload).version, snapshot.LOG_TYPE)
    elif envelope.payload_type == TRUST_ROOT:
        place = (ROOT_DOC, root.read(envelope.payload).version, ROOT_DOC)
    else:
        raise refuse("/payloadType", "leaf.type")
    return leaf(identifiers.event_id(envelope.pae()), envelope.signatures, place, received_at)


def leaf(event: str, signatures: Iterable[Signature], place: tuple[str, int, str], received_at: str) -> bytes:
    """The leaf bytes for an event id, its signatures, its place (doc, seq, type) and its time of receipt."""
    if not statement.is_time(received_at):
        raise refuse("/received_at", "leaf.received_at")
    doc, seq, kind = place
    return identifiers.leaf_bytes(
        event=event,
        sigs=identifiers.sig_digest(signatures),
        doc=doc,
        seq=seq,
        kind=kind,
        received_at=received_at,
    )
