"""The fields of a version draft as a table for people who do not read JSON.

Decides which kind of field a piece of schema is (text, date, choice …), which of its properties the table
shows, and what has changed since the version before. Changes nothing: `version_editing_changes` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.registry.bundle import LAYOUT, LOCALE, SCHEMA
from engine.registry.fields import FieldInfo, collect_fields
from engine.registry.pointers import ITEM, split
from engine.registry.schema_walk import resolve
from web.labels import Say
from web.version_editing_places import parsed, place_of, schema_pointer

KINDS: Final = (
    "text", "long", "integer", "yes_no", "date", "moment", "money", "mobile", "id_no", "choice", "choices",
    "codes",
)  # fmt: skip
CLASSES: Final = ("customer", "business", "claim", "statistics", "management")
SENSITIVITIES: Final = ("none", "personal", "sensitive")
SEALS: Final = ("identity", "health", "finance", "other")
INDEXES: Final = ("none", "exact", "range", "text", "blind")
MASKS: Final = ("", "id_no", "name", "phone", "bank", "card", "address", "date", "hidden")
BASES: Final = ("statutory_duty", "contract", "consent", "judicial", "vital_interest")
MONEY_PATTERN: Final = r"^(0|[1-9][0-9]{0,11})\.[0-9]{2}$"
FORMATS: Final = {"date": "date", "date-time": "moment", "mobile": "mobile", "id_no": "id_no"}
_CHANGEABLE: Final = frozenset({
    "title", "type", "format", "pattern", "enum", "x-enum", "minLength", "maxLength", "minimum", "maximum",
    "minItems", "maxItems", "uniqueItems", "items", "description", "x-class", "x-sensitivity", "x-seal",
    "x-index", "x-mask", "x-legal-basis", "x-codes", "x-unit", "x-order",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Files:
    """The three files of a draft that speak of fields, parsed; and the lift, None without one."""

    schema: dict[str, Any]
    layout: dict[str, Any]
    locale: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field as the table shows it. `depth` counts what stands around it inside its section; `mark` is
    new, changed or ""; `line` its line in schema.json."""

    pointer: str
    name: str
    label: str
    label_en: str
    kind: str
    is_required: bool
    klass: str
    sensitivity: str
    index: str
    mask: str
    basis: str
    own_basis: str
    depth: int
    mark: str
    is_plain: bool
    may_go_up: bool
    may_go_down: bool
    is_group: bool


@dataclass(frozen=True, slots=True)
class SectionRows:
    """One part of the form with its fields."""

    pointer: str
    letter: str
    title: str
    rows: tuple[FieldRow, ...]


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """One field as the page that changes it shows it; texts as they stand in the boxes."""

    pointer: str
    section: str
    name: str = ""
    label: str = ""
    label_en: str = ""
    help: str = ""
    help_en: str = ""
    kind: str = "text"
    is_required: bool = False
    klass: str = "business"
    sensitivity: str = "none"
    seal: str = "other"
    index: str = "none"
    mask: str = ""
    basis: str = ""
    choices: str = ""
    table: str = ""
    fewest: str = ""
    most: str = ""
    least_value: str = ""
    most_value: str = ""
    unit: str = ""
    width: str = "4"
    is_plain: bool = True
    line: int = 0


def read_files(files: Mapping[str, str]) -> Files | None:
    """The files as values; None while one of them is no JSON object."""
    found = [parsed(files.get(name, "")) for name in (SCHEMA, LAYOUT, LOCALE)]
    if not all(isinstance(one, dict) for one in found) or not _is_laid_out(found[1]):
        return None
    try:
        collect_fields(*found)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return Files(*found)


def _is_laid_out(layout: Mapping[str, Any]) -> bool:
    """Whether sections, rows and cells are where the table of fields puts its hands."""
    sections = layout.get("sections", [])
    if not isinstance(sections, list) or not all(isinstance(one, dict) for one in sections):
        return False
    numbers = [one.get("columns", 12) for one in sections]
    rows = [row for one in sections for row in _list(one.get("rows", []))]
    cells = [cell for row in rows for cell in _list(row)]
    numbers += [cell.get("w", 12) if isinstance(cell, dict) else None for cell in cells]
    return all(type(one) is int and 0 < one <= 12 for one in numbers) and all(
        isinstance(cell, dict) and isinstance(cell.get("p"), str) for cell in cells
    )


def _list(value: Any) -> list[Any]:
    """The list, or one thing that is no cell where there is none."""
    return value if isinstance(value, list) else [None]


def infos_of(files: Files) -> dict[str, FieldInfo]:
    """Fields, groups and lists by pointer."""
    fields, groups = collect_fields(files.schema, files.layout, files.locale)
    return {**groups, **fields}


def sections_of(files: Files, base: Files | None, lang: str) -> tuple[SectionRows, ...]:
    """Every part of the form with its fields in the order of the paper; what has no place comes last."""
    infos, before = infos_of(files), infos_of(base) if base is not None else None
    placed = list(_sections(files))
    out: list[SectionRows] = []
    seen: set[str] = set()
    for section in placed:
        pointer = str(section.get("pointer", ""))
        cells = [cell for row in section.get("rows", []) for cell in row if isinstance(cell, dict)]
        rows: list[FieldRow] = []
        for number, cell in enumerate(cells):
            at = str(cell.get("p", ""))
            ends = (number > 0, number < len(cells) - 1)
            rows.extend(_rows_at(files, at, infos, before, ends, lang))
            seen.update(row.pointer for row in rows)
        title = str(section.get("title", ""))
        english = files.locale.get(pointer) if lang != "zh-CN" else None
        out.append(SectionRows(pointer, str(section.get("letter", "")), str(english or title), tuple(rows)))
    missed = [one for one in infos.values() if one.kind == "field" and one.pattern not in seen]
    for number, section_rows in enumerate(out):
        if section_rows.pointer:
            begin = section_rows.pointer + "/"
            mine = [one for one in missed if one.pattern.startswith(begin)]
            more = tuple(_row(files, one, infos, before, (False, False), 0, lang) for one in mine)
            out[number] = SectionRows(section_rows.pointer, section_rows.letter, section_rows.title,
                                      (*section_rows.rows, *more))  # fmt: skip
            seen.update(one.pattern for one in mine)
    rest = tuple(
        _row(files, one, infos, before, (False, False), 0, lang) for one in missed if one.pattern not in seen
    )
    return (*out, SectionRows("", "", "", rest)) if rest else tuple(out)


def _sections(files: Files) -> Iterator[dict[str, Any]]:
    for section in files.layout.get("sections", []):
        if isinstance(section, dict) and isinstance(section.get("rows", []), list):
            yield section


def _rows_at(
    files: Files, at: str, infos: Mapping[str, FieldInfo], before: Mapping[str, FieldInfo] | None,
    ends: tuple[bool, bool], lang: str,
) -> Iterator[FieldRow]:  # fmt: skip
    """The field of one cell, and what lies inside it."""
    for pointer, info in infos.items():
        if pointer == at:
            yield _row(files, info, infos, before, ends, 0, lang)
    for pointer, info in infos.items():
        if pointer.startswith(at + "/") and at:
            yield _row(files, info, infos, before, (False, False), len(split(pointer)) - len(split(at)), lang)


def _row(
    files: Files, info: FieldInfo, infos: Mapping[str, FieldInfo], before: Mapping[str, FieldInfo] | None,
    ends: tuple[bool, bool], depth: int, lang: str,
) -> FieldRow:  # fmt: skip
    own = own_part(files.schema, info.pattern)
    return FieldRow(
        pointer=info.pattern, name=split(info.pattern)[-1] if info.pattern else "", label=info.title,
        label_en=info.title_en, kind=kind_of(info, own), is_required=is_required(files.schema, info.pattern),
        klass=info.klass, sensitivity=info.sensitivity, index=info.index, mask=info.mask,
        basis=(info.legal_basis or ("",))[0], own_basis=str(own.get("x-legal-basis", "")), depth=depth,
        mark=_mark(info, before), is_plain=is_plain(info, own), may_go_up=ends[0], may_go_down=ends[1],
        is_group=info.kind != "field",
    )  # fmt: skip


def _mark(info: FieldInfo, before: Mapping[str, FieldInfo] | None) -> str:
    if before is None:
        return ""
    if info.pattern not in before:
        return "new"
    old = before[info.pattern]
    same = all(
        getattr(info, name) == getattr(old, name)
        for name in ("schema", "title", "title_en", "klass", "sensitivity", "seal", "mask", "index", "enum",
                     "legal_basis", "unit")
    )  # fmt: skip
    return "" if same or info.kind != "field" else "changed"


def own_part(schema: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """The piece of schema that describes a field, as it stands there, references unresolved."""
    part: Any = schema
    for key in split(schema_pointer(schema, pointer)):
        part = part.get(key) if isinstance(part, dict) else None
    return part if isinstance(part, dict) else {}


def is_required(schema: Mapping[str, Any], pointer: str) -> bool:
    """Whether the object around a field always asks for it."""
    around, _, name = pointer.rpartition("/")
    part = resolve(own_part(schema, around), schema) if around else schema
    required = part.get("required", []) if isinstance(part, dict) else []
    return isinstance(required, list) and name in required


def is_plain(info: FieldInfo, own: Mapping[str, Any]) -> bool:
    """Whether the table can change what a field holds, and not only its labels and classes."""
    return info.kind == "field" and ITEM not in split(info.pattern) and set(own) <= _CHANGEABLE and (
        kind_of(info, own) in KINDS
    )


def kind_of(info: FieldInfo, own: Mapping[str, Any]) -> str:
    """The kind of a field in the words of the table; `other` for what it cannot make itself."""
    if info.kind != "field":
        return info.kind
    schema = info.schema
    if info.is_array:
        items = schema.get("items")
        return "choices" if isinstance(items, dict) and "enum" in items and info.type == "array" else "other"
    if "enum" in schema:
        return "choice" if info.type == "string" and not info.codes else "codes" if info.codes else "other"
    if info.codes:
        return "codes"
    if info.type == "string" and str(schema.get("pattern", "")).endswith(MONEY_PATTERN[-10:]):
        return "money"
    if info.format:
        return FORMATS.get(info.format, "other") if info.type == "string" else "other"
    plain = {"string": "text", "integer": "integer", "boolean": "yes_no"}.get(info.type, "other")
    if plain == "text" and "pattern" in schema:
        return "other"
    return "long" if plain == "text" and int(schema.get("maxLength", 0) or 0) > 200 else plain


def facts_of(files: Files, text: str, pointer: str) -> FieldFacts | None:
    """One field as the page that changes it shows it. None when the draft has no such field or group."""
    info = infos_of(files).get(pointer)
    if info is None:
        return None
    own = own_part(files.schema, pointer)
    schema, kind = info.schema, kind_of(info, own)
    cell = cell_of(files.layout, pointer) or {}
    items = schema.get("items")
    leaf = items if kind == "choices" and isinstance(items, dict) else schema
    choices = "\n".join(f"{value} = {zh} = {en}" for value, (zh, en) in info.enum.items())
    return FieldFacts(
        pointer=pointer, section=pointer.rpartition("/")[0], name=split(pointer)[-1], label=info.title,
        label_en=info.title_en, help=str(schema.get("description", "")),
        help_en=str(files.locale.get(pointer + "?help", "")), kind=kind,
        is_required=is_required(files.schema, pointer), klass=info.klass or CLASSES[1],
        sensitivity=info.sensitivity, seal=info.seal, index=info.index, mask=info.mask,
        basis=str(own.get("x-legal-basis", "")), choices=choices if "enum" in leaf else "",
        table=info.codes, fewest=_number(schema.get("minLength")),
        most=_number(schema.get("maxLength")), least_value=_number(schema.get("minimum")),
        most_value=_number(schema.get("maximum")), unit=info.unit, width=str(cell.get("w", "")),
        is_plain=is_plain(info, own), line=place_of(text, schema_pointer(files.schema, pointer)).line,
    )  # fmt: skip


def cell_of(layout: Mapping[str, Any], pointer: str) -> dict[str, Any] | None:
    """The cell of a field in the layout."""
    for section in layout.get("sections", []):
        for row in section.get("rows", []) if isinstance(section, dict) else []:
            for cell in row if isinstance(row, list) else []:
                if isinstance(cell, dict) and cell.get("p") == pointer:
                    return cell
    return None


def choices_of(values: Sequence[str], area: str, say: Say) -> tuple[tuple[str, str], ...]:
    """(value, words) of a fixed list."""
    return tuple((value, say(f"versions.edit.{area}.{value}")) for value in values)


def tables_of(files: Files) -> tuple[str, ...]:
    """The code tables a field may name."""
    tables = files.schema.get("x-tables", {})
    return tuple(sorted(tables)) if isinstance(tables, dict) else ()


def _number(value: Any) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
