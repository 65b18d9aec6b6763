"""Blank scans for tests."""

from __future__ import annotations

import io

from PIL import Image


def picture(kind: str, size: tuple[int, int] = (8, 8)) -> bytes:
    """A white picture as the bytes of a file of that kind."""
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind)
    return out.getvalue()
