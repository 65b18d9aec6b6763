"""The projection on the disk: one file of JSON lines that is whole or is not used.

Decides the bytes of the snapshot and whether a file may be believed. Never the truth: without it, the
projection is rebuilt from the journal.

    line 1      {"fengjian-projection":1,"size":records applied,"leaf":"leaf hash of the last one, hex"}
    lines       ["table","row id",row]
    last line   {"sha256":"of every byte before this line","lines":number of rows}
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from storage.disk import Disk

VERSION = 3
_LINES_AT_ONCE = 250

Tables = Mapping[str, Iterable[tuple[str, Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that was read: tables by name, rows by id, and the log it belongs to."""

    size: int
    leaf: str
    tables: dict[str, dict[str, dict[str, Any]]]


def write_snapshot(
    path: Path, disk: Disk, size: int, leaf: str, tables: Tables, *, pause: float = 0.0
) -> None:
    """Write a snapshot durably in place of the one before; `pause` (seconds) lets other threads run."""
    disk.replace_file(path, _encode(size, leaf, tables, pause))


def _encode(size: int, leaf: str, tables: Tables, pause: float) -> Iterator[bytes]:
    digest, count = sha256(), 0
    head = orjson.dumps({"fengjian-projection": VERSION, "size": size, "leaf": leaf}) + b"\n"
    digest.update(head)
    yield head
    for name, rows in tables.items():
        lines: list[bytes] = []
        for row_id, row in rows:
            lines.append(orjson.dumps([name, row_id, row], option=orjson.OPT_APPEND_NEWLINE))
            count += 1
            if len(lines) == _LINES_AT_ONCE:
                piece = b"".join(lines)
                digest.update(piece)
                yield piece
                lines = []
                time.sleep(pause)
        piece = b"".join(lines)
        digest.update(piece)
        yield piece
    yield orjson.dumps({"sha256": digest.hexdigest(), "lines": count}) + b"\n"


def read_snapshot(path: Path) -> Snapshot | None:
    """The snapshot, or None when it is missing, of another version, torn or damaged."""
    try:
        with path.open("rb") as file:
            return _decode(file)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _decode(file: BinaryIO) -> Snapshot | None:
    digest, tables = sha256(), dict[str, dict[str, dict[str, Any]]]()
    first = file.readline()
    head = orjson.loads(first)
    if head["fengjian-projection"] != VERSION:
        return None
    digest.update(first)
    for count, line in enumerate(file):
        value = orjson.loads(line)
        if isinstance(value, dict):
            is_whole = value["sha256"] == digest.hexdigest() and value["lines"] == count
            return Snapshot(head["size"], head["leaf"], tables) if is_whole and not file.read(1) else None
        digest.update(line)
        name, row_id, row = value
        tables.setdefault(name, {})[row_id] = row
    return None
