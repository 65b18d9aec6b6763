"""How much work one value costs: the parts of a schema that are all asked about the same value.

Decides by counting `allOf`, `anyOf`, `$ref` and the like without stepping into members or items. Sixty
definitions that each hold the next one twice are two to the sixtieth questions; a part that asks itself
again never ends. Never looks at a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engine.registry.pointers import ABSENT, look

MOST_QUESTIONS: Final = 20_000
_ONE: Final = ("not", "if", "then", "else")
_LIST: Final = ("allOf", "anyOf", "oneOf")
_OBJECT: Final = ("dependentSchemas", "dependencies")
_REFERENCES: Final = ("$ref", "$dynamicRef")
Part = Mapping[str, Any]


def asks_too_much(parts: Sequence[tuple[str, Part]]) -> bool:
    """Whether some part of the schema asks more than MOST_QUESTIONS of one value, or asks without end.

    `parts` are all parts of the schema, itself first (schema_walk.subschemas). References to a pointer or an
    anchor of the same document are followed.
    """
    root = parts[0][1]
    named = ((part.get(key), part) for _, part in parts for key in ("$anchor", "$dynamicAnchor"))
    anchors = {name: part for name, part in named if isinstance(name, str)}
    known: dict[int, int] = {}
    for _, start in parts:
        # Depth first; the second value marks the way back, when all parts below are known.
        todo: list[tuple[Part, bool]] = [(start, False)]
        open_: set[int] = set()
        while todo:
            part, is_back = todo.pop()
            if is_back:
                open_.discard(id(part))
                known[id(part)] = 1 + sum(known[id(inner)] for inner in _asked(part, root, anchors))
                if known[id(part)] > MOST_QUESTIONS:
                    return True
            elif id(part) in open_:
                return True
            elif id(part) not in known:
                open_.add(id(part))
                todo.append((part, True))
                todo += [(inner, False) for inner in _asked(part, root, anchors)]
    return False


def _asked(part: Part, root: Part, anchors: Mapping[str, Part]) -> Iterator[Part]:
    """The parts that are asked about the very value this one is asked about."""
    found: list[Any] = [part.get(key) for key in _ONE]
    for key in _LIST:
        found += part[key] if isinstance(part.get(key), list) else []
    for key in _OBJECT:
        found += part[key].values() if isinstance(part.get(key), dict) else []
    for key in _REFERENCES:
        named = part.get(key)
        if isinstance(named, str) and named.startswith("#"):
            inside = named[1:]
            target = (
                look(root, inside) if not inside or inside.startswith("/") else anchors.get(inside, ABSENT)
            )
            found.append(target)
    yield from (inner for inner in found if isinstance(inner, dict))
