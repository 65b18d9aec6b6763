"""What a query finds, as the answers of its result: one line for each value, or counts of groups.

Decides what a value looks like – masked by the form's own mask unless it was granted in clear – and which
counts are too small to say. Never looks for documents and never decides who may.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

from engine.desk import reading, sealing
from engine.desk.desk import Desk
from engine.desk.query_scope import Scope
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.masks import HIDDEN, mask
from engine.registry.pointers import ABSENT, look
from engine.trust import canonical

CLEAR: Final = "clear"
MASKED: Final = "masked"
HIDES: Final = "hidden"
YES: Final = "是"
NO: Final = "否"


def lines_of(desk: Desk, row: DocumentRow, scope: Scope, first: int) -> list[dict[str, Any]]:
    """The granted values of one document, numbered from `first`; fields it has no value of are left out.

    A value that is a code says what it means, as the form signed it; the code of the original stands beside.
    """
    form = desk.registry.by_digest(row["digest"])
    answers = values_of(desk, row, form, scope.fields)
    lines: list[dict[str, Any]] = []
    for pointer in scope.fields:
        info, value = form.field(pointer), look(answers, pointer)
        if info is None or value is ABSENT or value is None:
            continue
        shown = CLEAR
        if info.mask and pointer not in scope.clear:
            shown, value = MASKED, mask(info.mask, value)
            if value == HIDDEN:
                shown = HIDES
        said = words(form, pointer, value) if shown == CLEAR else ""
        line = {
            "no": first + len(lines),
            "doc_id": row["doc_id"],
            "revision": row["revision"],
            "field": pointer,
            "value": said or text_of(value),
            "shown": shown,
        }
        lines.append({**line, "code": text_of(value)} if said else line)
    return lines


def values_of(desk: Desk, row: DocumentRow, form: CompiledForm, fields: Iterable[str]) -> dict[str, Any]:
    """The answers of the classes in which these fields are sealed; the other classes stay shut."""
    classes = frozenset(sealing.way_of(form, pointer)[0] for pointer in fields)
    return reading.answers_of(desk, row, classes=classes)


def text_of(value: Any) -> str:
    """A value as it stands on paper; a list as its items."""
    if isinstance(value, list):
        return "、".join(text_of(one) for one in value)
    if isinstance(value, str):
        return value
    return canonical.encode(value).decode("utf-8")


def words(form: CompiledForm, pointer: str, value: Any) -> str:
    """What a code means, by the version the document was signed in; "" for what says itself."""
    if isinstance(value, list):
        return "、".join(filter(None, (words(form, pointer, one) for one in value)))
    if isinstance(value, bool):
        return YES if value else NO
    info = form.field(pointer)
    if info is None:
        return ""
    if text_of(value) in info.enum:
        return info.enum[text_of(value)][0]
    entries = form.tables.get(info.codes, {}).get("entries", ()) if info.codes else ()
    return next((str(one["name"]) for one in entries if one["code"] == value), "")


def cells_of(
    desk: Desk, rows: Iterable[DocumentRow], fields: tuple[str, ...], smallest: int
) -> list[dict[str, Any]]:
    """How many documents have which value, field by field. Groups smaller than `smallest` are not said, and
    of a field where only one is not said neither is the next one: it could be told from the sum. What stands
    in clear beside a document (facets) is counted without opening it."""
    counts: dict[str, Counter[tuple[str, str]]] = {pointer: Counter() for pointer in fields}
    for row in rows:
        form = desk.registry.by_digest(row["digest"])
        shut = [pointer for pointer in fields if pointer not in form.facets]
        answers = values_of(desk, row, form, shut) if shut else {}
        for pointer in fields:
            value = look(answers, pointer) if pointer in shut else row["facets"].get(pointer, ABSENT)
            if value is not ABSENT and value is not None:
                counts[pointer][text_of(value), words(form, pointer, value)] += 1
    cells: list[dict[str, Any]] = []
    for pointer in fields:
        unsaid = suppressed(counts[pointer], smallest)
        for (value, said), count in sorted(counts[pointer].items()):
            cell: dict[str, Any] = {"field": pointer, "value": said or value}
            if said:
                cell["code"] = value
            is_unsaid = (value, said) in unsaid
            cells.append({**cell, "suppressed": True} if is_unsaid else {**cell, "count": count})
    return cells


def suppressed(counts: Mapping[tuple[str, str], int], smallest: int) -> frozenset[tuple[str, str]]:
    """The groups whose count is not said (O23)."""
    by_size = sorted(counts, key=lambda group: (counts[group], group))
    small = [group for group in by_size if counts[group] < smallest]
    if len(small) == 1 and len(by_size) > 1:
        small = by_size[:2]
    return frozenset(small)


def digest_of(lines: list[dict[str, Any]], cells: list[dict[str, Any]]) -> str:
    """What the query's own event says of its result, and what is compared before the copy is handed over."""
    return sha256(canonical.encode({"rows": lines, "cells": cells})).hexdigest()
