"""What a query's result brings with it: the proof of each document whose values it shows."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import query_delivery
from web.security import session_of
from web.services import services_of

router = APIRouter()
BUNDLE = "application/vnd.fengjian.bundle.v1+json"


@router.get("/documents/{doc}/proofs/{source}")
def download_proof(request: Request, doc: str, source: str) -> Response:
    """The proof bundle of one source document with exactly the values that this result shows."""
    session, services = session_of(request), services_of(request)
    data = query_delivery.proof(services.desk, session.actor, doc, source)
    name = f'attachment; filename="{source}.bundle.json"'
    return Response(data, media_type=BUNDLE, headers={"Content-Disposition": name})
