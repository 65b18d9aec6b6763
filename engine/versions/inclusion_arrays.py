"""Lists with items as demanded: found, or proved not to exist.

Decides by length and by which item answers which demand. Beyond the written positions all items are under the
same demands, so a list longer than those positions and the number of demands never needs to be tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from engine.versions.inclusion_atoms import Atom, Literal, Schema, frozen
from engine.versions.inclusion_work import NOTHING, Answer, Found, Nothing, Open, Work

LONGEST: Final = 2_000
Goal = frozenset[Literal]
Ask = Callable[[Goal], Answer]


@dataclass(frozen=True, slots=True)
class Demand:
    """Some item at `start` or later satisfies the literal; demands of one `group` need items of their own."""

    start: int
    literal: Literal
    group: int = -1


@dataclass(slots=True)
class Items:
    """What is asked of a list."""

    fewest: int = 0
    most: int | None = None
    at: dict[int, set[Literal]] = field(default_factory=dict)
    rest: list[tuple[int, Schema]] = field(default_factory=list)
    some: list[Demand] = field(default_factory=list)
    counted: list[tuple[Schema, int, int | None]] = field(default_factory=list)
    is_unique: bool = False
    has_twins: bool = False


def sort_items(literals: list[Literal]) -> Items:
    """The literals about a list, by what they ask."""
    asked = Items()
    for positive, (kind, args) in literals:
        if kind == "PREFIX":
            asked.at.setdefault(args[0], set()).add(args[1].literal(positive))
            asked.fewest = max(asked.fewest, 0 if positive else args[0] + 1)
        elif kind == "ITEMS" and positive:
            asked.rest.append((args[0], args[1]))
        elif kind == "ITEMS":
            asked.some.append(Demand(args[0], args[1].literal(False)))
        elif kind == "CONTAINS":
            asked.counted.append((args[0], args[1], args[2]))
        elif kind == "UNIQUE":
            asked.is_unique |= positive
            asked.has_twins |= not positive
        elif (kind, positive) in (("MINITEMS", True), ("MAXITEMS", False)):
            asked.fewest = max(asked.fewest, args[0] + (not positive))
        elif kind in ("MINITEMS", "MAXITEMS"):
            limit = args[0] - (not positive)
            asked.most = limit if asked.most is None else min(asked.most, limit)
    return asked


class ListSearch:
    """One question about a list."""

    def __init__(self, literals: list[Literal], ask: Ask, work: Work) -> None:
        self.asked, self.ask, self.work = sort_items(literals), ask, work
        self.reason = ""

    def answer(self) -> Answer:
        """A list as asked, or Nothing, or Open."""
        asked = self.asked
        if (asked.most is not None and asked.most < asked.fewest) or (asked.is_unique and asked.has_twins):
            return NOTHING
        head = max([0, *(place + 1 for place in asked.at), *(start for start, _ in asked.rest)])
        demands = len(asked.some) + sum(fewest for _, fewest, _ in asked.counted) + 2 * asked.has_twins
        longest = max(asked.fewest, head + demands)
        longest = longest if asked.most is None else min(longest, asked.most)
        if longest > LONGEST or demands > LONGEST:
            return Open("too_complex")
        for length in range(max(asked.fewest, 2 * asked.has_twins), longest + 1):
            for counts in self._counts(length):
                found = self._of_length(length, counts)
                if isinstance(found, Found):
                    return found
        return Open(self.reason) if self.reason else NOTHING

    def _counts(self, length: int) -> Iterator[tuple[int, ...]]:
        """For every counted schema, how many items satisfy it; only those with an upper bound are exact."""
        out: list[tuple[int, ...]] = [()]
        for _, fewest, most in self.asked.counted:
            upper = fewest if most is None else min(most, length)
            out = [(*one, number) for one in out for number in range(fewest, upper + 1)]
            self.work.step(len(out))
        yield from out

    def _of_length(self, length: int, counts: tuple[int, ...]) -> Answer:
        goals = [self._goal(place) for place in range(length)]
        self.work.step(1 + length)
        demands = list(self.asked.some)
        for group, ((counted, _, _), number) in enumerate(zip(self.asked.counted, counts, strict=True)):
            demands += [Demand(0, counted.literal(), group)] * number
        if self.asked.has_twins:
            return self._with_twins(goals, demands)
        return self._placed(goals, demands, 0, {})

    def _goal(self, place: int) -> Goal:
        every = {schema.literal() for start, schema in self.asked.rest if place >= start}
        return frozenset(every | self.asked.at.get(place, set()))

    def _with_twins(self, goals: list[Goal], demands: list[Demand]) -> Answer:
        """Two items are equal: one question for both, in every pair of places."""
        for second in range(1, len(goals)):
            for first in range(second):
                both = goals[first] | goals[second]
                paired = list(goals)
                paired[first] = paired[second] = both
                found = self._placed(paired, demands, 0, {}, (first, second))
                if isinstance(found, Found):
                    return found
        return NOTHING

    def _placed(
        self,
        goals: list[Goal],
        demands: list[Demand],
        number: int,
        used: dict[int, frozenset[int]],
        twins: tuple[int, int] | None = None,
    ) -> Answer:
        """Give every demand an item, in every way there is, and fill the rest."""
        self.work.step(1 + len(goals) // 8)
        if number == len(demands):
            return self._filled(goals, used, twins)
        demand = demands[number]
        # Demands that are alike are placed from left to right.
        after = -1
        if number and demands[number - 1] == demand and demand.group >= 0:
            after = max(used[demand.group])
        for place in range(max(demand.start, after + 1), len(goals)):
            together = twins if twins and place in twins else (place,)
            taken = used.get(demand.group, frozenset())
            if demand.group >= 0 and not taken.isdisjoint(together):
                continue
            more = list(goals)
            for one in together:
                more[one] = goals[one] | {demand.literal}
            if isinstance(self._ask(more[place]), Nothing):
                continue
            own = taken | {place}
            found = self._placed(more, demands, number + 1, {**used, demand.group: own}, twins)
            if isinstance(found, Found):
                return found
        return NOTHING

    def _filled(
        self, goals: list[Goal], used: dict[int, frozenset[int]], twins: tuple[int, int] | None
    ) -> Answer:
        goals = list(goals)
        for group, (counted, _, most) in enumerate(self.asked.counted):
            if most is None:
                continue
            if twins and not used.get(group, frozenset()).isdisjoint(twins):
                self.reason = self.reason or "too_complex"  # one demand, two equal items: counted otherwise
                return NOTHING
            for place in set(range(len(goals))) - used.get(group, frozenset()):
                goals[place] |= {counted.literal(False)}
        if self.asked.is_unique:
            return self._distinct(goals)
        out: list[Any] = []
        for goal in goals:
            found = self._ask(goal)
            if not isinstance(found, Found):
                return NOTHING
            out.append(found.value)
        return Found(out)

    def _ask(self, goal: Goal) -> Answer:
        found = self.ask(goal)
        if isinstance(found, Open):
            self.reason = self.reason or found.reason
        return found

    def _distinct(self, goals: list[Goal]) -> Answer:
        """All items different: for each as many values as items, or all there are; then a matching."""
        offers: list[dict[str, Any]] = []
        known: dict[Goal, dict[str, Any]] = {}
        for goal in goals:
            if goal not in known:
                found = self._several(goal, len(goals))
                if found is None:
                    return NOTHING
                known[goal] = found
            offers.append(known[goal])
        taken: dict[str, int] = {}
        for place in range(len(goals)):
            if not self._match(place, offers, taken, set()):
                return NOTHING
        values = {place: offers[place][key] for key, place in taken.items()}
        return Found([values[place] for place in range(len(goals))])

    def _several(self, goal: Goal, count: int) -> dict[str, Any] | None:
        """Up to `count` values, fewer only when there are no more; None when that is not known."""
        out: dict[str, Any] = {}
        while len(out) < count:
            left_out = Literal(False, Atom("IN", (frozenset(out),)))
            found = self._ask(goal | {left_out} if out else goal)
            if isinstance(found, Nothing):
                break
            if isinstance(found, Open):
                return None
            out[frozen(found.value)] = found.value
        return out

    def _match(
        self, place: int, offers: list[dict[str, Any]], taken: dict[str, int], tried: set[str]
    ) -> bool:
        self.work.step()
        for key in offers[place]:
            if key in tried:
                continue
            tried.add(key)
            if key not in taken or self._match(taken[key], offers, taken, tried):
                taken[key] = place
                return True
        return False
