"""What changed between two layouts and two sets of labels.

Decides by the fields a layout places: into which section, with which widget, in which order. How a page
prints is one change, whatever differs in it. Never decides whether a layout is complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.registry.bundle import LAYOUT, LOCALE, FormBundle
from engine.registry.pointers import join, split
from engine.versions.changes import Change, Label, Term
from engine.versions.elements import element_of
from engine.versions.inclusion_atoms import frozen

Labels = tuple[Mapping[str, Any], Mapping[str, Any]]
Schemas = tuple[Mapping[str, Any], Mapping[str, Any]]


def layout_changes(
    old: Mapping[str, Any], new: Mapping[str, Any], schemas: Schemas, labels: Labels = ({}, {})
) -> Iterator[Change]:
    """What changed from one parsed layout.json to another."""
    if frozen(old) == frozen(new):
        return
    one, other = _sections(old), _sections(new)
    for name, (place, section) in other.items():
        at, label = join("/sections", place), Label(str(section.get("title", name)), labels[1].get(name, ""))
        if name not in one:
            yield _change(at, "section_added", label=label)
        elif one[name][1].get("title") != section.get("title"):
            facts = {"old": one[name][1].get("title"), "new": section.get("title")}
            yield _change(at + "/title", "section_title", label=label, **facts)
    for name, (place, section) in one.items():
        if name not in other:
            label = Label(str(section.get("title", name)), labels[0].get(name, ""))
            yield _change(join("/sections", place), "section_removed", label=label)
    if [name for name in one if name in other] != [name for name in other if name in one]:
        yield _change("/sections", "section_order")
    yield from _fields(_placed(old), _placed(new), schemas, labels)
    if frozen(old.get("print")) != frozen(new.get("print")):
        yield _change("/print", "print", parts=_page_parts(old.get("print"), new.get("print")))
    if frozen(old.get("guided")) != frozen(new.get("guided")):
        yield _change("/guided", "guided")
    rest = [{k: v for k, v in one.items() if k not in ("sections", "print", "guided")} for one in (old, new)]
    if frozen(rest[0]) != frozen(rest[1]):
        yield _change("", "layout")


def _page_parts(old: Any, new: Any) -> list[Term]:
    """Which parts of the printed page are others."""
    one, other = (page if isinstance(page, dict) else {} for page in (old, new))
    names = [*other, *(name for name in one if name not in other)]
    changed = [name for name in names if frozen(one.get(name)) != frozen(other.get(name))]
    return [Term(f"element.print_{name}") for name in changed]


def _change(pointer: str, kind: str, **facts: Any) -> Change:
    return Change(pointer, kind, LAYOUT, facts)


def _sections(layout: Mapping[str, Any]) -> dict[str, tuple[int, Mapping[str, Any]]]:
    listed = enumerate(layout.get("sections") or ())
    return {str(one.get("pointer", n)): (n, one) for n, one in listed if isinstance(one, dict)}


def _placed(layout: Mapping[str, Any]) -> dict[str, tuple[str, str, Mapping[str, Any]]]:
    """Per field pointer: where it stands in the file, in which section, and its cell."""
    out: dict[str, tuple[str, str, Mapping[str, Any]]] = {}
    for number, section in enumerate(layout.get("sections") or ()):
        if not isinstance(section, dict):
            continue
        for line, row in enumerate(section.get("rows") or ()):
            for place, cell in enumerate(row if isinstance(row, list) else ()):
                if isinstance(cell, dict) and isinstance(cell.get("p"), str):
                    at = join("/sections", number, "rows", line, place)
                    out[cell["p"]] = at, str(section.get("pointer", number)), cell
    return out


def _fields(
    old: Mapping[str, tuple[str, str, Mapping[str, Any]]],
    new: Mapping[str, tuple[str, str, Mapping[str, Any]]],
    schemas: Schemas,
    labels: Labels,
) -> Iterator[Change]:
    kept = [pointer for pointer in old if pointer in new]
    order = {pointer: place for place, pointer in enumerate(p for p in new if p in old)}
    moved = _out_of_order([order[pointer] for pointer in kept])
    for pointer, (at, section, cell) in new.items():
        label = field_label(pointer, schemas[1], labels[1])
        if pointer not in old:
            yield _change(at, "field_placed", label=label)
            continue
        _, before, was = old[pointer]
        if before != section or order[pointer] in moved:
            yield _change(at, "field_moved", label=label)
        if was.get("widget") != cell.get("widget"):
            facts = {"old": was.get("widget", ""), "new": cell.get("widget", "")}
            yield _change(at, "widget", label=label, **facts)
        rest = [{k: v for k, v in one.items() if k not in ("p", "widget")} for one in (was, cell)]
        if frozen(rest[0]) != frozen(rest[1]):
            yield _change(at, "field_look", label=label)
    for pointer, (at, _, _) in old.items():
        if pointer not in new:
            yield _change(at, "field_unplaced", label=field_label(pointer, schemas[0], labels[0]))


def _out_of_order(places: list[int]) -> set[int]:
    """Those that must move so that the rest stands in order: all outside one longest rising run."""
    if places == sorted(places) or len(places) > 2_000:
        return set()
    best: list[int] = [1] * len(places)
    before: list[int] = [-1] * len(places)
    for here, place in enumerate(places):
        for earlier in range(here):
            if places[earlier] < place and best[earlier] + 1 > best[here]:
                best[here], before[here] = best[earlier] + 1, earlier
    kept, at = set(), max(range(len(places)), key=best.__getitem__)
    while at >= 0:
        kept.add(places[at])
        at = before[at]
    return set(places) - kept


def field_label(pointer: str, schema: Mapping[str, Any], locale: Mapping[str, Any]) -> Label:
    """What the field at an answers' pointer is called in the schema and in English."""
    part: Any = schema
    for token in split(pointer):
        if token == "*":
            part = part.get("items", {}) if isinstance(part, dict) else {}
        else:
            known = part.get("properties", {}) if isinstance(part, dict) else {}
            part = known.get(token, {})
    title = part.get("title") if isinstance(part, dict) else None
    return Label(str(title or pointer), str(locale.get(pointer, "")))


def locale_changes(old: FormBundle, new: FormBundle) -> Iterator[Change]:
    """What changed in the English labels: what each stands for in words, and the texts."""
    for key, text in new.locale.items():
        if key not in old.locale:
            yield _label_change("label_added", key, new, new=text)
        elif old.locale[key] != text:
            yield _label_change("label", key, new, old=old.locale[key], new=text)
    for key, text in old.locale.items():
        if key not in new.locale:
            yield _label_change("label_removed", key, old, old=text)


def _label_change(kind: str, key: str, bundle: FormBundle, **texts: Any) -> Change:
    element, label = element_of(key, bundle)
    return Change(join("", key), kind, LOCALE, {"element": element, "label": label, **texts})
