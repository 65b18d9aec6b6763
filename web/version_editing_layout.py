"""Cells of a layout: put in, taken out, moved, resized; rows always add up to their width.

Decides where a field stands on paper and screen when somebody moves it by a button. Never decides which
fields there are.
"""

from __future__ import annotations

from typing import Any, Final

from engine.registry.pointers import split
from web.version_editing_fields import FieldFacts

COLUMNS: Final = 12
_WIDGETS: Final = {
    "text": "text", "long": "textarea", "integer": "number", "yes_no": "checkbox", "date": "date",
    "moment": "datetime", "money": "money", "mobile": "text", "id_no": "text", "choice": "select",
    "choices": "checks", "codes": "search",
}  # fmt: skip
_FITTING: Final = {
    "choice": ("select", "radio"), "codes": ("search", "select"), "text": ("text", "textarea"),
    "yes_no": ("checkbox", "radio"),
}  # fmt: skip


def place_part(layout: dict[str, Any], pointer: str, title: str) -> None:
    """A section at the end, lettered after the last one."""
    sections = layout.setdefault("sections", [])
    letters = [str(one.get("letter", "")) for one in sections]
    letter = chr(ord(letters[-1]) + 1) if letters and "A" <= letters[-1] < "Z" else "" if letters else "A"
    section = {"pointer": pointer, "letter": letter, "title": title, "columns": COLUMNS, "rows": []}
    sections.append({key: value for key, value in section.items() if value != ""})


def place_cell(layout: dict[str, Any], facts: FieldFacts, pointer: str) -> None:
    """A row of its own at the end of the part, whose section is made where there is none."""
    cell = {"p": pointer, "w": COLUMNS, "widget": _WIDGETS[facts.kind]}
    sections = layout.setdefault("sections", [])
    top = "/" + split(pointer)[0]
    for section in sections:
        if section.get("pointer") in (facts.section, top):
            section.setdefault("rows", []).append([{**cell, "w": _columns(section)}])
            return
    sections.append({"pointer": facts.section, "title": facts.label, "columns": COLUMNS, "rows": [[cell]]})


def move_cell(layout: dict[str, Any], pointer: str, step: int) -> None:
    """The cell of a field one place up (-1) or down (1) inside its section."""
    for section in layout.get("sections", []):
        cells = [cell for row in section.get("rows", []) for cell in row]
        at = next((number for number, cell in enumerate(cells) if cell.get("p") == pointer), -1)
        to = at + step
        if at < 0 or not 0 <= to < len(cells):
            continue
        row_of = [number for number, row in enumerate(section["rows"]) for _ in row]
        cells.insert(to, cells.pop(at))
        if row_of[at] == row_of[to]:
            section["rows"] = _cut([len(row) for row in section["rows"]], cells)
        else:
            section["rows"] = _filled(cells, _columns(section))


def resize_cell(layout: dict[str, Any], facts: FieldFacts, with_shape: bool) -> None:
    """The width and, with another kind of field, the control of a cell."""
    width = int(facts.width) if facts.width.isdecimal() else 0
    for section in layout.get("sections", []):
        cells = [cell for row in section.get("rows", []) for cell in row]
        for cell in (one for one in cells if one.get("p") == facts.pointer):
            if with_shape and cell.get("widget") not in _FITTING.get(facts.kind, (_WIDGETS[facts.kind],)):
                cell["widget"] = _WIDGETS[facts.kind]
            if width and width != cell.get("w"):
                cell["w"] = width
                section["rows"] = _filled(cells, _columns(section))


def take_out(layout: dict[str, Any], pointer: str) -> None:
    """Without the cell of a field; what stood beside it takes its room."""
    for section in layout.get("sections", []):
        rows = [[cell for cell in row if cell.get("p") != pointer] for row in section.get("rows", [])]
        if rows != section.get("rows", []):
            section["rows"] = _widened([row for row in rows if row], _columns(section))


def _columns(section: dict[str, Any]) -> int:
    return int(section.get("columns", COLUMNS))


def _cut(lengths: list[int], cells: list[Any]) -> list[Any]:
    out, at = [], 0
    for length in lengths:
        out.append(cells[at : at + length])
        at += length
    return out


def _filled(cells: list[dict[str, Any]], columns: int) -> list[list[dict[str, Any]]]:
    """Cells in rows of exactly `columns`: as many as fit, the last of a row as wide as is left."""
    rows: list[list[dict[str, Any]]] = []
    left = 0
    for cell in cells:
        width = min(int(cell.get("w", columns)), columns)
        if width > left:
            rows.append([])
            left = columns
        rows[-1].append({**cell, "w": width})
        left -= width
    return _widened(rows, columns)


def _widened(rows: list[list[dict[str, Any]]], columns: int) -> list[list[dict[str, Any]]]:
    out = []
    for row in rows:
        rest = columns - sum(int(cell["w"]) for cell in row)
        out.append([*row[:-1], {**row[-1], "w": int(row[-1]["w"]) + rest}] if row else row)
    return out
