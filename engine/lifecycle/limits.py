"""The limit of a step, as states files declare it.

Decides only how the declaration reads; when a limit ends is engine.lifecycle.advance's, counting is
engine.lifecycle.deadlines'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Due:
    """The limit: so many working days or hours after the document came into state `source`, or the end of the
    first day that the answers hold at one of `by`; of both the earlier. `setting` names the setting that says
    how many."""

    source: str
    working_days: int | None
    hours: int | None
    by: tuple[str, ...] = ()
    setting: str = ""

    @property
    def has_length(self) -> bool:
        """Whether it is so many working days or hours, beside a day in the answers or without one."""
        return self.working_days is not None or self.hours is not None


def parse_due(declared: Any) -> Due | None:
    """The `due` of a transition; None for one without. Its shape is the meta-schema's."""
    if not isinstance(declared, dict):
        return None
    return Due(
        source=str(declared.get("from", "")),
        working_days=declared.get("working_days"),
        hours=declared.get("hours"),
        by=tuple(declared.get("by", ())),
        setting=str(declared.get("setting", "")),
    )
