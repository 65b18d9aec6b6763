"""From what was sought to the application for a query, and from a result to the proof of what it shows.

Decides nothing: what an application says already, and what may be proved, is the desk's to say.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import applying, query_delivery
from web.pages import go_to
from web.security import form_of, session_of
from web.services import services_of

router = APIRouter()
BUNDLE = "application/vnd.fengjian.bundle.v1+json"


@router.post("/queries")
def apply(request: Request) -> Response:
    """Begin an application about a document (`doc`), or about whose name or number was typed (`q`).

    A POST, so that what was typed never stands in an address or a log (OWASP ASVS 14.2.1).
    """
    session, services, posted = session_of(request), services_of(request), form_of(request)
    doc = posted.get("doc")
    if doc:
        draft = applying.for_document(services.desk, session.actor, doc)
    else:
        draft = applying.for_person(services.desk, session.actor, posted.get("q"))
    return go_to(f"/drafts/{draft.id}")


@router.get("/documents/{doc}/proofs/{source}")
def download_proof(request: Request, doc: str, source: str) -> Response:
    """The proof bundle of one source document with exactly the values that this result shows."""
    session, services = session_of(request), services_of(request)
    data = query_delivery.proof(services.desk, session.actor, doc, source)
    name = f'attachment; filename="{source}.bundle.json"'
    return Response(data, media_type=BUNDLE, headers={"Content-Disposition": name})
