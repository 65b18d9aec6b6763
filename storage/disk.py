"""The few calls on the operating system that durability hangs on, in one small object.

Decides how a file is written so that it is whole after a crash (write, sync, rename, sync the folder).
Never decides what an error means: every `OSError` goes to the caller, who knows what was promised.
The object is passed in, so that tests can make the n-th call fail or stop short.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path


class Disk:
    """The real disk. Tests put a faulty one in its place (tests/simulators/faulty_disk.py)."""

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        """Open `path`; the descriptor is not inherited by child processes."""
        return os.open(path, flags | os.O_CLOEXEC, mode)

    def close(self, fd: int) -> None:
        os.close(fd)

    def write(self, fd: int, data: bytes | memoryview) -> int:
        """One write call; like the system's own it may take less than all."""
        return os.write(fd, data)

    def pwrite(self, fd: int, data: bytes, offset: int) -> int:
        return os.pwrite(fd, data, offset)

    def pread(self, fd: int, size: int, offset: int) -> bytes:
        return os.pread(fd, size, offset)

    def size(self, fd: int) -> int:
        return os.fstat(fd).st_size

    def truncate(self, fd: int, size: int) -> None:
        os.ftruncate(fd, size)

    def datasync(self, fd: int) -> None:
        """Bytes and length are on the medium when this returns."""
        os.fdatasync(fd)

    def sync(self, fd: int) -> None:
        os.fsync(fd)

    def rename(self, source: Path, target: Path) -> None:
        os.replace(source, target)

    def unlink(self, path: Path) -> None:
        os.unlink(path)

    def lock(self, fd: int) -> bool:
        """Take the exclusive lock of an open file; False when another process holds it."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    # Composed of the calls above, so that a fault in any of them is felt here too.

    def write_all(self, fd: int, data: bytes | memoryview) -> None:
        """Write every byte, or raise `OSError`; how much arrived is then unknown."""
        rest = memoryview(data)
        while rest:
            taken = self.write(fd, rest)
            if taken <= 0:
                raise OSError("the disk took nothing")
            rest = rest[taken:]

    def sync_folder(self, folder: Path) -> None:
        """Make created, renamed and removed names of `folder` survive a power failure."""
        fd = self.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self.sync(fd)
        finally:
            self.close(fd)

    def replace_file(self, path: Path, data: bytes | Iterable[bytes], mode: int = 0o600) -> None:
        """Put `data` at `path` as a whole: after a crash either the old content is there or the new one.

        The temporary file stands beside it as `<name>.tmp`; two writers of one path need a lock above.
        """
        temporary = path.with_name(path.name + ".tmp")
        fd = self.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        try:
            for piece in (data,) if isinstance(data, bytes) else data:
                self.write_all(fd, piece)
            self.sync(fd)
        finally:
            self.close(fd)
        self.rename(temporary, path)
        self.sync_folder(path.parent)
