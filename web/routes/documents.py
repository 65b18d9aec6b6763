"""The document page: where it stands, what was signed, by whom, the facts as far as this person's right goes.

Decides nothing about rights: the desk masks before anything comes here. Reading a document is a GET that
writes only to the access log; showing a masked value is a POST because it is an act of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import drafting, proving, reading
from engine.desk.reading import Opened
from engine.errors import NotAllowed, NotFound
from engine.identity import parse_utc
from engine.lifecycle.deadlines import remaining
from forms.charts import bars_of
from web import labels
from web.closed_page import closed_page, is_shut
from web.document_links import hrefs_of
from web.document_view import choices_of, facts_of, files_of, picture_of, timeline_of
from web.grant_pages import grants_of
from web.models import model_of
from web.named_values import names_of
from web.pages import go_to, page, translator
from web.patching import with_value
from web.pdf.notices import papers_of
from web.query_links import in_words, links_of
from web.request_links import request_links_of
from web.security import Session, form_of, session_of
from web.services import Services, services_of
from web.update_after import back_of, held_of, left_of
from web.update_links import Shown, amended_by, begins_of, changed_of, target_of_update
from web.version_pages import version_address
from web.version_pages_compare import named_in

router = APIRouter()
BUNDLE = "application/vnd.fengjian.bundle.v1+json"


@router.get("/documents/{doc}")
def show_document(request: Request, doc: str, done: int = 0) -> Response:
    """The document as it stands."""
    session, services = session_of(request), services_of(request)
    try:
        opened = reading.open_document(services.desk, session.actor, doc)
    except NotAllowed as refusal:
        if not is_shut(refusal):
            raise
        return closed_page(request, services, session, doc)
    return document_page(request, services, session, opened, done=done)


def document_page(
    request: Request,
    services: Services,
    session: Session,
    opened: Opened,
    status: int = 200,
    *,
    revealed: frozenset[str] = frozenset(),
    shown: Mapping[str, Shown] | None = None,
    **extra: Any,
) -> Response:
    """The page of an opened document; `done` is the step just taken, to be confirmed in words."""
    say = translator(request, session.lang)
    row, form, lang = opened.row, opened.form, session.lang
    history = reading.history(services.desk, session.actor, row["doc"])
    choices = choices_of(services, session, opened, say)
    names = names_of(services.desk, form, lang)
    sections, proofs = facts_of(in_words(services, opened, lang), lang, names)
    context: dict[str, Any] = {
        "done": 0,
        "problems": (),
        "posted": {},
        "failed": "",
        "title": row["doc_no"],
        "crumbs": ((say("shell.home"), "/"), (labels.form_title(form, lang), None), (row["doc_no"], None)),
        "row": row,
        "form_title": labels.form_title(form, lang),
        "tag": labels.state_tag(form, row["state"], lang),
        "holder": reading.name_of(services.desk, row["claimed_by"]),
        "deadline": labels.deadline(_remaining(services, row["due_at"]), say),
        "picture": picture_of(opened, choices.ways, lang),
        "timeline": timeline_of(services, form, history, opened.rights, lang, say),
        "sections": sections,
        "proofs": proofs,
        "version_href": version_address(services.desk, form),
        "named": named_in(services.desk, form, opened.answers, lang, services.catalogue),
        "files": files_of(services, opened, lang),
        "masked": opened.masked,
        "revealed": revealed,
        "marking": None,
        "may_reveal": opened.rights.clear or opened.rights.reveal,
        "choices": choices,
        "begins": begins_of(services, session, row, lang),
        "links": links_of(services, session, opened),
        "asked": request_links_of(services, session, opened),
        "grants": grants_of(services, form, opened.answers, lang, say),
        "hrefs": hrefs_of(services, session, form, sections),
        "bars": bars_of(model_of(form), opened.answers, lang),
        "sample_at": form.workflow.samples.into if form.workflow.samples is not None else "",
        "target": target_of_update(services, session, opened),
        "changed": changed_of(services, opened, lang, shown),
        "left": left_of(services, session, opened),
        "held": held_of(services, session, row),
        "back": back_of(services, session, opened),
        "amended": amended_by(services, row),
        "revision": opened.revision,
        "is_last": opened.revision == row["revision"],
        "code": proving.verification_code(row),
        "papers": papers_of(opened.form, row, session.lang) if "print" in opened.rights.actions else (),
        "key": services.desk.randomness.bytes(16).hex(),
    }
    return page(request, "documents/document.html", status, **(context | extra))


def _remaining(services: Services, due_at: str) -> int | None:
    desk = services.desk
    return remaining(desk.calendar, desk.clock.now(), parse_utc(due_at)) if due_at else None


@router.get("/documents/{doc}/revisions/{number}")
def show_revision(request: Request, doc: str, number: int) -> Response:
    """The form as it was signed in an earlier revision, in its own version."""
    session, services = session_of(request), services_of(request)
    opened = reading.open_document(services.desk, session.actor, doc, revision=number)
    return document_page(request, services, session, opened)


@router.post("/documents/{doc}/reveal")
def reveal_value(request: Request, doc: str) -> Response:
    """The page once more with one masked value in clear; the desk has logged it before."""
    session, services = session_of(request), services_of(request)
    pointer = form_of(request).get("pointer")
    value = reading.reveal(services.desk, session.actor, doc, pointer)
    opened = reading.open_document(services.desk, session.actor, doc)
    return document_page(
        request,
        services,
        session,
        with_value(opened, pointer, value),
        revealed=frozenset({pointer}),
    )


@router.post("/documents/{doc}/correct")
def correct(request: Request, doc: str) -> Response:
    """Begin, or go on with, the correction of a returned document."""
    session, services = session_of(request), services_of(request)
    draft = drafting.correct(services.desk, session.actor, doc)
    return go_to(f"/drafts/{draft.id}")


@router.get("/documents/{doc}/receipts/{seq}")
def show_receipt(request: Request, doc: str, seq: int) -> Response:
    """The receipt of one step with the proof that it lies in the log."""
    session, services = session_of(request), services_of(request)
    say = translator(request, session.lang)
    receipt = proving.receipt(services.desk, session.actor, doc, seq)
    form = services.desk.registry.get(receipt.form, receipt.version)
    return page(
        request,
        "documents/receipt.html",
        title=say("receipt.title"),
        crumbs=(
            (say("shell.home"), "/"),
            (receipt.doc_no, f"/documents/{doc}"),
            (say("receipt.title"), None),
        ),
        receipt=receipt,
        form_title=labels.form_title(form, session.lang),
        verb=labels.transition_title(form, receipt.transition, session.lang),
        tag=labels.state_tag(form, receipt.state, session.lang),
    )


@router.get("/documents/{doc}/receipts/{seq}/proof")
def download_proof(request: Request, doc: str, seq: int) -> Response:
    """The inclusion proof as a C2SP tlog-proof text file."""
    session, services = session_of(request), services_of(request)
    receipt = proving.receipt(services.desk, session.actor, doc, seq)
    return _download(
        receipt.proof.encode(), "text/plain; charset=utf-8", f"{receipt.doc_id}-{seq}.tlog-proof"
    )


@router.get("/documents/{doc}/bundle")
def download_bundle(request: Request, doc: str, disclose: str = "none") -> Response:
    """The proof bundle. `disclose=all` puts every field into it, for those who see the document in clear."""
    session, services = session_of(request), services_of(request)
    wishes = {"none": proving.nothing, "all": proving.all_fields}
    if disclose not in wishes:
        raise NotFound("bundle.wish")
    data = proving.bundle(services.desk, session.actor, doc, wishes[disclose])
    row = reading.row_of(services.desk, doc)
    return _download(data, BUNDLE, f"{row['doc_id']}.bundle.json")


def _download(data: bytes, media_type: str, name: str) -> Response:
    return Response(
        data, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
