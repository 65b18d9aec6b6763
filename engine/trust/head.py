"""The head statement: the platform's word that an event is the last of a document as of a checkpoint.

Decides its bytes (docs/format.md "Head statement"). Inclusion proves that an event is in the log, never that
none came after it; until the log commits to heads, this signed claim is what an auditor can hold against us.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.trust import canonical
from engine.trust.envelope import exact_members, refuse
from engine.trust.identifiers import is_digest
from engine.trust.statement import is_word


@dataclass(frozen=True, slots=True)
class Head:
    """`head` is the event id of the document's last event, number `seq`, in `state`, among `size` leaves."""

    origin: str
    doc: str
    head: str
    seq: int
    state: str
    size: int


def payload(one: Head) -> bytes:
    """The canonical payload."""
    return canonical.encode(
        {
            "v": 1,
            "origin": one.origin,
            "doc": one.doc,
            "head": one.head,
            "seq": one.seq,
            "state": one.state,
            "size": one.size,
        }
    )


def read(data: bytes) -> Head:
    """The head statement in a payload; `Invalid` unless exact and canonical."""
    value = canonical.parse(data)
    got = exact_members(value, "", ("v", "origin", "doc", "head", "seq", "state", "size"))
    numbers = (got["v"], got["seq"], got["size"])
    if any(type(one) is not int or one < 1 for one in numbers) or got["v"] != 1:
        raise refuse("", "head.format")
    if not isinstance(got["origin"], str) or not is_word(got["doc"]) or not is_digest(got["head"]):
        raise refuse("", "head.format")
    if not is_word(got["state"]) or not canonical.is_canonical(data, value):
        raise refuse("", "head.format")
    return Head(got["origin"], got["doc"], got["head"], got["seq"], got["state"], got["size"])
