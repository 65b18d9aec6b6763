"""Names made of digests: events, signature sets, keys, log leaves, documents.

Decides which bytes are hashed under which label. Never checks a signature.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from typing import Protocol

_EVENT_LABEL = b"fengjian/event/v1\x00"
_SIGNATURES_LABEL = b"fengjian/sigs/v1\x00"
_KID_LABEL = b"fengjian/kid/v1\x00"
_DOC_ID = re.compile(r"[a-z2-7]{26}")
_HEX64 = re.compile(r"[0-9a-f]{64}")


class _Signed(Protocol):
    @property
    def suite(self) -> str: ...
    @property
    def public_key(self) -> bytes: ...
    @property
    def signature(self) -> bytes: ...


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE pre-authentication encoding; lengths are byte lengths. `payload_type` is ASCII."""
    kind = payload_type.encode("ascii")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def event_id(signed_bytes: bytes) -> str:
    """The name of an event: 64 hex digits over its PAE; no re-encoding and no signature changes it."""
    return hashlib.sha256(_EVENT_LABEL + signed_bytes).hexdigest()


def sig_digest(signatures: Iterable[_Signed]) -> str:
    """64 hex digits over a set of signatures, whatever their order: suite, raw key, signature of each."""
    rows = sorted(one.suite.encode("ascii") + b"\x00" + one.public_key + one.signature for one in signatures)
    return hashlib.sha256(_SIGNATURES_LABEL + b"".join(rows)).hexdigest()


def kid(public_key: bytes, suite: str = "L1") -> str:
    """A short hint for a key: 32 hex digits. The trust snapshot decides, never this."""
    return hashlib.sha256(_KID_LABEL + suite.encode("ascii") + b"\x00" + public_key).hexdigest()[:32]


def leaf_bytes(*, event: str, sigs: str, doc: str, seq: int, kind: str, received_at: str) -> bytes:
    """The canonical leaf of the log for one event. All members are ASCII without characters to escape."""
    return (
        f'{{"doc":"{doc}","event_id":"{event}","received_at":"{received_at}","seq":{seq},'
        f'"sig_digest":"{sigs}","type":"{kind}","v":1}}'
    ).encode("ascii")


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 6962 section 2.1 hash of a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def doc_id(random: bytes) -> str:
    """A document id from 16 random bytes: lower-case base32 without padding, 26 characters."""
    if len(random) != 16:
        raise ValueError("a document id is made of 16 bytes")
    return base64.b32encode(random).decode("ascii").rstrip("=").lower()


def is_doc_id(text: object) -> bool:
    """Whether `text` is a document id in its only spelling."""
    if not isinstance(text, str) or len(text) != 26 or _DOC_ID.fullmatch(text) is None:
        return False
    data = base64.b32decode(text.upper() + "======")
    return doc_id(data) == text


def is_digest(text: object) -> bool:
    """Whether `text` is 64 lower-case hex digits."""
    return isinstance(text, str) and _HEX64.fullmatch(text) is not None
