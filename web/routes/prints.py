"""Papers of a document as PDF: the form, and what its steps have made.

Decides file names only. Printing happens outside the request's event loop, in the press.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import as_of, reading
from engine.errors import NotFound
from web.pages import go_to
from web.pdf.prints import print_form, print_notice
from web.pdf.renderer import Printed
from web.security.guard import session_of
from web.services import services_of

router = APIRouter()
_COPY = re.compile(r"[0-9A-Za-z-]{0,16}\Z")
_SIZE = re.compile(r"[1-9][0-9]{0,14}\Z")
NEWEST = "newest"


@router.get("/documents/{doc}/print")
def print_document(
    request: Request, doc: str, copy: str = "", lang: str = "zh-CN", checkpoint: str = ""
) -> Response:
    """The form, with its proof inside. Official paper is Chinese; `?lang=en` for reading.

    `?checkpoint=N` prints as of that size of the log, the same bytes every time; `newest` leads to the
    address with today's number.
    """
    session, services = session_of(request), services_of(request)
    if checkpoint == NEWEST:
        return _as_of_newest(request, doc)
    language = "en" if lang == "en" else "zh-CN"
    printed = print_form(services, session, doc, _copy(copy), language, _size(checkpoint))
    row = reading.row_of(services.desk, doc)
    return pdf_reply(printed, f"{row['doc_id']}.pdf")


@router.get("/documents/{doc}/papers/{seq}/{kind}")
def print_paper(
    request: Request, doc: str, seq: int, kind: str, copy: str = "", lang: str = "zh-CN",
    checkpoint: str = "",
) -> Response:  # fmt: skip
    """One paper that a step has made: receipt, notice, record. `checkpoint` as for the form."""
    session, services = session_of(request), services_of(request)
    if checkpoint == NEWEST:
        return _as_of_newest(request, doc)
    language = "en" if lang == "en" else "zh-CN"
    printed = print_notice(services, session, doc, seq, kind, _copy(copy), language, _size(checkpoint))
    row = reading.row_of(services.desk, doc)
    return pdf_reply(printed, f"{row['doc_id']}-{seq}-{kind}.pdf")


def _as_of_newest(request: Request, doc: str) -> Response:
    """To the address that prints the same bytes again: with the number of the newest checkpoint."""
    session, desk = session_of(request), services_of(request).desk
    row, _ = reading.readable_row(desk, session.actor, doc)
    moment = as_of.newest(desk, [step["index"] for step in row["steps"]])
    address = request.url.include_query_params(checkpoint=moment.size)
    return go_to(f"{address.path}?{address.query}")


def _size(text: str) -> int | None:
    if text and _SIZE.match(text) is None:
        raise NotFound("checkpoint.not_found", size=text[:16])
    return int(text) if text else None


def _copy(text: str) -> str:
    if _COPY.match(text) is None:
        raise NotFound("paper.copy")
    return text


def pdf_reply(printed: Printed, name: str) -> Response:
    """A PDF to look at, under a name."""
    return Response(
        printed.data, media_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": "sandbox",
        },
    )
