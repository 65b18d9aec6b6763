"""Running an approved query: once, by whoever applied, exactly what was granted (R5.8).

Decides which documents it finds and files the result as a document that the system makes, before the
query's own event says so. Every document that is read is written to the access log with the query as purpose,
and so is every run that is refused.

Steps of `prepare`:
 1 what was granted, never more than was applied for; a query that has a result already is not run again
 2 the documents: of the subjects, in the period and the region, no more than the cap
 3 their granted values, masked unless granted in clear; or counts without small groups
Inside the critical section nothing found may have moved; then the result is filed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.desk import people, query_result, query_scope, reading, ruling, submitting
from engine.desk.desk import Desk
from engine.desk.effect import Effect
from engine.desk.lookups import index_name
from engine.desk.query_scope import QUERY, run_of
from engine.errors import Conflict, NeedsUnlock, NotFound, Refused
from engine.identity import SHANGHAI, local_day, parse_utc, utc_text
from engine.lifecycle.advance import Advance
from engine.lifecycle.people import Actor, covers
from engine.lifecycle.queries import Queries
from engine.lifecycle.workflow import RUN_QUERY
from engine.ports import Access, ListView
from engine.projection import DESTROYED, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import ABSENT, look, split
from engine.trust.blind import INDEX_BITS, first_bits, normalize_for_index

__all__ = ["Run", "note_refusal", "prepare", "run_of"]

PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Run(Effect):
    """A query ready to be answered: the documents it found, and the result's answers."""

    query: DocumentRow
    rules: Queries
    scope: query_scope.Scope
    found: tuple[DocumentRow, ...]
    answers: Mapping[str, Any]

    def confirm(self, desk: Desk) -> None:
        """The values are those that stand at this moment: nothing that was found has moved since."""
        _check_first(desk, self.query)
        if any(reading.row_of(desk, one["doc"])["head"] != one["head"] for one in self.found):
            raise Conflict("query.moved")

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """Log what was read, file the result; the body of the query's own event names it and its digest."""
        now = utc_text(desk.clock.now())
        for one in self.found:
            desk.access.write(
                Access(now, actor.person, step.role, one["doc"], self.scope.fields, QUERY, _basis(self.query))
            )
        wanted = submitting.Submission(
            form=self.rules.result.form,
            answers=dict(self.answers),
            key=f"run:{self.query['head']}",
            channel=self.query["channel"],
        )
        system = people.system_actor(desk)
        maker = replace(system, unit=self.query["unit"], region=self.query["region"])
        if not _results(desk, self.rules, self.query):  # filed before a crash, and the query's event was not
            submitting.submit(desk, maker, wanted, None)
        row = _results(desk, self.rules, self.query)[0]
        filed = look(reading.answers_of(desk, row), self.rules.result.writes["digest"])
        made = {"doc": row["doc"], "doc_id": row["doc_id"], "rows": filed, "found": len(self.found)}
        return {QUERY: made}


def prepare(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Run:
    """Steps 1 to 3. Raises Conflict: `query.over_run`, `state`, `query.not_granted`, `query.out_of_scope`."""
    rules = form.workflow.queries
    if rules is None:
        raise NotFound("query")
    smallest = ruling.written_as(desk, f"part:{form.form}.queries.smallest_cell", rules.smallest_cell)
    rules = replace(rules, smallest_cell=smallest)
    # 1
    _check_first(desk, row)
    if not any(RUN_QUERY in one.does for one in form.workflow.leaving(row["state"])):
        raise Conflict("state", state=row["state"], transition=RUN_QUERY)
    scope = query_scope.granted(desk, rules, row, answers)
    # 2
    is_count = query_scope.is_count(rules, answers)
    every = sorted(_find(desk, rules, answers, is_count), key=lambda one: (one["submitted_at"], one["doc"]))
    most = look(answers, rules.most)
    found = tuple(every) if is_count or not isinstance(most, int) else tuple(every[:most])
    # 3
    lines: list[dict[str, Any]] = []
    cells: list[dict[str, Any]] = []
    if is_count:
        cells = query_result.cells_of(desk, found, scope.fields, rules.smallest_cell)
    else:
        for one in found:
            lines.extend(query_result.lines_of(desk, one, scope, len(lines) + 1))
    digest = query_result.digest_of(lines, cells)
    account = desk.directory.by_person(row["created_by"])
    facts = {
        "doc_id": row["doc_id"],
        "doc_no": row["doc_no"],
        "fields": list(scope.fields),
        "executed_by": account.staff_no if account is not None else "",
        "executed_at": desk.clock.now().astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "index_size": desk.store.size,
        "count": _count(found, is_count, rules),
        "truncated": len(found) < len(every),
        "digest": digest,
        "outcome": "found" if lines or cells else "none",
        "copy_no": f"{row['doc_id'].split('-')[1]}-{int(row['doc_id'].split('-')[4])}-01",
        "rows": lines or ABSENT,
        "cells": cells or ABSENT,
    }
    filed: dict[str, Any] = {}
    for ours, theirs in rules.result.copies.items():
        _put(filed, ours, look(answers, theirs))
    for name, pointer in rules.result.writes.items():
        _put(filed, pointer, facts.get(name, ABSENT))
    return Run(row, rules, scope, found, filed)


def _count(found: tuple[DocumentRow, ...], is_count: bool, rules: Queries) -> int:
    """How many documents were found; of a count too few to be said, none."""
    return 0 if is_count and len(found) < rules.smallest_cell else len(found)


def _check_first(desk: Desk, row: DocumentRow) -> None:
    if run_of(desk, row) is not None:
        raise Conflict(query_scope.OVER_RUN)


def _results(desk: Desk, rules: Queries, row: DocumentRow) -> list[DocumentRow]:
    """The results of a query, the newest first."""
    where = rules.result.writes["doc_id"]
    page = desk.store.page(
        ListView((rules.result.form,), facets=((where, row["doc_id"]),), order="recent"), None, PAGE
    )
    return sorted(page.rows, key=lambda one: one["steps"][0]["index"], reverse=True)


def _find(
    desk: Desk, rules: Queries, answers: Mapping[str, Any], is_count: bool
) -> Iterator[DocumentRow]:
    """Every document that is meant, once."""
    rows = _every(desk, rules) if is_count else _of_subjects(desk, rules, answers)
    seen: set[str] = set()
    for row in rows:
        if row["doc"] not in seen and _is_meant(desk, rules, answers, row):
            seen.add(row["doc"])
            yield row


def _every(desk: Desk, rules: Queries) -> Iterator[DocumentRow]:
    place: str | None = None
    while True:
        page = desk.store.page(ListView((rules.form,), rules.states), place, PAGE)
        yield from page.rows
        place = page.next
        if place is None:
            return


def _of_subjects(desk: Desk, rules: Queries, answers: Mapping[str, Any]) -> Iterator[DocumentRow]:
    """Bits of the index are shared by chance: the value itself is opened and its key compared."""
    for key in query_scope.subjects_of(rules, answers):
        bits = first_bits(bytes.fromhex(key), INDEX_BITS)
        for known in rules.known_by:
            name = index_name(rules.form, known.pointer)
            for row in desk.store.by_blind(name, bits):
                if not _is_placed(rules, answers, row):
                    continue
                form = desk.registry.by_digest(row["digest"])
                value = look(query_result.values_of(desk, row, form, (known.pointer,)), known.pointer)
                if isinstance(value, str) and desk.vault.subject_key(name, normalize_for_index(value)) == key:
                    yield row


def _is_placed(rules: Queries, answers: Mapping[str, Any], row: DocumentRow) -> bool:
    """Whether a row stands where the query looks: form, state, region, period, the documents it names."""
    region, begins, ends = (look(answers, one) for one in (rules.region, rules.begins, rules.ends))
    named = query_scope.documents_of(rules, answers)
    said = row["facets"].get(rules.on)
    day = local_day(parse_utc(said if isinstance(said, str) else row["submitted_at"]))
    return (
        row["form"] == rules.form
        and row["state"] in rules.states
        and DESTROYED not in row["flags"]
        and covers(str(region), row["region"])
        and str(begins) <= day <= str(ends)
        and (not named or row["doc_id"] in named)
    )


def _is_meant(desk: Desk, rules: Queries, answers: Mapping[str, Any], row: DocumentRow) -> bool:
    if not _is_placed(rules, answers, row):
        return False
    form = desk.registry.by_digest(row["digest"])
    pairs = [(look(answers, ours), theirs) for ours, theirs in rules.same.items()]
    return all(
        ours is ABSENT or look(query_result.values_of(desk, row, form, (theirs,)), theirs) == ours
        for ours, theirs in pairs
    )


def _put(answers: dict[str, Any], pointer: str, value: Any) -> None:
    if value is ABSENT:
        return
    *path, last = split(pointer)
    place = answers
    for name in path:
        place = place.setdefault(name, {})
    place[last] = value


def _basis(row: DocumentRow) -> str:
    return f"{QUERY}:{row['doc_id']}"


def note_refusal(desk: Desk, actor: Actor, doc: str, transition: str, refused: Refused) -> None:
    """Write a run that was refused to the access log: expired, revoked, over-run, out of scope, not theirs.

    Being asked for the passphrase is no refusal.
    """
    row = desk.store.get(doc)
    if row is None or isinstance(refused, NeedsUnlock):
        return
    step = desk.registry.by_digest(row["digest"]).workflow.transition(transition)
    if step is None or RUN_QUERY not in step.does:
        return
    now = desk.clock.now()
    role = next(iter(actor.roles(local_day(now))), "")
    what = (RUN_QUERY, *dict.fromkeys((refused.code, *(one.code for one in refused.problems))))
    desk.access.write(Access(utc_text(now), actor.person, role, doc, what, "refused"))
