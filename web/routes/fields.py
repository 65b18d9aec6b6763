"""The check of one changed field, and finding codes: the small answers while somebody types.

Decides which parts of the page are different now and sends only those: the field, values that followed,
computed values, fields whose message is gone, sections that appear or leave. Stores nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.errors import NotFound, Problem
from forms.model import FormModel, pattern_of
from forms.shown import ControlView, FormView
from forms.view import present_one
from web.codes import find_codes
from web.entry_pages import NOT_YET, form_view, paper_of, section_state
from web.pages import page, translator
from web.security import form_of, session_of
from web.services import services_of
from web.workbench import Bench, Judged, Typed, around_of, judge, open_bench, typed_of_form

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Swap:
    """One control to put in place of the one on the page."""

    control: ControlView
    part_id: str
    in_row: bool
    row_label: str


@router.post("/drafts/{draft_id}/field")
def check_field(request: Request, draft_id: str) -> Response:
    """Judge one changed field in the light of the whole form: 200 clean, 422 with its message."""
    services, session, posted = services_of(request), session_of(request), form_of(request)
    bench = open_bench(services, session, draft_id)
    pointer = posted.get("_field")
    if bench.model.node(pointer) is None:
        raise NotFound("field.not_found")
    typed = typed_of_form(bench, posted)
    judged = judge(bench, typed)
    shown = _problems_to_show(bench.model, typed, judged, pointer)
    paper = paper_of(request, bench, typed, judged, at="", show_summary=typed.has_summary)
    steers = pattern_of(pointer) in bench.model.steering
    view = form_view(bench, typed, judged, shown, paper) if steers or typed.has_summary else None
    stale = (
        [s for s in view.sections if typed.states.get(s.pointer) != section_state(s)]
        if view and steers
        else []
    )
    around = around_of(bench, typed, judged, shown, paper.notes.marks if paper.notes else {})
    covered = tuple(s.pointer + "/" for s in stale)
    places = (
        [at for at in _places(bench.model, typed, pointer) if not at.startswith(covered)]
        if covered
        else list(_places(bench.model, typed, pointer))
    )
    controls = [
        _swap(bench, one)
        for at in places
        if (one := present_one(bench.model, judged.answers, at, around)) is not None
    ]
    errors = [p for p in shown if p.pointer == pointer and p.level == "error"]
    return page(
        request,
        "parts/swap.html",
        422 if errors else 200,
        p=paper,
        view=view,
        sections=stale,
        controls=controls,
        with_summary=typed.has_summary,
        with_contents=bool(stale),
        said=_said(bench, paper.t, view, typed),
    )


@router.get("/codes/{table}")
def codes(
    request: Request, table: str, form: str, version: str, q: str = "", list_id: str = "codes"
) -> Response:
    """Entries of a code table that fit `q`, as options of a list."""
    session, services = session_of(request), services_of(request)
    found = find_codes(services.desk.registry.get(form, version), table, q[:60], session.lang)
    say = translator(request, session.lang)
    safe = "".join(char for char in list_id[:120] if char.isalnum() or char in "-_.")
    return page(request, "parts/codes.html", rows=found, list_id=safe, none=say("entry.found_none"))


def _problems_to_show(model: FormModel, typed: Typed, judged: Judged, pointer: str) -> tuple[Problem, ...]:
    """Never "this is missing" while somebody types; elsewhere only what the page said already."""
    near = {pointer, *typed.followed}

    def is_shown(problem: Problem) -> bool:
        if problem.pointer in typed.marked or any(
            problem.pointer.startswith(at + "/") for at in typed.marked
        ):
            return typed.has_summary or problem.code not in NOT_YET
        return problem.pointer in near and problem.code not in NOT_YET

    return tuple(problem for problem in judged.problems if is_shown(problem))


def _places(model: FormModel, typed: Typed, pointer: str) -> tuple[str, ...]:
    """The controls to send: the field itself, what followed, what showed a message, what is computed."""
    computed = [node.pattern for node in model.nodes.values() if node.computed and "*" not in node.pattern]
    wanted = [pointer, *sorted(typed.followed), *sorted(typed.marked), *computed]
    return tuple(dict.fromkeys(at for at in wanted if model.node(at) is not None))


def _swap(bench: Bench, control: ControlView) -> Swap:
    """The control as it stands on the page: in a cell of a table, named by column and row, or by itself."""
    row = control.pointer.rpartition("/")[0]
    index = row.rpartition("/")[2]
    in_row = index.isdigit() and _in_table(bench.model, row)
    return Swap(control, control.part_id, in_row, f"{control.label} {int(index) + 1}" if in_row else "")


def _in_table(model: FormModel, row: str) -> bool:
    node = model.node(row.rpartition("/")[0])
    return node is not None and node.kind == "array" and node.widget != "cards"


def _said(bench: Bench, say: Callable[..., str], view: FormView | None, typed: Typed) -> str:
    """One sentence for people who do not see the page change."""
    if view is not None and typed.has_summary:
        return say("entry.problems", count=len(view.errors))
    if typed.followed:
        return say(
            "entry.followed",
            names="、".join(bench.model.label(at, bench.lang) for at in sorted(typed.followed)),
        )
    return ""
