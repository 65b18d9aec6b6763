"""The static checks of a workflow before it is published (forms.md §3), each with a code and facts.

Decides whether a graph of states can work for people. Never runs a transition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from engine.errors import Problem
from engine.lifecycle.people import SYSTEM_ROLE
from engine.lifecycle.workflow import COMMENTS, Transition, Workflow

# K1: whoever decides is none of these (domain.md C.3).
FOUR_EYES: Final = frozenset({"creator", "submitter", "collector"})
_OWN_ACTS: Final = frozenset({"created_by", "submitted_by"})
_SEALS: Final = frozenset({"identity", "health", "finance", "other"})


def check_workflow(workflow: Workflow, roles: Iterable[str]) -> list[Problem]:
    """Everything wrong with a workflow, given the roles that exist; [] when it may be published.

    Codes, with the state or transition in the facts: `state.unknown`, `state.unreachable`, `state.dead_end`,
    `state.final_with_exit`, `transition.nobody`, `transition.own_work` (K1),
    `transition.comment`, `role.unknown`, `due.not_positive`, `due.unknown_state`, `field.undeclared`,
    `field.unused`, `makes.unknown`, `seal.unknown`.
    """
    known = frozenset(roles) | {SYSTEM_ROLE}
    problems = list(_check_names(workflow))
    if not problems:
        problems.extend(_check_reach(workflow))
    for place, one in enumerate(workflow.transitions.values()):
        problems.extend(_check_transition(workflow, one, f"/transitions/{place}", known))
    for place, one in enumerate(workflow.system.values()):
        problems.extend(_check_records(workflow, one, f"/system/{place}"))
    for place, rule in enumerate(workflow.access):
        for role in rule.get("roles", ()):
            if role not in known:
                problems.append(Problem(f"/access/{place}/roles", "role.unknown", {"role": role}))
    problems.extend(
        Problem("/seal/classes", "seal.unknown", {"class": name})
        for name in workflow.seal_classes
        if name not in _SEALS
    )
    return problems


def _check_names(workflow: Workflow) -> Iterator[Problem]:
    """Every state that is named exists."""
    if workflow.initial not in workflow.states:
        yield Problem("/initial", "state.unknown", {"state": workflow.initial})
    for kind, transitions in (("transitions", workflow.transitions), ("system", workflow.system)):
        for place, one in enumerate(transitions.values()):
            pointer = f"/{kind}/{place}"
            for state in (*one.sources, one.target):
                if state not in workflow.states:
                    yield Problem(pointer, "state.unknown", {"state": state, "transition": one.name})


def _check_reach(workflow: Workflow) -> Iterator[Problem]:
    """From the beginning to every state, and from every state to an end."""
    edges: dict[str, set[str]] = {name: set() for name in workflow.states}
    for one in (*workflow.transitions.values(), *workflow.system.values()):
        for state in one.sources:
            edges[state].add(one.target)
    reached = _closure(edges, {workflow.initial})
    backwards: dict[str, set[str]] = {name: set() for name in workflow.states}
    for state, targets in edges.items():
        for target in targets:
            backwards[target].add(state)
    final = {name for name, state in workflow.states.items() if state.is_final}
    finishing = _closure(backwards, final)
    for name in workflow.states:
        pointer = f"/states/{name}"
        if name not in reached:
            yield Problem(pointer, "state.unreachable", {"state": name})
        if name not in finishing:
            yield Problem(pointer, "state.dead_end", {"state": name})
        if name in final and edges[name]:
            yield Problem(pointer, "state.final_with_exit", {"state": name})


def _closure(edges: Mapping[str, set[str]], start: set[str]) -> set[str]:
    reached, waiting = set(start), list(start)
    while waiting:
        for target in edges[waiting.pop()]:
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def _check_transition(
    workflow: Workflow, one: Transition, pointer: str, known: frozenset[str]
) -> Iterator[Problem]:
    facts = {"transition": one.name}
    for role in one.by.roles:
        if role not in known:
            yield Problem(pointer + "/by/roles", "role.unknown", {**facts, "role": role})
    if not any(role in known for role in one.by.roles):
        yield Problem(pointer + "/by/roles", "transition.nobody", facts)
    if one.comment not in COMMENTS:
        yield Problem(pointer + "/comment", "transition.comment", facts)
    if is_decision(workflow, one) and not one.own_work and not set(one.not_by) >= FOUR_EYES:
        missing = sorted(FOUR_EYES - set(one.not_by))
        yield Problem(pointer + "/not_by", "transition.own_work", {**facts, "missing": missing})
    if one.due is not None:
        limit = one.due.working_days if one.due.hours is None else one.due.hours
        lengths = [each for each in (one.due.working_days, one.due.hours) if each is not None]
        is_length = isinstance(limit, int) and limit > 0
        if len(lengths) > 1 or not (is_length or (one.due.by and not lengths)):
            yield Problem(pointer + "/due", "due.not_positive", facts)
        if one.due.source not in workflow.states:
            yield Problem(pointer + "/due/from", "due.unknown_state", {**facts, "state": one.due.source})
    yield from _check_fields(one, pointer)
    yield from _check_records(workflow, one, pointer)


def is_decision(workflow: Workflow, one: Transition) -> bool:
    """True for a transition that judges somebody's work: it takes it up, ticks or answers, or makes a record.

    Not for what people do with their own document, what begins it, or what only the system does.
    """
    if one.by.same_as in _OWN_ACTS or workflow.initial in one.sources or set(one.by.roles) == {SYSTEM_ROLE}:
        return False
    return one.answers is not None or bool(one.makes) or one.holder == "takes"


def _check_fields(one: Transition, pointer: str) -> Iterator[Problem]:
    """What a transition writes is declared on it, and what is declared has a description."""
    described = set() if one.answers is None else set(one.answers.schema.get("properties", {}))
    declared = {name.removeprefix("/transition/") for name in one.fields if name.startswith("/transition/")}
    for name in sorted(described - declared):
        yield Problem(pointer + "/fields", "field.undeclared", {"transition": one.name, "field": name})
    for name in sorted(declared - described):
        yield Problem(pointer + "/fields", "field.unused", {"transition": one.name, "field": name})


def _check_records(workflow: Workflow, one: Transition, pointer: str) -> Iterator[Problem]:
    for name in one.makes:
        if name not in workflow.records:
            yield Problem(pointer + "/makes", "makes.unknown", {"transition": one.name, "record": name})
