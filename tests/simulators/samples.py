"""Records as the desk would write them, small, and the keys to sign a log with. Invented throughout."""

from __future__ import annotations

import json
from typing import Any

from engine.record import Record, StoredPart
from engine.trust import identifiers, keys
from engine.trust.envelope import EVENT, Envelope, Signature
from storage.log_signer import LogSigner

ORIGIN = "storage.test/log"
LOG_KEY = keys.signing_key(b"\x07" * 32)
PLATFORM_KEY = keys.signing_key(b"\x08" * 32)


def signer(key: keys.SigningKey = LOG_KEY) -> LogSigner:
    """A signer of the test log."""
    return LogSigner(ORIGIN, key.public_key, lambda message: keys.sign(key, message))


def doc_name(number: int) -> str:
    """A document id that differs for every number."""
    return identifiers.doc_id(number.to_bytes(16, "big"))


def submitted_at(number: int) -> str:
    """Documents come a second apart."""
    return f"2026-11-22T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z"


def statement(number: int, **changes: Any) -> dict[str, Any]:
    """What the payload of a first submission says; `changes` replace members."""
    return {
        "v": 1,
        "doc": doc_name(number),
        "seq": 1,
        "type": "submit",
        "from": "draft",
        "to": "submitted",
        "transition": "submit",
        "form": {"id": "info_entry", "version": "1.0.0", "sha256": "ab" * 32},
        "actor": {"person": "p_xiaolin", "role": "collector", "unit": "D02", "key": "", "grant": ""},
        "header": {
            "doc_id": f"LTCI-ENT-310199-20261122-{number:06d}-0",
            "doc_no": f"长护录〔2026〕{number}号",
            "region_code": "310199",
            "dept_code": "D02",
            "source_channel": "counter",
            "created_at": "2026-11-22T01:00:00Z",
            "submitted_at": submitted_at(number),
            "revision": 1,
        },
        **changes,
    }


def record(
    index: int, number: int | None = None, side: dict[str, Any] | None = None, **changes: Any
) -> Record:
    """The record at `index`: by default the first submission of document `index`."""
    payload = json.dumps(
        statement(index if number is None else number, **changes),
        sort_keys=True, separators=(",", ":"), ensure_ascii=False,
    ).encode()  # fmt: skip
    signed = identifiers.pae(EVENT, payload)
    signature = Signature(
        identifiers.kid(PLATFORM_KEY.public_key), PLATFORM_KEY.public_key, keys.sign(PLATFORM_KEY, signed)
    )
    part = StoredPart(0, "identity", bytes(24), bytes([index % 251]) * 64)
    envelope = Envelope(EVENT, payload, (signature,))
    return Record(index, envelope, "2026-11-22T02:00:00Z", (part,), (), side or {})
