"""Reading: from a row to an opened document, as far as this person's right and task go.

Decides who is shown what: the ground (engine.desk.grounds) says whether it is opened at all, rights come from
the form's states file, sensitive values are masked here, before they leave the trust boundary, and every
opening is written to the access log first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.desk import grounds, sealing
from engine.desk.desk import Desk
from engine.desk.grounds import Ground
from engine.desk.rows import (
    answers_of,
    attachment_keys,
    fields_of,
    hides_author,
    name_in,
    name_of,
    readable_row,
    row_of,
    said,
    standing_of,
    transition_answers,
)
from engine.errors import NotAllowed, NotFound
from engine.identity import local_day, utc_text
from engine.lifecycle.people import Actor
from engine.lifecycle.permissions import Rights
from engine.lifecycle.standing import Standing, Step
from engine.ports import Access
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.masks import mask
from engine.registry.pointers import look
from engine.trust.commitments import Field, flatten, unflatten

__all__ = [
    "Opened", "StepView", "answers_of", "attachment_keys", "fields_of", "hides_author", "history", "name_in",
    "name_of", "note", "open_document", "readable_row", "reveal", "row_of", "said", "shut", "standing_of",
    "transition_answers",
]  # fmt: skip

CLEAR = "clear"
"""Among what was read: sensitive values were shown without a mask."""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the timeline: the signed step, the name behind the pseudonym, and what was said with it."""

    step: Step
    name: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opened:
    """A document as one person may see it. `masked` are the pointers whose value is a masked text."""

    row: DocumentRow
    standing: Standing
    form: CompiledForm
    answers: Mapping[str, Any]
    masked: frozenset[str]
    rights: Rights
    revision: int
    ground: Ground


def open_document(
    desk: Desk, actor: Actor, doc: str, *, revision: int | None = None, purpose: str = "task"
) -> Opened:
    """The document for this person: classes without a right stay shut, sensitive values masked or clear.

    Written to the access log with the classes that were opened. Raises NotFound and
    NotAllowed("reading.no_task").
    """
    row, form = readable_row(desk, actor, doc)
    ground, rights = grounds.required(desk, actor, row, form)
    # Classes without a right stay shut: their keys are not even asked of the vault.
    answers = sealing.answers_in(fields_of(desk, row, revision, rights.classes))
    shown: list[Field] = []
    masked: set[str] = set()
    opened_clear = False
    for path, value in flatten(answers):
        if not ground.covers(path):
            continue
        info = form.field(path)
        if info is not None and info.sensitivity == "sensitive":
            if (info.seal or sealing.OTHER) in rights.clear_classes or path in ground.clear:
                opened_clear = True
            else:
                masked.add(path)
                value = mask(info.mask, value)
        shown.append((path, value))
    what = ground.fields if ground.fields is not None else tuple(sorted(rights.classes))
    what = (*what, CLEAR) if opened_clear else what
    note(desk, actor, row, what, purpose, ground)
    number = revision or row["revision"]
    return Opened(row, standing_of(row), form, unflatten(shown), frozenset(masked), rights, number, ground)


def shut(desk: Desk, actor: Actor, doc: str) -> Opened:
    """A document that stays shut, for pages that say where it stands and what may be done without reading."""
    row, form = readable_row(desk, actor, doc)
    nothing = Rights(frozenset(), clear=False, reveal=False)
    return Opened(row, standing_of(row), form, {}, frozenset(), nothing, row["revision"], Ground(""))


def reveal(
    desk: Desk, actor: Actor, doc: str, pointer: str, purpose: str = "task", *, revision: int | None = None
) -> Any:
    """One masked value of a revision (default: the last) in clear, for someone whose right includes
    revealing; logged before it is shown.

    A list of values is shown as a whole.
    """
    row, form = readable_row(desk, actor, doc)
    ground, rights = grounds.required(desk, actor, row, form, "reveal")
    info = form.field(pointer)
    if info is None:
        raise NotFound("field.not_found")
    klass = info.seal or sealing.OTHER
    if klass not in rights.clear_classes | rights.reveal_classes:
        raise NotAllowed("reveal")
    below = pointer + "/" if info.is_array else pointer
    found = [
        (path, value)
        for path, value in fields_of(desk, row, revision, frozenset({klass}))
        if path == pointer or path.startswith(below)
    ]
    if not found:
        raise NotFound("field.not_found")
    note(desk, actor, row, (pointer,), purpose, ground)
    return found[0][1] if found[0][0] == pointer else look(unflatten(found), pointer)


def history(desk: Desk, actor: Actor, doc: str) -> tuple[StepView, ...]:
    """The timeline, oldest first, with names and with the comments, marks and ticks that were given."""
    row, form = readable_row(desk, actor, doc)
    ground, _ = grounds.required(desk, actor, row, form, "history")
    # An approval names fields; what was said in deciding is none of them.
    said = transition_answers(desk, row) if ground.fields is None else {}
    return tuple(
        StepView(step, name_in(desk, row, step.person), said.get(step.seq, {}))
        for step in standing_of(row).steps
    )


def note(
    desk: Desk, actor: Actor, row: DocumentRow, what: tuple[str, ...], purpose: str, ground: Ground
) -> None:
    """Write one reading to the access log; returns when it is durable."""
    now = desk.clock.now()
    role = next(iter(actor.roles(local_day(now))), "")
    desk.access.write(Access(utc_text(now), actor.person, role, row["doc"], what, purpose, str(ground)))
