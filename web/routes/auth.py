"""Signing in and out, opening the signing key, keeping a session alive.

Decides where a person lands afterwards: only addresses of ours. Never tells an unknown account from a wrong
password.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from engine.errors import NeedsUnlock, NotSignedIn, TooMany
from web.messages import pick_language
from web.pages import drop_cookie, go_to, page, set_cookie
from web.security.accounts import sign_in, unlock_key
from web.security.guard import LANG_COOKIE, Form, find_session, forget_lookup, form_of, session_of
from web.security.sessions import COOKIE
from web.services import services_of

router = APIRouter()
KEPT = "kept:"


def safe_next(address: str) -> str:
    """An address of ours to go on to; `/` for anything that could lead elsewhere."""
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\", "/sign-"))
    return address if is_ours and address.isprintable() else "/"


@router.get("/sign-in")
def ask_sign_in(request: Request, next: str = "/") -> Response:
    """The sign-in page; who is signed in goes straight on."""
    if find_session(request) is not None:
        return go_to(safe_next(next))
    return _sign_in_page(request, 200, next=safe_next(next))


def _sign_in_page(request: Request, status: int, **context: Any) -> Response:
    context = {"staff_no": "", "failure": "", "wait": 0, "then": "", "kept": (), **context}
    return page(request, "auth/sign_in.html", status, **context)


@router.post("/sign-in")
def do_sign_in(request: Request) -> Response:
    """Begin a session; with the optional passphrase the signing key is opened too."""
    services, form = services_of(request), form_of(request)
    staff_no, target = form.get("staff_no").strip().upper(), safe_next(form.get("next", "/"))
    address = request.client.host if request.client else ""
    lang = pick_language(request.cookies.get(LANG_COOKIE))
    carried = {"next": target, "then": safe_next(form.get("then", "")), "kept": _kept(form)}
    try:
        token, _ = sign_in(
            services,
            staff_no,
            form.get("password"),
            address=address,
            lang=lang,
            old=request.cookies.get(COOKIE),
        )
    except NotSignedIn:
        return _sign_in_page(request, 401, staff_no=staff_no, failure="wrong", **carried)
    except TooMany as refusal:
        wait = refusal.facts["retry_after"]
        return _sign_in_page(request, 429, staff_no=staff_no, failure="wait", wait=wait, **carried)
    request.cookies[COOKIE] = token
    forget_lookup(request)
    response = go_to(target)
    if carried["kept"]:
        response = page(request, "auth/go_on.html", action=carried["then"], pairs=carried["kept"])
    if form.get("passphrase"):
        try:
            unlock_key(services, session_of(request), form.get("passphrase"))
        except (NeedsUnlock, TooMany):
            if not carried["kept"]:  # else the step that goes on asks for it again where it needs it
                response = page(
                    request, "auth/unlock.html", 423, wrong=True, action="/unlock", pairs=(), next=target
                )
    set_cookie(response, COOKIE, token)
    return response


def _kept(form: Form) -> tuple[tuple[str, str], ...]:
    """The values of the form that was under way when the session ended."""
    return tuple((name.removeprefix(KEPT), value) for name, value in form.pairs if name.startswith(KEPT))


@router.post("/sign-out")
def do_sign_out(request: Request) -> Response:
    """End the session, lock the key, clear what the browser kept (OWASP ASVS 14.3.1)."""
    services, session = services_of(request), session_of(request)
    services.sessions.end(session.id_hash)
    services.desk.vault.lock_session(session.id_hash)
    response = go_to("/sign-in")
    drop_cookie(response, COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@router.get("/unlock")
def ask_unlock(request: Request, next: str = "/") -> Response:
    """The page that opens the signing key for this session."""
    session_of(request)
    return page(request, "auth/unlock.html", wrong=False, action="/unlock", pairs=(), next=safe_next(next))


@router.post("/unlock")
def do_unlock(request: Request) -> Response:
    """The guard has opened the key already when the passphrase was right."""
    session_of(request)
    return go_to(safe_next(form_of(request).get("next", "/")))


@router.post("/lock")
def do_lock(request: Request) -> Response:
    """Close the signing key before leaving the desk."""
    services, session = services_of(request), session_of(request)
    services.desk.vault.lock_session(session.id_hash)
    services.sessions.change(session.id_hash, unlock=None)
    return go_to(safe_next(form_of(request).get("next", "/")))


@router.get("/session")
def time_left(request: Request) -> Response:
    """Seconds until the session ends, without counting as activity."""
    services = services_of(request)
    record = services.sessions.look(request.cookies.get(COOKIE, ""))
    left = int(services.sessions.left(record).total_seconds()) if record is not None else 0
    return JSONResponse({"left": left})


@router.post("/session")
def stay(request: Request) -> Response:
    """Keep the session alive: looking it up counts as activity."""
    return JSONResponse({"left": int(session_of(request).left.total_seconds())})
