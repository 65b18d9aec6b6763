"""From a model and answers to a form that is ready to be drawn.

Decides what each control shows: text, ticks, marks, messages, whether it is required or does not apply now, and
which control an error is hung on. Takes the judgement of the engine (problems, effective) as given: it validates
nothing and hides nothing that was answered. Values at a masked pointer are shown as they come, never as input.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.errors import Problem
from forms.amounts import in_capitals
from forms.encode import is_raw, key_text, marks_of, name_of
from forms.messages import phrase, sentence
from forms.model import (
    MISSING,
    Cell,
    FormModel,
    Json,
    Missing,
    Node,
    Section,
    control_id,
    escape,
    lookup,
    pattern_of,
)
from forms.normalize import dump, same, text_of
from forms.shown import ControlView, ExtraView, FormView, OptionView, RowView, SectionView, SummaryLine

CodeNames = Mapping[str, Mapping[str, str]]


class EffectiveParts(Protocol):
    """What the engine says of these answers: pointers required now, pointers refused now."""

    @property
    def required(self) -> frozenset[str]: ...
    @property
    def forbidden(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Around:
    """Everything about a page that is not the answers. `texts` are raw texts of values that could not be read."""

    lang: str = "zh-CN"
    mode: str = "entry"
    effective: EffectiveParts | None = None
    problems: tuple[Problem, ...] = ()
    masked: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    pinned: frozenset[str] = frozenset()
    derived: frozenset[str] = frozenset()
    marked: Mapping[str, str] = field(default_factory=dict)
    codes: CodeNames = field(default_factory=dict)


def present(
    model: FormModel, answers: Json, *, problems: Iterable[Problem] = (), effective: EffectiveParts | None = None,
    lang: str = "zh-CN", mode: str = "entry", masked: frozenset[str] = frozenset(),
    texts: Mapping[str, str] | None = None, pinned: Iterable[str] = (), derived: Iterable[str] = (),
    marked: Mapping[str, str] | None = None, codes: CodeNames | None = None,
) -> FormView:  # fmt: skip
    """The whole form. `marked` are a reviewer's words by pointer, shown at the field in place."""
    around = Around(lang, mode, effective, tuple(problems), masked, texts or {}, frozenset(pinned), frozenset(derived),
                    marked or {}, codes or {})  # fmt: skip
    return _Presenter(model, answers, around).form()


def present_one(model: FormModel, answers: Json, pointer: str, around: Around) -> ControlView | None:
    """One control as the whole form would show it; None when the pointer is no control of the form."""
    cell, node = model.cell(pointer), model.node(pointer)
    if node is None:
        return None
    return _Presenter(model, answers, around).control(cell or Cell(node), pointer)


class _Presenter:
    def __init__(self, model: FormModel, answers: Json, around: Around) -> None:
        self.model = model
        self.answers = answers
        self.around = around
        self.english = around.lang == "en"
        effective = around.effective
        self.required = effective.required if effective else None
        self.forbidden = effective.forbidden if effective else frozenset()
        self.by_home: dict[str, list[Problem]] = {}
        for problem in around.problems:
            self.by_home.setdefault(self._home(problem.pointer), []).append(problem)

    def form(self) -> FormView:
        """All sections, and the box of what is wrong in the order of the page."""
        sections = tuple(self._section(section) for section in self.model.sections)
        order = {control_id(p): i for i, p in enumerate(self._pointers(sections))}
        lines = [(p, self._line(p)) for p in self.around.problems]
        lines.sort(key=lambda pair: order.get(pair[1].id, len(order)))
        return FormView(
            self._title(self.model.root), self.around.lang, sections,
            tuple(line for problem, line in lines if problem.level == "error"),
            tuple(line for problem, line in lines if problem.level != "error"),
        )  # fmt: skip

    def _pointers(self, sections: tuple[SectionView, ...]) -> Iterable[str]:
        def inside(control: ControlView) -> Iterable[str]:
            yield control.pointer
            for child in control.children:
                yield from inside(child)
            for row in control.rows:
                for cell in row.cells:
                    yield from inside(cell)

        for section in sections:
            for row in section.rows:
                for control in row:
                    yield from inside(control)

    def _home(self, pointer: str) -> str:
        """The nearest thing on the page a problem can be hung on: a control, else the section, else the whole."""
        here = pointer
        while here:
            node = self.model.node(here)
            if node is not None and (here in self.model.cells or pattern_of(here) in self.model.cells):
                return here
            here = here.rpartition("/")[0]
        return ""

    def _line(self, problem: Problem) -> SummaryLine:
        label = self.model.label(problem.pointer, self.around.lang) if problem.pointer else ""
        home = self._home(problem.pointer)
        return SummaryLine(
            self._first_control(home), label, self._say(problem), problem.code, problem.pointer
        )

    def _first_control(self, pointer: str) -> str:
        """The id of the first thing that takes the keyboard at or below a pointer."""
        node = self.model.node(pointer)
        if not pointer or node is None:
            return "form"
        value = lookup(self.answers, pointer)
        if is_raw(node, value):
            return control_id(pointer)
        if node.kind in ("object", "fixed") and node.members:
            return self._first_control(f"{pointer}/{escape(node.members[0][0])}")
        if node.kind == "array" and node.item is not None and node.widget != "file":
            first = node.item.members[0][0] if node.item.members else ""
            return control_id(f"{pointer}/0/{escape(first)}" if first else f"{pointer}/0")
        if node.widget in ("radio", "checks") and node.choices:
            return control_id(pointer) + "-1"
        return control_id(pointer)

    def _say(self, problem: Problem) -> str:
        lang = self.around.lang
        return sentence(problem, lang, lambda at: self.model.label(at, lang), self.model.rule_words.get(lang))

    def _title(self, node: Node) -> str:
        return (node.title_en if self.english and node.title_en else node.title) or ""

    def _section(self, section: Section) -> SectionView:
        rows = tuple(tuple(self.control(cell, cell.node.pattern) for cell in row) for row in section.rows)
        off = self._is_off(section.pointer) if section.pointer else False
        start = section.pointer + "/"
        count = sum(
            1 for p in self.around.problems
            if p.level == "error" and section.pointer and (p.pointer == section.pointer or p.pointer.startswith(start))
        )  # fmt: skip
        return SectionView(
            section.pointer, "s" + control_id(section.pointer)[1:], section.letter,
            (section.title_en if self.english and section.title_en else section.title),
            (section.note_en if self.english and section.note_en else section.note), rows, off,
            self._off_note(section.pointer) if off else "", count, self._is_required(section.pointer),
        )  # fmt: skip

    def _is_off(self, pointer: str) -> bool:
        here = pointer
        while here:
            if self._stands_in(here, self.forbidden):
                return True
            here = here.rpartition("/")[0]
        return False

    def _stands_in(self, pointer: str, parts: frozenset[str]) -> bool:
        """Whether a pointer is meant: itself, or, for a row that is not there yet, its pattern."""
        if pointer in parts:
            return True
        pattern = pattern_of(pointer)
        if pattern == pointer or pattern not in parts:
            return False
        row = pointer.split("/")[: pattern.split("/").index("*") + 1]
        return lookup(self.answers, "/".join(row)) is MISSING

    def _is_required(self, pointer: str) -> bool:
        if self.required is not None:
            return self._stands_in(pointer, self.required)
        base, _, name = pointer.rpartition("/")
        parent = self.model.node(base) if base else self.model.root
        return parent is not None and name in parent.required

    def _off_note(self, pointer: str) -> str:
        when = self.model.needed_when.get(pattern_of(pointer))
        return phrase("off.when", self.around.lang, when=when[1 if self.english else 0]) if when else phrase(
            "off", self.around.lang)  # fmt: skip

    def control(self, cell: Cell, pointer: str) -> ControlView:
        """One cell at one concrete place."""
        node, around = cell.node, self.around
        value = lookup(self.answers, pointer)
        masked = pointer in around.masked
        raw = not masked and is_raw(node, value) and not (node.kind == "leaf" and pointer in around.texts)
        marks = (
            ()
            if masked
            else tuple(text for _, text in marks_of(node, pointer, value) if not text.startswith("row "))
        )
        problems = self.by_home.get(pointer, [])
        errors = tuple(self._say(p) for p in problems if p.level == "error")
        warnings = tuple(self._say(p) for p in problems if p.level != "error")
        hint = (node.help_en if self.english and node.help_en else node.help) or ""
        base = control_id(pointer)
        parts = [base + "-hint"] if hint else []
        parts += [base + "-error"] if errors else []
        parts += [base + "-warning"] if warnings else []
        parts += [base + "-mark"] if pointer in around.marked else []
        off = self._is_off(pointer)
        code_name = self._code_name(node, value)
        shown: dict[str, Any] = {
            "pointer": pointer, "name": name_of(pointer), "id": base, "part_id": "p" + base[1:],
            "kind": "json" if raw else node.kind, "widget": "json" if raw else self._widget(node, value, pointer),
            "label": self._title(node), "width": cell.width, "marks": marks, "required": self._is_required(pointer),
            "off": off, "off_note": self._off_note(pointer) if off else "", "errors": errors, "warnings": warnings,
            "hint": hint, "unit": node.unit, "described": " ".join(parts), "live": cell.live, "steers": cell.steers,
            "can_pin": cell.pin, "pinned": node.pattern in around.pinned, "derived": pointer in around.derived,
            "computed": node.read_only, "masked": masked, "office": cell.office, "codes": node.codes,
            "code_name": code_name, "note": around.marked.get(pointer, ""),
            "fallback": ("value" if raw and node.kind != "json" else node.fallback) if raw or node.kind == "json" else "",
        }  # fmt: skip
        if raw:
            shown["text"] = around.texts.get(pointer, dump(value))
        elif masked:
            shown |= {
                "text": value if isinstance(value, str) else "" if value is MISSING else dump(value),
                "kind": "leaf",
            }
        elif node.kind == "object":
            shown |= self._object(cell, pointer, value)
        elif node.kind == "fixed":
            shown["children"] = tuple(
                self.control(inner, f"{pointer}/{name}")
                for (name, _), inner in zip(node.members, cell.columns, strict=True)
            )
        elif node.kind == "array":
            shown |= self._array(cell, pointer, value)
        else:
            shown |= self._leaf(node, pointer, value)
        return ControlView(**shown)

    def _widget(self, node: Node, value: Json | Missing, pointer: str) -> str:
        files = self.model.files
        if files and pattern_of(pointer) in files.locked:
            return "locked"
        if node.kind == "leaf" and node.widget == "radio" and self.around.mode != "entry":
            return "select"
        return node.widget

    def _object(self, cell: Cell, pointer: str, value: Json | Missing) -> dict[str, Any]:
        known = {name for name, _ in cell.node.members}
        held = value if isinstance(value, dict) else {}
        extras = tuple(
            ExtraView(index, key_text(key), dump(more))
            for index, (key, more) in enumerate((k, v) for k, v in held.items() if k not in known)
        )
        return {
            "children": tuple(
                self.control(inner, f"{pointer}/{escape(name)}")
                for (name, _), inner in zip(cell.node.members, cell.columns, strict=True)
            ),
            "extras": extras,
            "takes_extras": cell.node.extra is not None,
        }

    def _array(self, cell: Cell, pointer: str, value: Json | Missing) -> dict[str, Any]:
        node = cell.node
        items = value if isinstance(value, list) else []
        is_files = self.model.files is not None and self.model.files.list == pointer
        spare = 1 if not items and not is_files else 0
        rows = []
        for index in range(len(items) + spare):
            place = f"{pointer}/{index}"
            cells = tuple(
                self.control(inner, place + inner.node.pattern[len(node.pattern) + 2 :])
                for inner in cell.columns
            )
            mark = f"row {place}" if index < len(items) else ""
            errors = tuple(self._say(p) for p in self.by_home.get(place, []) if inner_is_object(node))
            rows.append(
                RowView(
                    index, place, control_id(place), mark, f"{self._title(node)} {index + 1}", cells, errors
                )
            )
        return {
            "rows": tuple(rows),
            "columns": tuple(self.control(inner, inner.node.pattern) for inner in cell.columns),
            "can_add": len(items) < node.max_items and not is_files,
            "files": is_files,
        }

    def _leaf(self, node: Node, pointer: str, value: Json | Missing) -> dict[str, Any]:
        typed = self.around.texts.get(pointer)
        text = typed if typed is not None else text_of(node, value) if node.reading != "set" else ""
        base = control_id(pointer)
        chosen = (
            value
            if node.reading == "set" and isinstance(value, list)
            else []
            if value is MISSING
            else [value]
        )
        options = tuple(
            OptionView(choice.text, self._choice_label(choice.label, choice.label_en),
                       any(same(choice.value, one) for one in chosen), f"{base}-{index}")
            for index, choice in enumerate(node.choices, 1)
        )  # fmt: skip
        if node.widget == "file":
            options = self._file_options(base, value)
        numeric = node.reading in ("integer", "decimal", "money", "number")
        compact = node.schema.get("format") in ("mobile", "phone", "bank_card", "region", "street")
        longest = node.schema.get("maxLength")
        capitals = in_capitals(value) if node.reading == "money" and isinstance(value, str) else None
        return {
            "text": text,
            "options": options,
            "capitals": capitals or "",
            "input_mode": "decimal"
            if numeric
            else "numeric"
            if compact or node.reading in ("date", "month")
            else "",
            "max_length": longest
            if isinstance(longest, int) and longest <= 5000 and node.reading == "text"
            else 0,
        }

    def _choice_label(self, label: str, label_en: str) -> str:
        return label_en if self.english and label_en else label

    def _file_options(self, base: str, value: Json | Missing) -> tuple[OptionView, ...]:
        files = self.model.files
        listed = lookup(self.answers, files.list) if files else MISSING
        out = []
        known = set()
        for index, item in enumerate(listed if isinstance(listed, list) else [], 1):
            file_id = str(item.get(files.id, "")) if files and isinstance(item, dict) else ""
            if not file_id:
                continue
            known.add(file_id)
            node = self.model.nodes.get(f"{files.list}/*/{files.kind}") if files else None
            kind = item.get(files.kind) if files else None
            choice = next((c for c in node.choices if c.value == kind), None) if node else None
            words = self._choice_label(choice.label, choice.label_en) if choice else ""
            out.append(OptionView(file_id, f"{file_id} {words}".strip(), file_id == value, f"{base}-{index}"))
        if isinstance(value, str) and value and value not in known:
            out.append(OptionView(value, value, True, f"{base}-{len(out) + 1}"))
        return tuple(out)

    def _code_name(self, node: Node, value: Json | Missing) -> str:
        return (
            self.around.codes.get(node.codes, {}).get(value, "")
            if node.codes and isinstance(value, str)
            else ""
        )


def inner_is_object(node: Node) -> bool:
    """Whether the rows of a list have cells of their own, so that a fault of the row is said at the row."""
    return node.item is not None and node.item.kind == "object"
