"""Drafts on the disk: one sealed file each, replaced as a whole, revised by compare-and-set.

Decides where a draft lies and who is late. Never decides who may open one, and never keeps one in clear.
"""

from __future__ import annotations

import re
import threading
from dataclasses import asdict
from pathlib import Path

import orjson

from engine.errors import Conflict, NotFound, Unavailable
from engine.ports import StoredDraft, Vault
from storage.disk import Disk

_PURPOSE = "draft"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


class FileDrafts:
    """Behind the DraftStore port. Owners and revisions are in memory, answers only on the disk, sealed."""

    def __init__(self, folder: Path, vault: Vault, disk: Disk | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._vault, self._disk = folder, vault, disk or Disk()
        self._lock = threading.Lock()
        self._of_person: dict[str, set[str]] = {}
        for path in folder.glob("*.draft"):
            draft = self._read(path)
            self._of_person.setdefault(draft.created_by, set()).add(draft.id)

    def get(self, draft_id: str) -> StoredDraft | None:
        """The draft, or None."""
        path = self._path(draft_id)
        try:
            return None if path is None else self._read(path)
        except FileNotFoundError:
            return None

    def save(self, draft: StoredDraft, expected: int) -> None:
        """Store `draft` when the stored revision is `expected` (0: there is none yet); else `Conflict`.

        `Unavailable("disk")` when the disk refuses; the old draft is then still whole.
        """
        path = self._path(draft.id)
        if path is None:
            raise NotFound("draft")
        data = orjson.dumps(asdict(draft))
        sealed = self._vault.seal_note(_PURPOSE, data, draft.id.encode("ascii"))
        with self._lock:
            held = self.get(draft.id)
            if (held.revision if held is not None else 0) != expected:
                if held is None:
                    raise Conflict("draft.revision", revision=0)
                raise Conflict(
                    "draft.revision", revision=held.revision, saved_at=held.saved_at, saved_by=held.saved_by
                )
            try:
                self._disk.replace_file(path, sealed)
            except OSError:
                raise Unavailable("disk") from None
            self._of_person.setdefault(draft.created_by, set()).add(draft.id)

    def discard(self, draft_id: str) -> None:
        """Remove a draft; one that is not there is no matter."""
        path = self._path(draft_id)
        with self._lock:
            held = self.get(draft_id)
            if held is None or path is None:
                return
            self._disk.unlink(path)
            self._disk.sync_folder(self._folder)
            self._of_person.get(held.created_by, set()).discard(draft_id)

    def of_person(self, person: str) -> tuple[StoredDraft, ...]:
        """The drafts a person began, newest save first."""
        with self._lock:
            names = tuple(self._of_person.get(person, ()))
        found = [draft for draft in map(self.get, names) if draft is not None]
        return tuple(sorted(found, key=lambda draft: (draft.saved_at, draft.id), reverse=True))

    def _read(self, path: Path) -> StoredDraft:
        data = self._vault.open_note(_PURPOSE, path.read_bytes(), path.stem.encode("ascii"))
        return StoredDraft(**orjson.loads(data))

    def _path(self, draft_id: str) -> Path | None:
        return self._folder / f"{draft_id}.draft" if _ID.match(draft_id) else None
