"""HKDF-SHA256 (RFC 5869), the one key derivation of suite L1. Decides no labels: callers name them."""

from __future__ import annotations

import hashlib

_sha256 = hashlib.sha256
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


def hmac_pads(key: bytes) -> tuple[bytes, bytes]:
    """The padded keys of HMAC-SHA256 (RFC 2104) for a key of any length.

    HMAC is written out over these because it is half the time of the library's for the short messages of a
    document, and lets one key serve many: HMAC(m) = H(outer || H(inner || m)).
    """
    padded = (_sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\x00")
    return padded.translate(_INNER), padded.translate(_OUTER)


def hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """`length` bytes (at most 8160) derived from `key`."""
    if not 0 < length <= 255 * 32:
        raise ValueError("length out of range")
    inner, outer = hmac_pads(salt)
    extracted = _sha256(outer + _sha256(inner + key).digest()).digest()
    inner, outer = hmac_pads(extracted)
    block = out = _sha256(outer + _sha256(inner + info + b"\x01").digest()).digest()
    counter = 2
    while len(out) < length:
        block = _sha256(outer + _sha256(inner + block + info + bytes((counter,))).digest()).digest()
        out += block
        counter += 1
    return out[:length]
