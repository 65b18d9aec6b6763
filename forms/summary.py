"""Answers as label and text, for the check page, the document page and the reviewer.

Decides the words for a value: the label of a choice, the name of a code, 是 and 否, a list joined. Masked
values come masked and are passed on as they are. Blank fields are left out; order is the order of the
paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from forms.hiding import as_hidden
from forms.messages import phrase
from forms.model import MISSING, RATE, Cell, FormModel, Json, Missing, Node, Raw, escape, lookup
from forms.normalize import dump, same, text_of
from forms.shares import percent
from forms.unfold import unfolded

CodeNames = Mapping[str, Mapping[str, str]]
_SHANGHAI = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One answered field. `group` is the name of the row or group it stands in, "" at the top of a
    section."""

    pointer: str
    label: str
    text: str
    group: str = ""
    is_masked: bool = False
    sensitivity: str = "none"


@dataclass(frozen=True, slots=True)
class SummarySection:
    """The answered fields of one section."""

    pointer: str
    letter: str
    title: str
    rows: tuple[SummaryRow, ...]


def summarise(
    model: FormModel,
    answers: Json,
    *,
    masked: frozenset[str] = frozenset(),
    lang: str = "zh-CN",
    codes: CodeNames | None = None,
) -> tuple[SummarySection, ...]:
    """All answered fields by section."""
    answers, masked = as_hidden(model, answers, masked, lang)
    answers = unfolded(model, answers)
    out = []
    for section in model.sections:
        rows = tuple(
            row
            for line in section.rows
            for cell in line
            for row in _rows(model, cell, cell.node.pattern, answers, masked, lang, codes or {}, "")
        )
        if rows:
            title = section.title_en if lang == "en" and section.title_en else section.title
            out.append(SummarySection(section.pointer, section.letter, title, rows))
    return tuple(out)


def _rows(
    model: FormModel,
    cell: Cell,
    pointer: str,
    answers: Json,
    masked: frozenset[str],
    lang: str,
    codes: CodeNames,
    group: str,
) -> Iterator[SummaryRow]:
    node = cell.node
    value = lookup(answers, pointer)
    if value is MISSING:
        return
    title = label(node, lang)
    if isinstance(value, Raw):
        yield SummaryRow(pointer, title, dump(value), group, False, node.sensitivity)
    elif pointer in masked or node.kind in ("leaf", "json"):
        text = str(value) if pointer in masked else words(node, value, lang, codes)
        if text:
            yield SummaryRow(pointer, title, text, group, pointer in masked, node.sensitivity)
    elif node.kind == "array" and isinstance(value, list):
        for index in range(len(value)):
            for inner in cell.columns:
                place = f"{pointer}/{index}" + inner.node.pattern[len(node.pattern) + 2 :]
                yield from _rows(model, inner, place, answers, masked, lang, codes, f"{title} {index + 1}")
    elif node.kind in ("object", "fixed"):
        for (name, _), inner in zip(node.members, cell.columns, strict=True):
            yield from _rows(
                model, inner, f"{pointer}/{escape(name)}", answers, masked, lang, codes, group or title
            )
    else:
        yield SummaryRow(pointer, title, dump(value), group, False, node.sensitivity)


def label(node: Node, lang: str) -> str:
    """The label of a node in a language."""
    return node.title_en if lang == "en" and node.title_en else node.title


def unit_of(node: Node, lang: str) -> str:
    """The unit of a node in a language, "" when it has none."""
    return node.unit_en if lang == "en" and node.unit_en else node.unit


def words(node: Node, value: Json | Missing, lang: str, codes: CodeNames) -> str:
    """One value as a person reads it; "" for a blank."""
    if value is MISSING or value is None or value in ("", [], {}):
        return ""
    if node.reading == "set" and isinstance(value, list):
        return (", " if lang == "en" else "、").join(_choice(node, one, lang) for one in value)
    if node.choices:
        return _choice(node, value, lang)
    if node.named == RATE and isinstance(value, str):
        return percent(value)
    text = text_of(node, _in_shanghai(value) if node.reading == "datetime" else value)
    name = codes.get(node.table, {}).get(value, "") if node.table and isinstance(value, str) else ""
    unit = unit_of(node, lang)
    return f"{name} {text}" if name else f"{text} {unit}".strip() if unit else text


def _in_shanghai(value: Json) -> Json:
    """A moment that was written with another offset, on the clock of the office."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return value
    return moment.astimezone(_SHANGHAI).isoformat() if moment is not None and moment.tzinfo else value


def _choice(node: Node, value: Json, lang: str) -> str:
    for choice in node.choices:
        if same(choice.value, value):
            return choice.label_en if lang == "en" and choice.label_en else choice.label
    return value if isinstance(value, str) else dump(value)


def blank(lang: str) -> str:
    """What stands where nothing was answered."""
    return phrase("summary.blank", lang)
