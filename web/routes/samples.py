"""The sample of an inspection, drawn again before the reader's eyes.

Decides nothing: the desk draws, the page shows what was drawn and whether the same comes out.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import reading, redrawing
from engine.errors import NotFound
from web.document_links import link_to
from web.pages import page, translator
from web.security import session_of
from web.services import services_of

router = APIRouter()


@router.get("/documents/{doc}/sample")
def show_sample(request: Request, doc: str) -> Response:
    """What was drawn, with the seed, and what comes out when it is drawn again now."""
    session, services = session_of(request), services_of(request)
    if reading.readable_row(services.desk, session.actor, doc)[1].workflow.samples is None:
        raise NotFound("document.not_found")  # before anything is opened
    opened = reading.open_document(services.desk, session.actor, doc)
    found = redrawing.redraw(services.desk, opened)
    if found is None:
        raise NotFound("document.not_found")
    say = translator(request, session.lang)
    number = opened.row["doc_no"]
    return page(
        request,
        "documents/sample.html",
        title=say("sample.title", number=number),
        crumbs=((say("shell.home"), "/"), (number, f"/documents/{doc}"), (say("sample.crumb"), None)),
        doc=doc,
        redraw=found,
        lines=[(one, link_to(services, session, one)) for one in found.drawn],
    )
