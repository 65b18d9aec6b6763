"""Results of trial runs on the disk: one file for each version draft, replaced as a whole.

Decides where they lie. They hold counts, ids and pseudonyms, nothing of what a document says, so they are not
sealed. Never decides what a result is worth: one that was kept for another text of the draft is still given.
"""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import orjson

from engine.errors import Unavailable
from engine.version_ports import KeptTrial
from storage.disk import Disk

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


class FileTrialResults:
    """Behind the TrialResults port."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._disk, self._lock = folder, disk or Disk(), threading.Lock()

    def get(self, draft_id: str) -> KeptTrial | None:
        """The newest result of a draft; None also for a file that cannot be read: it is run again."""
        path = self._path(draft_id)
        if path is None:
            return None
        try:
            return KeptTrial(**orjson.loads(path.read_bytes()))
        except (OSError, TypeError, ValueError):
            return None

    def keep(self, result: KeptTrial) -> None:
        """Keep a result in place of the one before; `Unavailable("disk")`: the one before is still whole."""
        path = self._path(result.draft)
        if path is None:
            return
        with self._lock:
            try:
                self._disk.replace_file(path, orjson.dumps(asdict(result)))
            except OSError:
                raise Unavailable("disk") from None

    def forget(self, draft_id: str) -> None:
        """Remove the result of a draft; one that is not there is no matter."""
        path = self._path(draft_id)
        with self._lock, suppress(OSError):
            if path is not None and path.exists():
                self._disk.unlink(path)
                self._disk.sync_folder(self._folder)

    def _path(self, draft_id: str) -> Path | None:
        return self._folder / f"{draft_id}.json" if _ID.match(draft_id) else None
