"""Documents of another form that a step opens: exactly one for each line of a list, by the platform itself.

Decides what each of them says, and that a line never opens two: each is filed under a key made of the
document and the number of its line. Whether the step may be taken is the lifecycle's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from engine.desk import checking, people, submitting
from engine.desk.desk import Desk
from engine.desk.effect import Effect
from engine.desk.submitting import Submission
from engine.errors import Invalid, NotFound, Problem
from engine.identity import local_day, utc_text
from engine.lifecycle.advance import HEAD, Advance
from engine.lifecycle.people import Actor, covers
from engine.lifecycle.workflow import OPEN_DOCUMENTS
from engine.lifecycle.writing import Opens, value_of, with_value
from engine.ports import Account
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import ABSENT, look


@dataclass(frozen=True, slots=True)
class Line:
    """One document to be opened: the number of its line (from 1), its department, what it says."""

    number: int
    unit: str
    answers: dict[str, Any]


@dataclass(slots=True)
class Opening(Effect):
    """Opening documents, as an effect of a step."""

    row: DocumentRow
    rules: Opens
    lines: tuple[Line, ...]
    told: dict[str, Any] = field(default_factory=dict)

    def confirm(self, desk: Desk) -> None:
        """The head was compared; what is opened follows from the document alone."""
        return None

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """File each line's document, or find the one that was filed for it before."""
        ids = [file_once(desk, self.row, self.rules, one) for one in self.lines]
        if ids:
            self.told = {self.rules.into: ids}
        return {"opened": ids} if ids else {}

    def admit(self, desk: Desk, index: int) -> None:
        """Nothing waits for the step."""
        return None


def prepare(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Opening:
    """Everything the step opens, judged beforehand.

    Raises Invalid("answers"): `opens.no_head` at a department without a head, `opens.unfit` at a line whose
    document would not hold, with its problems.
    """
    rules = form.workflow.opens
    assert rules is not None  # the states file was checked (DECLARED_IN)
    today = local_day(desk.clock.now())
    target = desk.registry.in_force(rules.form, date.fromisoformat(today))
    found = look(answers, rules.lines)
    lines: list[Line] = []
    problems: list[Problem] = []
    for place, line in enumerate(found if isinstance(found, list) else ()):
        if line.get(rules.member) not in rules.values:
            continue
        unit = str(line.get(rules.department, ""))
        head = head_of(desk, unit, row["region"], today)
        if head is None:
            problems.append(Problem(f"{rules.lines}/{place}/{rules.department}", "opens.no_head"))
            continue
        one = Line(place + 1, unit, _answers(desk, rules, row, line, place + 1, head))
        judged = checking.check(desk, _platform(desk, row, unit), target, one.answers)
        if judged.errors:
            told = {"problems": [each.as_json() for each in judged.errors]}
            problems.append(Problem(f"{rules.lines}/{place}", "opens.unfit", told))
        lines.append(one)
    if problems:
        raise Invalid("answers", problems=problems)
    return Opening(row, rules, tuple(lines))


def head_of(desk: Desk, unit: str, region: str, day: str) -> Account | None:
    """Who heads a department on a day: of several accounts the first by staff number."""
    heads = [
        one
        for one in desk.directory.all()
        if one.active
        and any(
            grant["role"] == HEAD
            and grant["unit"] == unit
            and covers(grant["region"], region)
            and (grant["valid_from"] or "") <= day <= (grant["valid_to"] or day)
            for grant in one.grants
        )
    ]
    return min(heads, key=lambda one: one.staff_no, default=None)


def _answers(
    desk: Desk, rules: Opens, row: DocumentRow, line: Mapping[str, Any], number: int, head: Account
) -> dict[str, Any]:
    now = desk.clock.now()
    names = {
        "document": {"doc_id": row["doc_id"], "doc_no": row["doc_no"]},
        "line": line,
        "line_no": number,
        "head": {"staff_no": head.staff_no},
        "now": utc_text(now),
        "today": local_day(now),
    }
    made: dict[str, Any] = {}
    for pointer, term in rules.answers.items():
        value = value_of(term, names)
        if value is not ABSENT:
            made = with_value(made, pointer, value)
    return made


def _platform(desk: Desk, row: DocumentRow, unit: str) -> Actor:
    return replace(people.system_actor(desk), unit=unit, region=row["region"])


def file_once(desk: Desk, row: DocumentRow, rules: Opens, line: Line) -> str:
    """The id of the one document of a line."""
    actor = _platform(desk, row, line.unit)
    key = f"{OPEN_DOCUMENTS}/{row['doc']}/{line.number}"
    name = submitting.idempotency(actor, "submit", key)
    known = desk.store.idempotent(name)
    if known is None:
        wanted = Submission(rules.form, line.answers, key, created_at=utc_text(desk.clock.now()))
        submitting.submit(desk, actor, wanted, None)
        known = desk.store.idempotent(name)
    if known is None:
        raise NotFound("document.not_found")
    return str(desk.journal.read(known["index"]).statement()["header"]["doc_id"])
