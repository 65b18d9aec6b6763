"""What a press of a button in the table of fields does to the files of a draft.

Decides which files one wish changes together: schema, layout, English labels, the lift and the list of
changes. Gives back texts and stores nothing; whether the result may be published is judged afterwards, as
for a text that somebody typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from engine.desk.version_checks import LIFT_FILE
from engine.desk.version_drafts import pretty
from engine.errors import Invalid, Problem
from engine.identity import parse_version
from engine.registry.bundle import LAYOUT, LOCALE, SCHEMA
from engine.registry.pointers import join
from engine.version_ports import VersionDraft
from web.version_editing_fields import (
    BASES,
    CLASSES,
    INDEXES,
    KINDS,
    MASKS,
    MONEY_PATTERN,
    SEALS,
    SENSITIVITIES,
    FieldFacts,
    Files,
    own_part,
    read_files,
)
from web.version_editing_layout import COLUMNS, move_cell, place_cell, place_part, resize_cell, take_out
from web.version_editing_places import parsed

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SHAPES: Final[Mapping[str, Mapping[str, Any]]] = {
    "text": {"type": "string"}, "long": {"type": "string"}, "integer": {"type": "integer"},
    "yes_no": {"type": "boolean"}, "date": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
    "money": {"type": "string", "pattern": MONEY_PATTERN},
    "mobile": {"type": "string", "format": "mobile"}, "id_no": {"type": "string", "format": "id_no"},
    "choice": {"type": "string"}, "choices": {"type": "array"}, "codes": {"type": "string"},
}  # fmt: skip
_SHAPE_WORDS: Final = frozenset({
    "type", "format", "pattern", "enum", "x-enum", "minLength", "maxLength", "minimum", "maximum", "items",
    "minItems", "maxItems", "uniqueItems", "x-codes", "x-unit",
})  # fmt: skip
Texts = dict[str, str]


def add(files: Mapping[str, str], facts: FieldFacts) -> Texts:
    """A new field at the end of its part. Raises Invalid with what is wrong with the wish."""
    read = _read(files)
    pointer = join(facts.section, facts.name)
    around = _object_at(read.schema, facts.section)
    problems = _wrong(read, facts)
    if not _NAME.fullmatch(facts.name):
        problems.append(Problem("/name", "new.name"))
    elif around is None:
        problems.append(Problem("/section", "new.section"))
    elif facts.name in around.get("properties", {}):
        problems.append(Problem("/name", "new.exists", {"name": facts.name}))
    if problems or around is None:
        raise Invalid("version_draft", problems=problems)
    order = 1 + max((int(one.get("x-order", 0)) for one in around["properties"].values()
                     if isinstance(one, dict)), default=0)  # fmt: skip
    around["properties"][facts.name] = {**_described(facts), **_shape(facts), "x-order": order}
    _set_required(around, facts.name, facts.is_required)
    place_cell(read.layout, facts, pointer)
    _label(read.locale, facts, pointer, facts.kind in ("choice", "choices"))
    return _texts(read)


def add_part(files: Mapping[str, str], name: str, label: str, label_en: str, basis: str) -> Texts:
    """A new part at the end of the form, with nothing in it yet. Raises Invalid as `add` does."""
    read = _read(files)
    parts = read.schema.setdefault("properties", {})
    problems = [] if label and label_en else [Problem("/label", "new.label")]
    if not _NAME.fullmatch(name):
        problems.append(Problem("/name", "new.name"))
    elif name in parts:
        problems.append(Problem("/name", "new.exists", {"name": name}))
    if basis not in BASES:
        problems.append(Problem("/basis", "new.value"))
    if problems:
        raise Invalid("version_draft", problems=problems)
    parts[name] = {
        "title": label, "type": "object", "additionalProperties": False, "x-legal-basis": basis,
        "properties": {},
    }  # fmt: skip
    place_part(read.layout, "/" + name, label)
    read.locale["/" + name] = label_en
    return _texts(read)


def change(files: Mapping[str, str], facts: FieldFacts, before: FieldFacts) -> Texts:
    """Another label, class, kind … of a field that is there. What it holds changes only where the boxes that
    say so differ from `before`; what no box shows stays. Raises Invalid with what is wrong with the wish."""
    read = _read(files)
    with_shape = facts.is_plain and _holds(facts) != _holds(before)
    problems = _wrong(read, facts if with_shape else replace(facts, kind="text"))
    around, part = _object_at(read.schema, facts.section), own_part(read.schema, facts.pointer)
    if problems or not part:
        raise Invalid("version_draft", problems=problems or [Problem("", "new.section")])
    given = _SHAPE_WORDS
    if not with_shape:
        given = frozenset()
    elif facts.kind == before.kind:
        boxed = _BOXED[facts.kind] if _of_kind(facts) != _of_kind(before) else frozenset()
        given = boxed | {"x-unit"}
    kept = {key: value for key, value in part.items() if key not in _OWN_WORDS | given}
    shape = {key: value for key, value in _shape(facts).items() if key in given} if with_shape else {}
    made = {**_described(facts), **kept, **shape}
    part.clear()
    part.update(made)
    if around is not None:
        _set_required(around, facts.name, facts.is_required)
    resize_cell(read.layout, facts, with_shape)
    _label(read.locale, facts, facts.pointer, with_shape and facts.kind in ("choice", "choices"))
    return _texts(read)


def _holds(facts: FieldFacts) -> tuple[str, ...]:
    """What the boxes say of what a field may hold."""
    return (
        facts.kind, facts.choices.strip(), facts.table, facts.fewest, facts.most, facts.least_value,
        facts.most_value, facts.unit,
    )  # fmt: skip


def _of_kind(facts: FieldFacts) -> tuple[str, ...]:
    return _holds(facts)[:-1]


# The keywords that a box of the page stands for, by kind; all others stay while the kind does.
_BOXED: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(KINDS, frozenset()),
    **dict.fromkeys(("text", "long"), frozenset({"minLength", "maxLength"})),
    "integer": frozenset({"minimum", "maximum"}), "choice": frozenset({"enum", "x-enum"}),
    "choices": frozenset({"items", "maxItems"}), "codes": frozenset({"x-codes", "enum", "x-enum"}),
}  # fmt: skip
_OWN_WORDS: Final = frozenset({
    "title", "description", "x-class", "x-sensitivity", "x-seal", "x-index", "x-mask", "x-legal-basis",
})  # fmt: skip


def move(files: Mapping[str, str], pointer: str, step: int) -> Texts:
    """The field one place up (-1) or down (1) in its part of the paper."""
    read = _read(files)
    move_cell(read.layout, pointer, step)
    return _texts(read)


def retire(
    files: Mapping[str, str], draft: VersionDraft, pointer: str, target: str, reason: tuple[str, str]
) -> Texts:
    """The field goes out of schema, layout and labels; the lift says what becomes of old answers: moved to
    `target`, or left out for a reason (Chinese, English). Raises Invalid without either."""
    read = _read(files)
    section, _, name = pointer.rpartition("/")
    around = _object_at(read.schema, section)
    if around is None or name not in around.get("properties", {}):
        raise Invalid("version_draft", problems=[Problem("/field", "new.section")])
    if not target and not all(reason):
        raise Invalid("version_draft", problems=[Problem("/reason", "new.reason")])
    if target and not own_part(read.schema, target):
        raise Invalid("version_draft", problems=[Problem("/target", "new.target")])
    del around["properties"][name]
    _set_required(around, name, False)
    take_out(read.layout, pointer)
    for key in [key for key in read.locale if key.partition("#")[0].partition("?")[0] == pointer]:
        del read.locale[key]
    step = (
        {"op": "move", "from": pointer, "to": target}
        if target
        else {"op": "drop", "at": pointer, "reason": reason[0], "reason_en": reason[1]}
    )
    return {**_texts(read), **with_step(files, draft, step)}


def mark_unknown(
    files: Mapping[str, str], draft: VersionDraft, pointer: str, reason: tuple[str, str]
) -> Texts:
    """The lift says that an old document leaves this place unknown, and why."""
    if not all(reason):
        raise Invalid("version_draft", problems=[Problem("/reason", "new.reason")])
    step = {"op": "unknown", "at": pointer, "reason": reason[0], "reason_en": reason[1]}
    return with_step(files, draft, step)


def with_step(files: Mapping[str, str], draft: VersionDraft, step: Mapping[str, Any]) -> Texts:
    """lift.json with one step more; begun where there is none. {} for a form without an older version."""
    if not draft.follows:
        return {}
    lift = parsed(files.get(LIFT_FILE, ""))
    if not isinstance(lift, dict) or not isinstance(lift.get("steps"), list):
        lift = {"form": draft.form, "from": draft.follows, "to": draft.version, "steps": []}
    return {LIFT_FILE: pretty({**lift, "steps": [*lift["steps"], step]})}


def renumber(files: Mapping[str, str], draft: VersionDraft, version: str) -> Texts:
    """Another version number, in every file that says it. Raises Invalid for what is no number."""
    if parse_version(version) is None:
        raise Invalid("version_draft", problems=[Problem("/version", "new.version")])
    old = {draft.version, draft.follows} - {""}
    out: Texts = {}
    schema, lift = parsed(files.get(SCHEMA, "")), parsed(files.get(LIFT_FILE, ""))
    if isinstance(schema, dict):
        schema["x-version"] = version
        if isinstance(schema.get("$id"), str):
            head, colon, _ = schema["$id"].rpartition(":")
            schema["$id"] = f"{head}{colon}{version}"
        out[SCHEMA] = pretty(schema)
    if isinstance(lift, dict):
        out[LIFT_FILE] = pretty({**lift, "to": version})
    layout, locale = parsed(files.get(LAYOUT, "")), parsed(files.get(LOCALE, ""))
    if isinstance(layout, dict) and isinstance(layout.get("print"), dict):
        layout["print"]["form_no"] = _numbered(layout["print"].get("form_no", ""), old, version)
        out[LAYOUT] = pretty(layout)
    if isinstance(locale, dict) and "#/print/form_no" in locale:
        locale["#/print/form_no"] = _numbered(locale["#/print/form_no"], old, version)
        out[LOCALE] = pretty(locale)
    return out


def _read(files: Mapping[str, str]) -> Files:
    read = read_files(files)
    if read is None:
        raise Invalid("version_draft", problems=[Problem("", "version_draft.problems", {"count": 1})])
    return deepcopy(read)


def _texts(read: Files) -> Texts:
    return {SCHEMA: pretty(read.schema), LAYOUT: pretty(read.layout), LOCALE: pretty(read.locale)}


def _object_at(schema: dict[str, Any], pointer: str) -> dict[str, Any] | None:
    part = own_part(schema, pointer) if pointer else schema
    return part if isinstance(part.get("properties"), dict) else None


def _wrong(read: Files, facts: FieldFacts) -> list[Problem]:
    """What a wish lacks, by the name of its box."""
    problems = [] if facts.label and facts.label_en else [Problem("/label", "new.label")]
    if facts.kind in ("choice", "choices") and not _choices(facts.choices):
        problems.append(Problem("/choices", "new.choices"))
    if facts.kind == "codes" and facts.table not in read.schema.get("x-tables", {}):
        problems.append(Problem("/table", "new.table"))
    lists = (
        ("kind", facts.kind, KINDS), ("class", facts.klass, CLASSES), ("seal", facts.seal, SEALS),
        ("sensitivity", facts.sensitivity, SENSITIVITIES), ("index", facts.index, INDEXES),
        ("mask", facts.mask, MASKS), ("basis", facts.basis, ("", *BASES)),
    )  # fmt: skip
    problems += [Problem(f"/{name}", "new.value") for name, value, known in lists if value not in known]
    numbers = (
        ("fewest", facts.fewest), ("most", facts.most), ("least_value", facts.least_value),
        ("most_value", facts.most_value),
    )  # fmt: skip
    problems += [Problem(f"/{name}", "new.number") for name, text in numbers if text and _int(text) is None]
    if facts.width and not 1 <= (_int(facts.width) or 0) <= COLUMNS:
        problems.append(Problem("/width", "new.number"))
    return problems


def _described(facts: FieldFacts) -> dict[str, Any]:
    words = {
        "title": facts.label, "description": facts.help, "x-class": facts.klass,
        "x-sensitivity": facts.sensitivity, "x-seal": facts.seal, "x-index": facts.index,
        "x-mask": facts.mask, "x-legal-basis": facts.basis,
    }  # fmt: skip
    return {key: value for key, value in words.items() if value}


def _shape(facts: FieldFacts) -> dict[str, Any]:
    shape = dict(_SHAPES[facts.kind])
    if facts.kind in ("text", "long"):
        most = _int(facts.most) or (100 if facts.kind == "text" else 1000)
        shape |= {"minLength": _int(facts.fewest) or 1, "maxLength": most}
    if facts.kind == "integer":
        bounds = {"minimum": _int(facts.least_value), "maximum": _int(facts.most_value)}
        shape |= {key: value for key, value in bounds.items() if value is not None}
    if facts.kind in ("choice", "choices"):
        lines = _choices(facts.choices)
        listed = {"enum": [code for code, _, _ in lines], "x-enum": {code: zh for code, zh, _ in lines}}
        if facts.kind == "choice":
            shape |= listed
        else:
            shape |= {"items": {"type": "string", **listed}, "maxItems": len(lines), "uniqueItems": True}
    if facts.kind == "codes":
        shape["x-codes"] = facts.table
    if facts.unit:
        shape["x-unit"] = facts.unit
    return shape


def _choices(text: str) -> list[tuple[str, str, str]]:
    """The lines `code = Chinese = English`; [] when a line lacks a part or a code comes twice."""
    out = []
    for line in text.splitlines():
        if line.strip():
            parts = [part.strip() for part in line.split("=")]
            if len(parts) != 3 or not all(parts):
                return []
            out.append((parts[0], parts[1], parts[2]))
    return out if len({code for code, _, _ in out}) == len(out) else []


def _set_required(around: dict[str, Any], name: str, wanted: bool) -> None:
    names = [one for one in around.get("required", []) if one != name or wanted]
    if wanted and name not in names:
        names.append(name)
    if names:
        around["required"] = names
    else:
        around.pop("required", None)

def _label(locale: dict[str, Any], facts: FieldFacts, pointer: str, with_choices: bool) -> None:
    wanted = {pointer: facts.label_en, f"{pointer}?help": (facts.help and facts.help_en) or facts.help}
    if facts.unit:
        wanted[f"{pointer}?unit"] = str(locale.get(f"{pointer}?unit") or facts.unit)
    if with_choices:
        for key in [key for key in locale if key.startswith(pointer + "#")]:
            del locale[key]
        wanted |= {f"{pointer}#{code}": english for code, _, english in _choices(facts.choices)}
    for key in (pointer, f"{pointer}?help", f"{pointer}?unit"):
        locale.pop(key, None)
    locale.update({key: text for key, text in wanted.items() if text})


def _numbered(text: Any, old: set[str], new: str) -> str:
    out = str(text)
    for one in sorted(old, key=len, reverse=True):
        if one in out:
            return out.replace(one, new)
    return out


def _int(text: str) -> int | None:
    digits = text.strip().removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None
