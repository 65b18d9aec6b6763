"""Reviewing grants: the frozen snapshot, and verdicts on its lines (R4.5.2a).

Decides what stands in the list of grants when a review is opened, and who judged each line afterwards. That
no line comes, none goes and none changes is said by what the form's steps edit; which verdicts hold by its
rules. Carrying them out is engine.desk.grant_verdicts'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from engine.desk import grant_use, reading, ruling
from engine.desk.desk import Desk
from engine.errors import Problem
from engine.identity import local_date, local_day, utc_text
from engine.lifecycle.advance import HEAD
from engine.lifecycle.deadlines import due_at
from engine.lifecycle.granting import FROZEN, JUDGED, RECORDED, GrantReview
from engine.lifecycle.people import Actor
from engine.lifecycle.periods import quarter_of
from engine.lifecycle.writing import with_value
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import ABSENT, look
from engine.trust import canonical

DUE_DAYS = "due_working_days"
REGIONS = "regions"
NEXT_LEVEL = "next_level"


def fill(
    desk: Desk, actor: Actor, form: CompiledForm, answers: dict[str, Any], before: DocumentRow | None
) -> dict[str, Any]:
    """The answers with what the system knows: the snapshot of a review that is opened now, or on a line of an
    open one what is frozen and who judged it. Answers of a form that reviews nothing are given back."""
    rules = form.workflow.reviews_grants
    if rules is None:
        return answers
    if before is None:
        return _opened(desk, form, rules, answers)
    stood = lines_of(rules, reading.answers_of(desk, before))
    given = look(answers, rules.lines)
    if not isinstance(given, list):
        return answers
    old = {line["grant_id"]: line for line in stood}
    judged = [
        _line(actor, old, stood[place] if place < len(stood) else {}, line)
        for place, line in enumerate(given)
    ]
    return with_value(answers, rules.lines, judged)


def judge(
    desk: Desk, form: CompiledForm, answers: Mapping[str, Any], before: DocumentRow | None
) -> tuple[Problem, ...]:
    """What stops a review from being opened: nobody there holds a right, or nobody could judge.

    That an open one keeps its lines is said by what its steps edit.
    """
    rules = form.workflow.reviews_grants
    if rules is None or before is not None:
        return ()
    wrong = []
    if not lines_of(rules, answers):
        wrong.append(Problem(rules.department, "review.no_grants"))
    named, department = look(answers, rules.reviewer), look(answers, rules.department)
    if reviewer_of(desk, form, str(department), named) is None:
        at = rules.department if named is ABSENT else rules.reviewer
        wrong.append(Problem(at, "review.no_head"))
    return tuple(wrong)


def filled_in(form: CompiledForm) -> tuple[str, ...]:
    """The places of a new document that the system fills in, as pointers; () for a form that reviews nothing.
    """
    rules, periodic = form.workflow.reviews_grants, form.workflow.periodic
    if rules is None:
        return ()
    return (*rules.filled, periodic.period) if periodic is not None else rules.filled


def lines_of(rules: GrantReview, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lines of grants in the answers; none where there is no list."""
    found = look(answers, rules.lines)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def digest_of(lines: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 over the canonical JSON of what is frozen, in the order of the list."""
    return sha256(canonical.encode([_only(line, FROZEN) for line in lines])).hexdigest()


def _opened(desk: Desk, form: CompiledForm, rules: GrantReview, answers: dict[str, Any]) -> dict[str, Any]:
    department = look(answers, rules.department)
    if not isinstance(department, str):
        return answers
    now, table = desk.clock.now(), ruling.tables_of(desk, form)[rules.table]
    field = form.field(rules.department)
    names = {code: labels[0] for code, labels in field.enum.items()} if field is not None else {}
    person = look(answers, rules.person)
    regions = {one["code"]: one["full"] for one in form.tables.get(REGIONS, {}).get("entries", ())}
    held = grant_use.held_in(desk, department, person if isinstance(person, str) else "")
    lines = [grant_use.line_of(desk, account, grant, table, names, regions) for account, grant in held]
    found = {rules.lines: lines, rules.taken_at: utc_text(now), rules.digest: digest_of(lines)}
    if form.workflow.periodic is not None and look(answers, form.workflow.periodic.period) is ABSENT:
        found[form.workflow.periodic.period] = quarter_of(local_date(now))
    if look(answers, rules.due) is ABSENT:
        days = rules.due_in.get(str(look(answers, rules.kind)), table[DUE_DAYS])
        found[rules.due] = local_day(due_at(desk.calendar, now, working_days=days))
    reviewer = reviewer_of(desk, form, department, look(answers, rules.reviewer))
    if reviewer is not None:
        found |= {rules.reviewer: reviewer[0], rules.reviewing: reviewer[1]}
    for pointer, value in found.items():
        answers = with_value(answers, pointer, value)
    return answers


def reviewer_of(
    desk: Desk, form: CompiledForm, department: str, said: Any = ABSENT
) -> tuple[str, str] | None:
    """Who judges the grants of a department today: staff number and department of its head, or of a head of
    the next level where it has none. Of the one `said`, only if that is such a head."""
    rules = form.workflow.reviews_grants
    above = form.tables[rules.table].get(NEXT_LEVEL, {}).get(department) if rules is not None else None
    heads = _heads_of(desk, department)
    if heads:
        unit = department
    else:
        heads, unit = _heads_of(desk, above), str(above)
    return next(((one, unit) for one in heads if said in (ABSENT, one)), None)


def _heads_of(desk: Desk, department: Any) -> list[str]:
    today = local_day(desk.clock.now())
    return sorted(
        account.staff_no
        for account in desk.directory.all()
        if account.active and any(_heads(grant, department, today) for grant in account.grants)
    )


def _heads(grant: Mapping[str, Any], department: Any, today: str) -> bool:
    first, last = grant.get("valid_from") or "", grant.get("valid_to") or "9999-12-31"
    return grant["role"] == HEAD and grant["unit"] == department and first <= today <= last


def _line(actor: Actor, old: Mapping[str, Mapping[str, Any]], beside: Mapping[str, Any], line: Any) -> Any:
    """A line with what stood on it; whoever changes what was judged is who judged it.

    A line without an id is the one at the same place: pages show the id and do not send it.
    """
    if not isinstance(line, dict):
        return line
    stood = old.get(str(line.get("grant_id", beside.get("grant_id"))), {})
    kept = {name: stood[name] for name in (*FROZEN, *RECORDED) if name in stood and name not in line}
    full = {**line, **kept}
    if _only(full, JUDGED) != _only(stood, JUDGED):
        full["judged_by"] = actor.staff_no
    return full


def _only(line: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: line[name] for name in names if name in line}
