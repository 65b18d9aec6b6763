"""A key module made of software: the stand-in for a certified machine, behind the same port.

Decides how its two keys lie on the disk: sealed under argon2id(PIN), in a folder of its own, which is to
stand on other media than the data. Never gives a key out. It proves the port and the mode; it does not
prove what hardware proves, that keys cannot be copied.

    file = JSON {v, salt, passes, memory, public, sealed}; sealed = signing seed (32) | wrapping key (32)
"""

from __future__ import annotations

import os
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

import orjson

from engine.errors import Broken, NotAllowed, TooMany, Unavailable
from engine.trust import keys
from engine.trust.keys import SigningKey
from storage.disk import Disk
from storage.keyring import open_sealed, seal
from storage.passphrases import Passphrases, Strength
from storage.unsealing import CUSTODIANS

_LABEL = b"fengjian/software-module/v1\x00"
_FREE_MISSES = 3


class SoftwareModule:
    """The module in one folder. Shut until `open`."""

    def __init__(
        self, folder: Path, passphrases: Passphrases, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._path, self._passphrases, self._monotonic = folder / "module", passphrases, monotonic
        self._signing: SigningKey | None = None
        self._wrapping = b""
        self._misses, self._last_miss = 0, 0.0
        self._lock = threading.Lock()

    @classmethod
    def create(
        cls, folder: Path, passphrases: Passphrases, pin: str, strength: Strength = CUSTODIANS
    ) -> SoftwareModule:
        """Make a module's keys under a PIN; the module is open."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        seed, wrapping, salt = os.urandom(32), os.urandom(32), os.urandom(16)
        sealed = seal(passphrases.derive(pin, salt, strength), seed + wrapping, _LABEL)
        file = {
            "v": 1, "salt": salt.hex(), "passes": strength.passes, "memory": strength.memory,
            "public": keys.signing_key(seed).public_key.hex(), "sealed": b64encode(sealed).decode("ascii"),
        }  # fmt: skip
        Disk().replace_file(folder / "module", orjson.dumps(file))
        made = cls(folder, passphrases)
        made._signing, made._wrapping = keys.signing_key(seed), wrapping
        return made

    def open(self, pin: str) -> None:
        """Open it with its PIN. `NotAllowed("module.pin")`, `TooMany`, `Unavailable("module.away")`."""
        with self._lock:
            if self._misses >= _FREE_MISSES:
                left = 2.0 ** (self._misses - _FREE_MISSES) - (self._monotonic() - self._last_miss)
                if left > 0:
                    raise TooMany("module.misses", retry_after=int(left) + 1)
            try:
                file = orjson.loads(self._path.read_bytes())
            except FileNotFoundError:
                raise Unavailable("module.away") from None
            strength = Strength(file["passes"], file["memory"])
            derived = self._passphrases.derive(pin, bytes.fromhex(file["salt"]), strength)
            try:
                plain = open_sealed(derived, b64decode(file["sealed"]), _LABEL)
            except Broken:
                self._misses, self._last_miss = self._misses + 1, self._monotonic()
                raise NotAllowed("module.pin") from None
            self._misses = 0
            self._signing, self._wrapping = keys.signing_key(plain[:32]), plain[32:]

    def public_key(self) -> bytes:
        """The raw Ed25519 public key of the platform key."""
        return self._opened().public_key

    def sign(self, message: bytes) -> bytes:
        """The raw signature of the platform key."""
        return keys.sign(self._opened(), message)

    def wrap(self, label: bytes, key: bytes) -> bytes:
        """32 bytes wrapped under the module's own key, bound to `label`."""
        self._opened()
        return seal(self._wrapping, key, _LABEL + label)

    def unwrap(self, label: bytes, wrapped: bytes) -> bytes:
        """The 32 bytes; `Broken("module.wrap")` when they were not wrapped here under this label."""
        self._opened()
        try:
            return open_sealed(self._wrapping, wrapped, _LABEL + label)
        except Broken:
            raise Broken("module.wrap") from None

    def _opened(self) -> SigningKey:
        if self._signing is None:
            raise Unavailable("module.shut")
        return self._signing
