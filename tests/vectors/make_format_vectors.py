"""Writes docs/format-vectors.json: the worked vectors of docs/format.md, the same bytes every time.

Run from the repository: `python -m tests.vectors.make_format_vectors`. A test holds the file equal to what
this makes, and a second verifier, in whatever language, can be tested against it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from nacl import bindings

from engine.errors import Invalid
from engine.trust import (
    blind,
    canonical,
    checkpoint,
    commitments,
    identifiers,
    leaves,
    merkle,
    root,
    seal,
    snapshot,
    tlogproof,
    wrap,
)
from engine.trust.envelope import EVENT, pae
from engine.trust.kdf import hkdf
from tests.engine.trust.agency import (
    AGENCY,
    ANSWERS,
    DOC,
    FORM,
    FORM_DIGEST,
    LIN,
    LOG,
    ORIGIN,
    PEOPLE,
    PLATFORM,
    ROOTS,
    TIME,
    TRUST,
    grouped,
    key_of,
    secret,
    with_a_document,
)

VALUES: tuple[Any, ...] = (
    {"b": 1, "a": ["张", "\n\u007f\u20ac", -(2**53) + 1, True, None], "A": {}},
    [],
    "",
    0,
)
TARGET = Path(__file__).parents[2] / "docs" / "format-vectors.json"


def vectors() -> dict[str, Any]:
    """Every worked vector, as a JSON value. Binary is hex unless a member says base64."""
    agency = with_a_document()
    submit = agency.records[1].envelope
    return {
        "about": "Worked vectors for docs/format.md; made by tests/vectors/make_format_vectors.py",
        "keys": {
            name: {
                "seed": secret(label).hex(),
                "public_key": key_of(label).public_key.hex(),
                "kid": identifiers.kid(key_of(label).public_key),
            }
            for name, label in (("lin", LIN), ("platform", "platform"), ("log", "log"), ("root 1", "root 1"))
        },
        "canonical": [{"value": value, "bytes": canonical.encode(value).hex()} for value in VALUES],
        "refused": [
            {"text": text, "pointer": problem.pointer, "code": problem.code} for text, problem in _refusals()
        ],
        "pae": {"type": EVENT, "payload": "7b7d", "bytes": pae(EVENT, b"{}").hex()},
        "event": _event(agency),
        "commitments": _commitments(),
        "part": _part(),
        "attachment": _attachment(),
        "wrap": _wraps(),
        "blind": _blind(),
        "merkle": _merkle(),
        "checkpoint": {
            "vkey": checkpoint.VerifierKey(ORIGIN, checkpoint.TYPE_ED25519, LOG.public_key).text(),
            "note": agency.note(),
            "cosignature_line": checkpoint.cosign(
                agency.note(), "w.example", key_of("witness"), 1_795_330_000
            ),
            "witness_vkey": checkpoint.VerifierKey("w.example", 4, key_of("witness").public_key).text(),
        },
        "tlog_proof": tlogproof.encode(1, agency.tree.inclusion_proof(1), agency.note()),
        "trust": {
            "trust_json_base64": base64.b64encode(TRUST).decode(),
            "fingerprint": root.fingerprint(TRUST),
            "root_payload": root.read_trust_file(TRUST)[0].payload.decode(),
            "root_signers": [one.public_key.hex() for one in ROOTS[:2]],
        },
        "snapshot": {
            "payload": agency.records[0].envelope.payload.decode(),
            "leaf": leaves.leaf_of(agency.records[0].envelope, TIME).decode(),
            "people": [
                {"entry": one, "leaf_hash": hashed.hex()}
                for one, hashed in zip(
                    snapshot.sorted_people(PEOPLE), snapshot.people_leaves(PEOPLE), strict=True
                )
            ],
        },
        "form_digest": {"bytes_base64": base64.b64encode(FORM).decode(), "sha256": FORM_DIGEST},
        "bundle_base64": base64.b64encode(agency.bundle(DOC, ["/insured/full_name"])).decode(),
        "bundle_expected": {
            "now": "2026-11-22T08:00:00Z",
            "verdicts": dict.fromkeys(("integrity", "identity", "authority", "order", "freshness"), "good"),
            "state": "effective",
            "seq": 4,
            "values": [{"seq": 1, "path": "/insured/full_name", "value": "张文兰"}],
        },
        "platform_key": PLATFORM.public_key.hex(),
        "first_event_signatures": [one.signature.hex() for one in submit.signatures],
    }


def _refusals() -> list[tuple[str, Any]]:
    out = []
    for text in (
        '{"a":1,"a":1}',
        '{"a":1.0}',
        '{"a":1e3}',
        "[9007199254740992]",
        '["\\ud800"]',
        '["\\u202e"]',
        '{"a b":1}',
        "[NaN]",
        "[1,]",
        "[" * 33 + "]" * 33,
    ):
        try:
            canonical.parse(text.encode())
        except Invalid as fault:
            out.append((text, fault.problems[0]))
    return out


def _event(agency: Any) -> dict[str, Any]:
    envelope = agency.records[1].envelope
    signed = envelope.pae()
    return {
        "payload": envelope.payload.decode(),
        "envelope": envelope.to_json(),
        "pae_sha256": hashlib.sha256(signed).hexdigest(),
        "event_id": identifiers.event_id(signed),
        "sig_digest": identifiers.sig_digest(envelope.signatures),
        "received_at": TIME,
        "leaf": leaves.leaf_of(envelope, TIME).decode(),
        "leaf_hash": identifiers.leaf_hash(leaves.leaf_of(envelope, TIME)).hex(),
    }


def _commitments() -> dict[str, Any]:
    salt_key, fields = secret("salt key"), dict(grouped(ANSWERS))["health"]
    hashes = commitments.leaves(salt_key, fields)
    (shown,) = commitments.disclose(salt_key, fields, ["/health/stage"])
    return {
        "answers": ANSWERS,
        "salt_key": salt_key.hex(),
        "class": "health",
        "fields": [[path, value] for path, value in fields],
        "leaf_hashes": [one.hex() for one in hashes],
        "root": merkle.root_of(hashes).hex(),
        "disclosure": {
            "path": shown.path,
            "value": shown.value,
            "salt": shown.salt.hex(),
            "index": shown.index,
            "proof": [one.hex() for one in shown.proof],
        },
    }


def _part() -> dict[str, Any]:
    dk, salt_key, nonce = secret("dk"), secret("salt key"), secret("part nonce", 24)
    place = seal.PartPlace("L1", ORIGIN, AGENCY, DOC, 1, FORM_DIGEST)
    fields = dict(grouped(ANSWERS))["health"]
    sealed = seal.seal_part(dk, salt_key, nonce, place, 0, "health", fields)
    header = canonical.dump(
        {
            "agency": AGENCY,
            "class": "health",
            "doc": DOC,
            "form": FORM_DIGEST,
            "kind": "part",
            "leaves": sealed.ref.leaves,
            "n": 0,
            "origin": ORIGIN,
            "root": sealed.ref.root,
            "seq": 1,
            "suite": "L1",
        }
    )
    okm = hkdf(dk, nonce, b"fengjian/part/v1\x00" + hashlib.sha256(header).digest(), 64)
    return {
        "dk": dk.hex(),
        "salt_key": salt_key.hex(),
        "nonce": nonce.hex(),
        "header": header.decode(),
        "okm": okm.hex(),
        "plain": canonical.dump({"fields": fields, "salt_key": salt_key.hex()}).decode(),
        "ciphertext": sealed.ct.hex(),
        "ct": sealed.ref.ct,
        "len": sealed.ref.length,
        "kc": sealed.ref.kc,
        "root": sealed.ref.root,
        "leaves": sealed.ref.leaves,
    }


def _attachment() -> dict[str, Any]:
    key, nonce, data = secret("file key"), secret("file nonce", 24), b"%PDF-1.7 example\n"
    stream = seal.seal_attachment(key, nonce, seal.AttachmentPlace("L1", AGENCY), [data])
    stored = b"".join(stream)
    known = stream.seal()
    return {
        "key": key.hex(),
        "nonce": nonce.hex(),
        "plain": data.hex(),
        "stored": stored.hex(),
        "ct": known.ct,
        "len": known.length,
        "kc": known.kc,
        "commit": known.commit,
    }


def _wraps() -> dict[str, Any]:
    dk, kek = secret("dk"), secret("kek")
    context = wrap.WrapContext(DOC, "health", "info_entry.health", 3)
    public, private = bindings.crypto_box_seed_keypair(secret("recovery"))
    recovery = wrap.wrap_for_recovery(
        public, secret("ephemeral"), dk, replace(context, compartment="recovery", epoch=0)
    )
    return {
        "dk": dk.hex(),
        "dk_id": wrap.dk_id(dk),
        "kek": kek.hex(),
        "wrap": wrap.wrap(kek, secret("wrap nonce", 24), dk, context).to_json(),
        "recovery_public_key": public.hex(),
        "recovery_private_key": private.hex(),
        "recovery_wrap": recovery.to_json(),
    }


def _blind() -> dict[str, Any]:
    key = blind.index_key(
        secret("index"), agency=AGENCY, form="info_entry", field="/insured/full_name", index="exact", epoch=1
    )
    normalized = blind.normalize_for_index("张　文兰")
    return {
        "root_key": secret("index").hex(),
        "key": key.hex(),
        "text": "张　文兰",
        "normalized": normalized,
        "bits": 12,
        "value": blind.blind(key, normalized, 12),
    }


def _merkle() -> dict[str, Any]:
    hashes = [merkle.leaf_hash(bytes((number,))) for number in range(7)]
    return {
        "leaf_data": [bytes((number,)).hex() for number in range(7)],
        "roots": [merkle.root_of(hashes[:size]).hex() for size in range(8)],
        "inclusion_of_4_in_7": [one.hex() for one in merkle.proof_of(hashes, 4)],
    }


def text() -> str:
    """The file's text."""
    return json.dumps(vectors(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
