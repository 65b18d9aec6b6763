"""How much work a value costs: how often the parts of a schema are asked about one value and those inside it.

Decides by counting, before any document is judged. Sixty definitions that each hold the next one twice are
two to the sixtieth questions; a part that asks itself again about the same value never ends; one that asks
itself twice about a member doubles with every level. Never looks at a document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engine.registry.pointers import ABSENT, look

MOST_QUESTIONS: Final = 20_000
DEEPEST_VALUE: Final = 32
_MOST_WORK: Final = 1_500_000
_ONE: Final = ("not", "if", "then", "else")
_LIST: Final = ("allOf", "anyOf", "oneOf")
_OBJECT: Final = ("dependentSchemas", "dependencies")
_REFERENCES: Final = ("$ref", "$dynamicRef")
_ANY_MEMBER: Final = ("additionalProperties", "unevaluatedProperties", "propertyNames")
_ANY_ITEM: Final = ("items", "additionalItems", "contains", "unevaluatedItems")
Part = Mapping[str, Any]
Counts = Counter[int]


class _TooMuchError(Exception):
    """Counted further than anything may cost."""


def asks_too_much(parts: Sequence[tuple[str, Part]]) -> bool:
    """Whether a value of DEEPEST_VALUE levels can cost more than MOST_QUESTIONS along one path into it, or a
    part asks itself about the very same value.

    `parts` are all parts of the schema, itself first (schema_walk.subschemas). References to a pointer or an
    anchor of the same document are followed.
    """
    try:
        _Counting(parts).count()
    except _TooMuchError:
        return True
    return False


class _Counting:
    """Counts for one schema; parts are known by their place in the list."""

    def __init__(self, parts: Sequence[tuple[str, Part]]) -> None:
        self._parts = [part for _, part in parts]
        self._place = {id(part): place for place, part in enumerate(self._parts)}
        named = ((part.get(key), part) for part in self._parts for key in ("$anchor", "$dynamicAnchor"))
        self._anchors = {name: part for name, part in named if isinstance(name, str)}
        self._work = _MOST_WORK

    def count(self) -> None:
        """Raises _TooMuchError when some part costs too much."""
        closures = self._closures()
        below = [self._below(closure) for closure in closures]
        own = [sum(closure.values()) for closure in closures]
        costs = own
        for _ in range(DEEPEST_VALUE):
            self._spend(sum(len(counts) + 1 for ways in below for counts in ways))
            deeper = [
                mine + max((sum(costs[at] * times for at, times in way.items()) for way in ways), default=0)
                for mine, ways in zip(own, below, strict=True)
            ]
            if max(deeper) > MOST_QUESTIONS:
                raise _TooMuchError
            if deeper == costs:
                return
            costs = deeper

    def _spend(self, work: int) -> None:
        self._work -= work
        if self._work < 0:
            raise _TooMuchError

    def _closures(self) -> list[Counts]:
        """For each part, which parts are asked about the same value, and how often; itself once."""
        known: dict[int, Counts] = {}
        for start in range(len(self._parts)):
            # Depth first; the second value marks the way back, when all parts below are known.
            todo: list[tuple[int, bool]] = [(start, False)]
            open_: set[int] = set()
            while todo:
                at, is_back = todo.pop()
                if is_back:
                    open_.discard(at)
                    counts: Counts = Counter({at: 1})
                    for inner in self._asked(at):
                        self._spend(len(known[inner]))
                        counts.update(known[inner])
                    known[at] = counts
                    if sum(counts.values()) > MOST_QUESTIONS:
                        raise _TooMuchError
                elif at in open_:
                    raise _TooMuchError
                elif at not in known:
                    open_.add(at)
                    todo.append((at, True))
                    todo += [(inner, False) for inner in self._asked(at)]
        return [known[at] for at in range(len(self._parts))]

    def _asked(self, at: int) -> list[int]:
        """The parts that a part asks directly about the very value it is asked about."""
        part = self._parts[at]
        found: list[Any] = [part.get(key) for key in _ONE]
        for key in _LIST:
            found += part[key] if isinstance(part.get(key), list) else []
        for key in _OBJECT:
            found += part[key].values() if isinstance(part.get(key), dict) else []
        for key in _REFERENCES:
            named = part.get(key)
            if isinstance(named, str) and named.startswith("#"):
                inside = named[1:]
                by_pointer = not inside or inside.startswith("/")
                found.append(
                    look(self._parts[0], inside) if by_pointer else self._anchors.get(inside, ABSENT)
                )
        return list(self._places(found))

    def _below(self, closure: Counts) -> list[Counts]:
        """The ways one level down: for each name, and for items, which parts are asked there how often."""
        members: dict[str, Counts] = {}
        any_member: Counts = Counter()
        items: Counts = Counter()
        for at, times in closure.items():
            part = self._parts[at]
            named = part.get("properties")
            for name, one in named.items() if isinstance(named, dict) else ():
                for place in self._places([one]):
                    members.setdefault(name, Counter())[place] += times
            by_pattern = part.get("patternProperties")
            loose = [part.get(key) for key in _ANY_MEMBER]
            loose += by_pattern.values() if isinstance(by_pattern, dict) else []
            for place in self._places(loose):
                any_member[place] += times
            in_list = [part.get(key) for key in _ANY_ITEM]
            for key in ("prefixItems", "items"):
                in_list += part[key] if isinstance(part.get(key), list) else []
            for place in self._places(in_list):
                items[place] += times
        ways = [counts + any_member for counts in members.values()] or ([any_member] if any_member else [])
        self._spend(sum(len(way) for way in ways) + len(items))
        return [*ways, items] if items else ways

    def _places(self, found: Sequence[Any]) -> Iterator[int]:
        for one in found:
            place = self._place.get(id(one)) if isinstance(one, dict) else None
            if place is not None:
                yield place
