"""One control of a form at its place: what it shows, in which words, and whether it applies now.

Decides marks, options, messages and hints of single controls, groups and rows. Takes the judgement of the
engine as given: it validates nothing, and shows a masked value as it comes, never as input.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from engine.errors import Problem
from forms.amounts import in_capitals
from forms.around import Around
from forms.encode import key_text, marks_of, name_of
from forms.messages import phrase, sentence
from forms.model import (
    FINGERPRINT,
    MISSING,
    RATE,
    Cell,
    FormModel,
    Json,
    Missing,
    Node,
    control_id,
    escape,
    lookup,
    pattern_of,
)
from forms.normalize import dump, same, text_of
from forms.rawness import is_raw
from forms.shares import percent
from forms.shown import ControlView, ExtraView, OptionView, RowView
from forms.summary import unit_of
from forms.unfold import to_drawn, unfolded


class ControlMaker:
    """Makes the controls of one page. Holds the model, the answers and what surrounds them."""

    def __init__(self, model: FormModel, answers: Json, around: Around) -> None:
        if model.folds:
            around = _on_the_page(model, answers, around)
        self.model = model
        self.answers = unfolded(model, answers)
        self.around = around
        self.english = around.lang == "en"
        effective = around.effective
        self.required = effective.required if effective else None
        self.forbidden = effective.forbidden if effective else frozenset()
        self.by_home: dict[str, list[Problem]] = {}
        for problem in around.problems:
            self.by_home.setdefault(self.home(problem.pointer), []).append(problem)

    def home(self, pointer: str) -> str:
        """The nearest thing on the page a problem can be hung on: a control, else the section, else the
        whole."""
        here = pointer
        while here:
            node = self.model.node(here)
            is_drawn = node is not None and node.widget != "told"
            if is_drawn and (here in self.model.cells or pattern_of(here) in self.model.cells):
                return here
            here = here.rpartition("/")[0]
        return ""

    def say(self, problem: Problem) -> str:
        lang = self.around.lang
        return sentence(problem, lang, lambda at: self.model.label(at, lang), self.model.rule_words.get(lang))

    def title(self, node: Node) -> str:
        return (node.title_en if self.english and node.title_en else node.title) or ""

    def frame(self, pointer: str) -> ControlView | None:
        """What belongs to the object of a section itself: its marks, members without a name, a wrong
        value."""
        node = self.model.node(pointer) if pointer else self.model.root
        if node is None or node.kind != "object":
            return None
        value = lookup(self.answers, pointer)
        if is_raw(node, value):
            return self.control(Cell(node, 12), pointer)
        marks = tuple(text for _, text in marks_of(node, pointer, value))
        frame = self._more(node, pointer, value, marks)
        return frame if marks or frame.extras else None

    def _more(
        self, node: Node, pointer: str, value: Json | Missing, marks: tuple[str, ...] = ()
    ) -> ControlView:
        """The members of an object that have no control of their own, and its marks, as one control."""
        base = control_id(pointer)
        return ControlView(
            pointer,
            name_of(pointer),
            base,
            "m" + base[1:],
            "object",
            "group",
            "",
            12,
            marks=marks,
            extras=self._extras(node, value),
        )

    def _extras(self, node: Node, value: Json | Missing) -> tuple[ExtraView, ...]:
        known = {name for name, _ in node.members}
        more = (
            [(key, part) for key, part in value.items() if key not in known]
            if isinstance(value, dict)
            else []
        )
        return tuple(ExtraView(index, key_text(key), dump(part)) for index, (key, part) in enumerate(more))

    def is_off(self, pointer: str) -> bool:
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

    def is_required(self, pointer: str) -> bool:
        if self.required is not None:
            return self._stands_in(pointer, self.required)
        base, _, name = pointer.rpartition("/")
        parent = self.model.node(base) if base else self.model.root
        return parent is not None and name in parent.required

    def off_note(self, pointer: str) -> str:
        when = self.model.needed_when.get(pattern_of(pointer))
        return (
            phrase("off.when", self.around.lang, when=when[1 if self.english else 0])
            if when
            else phrase("off", self.around.lang)
        )

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
        errors = tuple(self.say(p) for p in problems if p.level == "error")
        warnings = tuple(self.say(p) for p in problems if p.level != "error")
        hint = self._hint(node)
        base = control_id(pointer)
        parts = [base + "-hint"] if hint else []
        parts += [base + "-error"] if errors else []
        parts += [base + "-warning"] if warnings else []
        parts += [base + "-mark"] if pointer in around.marked else []
        off = self.is_off(pointer)
        money = node.widget == "money"
        code_name = self._code_name(node, value)
        shown: dict[str, Any] = {
            "pointer": pointer,
            "name": name_of(pointer),
            "id": base,
            "part_id": "p" + base[1:],
            "kind": "json" if raw else node.kind,
            "widget": "json" if raw else self._widget(node, value, pointer),
            "label": self.title(node),
            "width": cell.width,
            "marks": marks,
            "required": self.is_required(pointer),
            "off": off,
            "off_note": self.off_note(pointer) if off else "",
            "errors": errors,
            "warnings": warnings,
            "hint": hint,
            "unit": unit_of(node, around.lang) or (phrase("unit.money", around.lang) if money else ""),
            "described": " ".join(parts),
            "live": cell.live,
            "steers": cell.steers,
            "can_pin": cell.pin,
            "pinned": node.pattern in around.pinned,
            "derived": pointer in around.derived,
            "computed": node.read_only,
            "masked": masked,
            "office": cell.office,
            "silent": node.read_only and node.schema.get("format") == FINGERPRINT and not errors,
            "codes": node.codes,
            "code_name": code_name,
            "note": around.marked.get(pointer, ""),
            "fallback": self._fallback(node, raw),
        }
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

    def _fallback(self, node: Node, raw: bool) -> str:
        """Why a box with JSON stands here, in words; "" where none does."""
        if not raw and node.kind != "json":
            return ""
        why = node.fallback if node.kind == "json" else "value"
        known = why in ("recursive", "deep", "tuple", "many", "unresolved", "value")
        return phrase(f"fallback.{why}" if known else "fallback", self.around.lang)

    def _hint(self, node: Node) -> str:
        hint = (node.help_en if self.english and node.help_en else node.help) or ""
        examples = node.schema.get("examples")
        first = examples[0] if isinstance(examples, list) and examples else None
        if node.kind != "leaf" or isinstance(first, dict | list) or first is None:
            return hint
        lang = self.around.lang
        return f"{hint} {phrase('hint.example', lang, example=text_of(node, first))}".strip()

    def _widget(self, node: Node, value: Json | Missing, pointer: str) -> str:
        files = self.model.files
        if files and pattern_of(pointer) in files.locked:
            return "locked"
        if node.kind == "leaf" and node.widget == "radio" and self.around.mode != "entry":
            return "select"
        return node.widget

    def _object(self, cell: Cell, pointer: str, value: Json | Missing) -> dict[str, Any]:
        return {
            "children": tuple(
                self.control(inner, f"{pointer}/{escape(name)}")
                for (name, _), inner in zip(cell.node.members, cell.columns, strict=True)
            ),
            "extras": self._extras(cell.node, value),
        }

    def _array(self, cell: Cell, pointer: str, value: Json | Missing) -> dict[str, Any]:
        node = cell.node
        items = value if isinstance(value, list) else []
        is_files = self.model.files is not None and self.model.files.list == pointer
        spare = 1 if node.is_map or (not items and not is_files) else 0
        rows = []
        for index in range(len(items) + spare):
            place = f"{pointer}/{index}"
            cells = tuple(
                self.control(inner, place + inner.node.pattern[len(node.pattern) + 2 :])
                for inner in cell.columns
            )
            if node.item is not None and node.item.kind == "object" and node.item.extra is not None:
                more = self._more(node.item, place, lookup(self.answers, place))
                cells = (*cells, more) if more.extras else cells
            mark = f"row {place}" if index < len(items) else ""
            errors = tuple(self.say(p) for p in self.by_home.get(place, []) if inner_is_object(node))
            rows.append(
                RowView(
                    index,
                    place,
                    control_id(place),
                    mark,
                    f"{self.title(node)} {index + 1}".strip(),
                    cells,
                    errors,
                )
            )
        return {
            "rows": tuple(rows),
            "columns": tuple(self.control(inner, inner.node.pattern) for inner in cell.columns),
            "can_add": len(items) < node.max_items and not is_files and not node.is_map,
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
            OptionView(
                choice.text,
                self._choice_label(choice.label, choice.label_en),
                any(same(choice.value, one) for one in chosen),
                f"{base}-{index}",
            )
            for index, choice in enumerate(node.choices, 1)
        )
        if node.widget == "file":
            options = self._file_options(base, value)
        numeric = node.reading in ("integer", "decimal", "money", "number")
        compact = node.schema.get("format") in ("mobile", "phone", "bank_card", "region", "street")
        longest = node.schema.get("maxLength")
        capitals = in_capitals(value) if node.reading == "money" and isinstance(value, str) else None
        return {
            "text": percent(text) if node.named == RATE and node.read_only else text,
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
            self.around.codes.get(node.table, {}).get(value, "")
            if node.table and isinstance(value, str)
            else ""
        )


def _on_the_page(model: FormModel, answers: Json, around: Around) -> Around:
    """The same surroundings with every place named as the page names it."""

    def carried(pointers: frozenset[str]) -> frozenset[str]:
        return frozenset(to_drawn(model, answers, at) for at in pointers)

    effective = around.effective
    return replace(
        around,
        problems=tuple(replace(p, pointer=to_drawn(model, answers, p.pointer)) for p in around.problems),
        masked=carried(around.masked),
        marked={to_drawn(model, answers, at): words for at, words in around.marked.items()},
        effective=None
        if effective is None
        else _Carried(carried(effective.required), carried(effective.forbidden)),
    )


@dataclass(frozen=True, slots=True)
class _Carried:
    required: frozenset[str]
    forbidden: frozenset[str]


def inner_is_object(node: Node) -> bool:
    """Whether the rows of a list have cells of their own, so that a fault of the row is said at the row."""
    return node.item is not None and node.item.kind == "object"
