"""A new revision of a document that another document brought about: same chain, next event, same state.

Decides how the event is made (its content is engine.desk.next_revision's). Never decides whether the answers
hold nor who may: engine.desk.updating does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.desk import attaching, events, next_revision, reading
from engine.desk.desk import Desk
from engine.lifecycle.advance import Advance
from engine.lifecycle.people import Actor
from engine.projection import AMEND, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.trust.amends import BY as UPDATE
from engine.trust.statement import FormRef

__all__ = ["UPDATE", "Amendment", "amend"]


@dataclass(frozen=True, slots=True)
class Amendment:
    """The answers of the new revision, free of problems, and the document that asks for it."""

    row: DocumentRow
    form: CompiledForm
    answers: Mapping[str, Any]
    bound: attaching.Bound
    by_doc: str
    by_doc_id: str
    by_head: str

    def body(self) -> dict[str, Any]:
        """What the event states: which document brought it about, and as of which of its events."""
        return {UPDATE: {"doc": self.by_doc, "doc_id": self.by_doc_id, "event": self.by_head}}


def amend(desk: Desk, found: Amendment, actor: Actor, step: Advance, unlock: str | None) -> str:
    """Append the new revision inside the critical section; its event id.

    It is signed by whoever takes the step of the document that asks for it, in that role and by that grant.
    """
    row, form, answers = found.row, found.form, found.answers
    carried, beside = next_revision.content(desk, row, form, answers, found.bound, {})
    new = events.NewEvent(
        doc=row["doc"],
        seq=row["seq"] + 1,
        prev=row["head"],
        type=AMEND,
        actor=actor,
        role=step.role,
        grant=step.grant,
        form=FormRef(form.bundle.form, form.bundle.version, form.bundle.digest),
        source=row["state"],
        target=row["state"],
        **carried,
        body=found.body(),
        side={
            "due_at": row["due_at"],
            "flags": list(row["flags"]),
            "claimed_by": row["claimed_by"],
            **beside,
        },
    )
    events.append(desk, new, unlock, lambda written, _: written.event)
    return reading.row_of(desk, row["doc"])["head"]
