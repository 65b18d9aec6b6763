"""What is handed to a print process and what comes back, and the bytes in which both travel.

Decides the shape of a print job. Never renders. The frames between the two processes are a length and one
JSON object: a print process that was taken over can answer nonsense, but it cannot make the parent run code.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

_LENGTH = struct.Struct(">Q")
MAX_FRAME = 96 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file embedded in the PDF (PDF/A-3, ISO 19005-3, relationship Data): name, what it is, its bytes."""

    name: str
    description: str
    data: bytes


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One PDF to make.

    `html` is a whole page made from our templates; `identifier` 16 bytes that become the PDF's /ID, so that
    the same content gives the same file; `created` (UTC, `YYYY-MM-DDTHH:MM:SSZ`) is the date of the
    enclosures.
    """

    html: str
    identifier: bytes
    created: str
    qr: bytes = b""

    def as_json(self) -> dict[str, Any]:
        """The job as the JSON object of one frame."""
        return {
            "html": self.html, "identifier": self.identifier.hex(), "created": self.created,
            "qr": base64.b64encode(self.qr).decode(),
        }


def job_from_json(value: Mapping[str, Any]) -> PrintJob:
    """The job of one frame; the inverse of `PrintJob.as_json`."""
    return PrintJob(
        value["html"], bytes.fromhex(value["identifier"]), value["created"], base64.b64decode(value["qr"])
    )


def enclosures_as_json(enclosures: Iterable[Enclosure]) -> list[dict[str, str]]:
    """Enclosures as one member of a frame."""
    return [
        {"name": e.name, "description": e.description, "data": base64.b64encode(e.data).decode()}
        for e in enclosures
    ]


def enclosures_from_json(value: Iterable[Mapping[str, str]]) -> tuple[Enclosure, ...]:
    """The inverse of `enclosures_as_json`."""
    return tuple(Enclosure(e["name"], e["description"], base64.b64decode(e["data"])) for e in value)


def write_frame(stream: BinaryIO, value: Mapping[str, Any]) -> None:
    """Write one JSON object with its length in front and flush. Raises OSError when the other side is gone.
    """
    data = json.dumps(value, ensure_ascii=False).encode()
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def read_frame(stream: BinaryIO) -> dict[str, Any] | None:
    """The next JSON object, or None when the other side has closed, died or does not speak frames."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME:
        return None
    data = stream.read(length)
    if len(data) < length:
        return None
    value = json.loads(data)
    return value if isinstance(value, dict) else None
