"""A disk whose n-th writing call fails or stops short. Everything else is the real disk."""

from __future__ import annotations

import errno
from pathlib import Path

from storage.disk import Disk


class FaultyDisk(Disk):
    """Counts writing calls (write, pwrite, datasync, sync, rename, truncate); the `fail_at`-th goes wrong.

    `fault`: an errno, or "short" for a write that takes half and then refuses. Once broken, always broken.
    """

    def __init__(self, fail_at: int | None = None, fault: int | str = errno.ENOSPC) -> None:
        self.calls: list[str] = []
        self.fail_at = fail_at
        self.fault = fault
        self.is_broken = False

    def _count(self, name: str) -> bool:
        """Whether this call is the one that goes wrong."""
        self.calls.append(name)
        if self.is_broken:
            raise OSError(errno.EIO, "the disk stays broken")
        if self.fail_at is not None and len(self.calls) == self.fail_at:
            self.is_broken = True
            if self.fault != "short":
                raise OSError(self.fault, "injected")
            return True
        return False

    def write(self, fd: int, data: bytes | memoryview) -> int:
        if self._count("write"):
            return super().write(fd, data[: len(data) // 2])
        return super().write(fd, data)

    def pwrite(self, fd: int, data: bytes, offset: int) -> int:
        if self._count("pwrite"):
            return super().pwrite(fd, data[: len(data) // 2], offset)
        return super().pwrite(fd, data, offset)

    def datasync(self, fd: int) -> None:
        if self._count("datasync"):
            raise OSError(errno.EIO, "injected")
        super().datasync(fd)

    def sync(self, fd: int) -> None:
        if self._count("sync"):
            raise OSError(errno.EIO, "injected")
        super().sync(fd)

    def rename(self, source: Path, target: Path) -> None:
        if self._count("rename"):
            raise OSError(errno.EIO, "injected")
        super().rename(source, target)

    def truncate(self, fd: int, size: int) -> None:
        if self._count("truncate"):
            raise OSError(errno.EIO, "injected")
        super().truncate(fd, size)
