"""An invented agency with fixed keys: 小林 keys, 周敏 reviews, 王局 heads the audit, the log holds it all.

Everything is derived from labels, so that two runs make the same bytes; used by the tests of the trust
format and by the script that writes the worked vectors. Not for production: its secrets are printed here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.trust import (
    bundle,
    canonical,
    checkpoint,
    commitments,
    head,
    identifiers,
    keys,
    leaves,
    root,
    seal,
    snapshot,
    statement,
)
from engine.trust.envelope import EVENT, HEAD, TRUST_ROOT, TRUST_SNAPSHOT, Envelope, Signature, pae
from engine.trust.log import Tree
from engine.trust.statement import ActorRef, FormRef, Statement

ORIGIN = "agency.example/log1"
AGENCY = "310199"
TIME = "2026-11-22T06:45:00Z"
EXPIRES = "2027-05-22T00:00:00Z"

STATES: dict[str, Any] = {
    "initial": "draft",
    "states": {},
    "transitions": [
        {
            "name": "submit",
            "from": ["draft", "returned"],
            "to": "submitted",
            "by": {"roles": ["acceptance_clerk"], "same_as": "created_by"},
            "signing": "unlocked",
        },
        {
            "name": "claim",
            "from": ["submitted"],
            "to": "under_review",
            "holder": "takes",
            "by": {"roles": ["auditor"], "department": "audit"},
            "not_by": ["collector", "submitter", "creator"],
        },
        {
            "name": "return",
            "from": ["under_review"],
            "to": "returned",
            "holder": "drops",
            "by": {"roles": ["auditor"], "department": "audit", "same_as": "claimed_by"},
            "not_by": ["collector", "submitter", "creator"],
        },
        {
            "name": "approve",
            "from": ["under_review"],
            "to": "approved",
            "by": {"roles": ["auditor"], "department": "audit", "same_as": "claimed_by"},
            "guards": [{"id": "K1", "rule": "true"}],
            "not_by": ["collector", "submitter", "creator"],
        },
        {"name": "upload", "from": ["approved"], "to": "effective", "by": {"roles": ["auditor", "system"]}},
    ],
    "system": [{"name": "archive", "from": ["effective"], "to": "archived", "when": "true"}],
}
FORM = canonical.encode_bundle(
    {"schema": {"$ref": "#/$defs/x"}, "states": STATES, "layout": {}, "locale": {}}
)
FORM_DIGEST = hashlib.sha256(FORM).hexdigest()

ANSWERS: dict[str, Any] = {
    "insured": {"full_name": "张文兰", "id_no": "31019919420315026X", "birth_date": "1942-03-15"},
    "health": {"diagnoses": [{"code": "I69.300", "name": "脑梗死后遗症"}], "tubes": ["none"], "stage": 0},
    "claim": {"fund_pay": "1638.00"},
    "statement": {"truthful": True, "remark": ""},
}
CLASS_OF = {"insured": "identity", "health": "health", "claim": "finance"}


def secret(label: str, length: int = 32) -> bytes:
    """Fixed bytes for a label."""
    return hashlib.shake_256(f"fengjian test {label}".encode()).digest(length)


def key_of(label: str) -> keys.SigningKey:
    """The key pair of a label."""
    return keys.signing_key(secret(label))


PLATFORM, LOG = key_of("platform"), key_of("log")
ROOTS = [key_of(f"root {number}") for number in (1, 2, 3)]
REGISTRARS = [key_of(f"registrar {number}") for number in (1, 2)]
LIN, ZHOU, WANG = "p_lin", "p_zhou", "p_wang"
UNIT = {LIN: "business_acceptance", ZHOU: "audit", WANG: "audit"}
ROLE = {LIN: "acceptance_clerk", ZHOU: "auditor", WANG: "auditor"}


def signed_by(signers: Sequence[keys.SigningKey], payload_type: str, payload: bytes) -> Envelope:
    """An envelope with a signature of each key, in that order."""
    message = pae(payload_type, payload)
    return Envelope(
        payload_type,
        payload,
        tuple(
            Signature(identifiers.kid(one.public_key), one.public_key, keys.sign(one, message))
            for one in signers
        ),
    )


def root_value(version: int = 1, **changes: Any) -> dict[str, Any]:
    """A trust root of the agency as a JSON object."""

    def listed(pairs: Sequence[keys.SigningKey]) -> list[dict[str, str]]:
        return [{"key": one.public_key.hex(), "suite": "L1"} for one in pairs]

    vkey = checkpoint.VerifierKey(ORIGIN, checkpoint.TYPE_ED25519, LOG.public_key).text()
    return {
        "v": 1,
        "agency": {"code": AGENCY, "name_zh": "示范区医疗保障服务中心", "name_en": "Model District Office"},
        "origin": ORIGIN,
        "version": version,
        "issued_at": "2026-01-01T00:00:00Z",
        "expires": "2028-01-01T00:00:00Z",
        "root": {"threshold": 2, "keys": listed(ROOTS)},
        "registrar": {"threshold": 1, "keys": listed(REGISTRARS)},
        "log": [{"vkey": vkey, "from_index": 0, "to_index": None}],
        "platform": [{"key": PLATFORM.public_key.hex(), "suite": "L1", "from_index": 0, "to_index": None}],
        "witness_policy": "quorum none\n",
        "suites": ["L1"],
        "payload_types": [EVENT, HEAD, TRUST_SNAPSHOT],
        "roles": {
            role: {"title_zh": "岗位", "title_en": role}
            for role in ("acceptance_clerk", "auditor", "department_head")
        },
        **changes,
    }


def root_envelope(
    value: Mapping[str, Any] | None = None, signers: Sequence[keys.SigningKey] | None = None
) -> Envelope:
    """The signed trust root (two of three by default)."""
    return signed_by(signers or ROOTS[:2], TRUST_ROOT, root.payload(value or root_value()))


TRUST = root.trust_file([root_envelope()])


def person_entry(person: str, **changes: Any) -> dict[str, Any]:
    """The snapshot entry of a person; `changes` go into the key (key_...) or the grant (grant_...)."""
    own: dict[str, Any] = {
        "key": key_of(person).public_key.hex(),
        "suite": "L1",
        "tier": "S0",
        "valid_from_index": 0,
        "valid_to_index": None,
        "reason": "enrolled",
        "suspect_since_index": None,
    }
    grant: dict[str, Any] = {
        "id": f"g_{person}",
        "role": ROLE[person],
        "unit": UNIT[person],
        "region": AGENCY,
        "valid_from_index": 0,
        "valid_to_index": None,
    }
    own |= {name[4:]: value for name, value in changes.items() if name.startswith("key_")}
    grant |= {name[6:]: value for name, value in changes.items() if name.startswith("grant_")}
    return {"person": person, "keys": [own], "grants": [grant]}


PEOPLE = [person_entry(person) for person in (LIN, ZHOU, WANG)]


@dataclass
class Stored:
    """A record as the journal would keep it."""

    index: int
    envelope: Envelope
    received_at: str
    parts: tuple[Any, ...] = ()


@dataclass
class StoredPart:
    """Sealed bytes beside an event."""

    n: int
    nonce: bytes
    ct: bytes


@dataclass
class Agency:
    """A running agency: its log, its records, its people."""

    people: list[dict[str, Any]] = field(default_factory=lambda: list(PEOPLE))
    trust: bytes = TRUST
    records: list[Stored] = field(default_factory=list)
    tree: Tree = field(default_factory=Tree)
    snapshots: list[tuple[int, list[dict[str, Any]]]] = field(default_factory=list)
    sealed: dict[tuple[str, int], tuple[bytes, list[tuple[str, Any]]]] = field(default_factory=dict)

    def log(self, envelope: Envelope, parts: tuple[Any, ...] = ()) -> int:
        """Append an envelope as it is."""
        index = self.tree.append(identifiers.leaf_hash(leaves.leaf_of(envelope, TIME)))
        self.records.append(Stored(index, envelope, TIME, parts))
        return index

    def publish_snapshot(self, signers: Sequence[keys.SigningKey] | None = None, **changes: Any) -> int:
        """Sign and log a snapshot of the people as they are now."""
        before = [one for one in self.records if one.envelope.payload_type == TRUST_SNAPSHOT]
        value: dict[str, Any] = {
            "origin": ORIGIN,
            "version": len(before) + 1,
            "issued_at": "2026-11-22T00:00:00Z",
            "expires": EXPIRES,
            "prev": identifiers.event_id(before[-1].envelope.pae()) if before else "",
            "root_version": 1,
            "people": self.people,
        } | changes
        index = self.log(signed_by(signers or REGISTRARS[:1], TRUST_SNAPSHOT, snapshot.payload(**value)))
        self.snapshots.append((index, list(self.people)))
        return index

    def statement(
        self, doc: str, person: str, transition: str, source: str, target: str, **changes: Any
    ) -> Statement:
        """The next statement of a document."""
        mine = [one for one in self.records if one.envelope.payload_type == EVENT]
        mine = [one for one in mine if statement.read(one.envelope.payload).doc == doc]
        seq = len(mine) + 1
        is_system = person == "platform"
        key = PLATFORM if is_system else key_of(person)
        role = "system" if is_system else ROLE[person]
        unit = "" if is_system else UNIT[person]
        grant = "" if is_system else f"g_{person}"
        one = Statement(
            origin=ORIGIN,
            agency=AGENCY,
            doc=doc,
            seq=seq,
            prev=identifiers.event_id(mine[-1].envelope.pae()) if mine else "",
            type="submit" if transition == "submit" else "transition",
            form=FormRef("info_entry", "1.0.0", FORM_DIGEST),
            source=source,
            target=target,
            transition=transition,
            actor=ActorRef(person, role, unit, identifiers.kid(key.public_key), grant),
            auth={"method": "passphrase", "tier": "S0"},
            purpose={"basis": "PIPL-13-3", "code": "benefit-administration"},
            header={"doc_id": "LTCI-ENT-310199-20261122-000001-5", "revision": 1}
            if transition == "submit"
            else {},
            parts=(),
            attachments=(),
            saw={},
            anchor={},
            time=TIME,
            nonce=secret(f"nonce {doc} {seq}", 16).hex(),
        )
        return replace(one, **changes)

    def act(
        self, doc: str, person: str, transition: str, source: str, target: str, **changes: Any
    ) -> Envelope:
        """Sign (person, then platform) and log the next event of a document; a submit seals the answers."""
        parts: list[seal.SealedPart] = []
        one = self.statement(doc, person, transition, source, target, **changes)
        if transition == "submit" and "parts" not in changes:
            parts = sealed_answers(doc, one.seq)
            one = replace(one, parts=tuple(part.ref for part in parts))
        signers = [PLATFORM] if person == "platform" else [key_of(person), PLATFORM]
        envelope = signed_by(signers, EVENT, statement.build(one))
        event = identifiers.event_id(envelope.pae())
        for part, (_, fields) in zip(parts, grouped(ANSWERS), strict=False):
            self.sealed[event, part.ref.n] = (secret(f"salt {doc} {one.seq} {part.ref.n}"), fields)
        self.log(envelope, tuple(StoredPart(part.ref.n, part.nonce, part.ct) for part in parts))
        return envelope

    def note(self) -> str:
        """The signed checkpoint over everything logged."""
        text = checkpoint.encode_checkpoint(ORIGIN, len(self.tree), self.tree.root())
        return checkpoint.sign(text, ORIGIN, LOG)

    def logged(self, one: Stored) -> bundle.Logged:
        """A record with its proof."""
        return bundle.Logged(
            one.envelope, one.received_at, one.index, tuple(self.tree.inclusion_proof(one.index))
        )

    def bundle_value(self, doc: str, paths: Sequence[str] = ()) -> dict[str, Any]:
        """The bundle of a document as a JSON value, disclosing `paths`."""
        mine = [one for one in self.records if one.envelope.payload_type == EVENT]
        mine = [one for one in mine if statement.read(one.envelope.payload).doc == doc]
        last = statement.read(mine[-1].envelope.payload)
        event = identifiers.event_id(mine[-1].envelope.pae())
        said = head.Head(ORIGIN, doc, event, last.seq, last.target, len(self.tree))
        index, people = self.snapshots[-1]
        wanted = {statement.read(one.envelope.payload).actor.person for one in mine}
        disclosures = [
            bundle.Disclosed(event_id, n, one)
            for (event_id, n), (salt_key, fields) in self.sealed.items()
            if event_id in {identifiers.event_id(each.envelope.pae()) for each in mine}
            for one in commitments.disclose(salt_key, fields, paths)
        ]
        newest = bundle.LoggedSnapshot(
            self.logged(self.records[index]), tuple(snapshot.prove_people(people, wanted))
        )
        return bundle.value_of(
            self.trust,
            self.note(),
            [newest],
            [FORM],
            [self.logged(one) for one in mine],
            signed_by([PLATFORM], HEAD, head.payload(said)),
            disclosures,
        )

    def bundle(self, doc: str, paths: Sequence[str] = ()) -> bytes:
        """The bytes of that bundle."""
        return canonical.encode(self.bundle_value(doc, paths))


def grouped(answers: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, Any]]]]:
    """The fields of the answers by sealing class, in the order of the classes."""
    groups: dict[str, list[tuple[str, Any]]] = {one: [] for one in statement.CLASSES}
    for path, value in commitments.flatten(answers):
        groups[CLASS_OF.get(path.split("/")[1], "other")].append((path, value))
    return [(klass, fields) for klass, fields in groups.items() if fields]


def sealed_answers(doc: str, seq: int) -> list[seal.SealedPart]:
    """The example's answers, sealed for one event."""
    place = seal.PartPlace("L1", ORIGIN, AGENCY, doc, seq, FORM_DIGEST)
    return [
        seal.seal_part(
            secret(f"dk {doc} {klass}"),
            secret(f"salt {doc} {seq} {n}"),
            secret(f"part nonce {doc} {seq} {n}", 24),
            place,
            n,
            klass,
            fields,
        )
        for n, (klass, fields) in enumerate(grouped(answers=ANSWERS))
    ]


DOC = identifiers.doc_id(secret("doc", 16))


def with_a_document() -> Agency:
    """小林 submits, 周敏 claims and approves, the system uploads."""
    agency = Agency()
    agency.publish_snapshot()
    agency.act(DOC, LIN, "submit", "draft", "submitted")
    agency.act(DOC, ZHOU, "claim", "submitted", "under_review")
    agency.act(DOC, ZHOU, "approve", "under_review", "approved")
    agency.act(DOC, "platform", "upload", "approved", "effective")
    return agency
