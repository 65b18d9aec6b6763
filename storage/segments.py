"""Frames and segment files: how records and checkpoints lie on the disk.

Decides the bytes of a frame and the names of the files. Never decides whether what it reads is enough:
recovery.py compares it with the last signed checkpoint.

    frame    = magic (4) | length of bytes, u32 big-endian | bytes | SHA-256(magic | length | bytes)
    magic    = "FJr1" a record, "FJc1" a checkpoint (C2SP signed note, UTF-8)
    segment  = frames, one after the other; file name = index of its first record, 16 digits, ".seg"

A checkpoint frame covers every record before it, in this file and the earlier ones.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from storage.disk import Disk

RECORD = b"FJr1"
CHECKPOINT = b"FJc1"
SEGMENT_BYTES = 64 * 1024 * 1024
FRAME_OVERHEAD = 4 + 4 + 32
MOST_NOTE_BYTES = 4096
MAX_PAYLOAD = 64 * 1024 * 1024
_HEAD = struct.Struct(">4sI")


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole frame: what it is, its payload, and where it begins and ends in its file (bytes)."""

    magic: bytes
    payload: bytes
    start: int
    end: int


def encode_frame(magic: bytes, payload: bytes) -> bytes:
    """The frame of `payload`."""
    body = _HEAD.pack(magic, len(payload)) + payload
    return body + sha256(body).digest()


def decode_frame(data: bytes | memoryview | mmap.mmap, start: int) -> Frame | None:
    """The whole, undamaged frame that begins at `start`, or None."""
    if start + FRAME_OVERHEAD > len(data):
        return None
    magic, length = _HEAD.unpack_from(data, start)
    end = start + FRAME_OVERHEAD + length
    if magic not in (RECORD, CHECKPOINT) or length > MAX_PAYLOAD or end > len(data):
        return None
    body = bytes(data[start : end - 32])
    if sha256(body).digest() != bytes(data[end - 32 : end]):
        return None
    return Frame(magic, body[_HEAD.size :], start, end)


def frames(data: bytes | memoryview | mmap.mmap, start: int = 0) -> Iterator[Frame]:
    """Whole frames from `start` on, up to the first that is torn or damaged."""
    frame = decode_frame(data, start)
    while frame is not None:
        yield frame
        frame = decode_frame(data, frame.end)


def segment_name(first_index: int) -> str:
    return f"{first_index:016d}.seg"


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment file and the index of its first record."""

    path: Path
    first: int


def list_segments(folder: Path) -> tuple[Segment, ...]:
    """The segments of `folder`, in order."""
    names = sorted(path for path in folder.glob("*.seg") if path.stem.isdigit())
    return tuple(Segment(path, int(path.stem)) for path in names)


def read_segment(path: Path) -> bytes | mmap.mmap:
    """The bytes of a segment, mapped; an empty file gives empty bytes."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if os.fstat(fd).st_size == 0:
            return b""
        return mmap.mmap(fd, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(fd)


def read_frame(disk: Disk, fd: int, start: int, length: int) -> Frame | None:
    """The frame of `length` bytes (overhead included) at `start`, or None when it is not whole."""
    return decode_frame(disk.pread(fd, length, start), 0)


def is_whole(disk: Disk, fd: int, count: int, step: int = 4 * 1024 * 1024) -> bool:
    """Whether a file is nothing but undamaged frames, `count` of them records, the last a checkpoint.

    Reads by `step` bytes without mapping, so that a background thread does not hold up the others.
    """
    rest, place, size, seen, last = b"", 0, disk.size(fd), 0, b""
    while place < size:
        piece = disk.pread(fd, step, place)
        if not piece:
            return False
        place += len(piece)
        rest += piece
        end = 0
        for frame in frames(rest):
            end, last = frame.end, frame.magic
            seen += frame.magic == RECORD
        rest = rest[end:]
        if len(rest) > MAX_PAYLOAD + FRAME_OVERHEAD:
            return False
    return not rest and seen == count and last == CHECKPOINT
