"""What kind of question a flattened schema asks: one type, a list of choices, or several alternatives.

Decides how nullable types, lists of types, oneOf and anyOf are simplified before anything is drawn, and by
which words an alternative is offered. A simpler control may let through what the schema refuses; the engine
judges. Never looks at a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from forms.flatten import BASE, CUT, PARTS
from forms.normalize import dump

_MOST_BRANCHES: Final = 12
_SPEAKS: Final[Mapping[str, tuple[str, ...]]] = {
    "object": (
        "properties", "patternProperties", "additionalProperties", "required", "propertyNames",
        "minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "unevaluatedProperties",
    ),
    "array": (
        "items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains",
        "unevaluatedItems",
    ),
    "string": ("minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}  # fmt: skip
_SCALARS: Final = ("string", "integer", "number", "boolean")
Flat = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A flattened schema of one kind, or the alternatives it has; `fallback` is why it cannot be drawn."""

    flat: Flat
    nullable: bool = False
    branches: tuple[Flat, ...] = ()
    fallback: str = ""


def narrow(flat: Flat, flatten: Callable[[Any, str], Flat]) -> Narrowed:
    """Unwrap null, a list of types, titled choices and alternatives. `flatten` flattens a branch of it."""
    nullable = flat.get("nullable") is True
    kinds = flat.get("type")
    if "enum" in flat or "const" in flat:
        values = flat["enum"] if "enum" in flat else [flat["const"]]
        return Narrowed(flat, nullable or None in values)
    if isinstance(kinds, list):
        nullable = nullable or "null" in kinds
        rest = [str(kind) for kind in kinds if kind != "null"]
        if set(rest) == {"integer", "number"}:
            rest = ["number"]
        if len(rest) > 1:
            shared = {key: value for key, value in flat.items() if key not in ("title", "description")}
            return Narrowed(flat, nullable, tuple({**shared, "type": kind} for kind in rest))
        flat = {**flat, "type": rest[0] if rest else "null"}
    for word in ("oneOf", "anyOf"):
        parts = flat.get(word)
        if isinstance(parts, list) and parts:
            found = _alternatives(
                flat, word, [flatten(part, str(flat.get(BASE, ""))) for part in parts], parts
            )
            nullable = nullable or found.nullable
            if found.branches or found.fallback:
                return Narrowed(found.flat, nullable, found.branches, found.fallback)
            flat = found.flat
    return Narrowed(flat, nullable)


def _alternatives(flat: Flat, word: str, parts: list[Flat], raw: list[Any]) -> Narrowed:
    base = {key: value for key, value in flat.items() if key != word}
    if any(part is True or part == {} for part in raw):
        return Narrowed(base) if type_of(base) else Narrowed(base, fallback="any")
    if any(CUT in part for part in parts):
        return Narrowed(base) if type_of(base) else Narrowed(base, fallback="recursive")
    parts = [part for part, one in zip(parts, raw, strict=True) if one is not False]
    real = [part for part in parts if part.get("type") != "null"]
    nullable = len(real) < len(parts)
    named = _choices(real)
    if named is not None:
        titles, values = named
        enum = {"enum": values, "x-enum": titles} if "enum" not in base else {}
        return Narrowed({**base, **enum}, nullable or None in values)
    if len(real) == 1:
        return Narrowed({**real[0], **base}, nullable)
    if not real:
        return Narrowed({**base, "type": "null"}, True)
    kind = type_of(base)
    if kind and kind != "object":
        return Narrowed(base, nullable)
    if kind == "object" and ("properties" in base or not any("properties" in part for part in real)):
        return Narrowed({**base, PARTS: [*base.get(PARTS, ()), *_as_one(real)]}, nullable)
    types = {type_of(part) for part in real}
    if len(types) == 1 and types <= set(_SCALARS) and not any("enum" in p or "const" in p for p in real):
        one = dict(real[0]) if all(part.get("format") == real[0].get("format") for part in real) else {}
        loose = {
            key: value for key, value in one.items() if key in ("type", "format", "title", "description")
        }
        return Narrowed({"type": next(iter(types)), **loose, **base}, nullable)
    if len(real) > _MOST_BRANCHES:
        return Narrowed(base, nullable, fallback="many")
    shared: Flat = {key: base[key] for key in ("type", "required", "additionalProperties") if key in base}
    return Narrowed(base, nullable, tuple({**shared, **part} for part in real))


def _choices(parts: list[Flat]) -> tuple[dict[str, str], list[Any]] | None:
    """The titled values of branches that are nothing but values; None when one is more than that."""
    titles: dict[str, str] = {}
    values: list[Any] = []
    for part in parts:
        own = [part["const"]] if "const" in part else part.get("enum")
        if not isinstance(own, list) or "properties" in part:
            return None
        values += own
        if len(own) == 1 and part.get("title"):
            titles[own[0] if isinstance(own[0], str) else dump(own[0])] = str(part["title"])
        titles |= part.get("x-enum") or {}
    return (titles, values) if len({dump(value) for value in values}) == len(values) and values else None


def _as_one(parts: list[Flat]) -> list[Flat]:
    """Branches that add members to one object: a member with one value in each becomes a choice of them."""
    told: dict[str, list[tuple[Any, str]]] = {}
    for part in parts:
        for name, member in (part.get("properties") or {}).items():
            if isinstance(member, Mapping) and "const" in member:
                told.setdefault(name, []).append((member["const"], str(part.get("title") or "")))
    chosen: Flat = {}
    for name, pairs in told.items():
        if len(pairs) > 1 and len({dump(value) for value, _ in pairs}) == len(pairs):
            titles = {(v if isinstance(v, str) else dump(v)): title for v, title in pairs if title}
            chosen[name] = {"enum": [value for value, _ in pairs], "x-enum": titles}
    return [{"properties": chosen}, *parts] if chosen else parts


def type_of(flat: Mapping[str, Any]) -> str:
    """The one type a flattened schema asks for, or the one its keywords speak about; "" when none."""
    kind = flat.get("type")
    if isinstance(kind, str):
        return kind
    if "const" in flat or "enum" in flat:
        values = flat.get("enum", [flat.get("const")])
        return "boolean" if values and all(isinstance(value, bool) for value in values) else "choice"
    spoken = [kind for kind, words in _SPEAKS.items() if any(word in flat for word in words)]
    if len(spoken) == 1:
        return spoken[0]
    if "object" in spoken and "properties" in flat:
        return "object"
    adds = any(isinstance(part, Mapping) and "properties" in part for part in flat.get(PARTS, ()))
    return "object" if adds and not spoken else ""
