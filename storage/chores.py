"""Which piece of work was done when, and who has it in hand, for any number of processes on one folder.

Decides who comes first: every question is answered under the lock of a file beside the one that remembers.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from engine.errors import Unavailable
from engine.identity import utc_text
from storage.disk import Disk


class FileChores:
    """Behind the Chores port: `chores.json` and `chores.lock` in a folder."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path, self._lock = folder / "chores.json", folder / "chores.lock"
        self._disk = disk or Disk()

    def claim(self, piece: str, slot: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take a piece in hand until a moment; False when it was done for this slot or is another's now."""
        with self._alone() as held:
            one = held.setdefault(piece, {"done": "", "holder": "", "until": ""})
            if one["done"] >= slot or (one["holder"] not in ("", holder) and one["until"] > utc_text(now)):
                return False
            one |= {"holder": holder, "until": utc_text(until)}
            self._write(held)
            return True

    def finish(self, piece: str, slot: str, holder: str) -> bool:
        """Say it was done; False when it has meanwhile become another's."""
        with self._alone() as held:
            one = held.get(piece)
            if one is None or one["holder"] != holder:
                return False
            held[piece] = {"done": max(slot, one["done"]), "holder": "", "until": ""}
            self._write(held)
            return True

    def release(self, piece: str, holder: str) -> None:
        """Give a piece back undone, to be taken at once."""
        with self._alone() as held:
            one = held.get(piece)
            if one is not None and one["holder"] == holder:
                held[piece] = {**one, "holder": "", "until": ""}
                self._write(held)

    def done(self, piece: str) -> str:
        """The newest slot for which it was done, "" for none."""
        with self._alone() as held:
            return str(held.get(piece, {"done": ""})["done"])

    @contextmanager
    def _alone(self) -> Iterator[dict[str, Any]]:
        try:
            fd = self._disk.open(self._lock, os.O_RDWR | os.O_CREAT)
        except OSError:
            raise Unavailable("disk") from None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            try:
                held: dict[str, Any] = orjson.loads(self._path.read_bytes())
            except (FileNotFoundError, orjson.JSONDecodeError):
                held = {}  # work is done once by its own keys; without this note it is only looked at again
            yield held
        finally:
            self._disk.close(fd)

    def _write(self, held: dict[str, Any]) -> None:
        try:
            self._disk.replace_file(self._path, orjson.dumps(held))
        except OSError:
            raise Unavailable("disk") from None
