"""A journal folder for tests, with the signer's memory outside of it, and ways to fill it."""

from __future__ import annotations

import threading
from pathlib import Path

from engine.ports import Committed
from storage import segments
from storage.disk import Disk
from storage.journal import FileJournal
from storage.last_signed import LastSigned
from tests.simulators.samples import record, signer


class Place:
    """A journal folder and the signer's memory outside of it, as in an agency's set-up."""

    def __init__(self, base: Path) -> None:
        self.folder, self.memory = base / "journal", base / "config" / "last-signed"

    def open(self, disk: Disk | None = None, segment_bytes: int = segments.SEGMENT_BYTES) -> FileJournal:
        last_signed = LastSigned(self.memory, disk)
        last_signed.create()
        return FileJournal(self.folder, signer(), last_signed, disk=disk, segment_bytes=segment_bytes)

    @property
    def last_segment(self) -> Path:
        return segments.list_segments(self.folder)[-1].path


def append(journal: FileJournal, count: int = 1) -> list[Committed]:
    """Append records one after the other and wait for each."""
    made = []
    for _ in range(count):
        with journal.sequencing():
            future = journal.append(record(journal.next_index), lambda committed: committed)
        made.append(future.result(10))
    return made


def append_in_two_batches(place: Place, journal: FileJournal) -> tuple[bytes, bytes]:
    """One record, then two that share a batch; gives the segment and the memory as they were in between."""
    between: list[bytes] = []
    looked, both_wait = threading.Event(), threading.Event()

    def look(committed: Committed) -> None:
        between.extend([place.last_segment.read_bytes(), place.memory.read_bytes()])
        looked.set()
        both_wait.wait(5)

    start = journal.next_index
    journal.append(record(start), look)
    assert looked.wait(5)
    futures = [journal.append(record(start + n), lambda committed: committed) for n in (1, 2)]
    both_wait.set()
    assert {future.result(10).size for future in futures} == {start + 3}
    return between[0], between[1]
