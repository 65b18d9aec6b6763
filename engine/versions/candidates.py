"""Documents worth trying when the search has no answer: examples, and small changes to them.

Decides only what is tried. Never decides a verdict: each candidate is judged by the validation libraries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from engine.registry.schema_walk import subschemas

MOST: Final = 400
_PROBES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 0.5, "", "a", "示例", "2026-03-05", [], {}, [0, 0],
)  # fmt: skip


def candidates(old: Any, new: Any, seeds: Iterable[Any]) -> Iterator[Any]:
    """At most MOST documents, each a JSON value of its own."""
    return islice(_all(old, new, tuple(seeds)), MOST)


def _all(old: Any, new: Any, seeds: tuple[Any, ...]) -> Iterator[Any]:
    written = list(islice(_written(old, new), 60))
    yield from (*_PROBES, *written)
    names = list(islice(dict.fromkeys(_names(old, new)), 12))
    probes: list[Any] = [*_PROBES[:11], *written[:6]]
    for name in names:
        yield from ({name: probe} for probe in probes)
    for seed in seeds:
        yield from _changed(seed, names)


def _written(*schemas: Any) -> Iterator[Any]:
    """Values the schemas themselves write, and their neighbours."""
    for schema in schemas:
        for _, part in subschemas(schema):
            yield from part.get("enum", ())
            yield from (part[word] for word in ("const", "default") if word in part)
            for word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
                if word in part:
                    yield from (part[word], part[word] - 1, part[word] + 1, part[word] + 0.5)
            for word in ("minLength", "maxLength"):
                if 0 <= part.get(word, -1) <= 2_000:
                    yield from ("示" * int(part[word]), "示" * (int(part[word]) + 1))


def _names(*schemas: Any) -> Iterator[str]:
    for schema in schemas:
        for _, part in subschemas(schema):
            yield from part.get("properties", ())


def _changed(value: Any, names: list[str]) -> Iterator[Any]:
    """The value with one member taken out, put in or replaced, one level at a time."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield {key: other for key, other in value.items() if key != name}
            yield from ({**value, name: changed} for changed in islice(_changed(part, names), 20))
        added: list[Any] = [None, "a", {}]
        yield from ({**value, name: probe} for name in names if name not in value for probe in added)
    elif isinstance(value, list):
        yield [*value, *value]
        yield value[:-1]
    else:
        yield from _PROBES[:9]
