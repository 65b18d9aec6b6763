"""Destroying what a list names: two people each consent by a step of the list, then the content is gone.

Decides what each of the two steps does to every document that the list wants destroyed. That it may go is
engine.desk.retention's; what goes is engine.desk.shredding's.

 1  The first step appends the first person's consent to the chain of every document.
 2  The second step appends the second person's, then the destruction that names both.
 3  Once the list's own step is durable, what can be destroyed is overwritten. A crash in between is finished
    by taking the step again, or by `shredding.settle`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.desk import reading, retention, shredding
from engine.desk.desk import Desk
from engine.desk.effect import Effect
from engine.errors import Conflict, Invalid, Problem
from engine.lifecycle.advance import Advance
from engine.lifecycle.keeping import Destroys
from engine.lifecycle.people import Actor
from engine.projection import DESTROYED, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import look


@dataclass(frozen=True, slots=True)
class Consent(Effect):
    """One person's consent to the destruction of documents; with `is_last` they are destroyed."""

    basis: str
    rows: tuple[DocumentRow, ...]
    is_last: bool

    def confirm(self, desk: Desk) -> None:
        """No hold was placed meanwhile."""
        known = retention.standing(desk)
        for row in self.rows:
            if DESTROYED not in reading.row_of(desk, row["doc"])["flags"]:
                retention.check_destructible(desk, row, self.basis, known)

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """Steps 1 and 2; the body of the list's own event names every event of another chain."""
        made = [self._take(desk, reading.row_of(desk, one["doc"]), actor, step, unlock) for one in self.rows]
        return {"destroyed" if self.is_last else "consented": made} if made else {}

    def _take(
        self, desk: Desk, row: DocumentRow, actor: Actor, step: Advance, unlock: str | None
    ) -> dict[str, str]:
        if DESTROYED not in row["flags"]:
            shredding.consent_once(desk, row, actor, step.role, step.grant, self.basis, unlock)
            if self.is_last:
                shredding.destroy_consented(desk, reading.row_of(desk, row["doc"]), self.basis)
        row = reading.row_of(desk, row["doc"])
        return {"doc": row["doc"], "doc_id": row["doc_id"], "event": row["head"]}

    def settle(self, desk: Desk) -> None:
        """Step 3."""
        if self.is_last:
            for row in self.rows:
                shredding.erase(desk, reading.row_of(desk, row["doc"]))


def prepare(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Consent:
    """The first consent. Raises Invalid("answers"): a problem at each line that must not be destroyed."""
    return _prepared(desk, form, answers, is_last=False)


def prepare_last(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Consent:
    """The second consent, and the destruction. Raises as `prepare`."""
    return _prepared(desk, form, answers, is_last=True)


def _prepared(desk: Desk, form: CompiledForm, answers: Mapping[str, Any], *, is_last: bool) -> Consent:
    rules = form.workflow.keeping.destroys
    assert rules is not None  # the states file was checked (DECLARED_IN)
    basis = str(look(answers, rules.basis)) if rules.basis.startswith("/") else rules.basis
    known, rows, problems = retention.standing(desk), [], []
    for place, doc_id in _named(rules, answers):
        found = desk.store.by_doc_id(doc_id)
        if found is None:
            problems.append(Problem(place, "hold.unknown_document"))
            continue
        try:
            if DESTROYED not in found["flags"]:
                retention.check_destructible(desk, found, basis, known)
                shredding.check_erasable(desk, found)
        except Conflict as refused:
            problems.append(Problem(place, refused.code, refused.facts))
        rows.append(found)
    if problems:
        raise Invalid("answers", problems=problems)
    return Consent(basis, tuple(rows), is_last)


def _named(rules: Destroys, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Place and document id of every line that is to be destroyed."""
    lines = look(answers, rules.lines)
    return [
        (f"{rules.lines}/{place}/{rules.document}", str(line.get(rules.document, "")))
        for place, line in enumerate(lines if isinstance(lines, list) else ())
        if line.get(rules.member) in rules.values
    ]
