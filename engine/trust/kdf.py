"""HKDF-SHA256 (RFC 5869), the one key derivation of suite L1. Decides no labels: callers name them."""

from __future__ import annotations

import hmac


def hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """`length` bytes (at most 8160) derived from `key`."""
    if not 0 < length <= 255 * 32:
        raise ValueError("length out of range")
    extracted = hmac.digest(salt or bytes(32), key, "sha256")
    block = hmac.digest(extracted, info + b"\x01", "sha256")
    out = block
    counter = 2
    while len(out) < length:
        block = hmac.digest(extracted, block + info + bytes((counter,)), "sha256")
        out += block
        counter += 1
    return out[:length]
