"""What changed between two JSON Schemas: fields, their types and limits, options, conditions, annotations.

Decides by walking both side by side, references resolved, so that a definition that only moved is no change.
A field that went and one that came in the same object are one renamed field when enough speaks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import Any, Final

from engine.registry.pointers import join
from engine.registry.schema_walk import resolve, types_of
from engine.versions.changes import Change, Label, Term
from engine.versions.inclusion_atoms import frozen
from engine.versions.inclusion_dialect import NEWEST, dialect_of, modern
from engine.versions.inclusion_work import is_too_large

DEEPEST: Final = 64
MOST: Final = 5_000
SIMILAR: Final = 0.6
Labels = tuple[Mapping[str, Any], Mapping[str, Any]]
# Whether a larger value allows more (1) or less (-1).
_BOUNDS: Final = {
    "maximum": 1, "exclusiveMaximum": 1, "maxLength": 1, "maxItems": 1, "maxProperties": 1,
    "maxContains": 1,
    "minimum": -1, "exclusiveMinimum": -1, "minLength": -1, "minItems": -1, "minProperties": -1,
    "minContains": -1,
}  # fmt: skip
_ANNOTATIONS: Final = {
    "title": "title", "description": "description", "default": "default", "examples": "example",
    "x-class": "class", "x-sensitivity": "sensitivity", "x-seal": "seal", "x-mask": "mask",
    "x-index": "index",
    "x-legal-basis": "legal_basis", "x-computed": "computed", "x-codes": "codes", "x-unit": "unit",
    "x-order": "order", "x-enum": "option_label", "x-version": "version_name", "$id": "version_name",
}  # fmt: skip
_LISTS: Final = {"allOf": "condition", "anyOf": "variant", "oneOf": "variant"}
_PARTS: Final = (
    "if", "then", "else", "not", "contains", "propertyNames", "patternProperties", "dependentSchemas",
    "unevaluatedProperties", "unevaluatedItems",
)  # fmt: skip
_WALKED: Final = frozenset({
    "properties", "required", "items", "prefixItems", "additionalProperties", "type", "enum", "const",
    "pattern", "format", "multipleOf", "uniqueItems", "dependentRequired", "x-rules", "$defs",
    "definitions", "$ref",
    "$schema", "$comment", "additionalItems", "dependencies",
    *_BOUNDS, *_ANNOTATIONS, *_LISTS, *_PARTS,
})  # fmt: skip


def schema_changes(old: Any, new: Any, labels: Labels = ({}, {})) -> tuple[Change, ...]:
    """What changed from schema `old` to schema `new`; `labels` are the two locale files, where there are."""
    if is_too_large(old) or is_too_large(new):
        return (Change("", "not_listed"),) if old is not new else ()
    return tuple(islice(_Walk(old, new, labels).compare(old, new, _Spot()), MOST))


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where the walk is: the pointer in the file, the pointer of the answers there, the depth."""

    pointer: str = ""
    answer: str = ""
    depth: int = 0

    def field(self, name: str) -> _Spot:
        return _Spot(join(self.pointer, "properties", name), join(self.answer, name), self.depth + 1)

    def item(self, *words: str | int) -> _Spot:
        return _Spot(join(self.pointer, *words), self.answer + "/*", self.depth + 1)


class _Walk:
    """One comparison of two files."""

    def __init__(self, old: Any, new: Any, labels: Labels) -> None:
        self.roots, self.labels = (old, new), labels
        self.dialects = (dialect_of(old) or NEWEST, dialect_of(new) or NEWEST)
        self.seen: set[tuple[str, str]] = set()
        # Where no definition changed, equal text means the same.
        self.is_closed = all(_definitions(old, word) == _definitions(new, word) for word in _DEFINED)

    def compare(self, old: Any, new: Any, spot: _Spot) -> Iterator[Change]:
        """The changes of one subschema and of everything below it."""
        if self.is_closed and old == new and frozen(old) == frozen(new):
            return
        was, now = self._plain(old, 0), self._plain(new, 1)
        if isinstance(was, bool) or isinstance(now, bool):
            if was != now:
                yield self._at(spot, "retyped", was, now, old=_named_types(was), new=_named_types(now))
            return
        if _refers(old) or _refers(new):
            met = (frozen(old), frozen(new))
            if met in self.seen:
                return
            self.seen.add(met)
            if _refers(new) and str(new["$ref"]).startswith("#/"):
                # A definition that many fields share has changed once, where it stands.
                spot = _Spot(new["$ref"][1:], spot.answer, spot.depth)
        if spot.depth > DEEPEST:
            return
        yield from self._assertions(was, now, spot)
        yield from self._fields(was, now, spot)
        yield from self._items(was, now, spot)
        yield from self._combined(was, now, spot)
        yield from self._annotations(was, now, spot)

    def _plain(self, schema: Any, side: int) -> Any:
        if isinstance(schema, bool):
            return schema
        root = self.roots[side]
        whole = resolve(schema, root if isinstance(root, dict) else {})
        if not isinstance(whole, dict):
            return {}
        kept = {key: value for key, value in whole.items() if key not in _DIALECTAL}
        return kept | modern({k: v for k, v in whole.items() if k != "$ref"}, self.dialects[side])

    def label(self, schema: Any, answer: str, side: int) -> Label:
        """What a place is called."""
        plain = self._plain(schema, side)
        title = plain.get("title") if isinstance(plain, dict) else None
        last = answer.rpartition("/")[2]
        english = self.labels[side].get(answer, "")
        return Label(str(title or last.replace("~1", "/").replace("~0", "~")), str(english or ""))

    def _at(self, spot: _Spot, kind: str, was: Any, now: Any, **facts: Any) -> Change:
        label = self.label(now, spot.answer, 1)
        if not label.zh:
            label = self.label(was, spot.answer, 0)
        return Change(spot.pointer, kind, facts={"label": label, **facts})

    def _assertions(self, was: dict[str, Any], now: dict[str, Any], spot: _Spot) -> Iterator[Change]:
        before, after = _types(was), _types(now)
        if before != after:
            kind = "retyped"
            if before and after and before < after:
                kind = "type_widened"
            elif before and after and after < before:
                kind = "type_narrowed"
            yield self._at(spot, kind, was, now, old=_named_types(was), new=_named_types(now))
        yield from self._bounds(was, now, spot)
        yield from self._options(was, now, spot)
        for word in ("pattern", "format", "multipleOf", "uniqueItems"):
            one, other = was.get(word), now.get(word)
            if frozen(one) != frozen(other):
                yield self._at(spot, _changed(word, one, other), was, now, old=one, new=other)

    def _bounds(self, was: dict[str, Any], now: dict[str, Any], spot: _Spot) -> Iterator[Change]:
        for word, allows in _BOUNDS.items():
            one, other = was.get(word), now.get(word)
            if one == other:
                continue
            named = Term(f"word.{word}")
            if one is None:
                yield self._at(spot, "bound_added", was, now, word=named, new=other)
            elif other is None:
                yield self._at(spot, "bound_removed", was, now, word=named, old=one)
            else:
                kind = "loosened" if (other > one) == (allows > 0) else "tightened"
                yield self._at(spot, kind, was, now, word=named, old=one, new=other)

    def _options(self, was: dict[str, Any], now: dict[str, Any], spot: _Spot) -> Iterator[Change]:
        one, other = _listed(was), _listed(now)
        if one is None or other is None:
            if one is not None or other is not None:
                listed = list((one or other or {}).values())
                yield self._at(spot, "options_dropped" if one else "options_set", was, now, options=listed)
            return
        for key in one.keys() - other.keys():
            yield self._at(spot, "option_removed", was, now, option=_option(was, one[key]))
        for key in other.keys() - one.keys():
            yield self._at(spot, "option_added", was, now, option=_option(now, other[key]))

    def _fields(self, was: dict[str, Any], now: dict[str, Any], spot: _Spot) -> Iterator[Change]:
        one, other = was.get("properties", {}), now.get("properties", {})
        gone = [name for name in one if name not in other]
        come = [name for name in other if name not in one]
        needed, needs = set(was.get("required", ())), set(now.get("required", ()))
        renamed = self._renamed({n: one[n] for n in gone}, {n: other[n] for n in come}, spot)
        for name in other:
            at = spot.field(name)
            source = renamed.get(name)
            if source is not None:
                before = self.label(one[source], join(spot.answer, source), 0)
                facts = {"old": source, "new": name, "old_label": before}
                yield self._at(at, "renamed", one[source], other[name], **facts)
                yield from self.compare(one[source], other[name], at)
            elif name in one:
                yield from self.compare(one[name], other[name], at)
            else:
                yield self._at(
                    at, "added_required" if name in needs else "added", True, other[name], name=name
                )
            before_name = source or name
            if (name in one or source) and (before_name in needed) != (name in needs):
                kind = "required" if name in needs else "not_required"
                yield self._at(at, kind, one[before_name], other[name])
        for name in gone:
            if name not in renamed.values():
                label = self.label(one[name], join(spot.answer, name), 0)
                yield Change(spot.field(name).pointer, "removed", facts={"label": label, "name": name})
        known = one.keys() | other.keys()
        for name in sorted((needs ^ needed) - known):
            kind = "required" if name in needs else "not_required"
            yield Change(join(spot.pointer, "required"), kind, facts={"label": Label(name)})
        yield from self._openness(was, now, spot)
        yield from self._dependent(was, now, spot)

    def _openness(self, was: dict[str, Any], now: dict[str, Any], spot: _Spot) -> Iterator[Change]:
        one, other = was.get("additionalProperties", True), now.get("additionalProperties", True)
        at = _Spot(join(spot.pointer, "additionalProperties"), spot.answer + "/*", spot.depth + 1)
        if one is not False and other is False:
            yield self._at(spot, "closed", was, now)
        elif one is False and other is not False:
            yield self._at(spot, "opened", was, now)
        elif frozen(one) != frozen(other):
            yield from self.compare(one, other, at)

    def _dependent(self, was: dict[str, Any], now: dict[str, Any], spot: _Spot) -> Iterator[Change]:
        one, other = was.get("dependentRequired", {}), now.get("dependentRequired", {})
        for name in (*one, *(key for key in other if key not in one)):
            before, after = set(one.get(name, ())), set(other.get(name, ()))
            at = join(spot.pointer, "dependentRequired", name)
            facts = {"label": self.label(True, join(spot.answer, name), 1)}
            for kind, names in (("depends_added", after - before), ("depends_removed", before - after)):
                yield from (Change(at, kind, facts={**facts, "needs": needed}) for needed in sorted(names))

    def _renamed(self, gone: dict[str, Any], come: dict[str, Any], spot: _Spot) -> dict[str, str]:
        """New name to old name, for fields that are the same under another name; best pairs first."""
        pairs: list[tuple[float, str, str]] = []
        if len(gone) * len(come) > 400:
            return {}
        for old in gone:
            for new in come:
                score = self._likeness(gone[old], come[new], old, new, spot)
                score += 0.5 if len(gone) == len(come) == 1 else 0
                if score >= 2:
                    pairs.append((-score, old, new))
        out: dict[str, str] = {}
        for _, old, new in sorted(pairs):
            if new not in out and old not in out.values():
                out[new] = old
        return out

    def _likeness(self, one: Any, other: Any, old: str, new: str, spot: _Spot) -> float:
        was, now = self._plain(one, 0), self._plain(other, 1)
        titles = [
            self.label(one, join(spot.answer, old), 0).zh,
            self.label(other, join(spot.answer, new), 1).zh,
        ]
        is_titled = [isinstance(part, dict) and "title" in part for part in (was, now)]
        score = 0.0
        if all(is_titled):
            score += 1.5 if titles[0] == titles[1] else 1.0 if _ratio(*titles) >= SIMILAR else -0.5
        score += 1.0 if _ratio(old, new) >= SIMILAR else 0
        if frozen(_asserted(was)) == frozen(_asserted(now)):
            score += 1.5 if len(_asserted(was)) > 1 else 1.0
        elif _types(was) != _types(now):
            score -= 1.0
        return score

    def _items(self, was: dict[str, Any], now: dict[str, Any], spot: _Spot) -> Iterator[Change]:
        if "items" in was or "items" in now:
            yield from self.compare(was.get("items", True), now.get("items", True), spot.item("items"))
        one, other = was.get("prefixItems", []), now.get("prefixItems", [])
        for place in range(max(len(one), len(other))):
            at = spot.item("prefixItems", place)
            before = one[place] if place < len(one) else was.get("items", True)
            after = other[place] if place < len(other) else now.get("items", True)
            yield from self.compare(before, after, at)

    def _combined(self, was: dict[str, Any], now: dict[str, Any], spot: _Spot) -> Iterator[Change]:
        for word, kind in _LISTS.items():
            one, other = list(was.get(word, ())), list(now.get(word, ()))
            same = {frozen(part) for part in one} & {frozen(part) for part in other}
            gone = [(n, part) for n, part in enumerate(one) if frozen(part) not in same]
            come = [(n, part) for n, part in enumerate(other) if frozen(part) not in same]
            paired = min(len(gone), len(come))
            for place in range(max(len(gone), len(come))):
                at = come[place][0] if place < len(come) else gone[place][0]
                step = "changed" if place < paired else "added" if place < len(come) else "removed"
                number = {"number": at + 1}
                change = self._at(spot, f"{kind}_{step}", was, now, **number)
                yield Change(join(spot.pointer, word, at), change.kind, facts=change.facts)
        for word in _PARTS:
            one_part, other_part = was.get(word), now.get(word)
            if frozen(one_part) != frozen(other_part):
                step = "added" if word not in was else "removed" if word not in now else "changed"
                change = self._at(spot, f"part_{step}", was, now, word=Term(f"word.{word}"))
                yield Change(join(spot.pointer, word), change.kind, facts=change.facts)

    def _annotations(self, was: dict[str, Any], now: dict[str, Any], spot: _Spot) -> Iterator[Change]:
        for word, kind in _ANNOTATIONS.items():
            one, other = was.get(word), now.get(word)
            if frozen(one) != frozen(other):
                if word == "$id" and was.get("x-version") != now.get("x-version"):
                    continue
                change = self._at(spot, kind, was, now, old=one, new=other)
                yield Change(join(spot.pointer, word), kind, facts=change.facts)
        yield from self._rules(was.get("x-rules"), now.get("x-rules"), spot)
        for word in dict.fromkeys((*was, *now)):
            if (
                word.startswith("x-")
                and word not in _WALKED
                and frozen(was.get(word)) != frozen(now.get(word))
            ):
                at = join(spot.pointer, word)
                yield Change(at, "annotation", facts={"label": self.label(now, spot.answer, 1), "word": word})

    def _rules(self, old: Any, new: Any, spot: _Spot) -> Iterator[Change]:
        one, other = _by_id(old), _by_id(new)
        for name, (place, rule) in other.items():
            at = join(spot.pointer, "x-rules", place)
            if name not in one:
                level = Term(f"level.{rule.get('level', 'error')}")
                yield Change(at, "rule_added", facts={"rule": name, "message": _said(rule), "level": level})
                continue
            before = one[name][1]
            if (before.get("rule"), before.get("at")) != (rule.get("rule"), rule.get("at")):
                yield Change(at, "rule_changed", facts={"rule": name, "message": _said(rule)})
            levels = before.get("level", "error"), rule.get("level", "error")
            if levels[0] != levels[1]:
                named = {"old": Term(f"level.{levels[0]}"), "new": Term(f"level.{levels[1]}")}
                kind = "rule_raised" if levels[1] == "error" else "rule_lowered"
                yield Change(at, kind, facts={"rule": name, **named})
            if before.get("message") != rule.get("message"):
                yield Change(at, "rule_message", facts={"rule": name, "message": _said(rule)})
        for name, (place, rule) in one.items():
            if name not in other:
                at = join(spot.pointer, "x-rules", place)
                yield Change(at, "rule_removed", facts={"rule": name, "message": _said(rule)})


_DEFINED: Final = ("$defs", "definitions")
_DIALECTAL: Final = frozenset({"items", "prefixItems", "additionalItems", "dependencies", "$ref"})


def _definitions(schema: Any, word: str) -> str:
    return frozen(schema.get(word)) if isinstance(schema, dict) else ""


def _refers(schema: Any) -> bool:
    return isinstance(schema, dict) and "$ref" in schema


def _types(schema: Any) -> frozenset[str]:
    named = set(types_of(schema)) if isinstance(schema, dict) else set()
    return frozenset(named | ({"integer"} if "number" in named else set()))


def _named_types(schema: Any) -> list[Term]:
    if isinstance(schema, bool):
        return [Term("type.any" if schema else "type.none")]
    return [Term(f"type.{name}") for name in types_of(schema)] or [Term("type.any")]


def _changed(word: str, one: Any, other: Any) -> str:
    if one is None or one is False:
        return f"{word}_added"
    return f"{word}_removed" if other is None or other is False else f"{word}_changed"


def _listed(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    if "const" in schema:
        return {frozen(schema["const"]): schema["const"]}
    return (
        {frozen(value): value for value in schema["enum"]} if isinstance(schema.get("enum"), list) else None
    )


def _option(schema: Mapping[str, Any], value: Any) -> Any:
    named = schema.get("x-enum")
    shown = named.get(value) if isinstance(named, dict) and isinstance(value, str) else None
    return str(shown) if shown is not None else value


def _asserted(schema: Any) -> dict[str, Any]:
    if not isinstance(schema, dict):
        return {"const": schema}
    return {
        key: value for key, value in schema.items() if key not in _ANNOTATIONS and not key.startswith("x-")
    }


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _by_id(rules: Any) -> dict[str, tuple[int, dict[str, Any]]]:
    listed = enumerate(rules) if isinstance(rules, list) else ()
    return {str(rule.get("id", n)): (n, rule) for n, rule in listed if isinstance(rule, dict)}


def _said(rule: Mapping[str, Any]) -> str:
    return str(rule.get("message", ""))
