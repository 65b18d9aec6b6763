"""The DSSE envelope: signatures over the exact bytes of a typed payload (DSSE protocol 1.0.2).

Decides the bytes that are signed (PAE) and the one JSON form of an envelope. Never looks inside a payload,
and never says whether a key may be believed: the key and its id travel as hints and are looked up elsewhere.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import Any

from engine.errors import Invalid, Problem
from engine.trust import identifiers

EVENT = "application/vnd.fengjian.event.v1+json"
TRUST_ROOT = "application/vnd.fengjian.trust-root.v1+json"
TRUST_SNAPSHOT = "application/vnd.fengjian.trust-snapshot.v1+json"
HEAD = "application/vnd.fengjian.head.v1+json"
QUERY_RESULT = "application/vnd.fengjian.query-result.v1+json"
RECEIPT = "application/vnd.fengjian.receipt.v1+json"
PAGE = "application/vnd.fengjian.page.v1+json"
PAYLOAD_TYPES = (EVENT, TRUST_ROOT, TRUST_SNAPSHOT, HEAD, QUERY_RESULT, RECEIPT, PAGE)

pae = identifiers.pae


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature. `kid` and `public_key` are claims of whoever wrote the envelope, not facts."""

    kid: str
    public_key: bytes
    signature: bytes
    suite: str = "L1"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload of a type with its signatures; `payload` is the very bytes that were signed."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def pae(self) -> bytes:
        """The bytes every signature of this envelope covers."""
        return identifiers.pae(self.payload_type, self.payload)

    def to_json(self) -> dict[str, Any]:
        """The JSON object of docs/format.md "Envelope"."""
        return {
            "payload": encode_base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": [
                {
                    "key": encode_base64(one.public_key),
                    "keyid": one.kid,
                    "sig": encode_base64(one.signature),
                    "suite": one.suite,
                }
                for one in self.signatures
            ],
        }

    @classmethod
    def from_json(cls, value: Any) -> Envelope:
        """Read the JSON object; raises `Invalid` for a missing, unknown or malformed member."""
        members = exact_members(value, "", ("payload", "payloadType", "signatures"))
        payload_type = members["payloadType"]
        if not isinstance(payload_type, str) or payload_type not in PAYLOAD_TYPES:
            raise refuse("/payloadType", "envelope.payload_type")
        listed = members["signatures"]
        if not isinstance(listed, list) or not 1 <= len(listed) <= 16:
            raise refuse("/signatures", "envelope.signatures")
        payload = decode_base64(members["payload"], "/payload")
        signatures = tuple(_signature(one, f"/signatures/{index}") for index, one in enumerate(listed))
        return cls(payload_type, payload, signatures)


def _signature(value: Any, pointer: str) -> Signature:
    members = exact_members(value, pointer, ("key", "keyid", "sig", "suite"))
    suite = members["suite"]
    if not isinstance(suite, str) or not 1 <= len(suite) <= 8 or not suite.isalnum() or not suite.isascii():
        raise refuse(f"{pointer}/suite", "envelope.suite")
    key = decode_base64(members["key"], f"{pointer}/key")
    kid = members["keyid"]
    # The id is only a hint, but a hint that contradicts the key beside it is a fault of the writer.
    if kid != identifiers.kid(key, suite):
        raise refuse(f"{pointer}/keyid", "envelope.keyid")
    return Signature(kid, key, decode_base64(members["sig"], f"{pointer}/sig"), suite)


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648 section 4)."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decode_base64(text: Any, pointer: str = "") -> bytes:
    """The bytes of canonical base64; refuses every other spelling of the same bytes."""
    if isinstance(text, str):
        try:
            data = binascii.a2b_base64(text, strict_mode=True)
            if binascii.b2a_base64(data, newline=False) == text.encode("ascii"):
                return data
        except ValueError:
            pass
    raise refuse(pointer, "envelope.base64")


def exact_members(value: Any, pointer: str, names: tuple[str, ...]) -> dict[str, Any]:
    """`value` as an object that has exactly the members `names`."""
    if not isinstance(value, dict) or len(value) != len(names) or not value.keys() >= set(names):
        raise refuse(pointer, "format.members", expected=list(names))
    return value


def refuse(pointer: str, code: str, **facts: Any) -> Invalid:
    """The refusal of one place of a value that was read."""
    return Invalid(problems=[Problem(pointer, code, facts)])
