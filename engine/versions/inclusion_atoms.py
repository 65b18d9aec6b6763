"""A schema as a conjunction of atoms, each saying one thing about one value.

Decides what a keyword means, beside which others, and when two subschemas are the same whatever they are
called, wherever their definitions stand. Never decides whether a value holds (inclusion_truth) or exists.

An atom is `(kind, args)`. Kinds about one type: MIN MAX MULT · MINLEN MAXLEN PATTERN FORMAT · MINITEMS
MAXITEMS UNIQUE PREFIX ITEMS CONTAINS · MINPROPS MAXPROPS HAS PROP PATPROP ADDL NAMES. About any: TYPE IN
FALSE SCHEMA ANYOF ONEOF NOT IF DEPREQ DEPS UNEVALP UNEVALI OPAQUE (a thing not judged here, with its reason).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from engine.registry.pointers import ABSENT, look
from engine.registry.schema_walk import subschemas
from engine.versions.inclusion_dialect import dialect_of, modern
from engine.versions.inclusion_work import DEEPEST, GivingUp, Work

MOST_WRITTEN_OUT: Final = 12_000
TYPES: Final = ("object", "string", "number", "array", "boolean", "null")


class Atom(NamedTuple):
    """One assertion. Schemas among the arguments compare by their content."""

    kind: str
    args: tuple[Any, ...] = ()


class Literal(NamedTuple):
    """An atom or what it denies."""

    holds: bool
    atom: Atom


FALSE: Final = Atom("FALSE")


class Schema:
    """A subschema of one of the files, known by the digest of what it asserts."""

    __slots__ = ("home", "key", "raw")

    def __init__(self, key: str, raw: Any, home: Home) -> None:
        self.key, self.raw, self.home = key, raw, home

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self.key == other.key

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """What it asserts, all of which must hold."""
        return self.home.atoms_of(self)

    def literal(self, holds: bool = True) -> Literal:
        """That a value is valid under it, or is not."""
        return Literal(holds, Atom("SCHEMA", (self,)))


def frozen(value: Any) -> str:
    """A JSON value as text, equal for values that JSON Schema calls equal (1 and 1.0, key order)."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value


class Home:
    """One schema file: resolves its references and reads its subschemas into atoms, each once."""

    def __init__(self, root: Any, work: Work) -> None:
        dialect = dialect_of(root)
        if dialect is None:
            raise GivingUp("dialect")
        self.root, self.dialect, self.work = root, dialect, work
        self._digests: dict[int, str] = {}
        self._on_path: dict[int, int] = {}
        self._atoms: dict[str, tuple[Atom, ...]] = {}
        self._made: dict[int, Any] = {}
        self._written_out = 0
        self._anchors: dict[str, Any] | None = None

    def schema(self, raw: Any) -> Schema:
        """The subschema `raw` of this file."""
        for _ in range(DEEPEST):
            words = self.words(raw) if isinstance(raw, dict) else {}
            if words.keys() != {"$ref"} or self.target(words) is ABSENT:
                return Schema(self._digest(raw)[0], raw, self)
            raw = self.target(words)
        raise GivingUp("recursive")

    def made(self, raw: Any) -> Schema:
        """A schema that does not stand in the file, written in keywords of 2020-12."""
        self._made[id(raw)] = raw
        return self.schema(raw)

    def any_of(self, parts: tuple[Schema, ...]) -> Schema:
        """The schema that holds where one of `parts` does."""
        if len(parts) == 1:
            return parts[0]
        sorted_parts = tuple(sorted(set(parts), key=_by_key))
        key = "a" + _hash(" ".join(one.key for one in sorted_parts))
        self._atoms[key] = (Atom("ANYOF", sorted_parts),)
        return Schema(key, None, self)

    def target(self, raw: Mapping[str, Any]) -> Any:
        """What the reference of `raw` names, or ABSENT when it lies outside or cannot be told here."""
        named = raw.get("$ref", raw.get("$dynamicRef", raw.get("$recursiveRef")))
        if named == "#":
            return self.root
        if not isinstance(named, str) or not named.startswith("#") or "%" in named:
            return ABSENT
        found = look(self.root, named[1:]) if named.startswith("#/") else self._named(named[1:])
        return found if isinstance(found, dict | bool) else ABSENT

    def _named(self, name: str) -> Any:
        """The subschema with that `$anchor`; in one file a dynamic anchor can only mean the same place."""
        if self._anchors is None:
            self._anchors = {
                part[word]: part
                for _, part in subschemas(self.root)
                for word in ("$anchor", "$dynamicAnchor")
                if isinstance(part.get(word), str)
            }
        return self._anchors.get(name, ABSENT)

    def words(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """What `raw` asserts, by the keywords of 2020-12."""
        return raw if id(raw) in self._made else modern(raw, self.dialect)

    def _digest(self, raw: Any) -> tuple[str, int]:
        """The digest of what `raw` asserts, and the highest place on the path that it refers back to."""
        self.work.step()
        if isinstance(raw, bool) or raw == {}:
            return ("true" if raw is not False else "false"), DEEPEST
        if not isinstance(raw, dict):
            return "x" + _hash(repr(raw)), DEEPEST
        known = self._digests.get(id(raw))
        if known is not None:
            return known, DEEPEST
        depth = len(self._on_path)
        self._written_out += 1
        if id(raw) in self._on_path:
            place = self._on_path[id(raw)]
            return f"up{depth - place}", place
        if depth >= DEEPEST:
            raise GivingUp("too_complex")
        if raw is not self.root and "$id" in raw:
            raise GivingUp("remote_ref")
        self._on_path[id(raw)] = depth
        key, back = self._digest_of_keywords(self.words(raw))
        del self._on_path[id(raw)]
        if back >= depth:
            self._digests[id(raw)] = key
        return key, back

    def _digest_of_keywords(self, words: Mapping[str, Any]) -> tuple[str, int]:
        highest = DEEPEST

        def of(raw: Any) -> str:
            nonlocal highest
            key, back = self._digest(raw)
            highest = min(highest, back)
            return key

        parts: dict[str, Any] = {}
        for word, value in words.items():
            if word in ("$ref", "$dynamicRef", "$recursiveRef"):
                found = self.target(words)
                if found is ABSENT:
                    parts["$ref"] = [str(value), str(id(self))]
                else:
                    # Definitions woven into each other are not written out for ever: then by their place.
                    is_woven = self._written_out > MOST_WRITTEN_OUT and isinstance(found, dict)
                    parts["$ref"] = f"r{id(self)}.{id(found)}" if is_woven else of(found)
            elif word in _ONE:
                parts[word] = of(value)
            elif word in _LIST and isinstance(value, list):
                parts[word] = [of(part) for part in value]
                if word != "prefixItems":
                    parts[word].sort()
            elif word in _OBJECT and isinstance(value, dict):
                parts[word] = {name: of(part) for name, part in value.items()}
            elif word in ("required", "enum", "type") and isinstance(value, list):
                parts[word] = sorted({frozen(part) for part in value})
            elif word == "type":
                parts[word] = [frozen(value)]
            else:
                parts[word] = frozen(value)
        if set(parts) == {"$ref"} and isinstance(parts["$ref"], str):
            return parts["$ref"], highest
        if not parts:
            return "true", highest
        return "s" + _hash(json.dumps(parts, sort_keys=True)), highest

    def atoms_of(self, schema: Schema) -> tuple[Atom, ...]:
        """The atoms of a subschema, in an order that puts the plain ones first."""
        found = self._atoms.get(schema.key)
        if found is None:
            if isinstance(schema.raw, bool):
                found = () if schema.raw else (FALSE,)
            else:
                words = self.words(schema.raw)
                self.work.step(1 + len(words))
                found = tuple(dict.fromkeys(_read(words, self)))
            self._atoms[schema.key] = found
        return found


_ONE: Final = frozenset({
    "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then",
    "unevaluatedItems", "unevaluatedProperties",
})  # fmt: skip
_LIST: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_OBJECT: Final = frozenset({"dependentSchemas", "patternProperties", "properties"})
_COUNTS: Final = {
    "minLength": "MINLEN", "maxLength": "MAXLEN", "minItems": "MINITEMS", "maxItems": "MAXITEMS",
    "minProperties": "MINPROPS", "maxProperties": "MAXPROPS",
}  # fmt: skip


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _read(words: Mapping[str, Any], home: Home) -> list[Atom]:
    out: list[Atom] = []
    if "type" in words:
        named = words["type"]
        out.append(Atom("TYPE", tuple(sorted(set(named if isinstance(named, list) else [named])))))
    for word, value in (("enum", words.get("enum")), ("const", [words.get("const")])):
        if word in words:
            out.append(Atom("IN", (frozenset(frozen(part) for part in value or []),)))
    for word, kind, strict in (
        ("minimum", "MIN", False), ("exclusiveMinimum", "MIN", True),
        ("maximum", "MAX", False), ("exclusiveMaximum", "MAX", True),
    ):  # fmt: skip
        if word in words:
            out.append(Atom(kind, (words[word], strict)))
    if "multipleOf" in words:
        out.append(Atom("MULT", (words["multipleOf"],)))
    out += [Atom(kind, (int(words[word]),)) for word, kind in _COUNTS.items() if word in words]
    if "pattern" in words:
        out.append(Atom("PATTERN", (words["pattern"],)))
    if "format" in words:
        out.append(Atom("FORMAT", (words["format"],)))
    if words.get("uniqueItems"):
        out.append(Atom("UNIQUE"))
    out += [Atom("HAS", (name,)) for name in words.get("required", ())]
    out += _about_members(words, home) + _about_items(words, home) + _combined(words, home)
    return out


def _about_members(words: Mapping[str, Any], home: Home) -> list[Atom]:
    known, patterns = words.get("properties", {}), words.get("patternProperties", {})
    out = [Atom("PROP", (name, home.schema(part))) for name, part in known.items()]
    out += [Atom("PATPROP", (pattern, home.schema(part))) for pattern, part in patterns.items()]
    if "additionalProperties" in words:
        rest = home.schema(words["additionalProperties"])
        out.append(Atom("ADDL", (tuple(sorted(known)), tuple(sorted(patterns)), rest)))
    if "propertyNames" in words:
        out.append(Atom("NAMES", (home.schema(words["propertyNames"]),)))
    for name, others in words.get("dependentRequired", {}).items():
        out += [Atom("DEPREQ", (name, other)) for other in others]
    out += [
        Atom("DEPS", (name, home.schema(part))) for name, part in words.get("dependentSchemas", {}).items()
    ]
    return out


def _about_items(words: Mapping[str, Any], home: Home) -> list[Atom]:
    head = words.get("prefixItems", [])
    out = [Atom("PREFIX", (place, home.schema(part))) for place, part in enumerate(head)]
    if "items" in words:
        out.append(Atom("ITEMS", (len(head), home.schema(words["items"]))))
    if "contains" in words:
        fewest, most = int(words.get("minContains", 1)), words.get("maxContains")
        counted = home.schema(words["contains"])
        out.append(Atom("CONTAINS", (counted, fewest, None if most is None else int(most))))
    return out


def _combined(words: Mapping[str, Any], home: Home) -> list[Atom]:
    out: list[Atom] = []
    if any(word in words for word in ("$ref", "$dynamicRef", "$recursiveRef")):
        found = home.target(words)
        if found is ABSENT:
            reason = "remote_ref" if "$ref" in words else "dynamic_ref"
            out.append(Atom("OPAQUE", (reason, frozen([words.get("$ref"), id(home)]))))
        else:
            out.append(Atom("SCHEMA", (home.schema(found),)))
    out += [Atom("SCHEMA", (home.schema(part),)) for part in words.get("allOf", ())]
    for word, kind in (("anyOf", "ANYOF"), ("oneOf", "ONEOF")):
        if word in words:
            out.append(Atom(kind, tuple(sorted((home.schema(p) for p in words[word]), key=_by_key))))
    if "not" in words:
        out.append(Atom("NOT", (home.schema(words["not"]),)))
    if "if" in words:
        three = (home.schema(words.get(word, True)) for word in ("if", "then", "else"))
        out.append(Atom("IF", tuple(three)))
    for word, kind in (("unevaluatedProperties", "UNEVALP"), ("unevaluatedItems", "UNEVALI")):
        if word in words:
            bare = {key: value for key, value in words.items() if key != word}
            out.append(Atom(kind, (home.made(bare), home.schema(words[word]))))
    return out


def _by_key(schema: Schema) -> str:
    return schema.key
