"""Writing a form version: begin a draft, edit its files, its table of fields, see what comes of it.

Decides addresses and which button was meant. Whoever may not write drafts is refused by the desk; what two
people save over each other is shown to both, never merged by guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import reading, version_drafts
from engine.errors import Conflict, Invalid
from engine.identity import Version, parse_version
from engine.registry.bundle import SCHEMA
from engine.version_ports import VersionDraft
from web import version_editing, version_editing_changes, version_editing_conflict
from web.labels import Say
from web.pages import go_to, page
from web.security import Form, Session, form_of
from web.services import Services
from web.version_editing_pages import desk_of, draft_crumbs, field_page, fields_page, file_page, title_of
from web.version_editing_wish import wish_of

router = APIRouter()


@router.post("/versions/drafts")
def begin(request: Request) -> Response:
    """A draft from the newest version of a form, with the next number of the wanted step; or a new form."""
    session, services, _ = desk_of(request)
    form, desk = form_of(request), services.desk
    if form.get("kind") == "new":
        title = form.get("title").strip()[:120] or form.get("form")
        draft = version_drafts.begin_new(desk, session.actor, form.get("form").strip(), title)
        return go_to(f"/versions/drafts/{draft.id}/fields")
    draft = version_drafts.begin(desk, session.actor, form.get("form"), form.get("version"))
    number = _raised(draft.follows, form.get("step")) or draft.version
    texts = version_editing_changes.renumber(draft.files, draft, number)
    version_drafts.save(desk, session.actor, draft.id, draft.revision, texts, version=number)
    return go_to(f"/versions/drafts/{draft.id}")


@router.get("/versions/drafts/{draft_id}/files/{name:path}")
def show_file(request: Request, draft_id: str, name: str, done: str = "") -> Response:
    """One file of a draft, with what is wrong in it and what it draws."""
    session, services, _ = desk_of(request)
    draft = version_drafts.open_draft(services.desk, session.actor, draft_id)
    version_editing.known_file(draft, name)
    return file_page(request, draft, name, draft.files.get(name, ""), done=done == "saved")


@router.post("/versions/drafts/{draft_id}/files/{name:path}")
def write_file(request: Request, draft_id: str, name: str) -> Response:
    """Check what was typed, keep it, or take the file out."""
    session, services, _ = desk_of(request)
    draft = version_drafts.open_draft(services.desk, session.actor, draft_id)
    version_editing.known_file(draft, name)
    form = form_of(request)
    text = _plain(form.get("text"))
    if form.has("_check"):
        seen = version_editing.with_file(draft, name, text)
        return file_page(request, seen, name, text, revision=_number(form), typed=True)
    files = {name: "" if form.has("_remove") else text}
    saved = _saved(request, draft, _number(form), files)
    if not isinstance(saved, VersionDraft):
        return saved
    shown = name if name in saved.files or name in version_editing.FILES else SCHEMA
    return go_to(f"/versions/drafts/{draft.id}/files/{quote(shown)}?done=saved")


@router.post("/versions/drafts/{draft_id}/check/{name:path}")
def look_at_file(request: Request, draft_id: str, name: str) -> Response:
    """What is wrong with a text that is being typed, and what it draws; nothing is stored."""
    session, services, _ = desk_of(request)
    draft = version_drafts.open_draft(services.desk, session.actor, draft_id)
    version_editing.known_file(draft, name)
    text = _plain(form_of(request).get("text"))
    seen = version_editing.with_file(draft, name, text)
    return file_page(request, seen, name, text, template="parts/version_check.html")


@router.get("/versions/drafts/{draft_id}/fields")
def show_fields(request: Request, draft_id: str, at: str = "", add: str = "", done: str = "") -> Response:
    """The table of fields; with `at` one field to change, with `add` the part a new one goes to."""
    session, services, _ = desk_of(request)
    draft = version_drafts.open_draft(services.desk, session.actor, draft_id)
    if at or add:
        return field_page(request, draft, at[:400], add[:400])
    return fields_page(request, draft, done=done[:400])


@router.post("/versions/drafts/{draft_id}/fields")
def write_fields(request: Request, draft_id: str) -> Response:
    """One press of a button of the table of fields, or of the page of one field."""
    session, services, _ = desk_of(request)
    draft, form = version_drafts.open_draft(services.desk, session.actor, draft_id), form_of(request)
    old = {name: data.decode() for name, data in _papers(services, draft).items()}
    try:
        wish = wish_of(draft, form, old)
    except Invalid as wrong:
        if wrong.code != "version_draft":
            raise
        if form.has("_add") or form.has("_change") or form.has("_retire"):
            at, add = form.get("_change") or form.get("_retire"), form.get("_add")
            return field_page(request, draft, at, add, posted=form, wrong=wrong.problems)
        return fields_page(request, draft, wrong=wrong.problems)
    saved = _saved(request, draft, _number(form), wish.texts, **wish.more)
    if not isinstance(saved, VersionDraft):
        return saved
    return go_to(f"/versions/drafts/{draft.id}/fields?done={quote(wish.done)}{wish.anchor}")


@router.post("/versions/drafts/{draft_id}/discard")
def discard(request: Request, draft_id: str) -> Response:
    """Throw the draft away."""
    session, services, _ = desk_of(request)
    version_drafts.discard(services.desk, session.actor, draft_id)
    services.trials.forget(draft_id)
    return go_to("/versions")


def _papers(services: Services, draft: VersionDraft) -> Mapping[str, bytes]:
    return services.desk.workshop.archive.papers(draft.base_digest) if draft.base_digest else {}


def _saved(
    request: Request, draft: VersionDraft, revision: int, files: Mapping[str, str], **more: Any
) -> VersionDraft | Response:
    """The draft after it was saved; the page with both texts when another saved first."""
    session, services, say = desk_of(request)
    try:
        return version_drafts.save(services.desk, session.actor, draft.id, revision, files, **more)
    except Conflict as stale:
        if stale.code != "version_draft.changed":
            raise
    theirs = version_drafts.open_draft(services.desk, session.actor, draft.id)
    return _conflict(request, session, services, theirs, files, say)


def _conflict(
    request: Request, session: Session, services: Services, theirs: VersionDraft, files: Mapping[str, str],
    say: Say,
) -> Response:  # fmt: skip
    both = [
        version_editing_conflict.both_of(name, theirs.files.get(name, ""), text)
        for name, text in files.items()
        if theirs.files.get(name, "") != text
    ]
    title = say("versions.edit.conflict")
    return page(
        request, "versions/edit_conflict.html", 409, title=title, draft=theirs, both=both,
        who=reading.name_of(services.desk, theirs.saved_by),
        crumbs=draft_crumbs(services, theirs, session.lang, say, title),
        heading=title_of(services, theirs, session.lang),
    )  # fmt: skip


def _raised(follows: str, step: str) -> str:
    """The next number by the wanted step; "" for the desk's own choice."""
    found = parse_version(follows)
    if found is None or step not in ("patch", "minor", "major"):
        return ""
    raised = {
        "patch": Version(found.major, found.minor, found.patch + 1),
        "minor": Version(found.major, found.minor + 1, 0), "major": Version(found.major + 1, 0, 0),
    }  # fmt: skip
    return str(raised[step])


def _plain(text: str) -> str:
    """A text as files have it: browsers send two characters at the end of a line."""
    text = text.replace("\r\n", "\n")
    return text if not text or text.endswith("\n") else text + "\n"


def _number(form: Form) -> int:
    text = form.get("_revision")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
