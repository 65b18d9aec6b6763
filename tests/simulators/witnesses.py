"""Witnesses without a network: the real server's application asked in this process, and how one fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from starlette.testclient import TestClient

from engine.trust.checkpoint import VerifierKey
from storage.witness_memory import WitnessMemory
from web.witness.peers import Peer, Reply
from web.witness.server import Desk, create_witness


@dataclass
class MovableClock:
    """A clock that stands until it is moved."""

    moment: datetime = datetime(2026, 11, 22, 6, 45, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def move(self, **step: int) -> None:
        self.moment += timedelta(**step)


@dataclass
class KeptNote:
    """The Witnessed port with a note that a test chose."""

    note: str = ""
    kept: dict[int, str] = field(default_factory=dict)

    def newest(self) -> str:
        return self.note

    def settled(self, size: int, note: str = "") -> str:
        return self.kept.setdefault(size, note) if note else self.kept.get(size, "")


class Witness:
    """One witness on a folder. `is_away`: it cannot be reached. `lies`: answers instead of the true ones."""

    def __init__(self, folder: Path, name: str, log: VerifierKey, clock: MovableClock) -> None:
        self.folder, self._log, self._clock = folder, log, clock
        self.is_away = False
        self.lies: list[Reply] = []
        self.open(name)

    def open(self, name: str = "") -> None:
        """Begin, or come back after `close` with what is on the disk."""
        self.memory = WitnessMemory(self.folder, name)
        self.desk = Desk(self.memory, {self._log.name: (self._log,)}, self._clock)
        self.client = TestClient(create_witness(self.desk), raise_server_exceptions=False)

    def close(self) -> None:
        self.memory.close()

    @property
    def peer(self) -> Peer:
        identity = self.memory.identity
        return Peer(f"https://{identity.name}", identity.vkey)


@dataclass
class Wire:
    """Stands where the network would: takes a peer's request to its witness, and keeps what was asked."""

    witnesses: list[Witness]
    asked: list[tuple[str, str]] = field(default_factory=list)

    def ask(self, peer: Peer, path: str, body: bytes | None = None) -> Reply:
        found = next(one for one in self.witnesses if one.peer == peer)
        self.asked.append((peer.vkey.name, path.split("/")[1]))
        if found.is_away:
            raise TimeoutError
        if found.lies:
            return found.lies.pop(0)
        answer = found.client.get(path) if body is None else found.client.post(path, content=body)
        return Reply(answer.status_code, answer.content)
