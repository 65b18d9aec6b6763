"""What is counted of documents, and which three questions a post asks: read from data.

Decides how the table reads. What the words of a form mean (decided, returned, effective, settled) stands in
the table, by state; nothing here knows a form. Counting itself is engine.desk.figures'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.errors import Invalid, Problem

ACCURACY: Final = "accuracy"
COMPLETENESS: Final = "completeness"
TIMELINESS: Final = "timeliness"
RETURNS: Final = "returns"
DECISION: Final = "decision"
FILED: Final = "filed"
OVERDUE: Final = "overdue"
WAITING: Final = "waiting"
MEASURES: Final = (ACCURACY, COMPLETENESS, TIMELINESS, RETURNS, DECISION, FILED, OVERDUE, WAITING)
DIMENSIONS: Final = ("form", "unit", "month", "state")
QUESTIONS_A_ROLE: Final = 3


@dataclass(frozen=True, slots=True)
class Corrections:
    """By which documents something wrong is put right: of `form`, in one of `states`, whose facet `reason`
    is one of `reasons`; the facet `target` names the document that was wrong."""

    form: str
    target: str
    reason: str
    reasons: frozenset[str]
    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the states of one form mean to whoever counts. In a settled or final state nothing waits."""

    decided: frozenset[str] = frozenset()
    returned: frozenset[str] = frozenset()
    effective: frozenset[str] = frozenset()
    settled: frozenset[str] = frozenset()
    corrections: Corrections | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a post: a measure by a dimension, of some forms (empty: all)."""

    id: str
    measure: str
    by: str
    forms: tuple[str, ...]
    title: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Measures:
    """The whole table."""

    forms: Mapping[str, Meaning] = field(default_factory=dict)
    roles: Mapping[str, tuple[Question, ...]] = field(default_factory=dict)

    def meaning(self, form: str) -> Meaning:
        """What a form's states mean; nothing is known of a form that is not in the table."""
        return self.forms.get(form, UNKNOWN)

    def questions(self, roles: Iterable[str]) -> tuple[Question, ...]:
        """The questions of some posts, each once, in their order."""
        found = {one.id: one for role in roles for one in self.roles.get(role, ())}
        return tuple(found.values())


UNKNOWN: Final = Meaning()
NO_MEASURES: Final = Measures()
"""Where nothing is counted."""


def parse_measures(declared: Mapping[str, Any]) -> Measures:
    """The table from a parsed file of `schemas/measures`.

    Raises Invalid: `measures.question` (an unknown measure or dimension, or an id that stands twice),
    `measures.three` (a post that has more or fewer than three).
    """
    problems: list[Problem] = []
    roles = {role: tuple(map(_question, listed)) for role, listed in declared["roles"].items()}
    seen: set[str] = set()
    for role, questions in roles.items():
        if len(questions) != QUESTIONS_A_ROLE:
            problems.append(Problem(f"/roles/{role}", "measures.three"))
        for one in questions:
            if one.measure not in MEASURES or one.by not in DIMENSIONS or one.id in seen:
                problems.append(Problem(f"/roles/{role}", "measures.question", {"id": one.id}))
            seen.add(one.id)
    if problems:
        raise Invalid("measures", problems=problems)
    return Measures({form: _meaning(one) for form, one in declared["forms"].items()}, roles)


def _question(one: Mapping[str, Any]) -> Question:
    return Question(
        id=one["id"],
        measure=one["measure"],
        by=one["by"],
        forms=tuple(one["forms"]),
        title=one["title"],
        title_en=one["title_en"],
    )


def _meaning(one: Mapping[str, Any]) -> Meaning:
    said = one.get("corrections")
    return Meaning(
        decided=frozenset(one["decided"]),
        returned=frozenset(one["returned"]),
        effective=frozenset(one["effective"]),
        settled=frozenset(one["settled"]),
        corrections=Corrections(
            form=said["form"],
            target=said["target"],
            reason=said["reason"],
            reasons=frozenset(said["reasons"]),
            states=frozenset(said["states"]),
        )
        if said
        else None,
    )
