"""A key module in memory; its PIN is given at birth."""

from __future__ import annotations

from hashlib import sha256

from nacl import bindings

from engine.errors import Broken, NotAllowed, Unavailable
from engine.trust import keys


class MemoryModule:
    """The KeyModule port in memory."""

    def __init__(self, pin: str) -> None:
        self._pin, self._is_open = pin, False
        self._key = keys.signing_key(sha256(b"module").digest())
        self._count = 0

    def open(self, pin: str) -> None:
        if pin != self._pin:
            raise NotAllowed("module.pin")
        self._is_open = True

    def public_key(self) -> bytes:
        self._ask()
        return self._key.public_key

    def sign(self, message: bytes) -> bytes:
        self._ask()
        return keys.sign(self._key, message)

    def wrap(self, label: bytes, key: bytes) -> bytes:
        self._ask()
        self._count += 1
        nonce = self._count.to_bytes(24, "big")
        return nonce + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(key, label, nonce, bytes(32))

    def unwrap(self, label: bytes, wrapped: bytes) -> bytes:
        self._ask()
        try:
            return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
                wrapped[24:], label, wrapped[:24], bytes(32)
            )
        except Exception:
            raise Broken("module.wrap") from None

    def _ask(self) -> None:
        if not self._is_open:
            raise Unavailable("module.shut")
