"""From a model and answers to a form that is ready to be drawn.

Decides what each control shows: text, ticks, marks, messages, whether it is required or does not apply
now, and which control an error is hung on. Takes the judgement of the engine (problems, effective) as
given: it validates nothing and hides nothing that was answered. Values at a masked pointer are shown as
they come, never as input.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.errors import Problem
from forms.around import Around, CodeNames, EffectiveParts
from forms.controls import ControlMaker
from forms.hiding import as_hidden
from forms.model import (
    Cell,
    FormModel,
    Json,
    Section,
    control_id,
    escape,
    lookup,
)
from forms.rawness import is_raw
from forms.shown import ControlView, FormView, SectionView, SummaryLine


def present(
    model: FormModel,
    answers: Json,
    *,
    problems: Iterable[Problem] = (),
    effective: EffectiveParts | None = None,
    lang: str = "zh-CN",
    mode: str = "entry",
    masked: frozenset[str] = frozenset(),
    texts: Mapping[str, str] | None = None,
    pinned: Iterable[str] = (),
    derived: Iterable[str] = (),
    marked: Mapping[str, str] | None = None,
    codes: CodeNames | None = None,
) -> FormView:
    """The whole form. `marked` are a reviewer's words by pointer, shown at the field in place."""
    answers, masked = as_hidden(model, answers, masked, lang)
    around = Around(
        lang,
        mode,
        effective,
        tuple(problems),
        masked,
        texts or {},
        frozenset(pinned),
        frozenset(derived),
        marked or {},
        codes or {},
    )
    return _FormMaker(model, answers, around).form()


def present_one(model: FormModel, answers: Json, pointer: str, around: Around) -> ControlView | None:
    """One control as the whole form would show it; None when the pointer is no control of the form."""
    cell, node = model.cell(pointer), model.node(pointer)
    if node is None:
        return None
    return ControlMaker(model, answers, around).control(cell or Cell(node), pointer)


class _FormMaker:
    def __init__(self, model: FormModel, answers: Json, around: Around) -> None:
        self.model = model
        self.make = ControlMaker(model, answers, around)

    def form(self) -> FormView:
        """All sections, and the box of what is wrong in the order of the page."""
        sections = tuple(self._section(section) for section in self.model.sections)
        order = {pointer: place for place, pointer in enumerate(self._pointers(sections))}
        lines = [(problem, self._line(problem)) for problem in self.make.around.problems]
        lines.sort(key=lambda pair: order.get(self.make.home(pair[0].pointer), len(order)))
        return FormView(
            self.model.title_en if self.make.english and self.model.title_en else self.model.title,
            self.make.around.lang,
            sections,
            tuple(line for problem, line in lines if problem.level == "error"),
            tuple(line for problem, line in lines if problem.level != "error"),
        )

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

    def _line(self, problem: Problem) -> SummaryLine:
        label = self.model.label(problem.pointer, self.make.around.lang) if problem.pointer else ""
        home = self.make.home(problem.pointer)
        return SummaryLine(
            self._first_control(home), label, self.make.say(problem), problem.code, problem.pointer
        )

    def _first_control(self, pointer: str) -> str:
        """The id of the first thing that takes the keyboard at or below a pointer."""
        node = self.model.node(pointer)
        if not pointer or node is None:
            return "form"
        value = lookup(self.make.answers, pointer)
        if is_raw(node, value):
            return control_id(pointer)
        if node.kind in ("object", "fixed") and node.members:
            return self._first_control(f"{pointer}/{escape(node.members[0][0])}")
        files = self.model.files
        if node.kind == "array" and node.item is not None and (files is None or pointer != files.list):
            first = node.item.members[0][0] if node.item.members else ""
            return control_id(f"{pointer}/0/{escape(first)}" if first else f"{pointer}/0")
        if node.widget in ("radio", "checks") and node.choices:
            return control_id(pointer) + "-1"
        return control_id(pointer)

    def _section(self, section: Section) -> SectionView:
        rows = tuple(
            tuple(self.make.control(cell, cell.node.pattern) for cell in row) for row in section.rows
        )
        frame = self.make.frame(section.pointer)
        if frame is not None and frame.kind == "json":
            rows, frame = ((frame,),), None
        off = self.make.is_off(section.pointer) if section.pointer else False
        start = section.pointer + "/"
        count = sum(
            1
            for p in self.make.around.problems
            if p.level == "error"
            and section.pointer
            and (p.pointer == section.pointer or p.pointer.startswith(start))
        )
        return SectionView(
            section.pointer,
            "s" + control_id(section.pointer)[1:],
            section.letter,
            (section.title_en if self.make.english and section.title_en else section.title),
            (section.note_en if self.make.english and section.note_en else section.note),
            rows,
            off,
            self.make.off_note(section.pointer) if off else "",
            count,
            self.make.is_required(section.pointer),
            frame,
        )
