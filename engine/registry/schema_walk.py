"""How to walk a JSON Schema: local references resolved, recursion cut, nothing fetched.

Decides what a local `$ref` names. Never follows a reference out of the document: a form version is one
file, and whatever it uses must be in its digest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.registry.pointers import ABSENT, join, look

DEEPEST: Final = 64

# Keywords whose value is a schema, a list or an object of schemas (2020-12, and the items of draft-07).
ONE: Final = (
    "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames",
    "then", "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
LIST: Final = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
OBJECT: Final = ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties")


def is_local(reference: Any) -> bool:
    """True for a reference to a place in the same document: `#` or `#/pointer`."""
    return isinstance(reference, str) and (reference == "#" or reference.startswith("#/"))


def resolve(schema: Any, root: Mapping[str, Any]) -> Any:
    """`schema` with its local `$ref` replaced by what it names; keywords beside the `$ref` win.

    A chain of references longer than DEEPEST or a reference to nothing gives the schema without it.
    """
    for _ in range(DEEPEST):
        if not isinstance(schema, dict) or not is_local(schema.get("$ref")):
            return schema
        named = look(root, schema["$ref"][1:])
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        if named is ABSENT or not isinstance(named, dict):
            return beside
        schema = {**named, **beside}
        if "$ref" in beside or "$ref" not in named:
            return schema
    return {key: value for key, value in schema.items() if key != "$ref"}


def subschemas(schema: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema object inside `schema`, itself first, with its pointer in the file.

    In the order of the file and of the keywords above; at most DEEPEST deep. A stack and not a recursion:
    time grows with the number of parts only.
    """
    todo: list[tuple[str, Any, int]] = [(pointer, schema, 0)]
    while todo:
        pointer, part, depth = todo.pop()
        if not isinstance(part, dict) or depth > DEEPEST:
            continue
        yield pointer, part
        inside = [(join(pointer, key), part[key]) for key in ONE if isinstance(part.get(key), dict)]
        for key in LIST:
            if isinstance(part.get(key), list):
                inside += [(join(pointer, key, place), one) for place, one in enumerate(part[key])]
        for key in OBJECT:
            if isinstance(part.get(key), dict):
                inside += [(join(pointer, key, name), one) for name, one in part[key].items()]
        todo += [(at, one, depth + 1) for at, one in reversed(inside)]


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The JSON types a schema names, or those its keywords speak about; () when it names none."""
    named = schema.get("type")
    if isinstance(named, str):
        return (named,)
    if isinstance(named, list):
        return tuple(str(name) for name in named)
    if "properties" in schema or "required" in schema:
        return ("object",)
    if "items" in schema or "prefixItems" in schema:
        return ("array",)
    return ()
