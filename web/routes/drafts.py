"""A draft's page: shown, saved, checked, filed. Every button of the form posts here and works without a
script.

Decides which button was meant and where to go next. A save is a compare-and-set on the revision the page
saw.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from engine.desk import drafting, reading, submitting
from engine.errors import Conflict, Invalid, NotFound, Problem
from engine.ports import StoredDraft
from forms.decode import Action, as_actions
from forms.diff import compare
from forms.messages import sentence
from forms.model import MISSING, Json, lookup, place
from forms.unfold import holds_raw, lookup_drawn, place_drawn
from web.codes import find_codes
from web.entry_pages import clock_time, entry_page, focus_id
from web.models import code_names
from web.pages import go_to, page, translator
from web.routes.attachments import take_in
from web.routes.entry import pinned_values, set_pins
from web.security import form_of, session_of
from web.services import services_of
from web.workbench import Bench, Typed, judge, open_bench, save, tidy, typed_of_draft, typed_of_form

router = APIRouter()


@router.get("/drafts/{draft_id}")
def show(request: Request, draft_id: str, at: str = "", find: str = "") -> Response:
    """The draft as it was left; `find` lists the codes that fit the text of a search box."""
    bench = open_bench(services_of(request), session_of(request), draft_id)
    more: dict[str, Any] = {"at": at[:200]} if at else {}
    node = bench.model.node(find) if find else None
    if node is not None and node.codes:
        text = lookup(bench.draft.answers, find)
        found = find_codes(bench.form, node.codes, text if isinstance(text, str) else "", bench.lang)
        more |= {"finding": find, "found": tuple((row.code, row.name) for row in found)}
    return entry_page(request, bench, **more)


@router.post("/drafts/{draft_id}")
def act(request: Request, draft_id: str) -> Response:
    """One press of a button of the form."""
    services, session, posted = services_of(request), session_of(request), form_of(request)
    try:
        bench = open_bench(services, session, draft_id)
    except NotFound:
        return _filed_before(request, draft_id)
    typed = typed_of_form(bench, posted)
    actions = as_actions(typed.actions)
    if "discard" in actions:
        drafting.discard(services.desk, session.actor, draft_id)
        return go_to("/")
    wants = next((kind for kind in _DO if kind in actions), "save")
    try:
        return _DO[wants](request, bench, typed, actions.get(wants, Action(wants)))
    except Conflict as stale:
        if stale.code != "draft.changed":
            raise
        return _conflict(request, bench, typed, stale)


def _kept(bench: Bench, typed: Typed, **more: Any) -> Bench:
    """The bench after the draft was saved."""
    return replace(bench, draft=save(bench, typed, **more))


def _save(request: Request, bench: Bench, typed: Typed, action: Action) -> Response:
    kept = _kept(bench, typed).draft
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"revision": kept.revision, "saved_at": clock_time(kept.saved_at)})
    return go_to(_back(kept, typed.at))


def _check(request: Request, bench: Bench, typed: Typed, action: Action) -> Response:
    typed = tidy(bench, typed)
    kept = _kept(bench, typed)
    fresh = replace(typed, revision=kept.draft.revision)
    errors = any(problem.level == "error" for problem in judge(kept, fresh).problems)
    return entry_page(request, kept, fresh, status=422 if errors else 200, checked=True)


def _submit(request: Request, bench: Bench, typed: Typed, action: Action) -> Response:
    typed = tidy(bench, typed)
    kept = _kept(bench, typed)
    draft, services, session = kept.draft, kept.services, kept.session
    fresh = replace(typed, revision=draft.revision)
    judged = judge(kept, fresh)
    unconfirmed = [p for p in judged.problems if p.level != "error" and p.code not in typed.confirmed]
    if typed.problems or judged.judgement.errors or unconfirmed:
        return entry_page(request, kept, fresh, status=422, checked=True)
    wanted = submitting.Submission(
        form=draft.form,
        version="" if draft.doc else draft.version,
        answers=dict(judged.judgement.answers),
        key=draft.id,
        doc=draft.doc,
        expected_head=draft.base_head,
        draft_id=draft.id,
        created_at=draft.created_at,
        confirmed=typed.confirmed,
    )
    try:
        receipt = submitting.submit(services.desk, session.actor, wanted, session.unlock).wait()
    except Invalid as refused:
        refused_here = replace(fresh, problems=(*fresh.problems, *_new(refused.problems, judged.problems)))
        return entry_page(request, kept, refused_here, status=422, checked=True)
    set_pins(services, session, draft.form, pinned_values(typed.answers, typed.pins))
    drafting.discard(services.desk, session.actor, draft.id)
    dropped = "&".join(f"dropped={quote(at, safe='')}" for at in judged.dropped)
    return go_to(f"/entry/done/{receipt.doc}" + (f"?{dropped}" if dropped else ""))


def _new(problems: tuple[Problem, ...], known: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(p for p in problems if all((p.pointer, p.code) != (k.pointer, k.code) for k in known))


def _add(request: Request, bench: Bench, typed: Typed, action: Action) -> Response:
    node, rows = bench.model.node(action.pointer), lookup_drawn(bench.model, typed.answers, action.pointer)
    rows = list(rows) if isinstance(rows, list) else []
    at = typed.at
    if node is not None and node.kind == "array" and node.item is not None and len(rows) < node.max_items:
        blank: Json = {"object": {}, "array": [], "fixed": []}.get(node.item.kind, "")
        if not rows:  # the spare row of an empty list becomes a real one
            rows.append(blank)
        rows.append(blank)
        typed = replace(typed, answers=place_drawn(bench.model, typed.answers, action.pointer, rows))
        at = focus_id(bench.model, f"{action.pointer}/{len(rows) - 1}")
    return go_to(_back(_kept(bench, replace(typed, at=at)).draft, at))


def _remove(request: Request, bench: Bench, typed: Typed, action: Action) -> Response:
    rows = lookup_drawn(bench.model, typed.answers, action.pointer)
    if not isinstance(rows, list) or not 0 <= action.index < len(rows):
        return _save(request, bench, typed, action)
    gone = rows[action.index]
    undo = None if holds_raw(gone) else {"pointer": action.pointer, "index": action.index, "value": gone}
    rest = [*rows[: action.index], *rows[action.index + 1 :]]
    answers = place_drawn(bench.model, typed.answers, action.pointer, rest if rest else MISSING)
    place_of = focus_id(bench.model, action.pointer)
    return go_to(_back(_kept(bench, replace(typed, answers=answers, at=place_of), undo=undo).draft, place_of))


def _lift(request: Request, bench: Bench, typed: Typed, action: Action) -> Response:
    kept = _kept(bench, typed).draft
    lifted = drafting.lift(bench.services.desk, bench.session.actor, kept.id, kept.revision)
    return go_to(_back(lifted, ""))


def _undo(request: Request, bench: Bench, typed: Typed, action: Action) -> Response:
    gone = bench.draft.notes.get("undo")
    if not gone:
        return _save(request, bench, typed, action)
    rows = lookup_drawn(bench.model, typed.answers, gone["pointer"])
    rows = list(rows) if isinstance(rows, list) else []
    rows.insert(min(int(gone["index"]), len(rows)), gone["value"])
    at = focus_id(bench.model, f"{gone['pointer']}/{min(int(gone['index']), len(rows) - 1)}")
    typed = replace(typed, answers=place_drawn(bench.model, typed.answers, gone["pointer"], rows), at=at)
    return go_to(_back(_kept(bench, typed).draft, at))


def _lookup(request: Request, bench: Bench, typed: Typed, action: Action) -> Response:
    at = focus_id(bench.model, action.pointer)
    kept = _kept(bench, replace(typed, at=at)).draft
    return go_to(f"/drafts/{kept.id}?find={quote(action.pointer, safe='')}&at={quote(at, safe='')}#{at}")


def _upload(request: Request, bench: Bench, typed: Typed, action: Action) -> Response:
    posted, files = form_of(request), bench.model.files
    if files is None:
        return _save(request, bench, typed, action)
    rows = lookup(typed.answers, files.list)
    rows = list(rows) if isinstance(rows, list) else []
    problems: list[Problem] = [] if posted.files else [Problem(files.list, "file.none")]
    for _, upload in posted.files:
        try:
            staged = take_in(bench.services, bench.session, upload)
        except Invalid as refused:
            problems += refused.problems
            continue
        if any(isinstance(row, dict) and row.get(files.digest) == staged.sha256 for row in rows):
            continue
        pages = {files.pages: 1} if staged.media_type.startswith("image/") and _counts_pages(bench) else {}
        rows.append(
            {
                files.kind: posted.get("_file_kind"),
                files.id: _next_id(rows, files.id),
                files.digest: staged.sha256,
                **pages,
            }
        )
    if rows:
        typed = replace(typed, answers=place(typed.answers, files.list, rows))
    kept = _kept(bench, replace(typed, at="upload-file"))
    if problems:
        words = tuple(sentence(p, bench.lang, lambda at: bench.model.label(at, bench.lang)) for p in problems)
        fresh = replace(typed, revision=kept.draft.revision)
        return entry_page(request, kept, fresh, status=422, upload_errors=words, at="upload-file")
    return go_to(_back(kept.draft, "upload-file"))


def _counts_pages(bench: Bench) -> bool:
    """Whether the form's list of files has a place for the number of pages."""
    files = bench.model.files
    return files is not None and f"{files.list}/*/{files.pages}" in bench.model.nodes


def _next_id(rows: list[Any], name: str) -> str:
    """The next free file number of this form: F-0001, F-0002 ..."""
    taken = {row.get(name) for row in rows if isinstance(row, dict)}
    return next(number for count in range(1, 10_000) if (number := f"F-{count:04d}") not in taken)


def _back(draft: StoredDraft, at: str) -> str:
    return f"/drafts/{draft.id}" + (f"?at={quote(at, safe='')}#{quote(at, safe='.')}" if at else "")


def _conflict(request: Request, bench: Bench, typed: Typed, stale: Conflict) -> Response:
    """Somebody (or another tab) saved meanwhile: both values side by side, and a choice."""
    facts = stale.facts
    who = reading.name_of(bench.services.desk, facts["saved_by"])
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(
            {"conflict": True, "saved_by": who, "saved_at": clock_time(facts["saved_at"])}, 409
        )
    say = translator(request, bench.lang)
    rows = compare(
        bench.model,
        facts["answers_theirs"],
        typed.answers,
        bench.lang,
        codes=code_names(bench.form, bench.lang),
    )
    ours = tuple(
        (name, text)
        for name, text in form_of(request).pairs
        if name != "_revision" and name not in _BUTTON_NAMES
    )
    return page(
        request,
        "entry/conflict.html",
        409,
        title=say("entry.conflict"),
        crumbs=((say("shell.home"), "/"), (say("entry.conflict"), None)),
        rows=[row for row in rows if row.kind != "same"],
        saved_by=who,
        saved_at=facts["saved_at"],
        revision=facts["revision"],
        action=f"/drafts/{bench.draft.id}",
        pairs=ours,
    )


def _filed_before(request: Request, draft_id: str) -> Response:
    """A second press of 提交 after the draft became a document leads to that document."""
    desk, actor = services_of(request).desk, session_of(request).actor
    known = desk.store.idempotent(submitting.idempotency(actor, "submit", draft_id))
    if known is None:
        raise NotFound("draft.not_found")
    return go_to(f"/entry/done/{desk.journal.read(known['index']).statement()['doc']}")


_DO = {
    "upload": _upload,
    "add": _add,
    "remove": _remove,
    "undo": _undo,
    "lookup": _lookup,
    "lift": _lift,
    "check": _check,
    "submit": _submit,
    "refresh": _save,
    "save": _save,
}
_BUTTON_NAMES = frozenset(f"_{kind}" for kind in _DO) | {"_discard"}

__all__ = ["router", "typed_of_draft"]
