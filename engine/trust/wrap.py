"""Key wraps: how a document key is kept for those who may open, outside of anything signed.

Decides the bytes of a wrap and what it is bound to (docs/format.md "Wraps"). Never holds a key, never
decides who gets one. Wraps are rewritten when a compartment's epoch turns, destroyed with the content.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nacl import bindings

from engine.errors import Broken
from engine.trust import canonical
from engine.trust.envelope import decode_base64, encode_base64, exact_members, refuse
from engine.trust.kdf import hkdf
from engine.trust.statement import CLASSES, is_word

ALG = "xchacha20poly1305"
RECOVERY_ALG = "x25519-sealedbox"

_NAME_BYTES = 16


@dataclass(frozen=True, slots=True)
class WrapContext:
    """What a wrap is for: one document key, in one epoch of one compartment."""

    doc: str
    klass: str
    compartment: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Wrap:
    """A wrapped document key as it is stored. `ct` begins with the 16 bytes of the key's name (`dk_id`)."""

    doc: str
    klass: str
    compartment: str
    epoch: int
    alg: str
    nonce: bytes
    ct: bytes

    @property
    def context(self) -> WrapContext:
        """What the wrap is for."""
        return WrapContext(self.doc, self.klass, self.compartment, self.epoch)

    @property
    def dk_id(self) -> str:
        """The public name of the wrapped key, 32 hex digits."""
        return self.ct[:_NAME_BYTES].hex()

    def to_json(self) -> dict[str, Any]:
        """The JSON object of docs/format.md "Wraps"."""
        return {
            "alg": self.alg,
            "class": self.klass,
            "compartment": self.compartment,
            "ct": encode_base64(self.ct),
            "doc": self.doc,
            "epoch": self.epoch,
            "nonce": encode_base64(self.nonce),
        }

    @classmethod
    def from_json(cls, value: Any) -> Wrap:
        """Read the JSON object; raises `Invalid`."""
        got = exact_members(value, "", ("alg", "class", "compartment", "ct", "doc", "epoch", "nonce"))
        if got["alg"] not in (ALG, RECOVERY_ALG) or got["class"] not in CLASSES:
            raise refuse("/alg", "wrap.value")
        if not is_word(got["doc"]) or not is_word(got["compartment"]):
            raise refuse("/doc", "wrap.value")
        if type(got["epoch"]) is not int or got["epoch"] < 0:
            raise refuse("/epoch", "wrap.value")
        nonce, ct = decode_base64(got["nonce"], "/nonce"), decode_base64(got["ct"], "/ct")
        return cls(got["doc"], got["class"], got["compartment"], got["epoch"], got["alg"], nonce, ct)


def _made(context: WrapContext, alg: str, name: bytes, nonce: bytes, ct: bytes) -> Wrap:
    return Wrap(context.doc, context.klass, context.compartment, context.epoch, alg, nonce, name + ct)


def dk_id(dk: bytes) -> str:
    """The public name of a document key: 32 hex digits from which the key cannot be found."""
    return hkdf(dk, b"", b"fengjian/dk-id/v1\x00", 16).hex()


def _aad(context: WrapContext, name: str) -> bytes:
    # The canonical form spelled out: its texts are plain words (`is_word`), and a million are rewrapped.
    return (
        f'{{"class":"{context.klass}","compartment":"{context.compartment}","dk_id":"{name}",'
        f'"doc":"{context.doc}","epoch":{context.epoch}}}'
    ).encode("ascii")


def wrap(kek: bytes, nonce: bytes, dk: bytes, context: WrapContext) -> Wrap:
    """Wrap `dk` (32 bytes) under `kek` (32) with a fresh `nonce` (24)."""
    name = dk_id(dk)
    ct = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(dk, _aad(context, name), nonce, kek)
    return _made(context, ALG, bytes.fromhex(name), nonce, ct)


def unwrap(kek: bytes, wrapped: Wrap) -> bytes:
    """The document key; `Broken("wrap.broken")` when the wrap is not of this key, place or epoch."""
    try:
        dk = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            wrapped.ct[_NAME_BYTES:], _aad(wrapped.context, wrapped.dk_id), wrapped.nonce, kek
        )
    except Exception:
        raise Broken("wrap.broken") from None
    return _named(dk, wrapped)


def rewrapped(old: bytes, new: bytes, nonce: bytes, wrapped: Wrap, epoch: int) -> Wrap:
    """The same key under `new` (32) in another epoch, with a fresh `nonce` (24); `Broken` as `unwrap`."""
    context = WrapContext(wrapped.doc, wrapped.klass, wrapped.compartment, epoch)
    ct = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        unwrap(old, wrapped), _aad(context, wrapped.dk_id), nonce, new
    )
    return _made(context, ALG, wrapped.ct[:_NAME_BYTES], nonce, ct)


def _named(dk: bytes, wrapped: Wrap) -> bytes:
    # The AEAD does not commit to its key; the name of the key does.
    if len(dk) != 32 or not hmac.compare_digest(dk_id(dk), wrapped.dk_id):
        raise Broken("wrap.broken")
    return dk


def _recovery_tail(context: WrapContext) -> bytes:
    return hashlib.sha256(canonical.dump({"class": context.klass, "doc": context.doc})).digest()


def wrap_for_recovery(recovery_key: bytes, seed: bytes, dk: bytes, context: WrapContext) -> Wrap:
    """A libsodium sealed box of `dk` for the offline X25519 key; `seed` (32 fresh bytes) is for that box."""
    ephemeral, secret = bindings.crypto_box_seed_keypair(seed)
    nonce = hashlib.blake2b(ephemeral + recovery_key, digest_size=24).digest()
    box = bindings.crypto_box(dk + _recovery_tail(context), nonce, recovery_key, secret)
    return _made(context, RECOVERY_ALG, bytes.fromhex(dk_id(dk)), b"", ephemeral + box)


def unwrap_by_recovery(public_key: bytes, secret_key: bytes, wrapped: Wrap) -> bytes:
    """The document key from a recovery wrap; `Broken("wrap.broken")` otherwise."""
    try:
        plain = bindings.crypto_box_seal_open(wrapped.ct[_NAME_BYTES:], public_key, secret_key)
    except Exception:
        raise Broken("wrap.broken") from None
    if len(plain) != 64 or not hmac.compare_digest(plain[32:], _recovery_tail(wrapped.context)):
        raise Broken("wrap.broken")
    return _named(plain[:32], wrapped)


def _jcs(one: Wrap) -> bytes:
    """The canonical form of `to_json`, spelled out for the same reason."""
    return (
        f'{{"alg":"{one.alg}","class":"{one.klass}","compartment":"{one.compartment}",'
        f'"ct":"{encode_base64(one.ct)}","doc":"{one.doc}","epoch":{one.epoch},'
        f'"nonce":"{encode_base64(one.nonce)}"}}'
    ).encode("ascii")


def wrap_set_digest(wraps: Iterable[Wrap]) -> str:
    """The digest of a set of wraps, whatever their order: what `key.rewrap` and `shred` events name."""
    rows = sorted(map(_jcs, wraps))
    return hashlib.sha256(b"fengjian/wraps/v1\x00" + b"\n".join(rows)).hexdigest()
