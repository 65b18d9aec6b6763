"""The status page: does the system take documents, how long is the log, when was it last seen from outside.

Decides nothing; says what may honestly be claimed (trust.md §2.1). Shows no person and no document.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from web.labels import Say
from web.pages import page, translator
from web.security.guard import find_session, visitor_of
from web.services import Services, services_of

router = APIRouter()
LOW_DISK = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the status page: a question, its answer in words, and whether that is good."""

    label: str
    answer: str
    tone: str


@router.get("/status")
def show_status(request: Request) -> Response:
    """How the system is, for anybody."""
    services, session = services_of(request), find_session(request)
    lang = session.lang if session is not None else visitor_of(request).lang
    say = translator(request, lang)
    size, root, note = services.desk.journal.checkpoint()
    return page(
        request,
        "status/status.html",
        title=say("shell.status"),
        crumbs=((say("shell.home"), "/"), (say("shell.status"), None)),
        lines=_lines(services, size, say),
        size=size,
        root=root.hex(),
        note=note,
        honest=say(f"status.honest.{services.settings.mode}"),
    )


def _lines(services: Services, size: int, say: Say) -> list[Line]:
    desk = services.desk
    reason = desk.journal.read_only
    lines = [
        Line(say("status.journal"), say("status.journal.takes"), "positive")
        if reason is None
        else Line(say("status.journal"), say("status.journal.read_only", code=reason), "negative"),
        Line(say("status.log"), say("status.log.size", size=size), "neutral"),
        Line(say("status.projection"), say("status.projection.even"), "positive")
        if desk.store.size >= desk.journal.durable_size
        else Line(say("status.projection"), say("status.projection.behind"), "attention"),
        Line(say("status.witness"), say("status.witness.none"), "attention"),
    ]
    if services.data is not None:
        free = shutil.disk_usage(services.data).free
        tone, key = ("positive", "enough") if free > LOW_DISK else ("negative", "low")
        lines.append(Line(say("status.disk"), say(f"status.disk.{key}", gib=f"{free / 1024**3:.1f}"), tone))
    return lines


@router.get("/status.json")
def status_for_machines(request: Request) -> Response:
    """The same for a monitor: 200 while documents are taken, 503 otherwise."""
    journal = services_of(request).desk.journal
    body = {"takes_documents": journal.read_only is None, "log_size": journal.durable_size}
    return JSONResponse(body, 200 if journal.read_only is None else 503)
