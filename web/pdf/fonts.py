"""Which font files the paper is set in, and which characters they cannot draw.

Decides by looking for Debian's Noto CJK first, then for the PyPI package that carries the same two faces in
Regular. Never substitutes silently: a character without a glyph is reported, because a hole in a sealed page
is a wrong page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_NOTO_FOLDERS = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/noto-cjk"),
    Path("/usr/local/share/fonts/noto"),
)
# The index of the simplified Chinese face in Noto's collections: JP, KR, SC, TC, HK.
_SC_INDEX = 2


@dataclass(frozen=True, slots=True)
class Face:
    """One font file: the family name used in the style sheet, the file, and its index in a collection."""

    family: str
    path: Path
    index: int = 0
    is_installed: bool = True


@lru_cache(maxsize=1)
def faces() -> tuple[Face, ...]:
    """The serif and sans faces for print. Empty when neither Debian's fonts nor the PyPI package is there."""
    for folder in _NOTO_FOLDERS:
        serif, sans = folder / "NotoSerifCJK-Regular.ttc", folder / "NotoSansCJK-Regular.ttc"
        if serif.is_file() and sans.is_file():
            return (
                Face("Noto Serif CJK SC", serif, _SC_INDEX),
                Face("Noto Sans CJK SC", sans, _SC_INDEX),
            )
    try:
        from pylopdf_fonts_zh_cn import sans_path, serif_path
    except ImportError:
        return ()
    return (
        Face("Noto Serif CJK SC", serif_path(), is_installed=False),
        Face("Noto Sans CJK SC", sans_path(), is_installed=False),
    )


def font_face_css() -> str:
    """The @font-face rules for faces that are files of ours and not known to the system; else an empty
    string."""
    return "\n".join(
        f'@font-face {{ font-family: "{face.family}"; src: url("font:{number}"); }}'
        for number, face in enumerate(faces())
        if not face.is_installed
    )


@lru_cache(maxsize=4)
def _covered(path: Path, index: int) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap())


def missing_characters(texts: Iterable[str]) -> tuple[str, ...]:
    """The characters that a print face has no glyph for, in order of code point. Spaces and breaks need none.
    """
    wanted = {character for text in texts for character in text}
    visible = {c for c in wanted if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc")}
    holes: set[str] = set()
    for face in faces():
        covered = _covered(face.path, face.index)
        holes |= {c for c in visible if ord(c) not in covered}
    return tuple(sorted(holes))
