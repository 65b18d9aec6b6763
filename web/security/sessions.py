"""Working sessions: who sits at this browser, until when, and the token that opens the signing key.

Decides how long a session lives (idle and absolute limit, OWASP ASVS 7.3.1 and 7.3.2) and keeps only the
SHA-256 of the 256-bit token that the browser holds (7.2.2, 7.2.3). Never stores rights: grants are read from
the directory on every request (8.3.2). Lives in memory; a restart signs everybody out.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from engine.ports import Clock, Randomness

COOKIE = "__Host-fengjian"


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """What the server remembers of one session. `unlock` opens the person's signing key in the vault."""

    id_hash: str
    person: str
    staff_no: str
    name: str
    csrf: str
    lang: str
    method: str
    began: datetime
    seen: datetime
    unlock: Any = None
    pins: tuple[tuple[str, Any], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """The two ends of a session."""

    idle: timedelta = timedelta(minutes=20)
    absolute: timedelta = timedelta(hours=12)


def digest_of(token: str) -> str:
    """SHA-256 of a session token: the only form in which the server keeps it."""
    return hashlib.sha256(token.encode("ascii", "replace")).hexdigest()


class Sessions:
    """All sessions of this process. Safe to call from many threads."""

    def __init__(self, clock: Clock, randomness: Randomness, limits: Limits | None = None) -> None:
        self._clock = clock
        self._randomness = randomness
        self.limits = limits or Limits()
        self._records: dict[str, SessionRecord] = {}
        self._lock = threading.Lock()

    def begin(
        self, person: str, staff_no: str, name: str, *, lang: str, method: str
    ) -> tuple[str, SessionRecord]:
        """A new session under a new token (ASVS 7.2.4). Returns (token for the cookie, record)."""
        token = self._randomness.bytes(32).hex()
        now = self._clock.now()
        record = SessionRecord(
            id_hash=digest_of(token),
            person=person,
            staff_no=staff_no,
            name=name,
            csrf=self._randomness.bytes(16).hex(),
            lang=lang,
            method=method,
            began=now,
            seen=now,
        )
        with self._lock:
            self._drop_ended(now)
            self._records[record.id_hash] = record
        return token, record

    def look(self, token: str) -> SessionRecord | None:
        """The living session of a token, or None. Does not count as activity."""
        record = self._records.get(digest_of(token))
        return record if record is not None and self.left(record).total_seconds() > 0 else None

    def touch(self, token: str) -> SessionRecord | None:
        """The living session of a token, marked as active now; None when it has ended (it is then
        forgotten).
        """
        key = digest_of(token)
        with self._lock:
            record = self._records.get(key)
            if record is None:
                return None
            if self.left(record).total_seconds() <= 0:
                del self._records[key]
                return None
            record = self._records[key] = replace(record, seen=self._clock.now())
            return record

    def left(self, record: SessionRecord) -> timedelta:
        """Time until the session ends if nothing more is done; negative when it is over."""
        now = self._clock.now()
        return min(record.seen + self.limits.idle - now, record.began + self.limits.absolute - now)

    def change(self, id_hash: str, **values: Any) -> SessionRecord | None:
        """Replace values (`unlock`, `lang`, `pins`) of a session; None when it is gone."""
        with self._lock:
            record = self._records.get(id_hash)
            if record is None:
                return None
            record = self._records[id_hash] = replace(record, **values)
            return record

    def end(self, id_hash: str) -> SessionRecord | None:
        """End one session; returns what it was so that its signing key can be locked."""
        with self._lock:
            return self._records.pop(id_hash, None)

    def end_all_of(self, person: str) -> tuple[SessionRecord, ...]:
        """End every session of a person (revocation, ASVS 7.4.2)."""
        with self._lock:
            gone = tuple(record for record in self._records.values() if record.person == person)
            for record in gone:
                del self._records[record.id_hash]
            return gone

    def _drop_ended(self, now: datetime) -> None:
        ended = [
            key
            for key, record in self._records.items()
            if now - record.seen >= self.limits.idle or now - record.began >= self.limits.absolute
        ]
        for key in ended:
            del self._records[key]
