"""JSON pointers (RFC 6901) into answers, and the patterns (`*` for an array index) of a compiled form.

Decides how a place is written. Never reads or changes what stands at the place, except by `look`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

ABSENT: Final = object()
ITEM: Final = "*"


def join(parent: str, *tokens: str | int) -> str:
    """The pointer below `parent` by unescaped tokens (RFC 6901 §3)."""
    out = parent
    for token in tokens:
        text = str(token)
        if "~" in text or "/" in text:
            text = text.replace("~", "~0").replace("/", "~1")
        out += "/" + text
    return out


def from_path(path: Iterable[str | int]) -> str:
    """The pointer of a path of keys and indexes; the empty path is ""."""
    return join("", *path)


def split(pointer: str) -> tuple[str, ...]:
    """The unescaped tokens of a pointer; "" has none (RFC 6901 §4)."""
    if not pointer:
        return ()
    if "~" not in pointer:
        return tuple(pointer[1:].split("/"))
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))


def pattern_of(pointer: str) -> str:
    """The pattern of a concrete pointer: each whole-number token becomes `*`."""
    if not pointer:
        return ""
    return "/".join("*" if token.isascii() and token.isdigit() else token for token in pointer.split("/"))


def parent_of(pointer: str) -> str:
    """The pointer one step up; the parent of the whole is the whole."""
    return pointer.rpartition("/")[0]


def look(value: Any, pointer: str) -> Any:
    """What stands at `pointer`, or ABSENT."""
    for token in split(pointer):
        if isinstance(value, dict):
            if token not in value:
                return ABSENT
            value = value[token]
        elif isinstance(value, list):
            if not (token.isascii() and token.isdigit()) or int(token) >= len(value):
                return ABSENT
            value = value[int(token)]
        else:
            return ABSENT
    return value


def is_at_or_below(pointer: str, above: str) -> bool:
    """True when `pointer` is `above` itself or lies inside it."""
    return pointer == above or pointer.startswith(above + "/")
