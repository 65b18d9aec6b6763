"""What can be destroyed of each record, in one file that is changed in place: wraps, index bits, summaries.

Decides the bytes of an entry and in which order they reach the disk. Never decides what is destroyed, and
holds no key: wraps are sealed by the vault, and so is a summary.

    entry  = "FJw1" | u16 units of 128 bytes | u16 length of body | body | SHA-256(body) | zeros
    gone   = "FJw0" | u16 units | zeros                                                    (big-endian)
    body   = text doc | text agency.form | u8 wraps, each: u8 class | u32 epoch | nonce 24 | ct 64
             | u16 length | summary | JSON of the index bits             text = u8 length | bytes

 1  `add` gives a place and keeps the bytes in memory; the caller is inside the journal's critical section.
 2  `flush` is called by the journal's writer before it writes a batch: what the batch names is on the disk
    first. An entry whose record never came is nobody's and harms nobody.
 3  `replace` writes the new bytes to a second file, syncs, overwrites in place, syncs, and empties the second
    file. A start finds either nothing there, or a whole list and carries it out again.
"""

from __future__ import annotations

import os
import struct
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import orjson

from engine.errors import Broken, NotFound, Unavailable
from engine.record import Erasable
from engine.trust.statement import CLASSES
from engine.trust.wrap import ALG, Wrap
from storage.disk import Disk

UNIT = 128
_STANDS, _GONE = b"FJw1", b"FJw0"
_HEAD = struct.Struct(">4sHH")
_DIGEST = 32
_LENGTH = struct.Struct(">H")
_WRAP = struct.Struct(">BI24s64s")
_REDO = struct.Struct(">QI")
_WINDOW = 1024 * 1024
_FIRST_READ = 2048
_MOST = 128 * 1024  # an entry is smaller


class FileWraps:
    """Behind the ErasableStore port: `erasable` and `erasable.redo` in one folder."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._disk = disk or Disk()
        self._path, self._redo = folder / "erasable", folder / "erasable.redo"
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._held: dict[int, Erasable] = {}
        self._fd = self._disk.open(self._path, os.O_RDWR | os.O_CREAT)
        self._disk.sync_folder(folder)
        self._carry_out()
        self._end = -(-self._disk.size(self._fd) // UNIT) * UNIT

    def add(self, one: Erasable) -> tuple[int, str]:
        """A place and the digest of the bytes; durable with the next `flush`."""
        body = _body(one)
        digest = sha256(body)
        entry = _entry(body, digest.digest())
        with self._lock:
            place = self._end
            self._end += len(entry)
            self._waiting.append((place, entry))
            self._held[place] = one
        return place, digest.hexdigest()

    def flush(self) -> None:
        """Put on the disk what was added. `OSError`: nothing is known of what arrived."""
        with self._lock:
            taken = list(self._waiting)
            self._waiting.clear()
        if not taken:
            return
        self._write_at(taken[0][0], b"".join(entry for _, entry in taken))
        self._disk.datasync(self._fd)
        with self._lock:
            for place, _ in taken:
                self._held.pop(place, None)

    def read(self, place: int) -> Erasable | None:
        """What stands at a place, None when it was destroyed; `Broken("wraps.damaged")`, `NotFound`."""
        held = self._held.get(place)
        if held is not None:
            return held
        if place < 0 or place % UNIT:
            raise NotFound("wraps.place")
        units, found = self._look(place)
        if not units:
            with self._lock:  # perhaps it was being overwritten
                units, found = self._look(place)
        if not units:
            raise Broken("wraps.damaged", place=place)
        return found

    def _look(self, place: int) -> tuple[int, Erasable | None]:
        data = self._disk.pread(self._fd, _FIRST_READ, place)
        if len(data) == _FIRST_READ:
            size = _HEAD.unpack_from(data)[1] * UNIT
            if size > len(data):
                data = self._disk.pread(self._fd, size, place)
        return _decode(data)

    def replace(self, changes: Mapping[int, Erasable | None]) -> None:
        """Overwrite entries durably. `Unavailable("disk")`: the next start carries it out."""
        with self._lock:
            if any(place in self._held for place in changes):
                raise Broken("wraps.not_durable")
            news = [(place, self._fitted(place, one)) for place, one in sorted(changes.items())]
            listed = b"".join(_REDO.pack(place, len(data)) + data for place, data in news)
            try:
                self._disk.replace_file(self._redo, listed + sha256(listed).digest())
                self._overwrite(news)
            except OSError:
                raise Unavailable("disk") from None

    def _fitted(self, place: int, one: Erasable | None) -> bytes:
        magic, units, _ = _HEAD.unpack_from(self._disk.pread(self._fd, _HEAD.size, place))
        if magic not in (_STANDS, _GONE):
            raise Broken("wraps.damaged", place=place)
        if one is None:
            return _HEAD.pack(_GONE, units, 0).ljust(units * UNIT, b"\0")
        body = _body(one)
        entry = _entry(body, sha256(body).digest(), units)
        if len(entry) != units * UNIT:
            raise Broken("wraps.too_long", place=place)
        return entry

    def _overwrite(self, news: list[tuple[int, bytes]]) -> None:
        for place, data in _joined(news):
            self._write_at(place, data)
        self._disk.datasync(self._fd)
        self._disk.unlink(self._redo)
        self._disk.sync_folder(self._redo.parent)

    def _carry_out(self) -> None:
        """Finish a list that a crash interrupted; one that is not whole was never begun."""
        try:
            data = self._redo.read_bytes()
        except FileNotFoundError:
            return
        listed, news, place = data[:-_DIGEST], list[tuple[int, bytes]](), 0
        if sha256(listed).digest() == data[-_DIGEST:]:
            while place < len(listed):
                at, size = _REDO.unpack_from(listed, place)
                place += _REDO.size
                news.append((at, listed[place : place + size]))
                place += size
        self._overwrite(news)

    def scan(self) -> Iterator[tuple[int, Erasable]]:
        """Everything durable that stands, by place. Bytes that are no entry are stepped over, by units."""
        place, end = 0, self._disk.size(self._fd)
        while place < end:
            window = memoryview(self._disk.pread(self._fd, _WINDOW, place))
            at = 0
            while at < len(window):
                units, found = _decode(window[at:])
                if not units and at and place + len(window) < end and len(window) - at < _MOST:
                    break  # perhaps cut by the window: look again from here
                if found is not None:
                    yield place + at, found
                at += (units or 1) * UNIT
            place += at

    def close(self) -> None:
        """Write what waits, then let go of the file."""
        self.flush()
        self._disk.close(self._fd)

    def _write_at(self, place: int, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            taken = self._disk.pwrite(self._fd, bytes(rest), place)
            if taken <= 0:
                raise OSError("the disk took nothing")
            rest, place = rest[taken:], place + taken


def _joined(news: list[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Neighbouring pieces as one."""
    begin, end, pieces = 0, -1, list[bytes]()
    for place, data in news:
        if place != end and pieces:
            yield begin, b"".join(pieces)
            pieces = []
        if not pieces:
            begin = place
        pieces.append(data)
        end = place + len(data)
    if pieces:
        yield begin, b"".join(pieces)


def _body(one: Erasable) -> bytes:
    prefix = one.wraps[0].compartment.rpartition(".")[0] if one.wraps else ""
    pieces = [_text(one.doc), _text(prefix), bytes([len(one.wraps)])]
    for each in one.wraps:
        if each.alg != ALG or each.doc != one.doc or each.compartment != f"{prefix}.{each.klass}":
            raise Broken("wraps.mixed")
        pieces.append(_WRAP.pack(CLASSES.index(each.klass), each.epoch, each.nonce, each.ct))
    summary = bytes.fromhex(one.summary)
    return b"".join([*pieces, _LENGTH.pack(len(summary)), summary, orjson.dumps(one.blind)])


def _text(text: str) -> bytes:
    data = text.encode("ascii")
    return bytes([len(data)]) + data


def _entry(body: bytes, digest: bytes, units: int = 0) -> bytes:
    size = _HEAD.size + len(body) + _DIGEST
    units = units or -(-size // UNIT)
    return (_HEAD.pack(_STANDS, units, len(body)) + body + digest).ljust(units * UNIT, b"\0")


def _decode(data: bytes | memoryview) -> tuple[int, Erasable | None]:
    """(units of the entry at the start of `data`, what stands there); (0, None) when there is no entry."""
    if len(data) < _HEAD.size:
        return 0, None
    magic, units, length = _HEAD.unpack_from(data)
    if magic == _GONE and units and len(data) >= units * UNIT:
        return units, None
    if magic != _STANDS:
        return 0, None
    body = bytes(data[_HEAD.size : _HEAD.size + length])
    digest = data[_HEAD.size + length : _HEAD.size + length + _DIGEST]
    if sha256(body).digest() != digest:
        return 0, None
    return units, _read_body(body)


def _read_body(body: bytes) -> Erasable:
    end = 1 + body[0]
    doc = body[1:end].decode("ascii")
    begin, end = end + 1, end + 1 + body[end]
    prefix = body[begin:end].decode("ascii")
    count, place = body[end], end + 1
    wraps = []
    for _ in range(count):
        klass, epoch, nonce, ct = _WRAP.unpack_from(body, place)
        place += _WRAP.size
        name = CLASSES[klass]
        wraps.append(Wrap(doc, name, f"{prefix}.{name}", epoch, ALG, nonce, ct))
    (size,) = _LENGTH.unpack_from(body, place)
    place += _LENGTH.size
    return Erasable(doc, tuple(wraps), orjson.loads(body[place + size :]), body[place : place + size].hex())
