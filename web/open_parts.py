"""A step that opens only some parts of a document: the page shows those, the rest stays as it stands.

Decides which parts a draft's page opens, and that nothing posted changes any other. Never judges; the desk
refuses what differs elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.desk import reading
from engine.desk.desk import Desk
from engine.lifecycle.workflow import Transition
from engine.lifecycle.writing import is_on_the_way, is_open, merged
from engine.ports import StoredDraft
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import pattern_of
from forms.shown import ControlView, FormView, RowView


def step_of(desk: Desk, form: CompiledForm, draft: StoredDraft) -> Transition:
    """The step that a draft will be filed with."""
    return form.workflow.filing(reading.row_of(desk, draft.doc)["state"] if draft.doc else "")


def kept_apart(step: Transition, draft: StoredDraft, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The typed answers where the step opens the document, what stands everywhere else."""
    return merged(draft.answers, typed, step.edits)


def narrowed(view: FormView, edits: tuple[str, ...]) -> FormView:
    """The form without the sections that the step leaves alone; what else stands in one is only shown."""
    if not edits:
        return view
    return replace(
        view,
        sections=tuple(
            replace(one, rows=tuple(tuple(_shut(cell, edits) for cell in row) for row in one.rows))
            for one in view.sections
            if is_on_the_way(one.pointer, edits)
        ),
    )


def _shut(control: ControlView, edits: tuple[str, ...]) -> ControlView:
    if is_open(pattern_of(control.pointer), edits):
        return control
    if not control.rows and not control.children:
        return replace(control, computed=True, live=False)
    rows = tuple(_shut_row(row, edits) for row in control.rows)
    children = tuple(_shut(child, edits) for child in control.children)
    return replace(control, rows=rows, children=children, can_add=False)


def _shut_row(row: RowView, edits: tuple[str, ...]) -> RowView:
    return replace(row, cells=tuple(_shut(cell, edits) for cell in row.cells), can_remove=False)
