"""QR codes as one SVG path, for paper and for pages.

Decides the error correction (M: a fold or a stamp may hide 15 %). Never decides what the code says.
"""

from __future__ import annotations

from dataclasses import dataclass

import segno


@dataclass(frozen=True, slots=True)
class QrPath:
    """A code drawn in a square of `size` units with its quiet zone of four (ISO/IEC 18004)."""

    size: int
    path: str


def qr_path(data: bytes) -> QrPath:
    """The code of some bytes; 200 bytes make version 10, 57 modules."""
    code = segno.make(data, error="m", mode="byte", micro=False)
    quiet = 4
    strokes = []
    for y, row in enumerate(code.matrix):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                strokes.append(f"M{x + quiet} {y + quiet}h{end - x}v1h-{end - x}z")
            x = max(end, x + 1)
    return QrPath(len(code.matrix) + 2 * quiet, "".join(strokes))
