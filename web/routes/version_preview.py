"""The preview of a form version: the form that works, filled with an example, and the page it prints, each
beside the version it follows.

Decides what is shown and what a trial entry is judged by. Stores nothing of what is typed here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import version_checks, version_drafts
from engine.desk.desk import Desk
from engine.errors import Invalid, NotFound
from engine.registry.compiled import CompiledForm
from engine.registry.effective import drop_hidden
from engine.registry.validate import validate
from engine.version_ports import VersionDraft
from forms.compile import compile_form
from forms.decode import Action, as_actions, decode, drop_blank_rows
from forms.model import MISSING, FormModel, Json, lookup, place
from web import version_editing
from web import version_editing_preview as preview
from web.entry_pages import Paper
from web.pages import page
from web.pdf.specimen import print_specimen
from web.routes.prints import pdf_reply
from web.security import Form, form_of
from web.version_editing_fields import Files, infos_of, read_files
from web.version_editing_pages import desk_of, draft_crumbs, title_of
from web.version_editing_preview import OLD, Side, Trial

router = APIRouter()
WAYS = ("form", "paper")
WITNESS = "witness"


@dataclass(frozen=True, slots=True)
class Differences:
    """The labels of fields that are new, changed and gone, each with its pointer."""

    new: tuple[tuple[str, str], ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    gone: tuple[tuple[str, str], ...] = ()


@router.get("/versions/drafts/{draft_id}/preview")
def show_preview(request: Request, draft_id: str, show: str = "form", example: str | None = None) -> Response:
    """The form or the printed page of a draft, filled with an example, beside the version it follows."""
    session, services, _ = desk_of(request)
    draft = version_drafts.open_draft(services.desk, session.actor, draft_id)
    return _page(request, draft, show, preview.picked(draft.files, example))


@router.get("/versions/drafts/{draft_id}/preview.pdf")
def print_preview(
    request: Request, draft_id: str, example: str | None = None, lang: str = "zh-CN"
) -> Response:
    """The printed page of a draft as a specimen; `example=witness`: with what only this version takes."""
    session, services, _ = desk_of(request)
    draft = version_drafts.open_draft(services.desk, session.actor, draft_id)
    with version_editing.as_refusal(services.desk, draft):
        compiled = version_editing.compiled_of(services.desk, draft)
        answers = _fill(services.desk, draft, example)
        printed = print_specimen(services, session, compiled, answers, "en" if lang == "en" else "zh-CN")
    return pdf_reply(printed, f"{draft.form}-{draft.version}-specimen.pdf")


def _fill(desk: Desk, draft: VersionDraft, example: str | None) -> Json:
    """The answers of an example, or the document that shows why the version before would refuse."""
    if example != WITNESS:
        return preview.answers_of(draft.files.get(preview.picked(draft.files, example), ""))
    judged = version_checks.judge_candidate(desk, version_drafts.candidate_of(desk, draft))
    found = judged.comparison.new_documents if judged is not None else None
    if found is None or not isinstance(found.witness, dict):
        raise NotFound("version.no_witness")
    return found.witness


@router.post("/versions/drafts/{draft_id}/preview")
def try_preview(request: Request, draft_id: str) -> Response:
    """What was typed into the form, judged under the draft; kept nowhere."""
    session, services, _ = desk_of(request)
    draft, form = version_drafts.open_draft(services.desk, session.actor, draft_id), form_of(request)
    wanted = form.get("_example")
    return _page(request, draft, "form", preview.picked(draft.files, wanted), form)


def _page(
    request: Request, draft: VersionDraft, show: str, example: str, posted: Form | None = None
) -> Response:
    session, services, say = desk_of(request)
    desk, lang = services.desk, session.lang
    show = show if show in WAYS else "form"
    trial: Trial | None = None
    is_new_good = False
    try:
        compiled = version_editing.compiled_of(desk, draft)
        if posted is not None:
            trial = _tried(compiled, posted, draft.files.get(example, ""), desk)
            is_new_good = not trial.problems
        with version_editing.as_refusal(desk, draft):
            new = _side(compiled, draft.version, draft.files.get(example, ""), show, services, lang, trial)
    except Invalid as refused:
        reasons = version_editing.problems_in_the_way(refused, services.catalogue, lang)
        new = Side(draft.version, reasons=reasons)
    old = None
    if draft.base_digest:
        before = desk.registry.by_digest(draft.base_digest)
        text = preview.old_text(desk, draft, example) or draft.files.get(example, "")
        old = _side(before, draft.follows, text, show, services, lang)
        if old.form is not None:
            old = replace(old, form=preview.prefixed(old.form, OLD, draft.follows))
    has_faults = trial is not None and bool(trial.problems)
    return page(
        request, "versions/edit_preview.html", 422 if has_faults else 200,
        title=say("versions.edit.preview.title", form=title_of(services, draft, lang), version=draft.version),
        draft=draft, show=show, ways=WAYS, example=example, examples=preview.examples_of(draft.files),
        old=old, new=new, tried=trial is not None, is_good=is_new_good,
        differences=_differences(services, draft, lang),
        p=Paper(t=say, action="", pins=False, upload=False, show_summary=trial is not None),
        still=Paper(t=say, action="", pins=False, buttons=False, upload=False, extras=False),
        crumbs=draft_crumbs(services, draft, lang, say, say("versions.edit.preview")),
    )  # fmt: skip


def _side(
    form: CompiledForm, version: str, example: str, show: str, services: Any, lang: str,
    trial: Trial | None = None,
) -> Side:  # fmt: skip
    answers = preview.answers_of(example)
    if show == "paper":
        agency = services.desk.agency
        name = agency.name if lang == "zh-CN" else agency.name_en
        return Side(version, paper=preview.paper_view(form, answers, name, lang))
    return Side(version, form=preview.form_view(form, answers, lang, trial))


def _tried(form: CompiledForm, posted: Form, example: str, desk: Any) -> Trial:
    """The entry as it was typed, with what is wrong; a press of 增加一行 or 删除 only changes rows."""
    model = compile_form(form)
    decoded = decode(model, posted.pairs)
    pressed = as_actions(decoded.actions)
    for kind in ("add", "remove"):
        if kind in pressed:
            return Trial(_with_rows(model, decoded.answers, pressed[kind]), (), decoded.echoes)
    answers = drop_blank_rows(model, decoded.answers)
    given = answers if isinstance(answers, dict) else {}
    visible, _ = drop_hidden(form, given)
    found = validate(form, visible, preview.around_of(example, desk))
    unread = {one.pointer for one in decoded.problems}
    problems = (*decoded.problems, *(one for one in found.problems if one.pointer not in unread))
    return Trial(found.answers, problems, decoded.echoes)


def _with_rows(model: FormModel, answers: Json, action: Action) -> Json:
    """One row more, or one less, in a list."""
    node, rows = model.node(action.pointer), lookup(answers, action.pointer)
    rows = list(rows) if isinstance(rows, list) else []
    if action.kind == "remove":
        rows = [one for at, one in enumerate(rows) if at != action.index]
    elif node is not None and node.item is not None and len(rows) < node.max_items:
        rows = [*rows, {} if node.item.kind == "object" else ""]
    return place(answers, action.pointer, rows if rows else MISSING)


def _differences(services: Any, draft: VersionDraft, lang: str) -> Differences:
    read = read_files(draft.files)
    if read is None or not draft.base_digest:
        return Differences()
    bundle = services.desk.registry.by_digest(draft.base_digest).bundle
    new, old = infos_of(read), infos_of(Files(bundle.schema, bundle.layout, bundle.locale))

    def label(info: Any) -> str:
        return str((lang != "zh-CN" and info.title_en) or info.title or info.pattern)

    return Differences(
        tuple((at, label(one)) for at, one in new.items() if at not in old),
        tuple(
            (at, label(one)) for at, one in new.items()
            if at in old and one.kind == "field" and one.schema != old[at].schema
        ),
        tuple((at, label(one)) for at, one in old.items() if at not in new),
    )  # fmt: skip
