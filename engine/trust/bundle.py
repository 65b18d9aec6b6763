"""The proof bundle: everything a stranger needs to judge a document, in one canonical JSON text.

Decides the members of a bundle (docs/format.md "Proof bundle") and reads it into typed values. Never judges:
`engine.trust.verify` does. A bundle holds of the answers only what is disclosed in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.trust import canonical, root, tlogproof
from engine.trust.commitments import Disclosure
from engine.trust.envelope import Envelope, decode_base64, encode_base64, exact_members, refuse
from engine.trust.identifiers import is_digest
from engine.trust.snapshot import ProvenPerson
from engine.trust.statement import is_time
from engine.trust.tlogproof import TlogProof

FORMAT = "fengjian-bundle/v1"
MAX_EVENTS = 10_000

_MEMBERS = ("format", "trust", "checkpoint", "snapshots", "forms", "events", "head", "disclosures", "tokens")


@dataclass(frozen=True, slots=True)
class Logged:
    """An envelope with the time of receipt in its leaf, its index and its inclusion proof."""

    envelope: Envelope
    received_at: str
    index: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LoggedSnapshot:
    """A logged trust snapshot with the entries of the people involved."""

    logged: Logged
    people: tuple[ProvenPerson, ...]


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A disclosed field: of which event, of which of its parts."""

    event: str
    part: int
    disclosure: Disclosure


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was read, not yet believed. `forms` are the bytes of form bundles by their digest."""

    trust: tuple[Envelope, ...]
    note: str
    snapshots: tuple[tuple[Envelope, str, TlogProof, tuple[Any, ...]], ...]
    forms: Mapping[str, bytes]
    events: tuple[tuple[Envelope, str, TlogProof], ...]
    head: Envelope
    disclosures: tuple[Disclosed, ...]


def build(
    *,
    trust: bytes,
    note: str,
    snapshots: Sequence[LoggedSnapshot],
    forms: Iterable[bytes],
    events: Sequence[Logged],
    head: Envelope,
    disclosures: Sequence[Disclosed] = (),
) -> bytes:
    """The canonical bytes of a bundle.

    `trust` is trust.json as it stands, `note` the signed checkpoint that every proof is under, `forms` the
    canonical bytes of each form bundle the events name.
    """
    return canonical.encode(value_of(trust, note, snapshots, forms, events, head, disclosures))


def value_of(
    trust: bytes,
    note: str,
    snapshots: Sequence[LoggedSnapshot],
    forms: Iterable[bytes],
    events: Sequence[Logged],
    head: Envelope,
    disclosures: Sequence[Disclosed],
) -> dict[str, Any]:
    """The bundle as a JSON value."""
    return {
        "format": FORMAT,
        "trust": canonical.parse(trust, max_bytes=canonical.BUNDLE_MAX_BYTES),
        "checkpoint": note,
        "snapshots": [
            {**_logged(one.logged, note), "people": [person.to_json() for person in one.people]}
            for one in snapshots
        ],
        "forms": [one.decode() for one in forms],
        "events": [_logged(one, note) for one in events],
        "head": head.to_json(),
        "disclosures": [_disclosed(one) for one in disclosures],
        "tokens": [],
    }


def _logged(one: Logged, note: str) -> dict[str, Any]:
    return {
        "envelope": one.envelope.to_json(),
        "received_at": one.received_at,
        "proof": tlogproof.encode(one.index, one.proof, note),
    }


def _disclosed(one: Disclosed) -> dict[str, Any]:
    field = one.disclosure
    return {
        "event": one.event,
        "part": one.part,
        "path": field.path,
        "value": field.value,
        "salt": encode_base64(field.salt),
        "index": field.index,
        "proof": [encode_base64(sibling) for sibling in field.proof],
    }


def read(data: bytes) -> Bundle:
    """The bundle in `data`; `Invalid` unless it is canonical JSON with exactly the members of the format."""
    value = canonical.parse(data, max_bytes=canonical.BUNDLE_MAX_BYTES)
    got = exact_members(value, "", _MEMBERS)
    if got["format"] != FORMAT or not _is_canonical(data, got):
        raise refuse("/format", "bundle.format")
    if got["tokens"] != []:
        raise refuse("/tokens", "bundle.format")
    if not isinstance(got["checkpoint"], str):
        raise refuse("/checkpoint", "bundle.format")
    if not all(isinstance(one, str) for one in _list(got, "forms")):
        raise refuse("/forms", "bundle.format")
    hashes: dict[str, bytes] = {}
    return Bundle(
        trust=root.chain_of(got["trust"]),
        note=got["checkpoint"],
        snapshots=tuple(_read_snapshot(one) for one in _list(got, "snapshots")),
        forms={one.digest: one.data for one in map(_form, got["forms"])},
        events=tuple(_read_logged(one) for one in _list(got, "events")),
        head=Envelope.from_json(got["head"]),
        disclosures=tuple([_read_disclosed(one, hashes) for one in _list(got, "disclosures")]),
    )


def _is_canonical(data: bytes, got: Mapping[str, Any]) -> bool:
    # Member by member: the forms are most of a bundle, and their canonical bytes are remembered.
    at, mark = 0, b"{"
    for name in sorted(_MEMBERS):
        value = got[name]
        begin = b'%b"%b":' % (mark, name.encode())
        if not data.startswith(begin, at):
            return False
        at, mark = at + len(begin), b","
        if name == "forms" and type(value) is list and all(type(one) is str for one in value):
            encoded = b"[%b]" % b",".join(_form(one).as_text for one in value)
        else:
            encoded = canonical.dump(value)
        if not data.startswith(encoded, at):
            return False
        at += len(encoded)
    return data[at:] == b"}"


@dataclass(frozen=True, slots=True)
class _Form:
    """A form version that a bundle carried: its bytes, their digest, and the bytes as text in the bundle."""

    data: bytes
    digest: str
    as_text: bytes


def _form(text: str) -> _Form:
    # A stranger's huge form is read like any other but not kept.
    return _remembered(text) if len(text) <= canonical.MAX_BYTES else _encoded(text)


def _encoded(text: str) -> _Form:
    data = text.encode()
    return _Form(data, hashlib.sha256(data).hexdigest(), canonical.dump(text))


_remembered = lru_cache(maxsize=16)(_encoded)


def _list(value: Mapping[str, Any], name: str) -> list[Any]:
    found = value[name]
    if not isinstance(found, list) or len(found) > MAX_EVENTS:
        raise refuse(f"/{name}", "bundle.format")
    return found


def _read_logged(value: Any) -> tuple[Envelope, str, TlogProof]:
    got = exact_members(value, "/events", ("envelope", "received_at", "proof"))
    if not is_time(got["received_at"]) or not isinstance(got["proof"], str):
        raise refuse("/events", "bundle.format")
    return Envelope.from_json(got["envelope"]), got["received_at"], tlogproof.parse(got["proof"])


def _read_snapshot(value: Any) -> tuple[Envelope, str, TlogProof, tuple[Any, ...]]:
    got = exact_members(value, "/snapshots", ("envelope", "received_at", "proof", "people"))
    envelope, received_at, proof = _read_logged(
        {name: got[name] for name in ("envelope", "received_at", "proof")}
    )
    return envelope, received_at, proof, tuple(_list(got, "people"))


def _read_disclosed(value: Any, hashes: dict[str, bytes]) -> Disclosed:
    got = exact_members(value, "/disclosures", ("event", "part", "path", "value", "salt", "index", "proof"))
    proof = got["proof"]
    if not is_digest(got["event"]) or not isinstance(got["path"], str) or not isinstance(proof, list):
        raise refuse("/disclosures", "bundle.format")
    if type(got["part"]) is not int or type(got["index"]) is not int:
        raise refuse("/disclosures", "bundle.format")
    for one in proof:
        # The proofs of one part share most of their hashes: each text is decoded once.
        if not isinstance(one, str) or one not in hashes:
            hashes[one] = decode_base64(one, "/disclosures/proof")
    salt = decode_base64(got["salt"], "/disclosures/salt")
    field = Disclosure(got["path"], got["value"], salt, got["index"], tuple([hashes[one] for one in proof]))
    return Disclosed(got["event"], got["part"], field)
