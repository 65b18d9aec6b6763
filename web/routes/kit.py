"""The kit page: every part of every page in every state, for people who build, test and review the looks.

Decides only that it is there in demo mode, which developers run, and nowhere else. Shows samples, so it needs
no sign-in and says nothing about any document.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.errors import NotFound
from web import kit
from web.entry_pages import Paper
from web.labels import Tag
from web.pages import page, translator
from web.security.guard import find_session, visitor_of
from web.services import services_of

router = APIRouter()


@router.get("/_kit")
def show_kit(request: Request) -> Response:
    """All parts in all states; in an agency at work there is no such page."""
    if services_of(request).settings.mode != "demo":
        raise NotFound()
    session = find_session(request)
    lang = session.lang if session is not None else visitor_of(request).lang
    say = translator(request, lang)
    problems = (
        ("accuracy", say("decision.accuracy.required")),
        ("comment", say("decision.comment.min_length")),
    )
    return page(
        request,
        "kit/kit.html",
        title=say("kit.title"),
        crumbs=((say("shell.home"), "/"), (say("kit.title"), None)),
        tones=kit.TONES,
        rows=kit.sample_rows(say),
        picture=kit.sample_picture(),
        timeline=kit.sample_timeline(say),
        choices=kit.sample_choices(say),
        problems=problems,
        failed="full",
        posted={"comment": "短"},
        view=kit.sample_form(lang, say),
        p=Paper(t=say, action="", pins=False, upload=False, show_summary=True),
        row={"doc": "a" * 26, "head": "0" * 64},
        key="0" * 32,
        tag=Tag("审核中", "working"),
    )
