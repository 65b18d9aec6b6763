"""From a document's page to the form that changes it: beginning one, and choosing the fields that change.

Decides nothing about rights or validity: the desk does.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import drafting, reading, update_beginnings, update_targets, updating
from engine.desk.update_targets import Target
from engine.errors import NotFound
from engine.lifecycle.updates import Updates
from web.entry_pages import Paper
from web.labels import form_title
from web.pages import go_to, page, translator
from web.routes.documents import document_page
from web.routes.review import REVIEW, review_page
from web.security import form_of, session_of
from web.services import services_of
from web.update_after import waiting_of
from web.update_links import show_change
from web.update_pages import Posted, listed, offered, read, target_of
from web.workbench import Bench, open_bench

router = APIRouter()


@router.post("/documents/{doc}/begin/{form}")
def begin(request: Request, doc: str, form: str) -> Response:
    """Begin a draft that changes this document, and choose what changes."""
    session, services = session_of(request), services_of(request)
    draft = updating.begin(services.desk, session.actor, doc, form)
    return go_to(f"/drafts/{draft.id}/changes")


@router.get("/follow-ups")
def follow_ups(request: Request) -> Response:
    """What applied updates left to be done in documents that this person may read."""
    session, services = session_of(request), services_of(request)
    say = translator(request, session.lang)
    crumbs = ((say("shell.home"), "/"), (say("update.waiting"), None))
    rows = waiting_of(services, session)
    return page(request, "lists/follow_ups.html", title=say("update.waiting"), crumbs=crumbs, rows=rows)


@router.post("/documents/{doc}/take-back")
def take_back(request: Request, doc: str) -> Response:
    """Begin an update that cites this one and says what stood there before."""
    session, services = session_of(request), services_of(request)
    draft = update_beginnings.take_back(services.desk, session.actor, doc)
    return go_to(f"/drafts/{draft.id}")


@router.post("/documents/{doc}/begin-alike")
def begin_alike(request: Request, doc: str) -> Response:
    """Begin for this document what an update of another one of the person corrected."""
    session, services, posted = session_of(request), services_of(request), form_of(request)
    update, name = posted.get("update"), posted.get("name")
    draft = update_beginnings.begin_alike(services.desk, session.actor, doc, update, name)
    return go_to(f"/drafts/{draft.id}")


@router.post("/documents/{doc}/changes/reveal")
def reveal_change(request: Request, doc: str) -> Response:
    """The page once more with old and new value of one change in clear; the desk has logged both before."""
    session, services, posted = session_of(request), services_of(request), form_of(request)
    is_review = posted.get("_from") == REVIEW
    purpose = REVIEW if is_review else "task"
    shown = show_change(services, session, doc, posted.get("place"), purpose)
    opened = reading.open_document(services.desk, session.actor, doc, purpose=purpose)
    draw = review_page if is_review else document_page
    return draw(request, services, session, opened, shown=shown)


@router.get("/drafts/{draft_id}/changes")
def show(request: Request, draft_id: str) -> Response:
    """The target's fields with what stands there, to be picked and given new values."""
    bench, rules = _opened(request, draft_id)
    target = target_of(bench.services.desk, bench.session.actor, rules, bench.draft)
    return _page(request, bench, rules, target, Posted(listed(rules, bench.draft.answers)))


@router.post("/drafts/{draft_id}/changes")
def keep(request: Request, draft_id: str) -> Response:
    """Keep what was picked and return to the form."""
    bench, rules = _opened(request, draft_id)
    desk, actor, draft, posted = bench.services.desk, bench.session.actor, bench.draft, form_of(request)
    target = target_of(desk, actor, rules, draft)
    if target is None:
        raise NotFound("update.target_unknown")
    found = read(rules, target, listed(rules, draft.answers), posted, bench.lang)
    if found.problems or found.unticked:
        return _page(request, bench, rules, target, found, 422)
    seen = posted.get("_target_revision")
    answers = update_targets.with_target(rules, dict(draft.answers), target.row)
    if seen.isascii() and seen.isdigit() and int(seen) < target.revision:
        return _page(request, bench, rules, target, found, 409)  # it moved while the page was open
    answers = update_targets.with_changes(rules, answers, list(found.changes))
    answers = update_targets.fill(desk, actor, bench.form, answers)
    revision = posted.get("_revision")
    expected = int(revision) if revision.isascii() and revision.isdigit() else draft.revision
    drafting.save(desk, actor, draft.id, expected, answers, texts=draft.texts, notes=draft.notes)
    return go_to(f"/drafts/{draft.id}")


def _opened(request: Request, draft_id: str) -> tuple[Bench, Updates]:
    bench = open_bench(services_of(request), session_of(request), draft_id)
    rules = bench.form.workflow.updates
    if rules is None:
        raise NotFound("draft.not_found")
    return bench, rules


def _page(
    request: Request, bench: Bench, rules: Updates, target: Target | None, posted: Posted, status: int = 200
) -> Response:
    say, lang = translator(request, bench.lang), bench.lang
    sections = offered(rules, target, posted.changes, posted, lang) if target is not None else []
    said: Any = update_targets.said_revision(rules, bench.draft.answers)
    title = form_title(bench.form, lang)
    return page(
        request,
        "entry/changes.html",
        status,
        title=say("update.title"),
        crumbs=(
            (say("shell.home"), "/"),
            (title, f"/drafts/{bench.draft.id}"),
            (say("update.title"), None),
        ),
        draft=bench.draft,
        target=target.row if target is not None else None,
        said=said,
        moved=target is not None and said is not None and said != target.revision,
        sections=sections,
        asked=(*form_of(request).all("_asked"), *posted.unticked) if posted.unticked else (),
        unticked=[one.label for part in sections for one in part.offers if one.pointer in posted.unticked],
        picked=sum(offer.picked for section in sections for offer in (*section.offers, *section.empty)),
        p=Paper(
            say, f"/drafts/{bench.draft.id}/changes", pins=False, buttons=False, upload=False, extras=False
        ),
    )
