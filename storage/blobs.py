"""Sealed attachments on the disk, by the digest of their ciphertext, and what a person has staged.

Decides where bytes lie and when a staged upload is too old. Never sees a file in clear and never uses a name
somebody typed as a path. The key of a staged file lies only inside a sealed note.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import orjson

from engine.errors import Broken, NotFound, Unavailable
from engine.ports import StagedFile, Vault
from storage.disk import Disk

_PURPOSE = "staged"
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_CHUNK = 65_536
_REMEMBERED = 4_096


class FileBlobs:
    """Behind the Blobs port: `ab/abcdef…` for blobs, `staged/<digest>` for sealed staging notes."""

    def __init__(self, folder: Path, vault: Vault, disk: Disk | None = None) -> None:
        self._folder, self._staged = folder, folder / "staged"
        self._staged.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._vault, self._disk = vault, disk or Disk()
        self._lock = threading.Lock()
        self._known: dict[str, StagedFile] = {}  # read before, by name; a folder has one process
        for left in folder.glob("incoming-*"):
            left.unlink()

    def put(self, chunks: Iterable[bytes]) -> str:
        """Store bytes durably as they come; the result is their SHA-256. `Unavailable("disk")`."""
        temporary = self._folder / f"incoming-{os.urandom(8).hex()}"
        digest = sha256()
        try:
            with _disk_faults():
                fd = self._disk.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            try:
                for chunk in chunks:  # whoever breaks off here is not the disk
                    digest.update(chunk)
                    with _disk_faults():
                        self._disk.write_all(fd, chunk)
                with _disk_faults():
                    self._disk.sync(fd)
            finally:
                self._disk.close(fd)
            with _disk_faults():
                self._place(temporary, self._path(digest.hexdigest()))
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return digest.hexdigest()

    def _place(self, temporary: Path, target: Path) -> None:
        if not target.parent.exists():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            self._disk.sync_folder(self._folder)
        self._disk.rename(temporary, target)
        self._disk.sync_folder(target.parent)

    def open(self, digest: str) -> Iterator[bytes]:
        """The bytes, by 64 KiB; `NotFound` at once, `Broken` at the end when they are not the digest's."""
        if _DIGEST.match(digest) is None:
            raise NotFound("blob")
        try:
            fd = self._disk.open(self._path(digest), os.O_RDONLY)
        except FileNotFoundError:
            raise NotFound("blob") from None
        return self._pieces(fd, digest)

    def _pieces(self, fd: int, digest: str) -> Iterator[bytes]:
        seen, place = sha256(), 0
        try:
            while piece := self._disk.pread(fd, _CHUNK, place):
                place += len(piece)
                seen.update(piece)
                yield piece
        finally:
            self._disk.close(fd)
        if seen.hexdigest() != digest:
            raise Broken("blob.damaged", blob=digest)

    def has(self, digest: str) -> bool:
        """Whether the blob is stored."""
        return _DIGEST.match(digest) is not None and self._path(digest).exists()

    def stage(self, staged: StagedFile) -> None:
        """Remember an upload for its uploader until it is submitted or too old. `Unavailable("disk")`."""
        name = _staged_name(staged.staged_by, staged.sha256)
        value = {**asdict(staged), "key": staged.key.hex()}
        sealed = self._vault.seal_note(_PURPOSE, orjson.dumps(value), name.encode("ascii"))
        with self._lock, _disk_faults():
            self._disk.replace_file(self._staged / name, sealed)
            self._known.pop(name, None)

    def staged(self, person: str, sha256: str) -> StagedFile | None:
        """What a person staged under the digest of the plain bytes, or None."""
        name = _staged_name(person, sha256)
        known = self._known.get(name)
        if known is None:
            with self._lock:
                known = self._read_staged(name)
                if known is not None:
                    if len(self._known) >= _REMEMBERED:
                        self._known.clear()
                    self._known[name] = known
        return known

    def _read_staged(self, name: str) -> StagedFile | None:
        try:
            sealed = (self._staged / name).read_bytes()
        except FileNotFoundError:
            return None
        value = orjson.loads(self._vault.open_note(_PURPOSE, sealed, name.encode("ascii")))
        return StagedFile(**{**value, "key": bytes.fromhex(value["key"])})

    def expire(self, before: str, is_referenced: Callable[[str], bool]) -> int:
        """Forget what was staged before a moment (`utc_text`), and blobs no document refers to; how many."""
        old: list[tuple[str, StagedFile]] = []
        kept: set[str] = set()
        for path in self._staged.iterdir():
            one = self._read_staged(path.name) if _DIGEST.match(path.name) else None
            if one is None:
                continue
            if one.staged_at < before:
                old.append((path.name, one))
            else:
                kept.add(one.blob)
        for name, one in old:
            with self._lock:
                (self._staged / name).unlink(missing_ok=True)
                self._known.pop(name, None)
            if one.blob not in kept and not is_referenced(one.blob):
                self._path(one.blob).unlink(missing_ok=True)
        return len(old)

    def forget(self, blobs: Iterable[str], is_shared: Callable[[str], bool]) -> None:
        """Destroy staging notes of these blobs (they hold keys), and blobs that no other document shares."""
        gone = set(blobs)
        with self._lock, _disk_faults():
            for path in self._staged.iterdir():
                one = self._read_staged(path.name) if _DIGEST.match(path.name) else None
                if one is not None and one.blob in gone:
                    self._disk.unlink(path)
                    self._known.pop(path.name, None)
            self._disk.sync_folder(self._staged)
            for blob in gone:
                if self.has(blob) and not is_shared(blob):
                    self._disk.unlink(self._path(blob))
                    self._disk.sync_folder(self._path(blob).parent)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


@contextmanager
def _disk_faults() -> Iterator[None]:
    try:
        yield
    except OSError:
        raise Unavailable("disk") from None


def _staged_name(person: str, digest: str) -> str:
    return sha256(f"{person} {digest}".encode()).hexdigest()
