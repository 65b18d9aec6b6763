"""One entry of the journal: a signed event with everything that stands beside its signature.

Decides the bytes of a journal record. Never signs, seals or checks; see `engine.trust`.

    record  = u32 length of head | head | part 0 ciphertext | part 1 ciphertext | ...      (big-endian)
    head    = JSON {i, t, p, s:[[kid, key, signature]], at, parts:[[n, class, nonce, length]], wraps, side}

The envelope's payload stays the exact signed bytes (base64 in the head). The leaf is not stored: it is
recomputed from the envelope, so that it can never disagree with it.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from engine.errors import Broken
from engine.trust.envelope import Envelope, Signature
from engine.trust.wrap import Wrap


@dataclass(frozen=True, slots=True)
class StoredPart:
    """One sealed part as stored: nonce and ciphertext; its commitments stand in the signed statement."""

    n: int
    klass: str
    nonce: bytes
    ct: bytes


@dataclass(frozen=True, slots=True)
class Erasable:
    """What of one record can be destroyed: key wraps, index bits, the sealed list summary (hexadecimal).

    It never stands in the journal, which is immutable; the record's side names its place (`kept`).
    """

    doc: str
    wraps: tuple[Wrap, ...] = ()
    blind: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A journal entry. `index` is its leaf index in the log; `side` feeds the projection only.

    `wraps` is empty in all but old records: they stand in the erasable store at `kept_at()`.
    """

    index: int
    envelope: Envelope
    received_at: str
    parts: tuple[StoredPart, ...] = ()
    wraps: tuple[Wrap, ...] = ()
    side: Mapping[str, Any] = field(default_factory=dict)

    def kept_at(self) -> int | None:
        """The place of what can be destroyed of this record; None when it has nothing of that kind."""
        kept = self.side.get("kept")
        return None if kept is None else int(kept[0])

    def statement(self) -> Mapping[str, Any]:
        """The signed statement as JSON. The bytes were canonical when they were signed."""
        value = parsed(self.envelope.payload)
        if not isinstance(value, dict):
            raise Broken("record.statement", index=self.index)
        return value


@lru_cache(maxsize=64)
def parsed(payload: bytes) -> Any:
    """What a payload says, to be read only: leaf, projection and receipt each ask for the same one."""
    return orjson.loads(payload)


def _text(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode("ascii")


def _wrap_row(one: Wrap) -> list[Any]:
    return [one.doc, one.klass, one.compartment, one.epoch, one.alg, _text(one.nonce), _text(one.ct)]


def _read_wrap(row: list[Any]) -> Wrap:
    doc, klass, compartment, epoch, alg, nonce, ct = row
    return Wrap(doc, klass, compartment, epoch, alg, a2b_base64(nonce), a2b_base64(ct))


def encode(record: Record) -> bytes:
    """The record's bytes as the journal frames them."""
    head = {
        "i": record.index,
        "t": record.envelope.payload_type,
        "p": _text(record.envelope.payload),
        "s": [[s.kid, _text(s.public_key), _text(s.signature)] for s in record.envelope.signatures],
        "at": record.received_at,
        "parts": [[p.n, p.klass, _text(p.nonce), len(p.ct)] for p in record.parts],
        "wraps": [_wrap_row(one) for one in record.wraps],
        "side": record.side,
    }
    body = orjson.dumps(head)
    return b"".join([len(body).to_bytes(4, "big"), body, *(p.ct for p in record.parts)])


def decode(data: bytes) -> Record:
    """The record those bytes are; `Broken` when they are none although their frame's digest was right."""
    try:
        size = int.from_bytes(data[:4], "big")
        head = orjson.loads(data[4 : 4 + size])
        parts, place = [], 4 + size
        for n, klass, nonce, length in head["parts"]:
            parts.append(StoredPart(n, klass, a2b_base64(nonce), data[place : place + length]))
            place += length
        if place != len(data):
            raise ValueError("length")
        signatures = tuple(Signature(kid, a2b_base64(key), a2b_base64(sig)) for kid, key, sig in head["s"])
        wraps = tuple(_read_wrap(row) for row in head["wraps"])
        return Record(
            index=head["i"],
            envelope=Envelope(head["t"], a2b_base64(head["p"]), signatures),
            received_at=head["at"],
            parts=tuple(parts),
            wraps=wraps,
            side=head["side"],
        )
    except (ValueError, KeyError, TypeError, IndexError) as fault:
        raise Broken("record.unreadable") from fault
