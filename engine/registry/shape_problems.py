"""From a jsonschema error to problems of ours: the place a person can correct, a code, and facts.

Decides pointers and codes. Never puts a value into a fact: lengths, limits and allowed values only.
A missing field's problem stands at the field itself, and an unknown one's at the unknown one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from jsonschema.exceptions import ValidationError

from engine.errors import Problem
from engine.registry.patterns import matches
from engine.registry.pointers import from_path

Errors = Iterator[ValidationError]
_FALSE: Final = "false"


def _required(validator: Any, names: Any, value: Any, _schema: Any) -> Errors:
    if validator.is_type(value, "object"):
        for name in names:
            if name not in value:
                yield ValidationError("required", path=[name])


def _dependent_required(validator: Any, needs: Any, value: Any, _schema: Any) -> Errors:
    if validator.is_type(value, "object"):
        for name, others in needs.items():
            if name in value:
                for other in others:
                    if other not in value:
                        yield ValidationError("dependentRequired", path=[other], instance=name)


def _pattern(validator: Any, pattern: Any, value: Any, _schema: Any) -> Errors:
    if validator.is_type(value, "string") and not matches(pattern, value):
        yield ValidationError("pattern")


def _extra_keys(value: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    known = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    return [key for key in value if key not in known and not any(matches(p, key) for p in patterns)]


def _additional_properties(validator: Any, allowed: Any, value: Any, schema: Any) -> Errors:
    if not validator.is_type(value, "object"):
        return
    for key in _extra_keys(value, schema):
        if allowed is False:
            yield ValidationError("additionalProperties", path=[key])
        elif isinstance(allowed, Mapping):
            yield from validator.descend(value[key], allowed, path=key)


def _descend(validator: Any, value: Any, schema: Any, path: str, schema_path: str) -> Errors:
    """Like the library's, but a `false` schema names the place it forbids and not the one around it."""
    if schema is False:
        yield ValidationError("false", validator=_FALSE, path=[path])
    else:
        yield from validator.descend(value, schema, path=path, schema_path=schema_path)


def _properties(validator: Any, parts: Any, value: Any, _schema: Any) -> Errors:
    if validator.is_type(value, "object"):
        for name, part in parts.items():
            if name in value:
                yield from _descend(validator, value[name], part, name, name)


def _pattern_properties(validator: Any, patterns: Any, value: Any, _schema: Any) -> Errors:
    if validator.is_type(value, "object"):
        for pattern, part in patterns.items():
            for key in value:
                if matches(pattern, key):
                    yield from _descend(validator, value[key], part, key, pattern)


KEYWORDS: Final[Mapping[str, Callable[..., Errors]]] = {
    "required": _required,
    "dependentRequired": _dependent_required,
    "pattern": _pattern,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
}

_CODES: Final[Mapping[str, str]] = {
    "required": "required",
    "dependentRequired": "dependent_required",
    "dependencies": "dependent_required",
    "type": "type",
    "enum": "enum",
    "const": "const",
    "pattern": "pattern",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "minimum",
    "exclusiveMaximum": "maximum",
    "multipleOf": "multiple_of",
    "minItems": "min_items",
    "maxItems": "max_items",
    "items": "max_items",
    "additionalItems": "max_items",
    "unevaluatedItems": "max_items",
    "uniqueItems": "unique",
    "additionalProperties": "unknown_field",
    "unevaluatedProperties": "unknown_field",
    "propertyNames": "unknown_field",
    "minProperties": "min_properties",
    "maxProperties": "max_properties",
    "oneOf": "one_of",
    "anyOf": "any_of",
    "not": "not",
    "contains": "contains",
    "minContains": "contains",
    "maxContains": "contains",
}


def problems_of(error: ValidationError, pointer: str = "") -> Iterator[Problem]:
    """The problems an error stands for, below `pointer`; a choice that meant one branch gives that one's."""
    branch = _meant_branch(error)
    if branch:
        for inner in branch:
            yield from problems_of(inner, pointer)
        return
    place = pointer + from_path(error.absolute_path)
    if error.validator is None or error.validator == _FALSE:
        yield Problem(place, "forbidden")
    elif error.validator == "format":
        yield Problem(place, f"format.{error.validator_value}")
    else:
        yield Problem(place, _CODES.get(str(error.validator), "invalid"), _facts(error))


def _facts(error: ValidationError) -> dict[str, Any]:
    keyword = str(error.validator)
    limit: Any = error.validator_value
    value: Any = error.instance
    if keyword == "type":
        return {"expected": [limit] if isinstance(limit, str) else list(limit)}
    if keyword == "enum":
        return {"allowed": list(limit)}
    if keyword == "const":
        return {"expected": limit}
    if keyword == "pattern":
        return {"pattern": limit}
    if keyword in ("minLength", "maxLength", "minItems", "maxItems"):
        return {"limit": limit, "length": len(value)}
    if keyword in ("exclusiveMinimum", "exclusiveMaximum"):
        return {"limit": limit, "exclusive": True}
    if keyword in ("minimum", "maximum", "multipleOf", "minProperties", "maxProperties"):
        return {"limit": limit}
    if keyword == "dependentRequired":
        return {"because": str(value)}
    if keyword in ("oneOf", "anyOf"):
        return {"options": len(limit)}
    return {}


def _meant_branch(error: ValidationError) -> list[ValidationError]:
    """The errors of the only branch of oneOf/anyOf whose type and fixed values fit; [] when none or several.

    A branch is out when it fails on `type` of the value itself, or on a `const` or `enum` right below it:
    those are what tells branches apart.
    """
    if error.validator not in ("oneOf", "anyOf") or not error.context:
        return []
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    fitting = [inner for inner in branches.values() if not any(_tells_apart(one) for one in inner)]
    return fitting[0] if len(fitting) == 1 else []


def _tells_apart(error: ValidationError) -> bool:
    depth = len(error.relative_path)
    return (error.validator == "type" and depth == 0) or (error.validator in ("const", "enum") and depth <= 1)
