"""Documents that open by themselves, once in every period: reviews of permissions (R4.5.2a), plans of
inspections (R6.9.1).

Decides which are missing for the period of today, and what stands in them. The platform files them under a
key made of form, period and department, so that however often this runs, and after any crash, each is opened
once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from engine.desk import grant_reviews, not_opened, people, reporting, ruling, submitting
from engine.desk.desk import Desk
from engine.errors import Invalid, NotFound, Refused
from engine.identity import local_date
from engine.lifecycle.granting import Periodic, Team
from engine.lifecycle.periods import bounds, every_of, months_of, period_of
from engine.lifecycle.writing import with_value
from engine.registry.compiled import CompiledForm


def run(desk: Desk) -> int:
    """One round; how many documents were opened."""
    today = local_date(desk.clock.now())
    opened = 0
    for name in desk.registry.forms():
        try:
            form = desk.registry.in_force(name, today)
        except NotFound:
            continue
        rules = form.workflow.periodic
        if rules is None or desk.journal.read_only is not None:
            continue
        units = _departments(desk) if rules.department else [rules.unit]
        opened += sum(_open(desk, form, rules, today, one) for one in units)
    return opened


def _departments(desk: Desk) -> list[str]:
    """The departments in which somebody holds a right."""
    return sorted({grant["unit"] for one in desk.directory.all() if one.active for grant in one.grants})


def _open(desk: Desk, form: CompiledForm, rules: Periodic, today: date, unit: str) -> bool:
    months = ruling.written_as(desk, f"period:{form.form}", months_of(rules.every))
    period = period_of(every_of(months), today)
    if rules.ended:
        period = period_of(every_of(months), date.fromisoformat(bounds(period)[0]) - timedelta(days=1))
    key = f"{form.form}:{period}:{unit}"
    actor = replace(people.system_actor(desk), unit=unit)
    if desk.store.idempotent(submitting.idempotency(actor, "submit", key)) is not None:
        return False
    if rules.department and grant_reviews.reviewer_of(desk, form, unit) is None:
        not_opened.tell(desk, form, period, unit)  # nobody could judge it: a person has to see to that
        return False
    answers = _answers(desk, rules, period, today, unit)
    try:
        submitting.submit(desk, actor, submitting.Submission(form.form, answers, key), None).wait()
    except Invalid as refused:
        if all(one.code != reporting.NOTHING_FILED for one in refused.problems):
            not_opened.tell(desk, form, period, unit)
        return False
    except Refused:
        return False  # such as a disk that takes nothing: the next round tries again
    return True


def _answers(desk: Desk, rules: Periodic, period: str, today: date, unit: str) -> dict[str, Any]:
    answers = with_value(rules.answers, rules.period, period)
    if rules.department:
        answers = with_value(answers, rules.department, unit)
    end = date.fromisoformat(bounds(period)[1])
    for at, day in rules.days.items():
        wished = max(end - timedelta(days=day["before_end"]), today + timedelta(days=day["notice"]))
        answers = with_value(answers, at, wished.isoformat())
    return _staffed(desk, rules.team, answers, unit, today.isoformat()) if rules.team else answers


def _staffed(desk: Desk, team: Team, answers: dict[str, Any], unit: str, today: str) -> dict[str, Any]:
    """With a leader and members; without them where nobody is there, and then nothing is opened."""
    leaders = _who_have(desk, team.roles[:1], unit, today)
    if not leaders:
        return answers
    others = [one for one in _who_have(desk, team.roles, unit, today) if one != leaders[0]]
    answers = with_value(answers, team.leader, leaders[0])
    return with_value(answers, team.members, others[: team.most]) if others else answers


def _who_have(desk: Desk, roles: Iterable[str], unit: str, day: str) -> list[str]:
    """Staff numbers of those in a department who have one of the roles on a day, the first roles first."""
    found = (
        account.staff_no
        for role in roles
        for account in sorted(desk.directory.all(), key=lambda one: one.staff_no)
        if account.active and any(_is_held(grant, role, unit, day) for grant in account.grants)
    )
    return list(dict.fromkeys(found))


def _is_held(grant: Any, role: str, unit: str, day: str) -> bool:
    first, last = grant.get("valid_from") or "", grant.get("valid_to") or day
    return grant["role"] == role and grant["unit"] == unit and bool(first <= day <= last)
