"""One way of writing for the dialects of JSON Schema: draft-06 and -07, 2019-09, 2020-12.

Decides what the keywords of an older dialect are called in 2020-12, and which do not count at all (those
beside a `$ref` of draft-07, labels, notes). Never follows a reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

DIALECTS: Final[Mapping[str, str]] = {
    "https://json-schema.org/draft/2020-12/schema": "2020-12",
    "https://json-schema.org/draft/2019-09/schema": "2019-09",
    "http://json-schema.org/draft-07/schema": "7",
    "http://json-schema.org/draft-06/schema": "6",
}
NEWEST: Final = "2020-12"
_SHARED: Final = frozenset({
    "$ref", "additionalProperties", "allOf", "anyOf", "const", "contains", "enum", "exclusiveMaximum",
    "exclusiveMinimum", "format", "maxItems", "maxLength", "maxProperties", "maximum", "minItems",
    "minLength", "minProperties", "minimum", "multipleOf", "not", "oneOf", "pattern",
    "patternProperties", "properties", "propertyNames", "required", "type", "uniqueItems", "items",
})  # fmt: skip
_CONDITIONS: Final = frozenset({"if", "then", "else"})
_SINCE_2019: Final = _CONDITIONS | {
    "dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties", "maxContains",
    "minContains",
}  # fmt: skip
_COUNTS: Final[Mapping[str, frozenset[str]]] = {
    "6": _SHARED | {"additionalItems", "dependencies"},
    "7": _SHARED | _CONDITIONS | {"additionalItems", "dependencies"},
    "2019-09": _SHARED | _SINCE_2019 | {"additionalItems", "$recursiveRef"},
    "2020-12": _SHARED | _SINCE_2019 | {"prefixItems", "$dynamicRef"},
}


def dialect_of(schema: Any) -> str | None:
    """The short name of the dialect a schema says it is in; None for one that is not judged here."""
    named = schema.get("$schema") if isinstance(schema, Mapping) else None
    if named is None:
        return NEWEST
    return DIALECTS.get(named.removesuffix("#")) if isinstance(named, str) else None


def modern(raw: Mapping[str, Any], dialect: str) -> dict[str, Any]:
    """The keywords of `raw` that assert something, by their names in 2020-12."""
    counts = _COUNTS[dialect]
    if dialect in ("6", "7") and "$ref" in raw:
        return {"$ref": raw["$ref"]}
    out = {key: value for key, value in raw.items() if key in counts}
    if isinstance(out.get("items"), list):
        out["prefixItems"] = out.pop("items")
        if "additionalItems" in out:
            out["items"] = out.pop("additionalItems")
    out.pop("additionalItems", None)
    _split_dependencies(out)
    if "if" not in out:
        out.pop("then", None)
        out.pop("else", None)
    elif "then" not in out and "else" not in out:
        del out["if"]
    if "contains" not in out:
        out.pop("minContains", None)
        out.pop("maxContains", None)
    return out


def _split_dependencies(out: dict[str, Any]) -> None:
    for name, needs in out.pop("dependencies", {}).items():
        if isinstance(needs, list):
            out.setdefault("dependentRequired", {})[name] = needs
        else:
            out.setdefault("dependentSchemas", {})[name] = needs
