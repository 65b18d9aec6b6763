"""Whether a person may take a transition now, and what follows from it.

Decides role, four eyes, department, comment, the transition's own answers, guards and the next limit
(domain.md C.3, K1–K8). Never writes: the desk turns an Advance into a signed event, and compares heads (K3).

Steps of `advance`:
 1 the transition leaves the present state, else Conflict
 2 a grant in force gives a role that may, for this region and department (K2), else NotAllowed
 3 the person is the one the transition asks for, and none of those it excludes (K1), else NotAllowed
 4 the comment (K4, K9) and the transition's own answers hold, else Invalid
 5 the guards and the `when` hold, else NotAllowed with their sentences; what cannot be evaluated does not
 6 the state after, and the earliest limit of what can be done from there (K7)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from engine.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from engine.identity import local_day
from engine.lifecycle.deadlines import Calendar, due_at, end_of_day
from engine.lifecycle.limits import Due
from engine.lifecycle.people import SYSTEM_ROLE, Actor, Grant, covers
from engine.lifecycle.settings import NO_SETTINGS, Settings
from engine.lifecycle.standing import Standing
from engine.lifecycle.workflow import Guard, Transition
from engine.registry.compiled import CompiledForm
from engine.registry.expressions import Expression, merge_reads
from engine.registry.numbers import has_identity_number
from engine.registry.plain_terms import MEMO
from engine.registry.pointers import look
from engine.registry.validate import Surroundings, bindings

SHORTEST_COMMENT: Final = 5
LONGEST_COMMENT: Final = 2_000
COMMENT: Final = "/transition/comment"
HEAD: Final = "department_head"
_UTC: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Advance:
    """A transition that may be taken: the role, the state after, due when (UTC or None), with what said.

    `grant` is the one that allowed it, None for the system.
    """

    transition: Transition
    role: str
    target_state: str
    due_at: str | None
    answers: dict[str, Any]
    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """In which role somebody acts, and by which grant (None: the system, or nobody who may)."""

    role: str
    grant: Grant | None = None

    def facts(self, actor: Actor) -> dict[str, Any]:
        """What CEL sees as `actor`; the unit is that of the grant, as it is signed."""
        unit = {} if self.grant is None else {"unit": self.grant.unit}
        return {**actor.as_facts(self.role), **unit}


@dataclass(frozen=True, slots=True)
class Option:
    """A transition out of the present state. `why` says for a button why it is not this person's."""

    transition: Transition
    allowed: bool
    why: Problem | None


def begin(form: CompiledForm, actor: Actor, day: str) -> str:
    """The role in which the person may begin this form on `day`; NotAllowed("begin") when in none."""
    allowed = form.workflow.first().by.roles
    role = next((role for role in actor.roles(day) if role in allowed), None)
    if role is None:
        raise NotAllowed("begin", form=form.form, roles=list(allowed))
    return role


def options(form: CompiledForm, standing: Standing, actor: Actor, around: Surroundings) -> tuple[Option, ...]:
    """Every transition that leaves the present state, allowed or with the reason why not.

    Guards are asked when what they read is at hand: with no `around.data` those over the answers wait
    until the transition is taken, and those over the transition's own answers always do.
    """
    out = []
    for transition in form.workflow.leaving(standing.state):
        part, why = _who(form, standing, transition, actor, around)
        if why is None and not transition.edits:  # guards of what edits are asked of what will be written
            asked = tuple(guard for guard in transition.guards if _is_askable(guard, around))
            why = next(_failed_guards(form, standing, asked, actor, part, around), None)
        out.append(Option(transition, why is None, why))
    return tuple(out)


def advance(
    form: CompiledForm,
    standing: Standing,
    transition_name: str,
    actor: Actor,
    transition_answers: dict[str, Any],
    around: Surroundings,
    calendar: Calendar,
) -> Advance:
    """Judge one transition by one person now. `around.data` holds the document's answers for the guards.

    Raises NotFound("transition"), Conflict("state", facts state, transition), NotAllowed (code role, K1, K2,
    same_person, rule or guard, with the problem), Invalid (problems under /transition).
    """
    # 1
    transition = form.workflow.transition(transition_name)
    if transition is None:
        raise NotFound("transition", transition=transition_name)
    if standing.state not in transition.sources:
        raise Conflict("state", state=standing.state, transition=transition_name)
    # 2, 3
    part, why = _who(form, standing, transition, actor, around)
    if why is not None:
        raise NotAllowed(why.code, problems=[why], transition=transition_name)
    # 4
    answers, problems = _check_answers(transition, transition_answers)
    if problems:
        raise Invalid("transition", problems=problems, transition=transition_name)
    # 5
    failed = list(_failed_guards(form, standing, transition.guards, actor, part, around, answers))
    if transition.when is not None and not all(
        _holds(form, standing, (transition.when,), actor, part, around, answers)
    ):
        failed.append(Problem("", "when", {"transition": transition_name}))
    if failed:
        raise NotAllowed("guard", problems=failed, transition=transition_name)
    # 6
    due = next_due(form, standing, transition, around.now, calendar, around.data, around.settings)
    return Advance(transition, part.role, transition.target, due, answers, part.grant)


def is_open_to(
    form: CompiledForm, standing: Standing, transition: Transition, actor: Actor, around: Surroundings
) -> bool:
    """Whether a transition out of the present state is this person's to take, whatever its guards say."""
    return _who(form, standing, transition, actor, around)[1] is None


def do_guards_hold(
    form: CompiledForm, standing: Standing, transition: Transition, actor: Actor, around: Surroundings
) -> bool:
    """Whether every guard of a transition holds now, in whichever state the document stands."""
    return next(_failed_guards(form, standing, transition.guards, actor, Part(""), around), None) is None


def is_due(
    form: CompiledForm, standing: Standing, transition: Transition, actor: Actor, around: Surroundings
) -> bool:
    """Whether the `when` of a transition holds now; one without is always due."""
    asked = () if transition.when is None else (transition.when,)
    return all(_holds(form, standing, asked, actor, Part(SYSTEM_ROLE), around, None))


def _who(
    form: CompiledForm, standing: Standing, transition: Transition, actor: Actor, around: Surroundings
) -> tuple[Part, Problem | None]:
    """The part in which the person may take the transition, or the first reason why not.

    Of several grants that fit, the one for which the rule holds: a head of two departments acts for the one
    that is asked.
    """
    nobody = Part("")
    facts = {"transition": transition.name}
    if actor.is_system:
        if SYSTEM_ROLE in transition.by.roles:
            return Part(SYSTEM_ROLE), None
        return nobody, Problem("", "role", {**facts, "roles": list(transition.by.roles)})
    fitting = [grant for grant in actor.grants_on(around.today) if grant.role in transition.by.roles]
    if not fitting:
        return nobody, Problem("", "role", {**facts, "roles": list(transition.by.roles)})
    placed = [grant for grant in fitting if _is_in_place(transition, standing, grant)]
    if not placed:
        needed = transition.by.department or transition.by.head_of
        return nobody, Problem("", "K2", {**facts, "department": needed, "region": standing.region})
    part = Part(placed[0].role, placed[0])
    if transition.by.same_as and actor.person != getattr(standing, transition.by.same_as):
        return part, Problem("", "same_person", {**facts, "as": transition.by.same_as})
    excluded = next((name for name in transition.not_by if actor.person in _people(standing, name)), None)
    if excluded is not None:
        return part, Problem("", "K1", {**facts, "as": excluded})
    rule = transition.by.rule
    if rule is None or ("data" in rule.reads and around.data is None):
        return part, None
    parts = (Part(grant.role, grant) for grant in placed)
    held = (one for one in parts if _holds(form, standing, (rule,), actor, one, around, None)[0])
    found = next(held, None)
    return (part, Problem("", "rule", facts)) if found is None else (found, None)


def _is_in_place(transition: Transition, standing: Standing, grant: Grant) -> bool:
    """True when the grant's region covers the document and its department is the one asked for (K2)."""
    if not covers(grant.region, standing.region):
        return False
    by = transition.by
    if by.head_of:
        return grant.role == HEAD and grant.unit == (
            standing.unit if by.head_of == "document" else by.head_of
        )
    return not by.department or grant.unit == by.department


def _people(standing: Standing, name: str) -> frozenset[str]:
    """The persons behind a word of `not_by` (K1); everyone who ever submitted counts as submitter."""
    if name == "creator":
        people = {standing.created_by}
    elif name == "submitter":
        first = {step.person for step in standing.steps if step.transition == _first_name(standing)}
        people = {standing.submitted_by, *first}
    elif name == "collector":
        people = {standing.collector}
    elif name == "last_actor":
        people = {standing.steps[-1].person} if standing.steps else set()
    else:
        people = {getattr(standing, name, "")}
    return frozenset(people - {""})


def _first_name(standing: Standing) -> str:
    return standing.steps[0].transition if standing.steps else ""


def _check_answers(transition: Transition, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The transition's answers with the comment trimmed, and what is wrong with them (K4, K9)."""
    answers = dict(given)
    comment = answers.pop("comment", "")
    problems = list(_check_comment(transition, comment))
    if transition.answers is not None:
        problems.extend(transition.answers.problems(answers, "/transition"))
    else:
        problems.extend(Problem(f"/transition/{name}", "unknown_field") for name in answers)
    if isinstance(comment, str) and comment.strip():
        answers["comment"] = comment.strip()
    return answers, problems


def _check_comment(transition: Transition, comment: Any) -> Iterator[Problem]:
    if not isinstance(comment, str):
        yield Problem(COMMENT, "type", {"expected": ["string"]})
        return
    text = comment.strip()
    if not text:
        if transition.comment == "required":
            yield Problem(COMMENT, "required", {"limit": SHORTEST_COMMENT})
        return
    if transition.comment == "none":
        yield Problem(COMMENT, "forbidden")
    elif transition.comment == "required" and len(text) < SHORTEST_COMMENT:
        yield Problem(COMMENT, "min_length", {"limit": SHORTEST_COMMENT, "length": len(text)})
    elif len(text) > LONGEST_COMMENT:
        yield Problem(COMMENT, "max_length", {"limit": LONGEST_COMMENT, "length": len(text)})
    if has_identity_number(text):
        yield Problem(COMMENT, "K9")


def _is_askable(guard: Guard, around: Surroundings) -> bool:
    reads = guard.expression.reads
    return "transition" not in reads and ("data" not in reads or around.data is not None)


def _failed_guards(
    form: CompiledForm,
    standing: Standing,
    guards: tuple[Guard, ...],
    actor: Actor,
    part: Part,
    around: Surroundings,
    answers: Mapping[str, Any] | None = None,
) -> Iterator[Problem]:
    held = _holds(form, standing, tuple(guard.expression for guard in guards), actor, part, around, answers)
    for guard, holds in zip(guards, held, strict=True):
        if not holds:
            yield Problem("", f"guard.{guard.id}", {"guard": guard.id}, "error", guard.message)


def _holds(
    form: CompiledForm,
    standing: Standing,
    expressions: tuple[Expression, ...],
    actor: Actor,
    part: Part,
    around: Surroundings,
    answers: Mapping[str, Any] | None,
) -> list[bool]:
    """For each expression whether it is true; whatever cannot be evaluated is not."""
    if not expressions:
        return []
    document = {**standing.as_facts(str(around.document.get("channel", ""))), **around.document}
    bound = {
        **bindings(around.data or {}, around),
        "document": document,
        "actor": part.facts(actor),
        "transition": answers,
    }
    env = {"tables": form.tables, **bound, MEMO: {}}
    held = [form.is_plainly(expression.text, env) for expression in expressions]
    asked = [expression for expression, is_plain in zip(expressions, held, strict=True) if not is_plain]
    if not asked:
        return held
    with form.bench.prepared(merge_reads(asked), bound) as context:
        answered = iter([expression.evaluate(context) is True for expression in asked])
    return [is_plain or next(answered) for is_plain in held]


def next_due(
    form: CompiledForm,
    standing: Standing,
    transition: Transition,
    now: datetime,
    calendar: Calendar,
    data: Mapping[str, Any] | None = None,
    settings: Settings = NO_SETTINGS,
) -> str | None:
    """The earliest limit among what people can do after `transition`, taken at `now`; UTC, None without one.

    `data` are the answers as they will be, for limits that are days in them.

    A limit counts from when the document first came into the state it names since it was last submitted,
    so that being released and claimed again gives no new time. Its length is that of the day when it began.
    """
    entered = _entered(form, standing, transition, now)
    limits = [
        _end_of(form, one, one.due, entered[one.due.source], calendar, settings)
        for one in form.workflow.leaving(transition.target)
        if one.due is not None and one.due.has_length and one.due.source in entered
    ]
    for one in form.workflow.leaving(transition.target):
        days = [] if one.due is None or data is None else [look(data, at) for at in one.due.by]
        day = next((each for each in days if isinstance(each, str)), None)
        limits += [] if day is None else [end_of_day(day)]
    return min(limits).strftime(_UTC) if limits else None


def _end_of(
    form: CompiledForm,
    one: Transition,
    due: Due,
    since: datetime,
    calendar: Calendar,
    settings: Settings,
) -> datetime:
    """When the limit of a transition ends that began at `since`, as long as the agency has it on that day."""
    day, place = local_day(since), f"limit:{form.form}/{one.name}"

    def length(written: int | None) -> int | None:
        if written is None:
            return None
        return settings.number(due.setting, day) if due.setting else int(settings.at(place, written, day))

    return due_at(calendar, since, working_days=length(due.working_days), hours=length(due.hours))


def _entered(
    form: CompiledForm, standing: Standing, transition: Transition, now: datetime
) -> dict[str, datetime]:
    """When each state was first entered since the last submission, this transition included."""
    first = form.workflow.first().name
    steps = [(step.transition, step.target, _moment(step.at)) for step in standing.steps]
    steps.append((transition.name, transition.target, now))
    begin_at = max((place for place, (name, _, _) in enumerate(steps) if name == first), default=0)
    entered: dict[str, datetime] = {}
    for _, target, at in steps[begin_at:]:
        entered.setdefault(target, at)
    return entered


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _UTC).replace(tzinfo=UTC)
