"""Places in answers: found by pattern, put and taken without changing the answers that were given.

Decides when a place cannot be written (something else stands in the way). Never overwrites and never throws:
a value that cannot go where it should stays where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from engine.registry.pointers import from_path, split
from engine.versions.lift_terms import ABSENT, STAR, Path

MOST_ITEMS: Final = 10_000
HOLE: Final = object()
"""Stands in a list where an item was taken, until the step is over."""


def path_of(pointer: str) -> Path:
    """The tokens of a pointer or pattern; whole numbers are places in a list (no document has such keys)."""
    return tuple(int(token) if token.isascii() and token.isdigit() else token for token in split(pointer))


def pointer_of(path: Path) -> str:
    """The RFC 6901 pointer of a path."""
    return from_path(path)


def get(value: Any, path: Path) -> Any:
    """What stands at a concrete path, or ABSENT."""
    for token in path:
        if isinstance(token, int):
            if not isinstance(value, list) or token >= len(value):
                return ABSENT
            value = value[token]
        else:
            if not isinstance(value, dict) or token not in value:
                return ABSENT
            value = value[token]
        if value is HOLE:
            return ABSENT
    return value


def put(value: Any, path: Path, new: Any) -> Any:
    """A copy of `value` with `new` at a concrete path, objects and lists on the way made as needed.

    ABSENT when something that is no object or list stands on the way.
    """
    if not path:
        return new
    token, rest = path[0], path[1:]
    if isinstance(token, int):
        items = [] if value is ABSENT or value is HOLE else value
        if not isinstance(items, list) or token >= MOST_ITEMS:
            return ABSENT
        inner = put(items[token] if token < len(items) else ABSENT, rest, new)
        if inner is ABSENT:
            return ABSENT
        padded = [*items, *[HOLE] * (token + 1 - len(items))]
        padded[token] = inner
        return padded
    members = {} if value is ABSENT or value is HOLE else value
    if not isinstance(members, dict):
        return ABSENT
    inner = put(members.get(token, ABSENT), rest, new)
    return ABSENT if inner is ABSENT else {**members, token: inner}


def without(value: Any, path: Path) -> Any:
    """A copy of `value` without what stands at a concrete path; an item of a list leaves a HOLE."""
    token, rest = path[0], path[1:]
    if get(value, (token,)) is ABSENT:
        return value
    if isinstance(token, int):
        items = list(value)
        items[token] = without(items[token], rest) if rest else HOLE
        return items
    if rest:
        return {**value, token: without(value[token], rest)}
    return {key: member for key, member in value.items() if key != token}


def found(value: Any, pattern: Path) -> Iterator[Path]:
    """The concrete paths at which something stands that the pattern names, in order."""
    if not pattern:
        yield ()
        return
    token, rest = pattern[0], pattern[1:]
    if token == STAR:
        if isinstance(value, list):
            for at, item in enumerate(value):
                if item is not HOLE:
                    yield from ((at, *more) for more in found(item, rest))
        return
    inner = get(value, (token,))
    if inner is not ABSENT:
        yield from ((token, *more) for more in found(inner, rest))


def is_named(path: Path, pattern: Path) -> bool:
    """True when the pattern names the concrete path or something around it."""
    return len(path) >= len(pattern) and all(
        isinstance(token, int) if wanted == STAR else token == wanted
        for token, wanted in zip(path, pattern, strict=False)
    )


def filled(pattern: Path, like: Path, source: Path) -> Path:
    """The pattern with its stars replaced by the indexes that the stars of `source` have in `like`."""
    indexes = iter([at for at, token in zip(like, source, strict=False) if token == STAR])
    return tuple(next(indexes, 0) if token == STAR else token for token in pattern)


def is_inside(path: Path, above: Path) -> bool:
    """True when the path is `above` or lies below it."""
    return path[: len(above)] == above


def closed(value: Any, touched: Iterable[Path], marks: list[Path]) -> tuple[Any, list[Path]]:
    """The value with the holes in the touched lists closed, and the marks moved up accordingly.

    `touched` are paths of places that were taken or put; only the lists on their way can have holes.
    """
    ways = {path[:at] for path in touched for at, token in enumerate(path) if isinstance(token, int)}
    for way in sorted(ways, key=len, reverse=True):
        items = get(value, way)
        if not isinstance(items, list) or not any(item is HOLE for item in items):
            continue
        places: dict[int, int] = {}
        for at, item in enumerate(items):
            if item is not HOLE:
                places[at] = len(places)
        value = put(value, way, [item for item in items if item is not HOLE])
        marks = [_moved(mark, way, places) for mark in marks]
    return value, marks


def _moved(mark: Path, way: Path, places: dict[int, int]) -> Path:
    if len(mark) <= len(way) or not is_inside(mark, way):
        return mark
    at = mark[len(way)]
    if not isinstance(at, int):
        return mark
    return (*way, places.get(at, at), *mark[len(way) + 1 :])
