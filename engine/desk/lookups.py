"""What other documents say about this one: the lookups a form declares, carried out.

Decides nothing about the outcome; rules do. A lookup by blind index opens every candidate and keeps only
true equals, so a coincidence of index bits is never seen by a rule or a person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from engine.desk import rows, sampling, sealing
from engine.desk.desk import Desk
from engine.ports import ListView
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.expressions import Expression, merge_reads
from engine.registry.plain_terms import MEMO
from engine.registry.pointers import ABSENT, look
from engine.registry.rules import Lookup
from engine.trust.blind import normalize_for_index

PAGE = 200
SUMMARY = "summary"
"""What the sealed note of a row is for: its masked list values, and the tags of its indexed ones."""


def gather(
    desk: Desk, form: CompiledForm, answers: Mapping[str, Any], exclude: str, asked: Collection[str]
) -> dict[str, Any]:
    """`{lookup name: [found, ...]}` for the lookups that are `asked`; `exclude` is the document itself.

    A lookup whose condition does not hold finds nothing and opens nothing.
    """
    wanted = tuple(lookup for lookup in form.lookups if lookup.name in asked)
    opening = _Opening(desk, form, answers, exclude)
    applying = opening.applying(wanted)
    return {lookup.name: opening.find(lookup) if lookup.name in applying else [] for lookup in wanted}


def asked_by(form: CompiledForm, expressions: Iterable[Expression]) -> frozenset[str]:
    """The names of the lookups that some expressions read; what is not read is not opened."""
    reads = merge_reads(expressions).get("facts")
    if reads is None:
        return frozenset()
    return frozenset(lookup.name for lookup in form.lookups if reads.whole or lookup.name in reads.parts)


def index_name(form: str, pointer: str) -> str:
    """The name of a blind index: the form and the field it is made from."""
    return f"{form}:{pointer}"


def is_likely(desk: Desk, row: DocumentRow, index: str, normalized: str) -> bool:
    """Whether a row with the right index bits is worth opening: not when its sealed tag is another value's.

    Among 100,000 documents three share the bits of any value by chance.
    """
    if not row["summary"]:
        return True
    note = bytes.fromhex(row["summary"])
    return desk.vault.carries(SUMMARY, note, row["doc"].encode(), index, normalized) is not False


class _Opening:
    """One round of lookups: a class of a document that several of them find is opened once."""

    def __init__(self, desk: Desk, form: CompiledForm, answers: Mapping[str, Any], exclude: str) -> None:
        self._desk, self._form, self._answers, self._exclude = desk, form, answers, exclude
        self._opened: dict[tuple[str, str], dict[str, Any]] = {}

    def applying(self, lookups: Iterable[Lookup]) -> frozenset[str]:
        """The names of those whose condition holds, or that have none."""
        env = {"data": self._answers, "tables": self._form.tables, MEMO: {}}
        return frozenset(one.name for one in lookups if one.when is None or self._holds(one.when, env))

    def _holds(self, condition: Expression, env: dict[str, Any]) -> bool:
        """What is plainly so, or plainly not so, needs no engine (decision 0009)."""
        if self._form.is_plainly(condition.text, env):
            return True
        if self._form.is_plainly(f"!({condition.text})", env):
            return False
        with self._form.bench.prepared(condition.reads, {"data": self._answers}) as context:
            return condition.evaluate(context) is True

    def find(self, lookup: Lookup) -> list[dict[str, Any]]:
        """The documents one lookup finds, with the values it asks to have opened."""
        if lookup.measured is not None:
            values = sampling.measured(self._desk, self._form, self._exclude)
            return [] if values is None else [{"doc_id": "", "doc_no": "", "state": "", "values": values}]
        return [
            {
                "doc_id": row["doc_id"],
                "doc_no": row["doc_no"],
                "state": row["state"],
                "revision": row["revision"],
                "values": self._values(row, lookup.open) if lookup.open else {},
            }
            for row in self._candidates(lookup)
        ]

    def _candidates(self, lookup: Lookup) -> Iterator[DocumentRow]:
        pointer = lookup.blind
        if pointer is not None:
            own = look(self._answers, pointer)
            if not isinstance(own, str) or not own:
                return
            normalized = normalize_for_index(own)
            name = index_name(lookup.form or self._form.form, pointer)
            for row in self._desk.store.by_blind(name, self._desk.vault.blind(name, normalized)):
                if self._fits(row, lookup) and is_likely(self._desk, row, name, normalized):
                    theirs = self._fields(row, pointer).get(pointer)
                    if isinstance(theirs, str) and normalize_for_index(theirs) == normalized:
                        yield row
        elif lookup.doc_ids is not None:
            listed = look(self._answers, lookup.doc_ids)
            for doc_id in listed if isinstance(listed, list) else (listed,):
                linked = self._desk.store.by_doc_id(doc_id) if isinstance(doc_id, str) else None
                if linked is not None and self._fits(linked, lookup):
                    yield linked
        elif lookup.own is not None:
            known = self._desk.store.get(self._exclude) if self._exclude else None
            if known is not None:
                yield from self._with_facet(lookup, lookup.own, known["doc_id"])
        elif lookup.by.get("standing"):
            yield from self._in(lookup, ListView((lookup.form or self._form.form,), lookup.states))
        elif lookup.facet is not None:
            theirs, ours = lookup.facet
            value = look(self._answers, ours)
            if isinstance(value, str):
                yield from self._with_facet(lookup, theirs, value)

    def _with_facet(self, lookup: Lookup, pointer: str, value: str) -> Iterator[DocumentRow]:
        """Documents that show this value in lists; a facet stands in the row in clear."""
        form = lookup.form or self._form.form
        return self._in(lookup, ListView((form,), lookup.states, facets=((pointer, value),)))

    def _in(self, lookup: Lookup, view: ListView) -> Iterator[DocumentRow]:
        """Every document of a list that fits."""
        place: str | None = None
        while True:
            page = self._desk.store.page(view, place, PAGE)
            yield from (row for row in page.rows if self._fits(row, lookup))
            place = page.next
            if place is None:
                return

    def _fits(self, row: DocumentRow, lookup: Lookup) -> bool:
        if lookup.exclude_self and row["doc"] == self._exclude:
            return False
        if lookup.states and row["state"] not in lookup.states:
            return False
        if row["form"] != (lookup.form or self._form.form):
            return False
        # Facets stand in the row in clear: comparing them first spares the opening of most candidates.
        return all(
            row["facets"].get(pointer, ABSENT) in (ABSENT, look(self._answers, pointer))
            for pointer in lookup.same
        )

    def _values(self, row: DocumentRow, pointers: tuple[str, ...]) -> dict[str, Any]:
        opened = {pointer: self._fields(row, pointer) for pointer in pointers}
        return {pointer: fields[pointer] for pointer, fields in opened.items() if pointer in fields}

    def _fields(self, row: DocumentRow, pointer: str) -> dict[str, Any]:
        """The opened leaves of the class that field is sealed in; the other classes stay shut."""
        klass = sealing.way_of(self._desk.registry.by_digest(row["digest"]), pointer)[0]
        fields = self._opened.get((row["doc"], klass))
        if fields is None:
            fields = dict(rows.fields_of(self._desk, row, classes=frozenset((klass,))))
            self._opened[row["doc"], klass] = fields
        return fields
