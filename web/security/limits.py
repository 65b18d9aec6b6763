"""Slowing down guesses: after a few failures every further try has to wait longer.

Decides the delays for one process, per account and per address. Never locks anybody out for good: the longest
wait is bounded, so that a stranger cannot keep a clerk from work. Remembers digests of names only.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.errors import TooMany
from engine.ports import Clock

REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Pace:
    """`free` failures cost nothing; after that the wait doubles from one second up to `longest`."""

    free: int
    longest: timedelta = timedelta(minutes=5)

    def wait(self, failures: int) -> timedelta:
        """How long to wait after so many failures in a row."""
        if failures < self.free:
            return timedelta()
        return min(timedelta(seconds=2 ** min(failures - self.free, 12)), self.longest)


@dataclass(frozen=True, slots=True)
class _Trail:
    failures: int
    last: datetime


class GuessLimits:
    """Failures by account and by address. A quarter of an hour without a failure forgives everything."""

    def __init__(
        self,
        clock: Clock,
        account: Pace | None = None,
        address: Pace | None = None,
        forgiven_after: timedelta = timedelta(minutes=15),
    ) -> None:
        self._clock = clock
        self._paces = (account or Pace(free=5), address or Pace(free=30))
        self._forgiven_after = forgiven_after
        self._trails: OrderedDict[str, _Trail] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, account: str, address: str) -> None:
        """Raises TooMany(retry_after=seconds) while a wait is running."""
        now = self._clock.now()
        with self._lock:
            for key, pace in self._keys(account, address):
                trail = self._trails.get(key)
                if trail is None or now - trail.last > self._forgiven_after:
                    continue
                left = trail.last + pace.wait(trail.failures) - now
                if left > timedelta():
                    raise TooMany("too_many_tries", retry_after=int(left.total_seconds()) + 1)

    def failed(self, account: str, address: str) -> None:
        """Count one failure."""
        now = self._clock.now()
        with self._lock:
            for key, _ in self._keys(account, address):
                trail = self._trails.pop(key, None)
                before = trail.failures if trail and now - trail.last <= self._forgiven_after else 0
                self._trails[key] = _Trail(before + 1, now)
            while len(self._trails) > REMEMBERED:
                self._trails.popitem(last=False)

    def succeeded(self, account: str) -> None:
        """Forget the failures of an account; those of the address stay."""
        with self._lock:
            self._trails.pop(_key("account", account), None)

    def _keys(self, account: str, address: str) -> list[tuple[str, Pace]]:
        pairs = [(_key("account", account), self._paces[0])]
        if address:
            pairs.append((_key("address", address), self._paces[1]))
        return pairs


def _key(kind: str, name: str) -> str:
    return hashlib.blake2b(f"{kind}\0{name}".encode(), digest_size=16).hexdigest()
