"""From a refusal to a page: which status, which words, which way on.

Decides the HTTP status of each family of `engine.errors` and how the page says it. A `Broken` is logged as an
alarm and shown without detail. Never catches what it does not know; never shows an exception's text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from secrets import token_hex
from traceback import extract_tb
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import (
    Broken,
    Conflict,
    Invalid,
    NeedsUnlock,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    TooMany,
    Unavailable,
)
from forms.messages import in_language, sentence
from web.pages import go_to, is_part, page, translator
from web.security.guard import find_session, interrupted_form, visitor_of
from web.services import services_of

log = structlog.get_logger("web")

STATUS: dict[type[Refused], int] = {
    Invalid: 422,
    NotSignedIn: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    NeedsUnlock: 423,
    TooMany: 429,
    Unavailable: 503,
}
PLACES = re.compile(r"/(?:documents|(?:versions/)?drafts)/[a-z2-7]{26}(?=/|\Z)")


def status_of(refusal: Refused) -> int:
    """The HTTP status of a refusal's family; 400 for one outside the families."""
    return next((status for family, status in STATUS.items() if isinstance(refusal, family)), 400)


def watch_failures(app: FastAPI) -> None:
    """Install the handlers of the page application."""
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(Broken, _on_broken)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_address)
    app.add_middleware(Catch)


async def _on_refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refused)
    return await run_in_threadpool(refusal_page, request, refusal)


def refusal_page(request: Request, refusal: Refused) -> Response:
    """The page that answers a refusal."""
    if isinstance(refusal, NotSignedIn) and refusal.code != "sign_in":
        return _to_sign_in(request)
    status = status_of(refusal)
    if isinstance(refusal, NeedsUnlock) and find_session(request) is not None:
        return page(
            request,
            "auth/unlock.html",
            status,
            wrong=refusal.code == "passphrase",
            action=request.url.path if request.method == "POST" else "/unlock",
            pairs=_pairs(request),
            next=request.url.path,
        )
    headers = {}
    if isinstance(refusal, TooMany) and "retry_after" in refusal.facts:
        headers["Retry-After"] = str(refusal.facts["retry_after"])
    what, todo = words_of(request, refusal.code, status, refusal.facts)
    lang = _language(request)
    return page(
        request,
        "errors/part.html" if is_part(request) else "errors/page.html",
        status,
        headers=headers,
        what=what,
        todo=todo,
        facts=refusal.facts,
        problems=[(one.pointer, sentence(one, lang, _no_label)) for one in refusal.problems],
        number="",
        back=_place(request),
    )


def words_of(request: Request, code: str, status: int, facts: Mapping[str, Any]) -> tuple[str, str]:
    """What a refusal says and what it tells to do: by its own code, else by its family's status."""
    catalogue, say = services_of(request).catalogue, translator(request, _language(request))
    facts = in_language(facts, _language(request))
    key = code if catalogue.knows(f"error.{code}.title") else str(status)
    act = key if catalogue.knows(f"error.{key}.do") else str(status)
    return say(f"error.{key}.title", **facts), say(f"error.{act}.do", **facts)


def _language(request: Request) -> str:
    session = find_session(request)
    return session.lang if session is not None else visitor_of(request).lang


def _no_label(pointer: str) -> str:
    """Outside its form a field has no label; the pointer stands beside the sentence."""
    return ""


def _pairs(request: Request) -> tuple[tuple[str, str], ...]:
    form = getattr(request.state, "form", None)
    return form.pairs if form is not None else ()


def _to_sign_in(request: Request) -> Response:
    """The sign-in page. A form that was sent is carried by it, so that nothing typed is lost; a script is
    told only that the session is over and leaves the page as it is.
    """
    if is_part(request) or "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"session": "over"}, 401, headers={"HX-Reswap": "none"})
    kept = interrupted_form(request)
    if kept is None or not kept.pairs:
        return go_to(f"/sign-in?next={quote(_place(request), safe='')}")
    return page(
        request, "auth/sign_in.html", 401, staff_no="", failure="", wait=0, next=_place(request),
        then=request.url.path, kept=kept.pairs,
    )  # fmt: skip


def _place(request: Request) -> str:
    """Where a GET leads back to: the page itself, or the document or draft a POST was about."""
    if request.method == "GET":
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    found = PLACES.match(request.url.path)
    return found[0] if found else "/"


async def _on_broken(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, Broken)
    number = token_hex(4)
    log.critical("alarm", number=number, code=fault.code, path=request.url.path)
    return await run_in_threadpool(_plain_failure, request, 500, "broken", number)


class Catch:
    """ASGI middleware for what nobody expected: logged with a number, answered inside the fence.

    Starlette's own handler would answer outside of it, without security headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as fault:
            if scope["type"] != "http" or has_begun:
                raise
            response = await _on_unknown(Request(scope, receive), fault)
            await response(scope, receive, send)


async def _on_address(request: Request, fault: Exception) -> Response:
    """An address with a number that is none: there is nothing of that name."""
    return await run_in_threadpool(_plain_failure, request, 404, "404", "")


async def _on_unknown(request: Request, fault: Exception) -> Response:
    number = token_hex(4)
    # Places only: the text of an exception and the values around it may be personal.
    places = [f"{place.filename}:{place.lineno} {place.name}" for place in extract_tb(fault.__traceback__)]
    log.error("failure", number=number, kind=type(fault).__name__, path=request.url.path, places=places[-8:])
    try:
        return await run_in_threadpool(_plain_failure, request, 500, "500", number)
    except Exception:
        log.error("failure_page", number=number)
        return PlainTextResponse(number, 500)


async def _on_http(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    key = str(fault.status_code) if fault.status_code in (404, 405, 413) else "400"
    return await run_in_threadpool(_plain_failure, request, fault.status_code, key, "")


def _plain_failure(request: Request, status: int, key: str, number: str) -> Response:
    facts: dict[str, Any] = {}
    what, todo = words_of(request, key, status, facts)
    return page(
        request,
        "errors/page.html",
        status,
        what=what,
        todo=todo,
        facts=facts,
        problems=(),
        number=number,
        back="/",
    )
