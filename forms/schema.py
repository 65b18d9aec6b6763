"""From any JSON Schema (2020-12 or draft-07) to the tree of nodes a form is drawn from.

Decides which parts can be drawn as controls and which fall back to a box with JSON (and why). Never
validates: what a document must be is judged by the engine; here only the shape of the questions is read
off. References are followed inside the schema and the given resources only; a recursive one is cut where
it meets itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from forms.model import Choice, Json, Node, escape, unescape
from forms.normalize import compact_format, dump, spaceless

_DEEPEST = 12
_READING = {"date": "date", "date-time": "datetime", "year_month": "month"}
_MOST_RADIOS = 7


class Reader:
    """Reads one schema. Holds the schema, the layout hints by pattern and the English labels; no state
    between calls."""

    def __init__(
        self,
        schema: Mapping[str, Any] | bool,
        hints: Mapping[str, Mapping[str, Any]],
        english: Mapping[str, Any],
        resources: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._root = schema
        self._hints = hints
        self._english = english
        self._resources = resources

    def read(self) -> Node:
        """The tree of the whole schema."""
        return self._node(self._root, "", "", ())

    def flat(self, schema: Any, seen: tuple[str, ...] = ()) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The schema with references followed and unconditional `allOf` parts merged; and the references
        met."""
        if schema is True or schema is False or not isinstance(schema, Mapping):
            return {}, seen
        out: dict[str, Any] = {
            key: value for key, value in schema.items() if key not in ("$ref", "$dynamicRef", "allOf")
        }
        reference = schema.get("$ref") or schema.get("$dynamicRef")
        if isinstance(reference, str):
            if reference in seen:
                return {"x-cut": "recursive"}, seen
            seen = (*seen, reference)
            target, seen = self.flat(self._resolve(reference), seen)
            out = {**target, **out}
        for part in schema.get("allOf", []):
            if isinstance(part, Mapping) and "if" in part:
                continue
            merged, seen = self.flat(part, seen)
            for key, value in merged.items():
                if key == "properties":
                    out[key] = {**value, **out.get(key, {})}
                elif key == "required":
                    out[key] = [*out.get(key, []), *value]
                else:
                    out.setdefault(key, value)
        return out, seen

    def _resolve(self, reference: str) -> Any:
        base, _, fragment = reference.partition("#")
        here: Any = self._resources.get(base) if base else self._root
        for step in fragment.split("/")[1:]:
            key = unescape(step.replace("%25", "%").replace("%22", '"'))
            if isinstance(here, Mapping) and key in here:
                here = here[key]
            elif isinstance(here, list) and key.isdigit() and int(key) < len(here):
                here = here[int(key)]
            else:
                return {"x-cut": "unresolved"}
        return here if here is not None else {"x-cut": "unresolved"}

    def _node(self, schema: Any, pattern: str, key: str, seen: tuple[str, ...]) -> Node:
        flat, seen = self.flat(schema, seen)
        flat, nullable, fallback = _narrow(flat)
        hint = self._hints.get(pattern, {})
        common = self._common(flat, pattern, key, nullable, hint)
        if fallback or flat.get("x-cut") or pattern.count("/") > _DEEPEST:
            return Node(
                kind="json",
                reading="json",
                widget="json",
                fallback=fallback or flat.get("x-cut", "deep"),
                **common,
            )
        kind = _type(flat)
        if "enum" in flat or "const" in flat or kind == "boolean":
            return self._choice(flat, kind, common, hint)
        if kind == "object":
            return self._object(flat, pattern, seen, common)
        if kind == "array":
            return self._array(flat, pattern, key, seen, common, hint)
        if kind in ("string", "integer", "number"):
            return _scalar(flat, kind, common, hint)
        return Node(kind="json", reading="json", widget="json", fallback="any", **common)

    def _common(
        self, flat: dict[str, Any], pattern: str, key: str, nullable: bool, hint: Mapping[str, Any]
    ) -> dict[str, Any]:
        fill = flat.get("x-fill") or {}
        return {
            "pattern": pattern,
            "schema": flat,
            "nullable": nullable,
            "title": str(flat.get("title") or key),
            "title_en": self._word(pattern, "title"),
            "help": str(hint.get("help") or flat.get("description") or ""),
            "help_en": self._word(pattern, "help"),
            "computed": "x-computed" in flat,
            "read_only": bool(flat.get("readOnly")) or "x-computed" in flat,
            "fill_from": str(fill.get("from", "")),
            "fill_rule": str(fill.get("rule", "")),
            "codes": str(flat.get("x-codes", "")),
            "unit": str(flat.get("x-unit", "")),
            "unit_en": self._word(pattern, "unit"),
            "mask": str(flat.get("x-mask", "")),
            "sensitivity": str(flat.get("x-sensitivity", "none")),
            "klass": str(flat.get("x-class", "")),
        }

    def _word(self, pattern: str, part: str) -> str:
        found = self._english.get(pattern if part == "title" else f"{pattern}?{part}")
        return str(found) if found else ""

    def _choice(
        self, flat: dict[str, Any], kind: str, common: dict[str, Any], hint: Mapping[str, Any]
    ) -> Node:
        pattern = common["pattern"]
        values = flat.get("enum", [flat["const"]] if "const" in flat else [True, False])
        values = [value for value in values if value is not None]
        if kind == "boolean" and values == [True] and hint.get("widget") in (None, "checkbox"):
            return Node(
                kind="leaf",
                reading="choice",
                widget="checkbox",
                choices=self._choices(values, flat, pattern),
                **common,
            )
        widget = str(hint.get("widget") or ("radio" if len(values) <= _MOST_RADIOS else "select"))
        if widget not in ("radio", "select", "checkbox", "search", "number"):
            widget = "radio" if len(values) <= _MOST_RADIOS else "select"
        if widget == "checkbox" and values != [True]:
            widget = "radio"
        return Node(
            kind="leaf",
            reading="choice",
            widget=widget,
            choices=self._choices(values, flat, pattern),
            **common,
        )

    def _choices(self, values: list[Json], flat: Mapping[str, Any], pattern: str) -> tuple[Choice, ...]:
        titles: Mapping[str, str] = flat.get("x-enum") or {}
        plain = all(
            isinstance(value, str)
            and value
            and value == value.strip()
            and "\n" not in value
            and "\r" not in value
            for value in values
        )
        out = []
        for value in values:
            text = value if plain else dump(value)
            yes_no = (
                {True: ("是", "Yes"), False: ("否", "No")}[value] if isinstance(value, bool) else (text, "")
            )
            outer = pattern.rpartition("/")[0]  # a list's choices may be named at the list
            english = self._english.get(f"{pattern}#{text}") or self._english.get(f"{outer}#{text}")
            title = titles.get(text) if isinstance(titles, Mapping) else None
            out.append(
                Choice(
                    value,
                    text,
                    str(title or yes_no[0]),
                    str(english or yes_no[1] or (text if not title else "")),
                )
            )
        return tuple(out)

    def _object(
        self, flat: dict[str, Any], pattern: str, seen: tuple[str, ...], common: dict[str, Any]
    ) -> Node:
        properties: dict[str, Any] = dict(flat.get("properties", {}))
        for branch in self._branches(flat):
            for name, part in (branch.get("properties") or {}).items():
                if (
                    part is not False
                    and part is not True
                    and name not in properties
                    and isinstance(part, Mapping)
                    and part
                ):
                    properties[name] = part
        order = {name: index for index, name in enumerate(properties)}
        names = sorted(properties, key=lambda name: (_order(properties[name]), order[name]))
        members = tuple(
            (name, self._node(properties[name], f"{pattern}/{escape(name)}", name, seen))
            for name in names
            if properties[name] is not False
        )
        extra = _extra(flat)
        return Node(
            kind="object",
            widget="group",
            members=members,
            extra=extra,
            required=frozenset(str(name) for name in flat.get("required", [])),
            **common,
        )

    def _branches(self, flat: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        found = [flat[word] for word in ("then", "else") if isinstance(flat.get(word), Mapping)]
        found += [part for part in (flat.get("dependentSchemas") or {}).values() if isinstance(part, Mapping)]
        found += [part for part in (flat.get("dependencies") or {}).values() if isinstance(part, Mapping)]
        return found

    def _array(
        self,
        flat: dict[str, Any],
        pattern: str,
        key: str,
        seen: tuple[str, ...],
        common: dict[str, Any],
        hint: Mapping[str, Any],
    ) -> Node:
        tuple_items = flat.get("prefixItems") or (
            flat.get("items") if isinstance(flat.get("items"), list) else None
        )
        low, high = int(flat.get("minItems", 0)), flat.get("maxItems")
        high = int(high) if high is not None else None
        if tuple_items:
            closed = (
                flat.get("items") is False if "prefixItems" in flat else flat.get("additionalItems") is False
            )
            if not closed or low < len(tuple_items):
                return Node(kind="json", reading="json", widget="json", fallback="tuple", **common)
            items = [
                self._node(part, f"{pattern}/{index}", str(index + 1), seen)
                for index, part in enumerate(tuple_items)
            ]
            return Node(
                kind="fixed",
                widget="group",
                members=tuple((str(i), n) for i, n in enumerate(items)),
                **common,
            )
        item = self._node(flat.get("items", {}), f"{pattern}/*", "", seen)
        if item.kind == "leaf":
            item = replace(item, title_en=item.title_en or common["title_en"])
        if (
            item.kind == "leaf"
            and item.choices
            and flat.get("uniqueItems")
            and len(item.choices) <= 30
            and hint.get("widget") != "table"
        ):
            return Node(
                kind="leaf",
                reading="set",
                widget="checks",
                choices=item.choices,
                **{**common, "codes": item.codes or common["codes"]},
            )
        if low == high and high is not None and 0 < high <= 40 and item.kind == "leaf":
            places = [str(place) for place in hint.get("labels_from", [])] + [""] * high
            fixed = tuple(
                (str(i), self._numbered(flat.get("items", {}), f"{pattern}/{i}", places[i], seen))
                for i in range(high)
            )
            return Node(kind="fixed", widget="group", members=fixed, **common)
        if item.kind not in ("leaf", "object"):
            return Node(kind="json", reading="json", widget="json", fallback="nested_list", **common)
        widget = hint.get("widget") if hint.get("widget") in ("table", "cards", "file") else None
        deep = (
            any(member.kind not in ("leaf", "json") for _, member in item.members) or item.extra is not None
        )
        wide = item.kind == "object" and (deep or len(item.members) > 6)
        return Node(
            kind="array",
            widget="cards"
            if deep and item.kind == "object"
            else str(widget or ("cards" if wide else "table")),
            item=item,
            min_items=low,
            max_items=min(high if high is not None else 200, 500),
            **common,
        )

    def _title_at(self, pointer: str) -> str:
        here: Any = self._root
        for step in pointer.split("/")[1:]:
            flat, _ = self.flat(here)
            here = (flat.get("properties") or {}).get(unescape(step), {})
        return str(self.flat(here)[0].get("title", ""))

    def _numbered(self, schema: Any, pattern: str, named_as: str, seen: tuple[str, ...]) -> Node:
        node = self._node(schema, pattern, "", seen)
        count = str(int(pattern.rpartition("/")[2]) + 1)
        english = self._word(named_as, "title") if named_as else ""
        return replace(node, title=self._title_at(named_as) if named_as else count, title_en=english or count)


def _scalar(flat: Mapping[str, Any], kind: str, common: dict[str, Any], hint: Mapping[str, Any]) -> Node:
    form = str(flat.get("format", ""))
    asked = str(hint.get("widget", ""))
    if kind == "string":
        long = int(flat.get("maxLength") or 0) > 120 and not flat.get("pattern") and not form
        pattern = str(flat.get("pattern", ""))
        reading = _READING.get(form) or ("compact" if compact_format(form) or spaceless(pattern) else "text")
        widget = {"date": "date", "datetime": "datetime", "month": "month"}.get(
            reading, "textarea" if long else "text"
        )
        if asked in ("money", "number") and reading in ("text", "compact"):
            reading, widget = ("money" if asked == "money" else "decimal"), asked
        elif asked in ("textarea", "search", "file", "text"):
            widget = asked
        elif common["codes"]:
            widget = "search"
        if flat.get("x-widget-ref") == "files":
            widget = "file"
        return Node(kind="leaf", reading=reading, widget=widget, **common)
    return Node(kind="leaf", reading=kind, widget="number", **common)


def _narrow(flat: dict[str, Any]) -> tuple[dict[str, Any], bool, str]:
    """Unwrap nullable types and titled alternatives; the third is why it cannot be drawn, or ""."""
    kinds = flat.get("type")
    nullable = False
    if isinstance(kinds, list):
        nullable = "null" in kinds
        rest = [kind for kind in kinds if kind != "null"]
        if len(rest) > 1:
            return flat, nullable, "several_types"
        flat = {**flat, "type": rest[0] if rest else "null"}
    if None in flat.get("enum", []):
        nullable = True
    for word in ("oneOf", "anyOf"):
        if word not in flat or "properties" in flat:
            continue
        parts = [part for part in flat[word] if isinstance(part, Mapping)]
        consts = [part for part in parts if "const" in part]
        if (
            parts
            and len(consts) == len(flat[word])
            and len({dump(part["const"]) for part in parts}) == len(parts)
        ):
            rest_of = {key: value for key, value in flat.items() if key != word}
            titles = {
                (c if isinstance(c := part["const"], str) else dump(c)): part.get("title", "")
                for part in parts
            }
            return {**rest_of, "enum": [part["const"] for part in parts], "x-enum": titles}, nullable, ""
        return flat, nullable, "alternatives"
    if flat.get("type") == "null":
        return flat, True, "null_only"
    return flat, nullable, ""


def _type(flat: Mapping[str, Any]) -> str:
    kind = flat.get("type")
    if isinstance(kind, str):
        return kind
    if "properties" in flat:
        return "object"
    if "const" in flat or "enum" in flat:
        values = flat.get("enum", [flat.get("const")])
        return "boolean" if values and all(isinstance(value, bool) for value in values) else "choice"
    return ""


def _extra(flat: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Schema of members that have no name of their own, or None when the object is closed."""
    if "patternProperties" in flat:
        return {}
    more = flat.get("additionalProperties", flat.get("unevaluatedProperties", True))
    if more is False:
        return None
    return more if isinstance(more, Mapping) else {}


def _order(schema: Any) -> int:
    order = schema.get("x-order", 0) if isinstance(schema, Mapping) else 0
    return order if isinstance(order, int) else 0
