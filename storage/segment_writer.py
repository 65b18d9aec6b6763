"""Writing segments: the one place where bytes of the journal reach the disk.

Decides when a new segment begins and what one batch looks like on the disk. Never decides what a failed call
means, and never tries one again: the journal stops.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from storage import segments
from storage.disk import Disk
from storage.segments import Segment


class SegmentWriter:
    """The open end of a journal: the last segment and how far it is written."""

    def __init__(self, folder: Path, disk: Disk, found: Sequence[Segment], segment_bytes: int) -> None:
        self._folder, self._disk, self._segment_bytes = folder, disk, segment_bytes
        self.segments = list(found)
        self._fd = -1
        self.end = 0

    def begin(self, keep: int, cut_bytes: int) -> None:
        """Open the last segment, cut to `keep` bytes where something lies beyond; or begin the first one."""
        if not self.segments:
            self._start(0)
            return
        self._fd = self._disk.open(self.segments[-1].path, os.O_RDWR | os.O_APPEND)
        self.end = keep
        if cut_bytes:
            self._disk.truncate(self._fd, keep)
            self._disk.sync(self._fd)

    def make_room(self, size: int) -> None:
        """Begin a new segment when the last one is full; `size` is the number of records so far."""
        if self.end >= self._segment_bytes:
            self._start(size)

    def write(self, batch: bytes) -> None:
        """Write a batch in one call and sync once. `OSError`: nothing is known of what arrived."""
        self._disk.write_all(self._fd, batch)
        self._disk.datasync(self._fd)
        self.end += len(batch)

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            self._disk.close(self._fd)

    def _start(self, first: int) -> None:
        segment = Segment(self._folder / segments.segment_name(first), first)
        fd = self._disk.open(segment.path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        self._disk.sync_folder(self._folder)
        self.close()
        self._fd, self.end = fd, 0
        self.segments.append(segment)
