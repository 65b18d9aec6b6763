"""`fengjian` on a disk that fails when told to: `python -m tests.attack.failing_disk serve --data DATA …`.

A file named `fault` in the folder above DATA says how: `full` (every write: no space left), `sync` (the next
datasync fails once; later ones claim success, as Linux does after a failed write-back). No file: no fault.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from storage.disk import Disk
from web.cli import main


class _Fault:
    """Which fault the file asks for, at this moment."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def check(self, kind: str, number: int) -> None:
        try:
            wanted = self._file.read_text()
        except FileNotFoundError:
            return
        if wanted == kind:
            if kind == "sync":
                self._file.write_text("")
            raise OSError(number, os.strerror(number))


def install(fault: _Fault) -> None:
    """Put the fault under every writing call of the storage package."""
    write, pwrite, datasync = Disk.write, Disk.pwrite, Disk.datasync

    def failing_write(disk: Disk, fd: int, data: bytes | memoryview) -> int:
        fault.check("full", errno.ENOSPC)
        return write(disk, fd, data)

    def failing_pwrite(disk: Disk, fd: int, data: bytes, offset: int) -> int:
        fault.check("full", errno.ENOSPC)
        return pwrite(disk, fd, data, offset)

    def failing_datasync(disk: Disk, fd: int) -> None:
        fault.check("sync", errno.EIO)
        datasync(disk, fd)

    setattr(Disk, "write", failing_write)  # noqa: B010
    setattr(Disk, "pwrite", failing_pwrite)  # noqa: B010
    setattr(Disk, "datasync", failing_datasync)  # noqa: B010


if __name__ == "__main__":
    install(_Fault(Path(sys.argv[sys.argv.index("--data") + 1]).parent / "fault"))
    main()
