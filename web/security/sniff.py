"""What an uploaded file really is: judged by its bytes, never by its name or the browser's word.

Decides which types come in (JPEG, PNG, WebP, PDF), how large and how many pixels (OWASP ASVS 5.2.1–5.2.3,
5.2.6). Never decodes an image fully and never opens a PDF's content: it is only ever handed out as a
download.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from engine.errors import Invalid, Problem

IMAGES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
PDF = "application/pdf"
SHOWN_IN_PAGE = frozenset(IMAGES.values())


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest file in bytes and largest image in pixels."""

    size: int = 20 * 1024 * 1024
    pixels: int = 60_000_000


def sniff(data: bytes, limits: Limits | None = None) -> str:
    """The media type of a file.

    Raises Invalid with one problem: `file.empty`, `file.too_large` (facts: limit), `file.type`, `file.pixels`
    (facts: limit), `file.damaged`.
    """
    limits = limits or Limits()
    if not data:
        raise _wrong("file.empty")
    if len(data) > limits.size:
        raise _wrong("file.too_large", limit=limits.size)
    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-2048:]:
            raise _wrong("file.damaged")
        return PDF
    return _sniff_image(data, limits)


def _sniff_image(data: bytes, limits: Limits) -> str:
    try:
        with Image.open(io.BytesIO(data), formats=tuple(IMAGES)) as image:
            width, height = image.size
            kind = IMAGES[image.format or ""]
            if width * height > limits.pixels:
                raise _wrong("file.pixels", limit=limits.pixels)
            image.verify()
    except UnidentifiedImageError as fault:
        raise _wrong("file.type") from fault
    except (OSError, SyntaxError, ValueError, KeyError, Image.DecompressionBombError) as fault:
        raise _wrong("file.damaged") from fault
    return kind


def _wrong(code: str, **facts: int) -> Invalid:
    return Invalid(code, problems=[Problem("", code, facts)])
