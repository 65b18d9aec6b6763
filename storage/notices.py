"""Notices on the disk: one file that grows by lines and is now and then written anew.

Decides how they lie and how they are found. A line is a whole notice, and the last line of a notice counts; a
last line that a crash cut off is dropped. Never decides who is told what, and holds no personal information.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import orjson

from engine.errors import Unavailable
from engine.notice_ports import WAITING, Notice
from storage.disk import Disk

SPARE_LINES = 2_000
"""So many superseded lines may stand in the file before it is written anew."""


class FileNotices:
    """Behind the Notices port; everything is in memory too."""

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path, self._disk = path, disk or Disk()
        self._lock = threading.Lock()
        self._people: dict[str, dict[str, Notice]] = {}
        self._waiting: dict[tuple[str, str], Notice] = {}
        self._keys: set[str] = set()
        self._lines = 0
        self._whole = self._read()
        self._fd = self._disk.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def close(self) -> None:
        """Let the file go."""
        self._disk.close(self._fd)

    def add(self, made: Iterable[Notice]) -> tuple[Notice, ...]:
        """Keep those that are not there yet; which these were."""
        with self._lock:
            fresh = {
                (one.person, one.key): one
                for one in made
                if one.key not in self._people.get(one.person, {})
            }
            self._append(tuple(fresh.values()))
            return tuple(fresh.values())

    def keep(self, changed: Iterable[Notice]) -> None:
        """Replace notices that are there."""
        with self._lock:
            self._append(tuple(one for one in changed if one.key in self._people.get(one.person, {})))

    def of_person(self, person: str) -> tuple[Notice, ...]:
        """Everything told to a person, newest first."""
        with self._lock:
            held = tuple(self._people.get(person, {}).values())
        return tuple(sorted(held, key=lambda one: (one.made_at, one.key), reverse=True))

    def has(self, key: str) -> bool:
        """Whether anybody was told this."""
        with self._lock:
            return key in self._keys

    def unread(self, person: str) -> int:
        """How many a person has not read."""
        with self._lock:
            return sum(not one.read_at for one in self._people.get(person, {}).values())

    def to_mail(self) -> tuple[Notice, ...]:
        """What may still have to go out as mail, oldest first."""
        with self._lock:
            held = tuple(self._waiting.values())
        return tuple(sorted(held, key=lambda one: (one.made_at, one.person, one.key)))

    def forget(self, before: str) -> int:
        """Drop what was made before a moment and has gone its way; how many."""
        with self._lock:
            count = 0
            for held in self._people.values():
                for old in [one for one in held.values() if one.made_at < before and one.mail != WAITING]:
                    del held[old.key]
                    count += 1
            if count:
                self._keys = {key for held in self._people.values() for key in held}
                self._write_anew()
            return count

    def _append(self, notices: tuple[Notice, ...]) -> None:
        if not notices:
            return
        data = b"".join(orjson.dumps(asdict(one)) + b"\n" for one in notices)
        try:
            if self._disk.size(self._fd) > self._whole:
                self._disk.truncate(self._fd, self._whole)  # nothing may stand behind half a line
            self._disk.write_all(self._fd, data)
            self._disk.datasync(self._fd)
        except OSError:
            raise Unavailable("disk") from None
        self._whole += len(data)
        for one in notices:
            self._remember(one)
        self._lines += len(notices)
        if self._lines > SPARE_LINES + 2 * sum(map(len, self._people.values())):
            self._write_anew()

    def _write_anew(self) -> None:
        held = [one for notices in self._people.values() for one in notices.values()]
        lines = [orjson.dumps(asdict(one)) + b"\n" for one in held]
        try:
            self._disk.replace_file(self._path, lines)
            fresh = self._disk.open(self._path, os.O_WRONLY | os.O_APPEND)
        except OSError:
            raise Unavailable("disk") from None
        self._disk.close(self._fd)
        self._fd, self._lines, self._whole = fresh, len(held), sum(map(len, lines))

    def _read(self) -> int:
        """Take in every whole line; how many bytes they are."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return 0
        whole = data.rfind(b"\n") + 1
        for line in data[:whole].splitlines():
            self._remember(Notice(**orjson.loads(line)))
            self._lines += 1
        return whole

    def _remember(self, one: Notice) -> None:
        self._people.setdefault(one.person, {})[one.key] = one
        self._keys.add(one.key)
        if one.mail == WAITING:
            self._waiting[one.person, one.key] = one
        else:
            self._waiting.pop((one.person, one.key), None)
