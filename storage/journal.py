"""The journal: the one writer of records, its group commit, and reading what is durable.

Decides when a record counts: after its bytes and a signed checkpoint over it are on the disk and the signer
remembers that checkpoint. Never decides what a record means, and never repairs: recovery.py judges a start.

One batch, by the writer thread:
 1  Take everything that waits. Where the last batch was shared, give others a moment to join: a sync costs
    processor time too, and who works alone never waits for company.
 2  Make durable what they name (`before_batch`). Frame the records, add their leaves, sign the new head.
 3  Write records and checkpoint in one call; sync once.
 4  Let the signer remember the tree head, durably (storage.last_signed).
 5  Publish the new size, then resolve every waiting future with its inclusion proof.

Any fault in 2 to 4 ends writing for good in this process: a sync that failed once may falsely succeed when
tried again. What was acknowledged stays readable; everything that waits fails with `Unavailable`.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from engine import record as records
from engine.errors import Broken, NotFound, Unavailable
from engine.ports import Committed
from engine.record import Record
from storage import segments
from storage.disk import Disk
from storage.last_signed import LastSigned, Signed
from storage.leaves import LeafFile, leaf_hash_of
from storage.log_signer import LogSigner
from storage.recovery import Recovered, recover
from storage.segment_writer import SegmentWriter
from storage.segments import SEGMENT_BYTES, Segment

T = TypeVar("T")
_log = logging.getLogger(__name__)
_MOST_AT_ONCE = 512
_GATHERING = 0.006  # seconds


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One record on its way to the disk."""

    index: int
    data: bytes
    leaf_hash: bytes
    finish: Callable[[Committed], Any]
    future: Future[Any]


class FileJournal:
    """Behind the Journal port: segment files in one folder, one process at a time."""

    def __init__(
        self,
        folder: Path,
        signer: LogSigner,
        last_signed: LastSigned,
        *,
        disk: Disk | None = None,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        """Open or begin the journal; `Unavailable("journal.locked")` when another process has it."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._signer, self._last_signed = folder, signer, last_signed
        self._disk = disk or Disk()
        self._segment_bytes = segment_bytes
        self._lock_fd = self._take_lock()
        self._section = threading.RLock()  # held while waiting for the writer, which never takes it
        self._state = threading.RLock()
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._read_fds: dict[Path, int] = {}
        self._under_way: dict[int, Record] = {}
        self._later: dict[int, list[tuple[Callable[[Committed], Any], Future[Any]]]] = {}
        self.on_stop: Callable[[], None] = lambda: None
        self.before_batch: Callable[[], None] = lambda: None
        """Makes durable what records name but do not hold (storage.wraps); a fault stops the journal."""
        self._closed = False
        self._checker: threading.Thread | None = None
        try:
            self._begin(recover(folder, signer, last_signed))
        except BaseException:
            self._disk.close(self._lock_fd)
            raise
        self._writer = threading.Thread(target=self._write_batches, name="journal-writer", daemon=True)
        self._writer.start()

    def _take_lock(self) -> int:
        fd = self._disk.open(self._folder / "lock", os.O_RDWR | os.O_CREAT)
        if not self._disk.lock(fd):
            self._disk.close(fd)
            raise Unavailable("journal.locked")
        return fd

    def _begin(self, found: Recovered) -> None:
        self._leaves, self._tree = found.leaves, found.tree
        self._head = (len(found.leaves), found.root, found.note)
        self._next = len(found.leaves)
        self._fault = found.fault
        self._leaf_file: LeafFile | None = None
        self._end = SegmentWriter(self._folder, self._disk, found.segments, self._segment_bytes)
        if found.fault is not None:
            _log.critical("journal.read_only", extra={"reason": found.fault, "size": self._next})
            return
        if found.cut_bytes:
            _log.warning("journal.torn_tail_cut", extra={"bytes": found.cut_bytes, "size": self._next})
        self._last_signed.create()
        self._end.begin(found.keep, found.cut_bytes)
        if self._next:
            # The crash may have come between the sync of the journal and the signer's memory.
            self._last_signed.remember(Signed(self._next, found.root))
        side = self._folder / "leaves"
        self._leaf_file = LeafFile(side, self._disk, self._leaves, known=found.side_entries)

    # -- appending --

    @property
    def next_index(self) -> int:
        """The index the next appended record gets; meaningful only inside `sequencing`."""
        return self._next

    @property
    def read_only(self) -> str | None:
        """Why nothing is accepted any more, or None."""
        return self._fault

    @property
    def durable_size(self) -> int:
        """How many records are durable under a signed checkpoint."""
        return self._head[0]

    def sequencing(self) -> AbstractContextManager[Any]:
        """The critical section: checks, numbering and append of one event happen inside it."""
        return self._section

    def append(self, record: Record, finish: Callable[[Committed], T]) -> Future[T]:
        """Queue a record; see the port. `Unavailable("journal.read_only")` when nothing is accepted."""
        data = records.encode(record)
        leaf_hash = leaf_hash_of(record)
        future: Future[T] = Future()
        with self._section:
            if self._fault is not None or self._closed:
                raise self._unavailable()
            if record.index != self._next:
                raise Broken("journal.index", expected=self._next, given=record.index)
            self._next += 1
            self._under_way[record.index] = record
            self._queue.put(_Waiting(record.index, data, leaf_hash, finish, future))
        return future

    def when_durable(self, index: int, finish: Callable[[Committed], T]) -> Future[T]:
        """The promise of a record appended before, kept at once when durable. `NotFound` beyond the end."""
        future: Future[T] = Future()
        with self._state:
            if not 0 <= index < self._next:
                raise NotFound("journal.index")
            if index >= self.durable_size:
                if self._fault is not None:
                    raise self._unavailable()
                self._later.setdefault(index, []).append((finish, future))
                return future
        self._resolve(future, finish, index)
        return future

    def _unavailable(self) -> Unavailable:
        return Unavailable("journal.read_only", reason=self._fault or "journal.closed")

    def _write_batches(self) -> None:
        is_last = is_shared = False
        while not is_last:
            batch: list[_Waiting] = []
            item = self._queue.get()
            if is_shared and item is not None:
                time.sleep(_GATHERING)
            while item is not None:
                batch.append(item)
                if len(batch) == _MOST_AT_ONCE:
                    break
                try:
                    item = self._queue.get_nowait()
                except Empty:
                    break
            is_last, is_shared = item is None, len(batch) > 1
            if batch:
                self._commit(batch)

    def _commit(self, batch: list[_Waiting]) -> None:
        if self._fault is None:
            try:
                self._make_durable(batch)
            except Exception as fault:  # whatever it was, nothing after it can be trusted to be written
                self._stop("journal.disk" if isinstance(fault, OSError) else "journal.fault", fault)
        for one in batch:
            self._under_way.pop(one.index, None)
        with self._state:
            later = [(one.index, *also) for one in batch for also in self._later.pop(one.index, ())]
        promises = [(one.index, one.finish, one.future) for one in batch] + later
        for index, finish, future in promises:
            if self._fault is None or index < self.durable_size:
                self._resolve(future, finish, index)
            else:
                future.set_exception(self._unavailable())

    def _resolve(self, future: Future[T], finish: Callable[[Committed], T], index: int) -> None:
        try:
            future.set_result(finish(self.committed(index)))
        except Exception as fault:
            future.set_exception(fault)

    def _make_durable(self, batch: list[_Waiting]) -> None:
        self.before_batch()
        self._end.make_room(self._head[0])
        pieces, place, leaves = [], self._end.end, self._leaves
        for one in batch:
            frame = segments.encode_frame(segments.RECORD, one.data)
            leaves.add(one.leaf_hash, place, len(frame))
            self._tree.append(one.leaf_hash)
            pieces.append(frame)
            place += len(frame)
        size, root = len(leaves), self._tree.root()
        note = self._signer.sign(Signed(size, root))
        pieces.append(segments.encode_frame(segments.CHECKPOINT, note.encode("utf-8")))
        self._end.write(b"".join(pieces))
        self._last_signed.remember(Signed(size, root))
        self._head = (size, root, note)
        if self._leaf_file is not None:
            self._leaf_file.append(leaves)

    def _stop(self, reason: str, fault: BaseException | None = None) -> None:
        with self._state:
            if self._fault is None:
                self._fault = reason
                _log.critical(
                    "journal.read_only", extra={"reason": reason, "size": self.durable_size}, exc_info=fault
                )
                self.on_stop()

    def stop(self, reason: str) -> None:
        """Accept nothing more in this process; `reason` is then `read_only`. The first reason stays."""
        self._stop(reason)

    # -- reading --

    def read(self, index: int) -> Record:
        """The record at `index`; `Broken` when its bytes are damaged, `NotFound` beyond the end.

        A record on its way to the disk is given from memory: whoever builds on it stands after it in the
        same log and so becomes durable only with it.
        """
        under_way = self._under_way.get(index)
        if under_way is not None:
            return under_way
        if not 0 <= index < self.durable_size:
            raise NotFound("journal.index")
        segment = self._segment_of(index)
        offset, length = self._leaves.offsets[index], self._leaves.lengths[index]
        frame = segments.read_frame(self._disk, self._read_fd(segment.path), offset, length)
        if frame is None or frame.magic != segments.RECORD:
            self._stop("journal.damaged")
            raise Broken("journal.damaged", index=index)
        record = records.decode(frame.payload)
        if record.index != index or leaf_hash_of(record) != self._leaves.hashes[index]:
            self._stop("journal.damaged")
            raise Broken("journal.damaged", index=index)
        return record

    def _segment_of(self, index: int) -> Segment:
        return self._end.segments[bisect_right(self._end.segments, index, key=lambda one: one.first) - 1]

    def _read_fd(self, path: Path) -> int:
        fd = self._read_fds.get(path)
        if fd is None:
            with self._state:
                fd = self._read_fds.get(path)
                if fd is None:
                    fd = self._read_fds[path] = self._disk.open(path, os.O_RDONLY)
        return fd

    def scan(self, start: int = 0) -> Iterator[Record]:
        """Durable records from `start` on, up to the size at the time of the call."""
        return (self.read(index) for index in range(start, self.durable_size))

    def checkpoint(self) -> tuple[int, bytes, str]:
        """Size, root hash and signed note of the last durable checkpoint; the note is "" for an empty log."""
        return self._head

    def note(self, size: int) -> str:
        """The signed note that follows record `size` - 1; `NotFound` where no batch ended there."""
        if not 0 < size <= self.durable_size:
            raise NotFound("checkpoint.not_found", size=size)
        segment = self._segment_of(size - 1)
        place = self._leaves.offsets[size - 1] + self._leaves.lengths[size - 1]
        frame = segments.read_frame(self._disk, self._read_fd(segment.path), place, segments.MOST_NOTE_BYTES)
        if frame is None or frame.magic != segments.CHECKPOINT:
            raise NotFound("checkpoint.not_found", size=size)
        note = frame.payload.decode("utf-8")
        if self._signer.open(note) != Signed(size, self._tree.root(size)):
            self._stop("journal.damaged")
            raise Broken("journal.damaged", index=size)
        return note

    def committed(self, index: int) -> Committed:
        """Proof of an index under the last durable checkpoint; `NotFound` beyond it."""
        return self.committed_together((index,))[0]

    def committed_together(self, indexes: Sequence[int]) -> tuple[Committed, ...]:
        """Proofs of several indexes under one and the same checkpoint; `NotFound` beyond it."""
        size, _, note = self._head
        if not all(0 <= index < size for index in indexes):
            raise NotFound("journal.index")
        tree, hashes = self._tree, self._leaves.hashes
        return tuple(
            Committed(index, size, note, tuple(tree.inclusion_proof(index, size)), hashes[index])
            for index in indexes
        )

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The proof of an index in the first `size` records; `NotFound` beyond the last checkpoint."""
        if not 0 <= index < size <= self.durable_size:
            raise NotFound("journal.index")
        return tuple(self._tree.inclusion_proof(index, size))

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The proof that `new` records continue the first `old`; `NotFound` beyond the last checkpoint."""
        if not 0 <= old <= new <= self.durable_size:
            raise NotFound("journal.size")
        return tuple(self._tree.consistency_proof(old, new))

    def leaf_hash(self, index: int) -> bytes:
        """The leaf hash at `index`; `NotFound` beyond the last checkpoint."""
        if not 0 <= index < self.durable_size:
            raise NotFound("journal.index")
        return self._leaves.hashes[index]

    def tile(self, level: int, number: int, width: int) -> bytes:
        """C2SP tlog-tiles bytes of `width` hashes; `NotFound` when the durable log is not that large."""
        if level < 0 or number < 0 or not 1 <= width <= 256:
            raise NotFound("journal.tile")
        if (number * 256 + width) * 256**level > self.durable_size:
            raise NotFound("journal.tile")
        return self._tree.tile(level, number, width)

    # -- keeping --

    def check_older_segments(self) -> bool:
        """Read every segment before the last and compare every frame's digest; meant for a background thread.

        A start reads only the last segment. Damage found here makes the journal read-only, with an alarm.
        """
        older = list(zip(self._end.segments[:-1], self._end.segments[1:], strict=True))
        for segment, following in older:
            if self._closed:
                break
            count = following.first - segment.first
            if not segments.is_whole(self._disk, self._read_fd(segment.path), count):
                self._stop("journal.damaged")
                return False
        return True

    def check_in_background(self) -> None:
        """Start `check_older_segments` in a thread of its own, where there are older segments."""
        if len(self._end.segments) > 1 and self._checker is None:
            self._checker = threading.Thread(
                target=self.check_older_segments, name="journal-check", daemon=True
            )
            self._checker.start()

    def close(self) -> None:
        """Write what waits, then let go of the files and the lock."""
        with self._section:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._writer.join()
        if self._checker is not None:
            self._checker.join()
        for fd in self._read_fds.values():
            self._disk.close(fd)
        self._end.close()
        if self._leaf_file is not None:
            self._leaf_file.close()
        self._disk.close(self._lock_fd)
