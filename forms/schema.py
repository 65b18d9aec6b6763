"""From any JSON Schema (2020-12 or draft-07) to the tree of nodes a form is drawn from.

Decides which parts can be drawn as controls and which fall back to a box with JSON (and why). Never
validates: what a document must be is judged by the engine; here only the shape of the questions is read
off. References are followed inside the schema and the given resources only; a recursive one is drawn a few
times, then cut; depth and number of nodes are bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from forms import extras
from forms.flatten import BASE, CUT, PARTS, Flattener, Seen, TooManySteps
from forms.leaves import Hint, choice_node, loose_node, scalar_node
from forms.model import NAMED, PICK, RATE, Choice, Json, Node, escape, unescape
from forms.narrow import narrow, type_of
from forms.references import References

_MOST_SHOWN: Final = 30


class Reader:
    """Reads one schema. Holds the schema, the layout hints by pattern and the English labels, and counts
    what it draws."""

    def __init__(
        self,
        schema: Mapping[str, Any] | bool,
        hints: Mapping[str, Hint],
        english: Mapping[str, Any],
        resources: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        references: References | None = None,
        deepest: int = 12,
        recursion: int = 1,
        nodes: int = 6_000,
    ) -> None:
        self._root = schema
        self._hints = hints
        self._english = english
        self._deepest = deepest
        self._left = nodes
        self._flattener = Flattener(
            schema, references or References(schema, resources or {}), recursion=recursion
        )

    def read(self) -> Node:
        """The tree of the whole schema. Raises TooManySteps where it would hold too many nodes."""
        root = self._node(self._root, "", "", ())
        self._flattener.renew()
        return root

    def flat(self, schema: Any, seen: Seen = (), base: str = "") -> tuple[dict[str, Any], Seen]:
        """The schema with references followed and `allOf` parts merged; and the references met."""
        return self._flattener.flat(schema, seen, base)

    def _node(self, schema: Any, pattern: str, key: str, seen: Seen, base: str = "") -> Node:
        self._left -= 1
        if self._left < 0:
            raise TooManySteps
        flat, seen = self.flat(schema, seen, base)
        narrowed = narrow(flat, lambda part, at: self.flat(part, seen, at)[0])
        flat, nullable = narrowed.flat, narrowed.nullable
        hint = self._hints.get(pattern, {})
        common = self._common(flat, pattern, key, nullable, hint)
        fallback = narrowed.fallback or flat.get(CUT, "")
        if not fallback and pattern.count("/") > self._deepest:
            fallback = "deep"
        if fallback:
            return _box(fallback, common)
        if narrowed.branches:
            return self._either(narrowed.branches, pattern, seen, common)
        kind = type_of(flat)
        if "enum" in flat or "const" in flat or kind == "boolean":
            return choice_node(flat, kind, common, hint, self._english)
        if kind == "object":
            return self._object(flat, pattern, seen, common)
        if kind == "array":
            return self._array(flat, pattern, seen, common, hint)
        if kind in ("string", "integer", "number"):
            return scalar_node(flat, kind, common, hint)
        if kind == "null":
            return Node(kind="object", widget="group", **{**common, "nullable": True})
        return loose_node(common)

    def _common(
        self, flat: dict[str, Any], pattern: str, key: str, nullable: bool, hint: Hint
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
            "named": named if (named := str(flat.get("format", ""))) in {*NAMED, RATE} else "",
            "unit": str(flat.get("x-unit", "")),
            "unit_en": self._word(pattern, "unit"),
            "mask": str(flat.get("x-mask", "")),
            "sensitivity": str(flat.get("x-sensitivity", "none")),
            "klass": str(flat.get("x-class", "")),
        }

    def _word(self, pattern: str, part: str) -> str:
        found = self._english.get(pattern if part == "title" else f"{pattern}?{part}")
        return str(found) if found else ""

    def _either(
        self, branches: tuple[dict[str, Any], ...], pattern: str, seen: Seen, common: dict[str, Any]
    ) -> Node:
        """Alternatives: a choice of one, and the controls of each."""
        shown = [
            extras.as_branch(self._node(branch, f"{pattern}/~0{place}", "", seen, str(branch.get(BASE, ""))))
            for place, branch in enumerate(branches)
        ]
        names = extras.branch_names(branches, shown)
        pick = Node(
            kind="leaf",
            pattern=f"{pattern}/{escape(PICK)}",
            title=extras.word("pick", "zh-CN"),
            title_en=extras.word("pick", "en"),
            schema={},
            reading="choice",
            widget="pick",
            choices=tuple(Choice(place, str(place), *name) for place, name in enumerate(names)),
        )
        members: list[tuple[str, Node]] = [(PICK, pick)]
        for place, (node, name) in enumerate(zip(shown, names, strict=True)):
            members.append((f"~{place}", replace(node, title=name[0], title_en=name[1])))
        return Node(kind="object", widget="either", members=tuple(members), **common)

    def _object(self, flat: dict[str, Any], pattern: str, seen: Seen, common: dict[str, Any]) -> Node:
        base = str(flat.get(BASE, ""))
        given = flat.get("properties")
        properties: dict[str, Any] = dict(given) if isinstance(given, Mapping) else {}
        self._add_conditional(properties, flat, seen, base, 0)
        required = flat.get("required")
        for name in required if isinstance(required, list) and "patternProperties" not in flat else ():
            more = flat.get("additionalProperties", True)  # asked for, though nothing describes it
            if isinstance(name, str) and more is not False:
                properties.setdefault(name, more)
        order = {name: index for index, name in enumerate(properties)}
        names = sorted(properties, key=lambda name: (_order(properties[name]), order[name]))
        members = tuple(
            (name, self._node(properties[name], f"{pattern}/{escape(name)}", name, seen, base))
            for name in names
            if properties[name] is not False
        )
        node = Node(
            kind="object",
            widget="group",
            members=members,
            extra=_extra(flat),
            required=frozenset(str(name) for name in required) if isinstance(required, list) else frozenset(),
            **common,
        )
        values = extras.value_schema(flat)
        if values is None:
            return node
        name = extras.free_name(properties)
        at = f"{pattern}/{escape(name)}/*/{escape(extras.VALUE)}"
        return extras.with_map(node, name, self._node(values, at, "", seen, base), self._english)

    def _add_conditional(
        self, properties: dict[str, Any], flat: Mapping[str, Any], seen: Seen, base: str, depth: int
    ) -> None:
        """Members that only some condition brings; a name that is there already stays as it is."""
        for part in flat.get(PARTS, ()) if depth < 6 else ():
            inner, _ = self.flat(part, seen, base)
            for name, member in (inner.get("properties") or {}).items():
                if isinstance(member, Mapping) and member and name not in properties:
                    properties[name] = member
            self._add_conditional(properties, inner, seen, base, depth + 1)

    def _array(
        self, flat: dict[str, Any], pattern: str, seen: Seen, common: dict[str, Any], hint: Hint
    ) -> Node:
        base = str(flat.get(BASE, ""))
        low, high = _count(flat.get("minItems")) or 0, _count(flat.get("maxItems"))
        places, tail = _tuple(flat)
        if places:
            if isinstance(tail, Mapping) and tail and (high is None or high > len(places)):
                return _box("tuple", common)
            members = tuple(
                (str(index), self._node(part, f"{pattern}/{index}", str(index + 1), seen, base))
                for index, part in enumerate(places)
            )
            return Node(kind="fixed", widget="group", members=members, min_items=low, **common)
        items = tail if isinstance(tail, Mapping) else {}
        item = self._node(items, f"{pattern}/*", "", seen, base)
        if item.kind == "leaf":
            item = replace(item, title_en=item.title_en or common["title_en"])
        if (
            item.kind == "leaf"
            and item.choices
            and flat.get("uniqueItems")
            and (len(item.choices) <= _MOST_SHOWN or hint.get("widget") == "checks")
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
            named = [str(place) for place in hint.get("labels_from", [])] + [""] * high
            fixed = tuple(
                (str(i), self._numbered(items, f"{pattern}/{i}", named[i], seen, base)) for i in range(high)
            )
            return Node(kind="fixed", widget="group", members=fixed, min_items=low, **common)
        if item.kind == "json":
            return _box(item.fallback, common)
        asked = hint.get("widget") if hint.get("widget") in ("table", "cards", "file") else None
        deep = item.kind != "leaf" and (
            item.kind != "object"
            or item.widget != "group"
            or bool(item.more)
            or any(member.kind not in ("leaf", "json") for _, member in item.members)
        )
        wide = item.kind == "object" and (deep or len(item.members) > 6)
        return Node(
            kind="array",
            widget="cards" if deep else str(asked or ("cards" if wide else "table")),
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

    def _numbered(self, schema: Any, pattern: str, named_as: str, seen: Seen, base: str) -> Node:
        node = self._node(schema, pattern, "", seen, base)
        count = str(int(pattern.rpartition("/")[2]) + 1)
        english = self._word(named_as, "title") if named_as else ""
        return replace(node, title=self._title_at(named_as) if named_as else count, title_en=english or count)


def _box(why: str, common: dict[str, Any]) -> Node:
    return Node(kind="json", reading="json", widget="json", fallback=why, **common)


def _tuple(flat: Mapping[str, Any]) -> tuple[list[Json], Any]:
    """The schemas of the places of a tuple and that of what follows; no places for a plain list."""
    if isinstance(flat.get("prefixItems"), list):
        return flat["prefixItems"], flat.get("items", True)
    if isinstance(flat.get("items"), list):
        return flat["items"], flat.get("additionalItems", True)
    return [], flat.get("items", True)


def _count(limit: Any) -> int | None:
    return (
        int(limit) if isinstance(limit, int | float) and not isinstance(limit, bool) and limit >= 0 else None
    )


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
