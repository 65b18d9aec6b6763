"""Beginning the application for a query from what was sought and is in nobody's hand (R5.8.1).

Decides what the draft says already: the person by key or as typed, the document, its region and its day.
Purpose, fields and the rest are the applicant's to say. Shows nothing of the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from engine.desk import drafting, query_result, rows
from engine.desk.desk import Desk
from engine.desk.lookups import index_name
from engine.errors import NotAllowed, NotFound
from engine.identity import local_day, parse_utc
from engine.lifecycle.advance import begin as role_to_begin
from engine.lifecycle.people import Actor
from engine.lifecycle.queries import Queries
from engine.lifecycle.writing import with_value
from engine.ports import StoredDraft
from engine.projection import DESTROYED, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import look
from engine.trust.blind import normalize_for_index


def applicable(desk: Desk, actor: Actor, form: str = "") -> tuple[CompiledForm, ...]:
    """The forms in force by which this person may ask for documents of a form ("": of any)."""
    return tuple(_applicable(desk, actor, form))


def _applicable(desk: Desk, actor: Actor, form: str) -> Iterator[CompiledForm]:
    today = local_day(desk.clock.now())
    for name in desk.registry.forms():
        try:
            found = desk.registry.in_force(name, date.fromisoformat(today))
            role_to_begin(found, actor, today)
        except (NotAllowed, NotFound):
            continue
        rules = found.workflow.queries
        if rules is not None and form in ("", rules.form):
            yield found


def for_document(desk: Desk, actor: Actor, doc: str) -> StoredDraft:
    """A draft that asks for one document that this person knows of. Raises NotFound, NotAllowed("begin")."""
    row, _ = rows.readable_row(desk, actor, doc)
    form, rules = _first(desk, actor, row["form"])
    said = row["facets"].get(rules.on)
    day = local_day(parse_utc(said if isinstance(said, str) else row["submitted_at"]))
    answers: dict[str, Any] = {}
    for pointer, value in (
        (rules.subjects, list(_keys(desk, rules, row))),
        (rules.documents, [row["doc_id"]]),
        (rules.region, row["region"]),
        (rules.begins, day),
        (rules.ends, day),
        (rules.most, 1),
    ):
        answers = with_value(answers, pointer, value) if value else answers
    return drafting.begin(desk, actor, form.form, answers)


def for_person(desk: Desk, actor: Actor, typed: str) -> StoredDraft:
    """A draft that asks for one person by a whole name or number. Raises NotFound, NotAllowed("begin")."""
    form, rules = _first(desk, actor, "")
    answers: dict[str, Any] = with_value({}, rules.region, actor.region)
    wanted = typed.strip()
    return drafting.begin(
        desk, actor, form.form, with_value(answers, rules.subjects, [wanted]) if wanted else answers
    )


def _first(desk: Desk, actor: Actor, target: str) -> tuple[CompiledForm, Queries]:
    found = next(iter(_applicable(desk, actor, target)), None)
    rules = found.workflow.queries if found is not None else None
    if found is None or rules is None:
        raise NotAllowed("begin")
    return found, rules


def _keys(desk: Desk, rules: Queries, row: DocumentRow) -> Iterator[str]:
    """The key of the person a document is about: nobody learns from it who that is."""
    if DESTROYED in row["flags"]:
        return
    form = desk.registry.by_digest(row["digest"])
    for known in rules.known_by:
        value = look(query_result.values_of(desk, row, form, (known.pointer,)), known.pointer)
        if isinstance(value, str) and value:
            yield desk.vault.subject_key(index_name(rules.form, known.pointer), normalize_for_index(value))
            return
