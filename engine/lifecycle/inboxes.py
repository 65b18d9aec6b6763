"""Whose list a document waits in, where the state and the role alone do not say it.

Decides only how the declaration reads; the lists are engine.desk.listing's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

UNIT: Final = "actor.unit"
STAFF_NO: Final = "actor.staff_no"


@dataclass(frozen=True, slots=True)
class Inbox:
    """One list of those who may take a transition: the documents in one of `states` (empty: all it leaves)
    whose facets have these values. `title` is what there is to do, where it is not the transition's title;
    `roles` (empty: all of the transition's) says whose list it is."""

    title: str
    states: tuple[str, ...]
    facets: Mapping[str, Any]
    roles: frozenset[str] = frozenset()

    def facets_for(self, unit: str, staff_no: str) -> tuple[tuple[str, str], ...]:
        """(pointer, value) for somebody of a department."""
        own = {UNIT: unit, STAFF_NO: staff_no}
        return tuple(
            (at, own[term] if isinstance(term, str) else str(term["const"]))
            for at, term in sorted(self.facets.items())
        )


def parse_inboxes(declared: Any) -> tuple[Inbox, ...]:
    """The `inboxes` of a transition. Its shape is the meta-schema's."""
    return tuple(
        Inbox(
            str(one.get("title", "")), tuple(one.get("states", ())), dict(one.get("facets", {})),
            frozenset(one.get("roles", ())),
        )
        for one in declared or ()
        if isinstance(one, dict)
    )
