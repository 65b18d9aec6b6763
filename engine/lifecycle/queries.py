"""What a states file says of a form whose approved documents let their maker look things up once.

Decides only how the declaration reads; what is done with it is engine.desk.querying's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class KnownBy:
    """A field of the documents looked through by which a person is found: whole values of this pattern.

    `pattern` is matched against the normalized text; "" takes whatever the ones before did not.
    """

    pointer: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Granted:
    """The answers of the approving steps `by` that say what was granted: fields, and those in clear."""

    by: tuple[str, ...]
    fields: str
    clear: str


@dataclass(frozen=True, slots=True)
class Result:
    """The form the result is filed in. `copies` maps pointers of the result to those of the query; `writes`
    says where the system writes what (see engine.desk.query_result)."""

    form: str
    copies: Mapping[str, str]
    writes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Queries:
    """Documents of `form` in `states` are looked through; the rest are pointers into the query's answers.

    `on` is the facet of a document that has to lie in the period. A query whose `kind` is `counting` names
    nobody and is answered by counts, none of a group smaller than `smallest_cell`. `same` are pairs of
    (ours, theirs) that must be equal where ours is given.
    """

    form: str
    states: tuple[str, ...]
    subjects: str
    known_by: tuple[KnownBy, ...]
    documents: str
    fields: str
    clear: str
    categories: str
    kind: str
    counting: str
    smallest_cell: int
    begins: str
    ends: str
    on: str
    region: str
    most: str
    same: Mapping[str, str]
    granted: Granted
    result: Result


@dataclass(frozen=True, slots=True)
class Results:
    """Where a result says which query it answers, and holds its lines or counts."""

    query: str
    rows: str
    cells: str


def parse_results(declared: Any) -> Results | None:
    """The part `results` of a parsed states.json; None where there is none."""
    if not isinstance(declared, dict):
        return None
    return Results(*(str(declared.get(name, "")) for name in ("query", "rows", "cells")))


def parse_queries(declared: Any) -> Queries | None:
    """The part `queries` of a parsed states.json, whose shape is the meta-schema's; None without one."""
    if not isinstance(declared, dict):
        return None
    granted, result = declared.get("granted", {}), declared.get("result", {})

    def text(name: str) -> str:
        return str(declared.get(name, ""))

    return Queries(
        form=text("form"),
        states=tuple(map(str, declared.get("states", ()))),
        subjects=text("subjects"),
        known_by=tuple(
            KnownBy(str(one.get("pointer", "")), str(one.get("pattern", "")))
            for one in declared.get("known_by", ())
        ),
        documents=text("documents"),
        fields=text("fields"),
        clear=text("clear"),
        categories=text("categories"),
        kind=text("kind"),
        counting=text("counting"),
        smallest_cell=int(declared.get("smallest_cell", 1)),
        begins=text("from"),
        ends=text("to"),
        on=text("on"),
        region=text("region"),
        most=text("most"),
        same=dict(declared.get("same", {})),
        granted=Granted(
            by=tuple(granted.get("by", ())),
            fields=str(granted.get("fields", "")),
            clear=str(granted.get("clear", "")),
        ),
        result=Result(
            form=str(result.get("form", "")),
            copies=dict(result.get("copies", {})),
            writes=dict(result.get("writes", {})),
        ),
    )
