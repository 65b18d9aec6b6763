"""What other documents say about this one: the lookups a form declares, carried out.

Decides nothing about the outcome; rules do. A lookup by blind index opens every candidate and keeps only
true equals, so a coincidence of index bits is never seen by a rule or a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.desk import reading
from engine.desk.desk import Desk
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import ABSENT, look
from engine.registry.rules import Lookup
from engine.trust.blind import normalize_for_index


def gather(desk: Desk, form: CompiledForm, answers: Mapping[str, Any], exclude: str) -> dict[str, Any]:
    """`{lookup name: [found, ...]}` for every lookup of the form; `exclude` is the document itself."""
    return {lookup.name: _find(desk, form, lookup, answers, exclude) for lookup in form.lookups}


def index_name(form: str, pointer: str) -> str:
    """The name of a blind index: the form and the field it is made from."""
    return f"{form}:{pointer}"


def _find(
    desk: Desk, form: CompiledForm, lookup: Lookup, answers: Mapping[str, Any], exclude: str
) -> list[dict[str, Any]]:
    found = []
    for row, fields in _candidates(desk, form, lookup, answers, exclude):
        values = fields if fields is not None else _fields(desk, row)
        found.append(
            {
                "doc_id": row["doc_id"],
                "doc_no": row["doc_no"],
                "state": row["state"],
                "values": {pointer: values[pointer] for pointer in lookup.open if pointer in values},
            }
        )
    return found


def _candidates(
    desk: Desk, form: CompiledForm, lookup: Lookup, answers: Mapping[str, Any], exclude: str
) -> Iterable[tuple[DocumentRow, dict[str, Any] | None]]:
    if "blind" in lookup.by:
        pointer = lookup.by["blind"]
        own = look(answers, pointer)
        if not isinstance(own, str) or not own:
            return
        normalized = normalize_for_index(own)
        name = index_name(lookup.form or form.bundle.form, pointer)
        for row in desk.store.by_blind(name, desk.vault.blind(name, normalized)):
            if row["doc"] != exclude and _fits(row, form, lookup, answers):
                fields = _fields(desk, row)
                theirs = fields.get(pointer)
                if isinstance(theirs, str) and normalize_for_index(theirs) == normalized:
                    yield row, fields
    elif "doc_ids" in lookup.by:
        listed = look(answers, lookup.by["doc_ids"])
        for doc_id in listed if isinstance(listed, list) else ():
            linked = desk.store.by_doc_id(doc_id) if isinstance(doc_id, str) else None
            if linked is not None and linked["doc"] != exclude and _fits(linked, form, lookup, answers):
                yield linked, None


def _fits(row: DocumentRow, form: CompiledForm, lookup: Lookup, answers: Mapping[str, Any]) -> bool:
    if lookup.states and row["state"] not in lookup.states:
        return False
    if row["form"] != (lookup.form or form.bundle.form):
        return False
    # Facets stand in the row in clear: comparing them first spares the opening of most candidates.
    return all(
        row["facets"].get(pointer, ABSENT) in (ABSENT, look(answers, pointer)) for pointer in lookup.same
    )


def _fields(desk: Desk, row: DocumentRow) -> dict[str, Any]:
    return dict(reading.fields_of(desk, row))
