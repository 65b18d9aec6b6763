"""Documents that open by themselves, once in every period: reviews of permissions (R4.5.2a).

Decides which are missing for the period of today: one for each department whose people hold grants and that
has a head to judge them. The platform files them under a key made of form, period and department, so that
however often this runs, and after any crash, each is opened once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine.desk import people, submitting
from engine.desk.desk import Desk
from engine.errors import Invalid, NotFound, Refused
from engine.identity import local_date
from engine.lifecycle.advance import HEAD
from engine.lifecycle.granting import Periodic
from engine.lifecycle.writing import with_value
from engine.registry.compiled import CompiledForm

MONTHS_IN_A_QUARTER = 3


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
        opened += sum(_open(desk, form, rules, quarter_of(today), one) for one in _departments(desk))
    return opened


def quarter_of(day: date) -> str:
    """`2026-Q1` for any day of January to March 2026."""
    return f"{day.year}-Q{(day.month - 1) // MONTHS_IN_A_QUARTER + 1}"


def _departments(desk: Desk) -> list[str]:
    """The departments with a head at work; without one nobody could judge, and a person has to open it."""
    return sorted(
        {
            grant["unit"]
            for account in desk.directory.all()
            if account.active
            for grant in account.grants
            if grant["role"] == HEAD
        }
    )


def _open(desk: Desk, form: CompiledForm, rules: Periodic, period: str, department: str) -> bool:
    key = f"{form.form}:{period}:{department}"
    actor = replace(people.system_actor(desk), unit=department)
    if desk.store.idempotent(submitting.idempotency(actor, "submit", key)) is not None:
        return False
    answers = with_value(with_value(rules.answers, rules.period, period), rules.department, department)
    try:
        submitting.submit(desk, actor, submitting.Submission(form.form, answers, key), None).wait()
    except (Invalid, Refused):
        return False
    return True
