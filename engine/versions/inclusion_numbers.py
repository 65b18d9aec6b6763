"""Numbers between bounds, on a grid or off it: found, or proved not to exist.

Decides exactly where bounds and steps are whole numbers or binary fractions. A step that a computer cannot
hold exactly (0.1) is left out of proofs and kept in the trial of candidates: libraries divide it differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any, Final

from engine.versions.inclusion_work import NOTHING, Answer, Found, Open, Work

MOST_TRIED: Final = 4_000


@dataclass(slots=True)
class Numbers:
    """What is asked of a number: bounds as (value, is strict), steps it is on, steps it is off."""

    low: tuple[Any, bool] | None = None
    high: tuple[Any, bool] | None = None
    on: list[Any] = field(default_factory=list)
    off: list[Any] = field(default_factory=list)

    def above(self, value: Any, strict: bool) -> None:
        """Narrow from below."""
        if self.low is None or (value, strict) > self.low:
            self.low = (value, strict)

    def below(self, value: Any, strict: bool) -> None:
        """Narrow from above."""
        if self.high is None or (-value, strict) > (-self.high[0], self.high[1]):
            self.high = (value, strict)


def is_exact(step: Any) -> bool:
    """True for steps on which every library agrees: whole numbers and binary fractions."""
    part = Fraction(step)
    return part.denominator <= 1 << 20 and (isinstance(step, int) or part.numerator < 1 << 52)


def find_number(asked: Numbers, accepts: Callable[[Any], bool], work: Work) -> Answer:
    """A number as asked that `accepts` too. `accepts` knows everything."""
    if any(step in asked.on for step in asked.off):
        return NOTHING
    low, high = _edge(asked.low), _edge(asked.high)
    if low is not None and high is not None:
        strict = (asked.low or (0, False))[1] or (asked.high or (0, False))[1]
        if low > high or (low == high and strict):
            return NOTHING
    exact = [Fraction(step) for step in asked.on if is_exact(step)]
    grid = _common(exact) if exact else None
    if grid is not None and any(
        is_exact(step) and (grid / Fraction(step)).denominator == 1 for step in asked.off
    ):
        return NOTHING
    for tried, value in enumerate(_candidates(asked, grid, low, high)):
        work.step()
        if accepts(value):
            return Found(value)
        if tried >= MOST_TRIED:
            return Open("too_complex")
    if grid is not None and low is not None and high is not None and (high - low) / grid <= MOST_TRIED // 2:
        return NOTHING
    if low is not None and low == high:
        return NOTHING
    return Open("number")


def _edge(bound: tuple[Any, bool] | None) -> Fraction | None:
    return None if bound is None else Fraction(bound[0])


def _common(steps: list[Fraction]) -> Fraction:
    out = steps[0]
    for step in steps[1:]:
        whole = lcm(out.denominator, step.denominator)
        out = Fraction(lcm(int(out * whole), int(step * whole)), whole)
    return out


def _candidates(
    asked: Numbers, grid: Fraction | None, low: Fraction | None, high: Fraction | None
) -> Iterator[Any]:
    if grid is not None:
        yield from map(_number, _on_grid(grid, low, high, [step for step in asked.off if is_exact(step)]))
        return
    starts = [edge for edge in (low, high, Fraction(0), Fraction(1, 2)) if edge is not None]
    if low is not None and high is not None:
        starts.append((low + high) / 2)
        starts += [low + (high - low) * part / 7 for part in range(1, 7)]
    for start in starts:
        yield _number(start)
    for step in [*asked.on, *asked.off]:
        part = Fraction(str(step))
        first = (low or Fraction(0)) // part
        for number in range(300):
            for sign in (1, -1):
                yield _number((first + sign * number) * part)
                yield _number((first + sign * number) * part + part / 3)
    for number in range(40):
        for start in starts:
            for off in (
                Fraction(number),
                -Fraction(number),
                Fraction(1, 2 + number),
                -Fraction(1, 2 + number),
            ):
                yield _number(start + off)


def _on_grid(
    grid: Fraction, low: Fraction | None, high: Fraction | None, off: list[Any]
) -> Iterator[Fraction]:
    first = -(-low // grid) if low is not None else None
    last = high // grid if high is not None else None
    if first is not None and last is not None and last - first <= MOST_TRIED // 2:
        yield from (number * grid for number in range(first, last + 1))
        return
    near = [number for number in (first, last) if number is not None] or [0]
    if last is None or (first is not None and first <= 0 <= last):
        near.insert(0, max(first or 0, 0))
    for distance in range(600):
        for start in near:
            yield (start + distance) * grid
            yield (start - distance) * grid
    for step in off:
        yield (near[0] + int(Fraction(step) / grid) + 1) * grid


def _number(value: Fraction) -> Any:
    if value.denominator == 1:
        return value.numerator
    try:
        return float(value)
    except OverflowError:
        return value.numerator // value.denominator
