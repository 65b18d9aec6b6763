"""Judging answers with everything a submission would be judged with, and writing nothing.

Decides which facts the rules see: the document, the actor, and what other documents say (lookups). The
same function serves the live field check, the 检查 button, the submission and the API.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from engine.desk import grant_reviews, lookups, publishing, query_scope, reading, taking, update_targets
from engine.desk.desk import Desk
from engine.identity import local_day, utc_text
from engine.lifecycle.advance import options
from engine.lifecycle.people import Actor
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.validate import Judgement, Surroundings, validate


def check(
    desk: Desk,
    actor: Actor,
    form: CompiledForm,
    answers: dict[str, Any],
    *,
    role: str = "",
    before: DocumentRow | None = None,
    channel: str = "counter",
    created_at: str = "",
) -> Judgement:
    """The judgement over the answers as if they were submitted now.

    `before` is the row of the document that is being corrected, None for a new one.
    """
    now, answers = desk.clock.now(), publishing.fill(desk, form, answers)
    answers = update_targets.fill(desk, actor, form, query_scope.keyed(desk, form, answers))
    answers = taking.fill(desk, form, grant_reviews.fill(desk, actor, form, answers, before), before)
    around = surroundings(
        desk, actor, role, now, form, answers, before, channel=channel, created_at=created_at
    )
    return validate(form, answers, around)


def surroundings(
    desk: Desk,
    actor: Actor,
    role: str,
    now: datetime,
    form: CompiledForm,
    answers: Mapping[str, Any] | None,
    before: DocumentRow | None,
    *,
    channel: str = "counter",
    created_at: str = "",
    transition: Mapping[str, Any] | None = None,
    asked: Collection[str] | None = None,
) -> Surroundings:
    """The names an expression of this form may use (forms.md §2), bound to the present.

    `asked` names the lookups to carry out; None means those of the rules and of the first transition.
    With `answers` None nothing was opened: expressions over the answers are not asked.
    """
    today, settings = local_day(now), desk.settings.now()
    document = (
        reading.standing_of(before).as_facts(before["channel"])
        if before is not None
        else _not_yet(actor, now, channel, created_at)
    )
    document["maker"] = _maker(desk, actor, before)
    return Surroundings(
        now=now,
        today=today,
        document=document,
        actor=actor.as_facts(role or next(iter(actor.roles(today)), "")),
        facts=_facts(desk, form, answers, before, asked) if answers else {},
        transition=transition,
        data=answers,
        tables=settings.tables(form.tables, today),
        settings=settings,
    )


def may_take(
    desk: Desk, actor: Actor, form: CompiledForm, row: DocumentRow, name: str, answers: Mapping[str, Any]
) -> bool:
    """Whether this person may take a transition now, as far as its guards can be asked before it is taken."""
    around = surroundings(desk, actor, "", desk.clock.now(), form, answers, row)
    offered = options(form, reading.standing_of(row), actor, around)
    return any(one.allowed for one in offered if one.transition.name == name)


_asked_at_submission: dict[str, frozenset[str]] = {}


def _facts(
    desk: Desk,
    form: CompiledForm,
    answers: Mapping[str, Any],
    before: DocumentRow | None,
    asked: Collection[str] | None,
) -> dict[str, Any]:
    if asked is None:
        # A memo by digest, one entry a form version.
        asked = _asked_at_submission.get(form.digest)
        if asked is None:
            expressions = [rule.expression for rule in form.rules]
            edits = [one for one in form.workflow.transitions.values() if one.edits]
            guards = [each for one in (form.workflow.first(), *edits) for each in one.expressions()]
            computed = [one.expression for layer in form.computed for one in layer]
            asked = lookups.asked_by(form, [*expressions, *guards, *computed])
            _asked_at_submission[form.digest] = asked
    return lookups.gather(desk, form, answers, before["doc"] if before is not None else "", asked)


def _maker(desk: Desk, actor: Actor, before: DocumentRow | None) -> dict[str, str]:
    """Who made the document, by staff number and department; of one not born yet whoever acts now."""
    account = desk.directory.by_person(before["created_by"]) if before is not None else None
    if before is None:
        return {"staff_no": actor.staff_no, "unit": actor.unit}
    return {"staff_no": account.staff_no, "unit": account.unit} if account is not None else {}


def _not_yet(actor: Actor, now: datetime, channel: str, created_at: str) -> dict[str, Any]:
    """What is known of a document that would be born now."""
    return {
        "doc_id": "",
        "created_by": actor.person,
        "submitted_by": actor.person,
        "created_at": created_at or utc_text(now),
        "submitted_at": utc_text(now),
        "revision": 0,
        "channel": channel,
        "state": "",
    }
