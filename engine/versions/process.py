"""Can the documents that stand somewhere now still finish under another states file?

Decides by the graph: which states exist no more, from which no final state is reached by ways somebody may
take, which ways nobody may take, where a person could now approve their own work (K1). A way with a new or
narrower condition is not counted on. Never looks into a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import Problem
from engine.lifecycle.graph import check_workflow
from engine.lifecycle.people import ROLES, SYSTEM_ROLE
from engine.lifecycle.workflow import Transition, Workflow, parse_workflow

COMPATIBLE: Final = "compatible"
INCOMPATIBLE: Final = "incompatible"
UNKNOWN: Final = "unknown"
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Stuck:
    """Where documents cannot finish. `reason`: state.missing, state.dead_end, conditions_changed."""

    state: str
    title: str
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class ProcessVerdict:
    """`verdict`: compatible, incompatible (a state is stuck), unknown (conditions_changed), or none.

    `stuck` is proved, `doubtful` depends on conditions; `unreachable` states; `nobody` and `self_approval`
    name transitions. `standing` counts the documents that were looked at.
    """

    verdict: str = NONE
    stuck: tuple[Stuck, ...] = ()
    doubtful: tuple[Stuck, ...] = ()
    unreachable: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()
    self_approval: tuple[str, ...] = ()
    standing: int = 0

    @property
    def can_finish(self) -> bool:
        """True when every document that can stand somewhere can still finish, proved."""
        return self.verdict in (COMPATIBLE, NONE)

    def as_json(self) -> dict[str, Any]:
        """The verdict as the command line and the API print it."""
        return {
            "verdict": self.verdict,
            "stuck": [_as_json(one) for one in self.stuck],
            "doubtful": [_as_json(one) for one in self.doubtful],
            "unreachable": list(self.unreachable),
            "nobody": list(self.nobody),
            "self_approval": list(self.self_approval),
            "standing": self.standing,
        }


def _as_json(one: Stuck) -> dict[str, Any]:
    return {"state": one.state, "title": one.title, "count": one.count, "reason": one.reason}


def process_verdict(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    standing: Mapping[str, int] | None = None,
    roles: Iterable[str] = ROLES,
) -> ProcessVerdict:
    """What becomes of documents under way when states.json `old` is followed by `new`.

    `standing` counts documents by state. Raises Invalid (parse_workflow) when a file cannot be read.
    """
    known = frozenset(roles) | {SYSTEM_ROLE}
    counts = standing or {}
    was, now = parse_workflow(old), parse_workflow(new)
    problems, before = check_workflow(now, known), check_workflow(was, known)
    stuck, doubtful = _stuck(was, now, known, counts)
    return ProcessVerdict(
        verdict=INCOMPATIBLE if stuck else UNKNOWN if doubtful else COMPATIBLE,
        stuck=stuck,
        doubtful=doubtful,
        unreachable=_named(problems, "state.unreachable", "state"),
        nobody=_named(problems, "transition.nobody", "transition"),
        self_approval=tuple(
            name
            for name in _named(problems, "transition.own_work", "transition")
            if name not in _named(before, "transition.own_work", "transition")
        ),
        standing=sum(counts.values()),
    )


def _named(problems: Iterable[Problem], code: str, fact: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(one.facts[fact]) for one in problems if one.code == code))


def _stuck(
    was: Workflow, now: Workflow, known: frozenset[str], counts: Mapping[str, int]
) -> tuple[tuple[Stuck, ...], tuple[Stuck, ...]]:
    can_finish = _finishing(now, [one for one in _all(now) if _is_takeable(one, known)])
    surely = _finishing(
        now, [one for one in _all(now) if _is_takeable(one, known) and not _is_narrower(was, one)]
    )
    stuck: list[Stuck] = []
    doubtful: list[Stuck] = []
    for name in _occupied(was, counts):
        state = was.states.get(name)
        is_done = state is not None and state.is_final
        title = state.title if state is not None else name
        if name not in now.states:
            # A finished document stays as it is; it only has no name for its state any more.
            if not is_done:
                stuck.append(Stuck(name, title, counts.get(name, 0), "state.missing"))
        elif name not in can_finish:
            stuck.append(Stuck(name, title, counts.get(name, 0), "state.dead_end"))
        elif name not in surely and not is_done:
            doubtful.append(Stuck(name, title, counts.get(name, 0), "conditions_changed"))
    return tuple(stuck), tuple(doubtful)


def _all(workflow: Workflow) -> tuple[Transition, ...]:
    return (*workflow.transitions.values(), *workflow.system.values())


def _occupied(was: Workflow, counts: Mapping[str, int]) -> list[str]:
    """The states in which documents can stand under the old file: those reached, and those that hold one."""
    reached, waiting = {was.initial}, [was.initial]
    while waiting:
        here = waiting.pop()
        for one in _all(was):
            if here in one.sources and one.target not in reached:
                reached.add(one.target)
                waiting.append(one.target)
    return [*(n for n in was.states if n in reached), *(n for n in counts if counts[n] and n not in reached)]


def _is_takeable(one: Transition, known: frozenset[str]) -> bool:
    return any(role in known for role in one.by.roles)


def _finishing(workflow: Workflow, ways: Iterable[Transition]) -> set[str]:
    """The states from which these ways lead to a final one, and the final ones."""
    found = {name for name, state in workflow.states.items() if state.is_final}
    taken = list(ways)
    grows = True
    while grows:
        more = {
            s for one in taken if one.target in found for s in one.sources if s in workflow.states
        } - found
        found |= more
        grows = bool(more)
    return found


def _is_narrower(was: Workflow, one: Transition) -> bool:
    """True when the way asks for more than it did: a new guard or condition, fewer who may."""
    before = was.transition(one.name)
    if before is None:
        return bool(one.guards) or one.when is not None or one.by.rule is not None
    texts = {guard.expression.text for guard in before.guards}
    has_more_guards = any(guard.expression.text not in texts for guard in one.guards)
    rules = [None if by.rule is None else by.rule.text for by in (before.by, one.by)]
    whens = [None if w.when is None else w.when.text for w in (before, one)]
    return (
        has_more_guards
        or (rules[1] is not None and rules[0] != rules[1])
        or (whens[1] is not None and whens[0] != whens[1])
        or (one.validates and not before.validates)
        or not set(before.not_by) >= set(one.not_by)
        or any(
            wanted and wanted != had
            for wanted, had in (
                (one.by.same_as, before.by.same_as),
                (one.by.department, before.by.department),
                (one.by.head_of, before.by.head_of),
            )
        )
    )
