"""What a witness keeps: its own key, the last checkpoint it cosigned of each log, and evidence against logs.

Decides where these lie and that they are on the disk before anybody is answered. Never judges a checkpoint:
engine.trust.witness does. One process at a time.

    key.json                        the witness's name and seed, 0600
    logs/<H(origin)>.note           the last checkpoint it cosigned, with its own line
    evidence/<H(origin)>/*.json     signed checkpoints that do not go together

A witness that has lost its memory must not go on under its name: it would cosign a second history. So a key
without the folder of its memory is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import Broken, Invalid, Unavailable
from engine.trust import checkpoint, keys
from engine.trust.keys import SigningKey
from engine.trust.witness import NOTHING_SEEN, Head
from storage.disk import Disk

MOST_EVIDENCE = 256
"""Pieces kept of each log: replayed old checkpoints must not fill the disk."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this witness is."""

    name: str
    key: SigningKey

    @property
    def vkey(self) -> checkpoint.VerifierKey:
        """The key others check its cosignatures with."""
        return checkpoint.VerifierKey(self.name, checkpoint.TYPE_COSIGNATURE, self.key.public_key)


class WitnessMemory:
    """An opened witness folder. Calls are to be made one at a time."""

    def __init__(self, folder: Path, name: str = "", disk: Disk | None = None) -> None:
        """Open or begin a witness. `name` counts when it begins; later it must be the same or "".

        `Unavailable` (`witness.locked`, `witness.memory_missing`), `Invalid("witness.name")`.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._disk = folder, disk or Disk()
        self._lock_fd = self._disk.open(folder / "lock", os.O_RDWR | os.O_CREAT)
        try:
            if not self._disk.lock(self._lock_fd):
                raise Unavailable("witness.locked")
            self.identity = self._identity(name)
        except BaseException:
            self._disk.close(self._lock_fd)
            raise

    def _identity(self, name: str) -> Identity:
        place = self._folder / "key.json"
        if not place.exists():
            self._begin(place, name)
        elif not (self._folder / "logs").is_dir():
            raise Unavailable("witness.memory_missing")
        value = json.loads(place.read_bytes())
        if name not in ("", value["name"]):
            raise Invalid("witness.name", name=value["name"])
        return Identity(value["name"], keys.signing_key(bytes.fromhex(value["seed"])))

    def _begin(self, place: Path, name: str) -> None:
        seed = os.urandom(keys.SEED_BYTES)
        public = keys.signing_key(seed).public_key
        chosen = name or f"witness-{hashlib.sha256(public).hexdigest()[:12]}"
        checkpoint.parse_vkey(checkpoint.VerifierKey(chosen, checkpoint.TYPE_COSIGNATURE, public).text())
        for part in ("logs", "evidence"):
            (self._folder / part).mkdir(exist_ok=True, mode=0o700)
        self._disk.sync_folder(self._folder)
        # The key comes last: a start that finds it finds a memory too.
        self._disk.replace_file(place, json.dumps({"name": chosen, "seed": seed.hex()}).encode())

    def close(self) -> None:
        """Let another process have the folder."""
        self._disk.close(self._lock_fd)

    # -- checkpoints --

    def newest(self, origin: str) -> str:
        """The last cosigned note of a log, "" before the first. `Broken("witness.memory")` when damaged."""
        try:
            note = (self._folder / "logs" / f"{origin_id(origin)}.note").read_text("utf-8")
        except FileNotFoundError:
            return ""
        try:
            read = checkpoint.open(note)
        except Invalid:
            raise Broken("witness.memory") from None
        if read.origin != origin or not checkpoint.cosignatures(read, [self.identity.vkey]):
            raise Broken("witness.memory")
        return note

    def remembered(self, origin: str) -> Head:
        """The last cosigned tree head of a log."""
        note = self.newest(origin)
        if not note:
            return NOTHING_SEEN
        read = checkpoint.open(note)
        return Head(read.size, read.root)

    def remember(self, origin: str, note: str) -> None:
        """Make a cosigned note the last one; it is durable when this returns. Raises `OSError`."""
        self._disk.replace_file(self._folder / "logs" / f"{origin_id(origin)}.note", note.encode("utf-8"))

    # -- evidence --

    def keep_evidence(self, origin: str, name: str, value: Mapping[str, Any]) -> None:
        """Keep a piece of evidence under a name of its own, once, while there is room."""
        folder = self._folder / "evidence" / origin_id(origin)
        if not folder.exists():
            folder.mkdir(mode=0o700)
            self._disk.sync_folder(folder.parent)
        place = folder / f"{name}.json"
        if not place.exists() and len(list(folder.glob("*.json"))) < MOST_EVIDENCE:
            self._disk.replace_file(place, json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8"))

    def evidence(self, origin: str) -> tuple[dict[str, Any], ...]:
        """All evidence against a log, by time of receipt."""
        folder = self._folder / "evidence" / origin_id(origin)
        found = [json.loads(place.read_bytes()) for place in folder.glob("*.json")]
        return tuple(sorted(found, key=lambda one: (one["received_at"], one["kind"])))


def origin_id(origin: str) -> str:
    """A log's place in a path: SHA-256 of its origin line, hexadecimal."""
    return hashlib.sha256(origin.encode("utf-8")).hexdigest()
