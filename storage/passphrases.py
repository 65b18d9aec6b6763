"""argon2id, the one slow function: how strong, and how many at once.

Decides cost and queueing, so that guessing is slow and a burst of sign-ins cannot take all memory. Never
decides who may sign in, and keeps no passphrase.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nacl import pwhash
from nacl.exceptions import CryptoError

from engine.errors import TooMany

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Strength:
    """argon2id cost: passes and bytes of memory. OWASP ASVS 5.0 asks at least t=1 with m=46 MiB."""

    passes: int = 2
    memory: int = 64 * MIB


class Passphrases:
    """Derives and checks, at most `at_once` together; others queue, and beyond `queue` are refused."""

    def __init__(self, strength: Strength | None = None, *, at_once: int = 2, queue: int = 64) -> None:
        self.strength = strength or Strength()
        self._running = threading.BoundedSemaphore(at_once)
        self._admitted = threading.BoundedSemaphore(at_once + queue)
        self._nobody = self.hash("nobody has this passphrase")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._admitted.acquire(blocking=False):
            raise TooMany("passphrase.queue", retry_after=5)
        try:
            with self._running:
                yield
        finally:
            self._admitted.release()

    def derive(self, passphrase: str, salt: bytes, strength: Strength | None = None) -> bytes:
        """A 32-byte key from a passphrase and 16 bytes of salt."""
        cost = strength or self.strength
        with self._turn():
            return pwhash.argon2id.kdf(
                32, passphrase.encode("utf-8"), salt, opslimit=cost.passes, memlimit=cost.memory
            )

    def hash(self, passphrase: str) -> str:
        """The self-describing argon2id string of a passphrase."""
        with self._turn():
            made = pwhash.argon2id.str(
                passphrase.encode("utf-8"), opslimit=self.strength.passes, memlimit=self.strength.memory
            )
        return made.decode("ascii")

    def matches(self, hashed: str | None, passphrase: str) -> bool:
        """Whether the passphrase made this string; takes as long when there is no string."""
        with self._turn():
            try:
                is_right = pwhash.verify((hashed or self._nobody).encode("ascii"), passphrase.encode("utf-8"))
            except (CryptoError, ValueError):
                return False
        return is_right and hashed is not None
