"""A PDF somebody hands in: which files it encloses, what its pages show, whether something was appended.

Decides only what is in the file, within limits. Never decides whether it is genuine (web.verification does),
and raises nothing but `Unreadable` for any bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from web.pdf.pades import NO_SEAL, FileSeal, judge_seal, seal_from_json

MAX_BYTES = 20 * 1024 * 1024
MAX_ENCLOSURE = 16 * 1024 * 1024
NAMES = ("bundle.json", "page.json")


class Unreadable(ValueError):
    """The file is damaged, locked, too large, or no PDF."""


@dataclass(frozen=True, slots=True)
class PdfFile:
    """What was found: our enclosures by name, one digest per page as drawn, whether a revision was appended,
    and the seal over the whole file."""

    enclosures: Mapping[str, bytes]
    drawn: tuple[str, ...]
    is_appended: bool
    seal: FileSeal = NO_SEAL

    def as_json(self) -> dict[str, Any]:
        """As one frame, for reading in a child process."""
        return {
            "enclosures": {name: base64.b64encode(data).decode() for name, data in self.enclosures.items()},
            "drawn": list(self.drawn),
            "is_appended": self.is_appended,
            "seal": self.seal.as_json(),
        }


def pdf_from_json(value: Mapping[str, Any]) -> PdfFile:
    """The inverse of `PdfFile.as_json`. Raises Unreadable for a frame that says so or is none."""
    try:
        return PdfFile(
            {name: base64.b64decode(data) for name, data in value["enclosures"].items()},
            tuple(value["drawn"]),
            bool(value["is_appended"]),
            seal_from_json(value["seal"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable from None


def is_pdf(data: bytes) -> bool:
    """Whether the bytes claim to be a PDF (the mark may stand within the first 1024 bytes)."""
    return b"%PDF-" in data[:1024]


def read_pdf(data: bytes) -> PdfFile:
    """Read a PDF. Raises Unreadable, and only that, when it cannot be read within the limits."""
    # Here, because bundles are judged without any PDF and a cold start counts.
    from pypdf import PdfReader

    from web.pdf.drawn import drawn_pages

    if len(data) > MAX_BYTES or not is_pdf(data):
        raise Unreadable
    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise Unreadable
        enclosures: dict[str, bytes] = {}
        for name in NAMES:
            found = reader.attachments.get(name)
            if found is None:
                continue
            if len(found) != 1 or len(found[0]) > MAX_ENCLOSURE:
                raise Unreadable
            enclosures[name] = bytes(found[0])
        # Ours are written in one go: a second cross-reference section means that somebody added to the file.
        return PdfFile(enclosures, drawn_pages(data), data.count(b"startxref") != 1, judge_seal(data))
    except Unreadable:
        raise
    except (Exception, RecursionError):
        # The reader raises many things for damaged files; every one of them means the same to the person.
        raise Unreadable from None
