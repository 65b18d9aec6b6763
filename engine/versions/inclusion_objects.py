"""Objects with members as demanded: found, or proved not to exist.

Decides by names: every name that is written somewhere stands for itself; all others fall into cells by the
patterns they match. A cell is empty, or gives a fresh name. Members' values are questions to the search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from engine.registry.patterns import matches
from engine.versions.inclusion_atoms import Atom, Literal, Schema, frozen
from engine.versions.inclusion_truth import holds
from engine.versions.inclusion_work import NOTHING, Answer, Found, Nothing, Open, Work

MOST_PATTERNS: Final = 6
MOST_FRESH: Final = 200
Goal = frozenset[Literal]
Ask = Callable[[Goal], Answer]


@dataclass(frozen=True, slots=True)
class Every:
    """What holds for the value of every member in a class: `pattern`, or outside `names` and `patterns`."""

    pattern: str | None
    names: frozenset[str]
    patterns: tuple[str, ...]
    schema: Schema

    def covers(self, name: str) -> bool:
        """Whether the class has this name."""
        if self.pattern is not None:
            return matches(self.pattern, name)
        return name not in self.names and not any(matches(one, name) for one in self.patterns)

    def covers_cell(self, cell: frozenset[str]) -> bool:
        """Whether the class has the unwritten names that match just the patterns of `cell`."""
        if self.pattern is not None:
            return self.pattern in cell
        return cell.isdisjoint(self.patterns)


@dataclass(slots=True)
class Members:
    """What is asked of an object."""

    fewest: int = 0
    most: int | None = None
    needed: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    on: dict[str, set[Literal]] = field(default_factory=dict)
    every: list[Every] = field(default_factory=list)
    some: list[Every] = field(default_factory=list)
    names: list[Literal] = field(default_factory=list)
    other_names: list[Literal] = field(default_factory=list)
    written: set[str] = field(default_factory=set)


def sort_members(literals: list[Literal]) -> Members:
    """The literals about an object, by what they ask."""
    asked = Members()
    for positive, (kind, args) in literals:
        if kind == "HAS":
            (asked.needed if positive else asked.absent).add(args[0])
        elif kind == "PROP":
            asked.on.setdefault(args[0], set()).add(args[1].literal(positive))
            if not positive:
                asked.needed.add(args[0])
        elif kind == "PATPROP":
            (asked.every if positive else asked.some).append(Every(args[0], frozenset(), (), args[1]))
        elif kind == "ADDL":
            (asked.every if positive else asked.some).append(
                Every(None, frozenset(args[0]), args[1], args[2])
            )
            asked.written |= set(args[0])
        elif kind == "NAMES":
            (asked.names if positive else asked.other_names).append(args[0].literal(positive))
        elif (kind, positive) in (("MINPROPS", True), ("MAXPROPS", False)):
            asked.fewest = max(asked.fewest, args[0] + (not positive))
        elif kind in ("MINPROPS", "MAXPROPS"):
            limit = args[0] - (not positive)
            asked.most = limit if asked.most is None else min(asked.most, limit)
    asked.written |= asked.needed | asked.absent | set(asked.on)
    return asked


class ObjectSearch:
    """One question about an object."""

    def __init__(self, literals: list[Literal], ask: Ask, work: Work) -> None:
        self.asked, self.ask, self.work = sort_members(literals), ask, work
        patterns = {one.pattern for one in (*self.asked.every, *self.asked.some) if one.pattern is not None}
        patterns |= {p for one in (*self.asked.every, *self.asked.some) for p in one.patterns}
        self.patterns = tuple(sorted(patterns))
        self.reason = ""

    def _missed(self, reason: str) -> None:
        """Remember why a way was left open: without it Nothing would be no proof."""
        self.reason = self.reason or reason

    def answer(self) -> Answer:
        """An object as asked, or Nothing, or Open."""
        asked = self.asked
        if asked.needed & asked.absent or (asked.most is not None and asked.most < asked.fewest):
            return NOTHING
        # Members that the difference speaks about come first: most alternatives end there.
        order = sorted(asked.needed, key=lambda name: all(one.holds for one in asked.on.get(name, ())))
        members: dict[str, Any] = {}
        left_open: Open | None = None
        for name in order:
            found = self._value(name, frozenset())
            if isinstance(found, Nothing):
                return found
            if isinstance(found, Open):
                left_open = left_open or found
            else:
                members[name] = found.value
        if left_open is not None:
            return left_open
        found = self._with_some(members, [*asked.some, *(None for _ in asked.other_names)], {})
        if isinstance(found, Nothing) and self.reason:
            return Open(self.reason)
        return found

    def _value(self, name: str, more: Goal) -> Answer:
        """A value for the member of that name."""
        if name in self.asked.absent or not self._is_allowed(name):
            return NOTHING
        goal = {*self.asked.on.get(name, ()), *more}
        goal |= {one.schema.literal() for one in self.asked.every if one.covers(name)}
        return self.ask(frozenset(goal))

    def _is_allowed(self, name: str) -> bool:
        return all(holds(one, name, self.work) for one in self.asked.names)

    def _with_some(
        self,
        members: dict[str, Any],
        open_: list[Every | None],
        fresh: dict[str, tuple[Goal, frozenset[str]]],
    ) -> Answer:
        """Give every class that must have a certain member one, in every way there is."""
        self.work.step()
        if not open_:
            return self._counted(members, fresh)
        wanted, rest = open_[0], open_[1:]
        denied = self.asked.other_names[len(rest)] if wanted is None else None
        last: Answer = NOTHING
        for name in sorted(self.asked.written | set(members)):
            if name in fresh or not self._may_be(name, wanted, denied):
                continue
            if self.asked.most is not None and name not in members and len(members) >= self.asked.most:
                continue
            more = frozenset() if wanted is None else frozenset({wanted.schema.literal(False)})
            found = self._value(name, more)
            if isinstance(found, Found):
                # A later demand on the same member is asked together with this one.
                on = self.asked.on.setdefault(name, set())
                added = more - on
                on |= added
                last = self._with_some({**members, name: found.value}, rest, fresh)
                on -= added
                if isinstance(last, Found):
                    return last
            elif isinstance(found, Open):
                self._missed(found.reason)
        for name, value, goal, cell in self._fresh(members, fresh, wanted, denied):
            taken = {**fresh, name: (goal, cell)}
            last = self._with_some({**members, name: value}, rest, taken)
            if isinstance(last, Found):
                return last
        return last if isinstance(last, Open) else NOTHING

    def _may_be(self, name: str, wanted: Every | None, denied: Literal | None) -> bool:
        if denied is not None:
            return holds(denied, name, self.work)
        return wanted is not None and wanted.covers(name)

    def _fresh(
        self,
        members: dict[str, Any],
        fresh: dict[str, tuple[Goal, frozenset[str]]],
        wanted: Every | None,
        denied: Literal | None,
    ) -> Iterator[tuple[str, Any, Goal, frozenset[str]]]:
        """Names that stand nowhere, one from every cell, with a value; and those taken before."""
        for name, (goal, cell) in fresh.items():
            if denied is None and wanted is not None and wanted.covers_cell(cell):
                both = goal | {wanted.schema.literal(False)}
                found = self.ask(both)
                if isinstance(found, Found):
                    yield name, found.value, both, cell
                elif isinstance(found, Open):
                    self._missed(found.reason)
        if self.asked.most is not None and len(members) >= self.asked.most:
            # Two demands may meet in one fresh name that neither was tried with.
            if fresh:
                self._missed("too_complex")
            return
        for cell in self._cells():
            if wanted is not None and not wanted.covers_cell(cell):
                continue
            goal = frozenset(one.schema.literal() for one in self.asked.every if one.covers_cell(cell))
            if wanted is not None:
                goal |= {wanted.schema.literal(False)}
            value = self.ask(goal)
            if isinstance(value, Nothing):
                continue
            named = self._name(cell, set(members), denied)
            if isinstance(named, Nothing):
                continue
            if isinstance(value, Open):
                self._missed(value.reason)
            elif isinstance(named, Open):
                self._missed(named.reason)
            else:
                yield named.value, value.value, goal, cell

    def _cells(self) -> Iterator[frozenset[str]]:
        if len(self.patterns) > MOST_PATTERNS:
            self._missed("too_complex")
            return
        for bits in product((False, True), repeat=len(self.patterns)):
            yield frozenset(p for p, bit in zip(self.patterns, bits, strict=True) if bit)

    def _name(self, cell: frozenset[str], taken: set[str], denied: Literal | None) -> Answer:
        """A name in a cell that is written nowhere and not taken."""
        goal = {Literal(one in cell, Atom("PATTERN", (one,))) for one in self.patterns}
        goal |= {Literal(True, Atom("TYPE", ("string",))), *self.asked.names}
        avoided = frozenset(frozen(name) for name in taken | self.asked.written)
        if avoided:
            goal.add(Literal(False, Atom("IN", (avoided,))))
        if denied is not None:
            goal.add(denied)
        return self.ask(frozenset(goal))

    def _counted(self, members: dict[str, Any], fresh: dict[str, tuple[Goal, frozenset[str]]]) -> Answer:
        """Not too many members, and enough of them."""
        asked = self.asked
        if asked.most is not None and len(members) > asked.most:
            if len(fresh) > 1:
                self._missed("too_complex")
            return NOTHING
        out = dict(members)
        for name in sorted(asked.written - asked.absent - set(out)):
            if len(out) >= asked.fewest:
                break
            found = self._value(name, frozenset())
            if isinstance(found, Found):
                out[name] = found.value
            elif isinstance(found, Open):
                self._missed(found.reason)
        while len(out) < asked.fewest:
            if len(out) > MOST_FRESH:
                return Open("too_complex")
            found_fresh = next(self._fresh(out, {}, None, None), None)
            if found_fresh is None:
                return NOTHING
            out[found_fresh[0]] = found_fresh[1]
        return Found(out)
