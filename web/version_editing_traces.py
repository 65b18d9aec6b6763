"""What an older version leaves in the files of a draft: examples, and places that speak of fields now gone.

Decides how examples follow the lift and which texts mention a field. Corrects no rule and no condition by
itself: an administrator does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.desk.version_checks import LIFT_FILE
from engine.desk.version_drafts import pretty
from engine.registry.bundle import LAYOUT, LOCALE, SCHEMA, STATES
from engine.registry.pointers import join, split
from engine.versions.lift import Lift, apply, parse_lift
from engine.versions.lift_places import path_of, pointer_of
from web.version_editing_changes import Texts
from web.version_editing_places import parsed


def carry_examples(files: Mapping[str, str], base: Mapping[str, bytes]) -> Texts:
    """Every example of the older version (`base` its papers) as lift.json reads it.

    Raises Invalid when the lift cannot be read.
    """
    lift = parse_lift(parsed(files.get(LIFT_FILE, "")))
    out: Texts = {}
    for name, data in base.items():
        example = parsed(data.decode()) if name.startswith("examples/") else None
        if isinstance(example, dict) and "data" in example:
            read = {**example, "data": apply(lift, example["data"]).answers}
            if isinstance(read.get("problem"), dict):
                at = str(read["problem"].get("pointer", ""))
                read["problem"] = {**read["problem"], "pointer": _moved(lift, at)}
            out[name] = pretty(read)
    return out


def _moved(lift: Lift, pointer: str) -> str:
    """Where a place of the older version stands after the lift's moves."""
    path = path_of(pointer)
    for step in lift.steps:
        if step.op in ("move", "rename") and step.source is not None and step.target is not None:
            length = len(step.source)
            if path[:length] == step.source:
                path = (*step.target, *path[length:])
    return pointer_of(path)


def mentions(files: Mapping[str, str], pointer: str) -> tuple[tuple[str, str], ...]:
    """(file, pointer) of every place that still speaks of a field: rules, conditions, print, lists."""
    dotted = pointer.lstrip("/").replace("/", ".")
    section, _, name = pointer.rpartition("/")
    out = []
    for file in (SCHEMA, STATES, LAYOUT, LOCALE):
        for at, text in _strings(parsed(files.get(file, "")), ""):
            if text == pointer or f"data.{dotted}" in text or pointer + "/" in text + "/":
                out.append((file, at))
        if file == SCHEMA:
            keys = split(section)
            out.extend((file, at) for at in _conditions(parsed(files.get(file, "")), keys, name))
    return tuple(dict.fromkeys(out))


def _conditions(schema: Any, keys: tuple[str, ...], name: str) -> Iterator[str]:
    """Where conditions at the root speak of member `name` of the object at `keys`."""
    if not isinstance(schema, dict):
        return
    for number, one in enumerate(schema.get("allOf", [])):
        for branch in ("if", "then", "else"):
            at, part = f"/allOf/{number}/{branch}", one.get(branch) if isinstance(one, dict) else None
            for key in keys:
                at = join(at, "properties", key)
                part = part.get("properties", {}).get(key) if isinstance(part, dict) else None
            told = part if isinstance(part, dict) else {}
            if name in told.get("required", []):
                yield join(at, "required", told["required"].index(name))
            if name in told.get("properties", {}):
                yield join(at, "properties", name)


def _strings(value: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _strings(part, join(at, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _strings(part, f"{at}/{number}")
