"""Papers of a document as PDF: the form, and what its steps have made.

Decides file names only. Printing happens outside the request's event loop, in the press.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import reading
from engine.errors import NotFound
from web.pdf.prints import print_form, print_notice
from web.pdf.renderer import Printed
from web.security.guard import session_of
from web.services import services_of

router = APIRouter()
_COPY = re.compile(r"[0-9A-Za-z-]{0,16}\Z")


@router.get("/documents/{doc}/print")
def print_document(request: Request, doc: str, copy: str = "", lang: str = "zh-CN") -> Response:
    """The form, with its proof inside. Official paper is Chinese; `?lang=en` for reading."""
    session, services = session_of(request), services_of(request)
    printed = print_form(services, session, doc, _copy(copy), "en" if lang == "en" else "zh-CN")
    row = reading.row_of(services.desk, doc)
    return _pdf(printed, f"{row['doc_id']}.pdf")


@router.get("/documents/{doc}/papers/{seq}/{kind}")
def print_paper(
    request: Request, doc: str, seq: int, kind: str, copy: str = "", lang: str = "zh-CN"
) -> Response:
    """One paper that a step has made: receipt, notice, record."""
    session, services = session_of(request), services_of(request)
    language = "en" if lang == "en" else "zh-CN"
    printed = print_notice(services, session, doc, seq, kind, _copy(copy), language)
    row = reading.row_of(services.desk, doc)
    return _pdf(printed, f"{row['doc_id']}-{seq}-{kind}.pdf")


def _copy(text: str) -> str:
    if _COPY.match(text) is None:
        raise NotFound("paper.copy")
    return text


def _pdf(printed: Printed, name: str) -> Response:
    return Response(
        printed.data, media_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": "sandbox",
        },
    )
