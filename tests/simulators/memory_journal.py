"""A journal without a disk: every record is durable at once, or when a test says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from engine import record as records
from engine.errors import Broken, NotFound, Unavailable
from engine.ports import Committed
from engine.record import Record
from engine.trust import checkpoint, identifiers, keys, leaves
from engine.trust.envelope import EVENT
from engine.trust.log import Tree

T = TypeVar("T")


class MemoryJournal:
    """The Journal port in memory. `hold()` keeps records waiting until `release()`; `fail()` breaks it."""

    def __init__(self, origin: str, public_key: bytes, sign: Callable[[bytes], bytes]) -> None:
        self._origin, self._public_key, self._sign = origin, public_key, sign
        self._data: list[bytes] = []
        self._tree = Tree()
        self._head = (0, self._tree.root(), "")
        self._notes: dict[int, str] = {}
        self._promises: list[tuple[int, Callable[[Committed], Any], Future[Any]]] = []
        self._section = threading.RLock()
        self._held = False
        self.read_only: str | None = None

    @property
    def next_index(self) -> int:
        return len(self._data)

    @property
    def durable_size(self) -> int:
        return self._head[0]

    def sequencing(self) -> AbstractContextManager[Any]:
        return self._section

    def append(self, record: Record, finish: Callable[[Committed], T]) -> Future[T]:
        with self._section:
            if self.read_only is not None:
                raise Unavailable("journal.read_only", reason=self.read_only)
            if record.index != len(self._data):
                raise Broken("journal.index", expected=len(self._data), given=record.index)
            leaf = _leaf(record)
            self._data.append(records.encode(record))
            self._tree.append(identifiers.leaf_hash(leaf))
            future: Future[T] = Future()
            self._promises.append((record.index, finish, future))
            if not self._held:
                self._commit()
        return future

    def when_durable(self, index: int, finish: Callable[[Committed], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._section:
            if not 0 <= index < len(self._data):
                raise NotFound("journal.index")
            self._promises.append((index, finish, future))
            if index < self.durable_size:
                self._keep_promises()
            elif self.read_only is not None:
                raise Unavailable("journal.read_only", reason=self.read_only)
        return future

    def hold(self) -> None:
        """From here on nothing becomes durable."""
        self._held = True

    def release(self) -> None:
        """Everything that waits becomes durable."""
        self._held = False
        self._commit()

    def fail(self, reason: str = "journal.disk") -> None:
        """The disk refuses: what waits fails, and nothing is accepted any more."""
        self.read_only = reason
        promises, self._promises = self._promises, []
        for _, _, future in promises:
            future.set_exception(Unavailable("journal.read_only", reason=reason))

    def _commit(self) -> None:
        size, root = len(self._data), self._tree.root()
        text = checkpoint.encode_checkpoint(self._origin, size, root)
        note = checkpoint.signed_note(text, self._origin, self._public_key, self._sign(text.encode()))
        self._head = (size, root, note)
        self._notes[size] = note
        self._keep_promises()

    def _keep_promises(self) -> None:
        kept = [one for one in self._promises if one[0] < self.durable_size]
        self._promises = [one for one in self._promises if one[0] >= self.durable_size]
        for index, finish, future in kept:
            try:
                future.set_result(finish(self.committed(index)))
            except Exception as fault:
                future.set_exception(fault)

    def read(self, index: int) -> Record:
        if not 0 <= index < (self.next_index if self.read_only is None else self.durable_size):
            raise NotFound("journal.index")
        return records.decode(self._data[index])

    def scan(self, start: int = 0) -> Iterator[Record]:
        return (self.read(index) for index in range(start, self.durable_size))

    def checkpoint(self) -> tuple[int, bytes, str]:
        return self._head

    def note(self, size: int) -> str:
        if size not in self._notes:
            raise NotFound("checkpoint.not_found", size=size)
        return self._notes[size]

    def committed(self, index: int) -> Committed:
        return self.committed_together((index,))[0]

    def committed_together(self, indexes: Sequence[int]) -> tuple[Committed, ...]:
        size, _, note = self._head
        return tuple(
            Committed(index, size, note, tuple(self._tree.inclusion_proof(index, size)), leaf_hash)
            for index, leaf_hash in [(index, self.leaf_hash(index)) for index in indexes]
        )

    def stop(self, reason: str) -> None:
        if self.read_only is None:
            self.fail(reason)

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        if not 0 <= index < size <= self.durable_size:
            raise NotFound("journal.index")
        return tuple(self._tree.inclusion_proof(index, size))

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        if not 0 <= old <= new <= self.durable_size:
            raise NotFound("journal.size")
        return tuple(self._tree.consistency_proof(old, new))

    def leaf_hash(self, index: int) -> bytes:
        if not 0 <= index < self.durable_size:
            raise NotFound("journal.index")
        return self._tree.leaf(index)

    def tile(self, level: int, number: int, width: int) -> bytes:
        try:
            if (number * 256 + width) * 256**level > self.durable_size:
                raise NotFound("journal.tile")
            return self._tree.tile(level, number, width)
        except ValueError:
            raise NotFound("journal.tile") from None


def signed_journal(origin: str, key: keys.SigningKey) -> MemoryJournal:
    """A journal that signs with a key at hand."""
    return MemoryJournal(origin, key.public_key, lambda message: keys.sign(key, message))


def _leaf(record: Record) -> bytes:
    if record.envelope.payload_type != EVENT:
        return leaves.leaf_of(record.envelope, record.received_at)
    said = record.statement()
    event = identifiers.event_id(record.envelope.pae())
    place = (said["doc"], said["seq"], said["type"])
    return leaves.leaf(event, record.envelope.signatures, place, record.received_at)
