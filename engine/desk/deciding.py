"""Deciding: one transition of a document that exists – claim, return, approve, upload, void and the rest.

Steps:
 1 the same client key gives the same receipt, so that the same approval twice does nothing twice (K8)
 2 the document, for someone who may read it; the caller names the head it saw (K3)
 3 what the guards look at is opened
 4 inside the critical section the head is compared again, the person's grants are read again and the
   lifecycle decides: of two reviewers one wins, the other is told what changed and by whom; whoever lost
   the right a moment ago signs nothing
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from engine.desk import checking, effects, events, lookups, people, querying, reading, restating, sealing
from engine.desk.desk import Desk, Receipt, Ticket
from engine.desk.effect import Effect
from engine.desk.restating import Restated
from engine.desk.submitting import idempotency, receipt_maker, replay, stale
from engine.errors import Conflict, NeedsUnlock, NotAllowed, NotFound, Refused
from engine.identity import utc_text
from engine.lifecycle.advance import Advance, Option, advance, next_due, options
from engine.lifecycle.people import Actor
from engine.lifecycle.workflow import Transition
from engine.ports import Committed
from engine.projection import DESTROYED, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.expressions import Expression, merge_reads
from engine.registry.pointers import ITEM, is_at_or_below
from engine.registry.validate import Surroundings
from engine.trust import canonical
from engine.trust.commitments import flatten
from engine.trust.statement import FormRef


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides. `answers` are the transition's own fields (comment, marks, ticks)."""

    doc: str
    transition: str
    expected_head: str
    answers: Mapping[str, Any]
    key: str
    stepped_up: bool = False  # the passphrase was given with this very request


def possible(desk: Desk, actor: Actor, doc: str) -> tuple[Option, ...]:
    """Every transition that leaves the present state, each allowed or with the reason why not."""
    row, form = reading.readable_row(desk, actor, doc)
    around = _around(desk, actor, form, row, {}, form.workflow.leaving(row["state"]))
    return options(form, reading.standing_of(row), actor, around)


def decide(desk: Desk, actor: Actor, wanted: Decision, unlock: str | None) -> Ticket[Receipt]:
    """Take the transition; the ticket resolves when the event is durable and provable.

    Raises `NotFound`, `Conflict` (facts: state, head, transition, by, at), `NotAllowed` (code K1 …),
    `Invalid` (problems under `/transition`), `NeedsUnlock`, `Unavailable`.
    """
    try:
        return _decide(desk, actor, wanted, unlock)
    except Refused as refused:
        querying.note_refusal(desk, actor, wanted.doc, wanted.transition, refused)
        raise


def _decide(desk: Desk, actor: Actor, wanted: Decision, unlock: str | None) -> Ticket[Receipt]:
    # 1
    key = idempotency(actor, f"{wanted.doc}/{wanted.transition}", wanted.key)
    payload = _payload_digest(wanted)
    again = replay(desk, key, payload)
    if again is not None:
        return again
    events.check_writable(desk)
    # 2
    row, form = reading.readable_row(desk, actor, wanted.doc)
    if DESTROYED in row["flags"] and not actor.is_system:
        raise Conflict("document.destroyed")
    transition = form.workflow.transition(wanted.transition)
    if transition is None:
        raise NotFound("transition.not_found", transition=wanted.transition)
    if transition.name == form.workflow.first().name or transition.edits:
        raise NotAllowed("transition.needs_answers", transition=wanted.transition)
    if wanted.expected_head != row["head"]:
        raise stale(desk, form, row)
    if transition.needs_step_up and not wanted.stepped_up and not actor.is_system:
        raise NeedsUnlock("step_up", transition=wanted.transition)
    # 3
    around = _around(desk, actor, form, row, wanted.answers, (transition,))
    if effects.has_any(transition):
        _check_open(form, row, actor, transition, around)
    found = effects.prepare(desk, row, form, transition)
    with desk.journal.sequencing():
        again = replay(desk, key, payload)
        if again is not None:
            return again
        # 4
        if reading.row_of(desk, wanted.doc)["head"] != row["head"]:
            raise stale(desk, form, reading.row_of(desk, wanted.doc))
        actor = people.as_of_now(desk, actor)
        step = advance(
            form,
            reading.standing_of(row),
            wanted.transition,
            actor,
            dict(wanted.answers),
            around,
            desk.calendar,
        )
        return _append(desk, actor, form, row, step, (key, payload), unlock, found)


def _check_open(
    form: CompiledForm, row: DocumentRow, actor: Actor, transition: Transition, around: Surroundings
) -> None:
    """Whoever may not take a step does not learn what stops it, nor has the versions compared."""
    offered = options(form, reading.standing_of(row), actor, around)
    why = next((one.why for one in offered if one.transition.name == transition.name), None)
    if why is not None:
        raise NotAllowed(why.code, problems=[why], transition=transition.name)


def _append(
    desk: Desk,
    actor: Actor,
    form: CompiledForm,
    row: DocumentRow,
    step: Advance,
    idem: tuple[str, str],
    unlock: str | None,
    found: tuple[Effect, ...],
) -> Ticket[Receipt]:
    body = effects.carry_out(desk, found, actor, step, unlock)
    step = replace(step, answers={**step.answers, **effects.said(found)})
    restated = restating.restate(desk, actor, row, form, step, effects.told(found))
    if restated is not None:
        now, standing = desk.clock.now(), reading.standing_of(row)
        due = next_due(
            form, standing, step.transition, now, desk.calendar, restated.answers, desk.settings.now()
        )
        step = replace(step, due_at=due)
    carried, beside = _carried(desk, form, row, step, restated)
    content = row["contents"][-1][1]
    new = events.NewEvent(
        doc=row["doc"],
        seq=row["seq"] + 1,
        prev=row["head"],
        type="transition",
        actor=actor,
        role=step.role,
        grant=step.grant,
        form=FormRef(row["form"], row["version"], row["digest"]),
        source=row["state"],
        target=step.target_state,
        transition=step.transition.name,
        **carried,
        saw={"events": [one["event"] for one in row["steps"] if one["index"] >= content]},
        side={
            "idem": idem[0],
            "payload": idem[1],
            "due_at": step.due_at or "",
            "claimed_by": _holder(form, row, step, actor),
            "overdue": is_overdue(row, utc_text(desk.clock.now())),
            **beside,
        },
        body=body,
    )
    receipt: Callable[[events.Written, Committed], Receipt] = receipt_maker(desk)

    def finish(written: events.Written, committed: Committed) -> Receipt:
        for one in found:
            one.admit(desk, committed.index)
        return receipt(written, committed)

    def settle() -> None:
        for one in found:
            one.settle(desk)

    return replace(events.append(desk, new, unlock, finish), afterwards=settle if found else None)


def _carried(
    desk: Desk, form: CompiledForm, row: DocumentRow, step: Advance, restated: Restated | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the event carries: the document's new answers where the step writes some, and what was said."""
    if restated is not None:
        return restating.content(desk, row, form, restated, step.answers)
    if not step.answers:
        return {}, {}
    groups = {sealing.OTHER: flatten({"transition": step.answers})}
    keys = sealing.document_keys(desk, row, (sealing.OTHER,))
    sealed = sealing.seal_groups(desk, form, row["doc"], row["seq"] + 1, groups, keys)
    wraps = desk.vault.prepare(row["doc"], sealed.fresh, {}, "", b"").wraps if sealed.fresh else ()
    return {"part_refs": sealed.refs, "parts": sealed.parts, "wraps": wraps}, {}


def is_overdue(row: DocumentRow, now: str) -> bool:
    """Whether the limit had passed; times of one format compare as texts. Kept even if done later (K7)."""
    return "" < row["due_at"] < now


def _holder(form: CompiledForm, row: DocumentRow, step: Advance, actor: Actor) -> str:
    """Who holds the document for review after the step; the states file says which steps take and drop it.

    Where nothing that may come next asks for the holder, nobody holds it: a clear view ends with the task.
    """
    if step.transition.holder == "takes":
        return actor.person
    ahead = form.workflow.leaving(step.target_state)
    if step.transition.holder == "drops" or not any(_asks_for_holder(one) for one in ahead):
        return ""
    return row["claimed_by"]


def _asks_for_holder(transition: Transition) -> bool:
    return "claimed_by" in (transition.by.same_as, *transition.not_by)


def _around(
    desk: Desk,
    actor: Actor,
    form: CompiledForm,
    row: DocumentRow,
    answers: Mapping[str, Any],
    transitions: Iterable[Transition],
) -> Surroundings:
    """The names bound for judging these transitions; the document is opened only when one reads it."""
    expressions = [one for transition in transitions for one in transition.expressions()]
    asked = lookups.asked_by(form, expressions)
    classes = None if asked else _classes_read(form, expressions)
    data = reading.answers_of(desk, row, classes=classes) if classes is None or classes else None
    now = desk.clock.now()
    around = checking.surroundings(desk, actor, "", now, form, data, row, transition=answers, asked=asked)
    return replace(around, said=reading.said(desk, row)) if "said" in merge_reads(expressions) else around


def _classes_read(form: CompiledForm, expressions: Iterable[Expression]) -> frozenset[str] | None:
    """The sealing classes of every section that the expressions read of the answers; None means all.

    Whole sections, so that an object of which only a neighbouring field is filled in is seen to be there.
    """
    reads = merge_reads(expressions).get("data")
    if reads is None:
        return frozenset()
    if reads.whole or ITEM in reads.parts:
        return None
    sections = tuple(f"/{name}" for name in reads.parts)
    return frozenset(
        sealing.way_of(form, pattern)[0]
        for pattern in form.fields
        if any(is_at_or_below(pattern, section) for section in sections)
    )


def _payload_digest(wanted: Decision) -> str:
    value = {"head": wanted.expected_head, "answers": dict(wanted.answers)}
    return sha256(canonical.encode(value)).hexdigest()
