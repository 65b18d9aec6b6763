"""Handing over what a query found: the copy is what was found, and each value can be proved by a stranger.

Decides that nothing is handed over whose lines are not those that the query's own event names, and that a
proof discloses of the signed original no more than the result shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.desk import grounds, proving, query_result, reading
from engine.desk.desk import Desk
from engine.desk.effect import Effect
from engine.desk.querying import run_of
from engine.errors import Conflict, NotAllowed, NotFound
from engine.identity import local_day, utc_text
from engine.lifecycle.advance import Advance
from engine.lifecycle.people import Actor
from engine.lifecycle.permissions import reading_rights
from engine.lifecycle.queries import Results
from engine.ports import Access
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import ABSENT, look
from engine.trust.seal import DERIVED_PREFIX


@dataclass(frozen=True, slots=True)
class Handover(Effect):
    """A result whose lines are those that were found."""

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """Nothing beside the step itself."""
        return {}


def prepare(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Handover:
    """Compare the sealed lines with the digest in the event of the run. Raises Conflict("query.differs")."""
    rules = _rules(form)
    said = look(answers, rules.query)
    query = desk.store.by_doc_id(said) if isinstance(said, str) else None
    lines, cells = (_lines(answers, one) for one in (rules.rows, rules.cells))
    made = run_of(desk, query) if query is not None else None
    if made is None or made["doc"] != row["doc"] or made["rows"] != query_result.digest_of(lines, cells):
        raise Conflict("query.differs")
    return Handover()


def sources(desk: Desk, actor: Actor, doc: str) -> tuple[str, ...]:
    """The documents whose values a result shows, for whoever may see them; () when the form shows none."""
    row, form = reading.readable_row(desk, actor, doc)
    rules = form.workflow.results
    if rules is None or not _may_prove(desk, actor, row, form):
        return ()
    lines = _lines(reading.answers_of(desk, row), rules.rows)
    return tuple(dict.fromkeys(one["doc_id"] for one in lines))


def proof(desk: Desk, actor: Actor, doc: str, source: str) -> bytes:
    """The proof bundle of one source document with exactly the values that the result shows of it.

    A value shown as a mask is proved by its masked leaf where the original carries one; what is not shown at
    all is not proved. Raises NotFound, NotAllowed("disclose").
    """
    row, form = reading.readable_row(desk, actor, doc)
    rules = _rules(form)
    if not _may_prove(desk, actor, row, form):
        raise NotAllowed("disclose", pointer=rules.rows)
    answers = reading.answers_of(desk, row)
    lines = [one for one in _lines(answers, rules.rows) if one["doc_id"] == source]
    found = desk.store.by_doc_id(source)
    if not lines or found is None:
        raise NotFound("document.not_found")
    clear = [one["field"] for one in lines if one["shown"] == query_result.CLEAR]
    masked = [
        DERIVED_PREFIX[:-1] + one["field"] for one in lines if one["shown"] == query_result.MASKED
    ]
    now = desk.clock.now()
    role = next(iter(actor.roles(local_day(now))), "")
    shown = (*clear, *masked)
    approval = f"{grounds.QUERY}:{look(answers, rules.query)}"
    desk.access.write(Access(utc_text(now), actor.person, role, found["doc"], shown, "proof", approval))
    return proving.bundle_of(desk, found, proving.these(shown), lines[0]["revision"])


def _may_prove(desk: Desk, actor: Actor, row: DocumentRow, form: CompiledForm) -> bool:
    rights = reading_rights(form, reading.standing_of(row), actor, local_day(desk.clock.now()))
    return "clear" in rights.actions and rights.clear_classes >= set(form.workflow.seal_classes)


def _rules(form: CompiledForm) -> Results:
    rules = form.workflow.results
    if rules is None:
        raise NotFound("query")
    return rules


def _lines(answers: Mapping[str, Any], pointer: str) -> list[dict[str, Any]]:
    found = look(answers, pointer)
    return list(found) if found is not ABSENT and isinstance(found, list) else []
