"""Notices and pieces of work in memory, with the promises of the ports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.identity import utc_text
from engine.notice_ports import WAITING, Notice


class MemoryNotices:
    """Notices as a dict."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], Notice] = {}

    def add(self, made: Iterable[Notice]) -> tuple[Notice, ...]:
        fresh = {(one.person, one.key): one for one in made if (one.person, one.key) not in self._held}
        self._held |= fresh
        return tuple(fresh.values())

    def keep(self, changed: Iterable[Notice]) -> None:
        self._held |= {(one.person, one.key): one for one in changed if (one.person, one.key) in self._held}

    def of_person(self, person: str) -> tuple[Notice, ...]:
        own = [one for one in self._held.values() if one.person == person]
        return tuple(sorted(own, key=lambda one: (one.made_at, one.key), reverse=True))

    def has(self, key: str) -> bool:
        return any(one == key for _, one in self._held)

    def unread(self, person: str) -> int:
        return sum(not one.read_at for one in self.of_person(person))

    def to_mail(self) -> tuple[Notice, ...]:
        waiting = [one for one in self._held.values() if one.mail == WAITING]
        return tuple(sorted(waiting, key=lambda one: (one.made_at, one.person, one.key)))

    def forget(self, before: str) -> int:
        old = [at for at, one in self._held.items() if one.made_at < before and one.mail != WAITING]
        for at in old:
            del self._held[at]
        return len(old)


class MemoryChores:
    """What was done and who has what, as dicts."""

    def __init__(self) -> None:
        self._done: dict[str, str] = {}
        self._held: dict[str, tuple[str, str]] = {}

    def claim(self, piece: str, slot: str, holder: str, now: datetime, until: datetime) -> bool:
        other, ends = self._held.get(piece, ("", ""))
        if self.done(piece) >= slot or (other not in ("", holder) and ends > utc_text(now)):
            return False
        self._held[piece] = (holder, utc_text(until))
        return True

    def finish(self, piece: str, slot: str, holder: str) -> bool:
        if self._held.get(piece, ("", ""))[0] != holder:
            return False
        del self._held[piece]
        self._done[piece] = max(slot, self.done(piece))
        return True

    def release(self, piece: str, holder: str) -> None:
        if self._held.get(piece, ("", ""))[0] == holder:
            del self._held[piece]

    def done(self, piece: str) -> str:
        return self._done.get(piece, "")
