"""The log signer's own memory: the last size and root it put its name to, in a second place.

Decides how that memory lies on the disk. Never decides what a disagreement means: recovery.py does.

C2SP tlog-checkpoint: a log must not sign a checkpoint that is inconsistent with one it signed before. The
file stands beside the unseal key, outside the data folder, so that yesterday's copy of the data is noticed.

    file = slot 0 (at 0) | slot 1 (at 512); each `fengjian-last-signed/1 <size> <root hex> <check>\\n`

The slots are written in turn and synced, so a torn write leaves the other one; the larger size counts.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from storage.disk import Disk

_LABEL = "fengjian-last-signed/1"
_SLOT_BYTES = 512


@dataclass(frozen=True, slots=True)
class Signed:
    """A tree head the log key has signed: number of leaves and root hash (32 bytes)."""

    size: int
    root: bytes


EMPTY = Signed(0, sha256(b"").digest())


class LastSigned:
    """The file of the last signed tree head. `read` gives None when there is no whole slot."""

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        self._path = path
        self._disk = disk or Disk()
        self._turn = 0

    def create(self) -> None:
        """Begin the memory of a new log; an existing one is left as it is."""
        if not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._disk.replace_file(self._path, _slot(EMPTY))

    def read(self) -> Signed | None:
        """The last tree head that was signed, or None when the memory is missing or damaged."""
        try:
            fd = self._disk.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            slots = [_parse(self._disk.pread(fd, _SLOT_BYTES, _SLOT_BYTES * n)) for n in (0, 1)]
        finally:
            self._disk.close(fd)
        whole = [(signed.size, n, signed) for n, signed in enumerate(slots) if signed is not None]
        if not whole:
            return None
        _, place, signed = max(whole, key=lambda found: found[:2])
        self._turn = 1 - place
        return signed

    def remember(self, signed: Signed) -> None:
        """Make `signed` the last one, durably. Raises `OSError` when the disk does not take it."""
        fd = self._disk.open(self._path, os.O_WRONLY)
        try:
            slot = _slot(signed)
            if self._disk.pwrite(fd, slot, _SLOT_BYTES * self._turn) != len(slot):
                raise OSError("short write of the last signed tree head")
            self._disk.datasync(fd)
        finally:
            self._disk.close(fd)
        self._turn = 1 - self._turn


def _slot(signed: Signed) -> bytes:
    text = f"{_LABEL} {signed.size} {signed.root.hex()}"
    return f"{text} {sha256(text.encode()).hexdigest()[:16]}\n".encode("ascii")


def _parse(data: bytes) -> Signed | None:
    words = data.split(b"\n", 1)[0].decode("ascii", "replace").split(" ")
    if len(words) != 4 or words[0] != _LABEL:
        return None
    try:
        signed = Signed(int(words[1]), bytes.fromhex(words[2]))
    except ValueError:
        return None
    return signed if data.startswith(_slot(signed)) else None
