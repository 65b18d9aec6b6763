"""The side file of the journal: leaf hash and place of every record, so that a start need not read them all.

Decides the bytes of that file and how leaf hashes follow from records. Never the truth: when it is missing,
short or disagrees with the last checkpoint, recovery.py makes it anew from the segments.

    entry = leaf hash (32) | offset of the frame in its segment, u64 | length of the frame, u32 | zero (4)
"""

from __future__ import annotations

import os
import struct
from array import array
from pathlib import Path

from engine.record import Record, parsed
from engine.trust import identifiers, leaves
from engine.trust.envelope import EVENT
from storage.disk import Disk

ENTRY_BYTES = 48
_ENTRY = struct.Struct(">32sQI4x")


def leaf_hash_of(record: Record) -> bytes:
    """The RFC 6962 leaf hash of a record, recomputed from its envelope (trust.md §1.3).

    An event is read without the strict reader: the desk wrote it canonically, and a wrong root would show.
    """
    envelope = record.envelope
    if envelope.payload_type != EVENT:
        return identifiers.leaf_hash(leaves.leaf_of(envelope, record.received_at))
    statement = parsed(envelope.payload)
    place = (statement["doc"], statement["seq"], statement["type"])
    event = identifiers.event_id(envelope.pae())
    return identifiers.leaf_hash(leaves.leaf(event, envelope.signatures, place, record.received_at))


class Leaves:
    """Leaf hashes and places, by index. Append-only; readers may run beside the one writer."""

    __slots__ = ("hashes", "lengths", "offsets")

    def __init__(self) -> None:
        self.hashes: list[bytes] = []
        self.offsets = array("Q")
        self.lengths = array("I")

    def __len__(self) -> int:
        return len(self.lengths)

    def add(self, leaf_hash: bytes, offset: int, length: int) -> None:
        self.hashes.append(leaf_hash)
        self.offsets.append(offset)
        self.lengths.append(length)

    def cut(self, size: int) -> None:
        """Forget everything from index `size` on."""
        del self.hashes[size:], self.offsets[size:], self.lengths[size:]

    def encode(self, start: int = 0) -> bytes:
        """The entries from index `start` on."""
        return b"".join(
            _ENTRY.pack(self.hashes[n], self.offsets[n], self.lengths[n]) for n in range(start, len(self))
        )


def load_leaves(path: Path) -> Leaves:
    """Whole entries of the side file; none when there is no file."""
    found = Leaves()
    data = path.read_bytes() if path.exists() else b""
    for hashed, offset, length in _ENTRY.iter_unpack(data[: len(data) // ENTRY_BYTES * ENTRY_BYTES]):
        found.add(hashed, offset, length)
    return found


class LeafFile:
    """The side file, opened for appending behind the journal's writer. Not synced: it can be made anew."""

    def __init__(self, path: Path, disk: Disk, leaves: Leaves, *, known: int) -> None:
        """`known`: how many entries the file already holds rightly; the rest is written over."""
        self._disk = disk
        self._fd = disk.open(path, os.O_RDWR | os.O_CREAT)
        disk.truncate(self._fd, known * ENTRY_BYTES)
        self._written = known
        self.append(leaves)

    def append(self, leaves: Leaves) -> None:
        """Write the entries that are not in the file yet."""
        data = leaves.encode(self._written)
        if data:
            self._disk.pwrite(self._fd, data, self._written * ENTRY_BYTES)
            self._written = len(leaves)

    def close(self) -> None:
        self._disk.close(self._fd)
