"""Drafts of form versions on the disk: one file each, replaced as a whole, revised by compare-and-set.

Decides where a draft lies and who is late. They hold the agency's own rules and no personal data, so they
are not sealed. Never decides who may write one.
"""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import orjson

from engine.errors import Broken, Conflict, NotFound, Unavailable
from engine.version_ports import VersionDraft
from storage.disk import Disk

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


class FileVersionDrafts:
    """Behind the VersionDrafts port."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._disk, self._lock = folder, disk or Disk(), threading.Lock()

    def get(self, draft_id: str) -> VersionDraft | None:
        """The draft, or None. `Broken` when its file cannot be read."""
        path = self._path(draft_id)
        if path is None:
            return None
        try:
            return VersionDraft(**orjson.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (TypeError, ValueError) as fault:
            raise Broken("version_draft.unreadable", draft=draft_id) from fault

    def save(self, draft: VersionDraft, expected: int) -> None:
        """Store `draft` when the stored revision is `expected` (0: there is none yet); else `Conflict`.

        `Unavailable("disk")` when the disk refuses; the old draft is then still whole.
        """
        path = self._path(draft.id)
        if path is None:
            raise NotFound("version_draft.not_found")
        with self._lock:
            held = self.get(draft.id)
            if (held.revision if held is not None else 0) != expected:
                raise Conflict("version_draft.revision", revision=held.revision if held is not None else 0)
            try:
                self._disk.replace_file(path, orjson.dumps(asdict(draft)))
            except OSError:
                raise Unavailable("disk") from None

    def discard(self, draft_id: str) -> None:
        """Remove a draft; one that is not there, or that the disk keeps for now, is no matter."""
        path = self._path(draft_id)
        with self._lock, suppress(OSError):
            if path is not None and path.exists():
                self._disk.unlink(path)
                self._disk.sync_folder(self._folder)

    def all(self) -> tuple[VersionDraft, ...]:
        """Every draft, the one saved last first."""
        found = [self.get(path.stem) for path in self._folder.glob("*.json")]
        drafts = [draft for draft in found if draft is not None]
        return tuple(sorted(drafts, key=lambda draft: (draft.saved_at, draft.id), reverse=True))

    def _path(self, draft_id: str) -> Path | None:
        return self._folder / f"{draft_id}.json" if _ID.match(draft_id) else None
