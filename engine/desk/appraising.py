"""Appraising: the list of documents whose time has come (档案法实施条例; domain B.10).

Decides what stands in the list when it is drawn up: the documents of one department whose retention is over,
that no hold stops and nothing destroyed yet. What becomes of each is people's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.desk import retention
from engine.desk.desk import Desk
from engine.errors import Problem
from engine.identity import local_day
from engine.lifecycle.keeping import LIST_DUE, Appraises
from engine.lifecycle.writing import with_value
from engine.projection import DESTROYED, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import look


def fill(
    desk: Desk, form: CompiledForm, answers: dict[str, Any], before: DocumentRow | None
) -> dict[str, Any]:
    """The answers of a list that is drawn up now with its lines; any others are given back as they are."""
    rules = form.workflow.keeping.appraises
    if rules is None or before is not None or LIST_DUE not in form.workflow.first().does:
        return answers
    department = look(answers, rules.department)
    if not isinstance(department, str):
        return answers
    lines = list_due(desk, department)
    found = {rules.lines: lines, rules.day: local_day(desk.clock.now()), rules.count: len(lines)}
    for pointer, value in found.items():
        answers = with_value(answers, pointer, value)
    return answers


def judge(
    form: CompiledForm, answers: Mapping[str, Any], before: DocumentRow | None
) -> tuple[Problem, ...]:
    """What stops a list from being drawn up: nothing is due in the department."""
    rules = form.workflow.keeping.appraises
    if rules is None or before is not None or look(answers, rules.lines):
        return ()
    return (Problem(rules.department, "appraisal.nothing_due"),)


def written_by_system(form: CompiledForm) -> tuple[str, ...]:
    """The parts of a new document that the system fills in beside what the first step lets people edit."""
    rules: Appraises | None = form.workflow.keeping.appraises
    return () if rules is None else (rules.lines, rules.day, rules.count)


def list_due(desk: Desk, department: str) -> list[dict[str, Any]]:
    """One line for each document of a department whose time has come, the oldest first."""
    today, known = local_day(desk.clock.now()), retention.standing(desk)
    found: list[tuple[str, str, dict[str, Any]]] = []
    for row in retention.every(desk, *desk.registry.forms()):
        if row["unit"] != department or DESTROYED in row["flags"] or row["doc_id"] in known.holds:
            continue
        kept = retention.kept(desk, row, known)
        if kept.is_over(today):
            line = {
                "doc_id": row["doc_id"],
                "doc_no": row["doc_no"],
                "form": row["form"],
                "period": kept.period,
                "closed_on": kept.closed_on,
                "retain_until": kept.until,
            }
            found.append((kept.until, row["doc_id"], line))
    most = int(retention.table_of(desk)["most_listed"])
    return [line for _, _, line in sorted(found, key=lambda one: one[:2])[:most]]
