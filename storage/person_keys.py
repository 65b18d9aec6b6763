"""People's signing keys (tier S0): at rest under a passphrase, in memory under a token for one session.

Decides how long a key stays unlocked and how fast a passphrase can be guessed. Never gives a private key
out: it signs. Never changes the passphrase of a key: a forgotten one means a new key (trust.md §2.2).

    file = JSON {v, person, public, salt, passes, memory, sealed}; sealed = seed under argon2id(passphrase)
"""

from __future__ import annotations

import os
import re
import threading
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from engine.errors import Broken, NeedsUnlock, NotAllowed, NotFound, TooMany
from engine.trust import keys
from engine.trust.keys import SigningKey
from storage.disk import Disk
from storage.keyring import open_sealed, seal
from storage.passphrases import Passphrases, Strength

_LABEL = b"fengjian/person-key/v1\x00"
_PERSON = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_FREE_MISSES = 5
_LONGEST_WAIT = 300.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an unlocked key lives: seconds without a signature, and seconds in all."""

    idle: float = 60 * 60.0
    absolute: float = 12 * 60 * 60.0


@dataclass(slots=True)
class _Unlocked:
    person: str
    session: str
    key: SigningKey
    since: float
    used: float


class PersonKeys:
    """Key files in one folder, and the keys unlocked now."""

    def __init__(
        self,
        folder: Path,
        disk: Disk,
        passphrases: Passphrases,
        monotonic: Callable[[], float],
        limits: Limits | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._disk, self._passphrases = folder, disk, passphrases
        self._monotonic, self._limits = monotonic, limits or Limits()
        self._unlocked: dict[bytes, _Unlocked] = {}
        self._misses: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def enrol(self, person: str, passphrase: str) -> bytes:
        """Make a new key for a person; an older one is gone from here on. Returns the raw public key."""
        public_key = self._write(person, passphrase, self._path(person))
        self._lock_person(person)
        return public_key

    def make_next(self, person: str, passphrase: str) -> bytes:
        """Make a key that waits: it signs nothing until it is adopted. Returns the raw public key."""
        return self._write(person, passphrase, self._next(person))

    def adopt(self, person: str, public_key: bytes) -> bool:
        """The waiting key takes the old one's place; False when this is not the key that waits."""
        try:
            waiting = orjson.loads(self._next(person).read_bytes())["public"]
        except FileNotFoundError:
            return False
        if waiting != public_key.hex():
            return False
        self._disk.rename(self._next(person), self._path(person))
        self._disk.sync_folder(self._folder)
        self._lock_person(person)
        return True

    def forget(self, person: str) -> None:
        """Destroy the person's keys, also one that waits, and lock what is unlocked."""
        for path in (self._next(person), self._path(person)):
            if path.exists():
                self._disk.unlink(path)
        self._disk.sync_folder(self._folder)
        self._lock_person(person)

    def _lock_person(self, person: str) -> None:
        with self._lock:
            self._unlocked = {name: one for name, one in self._unlocked.items() if one.person != person}

    def _write(self, person: str, passphrase: str, path: Path) -> bytes:
        seed, salt = os.urandom(32), os.urandom(16)
        key = keys.signing_key(seed)
        strength = self._passphrases.strength
        sealed = seal(self._passphrases.derive(passphrase, salt), seed, _LABEL + person.encode())
        file = {
            "v": 1, "person": person, "public": key.public_key.hex(), "salt": salt.hex(),
            "passes": strength.passes, "memory": strength.memory, "sealed": b64encode(sealed).decode("ascii"),
        }  # fmt: skip
        self._disk.replace_file(path, orjson.dumps(file))
        return key.public_key

    def unlock(self, person: str, passphrase: str, session: str) -> str:
        """A token for the person's key. `NotAllowed("passphrase")`; `TooMany` after repeated misses."""
        self._refuse_guessing(person)
        key = self._open(person, passphrase)
        now = self._monotonic()
        with self._lock:
            if key is None:
                count = self._misses.get(person, (0, 0.0))[0] + 1
                self._misses[person] = (count, now)
                raise NotAllowed("passphrase")
            self._misses.pop(person, None)
            self._unlocked = {name: one for name, one in self._unlocked.items() if self._lives(one, now)}
            token = urlsafe_b64encode(os.urandom(32)).decode("ascii").rstrip("=")
            self._unlocked[_name(token)] = _Unlocked(person, session, key, now, now)
        return token

    def is_unlocked(self, token: str | None) -> bool:
        """Whether the token still stands for a key."""
        return token is not None and self._living(token) is not None

    def sign(self, token: str | None, person: str, message: bytes) -> tuple[bytes, bytes]:
        """(public key, signature). `NeedsUnlock` when the token is absent, expired or another person's."""
        one = self._living(token) if token is not None else None
        if one is None or one.person != person:
            raise NeedsUnlock
        one.used = self._monotonic()
        return one.key.public_key, keys.sign(one.key, message)

    def lock_session(self, session: str) -> None:
        """Forget every key unlocked in a session."""
        with self._lock:
            self._unlocked = {name: one for name, one in self._unlocked.items() if one.session != session}

    def _living(self, token: str) -> _Unlocked | None:
        name = _name(token)
        one = self._unlocked.get(name)
        if one is None:
            return None
        if not self._lives(one, self._monotonic()):
            with self._lock:
                self._unlocked.pop(name, None)
            return None
        return one

    def _lives(self, one: _Unlocked, now: float) -> bool:
        return now - one.used <= self._limits.idle and now - one.since <= self._limits.absolute

    def _refuse_guessing(self, person: str) -> None:
        count, last = self._misses.get(person, (0, 0.0))
        if count < _FREE_MISSES:
            return
        left = min(2.0 ** (count - _FREE_MISSES), _LONGEST_WAIT) - (self._monotonic() - last)
        if left > 0:
            raise TooMany("passphrase.misses", retry_after=int(left) + 1)

    def _open(self, person: str, passphrase: str) -> SigningKey | None:
        try:
            file: dict[str, Any] = orjson.loads(self._path(person).read_bytes())
        except FileNotFoundError:
            self._passphrases.derive(passphrase, bytes(16))  # an unknown person takes the same time
            return None
        strength = Strength(file["passes"], file["memory"])
        derived = self._passphrases.derive(passphrase, bytes.fromhex(file["salt"]), strength)
        try:
            seed = open_sealed(derived, b64decode(file["sealed"]), _LABEL + person.encode())
        except Broken:
            return None
        return keys.signing_key(seed)

    def _next(self, person: str) -> Path:
        return self._path(person).with_suffix(".next")

    def _path(self, person: str) -> Path:
        if _PERSON.match(person) is None:
            raise NotFound("person")
        return self._folder / person


def _name(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
