"""Public trust material on the disk: trust.json and the snapshots of who may sign.

Decides where the files lie. Never judges them: engine.trust does. Nothing here is secret.
"""

from __future__ import annotations

import threading
from pathlib import Path

from engine.errors import NotFound, Unavailable
from storage.disk import Disk


class TrustFiles:
    """Behind the TrustStore port: `trust.json`, `<log index>.snapshot.json`, `<log index>.people.json`."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        self._folder, self._disk = folder, disk or Disk()
        self._lock = threading.Lock()
        self._snapshots = {
            int(path.name.split(".")[0]): (path.read_bytes(), self._people_path(path).read_bytes())
            for path in folder.glob("*.snapshot.json")
        }

    def root_chain(self) -> bytes:
        """The bytes of trust.json; `NotFound` before the first."""
        try:
            return (self._folder / "trust.json").read_bytes()
        except FileNotFoundError:
            raise NotFound("trust.root") from None

    def save_root_chain(self, data: bytes) -> None:
        """Replace trust.json. `Unavailable("disk")`."""
        self._replace(self._folder / "trust.json", data)

    def snapshots(self) -> tuple[tuple[int, bytes, bytes], ...]:
        """(log index, envelope JSON, people entries JSON) of every snapshot, oldest first."""
        with self._lock:
            return tuple((index, *found) for index, found in sorted(self._snapshots.items()))

    def save_snapshot(self, index: int, envelope: bytes, people: bytes) -> None:
        """Keep the snapshot logged at `index`. `Unavailable("disk")`."""
        path = self._folder / f"{index:016d}.snapshot.json"
        with self._lock:
            # The snapshot's own file comes last: a start that finds it finds its people too.
            self._replace(self._people_path(path), people)
            self._replace(path, envelope)
            self._snapshots[index] = (envelope, people)

    def _replace(self, path: Path, data: bytes) -> None:
        try:
            self._disk.replace_file(path, data, mode=0o644)
        except OSError:
            raise Unavailable("disk") from None

    def _people_path(self, snapshot: Path) -> Path:
        return snapshot.with_name(snapshot.name.replace(".snapshot.", ".people."))
