"""Whether a form says everything about its fields: class and legal basis, a place on paper, both languages.

Decides by comparing lists; a gap is named, never filled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from engine.errors import Problem
from engine.registry.compiled import CompiledForm
from engine.registry.fields import FieldInfo, layout_pointers
from engine.registry.pointers import ITEM, split

CLASSES: Final = frozenset({"customer", "business", "claim", "statistics", "management"})
SENSITIVITIES: Final = frozenset({"none", "personal", "sensitive"})
SEALS: Final = frozenset({"identity", "health", "finance", "other"})
INDEXES: Final = frozenset({"none", "exact", "range", "text", "blind"})
COLUMNS: Final = 12


def check_fields(form: CompiledForm) -> Iterator[Problem]:
    """R4.4.1 and R3.1: `field.class`, `field.legal_basis`, `field.sensitivity`, `field.seal`, `field.index`
    (a sensitive field has none or a blind one), `field.title`, `field.table` (an unpinned code table),
    `field.derive` (an age on what is no day of the form)."""
    for info in form.fields.values():
        at = info.pattern
        if info.klass not in CLASSES:
            yield Problem(at, "field.class", {"class": info.klass})
        if not info.legal_basis and not form.bundle.schema.get("x-legal-basis"):
            yield Problem(at, "field.legal_basis")
        if info.sensitivity not in SENSITIVITIES:
            yield Problem(at, "field.sensitivity", {"sensitivity": info.sensitivity})
        if info.seal not in SEALS:
            yield Problem(at, "field.seal", {"seal": info.seal})
        if info.index not in INDEXES or (
            info.sensitivity == "sensitive" and info.index not in ("none", "blind")
        ):
            yield Problem(at, "field.index", {"index": info.index})
        if info.codes and info.codes not in form.tables:
            yield Problem(at, "field.table", {"table": info.codes})
        for wish in info.derive:
            day = form.fields.get(wish.on)
            if wish.on and (day is None or day.format not in ("date", "date-time")):
                yield Problem(at, "field.derive", {"rule": wish.rule, "on": wish.on})
    for info in (*form.fields.values(), *form.groups.values()):
        if not info.title and not info.pattern.endswith("/" + ITEM):
            yield Problem(info.pattern, "field.title")


def check_layout(form: CompiledForm) -> Iterator[Problem]:
    """`layout.missing` (a field without a place), `layout.unknown`, `layout.twice`, `layout.width`."""
    placed = list(layout_pointers(form.bundle.layout))
    known = set(form.fields) | set(form.groups)
    for pointer in placed:
        if pointer not in known:
            yield Problem(pointer, "layout.unknown", {"pointer": pointer})
    there = set(placed)
    for info in form.fields.values():
        if not _has_place(info, there):
            yield Problem(info.pattern, "layout.missing", {"pointer": info.pattern})
    seen: set[str] = set()
    for section in form.bundle.layout.get("sections", ()):
        for number, row in enumerate(section.get("rows", ())):
            at = f"{section.get('pointer', '')}#{number}"
            width = sum(cell.get("w", 0) for cell in row)
            if width != section.get("columns", COLUMNS):
                yield Problem(at, "layout.width", {"width": width})
            for cell in row:
                pointer = str(cell.get("p", ""))
                if pointer in seen:
                    yield Problem(pointer, "layout.twice", {"pointer": pointer})
                seen.add(pointer)


def _has_place(info: FieldInfo, placed: set[str]) -> bool:
    """A field has its own place, or its list has one without naming columns."""
    if info.pattern in placed:
        return True
    path = split(info.pattern)
    if ITEM not in path:
        return False
    around = info.pattern[: info.pattern.index("/" + ITEM)]
    return around in placed and not any(other.startswith(around + "/") for other in placed)


def check_locale(form: CompiledForm) -> Iterator[Problem]:
    """`locale.missing` for every label, option, rule, guard, state, transition and record without English."""
    locale = form.bundle.locale
    for key in _needed(form):
        if not locale.get(key):
            yield Problem("", "locale.missing", {"key": key})
    known = set(form.fields) | set(form.groups)
    for key in locale:
        pattern = key.partition("#")[0].partition("?")[0]
        if key.startswith("/") and pattern not in known:
            yield Problem("", "locale.unknown", {"key": key})


def _needed(form: CompiledForm) -> Iterator[str]:
    yield "#/title"
    for info in (*form.groups.values(), *form.fields.values()):
        if info.title:
            yield info.pattern
        yield from (f"{info.pattern}#{value}" for value in info.enum)
        if info.schema.get("description"):
            yield f"{info.pattern}?help"
        if info.unit:
            yield f"{info.pattern}?unit"
    yield from (f"#/rules/{rule.id}" for rule in form.rules)
    workflow = form.workflow
    yield from (f"#/states/{name}" for name in workflow.states)
    yield from (f"#/records/{name}" for name in workflow.records)
    for one in (*workflow.transitions.values(), *workflow.system.values()):
        yield f"#/transitions/{one.name}"
        yield from (f"#/guards/{guard.id}" for guard in one.guards)
        answers: dict[str, Any] = {} if one.answers is None else one.answers.schema.get("properties", {})
        for name, schema in answers.items():
            yield f"#/transitions/{one.name}/{name}"
            yield from (f"#/transitions/{one.name}/{name}#{value}" for value in schema.get("enum", ()))
