"""What a form says about each of its fields, gathered once: labels, class, sealing, mask, index, table.

Decides inheritance (a field without its own annotation has its section's) and paper order. Never judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.registry.derive import Derivation, derivations_of
from engine.registry.pointers import join
from engine.registry.schema_walk import resolve, types_of

DEEPEST: Final = 12
SEALS: Final = ("identity", "health", "finance", "other")
# Said once on a section, it holds for its fields.
_INHERITED: Final = ("x-class", "x-sensitivity", "x-seal", "x-index", "x-legal-basis")


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field, list or group of a form.

    `pattern` is the pointer with `*` for an array index. `kind` is field (a scalar, or an array of scalars:
    `is_array`), list (an array of objects) or group (an object). `enum` maps each value, as text, to its
    labels (zh, en). `codes` names the code table. `mask` is a rule name or "". `place` is the paper order.
    `derive` are the forms of the value that are committed beside it.
    """

    pattern: str
    kind: str
    schema: Mapping[str, Any]
    title: str
    title_en: str
    klass: str
    sensitivity: str
    seal: str
    mask: str
    index: str
    legal_basis: tuple[str, ...]
    unit: str
    enum: Mapping[str, tuple[str, str]]
    is_computed: bool
    fill: Mapping[str, Any] | None
    codes: str
    type: str
    format: str
    is_array: bool
    refers_to_file: bool
    place: int
    derive: tuple[Derivation, ...] = ()


def collect_fields(
    schema: Mapping[str, Any], layout: Mapping[str, Any], locale: Mapping[str, Any]
) -> tuple[dict[str, FieldInfo], dict[str, FieldInfo]]:
    """All fields, and all groups and lists, by pattern, in paper order (layout first, then schema order).

    Works on any object schema; local references are resolved, recursive ones to a depth of DEEPEST.
    """
    found = list(_walk(schema, schema, "", {}, locale, 0))
    laid_out = {pattern: place for place, pattern in enumerate(layout_pointers(layout))}
    order = sorted(range(len(found)), key=lambda number: (_place(found[number].pattern, laid_out), number))
    fields: dict[str, FieldInfo] = {}
    groups: dict[str, FieldInfo] = {}
    for place, number in enumerate(order):
        info = _at(found[number], place)
        (fields if info.kind == "field" else groups)[info.pattern] = info
    return fields, groups


def layout_pointers(layout: Any) -> Iterator[str]:
    """Every `p`, `pointer` or column pointer of a layout, in the order of its file, without repeats."""
    seen: dict[str, None] = {}
    _gather(layout.get("sections", []) if isinstance(layout, dict) else [], "", seen)
    return iter(seen)


def _gather(value: Any, around: str, seen: dict[str, None]) -> None:
    if isinstance(value, list):
        for item in value:
            _gather(item, around, seen)
    elif isinstance(value, dict):
        named = value.get("p", value.get("pointer"))
        here = around
        if isinstance(named, str) and named:
            here = named if named.startswith("/") else f"{around}/*/{named}"
            seen.setdefault(here, None)
        for key, part in value.items():
            if isinstance(part, (list, dict)) and key not in ("title", "help", "notes"):
                _gather(part, here, seen)


def _place(pattern: str, laid_out: Mapping[str, int]) -> int:
    """The place of the longest laid-out pointer that is the pattern or stands around it."""
    pointer = pattern
    while pointer:
        if pointer in laid_out:
            return laid_out[pointer]
        pointer = pointer.rpartition("/")[0]
    return len(laid_out)


def _at(info: FieldInfo, place: int) -> FieldInfo:
    values = {name: getattr(info, name) for name in FieldInfo.__slots__}
    values["place"] = place
    return FieldInfo(**values)


def _walk(
    raw: Any,
    root: Mapping[str, Any],
    pattern: str,
    above: Mapping[str, Any],
    locale: Mapping[str, Any],
    depth: int,
) -> Iterator[FieldInfo]:
    schema = resolve(raw, root)
    if not isinstance(schema, dict) or depth > DEEPEST:
        return
    inherited = {**above, **{key: schema[key] for key in _INHERITED if key in schema}}
    types = types_of(schema)
    items = resolve(schema.get("items"), root)
    if "object" in types and isinstance(schema.get("properties"), dict):
        if pattern:
            yield _info("group", schema, root, pattern, inherited, locale)
        for name, part in schema["properties"].items():
            yield from _walk(part, root, join(pattern, name), inherited, locale, depth + 1)
    elif "array" in types and isinstance(items, dict) and {"object", "array"} & set(types_of(items)):
        yield _info("list", schema, root, pattern, inherited, locale)
        yield from _walk(items, root, pattern + "/*", inherited, locale, depth + 1)
    elif pattern:
        yield _info("field", schema, root, pattern, inherited, locale)


def _info(
    kind: str,
    schema: Mapping[str, Any],
    root: Mapping[str, Any],
    pattern: str,
    inherited: Mapping[str, Any],
    locale: Mapping[str, Any],
) -> FieldInfo:
    types = tuple(name for name in types_of(schema) if name != "null")
    items = resolve(schema.get("items"), root)
    is_array = "array" in types and kind == "field"
    leaf = items if is_array and isinstance(items, dict) else schema
    basis = inherited.get("x-legal-basis", ())
    return FieldInfo(
        pattern=pattern,
        kind=kind,
        schema=schema,
        title=str(schema.get("title", "")),
        title_en=_english(locale, pattern),
        klass=str(inherited.get("x-class", "")),
        sensitivity=str(inherited.get("x-sensitivity", "none")),
        seal=str(inherited.get("x-seal", "other")),
        mask=str(schema.get("x-mask", leaf.get("x-mask", ""))),
        index=str(inherited.get("x-index", "none")),
        legal_basis=(basis,) if isinstance(basis, str) else tuple(basis),
        unit=str(schema.get("x-unit", "")),
        enum=_labels(leaf, pattern, locale),
        is_computed="x-computed" in schema,
        fill=schema.get("x-fill"),
        codes=str(schema.get("x-codes", leaf.get("x-codes", ""))),
        type=types[0] if types else "any",
        format=str(leaf.get("format", "")),
        is_array=is_array,
        refers_to_file=schema.get("x-widget-ref") == "files",
        place=0,
        derive=derivations_of(schema.get("x-derive", leaf.get("x-derive"))),
    )


def _labels(schema: Mapping[str, Any], pattern: str, locale: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    chinese = schema.get("x-enum", {})
    values = schema.get("enum", ())
    out: dict[str, tuple[str, str]] = {}
    for value in values:
        key = as_label_key(value)
        own = str(chinese.get(key, key)) if isinstance(chinese, dict) else key
        out[key] = (own, _english(locale, f"{pattern}#{key}") or key)
    return out


def as_label_key(value: Any) -> str:
    """The key of an enum value in `x-enum` and in the locale: text as it is, others as JSON writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _english(locale: Mapping[str, Any], key: str) -> str:
    found = locale.get(key, "")
    if isinstance(found, dict):
        found = found.get("title", "")
    return str(found)
