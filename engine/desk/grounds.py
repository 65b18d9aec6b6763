"""What a person's reading of a document is grounded on: a task in hand, or an approved query (R5.8.1).

Decides, in this order, and refuses and logs what has neither:
    free     no record about citizens, or an access rule that holds always
    system   a step that the system takes
    step     the document is under way and one of its next steps is this person's
    own      the person made it or worked on it, and it is not long settled
    update   the person is changing it: by a draft, or by an update that is in hand
    sample   it was drawn for an inspection that is in hand
    query    an approved query of this person's found it: the granted fields only, while the approval is valid
             and the result is held
Never widens a right: what a ground opens is what the person's grants allow. Whether a person may take a step
is the lifecycle's; a step can be taken without reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from engine.desk import query_scope, rows, sampling, sealing
from engine.desk.desk import Desk
from engine.errors import NotAllowed
from engine.identity import local_date, local_day, utc_text
from engine.lifecycle import tasks
from engine.lifecycle.advance import do_guards_hold
from engine.lifecycle.people import Actor
from engine.lifecycle.permissions import NOTHING, Rights, may_read, reading_rights, standing_rights
from engine.lifecycle.workflow import RUN_QUERY
from engine.ports import Access, ListView
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import look
from engine.registry.validate import Surroundings

FREE: Final = "free"
SYSTEM: Final = "system"
STEP: Final = "step"
OWN: Final = "own"
UPDATE: Final = "update"
SAMPLE: Final = "sample"
QUERY: Final = "query"
NO_TASK: Final = "reading.no_task"
REFUSED: Final = "refused"
"""The purpose under which the access log holds what was refused."""
PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a document may be read: the kind, and what it refers to (a step, a document id, a draft).

    `fields` limits it to these pointers, of which those of `clear` are shown unmasked; None: no limit.
    """

    kind: str
    ref: str = ""
    fields: tuple[str, ...] | None = None
    clear: frozenset[str] = NOTHING

    def __str__(self) -> str:
        return f"{self.kind}:{self.ref}" if self.ref else self.kind

    def covers(self, pointer: str) -> bool:
        """Whether a place in the answers may be shown at all."""
        return self.fields is None or any(
            pointer == one or pointer.startswith(f"{one}/") for one in self.fields
        )


def required(
    desk: Desk, actor: Actor, row: DocumentRow, form: CompiledForm, what: str = "open"
) -> tuple[Ground, Rights]:
    """The ground of a reading and the rights it goes with. A reading without one is logged as refused.

    Raises NotAllowed("reading.no_task").
    """
    day = local_day(desk.clock.now())
    standing = rows.standing_of(row)
    found = ground_of(desk, actor, row, form)
    if found is not None:
        return found, _narrowed(reading_rights(form, standing, actor, day), found)
    rights = standing_rights(form, standing, actor, day)
    if "read" not in rights.actions:
        note_refusal(desk, actor, row["doc"], what)
        raise NotAllowed(NO_TASK, doc_no=row["doc_no"])
    return Ground(FREE), rights


def for_value(
    desk: Desk, actor: Actor, row: DocumentRow, form: CompiledForm, pointer: str
) -> Ground | None:
    """What lets a person know one value of a document in clear; None where nothing does."""
    found, info = ground_of(desk, actor, row, form), form.field(pointer)
    if found is None or info is None:
        return None
    if found.fields is not None:
        return found if pointer in found.clear else None
    rights = reading_rights(form, rows.standing_of(row), actor, local_day(desk.clock.now()))
    is_clear = (info.seal or sealing.OTHER) in rights.clear_classes | rights.reveal_classes
    return found if is_clear else None


def _narrowed(rights: Rights, ground: Ground) -> Rights:
    """Under an approval only what it names is shown: nothing more on a click, on paper or in a bundle."""
    if ground.fields is None:
        return rights
    return replace(
        rights,
        clear=False,
        reveal=False,
        clear_classes=NOTHING,
        reveal_classes=NOTHING,
        actions=rights.actions & {"list", "read"},
    )


def note_refusal(desk: Desk, actor: Actor, doc: str, what: str) -> None:
    """Write a reading that had no ground to the access log."""
    now = desk.clock.now()
    role = next(iter(actor.roles(local_day(now))), "")
    desk.access.write(Access(utc_text(now), actor.person, role, doc, (what, NO_TASK), REFUSED))


def ground_of(desk: Desk, actor: Actor, row: DocumentRow, form: CompiledForm) -> Ground | None:
    """What this person's reading of the document is grounded on now; None without a task or approval."""
    if not tasks.is_personal(form):
        return Ground(FREE)
    if actor.is_system:
        return Ground(SYSTEM)
    found = _in_hand(desk, actor, row, form)
    if found is None:
        others = (_changed(desk, actor, row), _drawn(desk, actor, row), _found(desk, actor, row))
        found = next((one for ways in others for one in ways), None)
    return found


def _in_hand(
    desk: Desk, actor: Actor, row: DocumentRow, form: CompiledForm, data: Mapping[str, Any] | None = None
) -> Ground | None:
    """What the document alone makes of it; with its answers (`data`) also as far as a step asks for those."""
    now = desk.clock.now()
    standing, today = rows.standing_of(row), local_day(now)
    step = tasks.next_step(form, standing, actor, Surroundings(now, today, {}, {}, {}, data=data))
    if step:
        return Ground(STEP, step)
    return Ground(OWN) if tasks.is_own(form, standing, actor, today, desk.agency.own_days) else None


def _forms(desk: Desk) -> Iterator[CompiledForm]:
    """Every version of every form that was ever in force."""
    today: date = local_date(desk.clock.now())
    for name in desk.registry.forms():
        for span in desk.registry.spans(name):
            if span.first <= today:
                yield span.form


def _changed(desk: Desk, actor: Actor, row: DocumentRow) -> Iterator[Ground]:
    """By a draft of this person's, or by an update that is under way and in hand."""
    ways = {one.form: one for one in _forms(desk) if one.workflow.updates is not None}
    for draft in desk.drafts.of_person(actor.person):
        rules = ways[draft.form].workflow.updates if draft.form in ways else None
        if rules is not None and look(draft.answers, rules.doc_id) == row["doc_id"]:
            yield Ground(UPDATE, draft.id)
    for form in ways.values():
        rules = form.workflow.updates
        assert rules is not None  # of the forms that change others only
        about = ((rules.doc_id, row["doc_id"]),)
        view = ListView((form.form,), tasks.unsettled(form.workflow), facets=about)
        for other in _every(desk, view):
            if _in_hand(desk, actor, other, desk.registry.by_digest(other["digest"])) is not None:
                yield Ground(UPDATE, other["doc_id"])


def _drawn(desk: Desk, actor: Actor, row: DocumentRow) -> Iterator[Ground]:
    """For an inspection that is under way and in this person's hand."""
    day = local_day(desk.clock.now())
    for form in {one.form: one for one in _forms(desk) if one.workflow.samples is not None}.values():
        for other in _every(desk, ListView((form.form,), tasks.unsettled(form.workflow))):
            its_form = desk.registry.by_digest(other["digest"])
            if not may_read(its_form, rows.standing_of(other), actor, day):
                continue
            if not _in_hand(desk, actor, other, its_form):
                continue
            _, ids = sampling.drawn(desk, other, its_form)
            # A step may be only for those the answers name: the heads of the departments inspected.
            if row["doc_id"] in ids and _in_hand(desk, actor, other, its_form, rows.answers_of(desk, other)):
                yield Ground(SAMPLE, other["doc_id"])


def _found(desk: Desk, actor: Actor, row: DocumentRow) -> Iterator[Ground]:
    """By a query of this person's that was run: within its validity, and while its result is held."""
    now = desk.clock.now()
    day = local_day(now)
    for form in {one.form: one for one in _forms(desk) if one.workflow.queries is not None}.values():
        states = tasks.unsettled(form.workflow)
        view = ListView((form.form,), states, created_by=actor.person, order="recent")
        for query in _every(desk, view):
            made = query_scope.run_of(desk, query)
            rules = (its_form := desk.registry.by_digest(query["digest"])).workflow.queries
            result = desk.store.get(str(made["doc"])) if made is not None else None
            if rules is None or result is None:
                continue
            around = Surroundings(now, day, {}, {}, {}, said=rows.said(desk, query))
            running = [one for one in its_form.workflow.transitions.values() if RUN_QUERY in one.does]
            standing = rows.standing_of(query)
            if all(do_guards_hold(its_form, standing, one, actor, around) for one in running) and row[
                "doc_id"
            ] in _shown(desk, actor, result):
                scope = query_scope.granted(desk, rules, query, rows.answers_of(desk, query))
                yield Ground(QUERY, query["doc_id"], scope.fields, scope.clear)


def _shown(desk: Desk, actor: Actor, result: DocumentRow) -> frozenset[str]:
    """The documents whose values a result shows to this person; none once it has to be destroyed."""
    form = desk.registry.by_digest(result["digest"])
    rights = reading_rights(form, rows.standing_of(result), actor, local_day(desk.clock.now()))
    rules = form.workflow.results
    if rules is None or not rights.clear_classes >= set(form.workflow.seal_classes):
        return NOTHING
    lines = look(rows.answers_of(desk, result), rules.rows)
    return frozenset(one["doc_id"] for one in lines) if isinstance(lines, list) else NOTHING


def _every(desk: Desk, view: ListView) -> Iterator[DocumentRow]:
    place: str | None = None
    while True:
        page = desk.store.page(view, place, PAGE)
        yield from page.rows
        place = page.next
        if place is None:
            return
