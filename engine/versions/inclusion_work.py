"""How much work a comparison may do, and the three answers of a search.

Decides when to give up: steps are counted, never time, so that the same pair gets the same answer
everywhere. Never decides an answer itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

STEPS: Final = 150_000
"""About one second of one core; a hostile pair ends here."""
DEEPEST: Final = 96
MOST_PARTS: Final = 16_000


class GivingUp(Exception):
    """The search was left; `reason` is the code of an `unknown`. Never leaves engine.versions."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Work:
    """A budget of steps that every part of one search shares."""

    __slots__ = ("left",)

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def step(self, count: int = 1) -> None:
        """Count work done; GivingUp `too_complex` when nothing is left."""
        self.left -= count
        if self.left < 0:
            raise GivingUp("too_complex")


@dataclass(frozen=True, slots=True)
class Found:
    """There is such a value; `value` is one."""

    value: Any


@dataclass(frozen=True, slots=True)
class Nothing:
    """Proved: there is no such value."""


@dataclass(frozen=True, slots=True)
class Open:
    """Neither found nor disproved; `reason` is the code of an `unknown`."""

    reason: str


Answer = Found | Nothing | Open
NOTHING: Final = Nothing()


def is_too_large(schema: Any) -> bool:
    """True for a schema of more parts, or deeper, than is compared."""
    level, parts = [schema], 0
    for _ in range(DEEPEST):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict | list):
                below.extend(value.values() if isinstance(value, dict) else value)
        parts += len(below)
        if parts > MOST_PARTS:
            return True
        if not below:
            return False
        level = below
    return True
