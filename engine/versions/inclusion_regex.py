r"""A regular expression of a schema as an automaton over ranges of characters.

Decides the language of the patterns that RE2 and ECMA-262 both know: classes, groups, repeats, alternation,
`^` and `$`. Anything else (`\b`, flags) gives None, and its language is left open. Thompson's construction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from engine.registry.patterns import compile_pattern

MOST_STATES: Final = 4_000
LAST: Final = 0x10FFFF
Ranges = tuple[tuple[int, int], ...]
_DIGIT: Final[Ranges] = ((48, 57),)
_WORD: Final[Ranges] = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Final[Ranges] = ((9, 10), (12, 13), (32, 32))
_ESCAPES: Final = {"n": 10, "r": 13, "t": 9, "f": 12, "v": 11, "a": 7}
_REPEAT: Final = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")


class NotRegular(Exception):
    """A construct whose language is not told here."""


@dataclass(slots=True)
class Automaton:
    """From `start` to `end`, states being numbers. A free edge is open at a place (`^`, `$`) or anywhere."""

    free: list[list[tuple[str, int]]] = field(default_factory=list)
    steps: list[list[tuple[Ranges, int]]] = field(default_factory=list)
    start: int = 0
    end: int = 0

    def state(self) -> int:
        """A new state."""
        if len(self.free) >= MOST_STATES:
            raise NotRegular
        self.free.append([])
        self.steps.append([])
        return len(self.free) - 1

    def closure(self, states: frozenset[int], *, first: bool, last: bool) -> frozenset[int]:
        """The states reached without a character, at the beginning or the end of the text or inside it."""
        seen, waiting = set(states), list(states)
        while waiting:
            for place, target in self.free[waiting.pop()]:
                is_open = place == "" or (place == "^" and first) or (place == "$" and last)
                if is_open and target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return frozenset(seen)


@lru_cache(maxsize=512)
def automaton_of(pattern: str) -> Automaton | None:
    """The automaton of a pattern, or None when its language is not told here."""
    reader = _Reader(pattern)
    try:
        compile_pattern(pattern)
        machine = reader.machine
        machine.start = machine.state()
        machine.end = reader.alternatives(machine.start)
        if reader.at != len(pattern):
            return None
    except (NotRegular, ValueError, IndexError, RecursionError):
        return None
    return machine


class _Reader:
    """Reads a pattern from left to right into an automaton."""

    def __init__(self, pattern: str) -> None:
        self.text, self.at, self.machine = pattern, 0, Automaton()

    def peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def take(self) -> str:
        self.at += 1
        return self.text[self.at - 1]

    def alternatives(self, start: int) -> int:
        ends = [self.sequence(self._free(start))]
        while self.peek() == "|":
            self.at += 1
            ends.append(self.sequence(self._free(start)))
        end = self.machine.state()
        for one in ends:
            self.machine.free[one].append(("", end))
        return end

    def _free(self, source: int, place: str = "") -> int:
        target = self.machine.state()
        self.machine.free[source].append((place, target))
        return target

    def sequence(self, start: int) -> int:
        while self.peek() not in ("", "|", ")"):
            start = self.repeated(start)
        return start

    def repeated(self, start: int) -> int:
        began = self.at
        inner = self._free(start)
        end = self.one(inner)
        fewest, most = self._count()
        if (fewest, most) == (1, 1):
            return end
        after = self.at
        if fewest == 0:
            # The piece already built is the first copy of an optional one.
            out = self.machine.state()
            self.machine.free[start].append(("", out))
        else:
            out = -1
        for number in range(1, max(fewest, most if most is not None else fewest)):
            if out >= 0 and number >= fewest:
                self.machine.free[end].append(("", out))
            elif number >= fewest:
                out = self.machine.state()
                self.machine.free[end].append(("", out))
            inner = self._free(end)
            self.at = began
            end = self.one(inner)
            self.at = after
        if most is None:
            self.machine.free[end].append(("", inner))
        if most == 0:
            return out
        if out < 0:
            return end
        self.machine.free[end].append(("", out))
        return out

    def _count(self) -> tuple[int, int | None]:
        sign = self.peek()
        if sign in ("*", "+", "?") and sign:
            self.at += 1
            found: tuple[int, int | None] = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        else:
            counted = _REPEAT.match(self.text, self.at)
            if counted is None:
                return 1, 1
            self.at = counted.end()
            low = int(counted[1])
            high = low if not counted[2] else (int(counted[3]) if counted[3] else None)
            found = low, high
        if self.peek() == "?":
            self.at += 1  # lazy: which way is tried first does not change what matches
        if self.peek() and self.peek() in "*+?":
            raise NotRegular
        return found

    def one(self, start: int) -> int:
        char = self.take()
        if char == "(":
            return self._group(start)
        if char in "^$":
            return self._free(start, char)
        if char == "[":
            ranges = self._bracket()
        elif char == ".":
            ranges = complement(((10, 10),))
        elif char == "\\":
            ranges = self._escape()
        elif char in "*+?)":
            raise NotRegular
        else:
            ranges = ((ord(char), ord(char)),)
        end = self.machine.state()
        self.machine.steps[start].append((ranges, end))
        return end

    def _group(self, start: int) -> int:
        if self.peek() == "?":
            if self.text.startswith("?:", self.at):
                self.at += 2
            elif named := re.compile(r"\?P?<[A-Za-z_]\w*>").match(self.text, self.at):
                self.at = named.end()
            else:
                raise NotRegular
        end = self.alternatives(start)
        if self.take() != ")":
            raise NotRegular
        return end

    def _escape(self) -> Ranges:
        char = self.take()
        if char in "dDwWsS":
            named = {"d": _DIGIT, "w": _WORD, "s": _SPACE}[char.lower()]
            return named if char.islower() else complement(named)
        if char in "pP":
            return self._property(char)
        code = self._character(char)
        return ((code, code),)

    def _character(self, char: str) -> int:
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char in "ux":
            digits = 4 if char == "u" else 2
            text = self.text[self.at : self.at + digits]
            self.at += digits
            return int(text, 16)
        if char.isalnum():
            raise NotRegular
        return ord(char)

    def _property(self, char: str) -> Ranges:
        end = self.text.index("}", self.at)
        name = self.text[self.at : end + 1]
        self.at = end + 1
        return _ranges_of(f"\\{char}{name}")

    def _bracket(self) -> Ranges:
        is_denied = self.peek() == "^"
        self.at += is_denied
        parts: list[tuple[int, int]] = []
        first = True
        while first or self.peek() != "]":
            first = False
            low = self._in_bracket(parts)
            if low is None:
                continue
            high = low
            if self.peek() == "-" and self.text[self.at + 1] != "]":
                self.at += 1
                upper = self._in_bracket(parts)
                if upper is None or upper < low:
                    raise NotRegular
                high = upper
            parts.append((low, high))
        self.at += 1
        found = union(parts)
        return complement(found) if is_denied else found

    def _in_bracket(self, parts: list[tuple[int, int]]) -> int | None:
        """The next character of a class, or None after a class inside the class was added to `parts`."""
        char = self.take()
        if char == "[" and self.peek() == ":":
            raise NotRegular
        if char != "\\":
            return ord(char)
        named = self.peek()
        if named in "dDwWsSpP":
            parts.extend(self._escape())
            return None
        if named == "b":
            self.at += 1
            return 8
        return self._character(self.take())


def union(parts: list[tuple[int, int]]) -> Ranges:
    """Ranges in order, without overlaps."""
    out: list[tuple[int, int]] = []
    for low, high in sorted(parts):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)


def complement(ranges: Ranges) -> Ranges:
    """Every other character."""
    out, at = [], 0
    for low, high in ranges:
        if at < low:
            out.append((at, low - 1))
        at = high + 1
    if at <= LAST:
        out.append((at, LAST))
    return tuple(out)


@lru_cache(maxsize=16)
def _ranges_of(named: str) -> Ranges:
    """The characters of a Unicode property, as the engine that will run the pattern knows them."""
    every = _every_character()
    found = compile_pattern(f"{named}+").finditer(every)
    return union([(low, high) for run in found for low, high in _code_ranges(run.group())])


def _code_ranges(run: str) -> list[tuple[int, int]]:
    first, last = ord(run[0]), ord(run[-1])
    if first <= 0xD7FF < last:
        return [(first, 0xD7FF), (0xE000, last)]
    return [(first, last)]


@lru_cache(maxsize=1)
def _every_character() -> str:
    return "".join(map(chr, (*range(0xD800), *range(0xE000, LAST + 1))))
