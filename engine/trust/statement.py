"""The event statement: what a person and the platform sign when something happens to a document.

Decides the members of the payload of an event envelope and the shape of each (docs/format.md "Statement").
Holds no personal information: commitments, digests, pseudonyms, ids. Never decides whether the event was
permitted, and never signs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engine.trust import canonical
from engine.trust.envelope import refuse
from engine.trust.statement_shape import CLASSES, SUITES, VERSION, check, is_time, is_word

SYSTEM_ROLE = "system"

__all__ = [
    "CLASSES",
    "SUITES",
    "SYSTEM_ROLE",
    "ActorRef",
    "AttachmentRef",
    "FormRef",
    "PartRef",
    "Statement",
    "build",
    "is_time",
    "is_word",
    "read",
]


@dataclass(frozen=True, slots=True)
class FormRef:
    """The form version a statement was made under; `sha256` is the digest of its bundle."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ActorRef:
    """Who acted, as what: pseudonym, role, unit, key id and the id of the grant that allowed it."""

    person: str
    role: str
    unit: str
    key: str
    grant: str


@dataclass(frozen=True, slots=True)
class PartRef:
    """One sealed part: number, class, root and number of leaves, digest and length of sealed bytes, kc."""

    n: int
    klass: str
    root: str
    leaves: int
    ct: str
    length: int
    kc: str


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """One sealed file: id, class, digest and length of sealed bytes, key commitment, hiding commitment."""

    id: str
    klass: str
    ct: str
    length: int
    kc: str
    commit: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One event of one document. Times are `YYYY-MM-DDTHH:MM:SSZ`; digests are lower-case hex.

    `prev` is the event id of the event before, "" for the first. `body` is for events that are not
    transitions (`trust.*`, `reseal`, `shred`, `issue`); it holds non-personal facts only.
    """

    origin: str
    agency: str
    doc: str
    seq: int
    prev: str
    type: str
    form: FormRef
    source: str
    target: str
    transition: str
    actor: ActorRef
    auth: Mapping[str, str]
    purpose: Mapping[str, str]
    header: Mapping[str, Any]
    parts: tuple[PartRef, ...]
    attachments: tuple[AttachmentRef, ...]
    saw: Mapping[str, Any]
    anchor: Mapping[str, Any]
    time: str
    nonce: str
    body: Mapping[str, Any] = field(default_factory=dict)
    suite: str = "L1"


def build(statement: Statement) -> bytes:
    """The payload: canonical JSON. Raises `Invalid` when a member is malformed, as `read` would."""
    value = _as_value(statement)
    check(value)
    return canonical.dump(value)


@lru_cache(maxsize=256)
def read(payload: bytes) -> Statement:
    """The statement in a payload; `Invalid` unless exact and canonical. Verifies no signature.

    Remembered by the bytes, since a leaf, a signature and a chain each ask for the same statement.
    """
    value = canonical.parse(payload)
    check(value)
    if not canonical.is_canonical(payload, value):
        raise refuse("", "statement.not_canonical")
    form, actor = value["form"], value["actor"]
    return Statement(
        origin=value["origin"],
        agency=value["agency"],
        doc=value["doc"],
        seq=value["seq"],
        prev=value["prev"],
        type=value["type"],
        form=FormRef(form["id"], form["version"], form["sha256"]),
        source=value["from"],
        target=value["to"],
        transition=value["transition"],
        actor=ActorRef(actor["person"], actor["role"], actor["unit"], actor["key"], actor["grant"]),
        auth=value["auth"],
        purpose=value["purpose"],
        header=value["header"],
        parts=tuple(
            PartRef(one["n"], one["class"], one["root"], one["leaves"], one["ct"], one["len"], one["kc"])
            for one in value["parts"]
        ),
        attachments=tuple(
            AttachmentRef(one["id"], one["class"], one["ct"], one["len"], one["kc"], one["commit"])
            for one in value["attachments"]
        ),
        saw=value["saw"],
        anchor=value["anchor"],
        time=value["time"],
        nonce=value["nonce"],
        body=value["body"],
        suite=value["suite"],
    )


def _as_value(one: Statement) -> dict[str, Any]:
    return {
        "v": VERSION,
        "suite": one.suite,
        "origin": one.origin,
        "agency": one.agency,
        "doc": one.doc,
        "seq": one.seq,
        "prev": one.prev,
        "type": one.type,
        "form": {"id": one.form.id, "version": one.form.version, "sha256": one.form.sha256},
        "from": one.source,
        "to": one.target,
        "transition": one.transition,
        "actor": {
            "person": one.actor.person,
            "role": one.actor.role,
            "unit": one.actor.unit,
            "key": one.actor.key,
            "grant": one.actor.grant,
        },
        "auth": dict(one.auth),
        "purpose": dict(one.purpose),
        "header": dict(one.header),
        "parts": [
            {
                "n": part.n,
                "class": part.klass,
                "root": part.root,
                "leaves": part.leaves,
                "ct": part.ct,
                "len": part.length,
                "kc": part.kc,
            }
            for part in one.parts
        ],
        "attachments": [
            {
                "id": file.id,
                "class": file.klass,
                "ct": file.ct,
                "len": file.length,
                "kc": file.kc,
                "commit": file.commit,
            }
            for file in one.attachments
        ],
        "saw": dict(one.saw),
        "anchor": dict(one.anchor),
        "body": dict(one.body),
        "time": one.time,
        "nonce": one.nonce,
    }
