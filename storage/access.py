"""The access log: every reading of sealed content, chained and sealed.

Decides when an entry counts: after its sync. Never decides what must be logged, and never removes anything:
an end that cannot be read is put aside under another name, and the chain goes on from the last whole entry.

    entry = length u32 big-endian | sealed note | chain (32);  chain = SHA-256(chain before | sealed note)
"""

from __future__ import annotations

import logging
import os
import struct
import threading
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import orjson

from engine.errors import Broken, Unavailable
from engine.ports import Access, Vault
from storage.disk import Disk

_PURPOSE = "access"
_HEAD = struct.Struct(">I")
_START = sha256(b"fengjian/access/v1\x00").digest()
_log = logging.getLogger(__name__)


class FileAccessLog:
    """Behind the AccessLog port. Entries that wait together share one sync."""

    def __init__(self, path: Path, vault: Vault, disk: Disk | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path, self._vault, self._disk = path, vault, disk or Disk()
        self._lock = threading.Condition()
        self._waiting: list[bytes] = []
        self._given = self._durable = 0
        self._is_leading = False
        self._is_broken = False
        self._fd = self._disk.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        self._disk.sync_folder(path.parent)
        self._places: list[int] = []
        self._chain, end = self._check()
        self._before, self._end = len(self._places), end
        if end < self._disk.size(self._fd):
            self._put_aside(end)

    def write(self, access: Access) -> None:
        """Log one reading; returns when it is durable. `Unavailable("access.disk")`: show nothing then."""
        sealed = self._vault.seal_note(_PURPOSE, orjson.dumps(asdict(access)))
        with self._lock:
            if self._is_broken:
                raise Unavailable("access.disk")
            self._chain = sha256(self._chain + sealed).digest()
            entry = _HEAD.pack(len(sealed)) + sealed + self._chain
            self._waiting.append(entry)
            self._places.append(self._end)
            self._end += len(entry)
            self._given += 1
            mine = self._given
            while self._durable < mine and not self._is_broken and self._is_leading:
                self._lock.wait()
            if self._durable >= mine:
                return
            if self._is_broken:
                raise Unavailable("access.disk")
            self._is_leading = True
            batch, self._waiting = b"".join(self._waiting), []
            upto = self._given
        self._flush(batch, upto)

    def _flush(self, batch: bytes, upto: int) -> None:
        # The first who waits writes for all who came meanwhile; a failed sync is never tried again.
        fault: OSError | None = None
        try:
            self._disk.write_all(self._fd, batch)
            self._disk.datasync(self._fd)
        except OSError as found:
            fault = found
        with self._lock:
            self._is_leading = False
            if fault is None:
                self._durable = upto
            else:
                self._is_broken = True
            self._lock.notify_all()
        if fault is not None:
            _log.critical("access.disk", exc_info=fault)
            raise Unavailable("access.disk") from None

    def entries(self) -> Iterator[Access]:
        """Every durable entry, oldest first; `Broken("access.chain")` where the chain does not hold."""
        data = self._path.read_bytes()
        chain, place = _START, 0
        while place < len(data):
            found = _entry(data, place, chain)
            if found is None:
                raise Broken("access.chain", at=place)
            sealed, chain, place = found
            yield self._opened(sealed)

    def newest(self, before: int | None = None) -> Iterator[tuple[int, Access]]:
        """Durable entries with their numbers from 1 on, the newest first; only those before `before`.

        Each is compared with its own link of the chain; `Broken("access.chain")` where that does not hold.
        """
        with self._lock:
            count = self._before + self._durable
            places = [*self._places[:count], self._places[count] if count < len(self._places) else self._end]
        for number in range(count if before is None else min(count, before - 1), 0, -1):
            yield number, self._one(places[number - 1], places[number])

    def _one(self, start: int, end: int) -> Access:
        chain = self._disk.pread(self._fd, 32, start - 32) if start else _START
        found = _entry(self._disk.pread(self._fd, end - start, start), 0, chain)
        if found is None:
            raise Broken("access.chain", at=start)
        return self._opened(found[0])

    def _opened(self, sealed: bytes) -> Access:
        value = orjson.loads(self._vault.open_note(_PURPOSE, sealed))
        return Access(**{**value, "what": tuple(value["what"])})

    def head(self) -> str:
        """The chain's last value, hexadecimal: what a log leaf may name."""
        with self._lock:
            return self._chain.hex()

    def close(self) -> None:
        self._disk.close(self._fd)

    def _check(self) -> tuple[bytes, int]:
        data = self._path.read_bytes()
        chain, place = _START, 0
        while (found := _entry(data, place, chain)) is not None:
            self._places.append(place)
            _, chain, place = found
        return chain, place

    def _put_aside(self, end: int) -> None:
        rest = self._disk.pread(self._fd, self._disk.size(self._fd) - end, end)
        aside = self._path.with_name(f"{self._path.name}.aside-{end}-{sha256(rest).hexdigest()[:8]}")
        self._disk.replace_file(aside, rest)
        self._disk.truncate(self._fd, end)
        self._disk.sync(self._fd)
        _log.critical("access.end_put_aside", extra={"bytes": len(rest), "at": end})


def _entry(data: bytes, place: int, chain: bytes) -> tuple[bytes, bytes, int] | None:
    if place + _HEAD.size > len(data):
        return None
    (length,) = _HEAD.unpack_from(data, place)
    start = place + _HEAD.size
    sealed, stored = data[start : start + length], data[start + length : start + length + 32]
    if len(stored) < 32 or sha256(chain + sealed).digest() != stored:
        return None
    return sealed, stored, start + length + 32
