"""Texts that satisfy patterns, deny others and have a length between bounds: found, or proved not to exist.

Decides by walking all automata at once, shortest texts first. Formats are bounded from outside by what they
surely demand and from inside by what they surely accept. Never claims more than was walked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Final

from engine.registry import formats
from engine.versions.inclusion_regex import LAST, Automaton, Ranges, automaton_of
from engine.versions.inclusion_work import NOTHING, Answer, Found, Open, Work

MOST_TRIED: Final = 60
KEPT: Final = 3
LONGEST: Final = 100_000
State = tuple[int, ...]
_DAY: Final = "[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_CLOCK: Final = (
    "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
# What is surely accepted: the days 1 to 28 of every month. Document ids carry a check digit: nothing is sure.
_SURELY: Final = {"date": f"^{_DAY}$", "date-time": f"^{_DAY}{_CLOCK}$"}
_AT_MOST: Final = {
    "date": "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
    "date-time": f"^{formats.DATE_TIME}$",
    "doc_id": "^LTCI-[A-Z]{3}-[0-9]{6}-[0-9]{8}-[0-9]{6}-[0-9]$",
}
_KNOWN_TEXTS: Final = (
    "示例", "a", "1", "", "2026-03-05", "2026-03-05T09:42:10+08:00", "2028-02-29", "2026-02-30",
    "LTCI-ENT-310199-20260305-000123-5", "LTCI-ENT-310199-20260305-000123-0",
)  # fmt: skip
_LIKED: Final = "a1A甲b2B0_-. "


@dataclass(slots=True)
class Texts:
    """What is asked of a text. `most` None is without bound; `is_known` False when a part was left out."""

    fewest: int = 0
    most: int | None = None
    wanted: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    other_formats: list[str] = field(default_factory=list)


def find_text(asked: Texts, accepts: Callable[[str], bool], work: Work) -> Answer:
    """A text as asked that `accepts` too. `accepts` knows everything; `asked` is what can be walked."""
    if asked.most is not None and asked.fewest > asked.most:
        return NOTHING
    if set(asked.formats) & set(asked.other_formats) or set(asked.wanted) & set(asked.denied):
        return NOTHING
    if any(name not in formats.FORMATS for name in asked.other_formats):
        return NOTHING
    if asked.fewest > LONGEST:
        return Open("too_complex")
    machines = _machines(asked)
    for text in _KNOWN_TEXTS:
        if accepts(text):
            return Found(text)
    if not machines:
        return _plain(asked, accepts)
    walk = _Walk(machines, work)
    tried = 0
    for text in walk.texts(asked.fewest, asked.most):
        if accepts(text):
            return Found(text)
        tried += 1
        if tried >= MOST_TRIED:
            return Open("pattern")
    # No text at all passes the automata, or every one that does was tried.
    return Open("pattern") if tried and walk.passed_over() else NOTHING


def _plain(asked: Texts, accepts: Callable[[str], bool]) -> Answer:
    if asked.most == 0:
        return Found("") if accepts("") else NOTHING
    longest = asked.fewest + 80 if asked.most is None else min(asked.most, asked.fewest + 80)
    for length in range(asked.fewest, longest + 1):
        for char in _LIKED:
            if accepts(char * length):
                return Found(char * length)
    return Open("pattern")


def _machines(asked: Texts) -> list[tuple[Automaton, bool]]:
    """The automata to walk, each with whether it must accept; what cannot be told is left open."""
    wanted = [*asked.wanted, *(_outer(name) for name in asked.formats if name in formats.FORMATS)]
    denied = list(asked.denied)
    for name in asked.other_formats:
        sure = _SURELY.get(name) or formats.PATTERNS.get(name)
        if sure is not None:
            denied.append(sure)
    out: list[tuple[Automaton, bool]] = []
    for patterns, must in ((wanted, True), (denied, False)):
        for pattern in dict.fromkeys(patterns):
            machine = automaton_of(pattern)
            if machine is not None:
                out.append((machine, must))
    return out


def _outer(name: str) -> str:
    return _AT_MOST.get(name) or formats.PATTERNS[name]


class _One:
    """One automaton, its sets of states numbered as they are met."""

    def __init__(self, machine: Automaton, must: bool, classes: Sequence[int], work: Work) -> None:
        self.machine, self.must, self.classes, self.work = machine, must, classes, work
        self.sets: list[frozenset[int]] = []
        self.numbers: dict[frozenset[int], int] = {}
        self.moves: dict[tuple[int, int], int] = {}
        self.ends: dict[tuple[int, bool], bool] = {}
        self.again = machine.closure(frozenset({machine.start}), first=False, last=False)
        self.first = self._number(machine.closure(frozenset({machine.start}), first=True, last=False))

    def _number(self, states: frozenset[int]) -> int:
        if self.machine.end in states:
            states = frozenset({self.machine.end})
        found = self.numbers.get(states)
        if found is None:
            found = self.numbers[states] = len(self.sets)
            self.sets.append(states)
            self.work.step(1 + len(states) // 8)
        return found

    def move(self, number: int, place: int) -> int:
        known = self.moves.get((number, place))
        if known is not None:
            return known
        states = self.sets[number]
        if self.machine.end in states:
            self.moves[number, place] = number
            return number
        char = self.classes[place]
        self.work.step(1 + len(states) // 8)
        targets = {
            target for state in states for ranges, target in self.machine.steps[state] if _is_in(ranges, char)
        }
        reached = self.machine.closure(frozenset(targets), first=False, last=False) | self.again
        self.moves[number, place] = found = self._number(reached)
        return found

    def is_good(self, number: int, is_empty: bool) -> bool:
        known = self.ends.get((number, is_empty))
        if known is None:
            at_end = self.machine.closure(self.sets[number], first=is_empty, last=True)
            known = self.ends[number, is_empty] = (self.machine.end in at_end) is self.must
        return known

    def is_lost(self, number: int) -> bool:
        """True when no longer text can be good: a denied pattern was found already."""
        return not self.must and self.machine.end in self.sets[number]


class _Walk:
    """All automata side by side, over one character of every class that they can tell apart."""

    def __init__(self, machines: Sequence[tuple[Automaton, bool]], work: Work) -> None:
        self.chars, self.has_more = _classes([one for one, _ in machines], work)
        self.work = work
        self.sources: dict[State, set[State]] = {}
        self.good: set[State] = set()
        self.cut: set[State] = set()
        places = [ord(options[0]) for options in self.chars]
        self.all = [_One(machine, must, places, work) for machine, must in machines]

    def texts(self, fewest: int, most: int | None) -> Iterator[str]:
        """Good texts, shorter first, a few for every way to one."""
        level: dict[State, list[str]] = {tuple(one.first for one in self.all): [""]}
        seen: set[State] = set()
        for length in count():
            if not level:
                return
            if length >= fewest:
                for state, texts in level.items():
                    if self._is_good(state, length == 0):
                        self.good.add(state)
                        yield from texts
                if length > 0:  # the empty text alone is at its beginning and its end at once
                    self.cut |= seen & level.keys()
                    level = {state: texts for state, texts in level.items() if state not in seen}
                    seen |= level.keys()
            if length == most:
                return
            level = self._next(level)

    def passed_over(self) -> bool:
        """Whether some good text may not have been given: something was cut on a way that ends well."""
        alive, waiting = set(self.good), list(self.good)
        while waiting:
            for source in self.sources.get(waiting.pop(), ()):
                if source not in alive:
                    alive.add(source)
                    waiting.append(source)
        return not alive.isdisjoint(self.cut)

    def _is_good(self, state: State, is_empty: bool) -> bool:
        return all(one.is_good(number, is_empty) for one, number in zip(self.all, state, strict=True))

    def _next(self, level: dict[State, list[str]]) -> dict[State, list[str]]:
        out: dict[State, list[str]] = {}
        for state, texts in level.items():
            for place, options in enumerate(self.chars):
                self.work.step()
                target = tuple(one.move(n, place) for one, n in zip(self.all, state, strict=True))
                if any(one.is_lost(n) for one, n in zip(self.all, target, strict=True)):
                    continue
                kept = out.setdefault(target, [])
                self.sources.setdefault(target, set()).add(state)
                if self.has_more[place]:
                    self.cut.add(target)
                for text in texts:
                    for char in options:
                        if len(kept) < KEPT:
                            kept.append(text + char)
                        else:
                            self.cut.add(target)
        return out


def _classes(machines: Sequence[Automaton], work: Work) -> tuple[list[list[str]], list[bool]]:
    """A few characters of every class that no automaton tells apart; and of each whether it has more."""
    cuts = {0, LAST + 1}
    distinct = {ranges for machine in machines for steps in machine.steps for ranges, _ in steps}
    for ranges in distinct:
        for low, high in ranges:
            cuts |= {low, high + 1}
    # The halves of UTF-16 are no characters of a text.
    cuts |= {0xD800, 0xE000}
    borders = sorted(cuts)
    grouped: dict[frozenset[Ranges], list[tuple[int, int]]] = {}
    for low, high in pairwise(borders):
        work.step(1 + len(distinct) // 16)
        if low != 0xD800 and not 0xD800 < low < 0xE000:
            member = frozenset(ranges for ranges in distinct if _is_in(ranges, low))
            grouped.setdefault(member, []).append((low, high - 1))
    out: list[tuple[list[str], bool]] = []
    for spans in grouped.values():
        liked = [char for char in _LIKED if any(low <= ord(char) <= high for low, high in spans)]
        size = sum(high - low + 1 for low, high in spans)
        drawn = [chr(low + n) for low, high in spans[:KEPT] for n in range(min(KEPT, high - low + 1))]
        options = list(dict.fromkeys([*liked, *drawn]))[:KEPT]
        out.append((options, size > len(options)))
    out.sort(key=lambda found: 0 if found[0][0] in _LIKED else 1)
    return [options for options, _ in out], [has_more for _, has_more in out]


def _is_in(ranges: Ranges, char: int) -> bool:
    return any(low <= char <= high for low, high in ranges)
