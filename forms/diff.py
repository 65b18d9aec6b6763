"""What changed between two states of a form, as rows a person reads: label, before, after.

Decides the kind of each change (added, removed, changed) and the pieces of a changed text. Compares
values, not texts: 1.0 and "1.0" are different, the order of an unordered set is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from forms.hiding import as_hidden
from forms.model import FormModel, Json, lookup
from forms.summary import CodeNames, SummaryRow, summarise

Change = Literal["added", "removed", "changed", "same"]
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters of a changed text: kept, taken out or put in."""

    kind: Literal["same", "del", "ins"]
    text: str


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One field of either side. `pieces` only for long texts that changed in part."""

    pointer: str
    section: str
    group: str
    label: str
    old: str
    new: str
    kind: Change
    pieces: tuple[Piece, ...] = ()


def compare(
    model: FormModel,
    old: Json,
    new: Json,
    lang: str = "zh-CN",
    *,
    masked: frozenset[str] = frozenset(),
    codes: CodeNames | None = None,
) -> tuple[DiffRow, ...]:
    """Rows of all fields answered on either side, in paper order."""
    old, old_masked = as_hidden(model, old, masked, lang)
    new, new_masked = as_hidden(model, new, masked, lang)
    before = {
        row.pointer: (part.title, row)
        for part in summarise(model, old, masked=old_masked, lang=lang, codes=codes)
        for row in part.rows
    }
    after = {
        row.pointer: (part.title, row)
        for part in summarise(model, new, masked=new_masked, lang=lang, codes=codes)
        for row in part.rows
    }
    out = []
    for pointer in _merge(list(before), list(after)):
        section, row = after.get(pointer) or before[pointer]
        out.append(
            _row(
                section,
                row,
                before.get(pointer),
                after.get(pointer),
                lookup(old, pointer),
                lookup(new, pointer),
            )
        )
    return tuple(out)


def _merge(old: list[str], new: list[str]) -> list[str]:
    """Both orders in one: what only the old side has stands where it stood."""
    out: list[str] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            out += new[j1:j2]
        else:
            out += [p for p in old[i1:i2] if p not in new]
            out += [p for p in new[j1:j2] if p not in out]
    return out


def _row(
    section: str,
    row: SummaryRow,
    left: tuple[str, SummaryRow] | None,
    right: tuple[str, SummaryRow] | None,
    old: Json,
    new: Json,
) -> DiffRow:
    before, after = left[1].text if left else "", right[1].text if right else ""
    kind: Change = "added" if left is None else "removed" if right is None else "same"
    if kind == "same" and old != new:
        unordered = (
            isinstance(old, list)
            and isinstance(new, list)
            and len(old) == len(new)
            and all(one in new for one in old)
        )
        kind = "same" if unordered else "changed"
    pieces: tuple[Piece, ...] = ()
    if kind == "changed" and max(len(before), len(after)) > 12 and max(len(before), len(after)) <= _LONGEST:
        pieces = _pieces(before, after)
    return DiffRow(row.pointer, section, row.group, row.label, before, after, kind, pieces)


def _pieces(old: str, new: str) -> tuple[Piece, ...]:
    out: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            out.append(Piece("same", old[i1:i2]))
            continue
        if i2 > i1:
            out.append(Piece("del", old[i1:i2]))
        if j2 > j1:
            out.append(Piece("ins", new[j1:j2]))
    return tuple(out)
