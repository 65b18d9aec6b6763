"""Ed25519 keys of suite L1: making them from a seed, signing, and libsodium's strict rule of verification.

Decides what counts as a valid signature and as an acceptable public key. Every failure of the library is
"not valid", whatever it raises. Never makes a seed and never keeps a key.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from nacl import bindings

SEED_BYTES = 32
PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64

_P = 2**255 - 19
_D = -121665 * pow(121666, _P - 2, _P) % _P


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair; `secret` is libsodium's 64 bytes (seed and public key). Its repr shows no secret."""

    public_key: bytes
    secret: bytes

    def __repr__(self) -> str:
        return f"SigningKey(public_key={self.public_key.hex()})"


def signing_key(seed: bytes) -> SigningKey:
    """The key pair of a seed of 32 bytes (RFC 8032 section 5.1.5)."""
    public_key, secret = bindings.crypto_sign_seed_keypair(seed)
    return SigningKey(public_key, secret)


def sign(key: SigningKey, message: bytes) -> bytes:
    """The 64-byte signature over `message`."""
    return bindings.crypto_sign(message, key.secret)[:SIGNATURE_BYTES]


def is_valid(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature holds by the strict rule; small-order keys never do."""
    if len(signature) != SIGNATURE_BYTES or len(public_key) != PUBLIC_KEY_BYTES:
        return False
    try:
        bindings.crypto_sign_open(signature + message, public_key)
    except Exception:
        return False
    return True


@lru_cache(maxsize=4096)
def is_acceptable(public_key: bytes) -> bool:
    """Whether a key may be enrolled: 32 bytes, a canonical point of the curve, of the large prime order."""
    if len(public_key) != PUBLIC_KEY_BYTES or public_key in LOW_ORDER:
        return False
    try:
        return bool(bindings.crypto_core_ed25519_is_valid_point(public_key))
    except Exception:
        return False


def _low_order_points() -> frozenset[bytes]:
    # The eight points of order dividing 8 and their non-canonical spellings, computed rather than copied:
    # y = 0, 1, -1 and the four y of order 8, each with both sign bits and, where it fits 255 bits, plus p.
    ys = {0, 1, _P - 1} | _order_eight_ys()
    spellings = {value for y in ys for value in (y, y + _P) if value < 2**255}
    return frozenset((value | sign << 255).to_bytes(32, "little") for value in spellings for sign in (0, 1))


def _order_eight_ys() -> set[int]:
    # A point of order 8 doubles to one with y = 0, and the doubling formula gives x^2 = -y^2 there; the curve
    # equation -x^2 + y^2 = 1 + d x^2 y^2 becomes d y^4 + 2 y^2 - 1 = 0. Solve for y^2, then for y.
    root = _sqrt((1 + _D) % _P)
    out: set[int] = set()
    for signed in () if root is None else (root, -root):
        y = _sqrt((signed - 1) * pow(_D, _P - 2, _P) % _P)
        if y is not None:
            out |= {y, _P - y}
    return out


def _sqrt(value: int) -> int | None:
    candidate = pow(value, (_P + 3) // 8, _P)
    for one in (candidate, candidate * pow(2, (_P - 1) // 4, _P) % _P):
        if one * one % _P == value % _P:
            return one
    return None


LOW_ORDER = _low_order_points()
