"""The page of a document that is nobody's task here: where it stands, and what may be done without reading.

Decides nothing: that it stays shut was the desk's to say, and so are the steps that may be taken.
"""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import Response

from engine.desk import applying, grounds, reading
from engine.errors import NotAllowed
from engine.identity import parse_utc
from engine.lifecycle.deadlines import remaining
from web import labels
from web.document_view import choices_of
from web.pages import page, translator
from web.security import Session
from web.services import Services
from web.update_links import begins_of


def is_shut(refusal: NotAllowed) -> bool:
    """Whether a reading was refused because it is nobody's task."""
    return refusal.code == grounds.NO_TASK


def closed_page(
    request: Request, services: Services, session: Session, doc: str, status: int = 403, **extra: Any
) -> Response:
    """The page. With `failed`, `posted` and `problems` where a step taken from it was refused."""
    say, lang, desk = translator(request, session.lang), session.lang, services.desk
    opened = reading.shut(desk, session.actor, doc)
    row, form = opened.row, opened.form
    choices = choices_of(services, session, opened, say)
    due = remaining(desk.calendar, desk.clock.now(), parse_utc(row["due_at"])) if row["due_at"] else None
    context: dict[str, Any] = {
        "title": row["doc_no"],
        "crumbs": ((say("shell.home"), "/"), (labels.form_title(form, lang), None), (row["doc_no"], None)),
        "row": row,
        "form_title": labels.form_title(form, lang),
        "tag": labels.state_tag(form, row["state"], lang),
        "holder": reading.name_of(desk, row["claimed_by"]),
        "deadline": labels.deadline(due, say),
        "choices": choices,
        "begins": begins_of(services, session, row, lang),
        "may_apply": bool(applying.applicable(desk, session.actor, row["form"])),
        "key": desk.randomness.bytes(16).hex(),
        "failed": "",
        "posted": {},
        "problems": (),
        "days": desk.agency.own_days,
    }
    return page(request, "documents/closed.html", status, **(context | extra))
