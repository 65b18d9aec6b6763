"""When a document is somebody's task in hand, as far as the document itself tells (R5.8.1).

Decides by its state, its steps and who had to do with it; what other documents make of it (an update, a
sample, an approved query) is engine.desk.grounds'. Never decides what is shown.

A document is under way until it is settled: in a final state, or in one that the system leaves for a final
one (archiving). Under way, it is the task of everyone who may take one of its next steps. Whoever made it or
took a step of it has it in hand until it has been settled for a while.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from engine.identity import local_day, parse_utc
from engine.lifecycle.advance import is_open_to
from engine.lifecycle.people import Actor
from engine.lifecycle.standing import Standing
from engine.lifecycle.workflow import Workflow
from engine.registry.compiled import CompiledForm
from engine.registry.validate import Surroundings

PERSONAL: Final = frozenset({"L3", "L4"})
"""Data levels of what is about citizens: health, finance and identity are L3 or above (C.3, K11)."""


def is_personal(form: CompiledForm) -> bool:
    """Whether documents of a form are records about citizens, by the data level that its schema declares."""
    return form.header.get("data_level") in PERSONAL


def is_settled(workflow: Workflow, state: str) -> bool:
    """Whether nothing is awaited in a state any more."""
    return workflow.states[state].is_final or any(
        state in one.sources and workflow.states[one.target].is_final for one in workflow.system.values()
    )


def unsettled(workflow: Workflow) -> tuple[str, ...]:
    """The states in which a document is under way."""
    return tuple(name for name in workflow.states if not is_settled(workflow, name))


def next_step(form: CompiledForm, standing: Standing, actor: Actor, around: Surroundings) -> str:
    """The first step by which this person may move a document that is under way; "" without one."""
    if is_settled(form.workflow, standing.state):
        return ""
    ahead = form.workflow.leaving(standing.state)
    return next((one.name for one in ahead if is_open_to(form, standing, one, actor, around)), "")


def is_own(form: CompiledForm, standing: Standing, actor: Actor, today: str, days: int) -> bool:
    """Whether this person made the document or took a step of it, and it is under way or was settled at most
    `days` days ago (`today` is YYYY-MM-DD in Asia/Shanghai)."""
    people = {standing.created_by, standing.submitted_by, standing.collector, standing.claimed_by}
    if actor.person not in people | {step.person for step in standing.steps}:
        return False
    if not is_settled(form.workflow, standing.state):
        return True
    last = local_day(parse_utc(standing.steps[-1].at))
    return (date.fromisoformat(today) - date.fromisoformat(last)).days <= days
