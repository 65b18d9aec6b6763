"""What a states file says of a form that reports the figures of a period.

Decides only how the declaration reads; counting is engine.desk.reporting's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

COUNT_PERIOD: Final = "count_period"
CAPABILITIES: Final = (COUNT_PERIOD,)
DECLARED_IN: Final = {COUNT_PERIOD: "counts"}


@dataclass(frozen=True, slots=True)
class Counts:
    """That a document holds the figures of the period at `period`, as counted on the day at `as_of`:
    `totals` of everything, `lines` by form and department, `waiting` by form and state. Of forms about
    persons, groups smaller than `smallest_cell` are not said."""

    period: str
    as_of: str
    totals: str
    lines: str
    waiting: str
    smallest_cell: int

    @property
    def filled(self) -> tuple[str, ...]:
        """What the system fills in when the document is made: nobody is asked for it."""
        return (self.as_of, self.totals, self.lines, self.waiting)


def parse_counts(declared: Any) -> Counts | None:
    """The part `counts` of a parsed states.json; None where there is none."""
    if not isinstance(declared, dict):
        return None
    return _counts(declared)


def _counts(declared: Mapping[str, Any]) -> Counts:
    places = {name: str(declared.get(name, "")) for name in ("period", "as_of", "totals", "lines", "waiting")}
    return Counts(**places, smallest_cell=int(declared.get("smallest_cell", 1)))
