"""The public verification page: a file in, one sentence out; no sign-in, nothing kept.

Decides what is asked of the live log about a judged document: its last state and when, nothing else. Never
stores the file and never tells who looked. A browser with scripts judges the file itself (web/verifier) and
asks here only where the document stands; the upload remains for those without.
"""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from engine.errors import NotFound
from engine.trust import root
from web.pages import page, translator
from web.pdf.reading import MAX_BYTES
from web.security.guard import find_session, form_of, visitor_of
from web.services import Services, services_of
from web.templating import STATIC
from web.verification.judge import Current, Verification, judge
from web.verification.words import put_into_words
from web.verifier.build import PAGE, SCRIPT, with_trust

router = APIRouter()
_CODE = re.compile(r"[A-Z2-7]{4}(-?[A-Z2-7]{4}){3}\Z")


@router.get("/verify")
def ask(request: Request, code: str = "") -> Response:
    """The page with the file field; with `?code=` what a code on paper can and cannot say."""
    return _page(request, 200, code=code.strip().upper())


@router.get("/verify/standing")
def standing(request: Request, doc: str = "") -> Response:
    """Where the document of a bundle stands now, for the check in the visitor's browser; null when unknown.

    Asked by the random id that only those who hold a bundle know.
    """
    now = current_of(services_of(request), doc)
    if now is None:
        return JSONResponse(None)
    return JSONResponse({"seq": now.seq, "state": now.state, "at": now.at, "by": now.by})


@router.get("/verify/fengjian-verifier.html")
def offline(request: Request) -> Response:
    """The verifier as one HTML file that works without a network, holding this agency's trust file."""
    try:
        made, trust = PAGE.read_text("utf-8"), services_of(request).desk.trust.root_chain()
    except FileNotFoundError:
        raise NotFound("verifier.not_built") from None
    return Response(
        with_trust(made, trust), media_type="text/html; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{PAGE.name}"'},
    )


@router.post("/verify")
async def answer(request: Request) -> Response:
    """Judge the uploaded file in memory."""
    files = [file for name, file in form_of(request).files if name == "file"]
    if not files:
        return await run_in_threadpool(_page, request, 422, failure="missing")
    data = await files[0].read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        return await run_in_threadpool(_page, request, 413, failure="too_large")
    return await run_in_threadpool(_judged, request, data)


def _judged(request: Request, data: bytes) -> Response:
    services = services_of(request)
    case = judge_here(services, data)
    session = find_session(request)
    lang = session.lang if session else visitor_of(request).lang
    return _page(request, 200, shown=put_into_words(case, lang, translator(request, lang)))


def judge_here(services: Services, data: bytes) -> Verification:
    """The judgement with this agency's own trust file and its live log."""
    desk = services.desk
    try:
        trust: bytes | None = desk.trust.root_chain()
    except NotFound:
        trust = None
    return judge(
        data, trust=trust, now=desk.clock.now(), read=services.pdf_readers.read,
        current=lambda doc: current_of(services, doc),
    )


def current_of(services: Services, doc: str) -> Current | None:
    """The last state of a document in the live log, or None when there is no such document."""
    row = services.desk.store.get(doc)
    return None if row is None else Current(row["seq"], row["state"], row["state_since"])


def _page(request: Request, status: int, **context: Any) -> Response:
    services = services_of(request)
    try:
        fingerprint = root.fingerprint(services.desk.trust.root_chain())
    except NotFound:
        fingerprint = ""
    code = str(context.pop("code", ""))
    t = translator(request, "zh-CN")
    script = SCRIPT.relative_to(STATIC).as_posix() if SCRIPT.is_file() else ""
    whole = {"shown": None, "failure": "", "verifier": script, **context}
    return page(
        request, "verify/page.html", status, code=code, is_code=_CODE.match(code) is not None,
        fingerprint=fingerprint, crumbs=(), title=t("verify.title"), **whole,
    )
