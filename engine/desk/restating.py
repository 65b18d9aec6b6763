"""A step that writes into its document: the same event moves it and carries its new answers.

Decides what the answers are after the step and that they hold; the new revision's content is
engine.desk.next_revision's. Never decides who may.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.desk import attaching, checking, next_revision, reading
from engine.desk.desk import Desk
from engine.errors import Invalid
from engine.identity import local_day, utc_text
from engine.lifecycle.advance import Advance
from engine.lifecycle.people import Actor
from engine.lifecycle.writing import with_value, written
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.validate import validate


@dataclass(frozen=True, slots=True)
class Restated:
    """The answers as the step leaves them, free of errors, with the files they list."""

    answers: dict[str, Any]
    bound: attaching.Bound
    warnings: tuple[str, ...]


def restate(
    desk: Desk, actor: Actor, row: DocumentRow, form: CompiledForm, step: Advance, told: Mapping[str, Any]
) -> Restated | None:
    """What the document says after the step, None when the step writes nothing.

    `told` is what the system found out, by pointer. Raises Invalid("answers") when the whole does not hold.
    """
    if not step.transition.writes and not told:
        return None
    now = desk.clock.now()
    unit = step.grant.unit if step.grant is not None else actor.unit
    names = {
        "transition": step.answers,
        "actor": {**actor.as_facts(step.role), "unit": unit},
        "document": {"doc_id": row["doc_id"], "doc_no": row["doc_no"]},
        "now": utc_text(now),
        "today": local_day(now),
    }
    answers = written(step.transition.writes, reading.answers_of(desk, row), names)
    for pointer, value in told.items():
        answers = with_value(answers, pointer, value)
    around = checking.surroundings(desk, actor, step.role, now, form, answers, row)
    judged = validate(form, answers, around)
    if judged.errors:
        raise Invalid("answers", problems=judged.errors)
    bound = attaching.bind(desk, actor, form, judged.answers, row)
    if bound.problems:
        raise Invalid("answers", problems=bound.problems)
    return Restated(judged.answers, bound, tuple(one.code for one in judged.warnings))


def content(
    desk: Desk, row: DocumentRow, form: CompiledForm, found: Restated, said: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the event of the step carries beside the step itself, and what its record says at its side.

    `said` are the step's own answers (comment, marks, what was drawn); they are sealed with the rest.
    """
    carried, beside = next_revision.content(desk, row, form, found.answers, found.bound, said)
    return carried, {**beside, "flags": sorted({*found.warnings}), "said": bool(said)}
