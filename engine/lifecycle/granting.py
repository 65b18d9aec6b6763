"""What a states file says of a form that reviews grants, and of one that is opened by itself.

Decides only how the declarations read; what is done with them is engine.desk's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FROZEN = (
    "grant_id", "staff_no", "role", "scope_text", "unit", "region", "valid_from", "valid_to", "granted_on",
    "last_used_on", "conflict",
)  # fmt: skip
"""Members of a line that are taken from the directory when the review is opened, and never change."""
JUDGED = ("verdict", "reason", "narrow_until", "narrow_region")
"""Members of a line that a reviewer fills in."""
RECORDED = (
    "judged_by", "suspended_at", "escalated_at", "restored_at", "restored_as", "done_at", "done_by",
)  # fmt: skip
"""Members of a line that the system writes as the review goes on."""


@dataclass(frozen=True, slots=True)
class GrantReview:
    """That a document reviews grants, as pointers into its answers.

    `lines` is the list of grants (members: FROZEN, JUDGED, RECORDED), taken at `taken_at` of the people of
    `department`, or of `person` alone; `digest` is over what is frozen. `reviewer`, the department
    `reviewing` and `due` are filled in where they were left empty, `due` so many working days on as `due_in`
    says for the kind (0: the same day), else as `table` says. Where `kind` is one of `ends_account` and
    nothing is kept, the person's account ends.
    """

    lines: str
    department: str
    kind: str
    person: str
    reviewer: str
    reviewing: str
    taken_at: str
    digest: str
    due: str
    table: str
    ends_account: tuple[str, ...]
    due_in: Mapping[str, int] = field(default_factory=dict)

    @property
    def filled(self) -> tuple[str, ...]:
        """What the system fills in when a review is opened: nobody is asked for it."""
        return (self.reviewer, self.reviewing, self.due, self.taken_at, self.digest, self.lines)


@dataclass(frozen=True, slots=True)
class Team:
    """Who is written into a document that opens by itself: at `leader` the first by staff number of those who
    have the first of `roles`, at `members` no more than `most` others who have any of them."""

    roles: tuple[str, ...]
    leader: str
    members: str
    most: int


@dataclass(frozen=True, slots=True)
class Periodic:
    """That a document is opened by itself in every `every` (month, quarter, half): one for each department
    that has a head where `department` says where it is named, else one, of the department `unit`.

    `period` holds the period, with `answers` beside it. Of `days` each is so many days before the period
    ends, and no sooner than so many after the day of opening. `team` names who does the work. `ended`: it is
    opened for the period before, once that has ended.
    """

    every: str
    period: str
    department: str
    answers: Mapping[str, Any]
    unit: str = ""
    days: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    team: Team | None = None
    ended: bool = False


def parse_grant_review(declared: Any) -> GrantReview | None:
    """The part `reviews_grants` of a parsed states.json; None where there is none."""
    if not isinstance(declared, dict):
        return None

    def text(name: str) -> str:
        return str(declared.get(name, ""))

    return GrantReview(
        lines=text("lines"),
        department=text("department"),
        kind=text("kind"),
        person=text("person"),
        reviewer=text("reviewer"),
        reviewing=text("reviewing"),
        taken_at=text("taken_at"),
        digest=text("digest"),
        due=text("due"),
        table=text("table"),
        ends_account=tuple(map(str, declared.get("ends_account", ()))),
        due_in=dict(declared.get("due_in", {})),
    )


def parse_periodic(declared: Any) -> Periodic | None:
    """The part `periodic` of a parsed states.json; None where there is none."""
    if not isinstance(declared, dict):
        return None
    return Periodic(
        every=str(declared.get("every", "")),
        period=str(declared.get("period", "")),
        department=str(declared.get("department", "")),
        answers=dict(declared.get("answers", {})),
        unit=str(declared.get("unit", "")),
        days={at: dict(day) for at, day in declared.get("days", {}).items()},
        team=_team(declared.get("team")),
        ended=bool(declared.get("ended", False)),
    )


def _team(declared: Any) -> Team | None:
    if not isinstance(declared, dict):
        return None
    return Team(
        roles=tuple(map(str, declared.get("roles", ()))),
        leader=str(declared.get("leader", "")),
        members=str(declared.get("members", "")),
        most=int(declared.get("most", 0)),
    )
