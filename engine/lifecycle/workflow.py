"""states.json as values: states, transitions, who may take them, what they ask, when they are due.

Decides only that the file can be read and its expressions compile; whether the graph makes sense is the
business of `graph`. Never knows a particular form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import Invalid, Problem
from engine.lifecycle import counts, keeping
from engine.lifecycle.counts import Counts, parse_counts
from engine.lifecycle.granting import GrantReview, Periodic, parse_grant_review, parse_periodic
from engine.lifecycle.inboxes import Inbox, parse_inboxes
from engine.lifecycle.interpreting import Interprets, parse_interprets
from engine.lifecycle.keeping import NOTHING_KEPT, Keeping, parse_keeping
from engine.lifecycle.limits import Due, parse_due
from engine.lifecycle.people import SYSTEM_ROLE
from engine.lifecycle.publishes import Publishes, parse_publishes
from engine.lifecycle.queries import Queries, Results, parse_queries, parse_results
from engine.lifecycle.rounds import Answering, Take, parse_answering, parse_takes
from engine.lifecycle.updates import Updates, parse_updates
from engine.lifecycle.writing import Opens, Samples, Write, parse_opens, parse_samples, parse_writes
from engine.registry.expressions import GUARD_NAMES, Expression, compile_expression
from engine.registry.pointers import join
from engine.registry.shape import Shape, compile_shape

COMMENTS: Final = ("none", "optional", "required")
PIN_FORMS: Final = "pin_forms"
PUBLISH_FORMS: Final = "publish_forms"
APPLY_UPDATE: Final = "apply_update"
RUN_QUERY: Final = "run_query"
KEEP_SUBJECTS: Final = "keep_subjects"
CHECK_RESULT: Final = "check_result"
DRAW_SAMPLE: Final = "draw_sample"
OPEN_DOCUMENTS: Final = "open_documents"
SNAPSHOT_GRANTS: Final = "snapshot_grants"
EXECUTE_VERDICTS: Final = "execute_verdicts"
CHECK_VERDICTS: Final = "check_verdicts"
SUSPEND_UNANSWERED: Final = "suspend_unanswered"
RESTORE_KEPT: Final = "restore_kept"
ANSWER_DOCUMENTS: Final = "answer_documents"
CAPABILITIES: Final = (
    PIN_FORMS,
    PUBLISH_FORMS,
    APPLY_UPDATE,
    RUN_QUERY,
    KEEP_SUBJECTS,
    CHECK_RESULT,
    DRAW_SAMPLE,
    OPEN_DOCUMENTS,
    SNAPSHOT_GRANTS,
    EXECUTE_VERDICTS,
    CHECK_VERDICTS,
    SUSPEND_UNANSWERED,
    RESTORE_KEPT,
    ANSWER_DOCUMENTS,
    *counts.CAPABILITIES,
    *keeping.CAPABILITIES,
)
"""What a transition may ask the system to do beside moving the document (decision 0017)."""
DECLARED_IN: Final = {
    PIN_FORMS: "publishes",
    PUBLISH_FORMS: "publishes",
    APPLY_UPDATE: "updates",
    RUN_QUERY: "queries",
    KEEP_SUBJECTS: "queries",
    CHECK_RESULT: "results",
    DRAW_SAMPLE: "samples",
    OPEN_DOCUMENTS: "opens",
    SNAPSHOT_GRANTS: "reviews_grants",
    EXECUTE_VERDICTS: "reviews_grants",
    CHECK_VERDICTS: "reviews_grants",
    SUSPEND_UNANSWERED: "reviews_grants",
    RESTORE_KEPT: "reviews_grants",
    ANSWER_DOCUMENTS: "answers_others",
    **counts.DECLARED_IN,
    **keeping.DECLARED_IN,
}
"""Which part of the states file says where the document holds what a capability works on."""


SETTLED: Final = ("positive", "negative", "neutral")
"""Tones of states in which nothing is awaited."""


@dataclass(frozen=True, slots=True)
class State:
    """A state. `tone` is how it is coloured: neutral, waiting, working, attention, positive, negative."""

    name: str
    title: str
    tone: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class By:
    """Who may: one of `roles`, and every condition that is given.

    `same_as` names the person (created_by, submitted_by, claimed_by, collector); `department` the grant's
    department; `head_of` a department, or `document` for the document's own.
    """

    roles: tuple[str, ...]
    rule: Expression | None
    same_as: str
    department: str
    head_of: str


@dataclass(frozen=True, slots=True)
class Guard:
    """What must be true of the document for the transition, with the sentence for when it is not."""

    id: str
    expression: Expression
    message: str


@dataclass(frozen=True, slots=True)
class Transition:
    """One way from some states to another.

    `holder`: `takes` – the actor holds the document for review from now on; `drops` – nobody does; "" – as
    before.
    `validates`: the answers are judged by every rule of the schema. `own_work`: why K1 does not hold here.
    `does`: which of CAPABILITIES it asks for. `edits`: the parts of the answers that a person fills in with
    it (empty at the first transition: all); `writes`: what the system writes into them.
    `inboxes`: the lists it stands in, where state and role alone do not say for whom.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    target: str
    by: By
    guards: tuple[Guard, ...]
    not_by: tuple[str, ...]
    comment: str
    fields: tuple[str, ...]
    answers: Shape | None
    due: Due | None
    signing: str
    makes: tuple[str, ...]
    holder: str
    validates: bool
    own_work: str
    is_system: bool
    when: Expression | None
    on: str
    does: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    writes: tuple[Write, ...] = ()
    inboxes: tuple[Inbox, ...] = ()

    @property
    def needs_step_up(self) -> bool:
        """True when the person must give the passphrase again for this signature."""
        return self.signing == "step_up"

    @property
    def reads_data(self) -> bool:
        """True when judging it needs the document opened."""
        return any("data" in one.reads for one in self.expressions())

    def expressions(self) -> tuple[Expression, ...]:
        """Every expression it carries."""
        own = (self.by.rule, self.when, *(guard.expression for guard in self.guards))
        return tuple(one for one in own if one is not None)


@dataclass(frozen=True, slots=True)
class Workflow:
    """All states and transitions of a form version, transitions by name in the order of the file.

    `system` are those that only the system takes; `records` names the kinds of record a transition may make.
    """

    initial: str
    states: Mapping[str, State]
    transitions: Mapping[str, Transition]
    system: Mapping[str, Transition]
    access: tuple[Mapping[str, Any], ...]
    records: Mapping[str, str]
    retention: str
    seal_classes: tuple[str, ...]
    publishes: Publishes | None = None
    updates: Updates | None = None
    queries: Queries | None = None
    results: Results | None = None
    opens: Opens | None = None
    samples: Samples | None = None
    reviews_grants: GrantReview | None = None
    periodic: Periodic | None = None
    counts: Counts | None = None
    answers_others: Answering | None = None
    takes: tuple[Take, ...] = ()
    hides_author: str = ""
    interprets: Interprets | None = None
    keeping: Keeping = NOTHING_KEPT

    def transition(self, name: str) -> Transition | None:
        """The transition of that name, people's or the system's."""
        return self.transitions.get(name) or self.system.get(name)

    def leaving(self, state: str) -> tuple[Transition, ...]:
        """The transitions people can take from a state, in the order of the file."""
        return tuple(one for one in self.transitions.values() if state in one.sources)

    def first(self) -> Transition:
        """The transition by which a document is born; `check_workflow` holds that there is one."""
        return self.leaving(self.initial)[0]

    def editing(self, state: str) -> Transition | None:
        """The transition by which answers are filled in or corrected in a state; None where they stand.

        The first one where it leaves this state too, else the one that edits.
        """
        first = self.first()
        if state in first.sources:
            return first
        return next((one for one in self.leaving(state) if one.edits), None)

    def filing(self, state: str) -> Transition:
        """The step that answers are filed with in a state ("": there is no document yet)."""
        return (self.editing(state) if state else None) or self.first()

    def is_exception(self, transition: Transition, state: str) -> bool:
        """Whether a step out of a state is a way back that somebody may need to take, not work that waits:
        the state is settled, the step has to give a reason, and no limit runs for it."""
        has_limit = transition.due is not None and transition.due.source == state
        return self.states[state].tone in SETTLED and transition.comment == "required" and not has_limit


def parse_workflow(states: Mapping[str, Any]) -> Workflow:
    """Read a parsed states.json.

    Raises Invalid with pointers into the file: `workflow.malformed` for a missing or mistyped key,
    `transition.duplicate`, `transition.capability` (nothing the system can do, or `publishes` is not said),
    `workflow.no_beginning` (nothing leaves the initial state),
    codes of compile_expression for guards, of compile_shape for `answers`.
    """
    problems: list[Problem] = []
    transitions = [
        _transition(one, join("/transitions", place), is_system=False, problems=problems)
        for place, one in enumerate(_list(states, "transitions", problems))
    ]
    system = [
        _transition(one, join("/system", place), is_system=True, problems=problems)
        for place, one in enumerate(_list(states, "system", problems))
    ]
    named = states.get("states")
    if not isinstance(named, dict) or not isinstance(states.get("initial"), str):
        problems.append(Problem("/states", "workflow.malformed"))
        named = {}
    made = [one for one in (*transitions, *system) if one is not None]
    for place, one in enumerate(made):
        if one.name in {other.name for other in made[:place]}:
            problems.append(Problem("/transitions", "transition.duplicate", {"transition": one.name}))
    problems.extend(_capabilities(states, made))
    if named and not any(states["initial"] in one.sources for one in made if not one.is_system):
        problems.append(Problem("/initial", "workflow.no_beginning", {"state": states["initial"]}))
    if problems:
        raise Invalid("workflow", problems=problems)
    return Workflow(
        initial=states["initial"],
        states={
            name: State(
                name, str(one.get("title", name)), str(one.get("tone", "neutral")), bool(one.get("final"))
            )
            for name, one in named.items()
        },
        transitions={one.name: one for one in made if not one.is_system},
        system={one.name: one for one in made if one.is_system},
        access=tuple(states.get("access", ())),
        records={
            name: str(one.get("title", name)) for name, one in states.get("kinds_of_record", {}).items()
        },
        retention=str(states.get("retention", {}).get("class", "")),
        seal_classes=tuple(states.get("seal", {}).get("classes", ())),
        publishes=parse_publishes(states.get("publishes")),
        updates=parse_updates(states.get("updates")),
        queries=parse_queries(states.get("queries")),
        results=parse_results(states.get("results")),
        opens=parse_opens(states.get("opens")),
        samples=parse_samples(states.get("samples")),
        reviews_grants=parse_grant_review(states.get("reviews_grants")),
        periodic=parse_periodic(states.get("periodic")),
        counts=parse_counts(states.get("counts")),
        answers_others=parse_answering(states.get("answers_others")),
        takes=parse_takes(states.get("takes")),
        hides_author=str(states.get("hides_author", "")),
        interprets=parse_interprets(states.get("interprets")),
        keeping=parse_keeping(states),
    )


def _capabilities(states: Mapping[str, Any], made: list[Transition]) -> Iterator[Problem]:
    """What a transition asks for is something the system can do, and it knows where to find what for."""
    for one in made:
        for name in one.does:
            needed = DECLARED_IN.get(name)
            if name not in CAPABILITIES or (needed and not isinstance(states.get(needed), dict)):
                yield Problem(
                    "/transitions", "transition.capability", {"transition": one.name, "capability": name}
                )


def _list(states: Mapping[str, Any], key: str, problems: list[Problem]) -> list[Any]:
    value = states.get(key, [])
    if not isinstance(value, list):
        problems.append(Problem("/" + key, "workflow.malformed"))
        return []
    return value


def _transition(declared: Any, place: str, *, is_system: bool, problems: list[Problem]) -> Transition | None:
    if not isinstance(declared, dict) or not all(
        isinstance(declared.get(key), kind) for key, kind in (("name", str), ("from", list), ("to", str))
    ):
        problems.append(Problem(place, "workflow.malformed"))
        return None
    by = declared.get("by", {"roles": [SYSTEM_ROLE]} if is_system else {})
    shape: Shape | None = None
    if "answers" in declared:
        try:
            shape = compile_shape(declared["answers"], join(place, "answers"))
        except Invalid as refused:
            problems.extend(refused.problems)
    return Transition(
        name=declared["name"],
        title=str(declared.get("title", declared["name"])),
        sources=tuple(declared["from"]),
        target=declared["to"],
        by=By(
            roles=tuple(by.get("roles", ())),
            rule=_expression(by.get("rule"), join(place, "by", "rule"), problems),
            same_as=str(by.get("same_as", "")),
            department=str(by.get("department", "")),
            head_of=str(by.get("head_of", "")),
        ),
        guards=_guards(declared, place, problems),
        not_by=tuple(declared.get("not_by", ())),
        comment=str(declared.get("comment", "none")),
        fields=tuple(declared.get("fields", ())),
        answers=shape,
        due=parse_due(declared.get("due")),
        signing=str(declared.get("signing", "unlocked")),
        makes=tuple(declared.get("makes", ())),
        holder=str(declared.get("holder", "")),
        validates=bool(declared.get("validates", False)),
        own_work=str(declared.get("own_work", "")),
        is_system=is_system,
        when=_expression(declared.get("when"), join(place, "when"), problems),
        on=str(declared.get("on", "")),
        does=tuple(declared.get("does", ())),
        edits=tuple(declared.get("edits", ())),
        writes=parse_writes(declared.get("writes")),
        inboxes=parse_inboxes(declared.get("inboxes")),
    )


def _guards(declared: Mapping[str, Any], place: str, problems: list[Problem]) -> tuple[Guard, ...]:
    out = []
    for number, guard in enumerate(declared.get("guards", ())):
        expression = _expression(guard.get("rule"), join(place, "guards", number, "rule"), problems)
        if expression is not None:
            out.append(Guard(str(guard.get("id", number)), expression, str(guard.get("message", ""))))
    return tuple(out)


def _expression(text: Any, place: str, problems: list[Problem]) -> Expression | None:
    if text is None:
        return None
    try:
        return compile_expression(text, names=GUARD_NAMES, pointer=place)
    except Invalid as refused:
        problems.extend(refused.problems)
        return None
