"""What witnesses told us: the newest cosigned checkpoint, when each saw us, and an alarm that stands.

Decides how that lies in the data folder: `witness.json`, and beside it `witnessed/<size>.note` of each
checkpoint that a proof was given out on, so that the same proof can be given again. Never judges: the courier
(web.witness) does. Losing this loses nothing but the note of it; witnesses remember on their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Lock

from engine.errors import Unavailable
from storage.disk import Disk


@dataclass(frozen=True, slots=True)
class Seen:
    """The last cosignature of one witness: size of the log then, and seconds since 1970 by its clock."""

    size: int
    time: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """A witness remembers another log than ours. Stands until that witness cosigns for us again.

    `code` is what makes the journal read-only; `size` what the witness has seen, `own` what we had. `note` is
    the checkpoint it showed that our log key has signed, "" when it only said so.
    """

    code: str
    witness: str
    size: int
    own: int
    at: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cosigned:
    """All of it. `note` is the newest cosigned checkpoint, "" for none; `seen` by the witness's vkey."""

    note: str = ""
    seen: Mapping[str, Seen] = field(default_factory=dict)
    alarm: Alarm | None = None

    def with_seen(self, vkey: str, seen: Seen) -> Cosigned:
        """The same after a witness has cosigned; its own alarm ends with it."""
        alarm = None if self.alarm is not None and self.alarm.witness == vkey else self.alarm
        return replace(self, seen={**self.seen, vkey: seen}, alarm=alarm)


class CosignedFile:
    """`witness.json` in the data folder. `now` is what it says; `keep` replaces it durably."""

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        self._path, self._disk = path, disk or Disk()
        self._used, self._lock = path.with_name("witnessed"), Lock()
        self.now = self._read()

    def newest(self) -> str:
        """The newest cosigned checkpoint, "" for none (the Witnessed port)."""
        return self.now.note

    def settled(self, size: int, note: str = "") -> str:
        """The cosigned note that papers of a size rest on: what was kept first (the Witnessed port)."""
        place = self._used / f"{size:016d}.note"
        with self._lock:
            if place.exists():
                return place.read_text("utf-8")
            if note:
                self._used.mkdir(exist_ok=True, mode=0o755)
                try:
                    self._disk.replace_file(place, note.encode("utf-8"))
                except OSError:
                    raise Unavailable("disk") from None
        return note

    def keep(self, value: Cosigned) -> None:
        """Replace it. Raises `OSError`."""
        if value != self.now:
            self._disk.replace_file(self._path, json.dumps(asdict(value), ensure_ascii=False).encode("utf-8"))
            self.now = value

    def _read(self) -> Cosigned:
        try:
            value = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return Cosigned()
        return Cosigned(
            value["note"],
            {vkey: Seen(**one) for vkey, one in value["seen"].items()},
            Alarm(**value["alarm"]) if value["alarm"] is not None else None,
        )
