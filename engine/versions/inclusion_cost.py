"""What it would cost a validation library to judge a value: libraries have no budget of their own.

Decides by counting every visit of a subschema to a value, shared definitions each time they are used, as a
library would walk them. Never judges the value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.registry.patterns import matches
from engine.registry.pointers import ABSENT
from engine.registry.schema_walk import subschemas
from engine.versions.inclusion_atoms import Home
from engine.versions.inclusion_work import GivingUp

MOST_VISITS: Final = 40_000
_LISTS: Final = ("allOf", "anyOf", "oneOf")
_SINGLE: Final = ("not", "if", "then", "else")


class Cost:
    """The visits of one schema file."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def check_ends(self) -> None:
        """Raises GivingUp `recursive` when a subschema refers back to itself on the very same value."""
        done: set[int] = set()
        for _, part in subschemas(self.home.root):
            self._follow(part, done, [])

    def _follow(self, raw: Any, done: set[int], path: list[int]) -> None:
        if not isinstance(raw, dict) or id(raw) in done:
            return
        if id(raw) in path:
            raise GivingUp("recursive")
        path.append(id(raw))
        for part in self._in_place(self.home.words(raw)):
            self._follow(part, done, path)
        path.pop()
        done.add(id(raw))

    def check(self, value: Any) -> None:
        """Raises GivingUp: `too_complex` when judging would take too many visits, `recursive` when no end."""
        known: dict[tuple[int, int], int] = {}
        if self._visits(self.home.root, value, known, set()) > MOST_VISITS:
            raise GivingUp("too_complex")

    def _visits(
        self, raw: Any, value: Any, known: dict[tuple[int, int], int], path: set[tuple[int, int]]
    ) -> int:
        if not isinstance(raw, dict):
            return 1
        here = id(raw), id(value)
        if here in known:
            return known[here]
        if here in path:
            raise GivingUp("recursive")
        if len(known) > MOST_VISITS:
            raise GivingUp("too_complex")
        path.add(here)
        words = self.home.words(raw)
        inside = sum(self._visits(part, value, known, path) for part in self._in_place(words))
        # What was not evaluated is found by judging the parts in place once more.
        inside *= 1 + 2 * sum(word in words for word in ("unevaluatedProperties", "unevaluatedItems"))
        below = sum(self._visits(part, child, known, path) for part, child in _children(words, value))
        path.discard(here)
        known[here] = 1 + inside + below + len(words.get("enum", ())) // 16
        return known[here]

    def _in_place(self, words: Mapping[str, Any]) -> Iterator[Any]:
        found = self.home.target(words) if {"$ref", "$dynamicRef", "$recursiveRef"} & words.keys() else ABSENT
        if found is not ABSENT:
            yield found
        for word in _LISTS:
            yield from words.get(word, ())
        for word in _SINGLE:
            if word in words:
                yield words[word]
        yield from words.get("dependentSchemas", {}).values()


def _children(words: Mapping[str, Any], value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        known, patterns = words.get("properties", {}), words.get("patternProperties", {})
        for name, part in value.items():
            if name in known:
                yield known[name], part
            yield from ((schema, part) for pattern, schema in patterns.items() if matches(pattern, name))
            for word in ("additionalProperties", "unevaluatedProperties"):
                if word in words and name not in known:
                    yield words[word], part
            if "propertyNames" in words:
                yield words["propertyNames"], name
    elif isinstance(value, list):
        head = words.get("prefixItems", [])
        yield from zip(head, value, strict=False)
        for word in ("items", "contains", "unevaluatedItems"):
            if word in words:
                yield from ((words[word], item) for item in value)
