"""Attachments: taken in by what their bytes are, handed out sealed off from our pages.

Decides how a file is served: pictures inside the page, everything else as a download, always under a policy
that lets it do nothing (OWASP ASVS 5.4). Who may open a file is the desk's decision, and is logged there.
"""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response, StreamingResponse

from engine.desk import attaching, drafting
from engine.errors import Invalid, Problem
from engine.ports import StagedFile
from web.pages import go_to
from web.security import Session, form_of, session_of
from web.security.sniff import SHOWN_IN_PAGE, Limits, sniff
from web.services import Services, services_of

router = APIRouter()
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"}
POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


def take_in(services: Services, session: Session, upload: UploadFile) -> StagedFile:
    """Seal one uploaded file and stage it for its uploader.

    Raises Invalid with one problem: `file.empty`, `file.too_large`, `file.type`, `file.pixels`,
    `file.damaged`.
    """
    limits = Limits(services.settings.attachment_bytes, services.settings.attachment_pixels)
    data = upload.file.read(limits.size + 1)
    return attaching.attach(services.desk, session.actor, data, sniff(data, limits))


@router.post("/drafts/{draft_id}/files")
def upload(request: Request, draft_id: str) -> Response:
    """Stage the files of a form for a draft: JSON for scripts, back to the draft otherwise."""
    session, services = session_of(request), services_of(request)
    drafting.open_draft(services.desk, session.actor, draft_id)
    files = form_of(request).files
    if not files:
        raise Invalid("file.empty", problems=[Problem("", "file.empty")])
    staged = [take_in(services, session, file) for _, file in files]
    if "application/json" not in request.headers.get("accept", ""):
        return go_to(f"/drafts/{draft_id}")
    shown = [{"sha256": one.sha256, "media_type": one.media_type, "size": one.size} for one in staged]
    return JSONResponse({"files": shown}, 201)


@router.get("/drafts/{draft_id}/files/{digest}")
def staged_file(request: Request, draft_id: str, digest: str) -> Response:
    """A file that this person uploaded for a draft."""
    session, services = session_of(request), services_of(request)
    drafting.open_draft(services.desk, session.actor, draft_id)
    media_type, chunks = attaching.open_staged(services.desk, session.actor, digest)
    return _serve(media_type, chunks, digest[:16])


@router.get("/documents/{doc}/files/{file_id}")
def document_file(request: Request, doc: str, file_id: str) -> Response:
    """A file of a document, for those who may see its content."""
    session, services = session_of(request), services_of(request)
    media_type, chunks = attaching.open_attachment(services.desk, session.actor, doc, file_id)
    return _serve(media_type, chunks, file_id)


def _serve(media_type: str, chunks: Iterator[bytes], name: str) -> Response:
    first = next(chunks, b"")
    place = "inline" if media_type in SHOWN_IN_PAGE else "attachment"
    safe = "".join(char for char in name if char.isascii() and (char.isalnum() or char in "-_"))

    def all_chunks() -> Iterator[bytes]:
        yield first
        yield from chunks

    return StreamingResponse(
        all_chunks(),
        media_type=media_type,
        headers={
            "Content-Disposition": f'{place}; filename="{safe or "file"}.{ENDINGS.get(media_type, "bin")}"',
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
        },
    )
