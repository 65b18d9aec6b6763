"""The page of a draft: what its templates need beside the controls.

Decides addresses, which messages a page shows before anybody asked to check, and the file links. Never judges
answers; never stores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse

from engine.desk import grant_reviews, reading
from engine.errors import Problem
from engine.identity import SHANGHAI
from engine.lifecycle.people import Actor
from forms.messages import sentence
from forms.model import FormModel, control_id, lookup
from forms.shown import ControlView, FormView, SectionView
from forms.view import present
from web.entry_older import lifted_of, older_of
from web.grant_pages import Grants, grants_of, without_filled
from web.labels import form_title, transition_title
from web.named_values import names_to_fill_in
from web.open_parts import narrowed
from web.pages import page, translator
from web.workbench import Bench, Judged, Typed, judge, typed_of_draft

NOT_YET = frozenset({"required", "dependent_required", "min_items", "min_properties", "contains", "const"})


@dataclass(frozen=True, slots=True)
class FileLink:
    """An attachment that can be looked at."""

    href: str
    words: str


@dataclass(frozen=True, slots=True)
class Undo:
    """A deleted row that can come back."""

    label: str
    row: int


@dataclass(frozen=True, slots=True)
class Remarks:
    """Why a document was returned."""

    comment: str
    marks: Mapping[str, str]
    links: tuple[tuple[str, str, str], ...] = ()  # id of the control, label, words


@dataclass(frozen=True, slots=True)
class Paper:
    """What the parts of a form page are drawn with."""

    t: Callable[..., str]
    action: str
    check: str = ""
    codes: str = ""
    codes_of: str = ""
    at: str = ""
    pins: bool = True
    buttons: bool = True
    upload: bool = True
    extras: bool = True
    show_summary: bool = False
    confirmed: frozenset[str] = frozenset()
    file_kinds: tuple[tuple[str, str], ...] = ()
    files: tuple[FileLink, ...] = ()
    upload_errors: tuple[str, ...] = ()
    undo: Undo | None = None
    notes: Remarks | None = None
    needed: tuple[str, ...] = ()
    finding: str = ""
    found: tuple[tuple[str, str], ...] = ()
    state_of: Callable[[SectionView], str] = field(default=lambda section: section_state(section))


def section_state(section: SectionView) -> str:
    """A short digest of what applies and is required in a section: a page that knows another one is out
    of date."""
    parts = [f"{int(section.off)}"]

    def inside(controls: Iterable[ControlView]) -> None:
        for control in controls:
            parts.append(f"{int(control.off)}{int(control.required)}")
            inside(control.children)
            for row in control.rows:
                inside(row.cells)

    for row in section.rows:
        inside(row)
    return sha256("".join(parts).encode()).hexdigest()[:12]


def paper_of(request: Request, bench: Bench, typed: Typed, judged: Judged, **more: Any) -> Paper:
    """The paper of a draft's page."""
    say = translator(request, bench.lang)
    draft, model = bench.draft, bench.model
    return Paper(
        t=say,
        action=f"/drafts/{draft.id}",
        check=f"/drafts/{draft.id}/field",
        codes="/codes",
        codes_of=f"form={draft.form}&version={draft.version}",
        at=more.pop("at", typed.at),
        confirmed=typed.confirmed,
        file_kinds=_file_kinds(model, bench.lang),
        files=_file_links(bench, judged),
        undo=_undo(bench),
        notes=remarks_of(bench),
        needed=() if more.get("show_summary") else _needed(bench, judged),
        **more,
    )


def entry_page(
    request: Request,
    bench: Bench,
    typed: Typed | None = None,
    *,
    status: int = 200,
    checked: bool = False,
    **more: Any,
) -> HTMLResponse:
    """The page of a draft. With `checked` every problem is shown, else only those of unreadable texts."""
    typed = typed or typed_of_draft(bench)
    judged = judge(bench, typed)
    problems = judged.problems if checked else tuple(typed.problems)
    paper = paper_of(request, bench, typed, judged, show_summary=checked, **more)
    view = form_view(bench, typed, judged, problems, paper)
    title = form_title(bench.form, bench.lang)
    filled = () if bench.draft.doc else grant_reviews.filled_in(bench.form)
    view = without_filled(view, filled) if filled else view
    grants = _grants(bench, judged, view, paper) if bench.draft.doc else None
    lifted_from, told = lifted_of(bench, paper.t)
    return page(
        request,
        "entry/form.html",
        status,
        title=title,
        crumbs=((paper.t("shell.home"), "/"), (title, None)),
        view=view,
        p=paper,
        draft=bench.draft,
        grants=grants,
        begins_review=bool(filled),
        chooses_fields=bench.form.workflow.updates is not None,
        older=older_of(bench, paper.t),
        step_title=_later_step(bench),
        lifted_from=lifted_from,
        lifted_told=told,
        saved_time=clock_time(bench.draft.saved_at),
    )


def _grants(bench: Bench, judged: Judged, view: FormView, paper: Paper) -> Grants | None:
    """The grants that the draft judges, as a table with controls."""
    reader = bench.session.actor.staff_no
    services, answers = bench.services, judged.answers
    return grants_of(services, bench.form, answers, bench.lang, paper.t, view=view, reader=reader)


def _later_step(bench: Bench) -> str:
    """The name of the step whose parts the draft opens; "" where it begins or corrects a document."""
    is_later = bench.draft.doc and bench.step.name != bench.form.workflow.first().name
    return transition_title(bench.form, bench.step.name, bench.lang) if is_later else ""


def form_view(
    bench: Bench, typed: Typed, judged: Judged, problems: tuple[Problem, ...], paper: Paper
) -> FormView:
    """The draft's form, ready to be drawn."""
    view = present(
        bench.model,
        judged.answers,
        problems=problems,
        effective=judged.effective,
        lang=bench.lang,
        texts=typed.texts,
        pinned=typed.pins,
        derived=typed.derived,
        marked=paper.notes.marks if paper.notes else {},
        codes=names_to_fill_in(bench.services.desk, bench.form, bench.lang),
    )
    return narrowed(view, bench.step.edits)


def remarks_of(bench: Bench) -> Remarks | None:
    """What the reviewer wrote when the document came back: a comment, and words at fields."""
    if not bench.draft.doc:
        return None
    actor: Actor = bench.session.actor
    for step in reversed(reading.history(bench.services.desk, actor, bench.draft.doc)):
        if step.answers.get("marks") or step.answers.get("comment"):
            marks = {
                str(mark.get("pointer", "")): str(mark.get("text", ""))
                for mark in step.answers.get("marks", [])
            }
            links = tuple(
                (focus_id(bench.model, at), bench.model.label(at, bench.lang), words)
                for at, words in marks.items()
            )
            return Remarks(str(step.answers.get("comment", "")), marks, links)
    return None


def clock_time(moment: str) -> str:
    """The time of a UTC text in Asia/Shanghai: 09:41:07."""
    return datetime.fromisoformat(moment).astimezone(SHANGHAI).strftime("%H:%M:%S") if moment else ""


def _file_kinds(model: FormModel, lang: str) -> tuple[tuple[str, str], ...]:
    node = model.nodes.get(f"{model.files.list}/*/{model.files.kind}") if model.files else None
    if node is None:
        return ()
    return tuple((c.text, (c.label_en if lang == "en" and c.label_en else c.label)) for c in node.choices)


def _file_links(bench: Bench, judged: Judged) -> tuple[FileLink, ...]:
    files = bench.model.files
    if files is None:
        return ()
    listed = lookup(judged.answers, files.list)
    held = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    return tuple(
        FileLink(f"/drafts/{bench.draft.id}/files/{item[files.digest]}", str(item[files.id]))
        for item in held
        if item.get(files.digest) and item.get(files.id)
    )


def _undo(bench: Bench) -> Undo | None:
    kept = bench.draft.notes.get("undo")
    if not kept:
        return None
    return Undo(bench.model.label(kept["pointer"], bench.lang), int(kept["index"]) + 1)


def _needed(bench: Bench, judged: Judged) -> tuple[str, ...]:
    """Attachments that rules still ask for, in the rules' own words; each leaves the list when it is
    there."""
    files = bench.model.files
    if files is None or judged.effective.is_hidden(files.list):
        return ()
    words = bench.model.rule_words.get(bench.lang)
    return tuple(
        sentence(p, bench.lang, lambda at: bench.model.label(at, bench.lang), words)
        for p in judged.problems
        if p.pointer == files.list and p.message is not None
    )


def focus_id(model: FormModel, pointer: str) -> str:
    """The id of the first control of a row or field."""
    node = model.node(pointer)
    if node is not None and node.members:
        return control_id(f"{pointer}/{node.members[0][0]}")
    return control_id(pointer)
