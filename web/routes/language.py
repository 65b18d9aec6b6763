"""The language switch: a choice of the person, kept in the session and for visitors in a cookie."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.messages import pick_language
from web.pages import go_to, set_cookie
from web.routes.auth import safe_next
from web.security.guard import LANG_COOKIE, find_session, form_of
from web.services import services_of

router = APIRouter()


@router.post("/language")
def choose_language(request: Request) -> Response:
    """Answer in this language from now on, and go back to the page."""
    form = form_of(request)
    lang = pick_language(form.get("lang"))
    session = find_session(request)
    if session is not None:
        services_of(request).sessions.change(session.id_hash, lang=lang)
    response = go_to(safe_next(form.get("next", "/")))
    set_cookie(response, LANG_COOKIE, lang)
    return response
