"""What follows from the request of a person: its copies, and an update that corrects.

Decides file names only; rights are the desk's.
"""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import holdings, reading
from web.archive.copies import pack
from web.pages import go_to
from web.security import session_of
from web.services import services_of

router = APIRouter()


@router.get("/documents/{doc}/copies")
def fetch_copies(request: Request, doc: str) -> Response:
    """Everything the answered request found, as a ZIP to hand over."""
    session, services = session_of(request), services_of(request)
    packed = pack(services, session, doc, "zh-CN")
    name = f"{reading.row_of(services.desk, doc)['doc_id']}.zip"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(packed, media_type="application/zip", headers=headers)


@router.post("/documents/{doc}/corrections/{target}")
def begin_correction(request: Request, doc: str, target: str) -> Response:
    """Begin the update that a granted request asks for, and choose what changes."""
    session, services = session_of(request), services_of(request)
    draft = holdings.begin_correction(services.desk, session.actor, doc, target)
    return go_to(f"/drafts/{draft.id}/changes")
