"""What a query asks for: whom it is about, which fields, and whether that may be asked at all.

Decides that a name or number typed into a query never becomes part of the document: only the keyed hash that
finds it stays (C.4.3 V7). Opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from engine.desk import rows
from engine.desk.desk import Desk
from engine.desk.lookups import index_name
from engine.errors import Conflict, Problem
from engine.identity import local_day
from engine.lifecycle.people import Actor, covers
from engine.lifecycle.queries import Queries
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.patterns import compile_pattern
from engine.registry.pointers import ABSENT, look
from engine.trust.blind import normalize_for_index
from engine.trust.commitments import Field, flatten, unflatten

_KEY: Final = re.compile("[0-9a-f]{64}")
QUERY: Final = "query"
OVER_RUN: Final = "query.over_run"
OUT_OF_SCOPE: Final = "query.out_of_scope"


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be looked up: the granted fields, and those of them in clear."""

    fields: tuple[str, ...]
    clear: frozenset[str]


def keyed(desk: Desk, form: CompiledForm, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers with every typed subject replaced by its key; a form that queries nothing is left alone."""
    rules = form.workflow.queries
    typed = look(answers, rules.subjects) if rules is not None else ABSENT
    if rules is None or not isinstance(typed, list):
        return answers
    said = [key_of(desk, rules, one) if isinstance(one, str) else one for one in typed]
    below = f"{rules.subjects}/"
    rest: list[Field] = [one for one in flatten(answers) if not f"{one[0]}/".startswith(below)]
    return unflatten([*rest, *((f"{below}{n}", one) for n, one in enumerate(said))]) if said else answers


def key_of(desk: Desk, rules: Queries, typed: str) -> str:
    """The key of a name or number; what is a key already, or nothing, stays as it is."""
    wanted = normalize_for_index(typed)
    if _KEY.fullmatch(typed) or not wanted:
        return typed
    known = next(
        (one for one in rules.known_by if not one.pattern or compile_pattern(one.pattern).search(wanted)),
        None,
    )
    return typed if known is None else desk.vault.subject_key(index_name(rules.form, known.pointer), wanted)


def judge(desk: Desk, actor: Actor, form: CompiledForm, answers: Mapping[str, Any]) -> tuple[Problem, ...]:
    """What stops an application beyond its rules: fields that are not of the named categories (V1), counts of
    personal fields (V3), a region that is not the applicant's."""
    rules = form.workflow.queries
    if rules is None:
        return ()
    problems = []
    target = desk.registry.in_force(rules.form, date.fromisoformat(local_day(desk.clock.now())))
    categories, is_counting = _listed(answers, rules.categories), is_count(rules, answers)
    for place, pointer in enumerate(_listed(answers, rules.fields)):
        info, at = target.field(pointer), f"{rules.fields}/{place}"
        if info is None or "*" in info.pattern:
            problems.append(Problem(at, "query.field_unknown", {"field": pointer}))
        elif info.klass not in categories:
            problems.append(Problem(at, "query.field_category", {"field": info.title}))
        elif is_counting and (info.sensitivity != "none" or info.is_array):
            problems.append(Problem(at, "query.field_not_counted", {"field": info.title}))
    region = look(answers, rules.region)
    if isinstance(region, str) and not actor.is_system and not covers(actor.region, region):
        problems.append(Problem(rules.region, "query.region"))
    return tuple(problems)


def run_of(desk: Desk, row: DocumentRow) -> Mapping[str, Any] | None:
    """What the event of a query's run says of its result: doc, doc_id, digest of the rows; None before it."""
    bodies = (desk.journal.read(step["index"]).statement()["body"] for step in reversed(row["steps"]))
    return next((body[QUERY] for body in bodies if QUERY in body), None)


def is_count(rules: Queries, answers: Mapping[str, Any]) -> bool:
    """Whether the query names nobody and is answered by counts."""
    return bool(look(answers, rules.kind) == rules.counting)


def granted(desk: Desk, rules: Queries, row: DocumentRow, answers: Mapping[str, Any]) -> Scope:
    """What the approval of this round granted, which is never more than was applied for.

    Raises Conflict: `query.not_granted`, `query.out_of_scope`.
    """
    grants = [told for step, told in rows.said(desk, row).items() if step in rules.granted.by]
    if not grants:
        raise Conflict("query.not_granted")
    fields, clear = grants[-1].get(rules.granted.fields, ()), grants[-1].get(rules.granted.clear, ())
    asked, asked_clear = _listed(answers, rules.fields), _listed(answers, rules.clear)
    if not fields or set(fields) - set(asked) or set(clear) - set(asked_clear) or set(clear) - set(fields):
        raise Conflict(OUT_OF_SCOPE)
    return Scope(tuple(one for one in asked if one in fields), frozenset(clear))


def _listed(answers: Mapping[str, Any], pointer: str) -> list[str]:
    found = look(answers, pointer)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def subjects_of(rules: Queries, answers: Mapping[str, Any]) -> list[str]:
    """The keys of the persons asked about."""
    return _listed(answers, rules.subjects)


def documents_of(rules: Queries, answers: Mapping[str, Any]) -> list[str]:
    """The documents to which the query is limited; none: it is not."""
    return _listed(answers, rules.documents)
