"""One schema with its references followed and its `allOf` parts merged: what there is to draw at a place.

Decides which keywords of several parts stand at one place, and which parts may add members under a
condition. Bounded: a reference that leads back to itself is cut, and a schema that unfolds without end runs
out of steps. Never judges a document; what a merged schema loses (a second `pattern`), the engine still
asserts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from forms.references import NOWHERE, REFERENCES, References

PARTS: Final = "x-parts"
CUT: Final = "x-cut"
BASE: Final = "x-base"
_DEEPEST: Final = 60
_WORDS: Final = frozenset(
    {"title", "description", "default", "examples", "readOnly", "writeOnly", "deprecated", "$comment"}
)
Seen = tuple[str, ...]


class TooManySteps(Exception):
    """The schema unfolds into more than was allowed; the caller tries a shallower drawing or refuses."""


class Flattener:
    """Flattens parts of one schema. `recursion` is how often a reference may lead into itself on one path;
    `steps` how many parts may be looked at in all."""

    def __init__(self, root: Any, references: References, *, recursion: int = 1, steps: int = 30_000) -> None:
        self._references = references
        self._recursion = recursion
        self._allowed = self._steps = steps
        draft = str(root.get("$schema", "")) if isinstance(root, Mapping) else ""
        self._ignores_siblings = any(f"draft-0{n}" in draft for n in (3, 4, 6, 7))

    def renew(self) -> None:
        """Begin to count steps anew."""
        self._steps = self._allowed

    def flat(self, schema: Any, seen: Seen = (), base: str = "") -> tuple[dict[str, Any], Seen]:
        """The schema flattened, and the references met on the way to it.

        Conditional parts (`then`, `else`, `dependentSchemas`) are listed under PARTS, not merged; CUT says
        why a reference was not followed; BASE is the address that references below start from.
        """
        return self._flat(schema, seen, base, (), 0)

    def _flat(
        self, schema: Any, seen: Seen, base: str, chain: Seen, depth: int
    ) -> tuple[dict[str, Any], Seen]:
        self._steps -= 1
        if self._steps < 0:
            raise TooManySteps
        if not isinstance(schema, Mapping):
            return {}, seen
        if depth > _DEEPEST:
            return {CUT: "deep"}, seen
        base = self._references.base_of(schema, base)
        reference = next((schema[key] for key in REFERENCES if isinstance(schema.get(key), str)), None)
        out: dict[str, Any] = {
            key: value for key, value in schema.items() if key not in (*REFERENCES, "allOf", PARTS, BASE)
        }
        if base:
            out[BASE] = base
        conditional = _conditional(schema)
        if conditional:
            out[PARTS] = conditional
        if reference is not None:
            target, _, whole = self._references.follow(reference, base)
            if whole in chain or seen.count(whole) >= self._recursion:
                return {**_words_of(out), CUT: "recursive"}, seen
            if target is NOWHERE:
                return {**_words_of(out), CUT: "unresolved"}, seen
            inner = self._references.base_of(target, whole.partition("#")[0])
            if self._ignores_siblings:
                out = _words_of(out)
            named, seen = self._flat(target, (*seen, whole), inner, (*chain, whole), depth + 1)
            out.pop(BASE, None)
            if CUT in named:
                return {**named, **_words_of(out)}, seen
            _merge(out, named)
        for part in schema.get("allOf", ()) if isinstance(schema.get("allOf"), list) else ():
            merged, met = self._flat(part, seen, base, chain, depth + 1)
            if CUT in merged:
                if "properties" not in out and not out.get("type"):
                    out[CUT] = merged[CUT]
                continue
            _merge(out, merged)
            seen = (*seen, *(one for one in met if one not in seen))
        return out, seen


def _words_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What is said for people, which stands beside a reference in every draft."""
    return {key: value for key, value in schema.items() if key in _WORDS or key.startswith("x-")}


def _merge(out: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add a part to what is there: members and requirements join, of anything else the first stays."""
    for key, value in more.items():
        if key in ("properties", "patternProperties") and isinstance(value, Mapping):
            known = out.get(key)
            joined = dict(known) if isinstance(known, Mapping) else {}
            for name, part in value.items():
                joined[name] = _both(joined[name], part) if name in joined else part
            out[key] = joined
        elif key in ("required", PARTS) and isinstance(value, list):
            out[key] = [*out.get(key, ()), *value]
        elif key == "type" and "type" in out:
            out[key] = _common_type(out[key], value)
        else:
            out.setdefault(key, value)


def _both(left: Any, right: Any) -> Any:
    """A member that two parts describe: both hold, the first in front."""
    if not isinstance(left, Mapping) or not left:
        return right if left is not False else False
    if not isinstance(right, Mapping) or not right or left == right:
        return left if right is not False else False
    return {"allOf": [left, right]}


def _common_type(left: Any, right: Any) -> Any:
    first = left if isinstance(left, list) else [left]
    second = right if isinstance(right, list) else [right]
    both = [kind for kind in first if kind in second or (kind == "integer" and "number" in second)]
    both += [kind for kind in second if kind == "integer" and "number" in first and kind not in both]
    return both[0] if len(both) == 1 else both or left


def _conditional(schema: Mapping[str, Any]) -> list[Any]:
    """The parts that may add members to this one when some condition holds."""
    found = [schema[word] for word in ("then", "else") if isinstance(schema.get(word), Mapping)]
    for word in ("dependentSchemas", "dependencies"):
        parts = schema.get(word)
        if isinstance(parts, Mapping):
            found += [part for part in parts.values() if isinstance(part, Mapping)]
    given = schema.get(PARTS)
    return [*(given if isinstance(given, list) else ()), *found]
